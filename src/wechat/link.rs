//! Mini-programs linked to an official account (公众号关联小程序).
//!
//! A request that was accepted is not a link: two administrators confirm it in WeChat, and no event says so.
//! WeChat's page: developers.weixin.qq.com, `getLinkMiniprogram`.

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;
use serde_json::json;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, Payer, Period, Quota, TokenKind};
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
    quotas: &[],
};

/// `linkMiniprogram`: asks for a link; [`GET`] tells how far it is. 13 new links a month in all (89016, 89017).
pub static LINK: Endpoint = Endpoint {
    name: "wxopen/wxamplink",
    path: "/cgi-bin/wxopen/wxamplink",
    method: Method::Post,
    class: CallClass::NaturalKey,
    token: TokenKind::Authorizer,
    sets: &[33],
    quotas: &[Quota {
        limit: 13,
        period: Period::Month,
        scarce: true,
        payer: Payer::Account,
    }],
};

/// `unlinkMiniprogram`: ends a link, or asks for that.
pub static UNLINK: Endpoint = Endpoint {
    name: "wxopen/wxampunlink",
    path: "/cgi-bin/wxopen/wxampunlink",
    method: Method::Post,
    class: CallClass::Put,
    token: TokenKind::Authorizer,
    sets: &[33],
    quotas: &[],
};

/// Asks for a link of the official account `account` with `mini_program`: whether its followers are told, and whether
/// its profile page shows the mini-program. Refused with 89010 (asked before), 89015 (linked already), 89013 (banned).
#[must_use]
pub fn link_request(account: &Appid, mini_program: &Appid, notify: bool, show: bool) -> Call {
    let flag = |on: bool| if on { "1" } else { "0" };
    Call::new(
        &LINK,
        account.clone(),
        &json!({"appid": mini_program, "notify_users": flag(notify), "show_profile": flag(show)}),
    )
}

/// Ends the link of the official account `account` with `mini_program`. Refused with 89018 where it was asked before.
#[must_use]
pub fn unlink_request(account: &Appid, mini_program: &Appid) -> Call {
    Call::new(&UNLINK, account.clone(), &json!({"appid": mini_program}))
}

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
    /// Its name; of one that was registered a moment ago it is its original id.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub nickname: Option<String>,
    /// Whether it was ever released; `None` where the answer does not say.
    #[serde(default, deserialize_with = "tolerant::given_bool")]
    pub released: Option<bool>,
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
    use super::*;

    #[test]
    fn a_link_is_asked_for_with_texts_for_flags() {
        let account = Appid::parse("wx1111111111111111").unwrap();
        let app = Appid::parse("wx2222222222222222").unwrap();
        let body = |call: Call| serde_json::from_str::<serde_json::Value>(call.body()).unwrap();
        assert_eq!(
            body(link_request(&account, &app, true, false)),
            json!({"appid": "wx2222222222222222", "notify_users": "1", "show_profile": "0"})
        );
        assert_eq!(
            body(unlink_request(&account, &app)),
            json!({"appid": "wx2222222222222222"})
        );
    }

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
