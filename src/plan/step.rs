//! A step: one resource's action, what it changes, and the calls that change it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::address::Address;
use super::costly::Costly;
use super::digest::Digest;
use super::observation::Why;
use super::path::SpecPath;
use super::text::Text;
use super::waiting::{Reason, Waiting};
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
    /// Set by the resource when it costs something that nobody gives back.
    pub costly: Option<Costly>,
    /// Things whose steps in the same plan must have been done before this one.
    pub after: Vec<Address>,
    /// Its place among the steps of its resource: lower first, then by key. Of those that have one, each is made only
    /// when the ones before it have been; [`Step::LAST`] comes after all of them, whatever came of them.
    pub rank: u32,
    /// What it rests on that neither its changes nor its calls say, such as which version a call without a body is about: a yes is to
    /// that alone. Part of the digest where there is one.
    pub basis: Option<Box<str>>,
    /// What a probe needs to tell later whether the calls took effect: facts from before them. No part of the digest.
    pub evidence: Value,
    /// What it waits for that no step brings: somebody's scan. It can be said yes to before that. No part of the digest.
    pub awaits: Option<Text>,
    /// The one-off approval it spends. `None`: it needs none, or a standing one covers it.
    pub approval: Option<String>,
    /// Why it is shown and not made, if it is not.
    pub hold: Option<Hold>,
}

/// A step that is known to the last byte and not made, because somebody must say yes, or another step comes first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hold {
    /// The reason, from the closed list.
    pub reason: Reason,
    /// The reason with its facts, for people.
    pub text: Text,
    /// The command that says yes, if one does.
    pub command: Option<String>,
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

/// As much of a value as is said in a few words, in characters.
const BRIEF: usize = 60;

impl Change {
    /// In a few words: `+ a`, `- a` or `a → b`.
    #[must_use]
    pub fn brief(&self) -> String {
        let word = |value: &Value| {
            let text = value.as_str().map(str::to_owned);
            text.unwrap_or_else(|| value.to_string())
        };
        let short = |value: &Value| {
            let text = word(value);
            if text.chars().count() > BRIEF {
                let start: String = text.chars().take(BRIEF).collect();
                format!("{start}…")
            } else {
                text
            }
        };
        match (&self.from, &self.to) {
            (None, Some(to)) => format!("+ {}", short(to)),
            (Some(from), None) => format!("- {}", short(from)),
            (Some(from), Some(to)) => format!("{} → {}", short(from), short(to)),
            (None, None) => self.path.to_string(),
        }
    }

    /// The digest of changes.
    #[must_use]
    pub fn digest(changes: &[Self]) -> Digest {
        Digest::of(&differences(changes))
    }
}

/// Changes as they are told from others, wherever their mini-program stands in its list.
fn differences(changes: &[Change]) -> Vec<Change> {
    let one = |change: &Change| Change {
        path: change.path.of_its_item(),
        ..change.clone()
    };
    changes.iter().map(one).collect()
}

/// WeChat moved since we last applied the same desired state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Drift {
    /// When we last applied it.
    pub applied_at: Timestamp,
}

/// What became of comparing one resource.
#[expect(
    clippy::large_enum_variant,
    reason = "most of what a plan holds are steps"
)]
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
    /// The last place.
    pub const LAST: u32 = u32::MAX;

    /// Whether the step of another thing has to be done before this one.
    #[must_use]
    pub fn comes_after(&self, address: &Address) -> bool {
        self.after.iter().any(|first| first.covers(address))
    }

    /// Whether another step of the same resource has to be done before this one.
    #[must_use]
    pub fn follows(&self, other: &Self) -> bool {
        self.rank != Self::LAST && other.rank > 0 && other.rank < self.rank
    }

    /// A step that costs nothing and depends on nothing.
    #[must_use]
    pub fn new(action: Action, account: Appid, changes: Vec<Change>, calls: Vec<Call>) -> Self {
        Self {
            action,
            account,
            changes,
            calls,
            drift: None,
            notes: Vec::new(),
            costly: None,
            after: Vec::new(),
            rank: 0,
            basis: None,
            evidence: Value::Null,
            awaits: None,
            approval: None,
            hold: None,
        }
    }

    /// The digest that names this step: tenant, resource and which of its things, action, what is there now, and the
    /// exact calls. Whoever says yes to it says yes to losing what is there now and nothing else. Another tenant's
    /// drift never changes it.
    #[must_use]
    pub fn digest(&self, tenant: &str, address: &Address) -> Digest {
        let Address {
            whose,
            resource,
            key,
        } = address;
        let what = (
            tenant,
            resource,
            key,
            self.action,
            &self.account,
            differences(&self.changes),
            &self.calls,
        );
        match (whose.item(), &self.basis) {
            (Some(app), Some(basis)) => Digest::of(&(app, what, basis)),
            (Some(app), None) => Digest::of(&(app, what)),
            (None, Some(basis)) => Digest::of(&(what, basis)),
            (None, None) => Digest::of(&what),
        }
    }
}
