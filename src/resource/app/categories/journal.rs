//! How a doubtful change of categories is settled: by the account's own list.

use serde_json::Value;

use super::Categories;
use crate::resource::{AtMostOnce, Outputs, Seen, Settled, payload};
use crate::wechat::Call;
use crate::wechat::category::{self, CategoryId, OwnCategories};

impl AtMostOnce for Categories {
    fn knows(&self, call: &Call) -> bool {
        call.endpoint == &category::ADD || call.endpoint == &category::DELETE
    }

    fn thing(&self, call: &Call) -> Option<String> {
        let CategoryId { first, second } = concerned(call)?;
        Some(format!("{first}-{second}"))
    }

    fn ids(&self, _call: &Call, _evidence: &Value, _body: &Value) -> Outputs {
        Outputs::new()
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        vec![category::own_request(&call.subject)]
    }

    fn settle(&self, call: &Call, _evidence: &Value, seen: &Seen) -> Settled {
        let list = category::own_request(&call.subject);
        let live: Result<OwnCategories, _> = payload(&category::OWN, seen.get(&list));
        let (Ok(live), Some(id)) = (live, concerned(call)) else {
            return Settled::Undecided;
        };
        // Wanted there after an add, and gone after a delete. Whoever did it: it is so.
        let there = live.categories.iter().any(|one| one.id() == id);
        if there == (call.endpoint == &category::ADD) {
            Settled::Done(Outputs::new())
        } else {
            Settled::NotDone
        }
    }
}

/// The category that a call is about; each is added by a call of its own.
fn concerned(call: &Call) -> Option<CategoryId> {
    let body: Value = serde_json::from_str(call.body()).ok()?;
    let one = body.pointer("/categories/0").unwrap_or(&body);
    let number = |field: &str| one.get(field)?.as_i64();
    Some(CategoryId {
        first: number("first")?,
        second: number("second")?,
    })
}
