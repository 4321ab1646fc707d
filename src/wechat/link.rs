//! Mini-programs linked to an official account (公众号关联小程序).
//!
//! A request that was accepted is not a link: two administrators confirm it in WeChat, and no event says so.
//! WeChat's page: developers.weixin.qq.com, `getLinkMiniprogram`.

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::tolerant;

/// `getLinkMiniprogram`: what the account is linked to, or has asked to be.
pub static GET: Endpoint = Endpoint {
    name: "wxopen/wxamplinkget",
    path: "/cgi-bin/wxopen/wxamplinkget",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[33],
    quota: None,
};

/// Asks what `account` is linked to. Without a body it is refused (44002).
#[must_use]
pub fn get_request(account: &Appid) -> Call {
    Call::bare(&GET, account.clone())
}

/// The answer of [`GET`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Links {
    /// The list.
    #[serde(deserialize_with = "tolerant::object")]
    pub wxopens: Items,
}

/// The list in [`Links`].
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Items {
    /// Linked or asked for; may hold service accounts too. Its absence is not "none": a button would lose its
    /// mini-program.
    #[serde(deserialize_with = "tolerant::list")]
    pub items: Vec<Link>,
}

/// One mini-program.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Link {
    /// How far it is; see [`Link::status`].
    #[serde(deserialize_with = "tolerant::int")]
    status: i64,
    /// Its appid; missing while it is not linked.
    #[serde(default, deserialize_with = "tolerant::given_text")]
    pub appid: Option<String>,
    /// Its original id, `gh_…`.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub username: Option<String>,
    /// Its name.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub nickname: Option<String>,
}

/// How far a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkStatus {
    /// Linked.
    Linked,
    /// The mini-program's administrator has to confirm.
    AsksMiniProgram,
    /// The mini-program's administrator refused.
    Refused,
    /// The official account's administrator has to confirm.
    AsksOfficialAccount,
    /// A number no page explains.
    Unknown(i64),
}

impl Link {
    /// How far it is.
    #[must_use]
    pub fn status(&self) -> LinkStatus {
        match self.status {
            1 => LinkStatus::Linked,
            2 => LinkStatus::AsksMiniProgram,
            3 => LinkStatus::Refused,
            12 => LinkStatus::AsksOfficialAccount,
            other => LinkStatus::Unknown(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_app_that_is_only_asked_for_has_no_appid() {
        let body = json!({"errcode": 0, "errmsg": "ok", "wxopens": {"items": [
            {"status": 1, "username": "gh_ba9876543210", "appid": "wx0123456789abcdef", "nickname": "示例"},
            {"status": "12", "username": "gh_0"},
        ]}});
        let links: Links = serde_json::from_value(body).unwrap();
        let [linked, asked] = &links.wxopens.items[..] else {
            panic!("{links:?}")
        };
        assert_eq!(linked.status(), LinkStatus::Linked);
        assert_eq!(asked.status(), LinkStatus::AsksOfficialAccount);
        assert_eq!(asked.appid, None);
        let none: Links = serde_json::from_value(json!({"wxopens": {"items": []}})).unwrap();
        assert!(none.wxopens.items.is_empty());
        for odd in [json!({}), json!([]), json!({"items": null}), json!(null)] {
            assert!(serde_json::from_value::<Links>(json!({"wxopens": odd})).is_err());
        }
    }
}
