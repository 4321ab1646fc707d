//! The platform's own tokens: ticket service, platform token, pre-authorization code.
//!
//! Their bodies hold the platform's secret or its ticket, so they are [`SecretBody`]s and never `Call`s.
//! WeChat's pages: developers.weixin.qq.com, `startPushTicket`, `getComponentAccessToken`, `getPreAuthCode`.

use serde::{Deserialize, Serialize};

use super::endpoint::{CallClass, Endpoint, Method, Payer, Period, Quota, TokenKind};
use super::id::Appid;
use super::secret::{Secret, SecretBody};
use super::tolerant;

/// `startPushTicket`: asks WeChat to push tickets again.
pub static START_PUSH_TICKET: Endpoint = Endpoint {
    name: "api_start_push_ticket",
    path: "/cgi-bin/component/api_start_push_ticket",
    method: Method::Post,
    class: CallClass::OneShot,
    token: TokenKind::None,
    sets: &[],
    quotas: &[],
};

/// `getComponentAccessToken`: the platform token, from the ticket.
///
/// Counted per day; 2000 and 10000 are both reported, so the smaller one is taken.
pub static COMPONENT_TOKEN: Endpoint = Endpoint {
    name: "api_component_token",
    path: "/cgi-bin/component/api_component_token",
    method: Method::Post,
    class: CallClass::OneShot,
    token: TokenKind::None,
    sets: &[],
    quotas: &[Quota {
        limit: 2_000,
        period: Period::Day,
        scarce: false,
        payer: Payer::Platform,
    }],
};

/// `getPreAuthCode`: a code for one authorization attempt.
pub static CREATE_PREAUTHCODE: Endpoint = Endpoint {
    name: "api_create_preauthcode",
    path: "/cgi-bin/component/api_create_preauthcode",
    method: Method::Post,
    class: CallClass::OneShot,
    token: TokenKind::Component,
    sets: &[],
    quotas: &[],
};

/// The body of [`START_PUSH_TICKET`]. Only here the key of the secret is `component_secret`.
#[must_use]
pub fn start_push_ticket_request(platform: &Appid, secret: &Secret) -> SecretBody {
    #[derive(Serialize)]
    struct Body<'a> {
        component_appid: &'a str,
        component_secret: &'a str,
    }
    SecretBody::of(&Body {
        component_appid: platform.as_str(),
        component_secret: secret.expose(),
    })
}

/// The body of [`COMPONENT_TOKEN`]. Any ticket of the last 12 hours will do.
#[must_use]
pub fn component_token_request(platform: &Appid, secret: &Secret, ticket: &Secret) -> SecretBody {
    #[derive(Serialize)]
    struct Body<'a> {
        component_appid: &'a str,
        component_appsecret: &'a str,
        component_verify_ticket: &'a str,
    }
    SecretBody::of(&Body {
        component_appid: platform.as_str(),
        component_appsecret: secret.expose(),
        component_verify_ticket: ticket.expose(),
    })
}

/// The body of [`CREATE_PREAUTHCODE`].
#[must_use]
pub fn create_preauthcode_request(platform: &Appid) -> SecretBody {
    #[derive(Serialize)]
    struct Body<'a> {
        component_appid: &'a str,
    }
    SecretBody::of(&Body {
        component_appid: platform.as_str(),
    })
}

/// The answer of [`COMPONENT_TOKEN`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct ComponentToken {
    /// The platform token.
    #[serde(deserialize_with = "tolerant::secret")]
    pub component_access_token: Secret,
    /// Its life in seconds: 7200. Not worth losing the token for: asking again is counted.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub expires_in: Option<i64>,
}

/// The answer of [`CREATE_PREAUTHCODE`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct PreAuthCode {
    /// The code, for one attempt.
    #[serde(deserialize_with = "tolerant::secret")]
    pub pre_auth_code: Secret,
    /// Its life in seconds: read it, the pages say 600 and 1800.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub expires_in: Option<i64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_has_another_key_in_each_of_the_two_bodies() {
        let platform = Appid::parse("wx0000000000000001").unwrap();
        let (secret, ticket) = (Secret::new("s"), Secret::new("ticket@@@t"));
        assert_eq!(
            start_push_ticket_request(&platform, &secret).expose(),
            r#"{"component_appid":"wx0000000000000001","component_secret":"s"}"#
        );
        assert_eq!(
            component_token_request(&platform, &secret, &ticket).expose(),
            r#"{"component_appid":"wx0000000000000001","component_appsecret":"s","component_verify_ticket":"ticket@@@t"}"#
        );
        assert_eq!(
            create_preauthcode_request(&platform).expose(),
            r#"{"component_appid":"wx0000000000000001"}"#
        );
    }
}
