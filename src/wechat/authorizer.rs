//! Accounts that authorized the platform (授权账号).

use super::endpoint::{CallClass, Endpoint, Method, TokenKind};

/// `getAuthorizerInfo`: kind, principal, verification and granted permission sets of one account.
pub static INFO: Endpoint = Endpoint {
    name: "api_get_authorizer_info",
    path: "/cgi-bin/component/api_get_authorizer_info",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Component,
    sets: &[],
    quota: None,
};

/// `getAuthorizerList`: authorized accounts, 500 a page.
pub static LIST: Endpoint = Endpoint {
    name: "api_get_authorizer_list",
    path: "/cgi-bin/component/api_get_authorizer_list",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Component,
    sets: &[],
    quota: None,
};
