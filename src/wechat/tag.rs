//! The tags (标签) that an official account gives its followers.
//!
//! A tag gets a number when it is made; conditional menus and mass messages name it by that. No two have one name, so
//! a tag is looked up by its name. WeChat's pages: developers.weixin.qq.com, `createTag`, `getTags`.

use serde::Deserialize;
use serde_json::json;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::tolerant;

/// How many tags an account can have (45056).
pub const MOST: usize = 100;

/// How many bytes a tag's name can have (45158).
pub const NAME_BYTES: usize = 30;

/// The last number of WeChat's own tags (0, 1 and 2; 45058): every account has them, and nobody made them.
const LAST_SYSTEM: i64 = 2;

/// `createTag`. A second one of the same name is refused (45157), and so is a name that WeChat does not take.
pub static CREATE: Endpoint = Endpoint {
    name: "tags/create",
    path: "/cgi-bin/tags/create",
    method: Method::Post,
    class: CallClass::NaturalKey,
    token: TokenKind::Authorizer,
    sets: &[2, 100],
    quotas: &[],
};

/// `getTags`: all of them.
pub static LIST: Endpoint = Endpoint {
    name: "tags/get",
    path: "/cgi-bin/tags/get",
    method: Method::Get,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[2, 100],
    quotas: &[],
};

/// Makes a tag of `account`.
#[must_use]
pub fn create_request(account: &Appid, name: &str) -> Call {
    Call::new(&CREATE, account.clone(), &json!({"tag": {"name": name}}))
}

/// Asks for all tags of `account`.
#[must_use]
pub fn list_request(account: &Appid) -> Call {
    Call::bare(&LIST, account.clone())
}

/// The answer of [`CREATE`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Created {
    /// The new tag.
    #[serde(deserialize_with = "tolerant::object")]
    pub tag: Tag,
}

/// The answer of [`LIST`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Tags {
    /// All of them; the presence of the list is the success.
    #[serde(deserialize_with = "tolerant::list")]
    pub tags: Vec<Tag>,
}

/// One tag.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Tag {
    /// Its number.
    #[serde(deserialize_with = "tolerant::int")]
    pub id: i64,
    /// Its name.
    #[serde(deserialize_with = "tolerant::string")]
    pub name: String,
}

impl Tag {
    /// Whether it is one of WeChat's own.
    #[must_use]
    pub fn is_system(&self) -> bool {
        self.id <= LAST_SYSTEM
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_tag_is_made_by_its_name_in_clear_text() {
        let call = create_request(&Appid::parse("wx1111111111111111").unwrap(), "会员");
        assert_eq!(call.body(), r#"{"tag":{"name":"会员"}}"#);
    }

    #[test]
    fn an_answer_without_its_tag_or_its_list_is_unreadable() {
        let made: Created =
            serde_json::from_value(json!({"tag": {"id": "134", "name": "会员"}})).unwrap();
        assert_eq!((made.tag.id, made.tag.is_system()), (134, false));
        let none: Tags = serde_json::from_value(json!({"tags": []})).unwrap();
        assert!(none.tags.is_empty());
        let odd: [Value; 5] = [
            json!({"errcode": 0}),
            json!({"tags": null}),
            json!({"tags": [{"id": 134}]}),
            json!({"tags": [{"name": "x"}]}),
            json!({"tags": [{"id": null, "name": "x"}]}),
        ];
        for odd in odd {
            assert!(
                serde_json::from_value::<Tags>(odd.clone()).is_err(),
                "{odd}"
            );
        }
        assert!(serde_json::from_value::<Created>(json!({"errcode": 0})).is_err());
    }
}
