//! How a doubtful request is settled: by the list, compared with what it had before.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{LinkState, Links, Stands, listed};
use crate::resource::ops::LastDone;
use crate::resource::{Assumption, AtMostOnce, Outputs, Seen, Settled, payload};
use crate::wechat::{Call, link};

/// What is known before a link is asked for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Before {
    /// The mini-program's original id, where it is known: the list has no appid before it is linked.
    original_id: Option<String>,
    /// The original ids that were in the list.
    listed: BTreeSet<String>,
}

/// The evidence of a step that asks for a link.
pub(super) fn evidence(original_id: Option<&str>, live: &[LinkState]) -> Value {
    let ids = live.iter().filter_map(|link| link.original_id.clone());
    let before = Before {
        original_id: original_id.map(str::to_owned),
        listed: ids.collect(),
    };
    serde_json::to_value(before).unwrap_or_default()
}

/// What is noted of a request whose link is listed no more: a person said that it may be asked for again.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Over {
    may_be_asked_again: bool,
}

/// What is remembered when a person says so.
pub(super) fn may_be_asked_again(done: &LastDone) -> Assumption {
    let over = Over {
        may_be_asked_again: true,
    };
    Assumption {
        call: done.call.clone(),
        shown: serde_json::to_value(over).unwrap_or_default(),
    }
}

/// Whether a person has said so.
pub(super) fn is_over(done: &LastDone) -> bool {
    Over::deserialize(&done.shown).is_ok_and(|over| over.may_be_asked_again)
}

impl AtMostOnce for Links {
    fn knows(&self, call: &Call) -> bool {
        [&link::LINK, &link::UNLINK].contains(&call.endpoint)
    }

    fn thing(&self, call: &Call) -> Option<String> {
        let body: Value = serde_json::from_str(call.body()).ok()?;
        Some(body.get("appid")?.as_str()?.to_owned())
    }

    fn ids(&self, _call: &Call, _evidence: &Value, _body: &Value) -> Outputs {
        Outputs::new()
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        vec![link::get_request(&call.subject)]
    }

    fn settle(&self, call: &Call, evidence: &Value, seen: &Seen) -> Settled {
        let answer = seen.get(&link::get_request(&call.subject));
        let Ok(links) = payload::<link::Links>(&link::GET, answer) else {
            return Settled::Undecided;
        };
        let (live, app_id) = (listed(links).0, self.thing(call));
        let its = |link: &&LinkState| link.app_id.is_some() && link.app_id == app_id;
        let named = live.iter().find(its);
        let done = if call.endpoint == &link::UNLINK {
            named.is_none_or(|link| link.stands != Stands::Linked)
        } else {
            match Before::deserialize(evidence) {
                Ok(before) => named.is_some() || live.iter().any(|link| before.is_new(link)),
                Err(_) => return Settled::Undecided,
            }
        };
        if done {
            Settled::Done(Outputs::new())
        } else {
            Settled::NotDone
        }
    }
}

impl Before {
    /// Whether an entry of the list is the one that was asked for. Where its original id is not known, one that was not
    /// there before is taken for it: should it be another's, the request is made in a later pass, and WeChat refuses a
    /// second one (89010).
    fn is_new(&self, link: &LinkState) -> bool {
        match (&self.original_id, &link.original_id) {
            (Some(wanted), Some(listed)) => wanted == listed,
            (None, Some(listed)) => link.app_id.is_none() && !self.listed.contains(listed),
            (_, None) => false,
        }
    }
}
