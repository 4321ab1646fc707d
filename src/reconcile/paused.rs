//! Pause is total: while a tenant or its platform is paused nothing is written for it at WeChat, whoever asks. Reads go
//! on, so that people see what is waiting.

use std::time::Duration;

use jiff::Timestamp;

use super::Desired;
use crate::client::Clock;
use crate::plan::{Address, Hold, Reason, TenantPlan, Text, Verdict};
use crate::store::documents::{PassDoc, PausedDoc, PutBackDoc, TenantDoc};
use crate::store::{Key, Store, StoreError, Stored};

/// How often a pass that was begun before is looked at until it has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What is paused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// One tenant.
    Tenant(String),
    /// Every tenant of a platform, by its name.
    Platform(String),
}

impl Scope {
    fn key(&self) -> Key {
        match self {
            Self::Tenant(name) => Key::paused("tenant", name),
            Self::Platform(name) => Key::paused("platform", name),
        }
    }

    /// The command that ends it.
    fn resume(&self) -> String {
        match self {
            Self::Tenant(name) => format!("wxops resume {name}"),
            Self::Platform(name) => format!("wxops resume --platform {name}"),
        }
    }
}

/// Pauses, and waits until what was begun before has ended: from then on nothing is written, and nothing that was sent
/// takes effect, also of a process that was killed.
///
/// # Errors
/// [`StoreError`].
pub async fn pause(
    store: &Store,
    clock: &dyn Clock,
    scope: &Scope,
    doc: &PausedDoc,
) -> Result<(), StoreError> {
    store
        .modify(&scope.key(), |known| *known = Some(doc.clone()))
        .await?;
    for key in store.list("pass/").await? {
        let concerned = match scope {
            Scope::Tenant(name) => key == Key::pass(name),
            Scope::Platform(_) => true,
        };
        if concerned {
            ended(store, clock, &key).await?;
        }
    }
    Ok(())
}

/// Goes on, also with what of a tenant was put back. Whether anything was paused.
///
/// # Errors
/// [`StoreError`].
pub async fn resume(store: &Store, scope: &Scope) -> Result<bool, StoreError> {
    let paused = store
        .modify(&scope.key(), |known: &mut Option<PausedDoc>| {
            known.take().is_some()
        })
        .await?;
    let Scope::Tenant(tenant) = scope else {
        return Ok(paused);
    };
    let key = Key::tenant(tenant);
    let stored = store.get::<TenantDoc>(&key).await?;
    if stored.is_none_or(|stored| stored.value.put_back.is_empty()) {
        return Ok(paused);
    }
    store
        .amend::<TenantDoc, ()>(&key, |doc| doc.put_back.clear())
        .await?;
    Ok(true)
}

/// Waits until a pass that is there now is there no more, or is taken for dead: then the time of its last request is over.
async fn ended(store: &Store, clock: &dyn Clock, key: &Key) -> Result<(), StoreError> {
    let pass = |stored: Option<Stored<PassDoc>>| stored.map(|stored| stored.value);
    let Some(begun) = pass(store.get(key).await?) else {
        return Ok(());
    };
    // A pass is renewed for as long as its process works. Of one that lives on nothing that was sent before is under way by
    // then: it asks whether it is paused before every step.
    let deadline = tokio::time::Instant::now() + Duration::from_secs(90);
    loop {
        let there = pass(store.get(key).await?);
        let same = |pass: &PassDoc| {
            pass.owner == begun.owner && pass.since == begun.since && pass.counts(clock.now())
        };
        if !there.as_ref().is_some_and(same) || tokio::time::Instant::now() >= deadline {
            return Ok(());
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// Everything that is paused now, with why nothing is done and what ends it.
///
/// # Errors
/// [`StoreError`].
pub async fn pauses(store: &Store, now: Timestamp) -> Result<Vec<(Scope, Hold)>, StoreError> {
    let mut found = Vec::new();
    for key in store.list("paused/").await? {
        let scope = match key.segments().as_slice() {
            [kind, name] if kind == "tenant" => Scope::Tenant(name.clone()),
            [kind, name] if kind == "platform" => Scope::Platform(name.clone()),
            _ => continue,
        };
        let stored = store.get::<PausedDoc>(&key).await?;
        if let Some(paused) = stored.filter(|stored| stored.value.holds(now)) {
            let hold = hold(&scope, &paused.value);
            found.push((scope, hold));
        }
    }
    Ok(found)
}

/// The pause that holds for a tenant, if one does.
pub(super) async fn held(
    store: &Store,
    desired: &Desired,
    now: Timestamp,
) -> Result<Option<Hold>, StoreError> {
    let scopes = [
        Scope::Tenant(desired.tenant.clone()),
        Scope::Platform(desired.platform.clone()),
    ];
    for scope in scopes {
        let stored = store.get::<PausedDoc>(&scope.key()).await?;
        if let Some(paused) = stored.filter(|stored| stored.value.holds(now)) {
            return Ok(Some(hold(&scope, &paused.value)));
        }
    }
    Ok(None)
}

/// Holds every step of a plan while its tenant is paused.
pub(super) async fn hold_all(
    store: &Store,
    desired: &Desired,
    now: Timestamp,
    plan: &mut TenantPlan,
) -> Result<(), StoreError> {
    let any = |verdict: &Verdict| matches!(verdict, Verdict::Step(_));
    if !plan.entries.iter().any(|entry| any(&entry.verdict)) {
        return Ok(());
    }
    if let Some(hold) = held(store, desired, now).await? {
        for entry in &mut plan.entries {
            if let Verdict::Step(step) = &mut entry.verdict {
                step.hold = Some(hold.clone());
            }
        }
    }
    let stored = store
        .get::<TenantDoc>(&Key::tenant(&desired.tenant))
        .await?;
    let put_back = stored.map(|stored| stored.value.put_back);
    for (name, doc) in put_back.iter().flatten() {
        let address = Address::from(name.as_str());
        for entry in plan.entries.iter_mut() {
            if let (true, Verdict::Step(step)) = (entry.address == address, &mut entry.verdict) {
                step.hold = Some(kept(&desired.tenant, doc));
            }
        }
    }
    Ok(())
}

/// Keeps what was put back.
fn kept(tenant: &str, doc: &PutBackDoc) -> Hold {
    let at = doc.at.strftime("%Y-%m-%d %H:%M UTC");
    let by = |text: &str| {
        doc.by
            .as_ref()
            .map_or_else(String::new, |by| text.replace('$', by))
    };
    let (by_zh, by_en, entry) = (by("由 $ "), by(" by $"), doc.entry);
    Hold {
        reason: Reason::Paused,
        text: Text::new(
            format!(
                "已于 {at} {by_zh}恢复为历史记录 {entry} 之前的内容：清单写成同样内容之前不作更改"
            ),
            format!(
                "it was put back to what it was before entry {entry} of the history, at {at}{by_en}: it is not changed until the manifest says the same"
            ),
        ),
        command: Some(Scope::Tenant(tenant.to_owned()).resume()),
    }
}

fn hold(scope: &Scope, paused: &PausedDoc) -> Hold {
    let (what_zh, what_en) = match scope {
        Scope::Tenant(_) => ("该租户".to_owned(), "the tenant".to_owned()),
        Scope::Platform(name) => (format!("平台 {name}"), format!("platform {name}")),
    };
    let at = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M UTC").to_string();
    let (mut zh, mut en) = (String::new(), String::new());
    if let Some(by) = &paused.by {
        zh.push_str(&format!("由 {by} "));
        en.push_str(&format!(" by {by}"));
    }
    let since = at(paused.since);
    let (until_zh, until_en) = paused.until.map_or_else(
        || (String::new(), String::new()),
        |until| {
            (
                format!("，至 {}", at(until)),
                format!(", until {}", at(until)),
            )
        },
    );
    Hold {
        reason: Reason::Paused,
        text: Text::new(
            format!("{what_zh}已于 {since} {zh}暂停{until_zh}：只读取，不作更改"),
            format!("{what_en} is paused since {since}{en}{until_en}: it is read and not changed"),
        ),
        command: Some(scope.resume()),
    }
}
