//! Registering a mini-program with the principal of a verified official account (复用公众号主体快速注册小程序).
//!
//! The official account's administrator confirms on a page of WeChat's, which leads back with a ticket; one call with that
//! ticket then registers. Five a month, none can be undone, and an answer may be lost after it took effect: then
//! `wxamplinkget` shows a mini-program that was not there before.
//! WeChat's page: developers.weixin.qq.com, `registerMiniprogramByOffiaccount`.

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;
use serde_json::json;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, Payer, Period, Quota, TokenKind};
use super::hole::Hole;
use super::id::{Appid, RawAppid};
use super::secret::Secret;
use super::tolerant;

/// `registerMiniprogramByOffiaccount`: one mini-program for one ticket. Asked with the official account's own token.
/// Of a sole trader (个体户) the limit is 1, see [`SOLE_TRADER_LIMIT`].
pub static BY_OFFICIAL_ACCOUNT: Endpoint = Endpoint {
    name: "account/fastregister",
    path: "/cgi-bin/account/fastregister",
    method: Method::Post,
    class: CallClass::AtMostOnce,
    token: TokenKind::Authorizer,
    sets: &[27],
    quotas: &[Quota {
        limit: 5,
        period: Period::Month,
        scarce: true,
        payer: Payer::Account,
    }],
};

/// How many a sole trader may register in a month (`customer_type` 12).
pub const SOLE_TRADER_LIMIT: u32 = 1;

/// Where the administrator confirms.
pub const PAGE: &str = "/cgi-bin/fastregisterauth";

/// Registers a mini-program with the ticket of the scan `scanned_for`: for one of a tenant's mini-programs, `tenant:item`.
#[must_use]
pub fn request(official: &Appid, scanned_for: &str) -> Call {
    let ticket = Hole::Ticket {
        scanned_for: scanned_for.to_owned(),
    };
    Call::new(
        &BY_OFFICIAL_ACCOUNT,
        official.clone(),
        &json!({"ticket": ticket.in_body()}),
    )
}

/// What a call registers: one of a tenant's mini-programs, `tenant:item`.
#[must_use]
pub fn registered_for(call: &Call) -> Option<String> {
    call.holes().into_iter().find_map(|hole| match hole {
        Hole::Ticket { scanned_for } => Some(scanned_for),
        Hole::Media { .. } => None,
    })
}

/// The answer of [`BY_OFFICIAL_ACCOUNT`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Registered {
    /// The new mini-program.
    pub appid: RawAppid,
    /// What its tokens are had for. Where it is missing, the list of authorized accounts has them.
    #[serde(default, deserialize_with = "tolerant::maybe_secret")]
    pub authorization_code: Option<Secret>,
    /// Whether the official account's verification was reused; since 2023-12-25 every new one begins unverified. The page
    /// says boolean, its sample and reports have the texts `"true"` and `"false"`.
    #[serde(default, deserialize_with = "tolerant::maybe_bool")]
    pub is_wx_verify_succ: Option<bool>,
    /// Whether it is linked to the official account.
    #[serde(default, deserialize_with = "tolerant::maybe_bool")]
    pub is_link_succ: Option<bool>,
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_ticket_is_named_and_never_printed() {
        let official = Appid::parse("wx1111111111111111").unwrap();
        let call = request(&official, "t:main");
        let body: Value = serde_json::from_str(call.body()).unwrap();
        assert_eq!(body, json!({"ticket": {"$ticket": "t:main"}}));
        let scanned_for = "t:main".to_owned();
        assert_eq!(registered_for(&call), Some(scanned_for.clone()));
        let with = [(Hole::Ticket { scanned_for }, Secret::new("b2f"))].into();
        assert_eq!(call.filled(&with).as_deref(), Some(r#"{"ticket":"b2f"}"#));
    }

    #[test]
    fn truths_come_as_texts_or_as_truths() {
        for (sent, expected) in [
            (json!("true"), Some(true)),
            (json!("false"), Some(false)),
            (json!(true), Some(true)),
            (Value::Null, None),
        ] {
            let body = json!({"appid": "wx00000000000000aa", "is_wx_verify_succ": sent, "is_link_succ": sent});
            let read: Registered = serde_json::from_value(body).unwrap();
            assert_eq!(read.is_wx_verify_succ, expected);
            assert_eq!(read.is_link_succ, expected);
            assert_eq!(read.authorization_code, None);
        }
    }
}
