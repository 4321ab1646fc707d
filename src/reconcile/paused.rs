//! Pause is total: while a tenant or its platform is paused nothing is written for it at WeChat, whoever asks. Reads go
//! on, so that people see what is waiting.

use std::time::Duration;

use jiff::Timestamp;

use super::{Desired, Observer, Restores};
use crate::client::Clock;
use crate::plan::{Address, Hold, Reason, TenantPlan, Text, Verdict};
use crate::store::documents::{GuardDoc, PassDoc, PausedDoc, PutBackDoc, ServedDoc, TenantDoc};
use crate::store::{Key, Store, StoreError, Stored};
use crate::wechat::calendar::minute;

/// How often a pass that was begun before is looked at until it has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// What is paused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// One tenant.
    Tenant(String),
    /// Every tenant of a platform, by its appid, so that another name changes nothing; by its name where an older wxops
    /// paused it, or nobody has written down its appid.
    Platform(String),
}

impl Scope {
    fn key(&self) -> Key {
        match self {
            Self::Tenant(name) => Key::paused("tenant", name),
            Self::Platform(name) => Key::paused("platform", name),
        }
    }

    /// The command that ends it, where a platform is called so.
    fn resume(&self, platform: &str) -> String {
        match self {
            Self::Tenant(name) => format!("wxops resume {name}"),
            Self::Platform(_) => format!("wxops resume --platform {platform}"),
        }
    }

    /// What a pause of it calls a platform.
    fn called<'a>(&'a self, paused: &'a PausedDoc) -> &'a str {
        let (Self::Tenant(name) | Self::Platform(name)) = self;
        paused.name.as_deref().unwrap_or(name)
    }
}

/// The platform that a person means: by its appid, by the name it is served by, or by one that it had before. Answers its
/// appid, and its name.
///
/// # Errors
/// [`StoreError`].
pub async fn platform_called(
    store: &Store,
    called: &str,
) -> Result<Option<(String, String)>, StoreError> {
    let appid = |key: &Key| key.segments().last().cloned().unwrap_or_default();
    for key in store.list("served/").await? {
        if let Some(Stored { value, .. }) = store.get::<ServedDoc>(&key).await?
            && (value.name == called || appid(&key) == called)
        {
            return Ok(Some((appid(&key), value.name)));
        }
    }
    for key in store.list("guard/").await? {
        if let Some(Stored { value, .. }) = store.get::<GuardDoc>(&key).await?
            && (value.names.contains(called) || appid(&key) == called)
        {
            return Ok(Some((appid(&key), called.to_owned())));
        }
    }
    Ok(None)
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
    let mut keys = vec![scope.key()];
    if let Scope::Platform(called) = scope {
        if let Some((appid, _)) = platform_called(store, called).await? {
            keys.push(Scope::Platform(appid).key());
        }
        // One that is served no more is known by what it was called.
        for key in store.list("paused/platform/").await? {
            let stored = store.get::<PausedDoc>(&key).await?;
            if stored.is_some_and(|stored| stored.value.name.as_ref() == Some(called)) {
                keys.push(key);
            }
        }
    }
    let mut paused = false;
    for key in keys {
        paused |= store
            .modify(&key, |known: &mut Option<PausedDoc>| known.take().is_some())
            .await?;
    }
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
            let hold = hold(&scope, scope.called(&paused.value), &paused.value);
            found.push((scope, hold));
        }
    }
    Ok(found)
}

/// The pause that holds for a tenant, if one does.
pub(super) async fn held(
    observer: &Observer,
    desired: &Desired,
) -> Result<Option<Hold>, StoreError> {
    let Observer { store, clock, .. } = observer;
    let now = clock.now();
    let scopes = [
        Scope::Tenant(desired.tenant.clone()),
        Scope::Platform(observer.reader.platform().as_str().to_owned()),
        Scope::Platform(desired.platform.clone()),
    ];
    for scope in scopes {
        let stored = store.get::<PausedDoc>(&scope.key()).await?;
        if let Some(paused) = stored.filter(|stored| stored.value.holds(now)) {
            return Ok(Some(hold(&scope, &desired.platform, &paused.value)));
        }
    }
    Ok(None)
}

/// Holds every step of a plan while its tenant is paused.
pub(super) async fn hold_all(
    observer: &Observer,
    desired: &Desired,
    plan: &mut TenantPlan,
) -> Result<(), StoreError> {
    let any = |verdict: &Verdict| matches!(verdict, Verdict::Step(_));
    if !plan.entries.iter().any(|entry| any(&entry.verdict)) {
        return Ok(());
    }
    if let Some(hold) = held(observer, desired).await? {
        for entry in &mut plan.entries {
            if let Verdict::Step(step) = &mut entry.verdict {
                step.hold = Some(hold.clone());
            }
        }
    }
    let stored = observer
        .store
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

/// Keeps a thing as it is, which is what was to be put back: nobody changes it until the manifest says the same.
///
/// # Errors
/// [`StoreError`].
pub async fn keep(
    store: &Store,
    tenant: &str,
    restores: &Restores,
    (by, now): (Option<String>, Timestamp),
) -> Result<(), StoreError> {
    store
        .update::<TenantDoc>(&Key::tenant(tenant), |doc| {
            keep_in(doc, restores, by.clone(), now);
        })
        .await
        .map(drop)
}

pub(super) fn keep_in(doc: &mut TenantDoc, restores: &Restores, by: Option<String>, at: Timestamp) {
    let entry = restores.entry;
    let name = restores.address.to_string();
    doc.put_back.insert(name, PutBackDoc { entry, at, by });
}

/// Why what was put back is left.
fn kept(tenant: &str, doc: &PutBackDoc) -> Hold {
    let at = minute(doc.at);
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
        command: Some(format!("wxops resume {tenant}")),
    }
}

fn hold(scope: &Scope, platform: &str, paused: &PausedDoc) -> Hold {
    let (what_zh, what_en) = match scope {
        Scope::Tenant(_) => ("该租户".to_owned(), "the tenant".to_owned()),
        Scope::Platform(_) => (format!("平台 {platform} "), format!("platform {platform}")),
    };
    let at = |at: Timestamp| minute(at);
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
        command: Some(scope.resume(platform)),
    }
}
