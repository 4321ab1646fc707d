//! How a removal without an answer is settled: by the list. What is still there was not removed, whichever answer got lost,
//! and to remove it once more costs nothing beyond the change of the month.

use serde_json::Value;

use super::PlatformDomains;
use crate::resource::{AtMostOnce, Outputs, Seen, Settled, payload};
use crate::wechat::Call;
use crate::wechat::platform_domain::{self, Hosts};

impl AtMostOnce for PlatformDomains {
    /// What is added is put, so that the list is read again at once.
    fn knows(&self, call: &Call) -> bool {
        platform_domain::deleted_by(call).is_some()
    }

    fn ids(&self, _call: &Call, _evidence: &Value, _body: &Value) -> Outputs {
        Outputs::new()
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        let deleted = platform_domain::deleted_by(call);
        let read = deleted.map(|(list, _)| platform_domain::get_request(&call.subject, list));
        read.into_iter().collect()
    }

    fn settle(&self, call: &Call, _evidence: &Value, seen: &Seen) -> Settled {
        let Some((list, hosts)) = platform_domain::deleted_by(call) else {
            return Settled::Undecided;
        };
        let read = platform_domain::get_request(&call.subject, list);
        let Ok(listed) = payload::<Hosts>(read.endpoint, seen.get(&read)) else {
            return Settled::Undecided;
        };
        if listed.all().is_disjoint(&hosts) {
            Settled::Done(Outputs::new())
        } else {
            Settled::NotDone
        }
    }
}
