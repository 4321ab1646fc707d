//! What a manifest says of message templates.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::state::{TemplateState, TemplatesState};
use crate::plan::Digest;
use crate::wechat::template::{is_of_category, plain_label};

/// The message templates of the account.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TemplatesSpec {
    /// What happens to templates at WeChat that stand in no item.
    pub foreign: ForeignSpec,
    /// The templates there should be. A class's and a tenant's are merged by `name`.
    #[schemars(extend("x-limit" = "25 at an account"))]
    pub items: Vec<TemplateSpec>,
}

/// What happens to templates at WeChat that nobody declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ForeignSpec {
    /// They are named in every plan and left alone.
    #[default]
    Report,
    /// They are deleted, each with a yes of its own.
    Delete,
}

/// One message template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TemplateSpec {
    /// The name business code asks by.
    pub name: String,
    /// Its number in WeChat's library: digits (类目模板), or `TM…` and `OPENTM…`. Left out: a template that is there is
    /// taken, and none is ever added.
    #[schemars(schema_with = "short_id", extend("x-wire" = "template_id_short"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_id: Option<String>,
    /// Its title in the library.
    pub title: String,
    /// The labels of its lines, in order. A short id of digits needs them; old templates have the lines they have.
    #[schemars(extend("x-wire" = "keyword_name_list"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// The service category (服务类目) it belongs to: without it at the account, it is not added but waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Its id at this account: which of several that look alike.
    #[schemars(extend("x-wire" = "template_id"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// A number that is kept as the text it is; it may stand without quotes.
fn short_id(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["string", "integer"], "pattern": "^([0-9]+|(OPEN)?TM[0-9]+)$"})
}

impl TemplatesSpec {
    /// The templates there should be, by name.
    pub(in crate::resource) fn state(&self) -> TemplatesState {
        TemplatesState {
            templates: self
                .items
                .iter()
                .map(|item| (item.name.clone(), item.state()))
                .collect(),
        }
    }
}

impl TemplateSpec {
    pub(super) fn state(&self) -> TemplateState {
        TemplateState {
            title: self.title.clone(),
            labels: self.keywords.iter().map(|text| plain_label(text)).collect(),
            short_id: self.short_id.clone(),
            built_in: false,
        }
    }

    /// The category to look for before this is added.
    pub(super) fn category_to_ask_for(&self) -> Option<&str> {
        let of_category = self.short_id.as_deref().is_some_and(is_of_category);
        self.category.as_deref().filter(|_| of_category)
    }
}

/// Every template that is there, as an item that is taken and never added. Names are made of the title and stay the
/// same from one export to the next; a person gives better ones. Those that look alike are told apart by their id.
pub(super) fn exported(live: &TemplatesState) -> Option<TemplatesSpec> {
    let mut titles: BTreeMap<String, usize> = BTreeMap::new();
    for template in live.templates.values() {
        // WeChat's own counts too: what looks like it is told apart by its id.
        *titles.entry(plain_label(&template.title)).or_default() += 1;
    }
    let mut named: BTreeMap<String, usize> = BTreeMap::new();
    let items: Vec<TemplateSpec> = live
        .templates
        .iter()
        .filter(|(_, template)| !template.built_in && !template.title.trim().is_empty())
        .map(|(id, template)| {
            let name = name_of(template);
            let count = named.entry(name.clone()).or_default();
            *count += 1;
            let alike = titles.get(&plain_label(&template.title)).copied() > Some(1);
            TemplateSpec {
                name: match *count {
                    1 => name,
                    count => format!("{name}-{count}"),
                },
                short_id: None,
                title: template.title.clone(),
                keywords: template.labels.clone(),
                category: None,
                id: alike.then(|| id.clone()),
            }
        })
        .collect();
    (!items.is_empty()).then_some(TemplatesSpec {
        foreign: ForeignSpec::Report,
        items,
    })
}

/// A name for a template: the Latin letters and digits of its title, if any, and a digest. Chinese is not spelled out:
/// names go into places (keys of a ConfigMap) that hold plain letters only.
fn name_of(template: &TemplateState) -> String {
    let words: Vec<String> = template
        .title
        .split(|char: char| !char.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let word: String = words.join("-").chars().take(40).collect();
    let word = match word.trim_end_matches('-') {
        "" => "template",
        word => word,
    };
    let digest = Digest::of(&(&template.title, &template.labels));
    format!("{word}-{}", digest.short(8))
}
