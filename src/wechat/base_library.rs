//! The oldest base library (最低基础库版本) that a mini-program's users need.
//!
//! WeChat's pages: developers.weixin.qq.com, `getSupportVersion`, `setSupportVersion`.

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;
use serde_json::json;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::tolerant;

/// `getSupportVersion`. SDKs disagree about its method; with a body both get through.
pub static GET: Endpoint = Endpoint {
    name: "wxopen/getweappsupportversion",
    path: "/cgi-bin/wxopen/getweappsupportversion",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[18],
    quotas: &[],
};

/// `setSupportVersion`: refused with 89014 where WeChat does not take the version. It is not sure that it works before
/// the first release.
pub static SET: Endpoint = Endpoint {
    name: "wxopen/setweappsupportversion",
    path: "/cgi-bin/wxopen/setweappsupportversion",
    method: Method::Post,
    class: CallClass::Put,
    token: TokenKind::Authorizer,
    sets: &[18],
    quotas: &[],
};

/// Asks which base library `account` needs, and how many of its users have which.
#[must_use]
pub fn get_request(account: &Appid) -> Call {
    Call::bare(&GET, account.clone())
}

/// Sets which base library the users of `account` need: `2.30.0`.
#[must_use]
pub fn set_request(account: &Appid, version: &str) -> Call {
    Call::new(&SET, account.clone(), &json!({"version": version}))
}

/// The answer of [`GET`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct SupportVersion {
    /// The version in force.
    #[serde(deserialize_with = "tolerant::string")]
    pub now_version: String,
    /// How many users have which version.
    #[serde(default, deserialize_with = "tolerant::given_object")]
    pub uv_info: Option<Users>,
}

/// How many users have which version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Users {
    /// The list.
    #[serde(deserialize_with = "tolerant::list")]
    pub items: Vec<Share>,
}

/// The users of one version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Share {
    /// The version.
    #[serde(deserialize_with = "tolerant::string")]
    pub version: String,
    /// In percent of all users, as WeChat writes it: `0`, `12.5`.
    #[serde(deserialize_with = "tolerant::string")]
    pub percentage: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentage_may_be_a_fraction_and_a_version_is_never_missing() {
        let read: SupportVersion = serde_json::from_value(json!({"now_version": "2.30.0",
            "uv_info": {"items": [{"percentage": 12.5, "version": "2.30.0"}]}}))
        .unwrap();
        assert_eq!(read.uv_info.unwrap().items[0].percentage, "12.5");
        for odd in [
            json!({"errcode": 0}),
            json!({"now_version": null}),
            json!({"now_version": "1.0.0", "uv_info": null}),
            json!({"now_version": "1.0.0", "uv_info": {}}),
        ] {
            assert!(serde_json::from_value::<SupportVersion>(odd).is_err());
        }
        let account = Appid::parse("wx1111111111111111").unwrap();
        assert_eq!(
            set_request(&account, "2.30.0").body(),
            r#"{"version":"2.30.0"}"#
        );
    }
}
