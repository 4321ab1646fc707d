//! The location APIs (地理位置接口) that a mini-program has permission for. Each is applied for, and WeChat reviews it.
//!
//! ```text
//!   not applied for             applied for, once
//!   under review                waits for WeChat
//!   granted                     as declared, whatever was handed in
//!   rejected, the same material waits: not handed in again by itself
//!   rejected, other material    handed in again
//!   not for its categories      waits for another category
//! ```
//!
//! What was handed in is never shown: it is known from the operation. APIs that nobody declares are left alone; no endpoint
//! gives a permission back.

mod spec;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

pub use spec::LocationApiSpec;
pub(in crate::resource::app) use spec::is_address;

use super::odd_status;
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{
    Action, Change, Digest, Observation, Person, Reason, Step, Text, Verdict, Waiting, Why, WhyKind,
};
use crate::resource::{
    At, AtMostOnce, Kind, Outputs, Resource, Seen, Settled, TenantSpec, View, only, payload,
};
use crate::wechat::location_api::{
    self, Application, Grant, LocationApi, LocationApis as Listed, application_of,
};
use crate::wechat::{Appid, Call, Endpoint};

/// So long after other material was accepted the rejection before it may still be shown.
const LAG: SignedDuration = SignedDuration::from_mins(10);

/// The APIs that are granted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct LocationApisState(BTreeSet<String>);

/// The resource.
pub struct LocationApis;

impl Resource for LocationApis {
    const NAME: &'static str = "locationApis";
    const OF: &'static [Kind] = &[Kind::App];
    const SETS: &'static [u16] = location_api::APPLY.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&location_api::LIST];
    const RECALLS: &'static [&'static Endpoint] = &[&location_api::APPLY];
    /// A reason is never shown, and without one no manifest can declare an API.
    const EXPORTED: bool = false;
    type Spec = Vec<LocationApiSpec>;
    type State = LocationApisState;

    fn recalled_things(
        spec: &Vec<LocationApiSpec>,
        _app_id: &dyn Fn(&str) -> Option<Appid>,
    ) -> Option<Vec<String>> {
        Some(spec.iter().map(|item| item.name.clone()).collect())
    }

    fn path(at: &At) -> SpecPath {
        at.root().field(Self::NAME)
    }

    /// Whether it may be applied for WeChat's list shows.
    fn rests_on(account: &Appid) -> Vec<Call> {
        vec![location_api::list_request(account)]
    }

    fn spec<'a>(tenant: &'a TenantSpec, at: &At) -> Option<&'a Vec<LocationApiSpec>> {
        at.item(tenant)?.location_apis.as_ref()
    }

    fn asks_nothing(spec: &Vec<LocationApiSpec>) -> bool {
        spec.is_empty()
    }

    fn check(spec: &Vec<LocationApiSpec>, at: &At, found: &mut Diagnostics) {
        spec::check(spec, &Self::path(at), found);
    }

    fn needs(_spec: Option<&Vec<LocationApiSpec>>, view: &View<'_>) -> Vec<Call> {
        view.unless_seen(location_api::list_request(view.account()))
    }

    fn observe(view: &View<'_>) -> Observation<LocationApisState> {
        match listed(view.account(), view.seen) {
            Err(why) => Observation::Unknown(why),
            Ok(apis) => {
                let granted = apis.into_iter().filter(|api| api.grant() == Grant::Granted);
                Observation::Present(LocationApisState(granted.map(|api| api.api_name).collect()))
            }
        }
    }

    fn desire(
        spec: &Vec<LocationApiSpec>,
        _view: &View<'_>,
    ) -> Result<LocationApisState, Box<Waiting>> {
        let names = spec.iter().map(|item| item.name.clone());
        Ok(LocationApisState(names.collect()))
    }

    fn diff(
        spec: &Vec<LocationApiSpec>,
        _desired: &LocationApisState,
        _observed: &Observation<LocationApisState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let apis = match listed(view.account(), view.seen) {
            Ok(apis) => apis,
            Err(why) => return only(Verdict::Unknown(why)),
        };
        let items = spec.iter().enumerate();
        let verdicts = items.filter_map(|(index, item)| {
            let verdict = match apis.iter().find(|api| api.api_name == item.name) {
                Some(api) => verdict(item, index, api, view)?,
                None => Verdict::Unknown(no_such(&item.name, &apis)),
            };
            Some((item.name.clone(), verdict))
        });
        verdicts.collect()
    }

    /// What was handed in is no part of what is granted.
    fn digests(desired: &LocationApisState) -> BTreeMap<String, Digest> {
        let names = desired.0.iter();
        names.map(|name| (name.clone(), Digest::of(name))).collect()
    }

    /// An API is granted or not, in whatever spelling.
    fn shown(_: &LocationApisState, _: &LocationApisState) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    fn about(call: &Call) -> Option<Text> {
        application_of(call).map(|application| Text::list([application.api_name]))
    }

    fn export(_observed: &LocationApisState) -> Option<Vec<LocationApiSpec>> {
        None
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&LocationApis)
    }
}

fn listed(account: &Appid, seen: &Seen) -> Result<Vec<LocationApi>, Why> {
    let answer = seen.get(&location_api::list_request(account));
    let list: Listed = payload(&location_api::LIST, answer)?;
    Ok(list.interface_list)
}

/// What is to be done about one, the `index`th of the manifest. None: it is granted.
fn verdict(
    item: &LocationApiSpec,
    index: usize,
    api: &LocationApi,
    view: &View<'_>,
) -> Option<Verdict> {
    let name = &item.name;
    match api.grant() {
        Grant::Granted => None,
        Grant::NotApplied => Some(Verdict::Step(applying(item, index, api, view))),
        Grant::InReview => Some(in_review(name)),
        Grant::Rejected => Some(rejected(item, index, api, view)),
        Grant::NotAllowed => Some(Verdict::Waiting(Waiting::new(
            Reason::CategoryMissing,
            Person::Operator,
            Text::new(
                format!(
                    "微信表示该小程序没有权限申请 {name}（状态 2）：其服务类目不支持该接口；请在 categories 中添加支持的类目，通过审核后会自动申请"
                ),
                format!(
                    "WeChat says that this mini-program may not apply for {name} (status 2): its categories do not allow it. Add \
                     one that does to `categories`; it is applied for by itself once WeChat approved that"
                ),
            ),
        ))),
        Grant::Odd(status) => Some(Verdict::Unknown(odd_status(
            &format!("接口 {name}"),
            name,
            status,
        ))),
    }
}

fn in_review(name: &str) -> Verdict {
    Verdict::Waiting(Waiting::new(
        Reason::UnderReview,
        Person::Wechat,
        Text::new(
            format!("已申请接口 {name}，微信正在审核"),
            format!("{name} is applied for, and WeChat reviews it"),
        ),
    ))
}

fn rejected(item: &LocationApiSpec, index: usize, api: &LocationApi, view: &View<'_>) -> Verdict {
    let account = view.account();
    let sent = view.ops.last_of(account, &location_api::APPLY, &item.name);
    let application = sent.and_then(|sent| application_of(&sent.call));
    if let Some(sent) = sent {
        let until = sent.at.checked_add(LAG).unwrap_or(Timestamp::MAX);
        let again = sent.evidence == api.application() && sent.evidence != not_applied();
        if again && view.now < until {
            return in_review(&item.name);
        }
    }
    let reason = api.fail_reason.as_deref().filter(|text| !text.is_empty());
    let said = reason.map_or_else(
        || Text::new("微信没有给出原因", "it gave no reason"),
        |reason| Text::new(reason, reason),
    );
    if application.as_ref() != Some(&item.application()) {
        let mut step = applying(item, index, api, view);
        step.action = Action::Update;
        step.notes.push(Text::new(
            format!("微信此前驳回：{}", said.zh),
            format!("WeChat rejected what was handed in before: {}", said.en),
        ));
        if application.is_none() {
            step.notes.push(Text::new(
                "此前的申请不是由 wxops 提交的，无法与之比较",
                "what was handed in before was not by wxops, so it cannot be compared with it",
            ));
        }
        return Verdict::Step(step);
    }
    let name = &item.name;
    Verdict::Waiting(Waiting::new(
        Reason::AuditRefused,
        Person::Operator,
        Text::new(
            format!(
                "接口 {name} 的申请被驳回：{}。配置更改之前不会再次提交：请按原因修改 reason、pictures 或 video，或从配置中去掉它",
                said.zh
            ),
            format!(
                "WeChat rejected the application for {name}: {}. It is not handed in again before the manifest changes: give \
                 another `reason`, `pictures` or `video` as the reason asks, or take it out of the manifest",
                said.en
            ),
        ),
    ))
}

/// What tells an application where there was none.
fn not_applied() -> Value {
    json!([null, null])
}

fn applying(item: &LocationApiSpec, index: usize, api: &LocationApi, view: &View<'_>) -> Step {
    let account = view.account().clone();
    let application = item.application();
    let call = location_api::apply_request(&account, &application);
    let sent = view.ops.last_of(&account, &location_api::APPLY, &item.name);
    let before: Option<Application> = sent
        .filter(|_| api.grant() == Grant::Rejected)
        .and_then(|sent| application_of(&sent.call));
    let change = Change {
        path: LocationApis::path(view.at).index(index),
        from: before.map(|before| json!(spoken(&before))),
        to: Some(json!(spoken(&application))),
    };
    let mut step = Step::new(Action::Create, account, vec![change], vec![call]);
    step.evidence = api.application();
    step.notes.push(Text::new(
        "随后由微信审核；通过之前，使用该接口的代码不能提交审核",
        "WeChat reviews it then; until it is granted, code that uses it cannot be submitted",
    ));
    step
}

/// An application as a manifest says it.
fn spoken(application: &Application) -> LocationApiSpec {
    LocationApiSpec {
        name: application.api_name.clone(),
        reason: application.content.clone(),
        pictures: application.pic_list.clone(),
        video: application.video_list.first().cloned(),
    }
}

fn no_such(name: &str, apis: &[LocationApi]) -> Why {
    let names = Text::list(apis.iter().map(|api| api.api_name.as_str()));
    not_comparable(
        format!(
            "微信的列表中没有接口 {name}：名称写错（区分大小写）或无需申请；可以申请的有 {}。请修改配置",
            names.zh
        ),
        format!(
            "WeChat lists no API {name}: it is misspelled (capitals count) or needs no application; there are {}. Correct \
             the manifest",
            names.en
        ),
    )
}

fn not_comparable(zh: String, en: String) -> Why {
    Why {
        kind: WhyKind::NotComparable,
        text: Text::new(zh, en),
    }
}

impl AtMostOnce for LocationApis {
    fn knows(&self, call: &Call) -> bool {
        call.endpoint == &location_api::APPLY
    }

    /// The API's name.
    fn thing(&self, call: &Call) -> Option<String> {
        application_of(call).map(|application| application.api_name)
    }

    fn ids(&self, _call: &Call, _evidence: &Value, _body: &Value) -> Outputs {
        Outputs::new()
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        vec![location_api::list_request(&call.subject)]
    }

    /// Under review or granted: whoever applied, it is so. Rejected: it is the rejection that was there before, or one of an
    /// application that is newer.
    fn settle(&self, call: &Call, evidence: &Value, seen: &Seen) -> Settled {
        let (Ok(apis), Some(name)) = (listed(&call.subject, seen), self.thing(call)) else {
            return Settled::Undecided;
        };
        let Some(api) = apis.iter().find(|api| api.api_name == name) else {
            return Settled::Undecided;
        };
        match api.grant() {
            Grant::InReview | Grant::Granted => Settled::Done(Outputs::new()),
            Grant::NotApplied | Grant::NotAllowed => Settled::NotDone,
            Grant::Rejected if api.application() == not_applied() => Settled::Ambiguous,
            Grant::Rejected if api.application() == *evidence => Settled::NotDone,
            Grant::Rejected => Settled::Done(Outputs::new()),
            Grant::Odd(_) => Settled::Ambiguous,
        }
    }
}
