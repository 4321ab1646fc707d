//! Templates, normalised: desired ones by name, observed ones by id.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::plan::{Observation, Why};
use crate::resource::payload;
use crate::wechat::Answer;
use crate::wechat::template::{self, Template, Templates, plain_label};
use crate::wechat::text::visible;

/// Message templates: desired ones by their names, observed ones by their ids.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct TemplatesState {
    /// All of them.
    pub templates: BTreeMap<String, TemplateState>,
}

/// What can be known of one template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TemplateState {
    /// Its title.
    pub title: String,
    /// The labels of its lines, normalised, in order. Desired and empty: whichever it has.
    pub labels: Vec<String>,
    /// Its number in the library. Never read back, so only ever desired.
    pub short_id: Option<String>,
    /// Whether it is WeChat's own, which every list begins with; only ever observed.
    #[serde(skip)]
    pub built_in: bool,
}

impl TemplatesState {
    /// How many were chosen from the library: those count against WeChat's limit.
    pub(super) fn chosen(&self) -> usize {
        self.templates.values().filter(|one| !one.built_in).count()
    }
}

impl TemplateState {
    fn observed(template: &Template) -> Self {
        Self {
            title: visible(&template.title),
            labels: template.labels(),
            short_id: None,
            built_in: template.is_built_in(),
        }
    }

    /// Whether an observed template is what is desired, as far as WeChat shows.
    pub(super) fn is_shown_as(&self, live: &Self) -> bool {
        self.has_title_of(live) && (self.labels.is_empty() || self.labels == live.labels)
    }

    /// Whether the titles are the same, but for spaces.
    pub(super) fn has_title_of(&self, live: &Self) -> bool {
        plain_label(&self.title) == plain_label(&live.title)
    }
}

/// Folds the answer of `get_all_private_template`. An empty list is present and empty.
pub(super) fn observe(answer: Option<&Answer>) -> Observation<TemplatesState> {
    let list = match payload::<Templates>(&template::LIST, answer) {
        Ok(answer) => answer.template_list,
        Err(why) => return Observation::Unknown(why),
    };
    let templates: BTreeMap<String, TemplateState> = list
        .iter()
        .map(|one| (one.template_id.clone(), TemplateState::observed(one)))
        .collect();
    // An id is what a template is known by: without one, or with another's, it cannot be told whether it is there.
    if templates.contains_key("") || templates.len() < list.len() {
        return Observation::Unknown(Why::unreadable(
            template::LIST.name,
            "a template has no id, or another one's",
        ));
    }
    Observation::Present(TemplatesState { templates })
}
