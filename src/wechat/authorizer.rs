//! Accounts that authorized the platform (授权账号): what they are, and the list of them.
//!
//! WeChat's pages: developers.weixin.qq.com, `getAuthorizerInfo`, `getAuthorizerList`.

use std::collections::BTreeMap;

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;
use serde_json::{Value, json};

use super::authorization::Granted;
use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::{Appid, RawAppid};
use super::secret::Secret;
use super::tolerant;

/// The most accounts one page of [`LIST`] holds.
pub const LIST_PAGE: u32 = 500;

/// What is wrong with an empty page before the end that the same page names.
pub const LIST_ENDS_EARLY: &str = "it has fewer accounts than it says";

/// `getAuthorizerInfo`: kind, principal, verification and granted permission sets of one account.
pub static INFO: Endpoint = Endpoint {
    name: "api_get_authorizer_info",
    path: "/cgi-bin/component/api_get_authorizer_info",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Component,
    sets: &[],
    quotas: &[],
};

/// `getAuthorizerList`: authorized accounts, 500 a page.
pub static LIST: Endpoint = Endpoint {
    name: "api_get_authorizer_list",
    path: "/cgi-bin/component/api_get_authorizer_list",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Component,
    sets: &[],
    quotas: &[],
};

/// Asks for one account.
#[must_use]
pub fn info_request(authorizer: &Appid) -> Call {
    Call::new(
        &INFO,
        authorizer.clone(),
        &json!({"authorizer_appid": authorizer}),
    )
}

/// Asks for a page of the list. It may change while it is paged through: dedupe by appid.
#[must_use]
pub fn list_request(platform: &Appid, offset: u64) -> Call {
    Call::new(
        &LIST,
        platform.clone(),
        &json!({"offset": offset, "count": LIST_PAGE}),
    )
}

/// The answer of [`INFO`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Info {
    /// The account.
    #[serde(deserialize_with = "tolerant::object")]
    pub authorizer_info: Account,
    /// What it granted.
    #[serde(deserialize_with = "tolerant::object")]
    pub authorization_info: Authorization,
    /// Where answers of 2015 had it; today it is in [`Account::qrcode_url`].
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub qrcode_url: Option<String>,
}

/// What an account is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Account {
    /// Nickname; empty for a fresh mini-program.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub nick_name: Option<String>,
    /// Avatar; missing where there is none.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub head_img: Option<String>,
    /// Official account: 0 and 1 subscription (订阅号), 2 service (服务号). Mini-program: 0 ordinary, others special.
    #[serde(deserialize_with = "tolerant::object")]
    pub service_type_info: Kind,
    /// -1 not verified, 0 verified by WeChat, 3 qualification but not the name.
    #[serde(deserialize_with = "tolerant::object")]
    pub verify_type_info: Kind,
    /// The original id, `gh_…`.
    #[serde(deserialize_with = "tolerant::string")]
    pub user_name: String,
    /// The WeChat id people can search for; may be empty.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub alias: Option<String>,
    /// Picture on WeChat's domain, which refuses other sites.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub qrcode_url: Option<String>,
    /// The legal entity (主体).
    #[serde(default, deserialize_with = "tolerant::given_text")]
    pub principal_name: Option<String>,
    /// Introduction; mini-programs only.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub signature: Option<String>,
    /// Which of WeChat's businesses are switched on, each 0 or 1.
    #[serde(default)]
    pub business_info: Value,
    /// Deprecated by WeChat.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub idc: Option<i64>,
    /// Its presence is what tells a mini-program from an official account.
    #[serde(
        default,
        rename = "MiniProgramInfo",
        deserialize_with = "tolerant::given_object"
    )]
    pub mini_program: Option<MiniProgram>,
    /// How a mini-program was registered: 0 ordinary, 2 by reusing an official account, …
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub register_type: Option<i64>,
    /// 1 normal, 14 closed, 16 banned, 18 warned, 19 frozen.
    #[serde(default, deserialize_with = "tolerant::given_int")]
    pub account_status: Option<i64>,
    /// Whether phone and mail are configured; mini-programs only.
    #[serde(default, deserialize_with = "tolerant::maybe")]
    pub basic_config: Option<BasicConfig>,
    /// Only for video accounts (视频号).
    #[serde(default)]
    pub channels_info: Option<Value>,
    /// Only for shops (小店).
    #[serde(default)]
    pub store_info: Option<Value>,
    /// Only for talents (带货).
    #[serde(default)]
    pub talent_info: Option<Value>,
    /// Only for suppliers (供货商).
    #[serde(default)]
    pub supplier_info: Option<Value>,
}

impl Account {
    /// Whether this is a mini-program; else it is an official account.
    #[must_use]
    pub fn is_mini_program(&self) -> bool {
        self.mini_program.is_some()
    }
}

/// A number with, in newer answers, its name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Kind {
    /// The number.
    #[serde(deserialize_with = "tolerant::int")]
    pub id: i64,
    /// Its name.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub name: Option<String>,
}

/// What only a mini-program has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct MiniProgram {
    /// Domains by kind, under WeChat's names: `RequestDomain`, `NewRequestDomain`, …
    #[serde(default, deserialize_with = "tolerant::maybe")]
    pub network: Option<BTreeMap<String, Domains>>,
    /// Service categories by name.
    #[serde(default, deserialize_with = "tolerant::maybe")]
    pub categories: Option<Vec<Category>>,
    /// Deprecated by WeChat.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub visit_status: Option<i64>,
}

/// One list of domains; `None` where it is none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
#[serde(transparent)]
pub struct Domains(#[serde(deserialize_with = "tolerant::maybe")] pub Option<Vec<String>>);

/// A service category.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Category {
    /// First level.
    pub first: String,
    /// Second level.
    pub second: String,
}

/// What of an account's contact data is configured.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct BasicConfig {
    /// A phone number.
    #[serde(default, deserialize_with = "tolerant::maybe_bool")]
    pub is_phone_configured: Option<bool>,
    /// A mail address.
    #[serde(default, deserialize_with = "tolerant::maybe_bool")]
    pub is_email_configured: Option<bool>,
}

/// What an account granted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Authorization {
    /// The account. Other names are from 2015 and from an official page.
    #[serde(alias = "authorization_appid", alias = "appid")]
    pub authorizer_appid: RawAppid,
    /// The refresh token in force; may be missing or empty. One of the ways out of 61023.
    #[serde(default, deserialize_with = "tolerant::maybe_secret")]
    pub authorizer_refresh_token: Option<Secret>,
    /// The granted permission sets. Absent or null: not said, which is not "none".
    #[serde(default, deserialize_with = "tolerant::maybe_list")]
    pub func_info: Option<Vec<Granted>>,
}

/// The answer of [`LIST`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct List {
    /// How many accounts there are on all pages.
    #[serde(deserialize_with = "tolerant::int")]
    pub total_count: i64,
    /// This page. Anything but a list is no empty one: accounts that are not listed are sent to scan.
    #[serde(deserialize_with = "tolerant::list")]
    pub list: Vec<Listed>,
}

/// One account of the list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Listed {
    /// The account.
    pub authorizer_appid: RawAppid,
    /// Its refresh token, under another name than elsewhere; may be missing or empty.
    #[serde(default, deserialize_with = "tolerant::maybe_secret")]
    pub refresh_token: Option<Secret>,
    /// When it authorized, in unix seconds.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub auth_time: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_asked_for_in_full_pages() {
        let platform = Appid::parse("wx0000000000000001").unwrap();
        let body: Value = serde_json::from_str(list_request(&platform, 500).body()).unwrap();
        assert_eq!(body, json!({"offset": 500, "count": 500}));
    }

    #[test]
    fn a_listed_account_may_come_without_refresh_token() {
        let list: List = serde_json::from_value(json!({"total_count": "2", "list": [
            {"authorizer_appid": "wx1111111111111111", "refresh_token": ""},
            {"authorizer_appid": "wx2222222222222222"}
        ]}))
        .unwrap();
        assert_eq!(list.total_count, 2);
        assert!(list.list.iter().all(|one| one.refresh_token.is_none()));
    }
}
