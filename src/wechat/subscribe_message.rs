//! The templates of subscription notifications (订阅通知) that an official account has chosen.
//!
//! As with message templates: one is chosen from WeChat's library by its number (`tid`), which is never read back, and
//! gets another id in the account. The lines are chosen by the numbers of the library's keywords. Which templates the
//! library shows depends on the account's service categories. WeChat's pages: developers.weixin.qq.com,
//! `addWxaNewTemplate`, `getNewTemplateList`, `getPubNewTemplateTitles`, `getPubNewTemplateKeywords`.

use std::ops::RangeInclusive;

use serde::Deserialize;
use serde_json::json;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::tolerant;

/// How many templates an account can have (200012).
pub const MOST: usize = 25;
/// How many keywords a template is chosen with (200020).
pub const KEYWORDS_OF_ONE: RangeInclusive<usize> = 2..=5;
/// How many characters the description of a scene has (200021).
pub const SCENE: usize = 15;
/// How many titles a page of the library has at most (200017).
pub const PAGE: u32 = 30;

/// `addWxaNewTemplate`: chooses a template from the library. Called twice, it is there twice. Its page names no permission
/// set; these are those of message templates.
pub static ADD: Endpoint = Endpoint {
    name: "newtmpl/addtemplate",
    path: "/wxaapi/newtmpl/addtemplate",
    method: Method::Post,
    class: CallClass::NaturalKey,
    token: TokenKind::Authorizer,
    sets: &[7, 100, 101],
    quotas: &[],
};

/// `getNewTemplateList`: every template of the account.
pub static LIST: Endpoint = Endpoint {
    name: "newtmpl/gettemplate",
    path: "/wxaapi/newtmpl/gettemplate",
    method: Method::Get,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[7, 100, 101],
    quotas: &[],
};

/// `getPubNewTemplateTitles`: a page of what the library has for some service categories.
pub static TITLES: Endpoint = Endpoint {
    name: "newtmpl/getpubtemplatetitles",
    path: "/wxaapi/newtmpl/getpubtemplatetitles",
    method: Method::Get,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[7, 100, 101],
    quotas: &[],
};

/// `getPubNewTemplateKeywords`: the keywords of one of the library's templates.
pub static KEYWORDS: Endpoint = Endpoint {
    name: "newtmpl/getpubtemplatekeywords",
    path: "/wxaapi/newtmpl/getpubtemplatekeywords",
    method: Method::Get,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[7, 100, 101],
    quotas: &[],
};

/// Chooses a template with these keywords, in this order.
#[must_use]
pub fn add_request(account: &Appid, tid: &str, kids: &[i64], scene: Option<&str>) -> Call {
    let mut body = json!({"tid": tid, "kidList": kids});
    if let (Some(scene), Some(fields)) = (scene, body.as_object_mut()) {
        fields.insert("sceneDesc".to_owned(), json!(scene));
    }
    Call::new(&ADD, account.clone(), &body)
}

/// Asks for every template of `account`.
#[must_use]
pub fn list_request(account: &Appid) -> Call {
    Call::bare(&LIST, account.clone())
}

/// Asks for the page of the library's titles for these service categories that begins at `start`.
#[must_use]
pub fn titles_request(account: &Appid, categories: &[i64], start: u32) -> Call {
    let ids: Vec<String> = categories.iter().map(ToString::to_string).collect();
    let page = json!({"ids": ids.join(","), "start": start, "limit": PAGE});
    Call::new(&TITLES, account.clone(), &page)
}

/// Asks for the keywords of one of the library's templates.
#[must_use]
pub fn keywords_request(account: &Appid, tid: &str) -> Call {
    Call::new(&KEYWORDS, account.clone(), &json!({"tid": tid}))
}

/// The answer of [`ADD`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Added {
    /// The template's id in this account.
    #[serde(rename = "priTmplId", deserialize_with = "tolerant::string")]
    pub id: String,
}

/// The answer of [`LIST`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Templates {
    /// All of them; the presence of the list is the success.
    #[serde(deserialize_with = "tolerant::list")]
    pub data: Vec<Template>,
}

/// One template of an account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Template {
    /// Its id in this account.
    #[serde(rename = "priTmplId", deserialize_with = "tolerant::string")]
    pub id: String,
    /// Its title.
    #[serde(deserialize_with = "tolerant::string")]
    pub title: String,
    /// Its text, with places like `{{thing2.DATA}}`.
    #[serde(deserialize_with = "tolerant::string")]
    pub content: String,
}

/// The answer of [`TITLES`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Titles {
    /// How many there are on all pages.
    #[serde(deserialize_with = "tolerant::int")]
    pub count: i64,
    /// Those of this page.
    #[serde(deserialize_with = "tolerant::list")]
    pub data: Vec<Title>,
}

/// One template of the library.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Title {
    /// Its number.
    #[serde(deserialize_with = "tolerant::string")]
    pub tid: String,
    /// Its title.
    #[serde(deserialize_with = "tolerant::string")]
    pub title: String,
}

/// The answer of [`KEYWORDS`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Keywords {
    /// All of them.
    #[serde(deserialize_with = "tolerant::list")]
    pub data: Vec<Keyword>,
}

/// One keyword of a template of the library.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Keyword {
    /// Its number, by which it is chosen.
    #[serde(deserialize_with = "tolerant::int")]
    pub kid: i64,
    /// What stands before its place.
    #[serde(deserialize_with = "tolerant::string")]
    pub name: String,
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn body(call: &Call) -> Value {
        serde_json::from_str(call.body()).unwrap()
    }

    #[test]
    fn a_template_is_chosen_by_numbers_and_a_scene_in_clear_text() {
        let account = Appid::parse("wx1111111111111111").unwrap();
        let call = add_request(&account, "99", &[3, 1], Some("上课前一天"));
        assert!(call.body().contains("上课前一天"));
        assert_eq!(
            body(&call),
            json!({"tid": "99", "kidList": [3, 1], "sceneDesc": "上课前一天"})
        );
        let call = add_request(&account, "99", &[3, 1], None);
        assert_eq!(body(&call), json!({"tid": "99", "kidList": [3, 1]}));
        assert_eq!(
            body(&titles_request(&account, &[2, 616], 30)),
            json!({"ids": "2,616", "start": 30, "limit": 30})
        );
    }

    #[test]
    fn an_answer_without_its_list_is_unreadable() {
        for odd in [json!({}), json!({"data": null}), json!({"data": [{}]})] {
            assert!(serde_json::from_value::<Templates>(odd.clone()).is_err());
            assert!(serde_json::from_value::<Titles>(odd.clone()).is_err());
            assert!(serde_json::from_value::<Keywords>(odd).is_err());
        }
        let titles = json!({"count": 1, "data": [{"tid": 99, "title": "付款成功通知", "type": 2}]});
        let titles: Titles = serde_json::from_value(titles).unwrap();
        assert_eq!(titles.data[0].tid, "99");
    }
}
