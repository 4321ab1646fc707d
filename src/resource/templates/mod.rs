//! The message templates (模板消息) of an official account, which business code asks for by name.
//!
//! WeChat gives a chosen template an id of its own and never again the short id it was chosen by. So what a template
//! is, until its id is known, are its title and the labels of its text; from then on the id decides. Adding is not
//! idempotent: it is journaled, and an added template whose answer was lost is recognised as one that was not there
//! before. Templates that nobody declares are reported, or deleted where the manifest says so: a deleted template's
//! id is gone for good, and messages sent with it fail, so that costs a yes.

mod check;
pub(super) mod due;
pub(super) mod journal;
pub(super) mod matching;
mod spec;
mod state;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub(super) use check::is_name;
pub use spec::{ForeignSpec, TemplateSpec, TemplatesSpec};
pub use state::{TemplateState, TemplatesState};

/// Whether what a call made is recognised by what the store remembers, and by no read alone: WeChat tells neither the
/// short id nor always the title that a template was added by, nor which documents a category has.
#[must_use]
pub fn is_known_by_memory(endpoint: &'static Endpoint) -> bool {
    [&template::ADD, &subscribe_message::ADD, &category::MODIFY].contains(&endpoint)
}

use super::{
    At, AtMostOnce, Kind, Observation, Outputs, Resource, TenantSpec, View, authorization, only,
};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Digest, Text, Verdict, Waiting};
use crate::wechat::{Appid, Call, Endpoint, category, industry, subscribe_message, template};

use due::Due;
use matching::matching;

/// The resource.
pub struct Templates;

/// The output that holds the id of the template of this name, of message templates or of another resource's.
pub(super) fn output(of: &'static str, name: &str) -> String {
    format!("{of}.{name}")
}

impl Resource for Templates {
    const NAME: &'static str = "templates";
    const OF: &'static [Kind] = &[Kind::Official];
    const SETS: &'static [u16] = template::ADD.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&template::LIST];

    fn rests_on(account: &Appid) -> Vec<Call> {
        vec![industry::get_request(account)]
    }
    type Spec = TemplatesSpec;
    type State = TemplatesState;

    fn path(_at: &At) -> SpecPath {
        SpecPath::root().field("officialAccount").field("templates")
    }

    fn spec<'a>(tenant: &'a TenantSpec, _at: &At) -> Option<&'a TemplatesSpec> {
        tenant.official_account.as_ref()?.templates.as_ref()
    }

    fn check(spec: &TemplatesSpec, at: &At, found: &mut Diagnostics) {
        check::check(spec, &Self::path(at), found);
    }

    fn needs(spec: Option<&TemplatesSpec>, view: &View<'_>) -> Vec<Call> {
        if authorization::no_template_messages(view.facts).is_some() {
            return Vec::new();
        }
        let list = template::list_request(view.account());
        if !view.seen.contains_key(&list) {
            return vec![list];
        }
        let (Some(spec), Observation::Present(live)) = (spec, state::observe(view.seen.get(&list)))
        else {
            return Vec::new();
        };
        let categories = template::categories_request(view.account());
        let desired = spec.state();
        let asks = matching(Self::NAME, spec, &desired, &live, view)
            .missing
            .into_iter()
            .any(|(_, item)| item.category_to_ask_for().is_some());
        if asks && !view.seen.contains_key(&categories) {
            return vec![categories];
        }
        Vec::new()
    }

    fn observe(view: &View<'_>) -> Observation<TemplatesState> {
        if let Some(none) = authorization::no_templates_to_see(view.facts) {
            return none;
        }
        match state::observe(view.seen.get(&template::list_request(view.account()))) {
            Observation::Present(live) if live.templates.is_empty() => Observation::Absent,
            observed
            @ (Observation::Present(_) | Observation::Absent | Observation::Unknown(_)) => observed,
        }
    }

    fn desire(spec: &TemplatesSpec, view: &View<'_>) -> Result<TemplatesState, Box<Waiting>> {
        match authorization::no_template_messages(view.facts) {
            Some(waiting) => Err(Box::new(
                waiting.then(Text::new("添加模板消息", "add the templates")),
            )),
            None => Ok(spec.state()),
        }
    }

    fn diff(
        spec: &TemplatesSpec,
        desired: &TemplatesState,
        observed: &Observation<TemplatesState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let none = TemplatesState::default();
        let live = match observed {
            Observation::Unknown(why) => return only(Verdict::Unknown(why.clone())),
            Observation::Absent => &none,
            Observation::Present(live) => live,
        };
        Due {
            spec,
            desired,
            live,
            view,
        }
        .verdicts()
    }

    fn digests(desired: &TemplatesState) -> BTreeMap<String, Digest> {
        desired
            .templates
            .iter()
            .map(|(name, template)| (name.clone(), Digest::of(template)))
            .collect()
    }

    /// The id that WeChat gave decides, whatever it calls the template: `unlike` says where that differs.
    fn shown(_: &TemplatesState, _: &TemplatesState) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    fn export(observed: &TemplatesState) -> Option<TemplatesSpec> {
        spec::exported(observed)
    }

    fn is_nothing(observed: &TemplatesState) -> bool {
        observed.chosen() == 0
    }

    fn outputs(
        spec: &TemplatesSpec,
        observed: &TemplatesState,
        view: &View<'_>,
        outputs: &mut Outputs,
    ) {
        let desired = spec.state();
        for (name, id) in matching(Self::NAME, spec, &desired, observed, view).in_force {
            outputs.insert(output(Self::NAME, name), id.to_owned());
        }
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&Templates)
    }
}
