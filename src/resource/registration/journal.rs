//! How a registration without an answer is settled: by what the official account is linked to that it was not linked to
//! before.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Registration;
use super::candidate::About;
use crate::resource::{AtMostOnce, Outputs, Seen, Settled, payload};
use crate::wechat::link::{self, Link, LinkStatus};
use crate::wechat::registration::{BY_OFFICIAL_ACCOUNT, Registered, registered_for};
use crate::wechat::{Appid, Call};

/// What is known before a mini-program is registered.
#[derive(Serialize, Deserialize)]
struct Before {
    /// The original ids of what the official account was linked to.
    linked: BTreeSet<String>,
}

/// The evidence of a step that registers.
pub(super) fn evidence(about: &About) -> Value {
    let before = Before {
        linked: about.original_ids(),
    };
    serde_json::to_value(before).unwrap_or_default()
}

/// The output that names an item's account.
#[must_use]
pub(super) fn output(item: &str) -> String {
    format!("miniPrograms.{item}.appId")
}

impl AtMostOnce for Registration {
    fn knows(&self, call: &Call) -> bool {
        call.endpoint == &BY_OFFICIAL_ACCOUNT
    }

    fn thing(&self, call: &Call) -> Option<String> {
        let whose = registered_for(call)?;
        Some(whose.rsplit_once(':')?.1.to_owned())
    }

    fn ids(&self, call: &Call, _evidence: &Value, body: &Value) -> Outputs {
        let registered = Registered::deserialize(body).ok();
        let appid = registered.and_then(|one| one.appid.parse().ok());
        let named = self.thing(call).zip(appid);
        let named = named.map(|(item, appid)| (output(&item), appid.to_string()));
        named.into_iter().collect()
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        vec![link::get_request(&call.subject)]
    }

    /// One that was not there, is linked, has its original id for a name and was never released is the one. Another that
    /// was not there either may be it, named by hand since.
    fn settle(&self, call: &Call, evidence: &Value, seen: &Seen) -> Settled {
        let answer = seen.get(&link::get_request(&call.subject));
        let (Ok(links), Ok(before)) = (
            payload::<link::Links>(&link::GET, answer),
            Before::deserialize(evidence),
        ) else {
            return Settled::Undecided;
        };
        let is_new = |one: &&Link| {
            let known = one.username.as_ref();
            one.status() == LinkStatus::Linked && known.is_none_or(|id| !before.linked.contains(id))
        };
        let links = links.wxopens.items;
        let new: Vec<&Link> = links.iter().filter(is_new).collect();
        let [one] = &new[..] else {
            return if new.is_empty() {
                Settled::NotDone
            } else {
                Settled::Ambiguous
            };
        };
        let is_fresh =
            one.nickname.is_some() && one.nickname == one.username && one.released != Some(true);
        let appid = one.appid.as_ref();
        let appid = appid.and_then(|appid| Appid::parse(appid).ok());
        match (self.thing(call), appid) {
            (Some(item), Some(appid)) if is_fresh => {
                Settled::Done(Outputs::from([(output(&item), appid.to_string())]))
            }
            _ => Settled::Ambiguous,
        }
    }
}
