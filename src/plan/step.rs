//! A step: one resource's action, what it changes, and the calls that change it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::digest::Digest;
use super::observation::Why;
use super::path::SpecPath;
use super::text::Text;
use super::waiting::Waiting;
use crate::wechat::{Appid, Call};

/// One resource's action.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What kind of change it is.
    pub action: Action,
    /// The account it changes.
    pub account: Appid,
    /// What changes, by spec path.
    pub changes: Vec<Change>,
    /// The requests, in order.
    pub calls: Vec<Call>,
    /// Set when WeChat moved although the manifest did not.
    pub drift: Option<Drift>,
    /// What a person should know before it happens.
    pub notes: Vec<Text>,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// Makes something that is not there.
    Create,
    /// Changes something that is there.
    Update,
    /// Removes something.
    Delete,
}

/// The difference of one field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Where the desired value is written.
    pub path: SpecPath,
    /// What is live; `None` when nothing is.
    pub from: Option<Value>,
    /// What is desired; `None` when nothing is.
    pub to: Option<Value>,
}

/// WeChat moved since we last applied the same desired state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// When we last applied it.
    pub applied_at: Timestamp,
}

/// What became of comparing one resource.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Something is to be done.
    Step(Step),
    /// Something is to be done, but not now.
    Waiting(Waiting),
    /// WeChat refused this payload before; it is not sent again until the spec changes.
    Rejected {
        /// Digest of the refused payload.
        payload: Digest,
        /// Why WeChat refused it.
        why: Text,
    },
    /// A difference that policy leaves alone: what, and why.
    Suppressed {
        /// Why nothing is done.
        why: Text,
        /// The difference itself.
        changes: Vec<Change>,
    },
    /// It cannot be compared.
    Unknown(Why),
}

impl Action {
    /// The sign in front of a step.
    #[must_use]
    pub fn sign(self) -> char {
        match self {
            Self::Create => '+',
            Self::Update => '~',
            Self::Delete => '-',
        }
    }
}

impl Step {
    /// The digest that names this step: tenant, resource, action, what is there now, and the exact calls. Whoever
    /// says yes to it says yes to losing what is there now and nothing else. Another tenant's drift never changes it.
    #[must_use]
    pub fn digest(&self, tenant: &str, resource: &str) -> Digest {
        Digest::of(&(
            tenant,
            resource,
            self.action,
            &self.account,
            &self.changes,
            &self.calls,
        ))
    }
}
