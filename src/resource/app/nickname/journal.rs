//! How a doubtful request for a name is settled: by the name itself, and by the count of changes.

use serde::Deserialize as _;
use serde_json::Value;

use super::Nickname;
use super::review::{Before, id_of};
use crate::resource::{AtMostOnce, Outputs, Seen, Settled, payload};
use crate::wechat::Call;
use crate::wechat::basic_info::{self, BasicInfo};
use crate::wechat::nickname::{self, NameSet};

impl AtMostOnce for Nickname {
    fn knows(&self, call: &Call) -> bool {
        call.endpoint == &nickname::SET
    }

    fn ids(&self, _call: &Call, evidence: &Value, body: &Value) -> Outputs {
        let answer = NameSet::deserialize(body);
        match (Before::deserialize(evidence), answer) {
            (Ok(before), Ok(answer)) => id_of(&before, &answer),
            (Err(_), _) | (_, Err(_)) => Outputs::new(),
        }
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        vec![basic_info::get_request(&call.subject)]
    }

    /// The name is there, or one more change is counted. No page says whether a name counts when it is handed in or when
    /// it is approved, so a count that stays proves nothing: it may be under review. The id of a review that was lost with
    /// its answer is told by nothing.
    fn settle(&self, call: &Call, evidence: &Value, seen: &Seen) -> Settled {
        let read = basic_info::get_request(&call.subject);
        let info = payload::<BasicInfo>(&basic_info::GET, seen.get(&read)).ok();
        let known = info.as_ref().and_then(|info| {
            let changes = info.nickname_info.as_ref()?.changes();
            Some((info.name()?, changes.used))
        });
        let (Ok(before), Some((name, used))) = (Before::deserialize(evidence), known) else {
            return Settled::Undecided;
        };
        if Some(name) == nickname::named(call).as_deref() {
            return Settled::Done(Outputs::new());
        }
        if name == before.name && used == before.used.saturating_add(1) {
            Settled::Done(Outputs::new())
        } else {
            Settled::Ambiguous
        }
    }
}
