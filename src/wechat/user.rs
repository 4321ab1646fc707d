//! The followers of an official account (用户管理): who they are, by openid, and by unionid where the account is in an open
//! account. WeChat's pages: developers.weixin.qq.com, `getFans`, `batchUserInfo`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, Payer, Period, Quota, TokenKind};
use super::id::Appid;
use super::tolerant;

/// How many followers one call of [`INFO`] tells of.
pub const AT_ONCE: usize = 100;

/// `getFans`: a page of at most 10,000 openids. 500 calls a day.
pub static LIST: Endpoint = Endpoint {
    name: "user/get",
    path: "/cgi-bin/user/get",
    method: Method::Get,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[2, 100],
    quotas: &[Quota {
        limit: 500,
        period: Period::Day,
        scarce: true,
        payer: Payer::Account,
    }],
};

/// `batchUserInfo`: what is known of up to 100 of them.
pub static INFO: Endpoint = Endpoint {
    name: "user/info/batchget",
    path: "/cgi-bin/user/info/batchget",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[2, 100],
    quotas: &[],
};

/// Asks for the page after an openid; after an empty one for the first.
#[must_use]
pub fn list_request(account: &Appid, after: &str) -> Call {
    Call::new(&LIST, account.clone(), &json!({"next_openid": after}))
}

/// The openid after which a call asks for a page, if it names one.
#[must_use]
pub fn after(call: &Call) -> Option<String> {
    if call.endpoint != &LIST {
        return None;
    }
    let body: Value = serde_json::from_str(call.body()).ok()?;
    let after = body.get("next_openid")?.as_str()?;
    (!after.is_empty()).then(|| after.to_owned())
}

/// Asks about followers, at most [`AT_ONCE`] of them.
#[must_use]
pub fn info_request(account: &Appid, openids: &[String]) -> Call {
    let list: Vec<_> = openids.iter().map(|id| json!({"openid": id})).collect();
    Call::new(&INFO, account.clone(), &json!({"user_list": list}))
}

/// A page of [`LIST`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Page {
    /// How many there are in all.
    #[serde(deserialize_with = "tolerant::int")]
    pub total: i64,
    /// The openids; may be missing from a page without any.
    #[serde(default, deserialize_with = "tolerant::given_object")]
    data: Option<Data>,
    /// The last openid of the page; empty on the last one, or named there as well.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub next_openid: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Data {
    #[serde(default, deserialize_with = "tolerant::texts")]
    openid: Vec<String>,
}

impl Page {
    /// The openids of the page.
    #[must_use]
    pub fn openids(self) -> Vec<String> {
        self.data.map(|data| data.openid).unwrap_or_default()
    }
}

/// The answer of [`INFO`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Infos {
    /// One for each that was asked about.
    #[serde(deserialize_with = "tolerant::list")]
    pub user_info_list: Vec<Info>,
}

/// What is known of a follower.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Info {
    /// Who.
    #[serde(deserialize_with = "tolerant::string")]
    pub openid: String,
    /// The same person's id in all accounts of one open account; missing where the account is in none.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub unionid: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_without_followers_is_an_empty_one() {
        let page = |body| serde_json::from_value::<Page>(body).unwrap();
        let full =
            page(json!({"total": 2, "count": 1, "data": {"openid": ["o1"]}, "next_openid": "o1"}));
        assert_eq!(full.next_openid.as_deref(), Some("o1"));
        assert_eq!(full.openids(), ["o1"]);
        assert!(
            page(json!({"total": 0, "count": 0, "next_openid": ""}))
                .openids()
                .is_empty()
        );
        assert!(serde_json::from_value::<Page>(json!({"errcode": 0})).is_err());
    }

    #[test]
    fn a_unionid_may_be_missing() {
        let body = json!({"user_info_list": [{"openid": "o1", "unionid": "u1"}, {"openid": "o2"}]});
        let infos: Infos = serde_json::from_value(body).unwrap();
        let ids: Vec<_> = infos
            .user_info_list
            .iter()
            .map(|one| one.unionid.as_deref())
            .collect();
        assert_eq!(ids, [Some("u1"), None]);
    }
}
