//! What was done last at WeChat, by account and action: what cannot be read back is known from here, also where the
//! tenant's own document is gone.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::Outputs;
use crate::wechat::review::ReviewStatus;
use crate::wechat::{Appid, Call, Endpoint};

/// The last operation that took effect, of each account and action.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ops(BTreeMap<(Appid, String), LastDone>);

/// The last request of an operation that took effect.
#[derive(Debug, Clone, PartialEq)]
pub struct LastDone {
    /// The request.
    pub call: Call,
    /// What was so before it: the step's evidence.
    pub evidence: Value,
    /// When it was known to be done.
    pub at: Timestamp,
    /// What WeChat showed afterwards; null until somebody has looked.
    pub shown: Value,
    /// What it made, as its answer or a probe told, by the name of the output. Empty where WeChat said no more than that it
    /// is so already.
    pub ids: Outputs,
    /// What WeChat pushed last of a review of its kind.
    pub told: Option<Told>,
}

/// What WeChat shows of what a call did.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// The call, as the operation has it.
    pub call: Call,
    /// What is shown.
    pub shown: Value,
}

/// What is remembered when a person says what is there.
pub type Assumption = Shown;

/// The end of a review, as WeChat pushed it. It names no request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What was reviewed: a name, or the numbers of a category; of code nothing says which version.
    pub name: String,
    /// How it ended.
    pub status: ReviewStatus,
    /// Why it was rejected.
    pub reason: Option<String>,
    /// When WeChat said so, by its own clock.
    pub at: Timestamp,
    /// Media ids of pictures of what was found in code, joined by `|`.
    pub screenshots: Option<String>,
}

impl Ops {
    /// No operation at all.
    pub const NONE: Self = Self(BTreeMap::new());

    /// Adds what an operation did last.
    pub fn insert(&mut self, account: Appid, action: String, done: LastDone) {
        self.0.insert((account, action), done);
    }

    /// What an endpoint's operation on an account did last, where the account has one of its kind.
    #[must_use]
    pub fn last(&self, account: &Appid, endpoint: &Endpoint) -> Option<&LastDone> {
        self.0.get(&(account.clone(), endpoint.action(None)))
    }

    /// What it did last to one of the account's things.
    #[must_use]
    pub fn last_of(&self, account: &Appid, endpoint: &Endpoint, thing: &str) -> Option<&LastDone> {
        self.0.get(&(account.clone(), endpoint.action(Some(thing))))
    }
}
