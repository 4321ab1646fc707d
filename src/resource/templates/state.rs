//! Templates, normalised: desired ones by name, observed ones by id.

use std::collections::BTreeMap;

use serde::{Deserialize as _, Serialize};

use crate::plan::{Observation, Why};
use crate::wechat::Answer;
use crate::wechat::template::{self, Template, Templates, plain_label};

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
}

impl TemplateState {
    fn observed(template: &Template) -> Self {
        Self {
            title: template.title.clone(),
            labels: template.labels(),
            short_id: None,
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
    let name = template::LIST.name;
    match answer {
        None => Observation::Unknown(Why::not_asked(name)),
        Some(Answer::Done(body)) => match Templates::deserialize(body) {
            Ok(read) => Observation::Present(TemplatesState {
                templates: read
                    .template_list
                    .iter()
                    .map(|one| (one.template_id.clone(), TemplateState::observed(one)))
                    .collect(),
            }),
            Err(error) => Observation::Unknown(Why::unreadable(name, &error.to_string())),
        },
        Some(Answer::Refused(error)) => Observation::Unknown(Why::refused(error)),
        Some(Answer::Lost(lost)) => Observation::Unknown(Why::lost(lost)),
    }
}
