//! The platform's own tokens.

use super::endpoint::{CallClass, Endpoint, Method, Period, Quota, TokenKind};

/// `startPushTicket`: asks WeChat to push tickets again.
pub static START_PUSH_TICKET: Endpoint = Endpoint {
    name: "api_start_push_ticket",
    path: "/cgi-bin/component/api_start_push_ticket",
    method: Method::Post,
    class: CallClass::OneShot,
    token: TokenKind::None,
    sets: &[],
    quota: None,
};

/// `getComponentAccessToken`: the platform token, from the ticket.
pub static COMPONENT_TOKEN: Endpoint = Endpoint {
    name: "api_component_token",
    path: "/cgi-bin/component/api_component_token",
    method: Method::Post,
    class: CallClass::OneShot,
    token: TokenKind::None,
    sets: &[],
    quota: Some(Quota {
        limit: 2_000,
        period: Period::Day,
        scarce: false,
    }),
};

/// `getPreAuthCode`: a code for one authorization attempt.
pub static CREATE_PREAUTHCODE: Endpoint = Endpoint {
    name: "api_create_preauthcode",
    path: "/cgi-bin/component/api_create_preauthcode",
    method: Method::Post,
    class: CallClass::OneShot,
    token: TokenKind::Component,
    sets: &[],
    quota: None,
};
