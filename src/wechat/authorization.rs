//! Authorization codes and authorizer tokens.

use super::endpoint::{CallClass, Endpoint, Method, TokenKind};

/// `getAuthorizerRefreshToken`: exchanges an authorization code, which works once.
pub static QUERY_AUTH: Endpoint = Endpoint {
    name: "api_query_auth",
    path: "/cgi-bin/component/api_query_auth",
    method: Method::Post,
    class: CallClass::OneShot,
    token: TokenKind::Component,
    sets: &[],
    quota: None,
};

/// `getAuthorizerAccessToken`: a new authorizer token from the refresh token, which may rotate.
pub static AUTHORIZER_TOKEN: Endpoint = Endpoint {
    name: "api_authorizer_token",
    path: "/cgi-bin/component/api_authorizer_token",
    method: Method::Post,
    class: CallClass::OneShot,
    token: TokenKind::Component,
    sets: &[],
    quota: None,
};
