//! The testers (体验成员) of a mini-program: who may open its trial version. Those that nobody declares are left alone.
//!
//! A manifest names them by WeChat id, WeChat's list by another text (`userstr`) that only the answer of the binding
//! connects with it. So who is one is told by what was done last, which the operation remembers:
//!
//! ```text
//!   nothing was done                     none: bound, which is refused with 85004 where it is so already
//!   bound, and the list has that text    a tester
//!   bound, and the list lacks it         none any more
//!   85004: a tester already              one as long as nobody has gone from the list who was in it then
//! ```

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Action, Change, Digest, Observation, Step, Verdict, Waiting, Why};
use crate::resource::wechat_id;
use crate::resource::{
    At, AtMostOnce, Kind, Outputs, Resource, Seen, Settled, TenantSpec, View, only, payload,
};
use crate::wechat::tester::{self, Bound};
use crate::wechat::{Appid, Call, Endpoint};

/// Testers by their WeChat ids.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct TestersState(BTreeSet<String>);

/// What is known before a tester is bound.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Before {
    /// The item of the mini-program.
    item: String,
    /// Whom the list had.
    listed: BTreeSet<String>,
}

/// The resource.
pub struct Testers;

impl Resource for Testers {
    const NAME: &'static str = "testers";
    const OF: &'static [Kind] = &[Kind::App];
    const SETS: &'static [u16] = tester::BIND.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&tester::LIST];
    const RECALLS: &'static [&'static Endpoint] = &[&tester::BIND];
    const EXPORTED: bool = false;
    type Spec = Vec<String>;
    type State = TestersState;

    fn recalled_things(
        spec: &Vec<String>,
        _app_id: &dyn Fn(&str) -> Option<Appid>,
    ) -> Option<Vec<String>> {
        Some(spec.clone())
    }

    fn path(at: &At) -> SpecPath {
        at.root().field(Self::NAME)
    }

    fn spec<'a>(tenant: &'a TenantSpec, at: &At) -> Option<&'a Vec<String>> {
        at.item(tenant)?.testers.as_ref()
    }

    fn asks_nothing(spec: &Vec<String>) -> bool {
        spec.is_empty()
    }

    fn check(spec: &Vec<String>, at: &At, found: &mut Diagnostics) {
        let mut ids = BTreeSet::new();
        for (index, id) in spec.iter().enumerate() {
            let (message, label, help) = if let Some(wrong) = wechat_id::objection(id) {
                wrong
            } else if !ids.insert(id.to_ascii_lowercase()) {
                (
                    format!("`{id}` is listed twice"),
                    "the same tester again",
                    "take one of the two out",
                )
            } else {
                continue;
            };
            found.error(
                "WX1319",
                Self::path(at).index(index),
                message,
                label,
                Some(help),
            );
        }
    }

    fn needs(_spec: Option<&Vec<String>>, view: &View<'_>) -> Vec<Call> {
        view.unless_seen(tester::list_request(view.account()))
    }

    fn observe(view: &View<'_>) -> Observation<TestersState> {
        let listed = match listed(view.account(), view.seen) {
            Ok(listed) => listed,
            Err(why) => return Observation::Unknown(why),
        };
        let spec = Self::spec(view.spec, view.at).cloned().unwrap_or_default();
        let known: BTreeSet<String> = spec.iter().filter_map(|id| userstr(id, view)).collect();
        let is = |id: &&String| is_tester(id, &listed, &known, view);
        Observation::Present(TestersState(spec.iter().filter(is).cloned().collect()))
    }

    fn desire(spec: &Vec<String>, _view: &View<'_>) -> Result<TestersState, Box<Waiting>> {
        Ok(TestersState(spec.iter().cloned().collect()))
    }

    fn diff(
        spec: &Vec<String>,
        _desired: &TestersState,
        observed: &Observation<TestersState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let none = TestersState::default();
        let live = match observed {
            Observation::Unknown(why) => return only(Verdict::Unknown(why.clone())),
            Observation::Absent => &none,
            Observation::Present(live) => live,
        };
        let listed = listed(view.account(), view.seen).unwrap_or_default();
        let missing = spec.iter().enumerate();
        let missing = missing.filter(|(_, id)| !live.0.contains(*id));
        let steps = missing.map(|(index, id)| {
            let change = Change {
                path: Self::path(view.at).index(index),
                from: None,
                to: Some(json!(id)),
            };
            let account = view.account().clone();
            let call = tester::bind_request(view.account(), id);
            let mut step = Step::new(Action::Create, account, vec![change], vec![call]);
            let before = Before {
                item: view.at.whose.item().unwrap_or_default().to_owned(),
                listed: listed.clone(),
            };
            step.evidence = serde_json::to_value(before).unwrap_or_default();
            (id.clone(), Verdict::Step(step))
        });
        steps.collect()
    }

    fn digests(desired: &TestersState) -> BTreeMap<String, Digest> {
        let ids = desired.0.iter();
        ids.map(|id| (id.clone(), Digest::of(id))).collect()
    }

    /// Somebody is a tester or not, in whatever spelling.
    fn shown(_: &TestersState, _: &TestersState) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    /// The list names nobody by WeChat id.
    fn export(_observed: &TestersState) -> Option<Vec<String>> {
        None
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&Testers)
    }
}

/// The output that holds what the list calls a tester.
fn output(item: &str, id: &str) -> String {
    format!("miniPrograms.{item}.testers.{id}")
}

/// What the list has.
fn listed(account: &crate::wechat::Appid, seen: &Seen) -> Result<BTreeSet<String>, Why> {
    let answer = seen.get(&tester::list_request(account));
    let list: tester::Testers = payload(&tester::LIST, answer)?;
    Ok(list.members.into_iter().map(|one| one.userstr).collect())
}

/// What the list calls somebody, where the answer of a binding told.
fn userstr(id: &str, view: &View<'_>) -> Option<String> {
    let done = view.ops.last_of(view.account(), &tester::BIND, id)?;
    done.ids.values().next().cloned()
}

fn is_tester(
    id: &str,
    listed: &BTreeSet<String>,
    known: &BTreeSet<String>,
    view: &View<'_>,
) -> bool {
    let Some(done) = view.ops.last_of(view.account(), &tester::BIND, id) else {
        return false;
    };
    match (userstr(id, view), Before::deserialize(&done.evidence)) {
        (Some(userstr), _) => listed.contains(&userstr),
        // Which of those in the list it was, nobody knows. Of the others it is known that they are not.
        (None, Ok(before)) => before
            .listed
            .difference(known)
            .all(|one| listed.contains(one)),
        (None, Err(_)) => false,
    }
}

impl AtMostOnce for Testers {
    fn knows(&self, call: &Call) -> bool {
        call.endpoint == &tester::BIND
    }

    /// The WeChat id.
    fn thing(&self, call: &Call) -> Option<String> {
        let body: Value = serde_json::from_str(call.body()).ok()?;
        Some(body.get("wechatid")?.as_str()?.to_owned())
    }

    fn ids(&self, call: &Call, evidence: &Value, body: &Value) -> Outputs {
        let bound = Bound::deserialize(body).map(|bound| bound.userstr);
        match (self.thing(call), Before::deserialize(evidence), bound) {
            (Some(id), Ok(before), Ok(userstr)) => {
                Outputs::from([(output(&before.item, &id), userstr)])
            }
            (_, _, _) => Outputs::new(),
        }
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        vec![tester::list_request(&call.subject)]
    }

    /// The list names nobody, and whoever came may have been added by hand. So it is asked for once more, which changes
    /// nothing, and which WeChat answers with 85004 if it was done.
    fn settle(&self, call: &Call, _evidence: &Value, seen: &Seen) -> Settled {
        match listed(&call.subject, seen) {
            Ok(_) => Settled::NotDone,
            Err(_) => Settled::Undecided,
        }
    }
}
