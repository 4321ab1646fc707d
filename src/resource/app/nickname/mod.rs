//! The name (名称) that users see: two changes a year, most of them reviewed.
//!
//! ```text
//!   in force                          in sync
//!   under review                      waited for: asked by the id that the answer gave, or told by WeChat's push
//!   rejected                          WeChat's reason; not handed in again before the manifest changes
//!   not registered through the API    its administrator renames it
//!   used up, no licence               waited for, without a call
//!   else                              checked once, then set by a yes
//! ```

mod due;
mod journal;
mod proof;
mod review;
mod spec;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use review::{Pushed, pushed};
pub use spec::NicknameSpec;

use super::profile;
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Observation, Text, Verdict, Waiting, Why};
use crate::resource::{Assumption, At, AtMostOnce, Kind, Resource, Shown, TenantSpec, View, only};
use crate::wechat::{Call, Endpoint, basic_info, nickname};
use review::{After, asked};

/// The resource.
pub struct Nickname;

impl Resource for Nickname {
    const NAME: &'static str = "nickname";
    const OF: &'static [Kind] = &[Kind::App];
    const SETS: &'static [u16] = nickname::SET.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&basic_info::GET, &nickname::QUERY];
    const RECALLS: &'static [&'static Endpoint] = &[&nickname::SET];
    type Spec = NicknameSpec;
    type State = String;

    fn path(at: &At) -> SpecPath {
        at.root().field(Self::NAME)
    }

    fn spec<'a>(tenant: &'a TenantSpec, at: &At) -> Option<&'a NicknameSpec> {
        at.item(tenant)?.nickname.as_ref()
    }

    fn check(spec: &NicknameSpec, at: &At, found: &mut Diagnostics) {
        spec::check(spec, &Self::path(at), found);
    }

    fn needs(spec: Option<&NicknameSpec>, view: &View<'_>) -> Vec<Call> {
        let missing = profile::needs(view);
        if !missing.is_empty() {
            return missing;
        }
        let live = match (spec, Self::observe(view)) {
            (None, _) | (Some(_), Observation::Unknown(_)) => return Vec::new(),
            (Some(_), Observation::Absent) => None,
            (Some(spec), Observation::Present(live)) if live == spec.name() => return Vec::new(),
            (Some(_), Observation::Present(live)) => Some(live),
        };
        let verdict = spec.map(|spec| due::verdict(spec, live.as_deref(), view));
        verdict.and_then(Result::err).into_iter().collect()
    }

    fn observe(view: &View<'_>) -> Observation<String> {
        match profile::of(view) {
            Err(why) => Observation::Unknown(why),
            Ok(info) => match info.name() {
                None => Observation::Unknown(profile::not_said("nickname_info")),
                Some("") => Observation::Absent,
                Some(name) => Observation::Present(name.to_owned()),
            },
        }
    }

    fn desire(spec: &NicknameSpec, _view: &View<'_>) -> Result<String, Box<Waiting>> {
        Ok(spec.name().to_owned())
    }

    fn diff(
        spec: &NicknameSpec,
        desired: &String,
        observed: &Observation<String>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let live = match observed {
            Observation::Unknown(why) => return only(Verdict::Unknown(why.clone())),
            Observation::Present(live) if live == desired => return BTreeMap::new(),
            Observation::Present(live) => Some(live.as_str()),
            Observation::Absent => None,
        };
        let not_asked = |read: Call| Verdict::Unknown(Why::not_asked(read.endpoint.name));
        only(due::verdict(spec, live, view).unwrap_or_else(not_asked))
    }

    fn export(observed: &String) -> Option<NicknameSpec> {
        Some(NicknameSpec::of(observed))
    }

    /// The name is in force: whatever is said of its review later is of the past.
    fn sign(view: &View<'_>) -> Option<Shown> {
        let last = asked(view)?;
        let in_force = Self::observe(view) == Observation::Present(last.name.clone());
        (in_force && last.is_new()).then(|| Shown {
            call: last.done.call.clone(),
            shown: after(true),
        })
    }

    /// What is there is compared without being told. That nothing came of the last request is what only a person may
    /// know.
    fn assume(
        _spec: &NicknameSpec,
        view: &View<'_>,
        _key: &str,
        same: bool,
    ) -> Result<Option<Assumption>, Text> {
        let Some(last) = asked(view).filter(|_| !same) else {
            return Ok(None);
        };
        match last.not_over(view) {
            Some(why) => Err(why),
            None => Ok(Some(Assumption {
                call: last.done.call.clone(),
                shown: after(false),
            })),
        }
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&Nickname)
    }
}

fn after(in_force: bool) -> serde_json::Value {
    serde_json::to_value(After { in_force }).unwrap_or_default()
}
