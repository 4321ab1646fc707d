//! The open account (开放平台账号) that gives a tenant's accounts common unionids.
//!
//! `open/create` is not idempotent and -1 has been reported for calls that did create one, so it is asked for at
//! most once: `open/get` decides before and after (developers.weixin.qq.com, createOpenAccount).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    At, AtMostOnce, Kind, Observation, Outputs, Resource, Seen, Settled, TenantSpec, View, only,
    payload,
};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Action, Change, Digest, Person, Reason, Step, Text, Verdict, Waiting, Why};
use crate::wechat::{Answer, Appid, Call, Endpoint, ErrorClass, open_account};

/// What a manifest says of the open account: exactly one of the fields.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct OpenAccountSpec {
    /// `true`: whichever open account the official account is bound to; one is created where there is none.
    #[schemars(extend("const" = true, "x-calls" = ["open/create", "open/get"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub create: Option<bool>,
    /// An open account that exists already.
    #[schemars(extend("x-calls" = ["open/bind", "open/get"]))]
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

/// What the official account is bound to.
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
    const OF: &'static [Kind] = &[Kind::Official];
    const SETS: &'static [u16] = open_account::GET.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&open_account::GET];
    type Spec = OpenAccountSpec;
    type State = OpenAccountState;

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

    fn needs(_spec: Option<&OpenAccountSpec>, view: &View<'_>) -> Vec<Call> {
        let read = open_account::get_request(view.account());
        if view.seen.contains_key(&read) {
            Vec::new()
        } else {
            vec![read]
        }
    }

    fn observe(view: &View<'_>) -> Observation<OpenAccountState> {
        observe_bound(view.seen.get(&open_account::get_request(view.account())))
    }

    fn desire(spec: &OpenAccountSpec, _view: &View<'_>) -> Result<OpenAccountState, Box<Waiting>> {
        Ok(match &spec.bind {
            Some(bind) => OpenAccountState::Bound(bind.app_id.clone()),
            None => OpenAccountState::Any,
        })
    }

    fn diff(
        _spec: &OpenAccountSpec,
        desired: &OpenAccountState,
        observed: &Observation<OpenAccountState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        match (desired, observed) {
            (_, Observation::Unknown(why)) => only(Verdict::Unknown(why.clone())),
            (OpenAccountState::Any, Observation::Present(_)) => BTreeMap::new(),
            (desired, Observation::Present(live)) if desired == live => BTreeMap::new(),
            (OpenAccountState::Bound(wanted), Observation::Present(live)) => {
                only(bound_elsewhere(wanted, live))
            }
            (desired, Observation::Absent) => {
                only(Verdict::Step(bind_step(desired, view.account())))
            }
        }
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

    fn outputs(
        _spec: &OpenAccountSpec,
        observed: &OpenAccountState,
        _view: &View<'_>,
        outputs: &mut Outputs,
    ) {
        if let OpenAccountState::Bound(appid) = observed {
            outputs.insert(OUTPUT.to_owned(), appid.to_string());
        }
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&OpenAccount)
    }
}

impl AtMostOnce for OpenAccount {
    fn knows(&self, call: &Call) -> bool {
        call.endpoint == &open_account::CREATE || call.endpoint == &open_account::BIND
    }

    fn ids(&self, call: &Call, _evidence: &Value, body: &Value) -> Outputs {
        let appid = wanted_open_appid(call).or_else(|| Some(made(body)?.to_string()));
        appid
            .map(|appid| (OUTPUT.to_owned(), appid))
            .into_iter()
            .collect()
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        vec![open_account::get_request(&call.subject)]
    }

    fn settle(&self, call: &Call, _evidence: &Value, seen: &Seen) -> Settled {
        match observe_bound(seen.get(&open_account::get_request(&call.subject))) {
            Observation::Present(OpenAccountState::Bound(appid)) => {
                let wanted = wanted_open_appid(call);
                if wanted.is_none_or(|wanted| wanted == appid.as_str()) {
                    Settled::Done(BTreeMap::from([(OUTPUT.to_owned(), appid.to_string())]))
                } else {
                    Settled::NotDone
                }
            }
            Observation::Absent => Settled::NotDone,
            Observation::Present(OpenAccountState::Any) | Observation::Unknown(_) => {
                Settled::Undecided
            }
        }
    }
}

/// The open account a bind call names; none for a create call.
fn wanted_open_appid(call: &Call) -> Option<String> {
    let body: Value = serde_json::from_str(call.body()).ok()?;
    Some(body.get("open_appid")?.as_str()?.to_owned())
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

/// The open account that a create made, where its answer says so.
fn made(body: &Value) -> Option<Appid> {
    let answer = open_account::OpenAccount::deserialize(body).ok()?;
    answer.open_appid.parse().ok()
}

fn bind_step(desired: &OpenAccountState, account: &Appid) -> Step {
    let account = account.clone();
    let (call, path, to) = match desired {
        OpenAccountState::Any => (
            Call::new(
                &open_account::CREATE,
                account.clone(),
                &json!({"appid": account}),
            ),
            OpenAccount::path(&At::OFFICIAL).field("create"),
            json!(true),
        ),
        OpenAccountState::Bound(appid) => (
            open_account::bind_request(&account, appid),
            OpenAccount::path(&At::OFFICIAL)
                .field("bind")
                .field("appId"),
            json!(appid),
        ),
    };
    let change = Change {
        path,
        from: None,
        to: Some(to),
    };
    Step::new(Action::Create, account, vec![change], vec![call])
}

fn bound_elsewhere(wanted: &Appid, live: &OpenAccountState) -> Verdict {
    let live = match live {
        OpenAccountState::Bound(appid) => appid.to_string(),
        OpenAccountState::Any => String::new(),
    };
    Verdict::Waiting(Waiting::new(
        Reason::NeedsApproval,
        Person::Operator,
        Text::new(
            format!(
                "账号已绑定开放平台账号 {live},要改绑到 {wanted} 须先解绑;解绑需要审批,本版本尚不支持"
            ),
            format!(
                "the account is bound to open account {live}; binding it to {wanted} means unbinding it first, \
                 which needs an approval that this version does not know yet"
            ),
        ),
    ))
}
