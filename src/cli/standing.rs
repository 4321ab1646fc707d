//! How a tenant stands, from the store: what its last pass found, and what a push has said since.

use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::links;
use super::session::Session;
use crate::manifest::LoadedTenant;
use crate::plan::Digest;
use crate::reconcile::{Awaited, Thing};
use crate::resource::authorization;
use crate::store::Key;
use crate::store::documents::{CredDoc, TenantDoc};
use crate::wechat::Appid;

/// How one tenant stands.
pub(super) struct Standing {
    pub(super) tenant: String,
    pub(super) account: Option<Appid>,
    /// Whether the account's owner has authorized us, as far as the store knows.
    pub(super) authorized_at: Option<Timestamp>,
    pub(super) waits: Vec<Awaited>,
    pub(super) things: Vec<Thing>,
    pub(super) state: State,
    pub(super) last_pass: Option<Timestamp>,
    /// Whether the manifest says something else than at the last pass.
    pub(super) changed_since: bool,
    pub(super) doc: TenantDoc,
}

/// A tenant's state in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    NeverApplied,
    Ready,
    Waiting,
    Failed,
    Restored,
}

impl State {
    /// The word in JSON, as the store has it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::NeverApplied => "never applied",
            Self::Ready => "ready",
            Self::Waiting => "waiting",
            Self::Failed => "failed",
            Self::Restored => "restored",
        }
    }

    /// The word in Chinese.
    pub(super) fn zh(self) -> &'static str {
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
pub(super) async fn of(session: &Session, tenant: &LoadedTenant) -> anyhow::Result<Standing> {
    let stored = session
        .store
        .get::<TenantDoc>(&Key::tenant(&tenant.name))
        .await?;
    let doc = stored.map(|stored| stored.value).unwrap_or_default();
    let account = authorization::account(&tenant.spec, doc.pin.as_ref()).cloned();
    let cred = match &account {
        Some(account) => session.store.get::<CredDoc>(&Key::cred(account)).await?,
        None => None,
    };
    let cred = cred.map(|cred| cred.value);
    let pass = doc.last_pass.as_ref();
    let mut standing = Standing {
        tenant: tenant.name.clone(),
        authorized_at: cred.as_ref().and_then(|cred| cred.authorized_at),
        waits: known(&doc.waiting),
        things: known(pass.map_or(&[], |pass| pass.things.as_slice())),
        state: State::read(pass.map(|pass| pass.result.as_str())),
        last_pass: pass.map(|pass| pass.at),
        changed_since: pass
            .and_then(|pass| pass.declared.clone())
            .is_some_and(|declared| Digest::from_hex(declared) != Digest::of(&tenant.spec)),
        account,
        doc,
    };
    if let Some(left_at) = cred.and_then(|cred| cred.revoked_at) {
        standing.left(left_at);
    }
    for one in &mut standing.waits {
        links::lead(session, &tenant.name, &mut one.waiting);
    }
    Ok(standing)
}

impl Standing {
    /// The owner has left; a pass may not have seen it yet, but a push said so.
    fn left(&mut self, at: Timestamp) {
        self.authorized_at = None;
        let seen = |one: &Awaited| one.address == authorization::ADDRESS;
        if !self.waits.iter().any(seen) {
            self.state = State::Waiting;
            self.waits
                .insert(0, not_authorized(self.account.as_ref(), Some(at)));
        }
    }
}

/// The wait for the owner's scan.
pub(super) fn not_authorized(account: Option<&Appid>, since: Option<Timestamp>) -> Awaited {
    Awaited {
        address: authorization::ADDRESS,
        since,
        command: None,
        waiting: authorization::not_authorized(account),
    }
}

/// What can be read of stored values; what another wxops wrote otherwise is left out.
fn known<T: DeserializeOwned>(values: &[Value]) -> Vec<T> {
    let known = values.iter().map(|value| T::deserialize(value));
    known.filter_map(Result::ok).collect()
}
