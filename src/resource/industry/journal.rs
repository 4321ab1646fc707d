//! How a doubtful `api_set_industry` is settled: by what `get_industry` shows afterwards.

use serde_json::Value;

use super::Industry;
use super::state::{Branch, IndustryState, observe};
use crate::resource::{AtMostOnce, Observation, Outputs, Seen, Settled};
use crate::wechat::{Call, industry};

impl AtMostOnce for Industry {
    fn knows(&self, call: &Call) -> bool {
        call.endpoint == &industry::SET
    }

    fn ids(&self, _call: &Call, _evidence: &Value, _body: &Value) -> Outputs {
        Outputs::new()
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        vec![industry::get_request(&call.subject)]
    }

    fn settle(&self, call: &Call, _evidence: &Value, seen: &Seen) -> Settled {
        let Some((first, second)) = sent(call) else {
            return Settled::Undecided;
        };
        match observe(seen.get(&industry::get_request(&call.subject))) {
            Observation::Present(live) if shows(&live, &first, &second) => {
                Settled::Done(Outputs::new())
            }
            Observation::Present(_) | Observation::Absent => Settled::NotDone,
            Observation::Unknown(_) => Settled::Undecided,
        }
    }
}

/// The industries that a call sets.
fn sent(call: &Call) -> Option<(Branch, Branch)> {
    let body: Value = serde_json::from_str(call.body()).ok()?;
    let branch = |field: &str| body.get(field)?.as_str()?.parse().ok().map(Branch::Known);
    Some((branch("industry_id1")?, branch("industry_id2")?))
}

/// One industry sent twice may be shown once.
fn shows(live: &IndustryState, first: &Branch, second: &Branch) -> bool {
    let secondary = live.secondary.as_ref();
    live.primary == *first
        && (secondary == Some(second) || (first == second && secondary.is_none()))
}
