//! The industries (所属行业) of an official account: the old template model's way to say which templates it may choose.
//!
//! They can be changed once a month, and WeChat deletes the templates of an industry that is dropped, so a change is
//! costly and says which templates go. `api_set_industry` sets both industries at once and is sent at most once;
//! `get_industry` decides before and after (developers.weixin.qq.com, setIndustry).
//!
//! Whether the call does anything for an account that is wholly on the new model (service categories) is not known;
//! where it does nothing, that is said of the change that WeChat accepted and then does not show.

mod journal;
mod spec;
mod state;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde_json::json;

pub use spec::IndustrySpec;
pub use state::{Branch, IndustryState};

use super::{
    At, AtMostOnce, Kind, Observation, Resource, TenantSpec, View, authorization, only, payload,
};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Action, Change, Costly, Step, Text, Verdict, Waiting, Why, WhyKind};
use crate::wechat::template::{self, Template, Templates};
use crate::wechat::{Answer, Call, Endpoint, ErrorClass, industry};

/// The resource.
pub struct Industry;

impl Resource for Industry {
    const NAME: &'static str = "industry";
    const OF: &'static [Kind] = &[Kind::Official];
    const SETS: &'static [u16] = industry::SET.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&industry::GET];
    type Spec = IndustrySpec;
    type State = IndustryState;

    fn path(_at: &At) -> SpecPath {
        SpecPath::root().field("officialAccount").field("industry")
    }

    fn spec<'a>(tenant: &'a TenantSpec, _at: &At) -> Option<&'a IndustrySpec> {
        tenant.official_account.as_ref()?.industry.as_ref()
    }

    fn check(spec: &IndustrySpec, at: &At, found: &mut Diagnostics) {
        spec::check(spec, &Self::path(at), found);
    }

    fn needs(spec: Option<&IndustrySpec>, view: &View<'_>) -> Vec<Call> {
        if authorization::no_template_messages(view.facts).is_some() {
            return Vec::new();
        }
        let get = industry::get_request(view.account());
        if !view.seen.contains_key(&get) {
            return vec![get];
        }
        // Which templates a change would cost, only where there is one.
        let list = template::list_request(view.account());
        let observed = Self::observe(view);
        let due = spec.is_some_and(|spec| match &observed {
            Observation::Unknown(_) => false,
            Observation::Absent => true,
            Observation::Present(live) => spec.state(Some(live)) != *live,
        });
        if due && !view.seen.contains_key(&list) {
            return vec![list];
        }
        Vec::new()
    }

    fn observe(view: &View<'_>) -> Observation<IndustryState> {
        if let Some(none) = authorization::no_templates_to_see(view.facts) {
            return none;
        }
        state::observe(view.seen.get(&industry::get_request(view.account())))
    }

    fn desire(spec: &IndustrySpec, view: &View<'_>) -> Result<IndustryState, Box<Waiting>> {
        if let Some(waiting) = authorization::no_template_messages(view.facts) {
            return Err(Box::new(
                waiting.then(Text::new("设置所属行业", "set the industries")),
            ));
        }
        let live = match Self::observe(view) {
            Observation::Present(live) => Some(live),
            Observation::Absent | Observation::Unknown(_) => None,
        };
        Ok(spec.state(live.as_ref()))
    }

    fn diff(
        spec: &IndustrySpec,
        desired: &IndustryState,
        observed: &Observation<IndustryState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let live = match observed {
            Observation::Unknown(why) => return only(Verdict::Unknown(why.clone())),
            Observation::Absent => None,
            Observation::Present(live) if live == desired => return BTreeMap::new(),
            Observation::Present(live) => Some(live),
        };
        only(match set(spec, desired, live, view) {
            Ok(step) => Verdict::Step(step),
            Err(why) => Verdict::Unknown(why),
        })
    }

    fn not_shown_because() -> Option<Text> {
        Some(Text::new(
            "账号可能已是新模板模式（按服务类目），行业设置不再起作用：请从配置中去掉 industry，或在公众平台设置",
            "the account may be on the new template model (service categories), where industries have no effect: take \
             `industry` out of the manifest, or set it in WeChat's console",
        ))
    }

    fn export(observed: &IndustryState) -> Option<IndustrySpec> {
        // One industry set twice is declared once.
        let secondary = observed
            .secondary
            .as_ref()
            .filter(|secondary| **secondary != observed.primary);
        Some(IndustrySpec {
            primary: observed.primary.known()?.name(),
            secondary: match secondary {
                Some(branch) => Some(branch.known()?.name()),
                None => None,
            },
        })
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&Industry)
    }
}

fn set(
    spec: &IndustrySpec,
    desired: &IndustryState,
    live: Option<&IndustryState>,
    view: &View<'_>,
) -> Result<Step, Why> {
    let primary = desired.primary.known();
    // Both ids are required. Where no second industry is wanted or there, the first one is sent twice: any other
    // would choose an industry for the owner that nobody asked for.
    let secondary = match &desired.secondary {
        Some(branch) => branch.known(),
        None => primary,
    };
    let (Some(primary), Some(secondary)) = (primary, secondary) else {
        return Err(unknown_name(desired));
    };
    let changes = changes(desired, live);
    let templates = templates(view)?;
    let call = industry::set_request(view.account(), primary.code, secondary.code);
    let action = if live.is_some() {
        Action::Update
    } else {
        Action::Create
    };
    let mut step = Step::new(action, view.account().clone(), changes, vec![call]);
    step.costly = Some(Costly::SetIndustry);
    if spec.secondary.is_none()
        && let Some(kept) = &desired.secondary
    {
        let kept = kept.name();
        step.notes.push(Text::new(
            format!("副营行业保留 {kept}"),
            format!("the secondary industry stays {kept}"),
        ));
    }
    step.notes.extend(cost(desired, live, &templates));
    Ok(step)
}

fn changes(desired: &IndustryState, live: Option<&IndustryState>) -> Vec<Change> {
    let path = Industry::path(&At::OFFICIAL);
    let name = |branch: &Branch| json!(branch.name());
    let mut found = Vec::new();
    if live.map(|live| &live.primary) != Some(&desired.primary) {
        found.push(Change {
            path: path.field("primary"),
            from: live.map(|live| name(&live.primary)),
            to: Some(name(&desired.primary)),
        });
    }
    let before = live.and_then(|live| live.secondary.as_ref());
    if before != desired.secondary.as_ref() {
        found.push(Change {
            path: path.field("secondary"),
            from: before.map(name),
            to: desired.secondary.as_ref().map(name),
        });
    }
    found
}

/// What is kept cannot be sent: WeChat shows a name that its own table of codes lacks.
fn unknown_name(desired: &IndustryState) -> Why {
    let kept = desired
        .secondary
        .as_ref()
        .map(Branch::name)
        .unwrap_or_default();
    Why {
        kind: WhyKind::NotComparable,
        text: Text::new(
            format!("线上的副营行业 {kept} 不在微信的行业代码表中，无法原样保留；请写明 secondary"),
            format!(
                "the secondary industry at WeChat, {kept}, is none that can be set, so it cannot be kept as it is: \
                 write `secondary`"
            ),
        ),
    }
}

fn templates(view: &View<'_>) -> Result<Vec<Template>, Why> {
    let answer = view.seen.get(&template::list_request(view.account()));
    payload::<Templates>(&template::LIST, answer).map(|answer| answer.template_list)
}

/// What the change costs: the templates that WeChat deletes with their industry.
fn cost(
    desired: &IndustryState,
    live: Option<&IndustryState>,
    templates: &[Template],
) -> Vec<Text> {
    let mut notes = Vec::new();
    let gone: Vec<&str> = templates
        .iter()
        .filter(|template| !template.is_of_category() && !template.is_built_in())
        .filter(|template| {
            let branch = Branch::of(&template.primary_industry, &template.deputy_industry);
            live.is_some_and(|live| live.has(&branch)) && !desired.has(&branch)
        })
        .map(|template| template.title.as_str())
        .collect();
    if !gone.is_empty() {
        let (count, titles) = (gone.len(), gone.join("、"));
        notes.push(Text::new(
            format!("微信会删除被替换行业的 {count} 个模板：{titles}"),
            format!("WeChat will delete the templates of the dropped industry, {count} in number: {titles}"),
        ));
    }
    if templates.iter().any(Template::is_of_category) {
        notes.push(Text::new(
            "账号已有类目模板（新模板模式），行业设置可能不起作用；若不起作用，不会重复设置",
            "the account has templates of service categories (the new model), where industries may have no effect; \
             if so, this is not repeated",
        ));
    }
    notes
}

/// Whether the answer of `get_industry` says that they were never set.
fn never_set(answer: &Answer) -> bool {
    matches!(answer, Answer::Refused(error) if error.class == ErrorClass::NotFound)
}
