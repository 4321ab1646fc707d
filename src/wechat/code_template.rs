//! The platform's library of code (代码模板库): drafts that developers upload, and templates that were made of them.
//!
//! WeChat's pages: developers.weixin.qq.com, 第三方平台 / 代商家管理小程序 / 模板库管理.

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;
use serde_json::json;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::tolerant;

/// How many templates of a kind a library holds.
pub const MOST: usize = 200;

const fn read(name: &'static str, path: &'static str) -> Endpoint {
    Endpoint {
        name,
        path,
        method: Method::Get,
        class: CallClass::Read,
        token: TokenKind::ComponentAsAccess,
        sets: &[],
        quotas: &[],
    }
}

/// `getTemplateDraftList`: one draft of each development mini-program, the newest.
pub static DRAFTS: Endpoint = read("gettemplatedraftlist", "/wxa/gettemplatedraftlist");
/// `getTemplateList`: not sorted.
pub static LIST: Endpoint = read("gettemplatelist", "/wxa/gettemplatelist");
/// `addToTemplate`: the answer has no id, so the list is read before and after; a draft that is there is not added again.
pub static ADD: Endpoint = Endpoint {
    method: Method::Post,
    class: CallClass::Put,
    ..read("addtotemplate", "/wxa/addtotemplate")
};
/// `deleteTemplate`: what was made of it stays where it is.
pub static DELETE: Endpoint = Endpoint {
    method: Method::Post,
    class: CallClass::Put,
    ..read("deletetemplate", "/wxa/deletetemplate")
};

/// Whether an endpoint is about the library, and so about no account but the platform's.
#[must_use]
pub fn is_about(endpoint: &Endpoint) -> bool {
    [&DRAFTS, &LIST, &ADD, &DELETE].contains(&endpoint)
}

/// Asks for the drafts.
#[must_use]
pub fn drafts_request(platform: &Appid) -> Call {
    Call::bare(&DRAFTS, platform.clone())
}

/// Asks for the templates, ordinary and standard.
#[must_use]
pub fn list_request(platform: &Appid) -> Call {
    Call::bare(&LIST, platform.clone())
}

/// Makes an ordinary template of a draft.
#[must_use]
pub fn add_request(platform: &Appid, draft_id: i64) -> Call {
    let body = json!({"draft_id": draft_id, "template_type": 0});
    Call::new(&ADD, platform.clone(), &body)
}

/// Deletes a template.
#[must_use]
pub fn delete_request(platform: &Appid, template_id: i64) -> Call {
    Call::new(
        &DELETE,
        platform.clone(),
        &json!({"template_id": template_id}),
    )
}

/// The answer of [`DRAFTS`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Drafts {
    /// All of them.
    #[serde(deserialize_with = "tolerant::list")]
    pub draft_list: Vec<Draft>,
}

/// A draft.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Draft {
    /// Its id.
    #[serde(deserialize_with = "tolerant::int")]
    pub draft_id: i64,
    /// When it was uploaded, in Unix seconds.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub create_time: Option<i64>,
    /// Its version.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub user_version: Option<String>,
    /// What its developer said of it.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub user_desc: Option<String>,
    /// The development mini-program it comes from.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub source_miniprogram_appid: Option<String>,
    /// Who uploaded it.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub developer: Option<String>,
}

/// The answer of [`LIST`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Templates {
    /// All of them.
    #[serde(deserialize_with = "tolerant::list")]
    pub template_list: Vec<CodeTemplate>,
}

/// A template.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct CodeTemplate {
    /// Its id, given out in rising order and never twice.
    #[serde(deserialize_with = "tolerant::int")]
    pub template_id: i64,
    /// When it was added, in Unix seconds.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub create_time: Option<i64>,
    /// Its version, which may be another one's as well.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub user_version: Option<String>,
    /// What its developer said of it.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub user_desc: Option<String>,
    /// The draft it was made of.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub draft_id: Option<i64>,
    /// 0 ordinary, 1 standard (being withdrawn).
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub template_type: Option<i64>,
    /// The development mini-program it comes from.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub source_miniprogram_appid: Option<String>,
}

impl CodeTemplate {
    /// Its version; empty where the answer leaves it out.
    #[must_use]
    pub fn version(&self) -> &str {
        self.user_version.as_deref().unwrap_or_default()
    }

    /// Whether it is an ordinary template.
    #[must_use]
    pub fn is_ordinary(&self) -> bool {
        self.template_type != Some(1)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_read_as_numbers_and_as_texts() {
        let read = |id| {
            serde_json::from_value::<Templates>(
                json!({"template_list": [{"template_id": id, "template_type": "1"}]}),
            )
        };
        let one = read(json!("4")).unwrap().template_list.remove(0);
        assert_eq!(
            (one.template_id, one.is_ordinary(), one.version()),
            (4, false, "")
        );
        assert_eq!(read(json!(0)).unwrap().template_list.len(), 1);
        assert!(read(json!(null)).is_err());
    }
}
