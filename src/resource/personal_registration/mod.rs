//! Registering a mini-program for a person (快速注册个人小程序), who agrees under an address that WeChat gives.
//!
//! ```text
//!   asked ─► a task ─► the person agrees within 24 hours ─► WeChat makes it, and pushes its appid with a code
//!              │                                                      │ notify_third_fasteregister
//!              │ timed out: asked again                               ▼
//!              └ refused, or a check failed: a person says yes    code kept for the item, exchanged, claimed
//! ```
//!
//! There is no account to act through: the platform asks. One task at a time for one person, whoever of the tenants wants it,
//! so that the push tells by the person alone whose the mini-program is.

pub(super) mod earlier;
mod spec;
mod task;

use std::collections::BTreeMap;

use serde::{Deserialize as _, Serialize};
use serde_json::Value;

pub use spec::PersonSpec;

use super::{
    At, AtMostOnce, Kind, Observation, Outputs, Resource, Seen, Settled, TenantSpec, View, only,
    same_principal,
};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Digest, Verdict, Waiting};
use crate::wechat::personal_registration::{self, AskedFor, CREATE, QUERY, Task};
use crate::wechat::{Appid, Call, Endpoint};

/// The output that holds the last task of an item.
const OUTPUT: &str = "registrationTask";

/// The resource.
pub struct PersonalRegistration;

/// Whether a mini-program is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonalState(bool);

impl Resource for PersonalRegistration {
    const NAME: &'static str = "personalRegistration";
    const OF: &'static [Kind] = &[Kind::App];
    const SETS: &'static [u16] = &[];
    const MAKES_THE_ACCOUNT: bool = true;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&QUERY];
    const RECALLS: &'static [&'static Endpoint] = &[&CREATE];
    const EXPORTED: bool = false;
    type Spec = PersonSpec;
    type State = PersonalState;

    fn recalled_things(
        spec: &PersonSpec,
        _app_id: &dyn Fn(&str) -> Option<Appid>,
    ) -> Option<Vec<String>> {
        Some(vec![personal_registration::person(&spec.wechat_id)])
    }

    fn path(at: &At) -> SpecPath {
        at.root().field("registration").field("personal")
    }

    fn spec<'a>(tenant: &'a TenantSpec, at: &At) -> Option<&'a PersonSpec> {
        at.item(tenant)?.registration.as_ref()?.personal.as_ref()
    }

    fn check(spec: &PersonSpec, at: &At, found: &mut Diagnostics) {
        spec::check(spec, &Self::path(at), found);
    }

    fn needs(spec: Option<&PersonSpec>, view: &View<'_>) -> Vec<Call> {
        let Some(spec) = spec.filter(|_| is_missing(view)) else {
            return Vec::new();
        };
        let earlier = earlier::needs(view.at.whose.item().unwrap_or_default(), view);
        if !earlier.is_empty() {
            return earlier;
        }
        let query = task::last(spec, view).and_then(|last| last.query(view));
        match query.filter(|query| !view.seen.contains_key(query)) {
            Some(query) => vec![query],
            None if task::is_due(spec, view) => same_principal::needs(view),
            None => Vec::new(),
        }
    }

    fn observe(view: &View<'_>) -> Observation<PersonalState> {
        Observation::Present(PersonalState(!is_missing(view)))
    }

    fn desire(_spec: &PersonSpec, _view: &View<'_>) -> Result<PersonalState, Box<Waiting>> {
        Ok(PersonalState(true))
    }

    fn diff(
        spec: &PersonSpec,
        _desired: &PersonalState,
        _observed: &Observation<PersonalState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        if is_missing(view) {
            only(task::verdict(spec, view))
        } else {
            BTreeMap::new()
        }
    }

    /// A mini-program is there or not, in whatever spelling.
    fn shown(_: &PersonalState, _: &PersonalState) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    fn export(_observed: &PersonalState) -> Option<PersonSpec> {
        None
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&PersonalRegistration)
    }
}

/// Whether the item has no account.
fn is_missing(view: &View<'_>) -> bool {
    let own = view.sibling(&view.at.whose);
    own.is_none_or(|own| own.appid.is_none())
}

impl AtMostOnce for PersonalRegistration {
    fn knows(&self, call: &Call) -> bool {
        call.endpoint == &CREATE
    }

    /// The person: one task at a time.
    fn thing(&self, call: &Call) -> Option<String> {
        Some(personal_registration::person(&personal_registration::asks(
            call,
        )?))
    }

    fn ids(&self, _call: &Call, evidence: &Value, body: &Value) -> Outputs {
        match (AskedFor::deserialize(evidence), Task::deserialize(body)) {
            (Ok(asked), Ok(task)) => {
                let name = format!("miniPrograms.{}.{OUTPUT}", asked.item);
                Outputs::from([(name, task.taskid)])
            }
            (Err(_), _) | (_, Err(_)) => Outputs::new(),
        }
    }

    fn probe(&self, _call: &Call) -> Vec<Call> {
        Vec::new()
    }

    /// Nothing comes of a task before the person has its address, and that was lost with the answer.
    fn settle(&self, _call: &Call, _evidence: &Value, _seen: &Seen) -> Settled {
        Settled::NotDone
    }
}

#[cfg(test)]
mod tests;
