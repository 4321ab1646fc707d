//! How a doubtful change of categories is settled: by the account's own list.

use serde::Deserialize as _;
use serde_json::Value;

use super::Categories;
use super::review::{Before, thing};
use crate::resource::{AtMostOnce, Outputs, Seen, Settled, payload};
use crate::wechat::Call;
use crate::wechat::category::{self, OwnCategories, OwnCategory, concerned};
use crate::wechat::review::ReviewStatus;

impl AtMostOnce for Categories {
    fn knows(&self, call: &Call) -> bool {
        [&category::ADD, &category::MODIFY, &category::DELETE].contains(&call.endpoint)
    }

    fn thing(&self, call: &Call) -> Option<String> {
        concerned(call).map(thing)
    }

    fn ids(&self, _call: &Call, _evidence: &Value, _body: &Value) -> Outputs {
        Outputs::new()
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        vec![category::own_request(&call.subject)]
    }

    /// What was added is there, and what was deleted is not: whoever did it, it is so. Of one whose documents were changed
    /// another review has begun. Where the same rejection is shown as before, none has: that a second review has ended with
    /// the same words within the margin of a probe is taken for impossible.
    fn settle(&self, call: &Call, evidence: &Value, seen: &Seen) -> Settled {
        let list = category::own_request(&call.subject);
        let live: Result<OwnCategories, _> = payload(&category::OWN, seen.get(&list));
        let (Ok(live), Some(id)) = (live, concerned(call)) else {
            return Settled::Undecided;
        };
        let there = live.categories.iter().find(|one| one.id() == id);
        if call.endpoint == &category::MODIFY {
            return there.map_or(Settled::NotDone, |one| reviewed_again(one, evidence));
        }
        if there.is_some() == (call.endpoint == &category::ADD) {
            Settled::Done(Outputs::new())
        } else {
            Settled::NotDone
        }
    }
}

fn reviewed_again(one: &OwnCategory, evidence: &Value) -> Settled {
    let before = Before::deserialize(evidence).map(|before| before.reason);
    let reason = one.audit_reason.as_deref().unwrap_or_default();
    match (one.status(), before) {
        (ReviewStatus::InReview | ReviewStatus::Passed, _) => Settled::Done(Outputs::new()),
        (ReviewStatus::Rejected, Ok(before)) if before == reason => Settled::NotDone,
        (ReviewStatus::Rejected, Ok(_)) => Settled::Done(Outputs::new()),
        (ReviewStatus::Rejected, Err(_)) => Settled::Ambiguous,
        (ReviewStatus::Unknown(_), _) => Settled::Undecided,
    }
}
