//! The open account (开放平台账号) that gives a tenant's accounts common unionids.
//!
//! It is declared once, and every account has its own entry: the first is put into one, the others follow. `open/create`
//! is not idempotent and -1 has been reported for calls that did create one, so it is asked for at most once: `open/get`
//! decides before and after (developers.weixin.qq.com, createOpenAccount). Leaving another open account changes the
//! unionids of an account's users, so that takes a yes.

mod common;
mod due;
mod journal;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::common::Common;
use super::{
    At, AtMostOnce, Kind, Observation, Outputs, Resource, TenantSpec, View, only, payload,
};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Digest, Verdict, Waiting, Why};
use crate::wechat::{Answer, Appid, Call, Endpoint, ErrorClass, open_account};

/// What a manifest says of the open account: exactly one of the fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct OpenAccountSpec {
    /// `true`: whichever open account the official account is in, or else the first of the mini-programs that is in
    /// one; all others are bound to it. One is created where there is none.
    #[schemars(extend("const" = true, "x-calls" = ["open/create", "open/bind", "open/unbind", "open/get"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create: Option<bool>,
    /// An open account that exists already; all the tenant's accounts are bound to it.
    #[schemars(extend("x-calls" = ["open/bind", "open/unbind", "open/get"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bind: Option<BindSpec>,
}

/// An open account that exists already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BindSpec {
    /// Its appid.
    #[schemars(extend("x-wire" = "open_appid"))]
    pub app_id: Appid,
}

/// What an account is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum OpenAccountState {
    /// Some open account; only ever desired.
    Any,
    /// This one.
    Bound(Appid),
}

/// The output business code asks for.
const OUTPUT: &str = "openAccount.appId";

/// The resource.
pub struct OpenAccount;

impl Resource for OpenAccount {
    const NAME: &'static str = "openAccount";
    const OF: &'static [Kind] = &[Kind::Official, Kind::App];
    const SETS: &'static [u16] = open_account::GET.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&open_account::GET];
    type Spec = OpenAccountSpec;
    type State = OpenAccountState;

    fn sets_of(kind: Kind) -> &'static [u16] {
        match kind {
            Kind::Official => &[24],
            Kind::App => &[25],
            Kind::Platform => &[],
        }
    }

    fn path(_at: &At) -> SpecPath {
        SpecPath::root().field("openAccount")
    }

    fn spec<'a>(tenant: &'a TenantSpec, _at: &At) -> Option<&'a OpenAccountSpec> {
        tenant.open_account.as_ref()
    }

    fn check(spec: &OpenAccountSpec, at: &At, found: &mut Diagnostics) {
        let ok = matches!(
            (&spec.create, &spec.bind),
            (Some(true), None) | (None, Some(_))
        );
        if !ok {
            found.error(
                "WX1210",
                Self::path(at),
                "openAccount must be exactly one of `create: true` and `bind: {appId: …}`",
                "one choice is expected here",
                Some("leave openAccount out to leave the open account alone"),
            );
        }
    }

    fn needs(spec: Option<&OpenAccountSpec>, view: &View<'_>) -> Vec<Call> {
        let own = open_account::get_request(view.account());
        let others = spec
            .filter(|spec| spec.bind.is_none())
            .map(|_| common::reads(view));
        let mut reads: Vec<Call> = others.into_iter().flatten().chain([own]).collect();
        reads.retain(|read| !view.seen.contains_key(read));
        reads
    }

    fn observe(view: &View<'_>) -> Observation<OpenAccountState> {
        observe_bound(view.seen.get(&open_account::get_request(view.account())))
    }

    fn desire(spec: &OpenAccountSpec, view: &View<'_>) -> Result<OpenAccountState, Box<Waiting>> {
        if let Some(bind) = &spec.bind {
            return Ok(OpenAccountState::Bound(bind.app_id.clone()));
        }
        if let Observation::Unknown(_) = Self::observe(view) {
            return Ok(OpenAccountState::Any);
        }
        match common::of(view) {
            Common::Is { first, .. } | Common::None { maker: first } | Common::NotKnown(first)
                if *first == view.at.whose =>
            {
                Ok(OpenAccountState::Any)
            }
            Common::Is { open, .. } => Ok(OpenAccountState::Bound(open)),
            Common::None { maker } => Err(Box::new(due::after(maker))),
            Common::NotKnown(whose) => Err(Box::new(due::not_known(whose))),
            Common::Remembered { open, shut } => Err(Box::new(due::remembered(open, shut))),
        }
    }

    fn diff(
        spec: &OpenAccountSpec,
        desired: &OpenAccountState,
        observed: &Observation<OpenAccountState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let step = match (desired, observed) {
            (_, Observation::Unknown(why)) => return only(Verdict::Unknown(why.clone())),
            (OpenAccountState::Any, Observation::Present(_)) => return BTreeMap::new(),
            (desired, Observation::Present(live)) if desired == live => return BTreeMap::new(),
            (OpenAccountState::Bound(wanted), Observation::Present(live)) => {
                due::moving(spec, wanted, live, view.account())
            }
            (OpenAccountState::Any, Observation::Absent) => due::creating(view.account()),
            (OpenAccountState::Bound(wanted), Observation::Absent) => {
                due::binding(spec, wanted, view.account())
            }
        };
        only(Verdict::Step(step))
    }

    /// An open account is this one or another, in whatever spelling.
    fn shown(_: &OpenAccountState, _: &OpenAccountState) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    fn export(observed: &OpenAccountState) -> Option<OpenAccountSpec> {
        let OpenAccountState::Bound(_) = observed else {
            return None;
        };
        // Whichever it is: a manifest that names the appid would stop matching when the owner binds another one.
        Some(OpenAccountSpec {
            create: Some(true),
            bind: None,
        })
    }

    /// It is the tenant's: the first of its accounts that is in one tells which.
    fn outputs(
        _spec: &OpenAccountSpec,
        observed: &OpenAccountState,
        view: &View<'_>,
        outputs: &mut Outputs,
    ) {
        let told_here =
            matches!(common::of(view), Common::Is { first, .. } if *first == view.at.whose);
        if let (OpenAccountState::Bound(appid), true) = (observed, told_here) {
            outputs.insert(OUTPUT.to_owned(), appid.to_string());
        }
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&OpenAccount)
    }
}

/// The open account that an account is in, as far as it was read.
pub(super) fn bound(view: &View<'_>) -> Observation<Appid> {
    match OpenAccount::observe(view) {
        Observation::Present(OpenAccountState::Bound(open)) => Observation::Present(open),
        Observation::Absent => Observation::Absent,
        Observation::Present(OpenAccountState::Any) => {
            Observation::Unknown(Why::not_asked(open_account::GET.name))
        }
        Observation::Unknown(why) => Observation::Unknown(why),
    }
}

fn observe_bound(answer: Option<&Answer>) -> Observation<OpenAccountState> {
    if let Some(Answer::Refused(error)) = answer
        && error.class == ErrorClass::NotFound
    {
        return Observation::Absent;
    }
    // A missing errcode occurs on success, so the presence of `open_appid` decides.
    match payload::<open_account::OpenAccount>(&open_account::GET, answer) {
        Ok(answer) => match answer.open_appid.parse() {
            Ok(appid) => Observation::Present(OpenAccountState::Bound(appid)),
            Err(error) => {
                Observation::Unknown(Why::unreadable(open_account::GET.name, &error.to_string()))
            }
        },
        Err(why) => Observation::Unknown(why),
    }
}

#[cfg(test)]
mod tests;
