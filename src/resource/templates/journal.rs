//! How a doubtful add or delete is settled: by the list of templates, compared with what was there before.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::spec::TemplateSpec;
use super::state::{TemplateState, TemplatesState, observe};
use super::{Templates, output};
use crate::plan::Digest;
use crate::resource::{AtMostOnce, Observation, Outputs, Resource as _, Seen, Settled};
use crate::wechat::Call;
use crate::wechat::template::{self, Added};

/// What is known before a template is added.
#[derive(Serialize, Deserialize)]
struct Before {
    name: String,
    title: String,
    labels: Vec<String>,
    /// Ids of the templates that are there already.
    known: Vec<String>,
    /// What the manifest's other templates look like: the same pass may add them too.
    #[serde(default)]
    others: Vec<(String, Vec<String>)>,
}

/// The evidence of a step that adds a template.
pub(in crate::resource) fn evidence(
    item: &TemplateSpec,
    desired: &TemplatesState,
    live: &TemplatesState,
) -> Value {
    let TemplateState { title, labels, .. } = item.state();
    let others = desired
        .templates
        .iter()
        .filter(|(name, _)| **name != item.name);
    serde_json::to_value(Before {
        name: item.name.clone(),
        title,
        labels,
        known: live.templates.keys().cloned().collect(),
        others: others
            .map(|(_, other)| (other.title.clone(), other.labels.clone()))
            .collect(),
    })
    .unwrap_or_default()
}

impl AtMostOnce for Templates {
    fn knows(&self, call: &Call) -> bool {
        call.endpoint == &template::ADD || call.endpoint == &template::DELETE
    }

    /// The short id with a digest of the keywords: one template of the library can be chosen with several sets of
    /// them. Of a delete, the template's id.
    fn thing(&self, call: &Call) -> Option<String> {
        let body: Value = serde_json::from_str(call.body()).ok()?;
        let text = |field: &str| body.get(field)?.as_str().map(str::to_owned);
        if call.endpoint == &template::DELETE {
            return text("template_id");
        }
        let short_id = text("template_id_short")?;
        Some(match body.get("keyword_name_list") {
            Some(keywords) => format!("{short_id}-{}", Digest::of(keywords).short(8)),
            None => short_id,
        })
    }

    fn ids(&self, call: &Call, evidence: &Value, body: &Value) -> Outputs {
        if call.endpoint == &template::DELETE {
            return Outputs::new();
        }
        Added::deserialize(body).map_or_else(
            |_| Outputs::new(),
            |added| given_out(Self::NAME, evidence, added.template_id),
        )
    }

    fn probe(&self, call: &Call) -> Vec<Call> {
        vec![template::list_request(&call.subject)]
    }

    fn settle(&self, call: &Call, evidence: &Value, seen: &Seen) -> Settled {
        let list = template::list_request(&call.subject);
        let Observation::Present(live) = observe(seen.get(&list)) else {
            return Settled::Undecided;
        };
        if call.endpoint == &template::DELETE {
            return settle_delete(self.thing(call), &live);
        }
        settle_add(Self::NAME, evidence, &live)
    }
}

/// What the id of an added template is given out as, by a step's evidence.
pub(in crate::resource) fn given_out(of: &'static str, evidence: &Value, id: String) -> Outputs {
    Before::deserialize(evidence).map_or_else(|_| Outputs::new(), |before| made(of, &before, id))
}

fn made(of: &'static str, before: &Before, id: String) -> Outputs {
    Outputs::from([(output(of, &before.name), id)])
}

fn settle_delete(id: Option<String>, live: &TemplatesState) -> Settled {
    match id {
        Some(id) if live.templates.contains_key(&id) => Settled::NotDone,
        Some(_) => Settled::Done(Outputs::new()),
        None => Settled::Undecided,
    }
}

/// A template that was not there before and looks like ours is ours: it serves as well, whoever added it. Any other that
/// was not there before might be ours as WeChat shows it (the manifest's title need not be WeChat's, nor its labels
/// WeChat's spelling), unless it is what another item of the manifest looks like: it proves nothing, and none is added
/// beside it.
pub(in crate::resource) fn settle_add(
    of: &'static str,
    evidence: &Value,
    live: &TemplatesState,
) -> Settled {
    let Ok(before) = Before::deserialize(evidence) else {
        return Settled::Undecided;
    };
    let wanted = looks(&before.title, &before.labels);
    let new = || {
        let known = |id: &String| before.known.contains(id);
        live.templates.iter().filter(move |(id, _)| !known(id))
    };
    if let Some((id, _)) = new().find(|(_, template)| wanted.is_shown_as(template)) {
        return Settled::Done(made(of, &before, id.clone()));
    }
    let of_another = |template: &TemplateState| {
        let mut others = before.others.iter();
        others.any(|(title, labels)| looks(title, labels).is_shown_as(template))
    };
    let maybe_ours = |template: &TemplateState| {
        !template.built_in && (wanted.has_title_of(template) || !of_another(template))
    };
    if new().any(|(_, template)| maybe_ours(template)) {
        Settled::Ambiguous
    } else {
        Settled::NotDone
    }
}

fn looks(title: &str, labels: &[String]) -> TemplateState {
    TemplateState {
        title: title.to_owned(),
        labels: labels.to_vec(),
        short_id: None,
        built_in: false,
    }
}
