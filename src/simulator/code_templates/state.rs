//! Drafts and templates as the state file has them. Plain data.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::content::CodeContent;

/// What the developers of one development mini-program uploaded last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CodeDraft {
    /// Its id.
    pub draft_id: u64,
    /// `1.0.0`
    pub user_version: String,
    /// What was said with it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user_desc: String,
    /// Unix seconds.
    pub create_time: i64,
    /// The development mini-program.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source_app_id: String,
    /// Its name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source_name: String,
    /// Who uploaded it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub developer: String,
    /// What it is like.
    pub code: CodeContent,
}

/// One template of the library.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CodeTemplate {
    /// Its id.
    pub template_id: u64,
    /// 0 ordinary, 1 standard.
    pub template_type: u64,
    /// The draft it was made of.
    pub draft_id: u64,
    /// `1.0.0`
    pub user_version: String,
    /// What was said with the draft.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user_desc: String,
    /// Unix seconds.
    pub create_time: i64,
    /// The development mini-program.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source_app_id: String,
    /// Its name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source_name: String,
    /// `category_list` of a standard one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub category_list: Vec<Value>,
    /// `audit_status` of a standard one: 0 not submitted, 3 passed …
    pub audit_status: i64,
    /// Why a standard one was refused.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// What it is like.
    pub code: CodeContent,
}

impl CodeTemplate {
    /// A standard template (标准模板), which WeChat reviews by itself.
    pub(in crate::simulator) fn is_standard(&self) -> bool {
        self.template_type == 1
    }
}
