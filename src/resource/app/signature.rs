//! The introduction (介绍) that users read on a mini-program's page: in force at once, five changes a month.

use std::collections::BTreeMap;

use serde_json::json;

use super::profile;
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Action, Change, Observation, Step, Text, Verdict, Waiting};
use crate::resource::{At, Kind, Resource, TenantSpec, View, only};
use crate::wechat::basic_info::{self, SignatureInfo};
use crate::wechat::endpoint::Period;
use crate::wechat::{Call, Endpoint, signature};

/// The resource.
pub struct Signature;

impl Resource for Signature {
    const NAME: &'static str = "signature";
    const OF: &'static [Kind] = &[Kind::App];
    const SETS: &'static [u16] = signature::MODIFY.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&basic_info::GET];
    type Spec = String;
    type State = String;

    fn path(at: &At) -> SpecPath {
        at.root().field("signature")
    }

    fn spec<'a>(tenant: &'a TenantSpec, at: &At) -> Option<&'a String> {
        at.item(tenant)?.signature.as_ref()
    }

    fn check(spec: &String, at: &At, found: &mut Diagnostics) {
        if !signature::fits(spec.trim()) {
            found.error(
                "WX1264",
                Self::path(at),
                format!(
                    "the introduction has {} characters",
                    spec.trim().chars().count()
                ),
                "4 to 120 characters",
                Some("it is what users read on the mini-program's page (小程序介绍)"),
            );
        }
    }

    fn needs(_spec: Option<&String>, view: &View<'_>) -> Vec<Call> {
        profile::needs(view)
    }

    fn observe(view: &View<'_>) -> Observation<String> {
        match profile::of(view) {
            Err(why) => Observation::Unknown(why),
            Ok(info) => match info.signature_info {
                Some(info) if !info.signature.is_empty() => Observation::Present(info.signature),
                // A new mini-program has none, and older answers leave the part out.
                Some(_) => Observation::Absent,
                None => Observation::Unknown(profile::not_said("signature_info")),
            },
        }
    }

    fn desire(spec: &String, _view: &View<'_>) -> Result<String, Box<Waiting>> {
        Ok(spec.trim().to_owned())
    }

    fn diff(
        _spec: &String,
        desired: &String,
        observed: &Observation<String>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let live = match observed {
            Observation::Unknown(why) => return only(Verdict::Unknown(why.clone())),
            Observation::Present(live) if live == desired => return BTreeMap::new(),
            Observation::Present(live) => Some(live),
            Observation::Absent => None,
        };
        let info = profile::of(view).ok().and_then(|info| info.signature_info);
        let changes = info.as_ref().map(SignatureInfo::changes);
        let what = Text::new("介绍本月", "the introduction");
        if let Some(waiting) = profile::used_up(changes, Period::Month, view.now, &what) {
            return only(Verdict::Waiting(waiting));
        }
        let action = if live.is_some() {
            Action::Update
        } else {
            Action::Create
        };
        let change = Change {
            path: Self::path(view.at),
            from: live.map(|live| json!(live)),
            to: Some(json!(desired)),
        };
        let call = signature::modify_request(view.account(), desired);
        let mut step = Step::new(action, view.account().clone(), vec![change], vec![call]);
        step.notes
            .extend(changes.map(|changes| profile::budget(changes, Period::Month)));
        only(Verdict::Step(step))
    }

    fn export(observed: &String) -> Option<String> {
        Some(observed.clone())
    }
}
