//! Authorization codes and authorizer tokens.
//!
//! A code works once and dies after ten minutes; a refresh token works until the owner cancels, and may be
//! replaced by any answer. What goes in is stored before the call, what comes out before anything else.
//! WeChat's pages: developers.weixin.qq.com, `getAuthorizerRefreshToken`, `getAuthorizerAccessToken`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::{Appid, RawAppid};
use super::secret::{Secret, SecretBody};
use super::tolerant;

/// `getAuthorizerRefreshToken`: exchanges an authorization code, which works once.
pub static QUERY_AUTH: Endpoint = Endpoint {
    name: "api_query_auth",
    path: "/cgi-bin/component/api_query_auth",
    method: Method::Post,
    class: CallClass::OneShot,
    token: TokenKind::Component,
    sets: &[],
    quotas: &[],
};

/// `getAuthorizerAccessToken`: a new authorizer token from the refresh token, which may rotate.
pub static AUTHORIZER_TOKEN: Endpoint = Endpoint {
    name: "api_authorizer_token",
    path: "/cgi-bin/component/api_authorizer_token",
    method: Method::Post,
    class: CallClass::OneShot,
    token: TokenKind::Component,
    sets: &[],
    quotas: &[],
};

/// The body of [`QUERY_AUTH`].
#[must_use]
pub fn query_auth_request(platform: &Appid, code: &Secret) -> SecretBody {
    #[derive(Serialize)]
    struct Body<'a> {
        component_appid: &'a str,
        authorization_code: &'a str,
    }
    SecretBody::of(&Body {
        component_appid: platform.as_str(),
        authorization_code: code.expose(),
    })
}

/// The body of [`AUTHORIZER_TOKEN`].
#[must_use]
pub fn authorizer_token_request(
    platform: &Appid,
    authorizer: &Appid,
    refresh_token: &Secret,
) -> SecretBody {
    #[derive(Serialize)]
    struct Body<'a> {
        component_appid: &'a str,
        authorizer_appid: &'a str,
        authorizer_refresh_token: &'a str,
    }
    SecretBody::of(&Body {
        component_appid: platform.as_str(),
        authorizer_appid: authorizer.as_str(),
        authorizer_refresh_token: refresh_token.expose(),
    })
}

/// The answer of [`QUERY_AUTH`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct QueryAuth {
    /// Whom the code was for, and the tokens.
    #[serde(deserialize_with = "tolerant::object")]
    pub authorization_info: Authorized,
}

/// An account that has just authorized the platform.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Authorized {
    /// The account.
    pub authorizer_appid: RawAppid,
    /// A token; missing where the account has no API right at all.
    #[serde(default, deserialize_with = "tolerant::maybe_secret")]
    pub authorizer_access_token: Option<Secret>,
    /// The token's life in seconds: 7200.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub expires_in: Option<i64>,
    /// The refresh token. Losing it costs the owner another scan; where it is missing the list of accounts may have it.
    #[serde(default, deserialize_with = "tolerant::maybe_secret")]
    pub authorizer_refresh_token: Option<Secret>,
    /// The granted permission sets. Absent or null: not said, which is not "none".
    #[serde(default, deserialize_with = "tolerant::maybe_list")]
    pub func_info: Option<Vec<Granted>>,
}

/// The answer of [`AUTHORIZER_TOKEN`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct AuthorizerToken {
    /// The new token.
    #[serde(deserialize_with = "tolerant::secret")]
    pub authorizer_access_token: Secret,
    /// Its life in seconds: 7200. Not worth losing the tokens for.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub expires_in: Option<i64>,
    /// The refresh token from now on: usually the same one, always to be stored.
    #[serde(default, deserialize_with = "tolerant::maybe_secret")]
    pub authorizer_refresh_token: Option<Secret>,
}

/// One granted permission set (权限集).
///
/// Granted does not mean usable: an account that is not verified may list a set and still be answered 48001.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Granted {
    /// Which set.
    #[serde(deserialize_with = "tolerant::object")]
    pub funcscope_category: PermissionSet,
    /// Left of an older confirmation process; nothing is decided by it.
    #[serde(default)]
    pub confirm_info: Option<Value>,
}

/// A permission set as an answer names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct PermissionSet {
    /// Its number.
    #[serde(deserialize_with = "tolerant::int")]
    pub id: i64,
    /// Kind of set; newer answers only.
    #[serde(default, rename = "type", deserialize_with = "tolerant::maybe_int")]
    pub kind: Option<i64>,
    /// Its name; newer answers only.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub name: Option<String>,
    /// Its description; newer answers only.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub desc: Option<String>,
}

/// The numbers of the granted sets; `None` where the answer does not say.
#[must_use]
pub fn granted_sets(granted: Option<&Vec<Granted>>) -> Option<BTreeSet<u16>> {
    let number = |one: &Granted| u16::try_from(one.funcscope_category.id).ok();
    Some(granted?.iter().filter_map(number).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_bodies_carry_their_fields() {
        let platform = Appid::parse("wx0000000000000001").unwrap();
        let tenant = Appid::parse("wx1111111111111111").unwrap();
        assert_eq!(
            query_auth_request(&platform, &Secret::new("queryauthcode@@@c")).expose(),
            r#"{"component_appid":"wx0000000000000001","authorization_code":"queryauthcode@@@c"}"#
        );
        assert_eq!(
            authorizer_token_request(&platform, &tenant, &Secret::new("r")).expose(),
            r#"{"component_appid":"wx0000000000000001","authorizer_appid":"wx1111111111111111","authorizer_refresh_token":"r"}"#
        );
    }

    #[test]
    fn numbers_as_strings_and_missing_lists_are_read() {
        let read: QueryAuth = serde_json::from_value(json!({"authorization_info": {
            "authorizer_appid": "wx1111111111111111",
            "authorizer_access_token": "",
            "expires_in": "7200",
            "authorizer_refresh_token": "r",
            "func_info": [{"funcscope_category": {"id": "15"}}]
        }}))
        .unwrap();
        let authorized = read.authorization_info;
        assert_eq!(authorized.expires_in, Some(7_200));
        assert_eq!(authorized.authorizer_access_token, None);
        let granted = granted_sets(authorized.func_info.as_ref());
        assert_eq!(granted, Some(BTreeSet::from([15])));
    }

    #[test]
    fn sets_that_are_not_said_are_not_none() {
        for (func_info, known) in [
            (None, None),
            (Some(json!(null)), None),
            (Some(json!([])), Some(0)),
            (Some(json!({})), Some(0)),
        ] {
            let mut body = json!({"authorizer_appid": "wx1111111111111111"});
            if let Some(func_info) = func_info {
                body["func_info"] = func_info;
            }
            let read: Authorized = serde_json::from_value(body.clone()).unwrap();
            let sets = granted_sets(read.func_info.as_ref());
            assert_eq!(sets.map(|sets| sets.len()), known, "{body}");
        }
        for odd in [
            json!(7),
            json!(""),
            json!([7]),
            json!([{}]),
            json!([{"funcscope_category": {}}]),
        ] {
            let body = json!({"authorizer_appid": "wx1111111111111111", "func_info": odd});
            assert!(serde_json::from_value::<Authorized>(body).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_token_that_is_empty_is_none() {
        for token in [json!(""), json!(null), json!(7), json!([]), json!(true)] {
            let body = json!({"authorizer_access_token": token, "expires_in": 7200});
            assert!(
                serde_json::from_value::<AuthorizerToken>(body).is_err(),
                "{token}"
            );
        }
        let body = json!({"authorizer_access_token": "62_t", "authorizer_refresh_token": null});
        let read: AuthorizerToken = serde_json::from_value(body).unwrap();
        assert_eq!(
            (read.expires_in, read.authorizer_refresh_token),
            (None, None)
        );
    }

    #[test]
    fn no_answer_prints_its_tokens() {
        let read: AuthorizerToken = serde_json::from_value(json!({
            "authorizer_access_token": "62_sentinel",
            "expires_in": 7200,
            "authorizer_refresh_token": "refreshtoken@@@sentinel"
        }))
        .unwrap();
        assert!(!format!("{read:?}").contains("sentinel"));
    }
}
