//! The templates of an official account's subscription notifications (订阅通知), which business code asks for by name.
//!
//! What is true of message templates is true of these: the library's number is never read back, so a template is told
//! by its title and its keywords until its id is known, and an added one whose answer was lost is recognised as one
//! that was not there before. So both are matched and settled by the same rules. Undeclared ones are left alone.

mod check;
mod due;
mod library;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::templates::matching::matching;
use super::templates::{self, TemplateSpec, TemplateState, TemplatesSpec, TemplatesState};
use super::{
    At, AtMostOnce, Kind, Observation, Outputs, Resource, Seen, Settled, TenantSpec, View, only,
    payload,
};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Digest, Verdict, Waiting, Why};
use crate::wechat::subscribe_message::{self, Added};
use crate::wechat::template::labels;
use crate::wechat::text::visible;
use crate::wechat::{Answer, Call, Endpoint};

/// One template of subscription notifications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubscribeMessageSpec {
    /// The name business code asks by.
    pub name: String,
    /// Its number in WeChat's library. Left out: a template that is there is taken, and none is ever added.
    #[schemars(schema_with = "tid", extend("x-wire" = "tid"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tid: Option<String>,
    /// Its title in the library.
    pub title: String,
    /// The labels of its lines, in order.
    #[schemars(extend("x-wire" = "kidList", "x-limit" = "2 to 5 of the library's", "x-calls" = ["newtmpl/getpubtemplatekeywords"]))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// What it is for. WeChat is told when the template is added and never says it again, so changing it does nothing.
    #[schemars(extend("x-wire" = "sceneDesc", "x-limit" = "15 characters"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scene: Option<String>,
    /// Its id at this account: which of several that look alike.
    #[schemars(extend("x-wire" = "priTmplId"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// A number that is kept as the text it is; it may stand without quotes.
fn tid(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["string", "integer"], "pattern": "^[0-9]+$"})
}

/// The resource.
pub struct SubscribeMessages;

impl Resource for SubscribeMessages {
    const NAME: &'static str = "subscribeMessages";
    const OF: &'static [Kind] = &[Kind::Official];
    const SETS: &'static [u16] = subscribe_message::ADD.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&subscribe_message::LIST];
    type Spec = Vec<SubscribeMessageSpec>;
    type State = TemplatesState;

    fn path(_at: &At) -> SpecPath {
        SpecPath::root()
            .field("officialAccount")
            .field("subscribeMessages")
    }

    fn spec<'a>(tenant: &'a TenantSpec, _at: &At) -> Option<&'a Vec<SubscribeMessageSpec>> {
        tenant
            .official_account
            .as_ref()?
            .subscribe_messages
            .as_ref()
    }

    fn asks_nothing(spec: &Vec<SubscribeMessageSpec>) -> bool {
        spec.is_empty()
    }

    fn check(spec: &Vec<SubscribeMessageSpec>, at: &At, found: &mut Diagnostics) {
        check::check(spec, &Self::path(at), found);
    }

    fn needs(spec: Option<&Vec<SubscribeMessageSpec>>, view: &View<'_>) -> Vec<Call> {
        let list = subscribe_message::list_request(view.account());
        if !view.seen.contains_key(&list) {
            return vec![list];
        }
        let (Some(spec), Observation::Present(live)) = (spec, Self::observe(view)) else {
            return Vec::new();
        };
        let spec = as_templates(spec);
        let found = matching(Self::NAME, &spec, &spec.state(), &live, view);
        let missing = found.missing.iter();
        missing
            .filter_map(|(_, item)| item.short_id.as_deref())
            .flat_map(|tid| library::needs(tid, view))
            .collect()
    }

    fn observe(view: &View<'_>) -> Observation<TemplatesState> {
        observe(
            view.seen
                .get(&subscribe_message::list_request(view.account())),
        )
    }

    fn desire(
        spec: &Vec<SubscribeMessageSpec>,
        _view: &View<'_>,
    ) -> Result<TemplatesState, Box<Waiting>> {
        Ok(as_templates(spec).state())
    }

    fn diff(
        spec: &Vec<SubscribeMessageSpec>,
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
        due::verdicts(spec, desired, live, view)
    }

    fn digests(desired: &TemplatesState) -> BTreeMap<String, Digest> {
        templates::Templates::digests(desired)
    }

    /// The id that WeChat gave decides, whatever it calls the template.
    fn shown(_: &TemplatesState, _: &TemplatesState) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    fn export(observed: &TemplatesState) -> Option<Vec<SubscribeMessageSpec>> {
        let items = templates::Templates::export(observed)?.items.into_iter();
        let items = items.map(|item| SubscribeMessageSpec {
            name: item.name,
            tid: None,
            title: item.title,
            keywords: item.keywords,
            scene: None,
            id: item.id,
        });
        Some(items.collect())
    }

    fn is_nothing(observed: &TemplatesState) -> bool {
        observed.templates.is_empty()
    }

    fn outputs(
        spec: &Vec<SubscribeMessageSpec>,
        observed: &TemplatesState,
        view: &View<'_>,
        outputs: &mut Outputs,
    ) {
        let spec = as_templates(spec);
        for (name, id) in matching(Self::NAME, &spec, &spec.state(), observed, view).in_force {
            outputs.insert(templates::output(Self::NAME, name), id.to_owned());
        }
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&SubscribeMessages)
    }
}

/// The same things as message templates, which they are matched like.
fn as_templates(spec: &[SubscribeMessageSpec]) -> TemplatesSpec {
    let items = spec.iter().cloned().map(|item| TemplateSpec {
        name: item.name,
        short_id: item.tid,
        title: item.title,
        keywords: item.keywords,
        category: None,
        id: item.id,
    });
    TemplatesSpec {
        items: items.collect(),
        ..TemplatesSpec::default()
    }
}

/// Folds the answer of `gettemplate`. An empty list is present and empty.
fn observe(answer: Option<&Answer>) -> Observation<TemplatesState> {
    let list = match payload::<subscribe_message::Templates>(&subscribe_message::LIST, answer) {
        Ok(answer) => answer.data,
        Err(why) => return Observation::Unknown(why),
    };
    let one = |template: &subscribe_message::Template| TemplateState {
        title: visible(&template.title),
        labels: labels(&template.content),
        short_id: None,
        built_in: false,
    };
    let templates: BTreeMap<String, TemplateState> = list
        .iter()
        .map(|template| (template.id.clone(), one(template)))
        .collect();
    if templates.contains_key("") || templates.len() < list.len() {
        return Observation::Unknown(Why::unreadable(
            subscribe_message::LIST.name,
            "a template has no id, or another one's",
        ));
    }
    Observation::Present(TemplatesState { templates })
}

impl AtMostOnce for SubscribeMessages {
    fn knows(&self, call: &Call) -> bool {
        call.endpoint == &subscribe_message::ADD
    }

    /// The number with a digest of the keywords: one template of the library can be chosen with several sets of them.
    fn thing(&self, call: &Call) -> Option<String> {
        let body: Value = serde_json::from_str(call.body()).ok()?;
        let kids = Digest::of(body.get("kidList")?);
        Some(format!("{}-{}", body.get("tid")?.as_str()?, kids.short(8)))
    }

    fn ids(&self, _call: &Call, evidence: &Value, body: &Value) -> Outputs {
        Added::deserialize(body).map_or_else(
            |_| Outputs::new(),
            |added| templates::journal::given_out(Self::NAME, evidence, added.id),
        )
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        vec![subscribe_message::list_request(&call.subject)]
    }

    fn settle(&self, call: &Call, evidence: &Value, seen: &Seen) -> Settled {
        match observe(seen.get(&subscribe_message::list_request(&call.subject))) {
            Observation::Present(live) => {
                templates::journal::settle_add(Self::NAME, evidence, &live)
            }
            Observation::Absent | Observation::Unknown(_) => Settled::Undecided,
        }
    }
}
