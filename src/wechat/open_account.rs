//! Open accounts (开放平台账号).

use super::endpoint::{CallClass, Endpoint, Method, TokenKind};

/// `createOpenAccount`: creates an open account and binds the caller. Not idempotent.
pub static CREATE: Endpoint = Endpoint {
    name: "open/create",
    path: "/cgi-bin/open/create",
    method: Method::Post,
    class: CallClass::AtMostOnce,
    token: TokenKind::Authorizer,
    sets: &[24, 25],
    quota: None,
};

/// `getOpenAccount`: the open account the caller is bound to; 89002 where there is none.
pub static GET: Endpoint = Endpoint {
    name: "open/get",
    path: "/cgi-bin/open/get",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[24, 25],
    quota: None,
};

/// `bindOpenAccount`: binds the caller to an existing open account.
pub static BIND: Endpoint = Endpoint {
    name: "open/bind",
    path: "/cgi-bin/open/bind",
    method: Method::Post,
    class: CallClass::NaturalKey,
    token: TokenKind::Authorizer,
    sets: &[24, 25],
    quota: None,
};
