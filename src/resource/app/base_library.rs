//! The oldest base library (基础库) a mini-program runs on: users with an older one are asked to update WeChat.

use std::collections::BTreeMap;

use serde_json::json;

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Action, Change, Observation, Step, Verdict, Waiting};
use crate::resource::{At, Kind, Resource, TenantSpec, View, only, payload};
use crate::wechat::base_library::{self, SupportVersion};
use crate::wechat::{Call, Endpoint};

/// The resource.
pub struct MinBaseLibrary;

impl Resource for MinBaseLibrary {
    const NAME: &'static str = "minBaseLibrary";
    const OF: &'static [Kind] = &[Kind::App];
    const SETS: &'static [u16] = base_library::SET.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&base_library::GET];
    type Spec = String;
    type State = String;

    fn path(at: &At) -> SpecPath {
        at.root().field(Self::NAME)
    }

    fn spec<'a>(tenant: &'a TenantSpec, at: &At) -> Option<&'a String> {
        at.item(tenant)?.min_base_library.as_ref()
    }

    fn check(spec: &String, at: &At, found: &mut Diagnostics) {
        let number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
        let parts: Vec<&str> = spec.split('.').collect();
        if parts.len() != 3 || !parts.iter().all(|part| number(part)) {
            found.error(
                "WX1265",
                Self::path(at),
                format!("`{spec}` is no version of the base library"),
                "three numbers, as in 2.32.3",
                Some("WeChat's console lists the versions and how many users have each (基础库最低版本设置)"),
            );
        }
    }

    fn needs(_spec: Option<&String>, view: &View<'_>) -> Vec<Call> {
        view.unless_seen(base_library::get_request(view.account()))
    }

    fn observe(view: &View<'_>) -> Observation<String> {
        let answer = view.seen.get(&base_library::get_request(view.account()));
        match payload::<SupportVersion>(&base_library::GET, answer) {
            Ok(version) => Observation::Present(version.now_version),
            Err(why) => Observation::Unknown(why),
        }
    }

    fn desire(spec: &String, _view: &View<'_>) -> Result<String, Box<Waiting>> {
        Ok(spec.clone())
    }

    fn diff(
        _spec: &String,
        desired: &String,
        observed: &Observation<String>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let live = match observed {
            Observation::Present(live) if live == desired => return BTreeMap::new(),
            Observation::Present(live) => Some(json!(live)),
            Observation::Absent => None,
            Observation::Unknown(why) => return only(Verdict::Unknown(why.clone())),
        };
        let change = Change {
            path: Self::path(view.at),
            from: live,
            to: Some(json!(desired)),
        };
        let call = base_library::set_request(view.account(), desired);
        let account = view.account().clone();
        let step = Step::new(Action::Update, account, vec![change], vec![call]);
        only(Verdict::Step(step))
    }

    fn export(observed: &String) -> Option<String> {
        Some(observed.clone()).filter(|version| !version.is_empty())
    }

    /// A new mini-program needs none.
    fn is_nothing(observed: &String) -> bool {
        observed.is_empty()
    }
}
