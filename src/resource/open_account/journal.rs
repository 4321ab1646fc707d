//! How a doubtful create, bind or unbind is settled: by what `open/get` says afterwards.

use std::collections::BTreeMap;

use serde::Deserialize as _;
use serde_json::Value;

use super::{OUTPUT, OpenAccount, OpenAccountState, observe_bound};
use crate::resource::{AtMostOnce, Observation, Outputs, Seen, Settled};
use crate::wechat::open_account::{self, BIND, CREATE, UNBIND};
use crate::wechat::{Appid, Call};

impl AtMostOnce for OpenAccount {
    fn knows(&self, call: &Call) -> bool {
        [&CREATE, &BIND, &UNBIND].contains(&call.endpoint)
    }

    fn ids(&self, call: &Call, _evidence: &Value, body: &Value) -> Outputs {
        if call.endpoint == &UNBIND {
            return Outputs::new();
        }
        let appid = named(call).or_else(|| Some(made(body)?.to_string()));
        appid
            .map(|appid| (OUTPUT.to_owned(), appid))
            .into_iter()
            .collect()
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        vec![open_account::get_request(&call.subject)]
    }

    fn settle(&self, call: &Call, _evidence: &Value, seen: &Seen) -> Settled {
        let now = observe_bound(seen.get(&open_account::get_request(&call.subject)));
        let (named, leaves) = (named(call), call.endpoint == &UNBIND);
        match now {
            Observation::Present(OpenAccountState::Bound(appid)) => {
                let is_it = named.is_none_or(|named| named == appid.as_str());
                match (leaves, is_it) {
                    (true, true) | (false, false) => Settled::NotDone,
                    (true, false) => Settled::Done(Outputs::new()),
                    (false, true) => {
                        Settled::Done(BTreeMap::from([(OUTPUT.to_owned(), appid.to_string())]))
                    }
                }
            }
            Observation::Absent if leaves => Settled::Done(Outputs::new()),
            Observation::Absent => Settled::NotDone,
            Observation::Present(OpenAccountState::Any) | Observation::Unknown(_) => {
                Settled::Undecided
            }
        }
    }
}

/// The open account that a call names; none for a create.
fn named(call: &Call) -> Option<String> {
    let body: Value = serde_json::from_str(call.body()).ok()?;
    Some(body.get("open_appid")?.as_str()?.to_owned())
}

/// The open account that a create made, where its answer says so.
fn made(body: &Value) -> Option<Appid> {
    let answer = open_account::OpenAccount::deserialize(body).ok()?;
    answer.open_appid.parse().ok()
}
