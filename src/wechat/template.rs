//! The message templates (模板消息) an official account has chosen, and the service categories it may choose from.
//!
//! A template is chosen from WeChat's library by its short id and gets another id in the account, which is what
//! messages are sent with. The short id cannot be read back. Short ids of digits belong to a service category
//! (类目模板) and need the keywords by name; `TM…` and `OPENTM…` belong to an industry and come as they are.
//! WeChat's pages: developers.weixin.qq.com, `addTemplate`, `getAllTemplates`, `deleteTemplate`, `getCategory`.

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;
use serde_json::json;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::industry::{Industry, by_names};
use super::text::is_unseen;
use super::tolerant;

/// How many templates an account can have (45026).
pub const MOST: usize = 25;

/// `addTemplate`: chooses a template from the library. Not idempotent: called twice, it is there twice.
pub static ADD: Endpoint = Endpoint {
    name: "template/api_add_template",
    path: "/cgi-bin/template/api_add_template",
    method: Method::Post,
    class: CallClass::NaturalKey,
    token: TokenKind::Authorizer,
    sets: &[7, 100, 101],
    quotas: &[],
};

/// `getAllTemplates`: every template of the account.
pub static LIST: Endpoint = Endpoint {
    name: "template/get_all_private_template",
    path: "/cgi-bin/template/get_all_private_template",
    method: Method::Get,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[7, 100, 101],
    quotas: &[],
};

/// `deleteTemplate`: its id is gone for good.
pub static DELETE: Endpoint = Endpoint {
    name: "template/del_private_template",
    path: "/cgi-bin/template/del_private_template",
    method: Method::Post,
    class: CallClass::Put,
    token: TokenKind::Authorizer,
    sets: &[7, 100, 101],
    quotas: &[],
};

/// `getCategory`: the service categories (服务类目) of the account. Its page names no permission set.
pub static CATEGORIES: Endpoint = Endpoint {
    name: "newtmpl/getcategory",
    path: "/wxaapi/newtmpl/getcategory",
    method: Method::Get,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[],
    quotas: &[],
};

/// Whether a short id is of a service category (类目模板) and so needs keywords.
#[must_use]
pub fn is_of_category(short_id: &str) -> bool {
    !short_id.is_empty() && short_id.bytes().all(|byte| byte.is_ascii_digit())
}

/// Chooses a template. WeChat wants the keywords where the short id is of digits, and only there.
#[must_use]
pub fn add_request(account: &Appid, short_id: &str, keywords: &[String]) -> Call {
    let body = if is_of_category(short_id) {
        json!({"template_id_short": short_id, "keyword_name_list": keywords})
    } else {
        json!({"template_id_short": short_id})
    };
    Call::new(&ADD, account.clone(), &body)
}

/// Asks for every template.
#[must_use]
pub fn list_request(account: &Appid) -> Call {
    Call::bare(&LIST, account.clone())
}

/// Deletes a template.
#[must_use]
pub fn delete_request(account: &Appid, template_id: &str) -> Call {
    Call::new(
        &DELETE,
        account.clone(),
        &json!({"template_id": template_id}),
    )
}

/// Asks for the service categories.
#[must_use]
pub fn categories_request(account: &Appid) -> Call {
    Call::bare(&CATEGORIES, account.clone())
}

/// The answer of [`ADD`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Added {
    /// The template's id in this account.
    #[serde(deserialize_with = "tolerant::string")]
    pub template_id: String,
}

/// The answer of [`LIST`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Templates {
    /// All of them; the presence of the list is the success. Anything but a list is no empty one: what is not there is
    /// added.
    #[serde(deserialize_with = "tolerant::list")]
    pub template_list: Vec<Template>,
}

/// One template as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Template {
    /// Its id in this account.
    #[serde(deserialize_with = "tolerant::string")]
    pub template_id: String,
    /// Its title.
    #[serde(deserialize_with = "tolerant::string")]
    pub title: String,
    /// The first level of its industry; empty where it is of a service category.
    #[serde(default, deserialize_with = "tolerant::string")]
    pub primary_industry: String,
    /// The second level of the same industry.
    #[serde(default, deserialize_with = "tolerant::string")]
    pub deputy_industry: String,
    /// Its text with places like `{{thing2.DATA}}`: with the title what it is recognised by.
    #[serde(deserialize_with = "tolerant::string")]
    pub content: String,
    /// The text with examples in the places.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub example: Option<String>,
}

/// What WeChat calls the template of its own that every account's list begins with.
const BUILT_IN: (&str, &str) = ("订阅模板消息", "{{content.DATA}}");

impl Template {
    /// Its industry, if WeChat's table has it.
    #[must_use]
    pub fn industry(&self) -> Option<&'static Industry> {
        by_names(&self.primary_industry, &self.deputy_industry)
    }

    /// Whether it belongs to no industry.
    fn has_no_industry(&self) -> bool {
        self.primary_industry.trim().is_empty() && self.deputy_industry.trim().is_empty()
    }

    /// Whether it came with a service category (the new template model).
    #[must_use]
    pub fn is_of_category(&self) -> bool {
        self.has_no_industry() && !self.is_built_in()
    }

    /// Whether it is the one of WeChat's own that every list begins with (订阅模板消息): nobody chose it, and nobody can
    /// be rid of it.
    #[must_use]
    pub fn is_built_in(&self) -> bool {
        let (title, content) = BUILT_IN;
        let plain = |text: &str| plain_label(&text.replace("{ {", "{{").replace("} }", "}}"));
        self.has_no_industry() && plain(&self.title) == title && plain(&self.content) == content
    }

    /// What stands before each place on its line; see [`labels`].
    #[must_use]
    pub fn labels(&self) -> Vec<String> {
        labels(&self.content)
    }
}

/// The labels of a template's text, in order: what stands before each `{{x.DATA}}` on the same line, without spaces
/// and without the colon. A place without a label (`{{first.DATA}}`, `{{remark.DATA}}` of old templates) has none,
/// and is left out: no manifest can name it.
#[must_use]
pub fn labels(content: &str) -> Vec<String> {
    // Copies of WeChat's pages write `{ {x.DATA} }`, which some templating had forced on them.
    let content = content.replace("{ {", "{{").replace("} }", "}}");
    let mut found = Vec::new();
    let mut rest = content.as_str();
    while let Some((before, after)) = rest.split_once("{{") {
        let line = before.rsplit('\n').next().unwrap_or_default();
        let label = plain_label(line);
        if !label.is_empty() {
            found.push(label);
        }
        rest = after.split_once("}}").map_or("", |(_, rest)| rest);
    }
    found
}

/// What of a title, label or keyword counts: no spaces, nothing that cannot be seen, no colon behind it.
#[must_use]
pub fn plain_label(text: &str) -> String {
    let text: String = text
        .chars()
        .filter(|char| !char.is_whitespace() && !is_unseen(*char))
        .collect();
    text.trim_end_matches([':', '\u{ff1a}']).to_owned()
}

/// The answer of [`CATEGORIES`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Categories {
    /// All of them; the presence of the list is the success.
    #[serde(deserialize_with = "tolerant::list")]
    pub data: Vec<Category>,
}

/// One service category.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Category {
    /// Its number.
    #[serde(deserialize_with = "tolerant::int")]
    pub id: i64,
    /// Its name: the last level, or all levels.
    #[serde(deserialize_with = "tolerant::string")]
    pub name: String,
}

impl Category {
    /// Whether this is what a manifest calls `教育/素质教育`. WeChat has been seen to name the last level only, so where
    /// one side names only that, it decides.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        let (live, wanted) = (levels(&self.name), levels(name));
        let common = live.len().min(wanted.len());
        common > 0
            && live
                .iter()
                .rev()
                .zip(wanted.iter().rev())
                .take(common)
                .all(|(live, wanted)| live == wanted)
    }
}

/// The levels of a category's name, first to last.
fn levels(name: &str) -> Vec<String> {
    name.split(['/', '\u{ff0f}', '>', '-'])
        .map(plain_label)
        .filter(|level: &String| !level.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn keywords_are_sent_with_short_ids_of_digits_only_and_in_clear_text() {
        let account = Appid::parse("wx1111111111111111").unwrap();
        let keywords = ["课程名称".to_owned(), "上课时间".to_owned()];
        let call = add_request(&account, "43216", &keywords);
        assert!(call.body().contains("课程名称"), "{}", call.body());
        let body: Value = serde_json::from_str(call.body()).unwrap();
        assert_eq!(
            body,
            json!({"template_id_short": "43216", "keyword_name_list": ["课程名称", "上课时间"]})
        );
        let call = add_request(&account, "OPENTM405456204", &keywords);
        let body: Value = serde_json::from_str(call.body()).unwrap();
        assert_eq!(body, json!({"template_id_short": "OPENTM405456204"}));
    }

    #[test]
    fn labels_are_what_stands_before_each_place() {
        assert_eq!(
            labels(
                "{{first.DATA}}\n课程名称:{{keyword1.DATA}}\n 上课 时间: {{keyword2.DATA}}\n{{remark.DATA}}"
            ),
            ["课程名称", "上课时间"]
        );
        assert_eq!(
            labels("尊敬的客户\n课程:{{thing1.DATA}} 时间:{{time2.DATA}}\n谢谢"),
            ["课程", "时间"]
        );
        assert_eq!(
            labels("领奖  时间:    { {withdrawTime.DATA} }"),
            ["领奖时间"]
        );
        assert_eq!(labels("a:{{x.DATA"), ["a"]);
        assert!(labels("").is_empty());
    }

    #[test]
    fn a_category_is_found_by_its_last_level_where_only_that_is_named() {
        let category = |name: &str| Category {
            id: 616,
            name: name.to_owned(),
        };
        assert!(category("公交").is_called("交通服务/公交"));
        assert!(category("教育/素质教育").is_called("教育 / 素质教育"));
        assert!(category("教育/素质教育").is_called("素质教育"));
        assert!(!category("教育/素质教育").is_called("体育/素质教育"));
        assert!(!category("素质教育").is_called("教育"));
        assert!(!category("").is_called("教育"));
    }

    #[test]
    fn an_answer_without_the_list_is_no_empty_list() {
        for body in [
            json!({}),
            json!({"template_list": 7}),
            json!({"template_list": null}),
        ] {
            assert!(serde_json::from_value::<Templates>(body).is_err());
        }
        let none: Templates = serde_json::from_value(json!({"template_list": []})).unwrap();
        assert!(none.template_list.is_empty());
        assert!(serde_json::from_value::<Categories>(json!({"errcode": 0})).is_err());
    }
}
