//! How a tenant stands, from the store: what its last pass found, and what a push has said since.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::links::Links;
use crate::manifest::LoadedTenant;
use crate::plan::{Address, Digest, Reason, Text, Waiting};
use crate::reconcile::{Awaited, Thing, past, told_since};
use crate::resource::authorization::Past;
use crate::resource::spec::MiniProgramSpec;
use crate::resource::{
    At, at, authorization, declared, not_registered, official_first, person_first,
};
use crate::store::documents::{CredDoc, RegisterDoc, ScanDoc, TenantDoc};
use crate::store::{Key, Store, StoreError};
use crate::wechat::Appid;

/// How one tenant stands.
pub struct Standing {
    /// Its name.
    pub tenant: String,
    /// Its accounts, the official one first.
    pub accounts: Vec<Account>,
    /// Whom and what it waits for.
    pub waits: Vec<Awaited>,
    /// How everything it declares stands.
    pub things: Vec<Thing>,
    /// The state in a word.
    pub state: State,
    /// When it was looked at last.
    pub last_pass: Option<Timestamp>,
    /// Whether the manifest says something else than at the last pass.
    pub changed_since: bool,
    /// What is stored of it.
    pub doc: TenantDoc,
}

/// One of a tenant's accounts, as far as the store knows it.
#[derive(Debug, Clone)]
pub struct Account {
    /// Which.
    pub at: At,
    /// Its appid, once it is known.
    pub appid: Option<Appid>,
    /// Since when its owner has authorized us.
    pub authorized_at: Option<Timestamp>,
    /// What is known of its authorization.
    pub past: Past,
    /// What a mini-program waits for that is to be registered and does not exist yet.
    pub unmade: Option<Waiting>,
    /// The last scan by its link that came to nothing.
    pub scan: Option<ScanDoc>,
}

/// A tenant's state in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// No pass has changed it.
    NeverApplied,
    /// As its manifest says.
    Ready,
    /// For somebody, or for time.
    Waiting,
    /// Something could not be read or done.
    Failed,
    /// Something was put back; the next pass tells whether the manifest says so.
    Restored,
}

impl State {
    /// The word in JSON, as the store has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NeverApplied => "never applied",
            Self::Ready => "ready",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Restored => "restored",
        }
    }

    /// The word in Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::NeverApplied => "尚未应用",
            Self::Ready => "就绪",
            Self::Waiting => "等待中",
            Self::Failed => "失败",
            Self::Restored => "已恢复旧内容",
        }
    }

    fn read(result: Option<&str>) -> Self {
        match result {
            None => Self::NeverApplied,
            Some("ready") => Self::Ready,
            Some("waiting") => Self::Waiting,
            Some("restored") => Self::Restored,
            Some(_) => Self::Failed,
        }
    }
}

/// Reads how a tenant stands. WeChat is not asked.
///
/// # Errors
/// [`StoreError`].
pub async fn standing(
    store: &Store,
    links: &Links<'_>,
    tenant: &LoadedTenant,
) -> Result<Standing, StoreError> {
    let stored = store.get::<TenantDoc>(&Key::tenant(&tenant.name)).await?;
    let doc = stored.map(|stored| stored.value).unwrap_or_default();
    let mut accounts = Vec::new();
    let mut left = Vec::new();
    for at in at::accounts(&tenant.spec) {
        let pinned = doc.pin_of(at.whose.item());
        let appid = at.appid(&tenant.spec, pinned).cloned();
        let cred = match &appid {
            Some(appid) => store.get::<CredDoc>(&Key::cred(appid)).await?,
            None => None,
        };
        let cred = cred.map(|cred| cred.value);
        let past = past(cred.as_ref());
        let authorized_at = cred.and_then(|cred| cred.authorized_at);
        let scan = Key::scan(&tenant.name, at.whose.item());
        let scan = store.get::<ScanDoc>(&scan).await?;
        let scan = scan.map(|stored| stored.value);
        // Whoever has an account, or has confirmed since, wants no other scan.
        let item = at.item(&tenant.spec).filter(|_| appid.is_none());
        let reuses = item.is_some_and(MiniProgramSpec::reuses_official_account);
        let confirmed = reuses && is_confirmed(store, tenant, &accounts, &at).await?;
        let unmade = item.and_then(|item| {
            let asks = item.is_for_a_person().then(|| person_first(&item.name));
            let official = accounts
                .iter()
                .find(|one: &&Account| one.at == At::OFFICIAL);
            let is_there = official.is_some_and(|one| one.appid.is_some());
            asks.or_else(|| {
                reuses.then(|| match is_there {
                    true => not_registered(&item.name, confirmed),
                    false => official_first(&item.name),
                })
            })
        });
        let scan = scan.filter(|scan| scan.account.is_some() || appid.is_none() && !confirmed);
        let account = Account {
            unmade,
            scan,
            at,
            appid,
            authorized_at: authorized_at.filter(|_| !matches!(past, Past::Left(_))),
            past,
        };
        if let Past::Left(at) = past {
            left.push((account.clone(), at));
        }
        accounts.push(account);
    }
    let pass = doc.last_pass.as_ref();
    let mut standing = Standing {
        tenant: tenant.name.clone(),
        waits: known(&doc.waiting),
        things: known(pass.map_or(&[], |pass| pass.things.as_slice())),
        state: State::read(pass.map(|pass| pass.result.as_str())),
        last_pass: pass.map(|pass| pass.at),
        changed_since: pass
            .and_then(|pass| pass.declared.clone())
            .is_some_and(|said| Digest::from_hex(said) != declared(&tenant.spec, &tenant.files)),
        accounts,
        doc,
    };
    for account in &standing.accounts {
        let its = account.at.whose.item().zip(account.appid.as_ref());
        if let (Some(its), Some(last_pass)) = (its, standing.last_pass) {
            let (waits, things) = (&mut standing.waits, &mut standing.things);
            told_since(store, its, last_pass, waits, things).await?;
        }
    }
    for (account, at) in left.into_iter().rev() {
        standing.left(&account, at);
    }
    for one in &mut standing.waits {
        links.lead(
            &tenant.platform,
            &tenant.name,
            &one.address.whose,
            &mut one.waiting,
        );
    }
    Ok(standing)
}

/// Whether the official account's administrator has confirmed by a scan that a mini-program is registered.
async fn is_confirmed(
    store: &Store,
    tenant: &LoadedTenant,
    before: &[Account],
    at: &At,
) -> Result<bool, StoreError> {
    let official = before.iter().find(|one| one.at == At::OFFICIAL);
    let official = official.and_then(|official| official.appid.as_ref());
    let (Some(official), Some(item)) = (official, at.whose.item()) else {
        return Ok(false);
    };
    let key = Key::register(official, &tenant.name, item);
    Ok(store.get::<RegisterDoc>(&key).await?.is_some())
}

impl Standing {
    /// An owner has left; a pass may not have seen it yet, but a push said so.
    fn left(&mut self, account: &Account, at: Timestamp) {
        let gate = account.gate();
        let left = account.not_authorized(Some(at));
        match self.waits.iter_mut().find(|one| one.address == gate) {
            // A pass saw it as well, and may not have known since when.
            Some(one) if one.waiting.reason == Reason::NotAuthorized => {
                one.waiting = left.waiting;
            }
            Some(_) => {}
            None => {
                self.state = State::Waiting;
                self.waits.insert(0, left);
            }
        }
    }

    /// What a wait is called, in a few words.
    pub fn title(&self, one: &Awaited) -> Text {
        let mut accounts = self.accounts.iter();
        let its = accounts.find(|account| account.gate() == one.address);
        match its {
            Some(account) if one.waiting.reason == Reason::NotAuthorized => {
                authorization::title(account.past)
            }
            Some(_) | None => one.waiting.reason.title(),
        }
    }

    /// The official account's appid.
    pub fn official(&self) -> Option<&Appid> {
        let mut all = self.accounts.iter();
        all.find(|one| one.at == At::OFFICIAL)?.appid.as_ref()
    }
}

impl Account {
    fn gate(&self) -> Address {
        authorization::ADDRESS.whose(self.at.whose.clone())
    }

    /// The wait for its owner's scan.
    pub fn not_authorized(&self, since: Option<Timestamp>) -> Awaited {
        Awaited {
            address: self.gate(),
            since,
            command: None,
            waiting: authorization::not_authorized(self.at.kind(), self.appid.as_ref(), self.past),
        }
    }

    /// What comes first in its life, where no pass has looked at it: it is registered, or its owner scans.
    pub fn first(&self) -> Awaited {
        let mut first = self.not_authorized(None);
        if let Some(waiting) = &self.unmade {
            first.waiting = waiting.clone();
        }
        first
    }

    /// What its owner tried last in vain: which account, why not, what to do.
    pub fn in_vain(&self) -> Option<Text> {
        let scan = self.scan.as_ref()?;
        let name = self.at.whose.item();
        let (zh, en) = match &scan.account {
            Some(account) => (
                format!("管理员扫码选择了 {account}，未绑定"),
                format!("the administrator chose {account}, which was not taken"),
            ),
            None => (
                "管理员扫码未完成".to_owned(),
                "the administrator did not finish".to_owned(),
            ),
        };
        Some(Text::new(
            format!("{}：{zh}。{}", name.unwrap_or("公众号"), scan.zh),
            format!("{}: {en}: {}", name.unwrap_or("official account"), scan.en),
        ))
    }

    /// As a person reads it: `公众号 wx…`, `main wx…`.
    pub fn spoken(&self) -> Option<String> {
        let appid = self.appid.as_ref()?;
        let name = self.at.whose.item().unwrap_or(self.at.kind().zh());
        Some(format!("{name} {appid}"))
    }
}

/// What can be read of stored values; what another wxops wrote otherwise is left out.
pub(super) fn known<T: DeserializeOwned>(values: &[Value]) -> Vec<T> {
    let known = values.iter().map(|value| T::deserialize(value));
    known.filter_map(Result::ok).collect()
}
