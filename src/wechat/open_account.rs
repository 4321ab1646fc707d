//! Open accounts (开放平台账号), which give the accounts of one owner common unionids.
//!
//! `open/create` is not idempotent and has been seen to answer -1 after creating: ask `open/get` before and after.
//! WeChat's pages: developers.weixin.qq.com, `createOpenAccount`, `getOpenAccount`, `bindOpenAccount`,
//! `unbindOpenAccount`.

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;
use serde_json::json;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::{Appid, RawAppid};

/// `createOpenAccount`: creates an open account and binds the caller. Not idempotent.
pub static CREATE: Endpoint = Endpoint {
    name: "open/create",
    path: "/cgi-bin/open/create",
    method: Method::Post,
    class: CallClass::AtMostOnce,
    token: TokenKind::Authorizer,
    sets: &[24, 25],
    quotas: &[],
};

/// `getOpenAccount`: the open account the caller is bound to; 89002 where there is none.
pub static GET: Endpoint = Endpoint {
    name: "open/get",
    path: "/cgi-bin/open/get",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[24, 25],
    quotas: &[],
};

/// `bindOpenAccount`: binds the caller to an existing open account.
pub static BIND: Endpoint = Endpoint {
    name: "open/bind",
    path: "/cgi-bin/open/bind",
    method: Method::Post,
    class: CallClass::NaturalKey,
    token: TokenKind::Authorizer,
    sets: &[24, 25],
    quotas: &[],
};

/// `unbindOpenAccount`: takes the caller out of an open account. Only of those that were made through the API (89003).
pub static UNBIND: Endpoint = Endpoint {
    name: "open/unbind",
    path: "/cgi-bin/open/unbind",
    method: Method::Post,
    class: CallClass::NaturalKey,
    token: TokenKind::Authorizer,
    sets: &[24, 25],
    quotas: &[],
};

/// Asks for a new open account with `account` in it.
#[must_use]
pub fn create_request(account: &Appid) -> Call {
    Call::new(&CREATE, account.clone(), &json!({"appid": account}))
}

/// Asks which open account `account` is in.
#[must_use]
pub fn get_request(account: &Appid) -> Call {
    Call::new(&GET, account.clone(), &json!({"appid": account}))
}

/// Puts `account` into an open account that exists.
#[must_use]
pub fn bind_request(account: &Appid, open_account: &Appid) -> Call {
    Call::new(
        &BIND,
        account.clone(),
        &json!({"appid": account, "open_appid": open_account}),
    )
}

/// Takes `account` out of the open account it is in.
#[must_use]
pub fn unbind_request(account: &Appid, open_account: &Appid) -> Call {
    Call::new(
        &UNBIND,
        account.clone(),
        &json!({"appid": account, "open_appid": open_account}),
    )
}

/// The answer of [`CREATE`] and of [`GET`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct OpenAccount {
    /// The open account. Its presence is the success: samples come without errcode.
    pub open_appid: RawAppid,
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_bodies_name_the_tokens_own_account() {
        let account = Appid::parse("wx1111111111111111").unwrap();
        let open = Appid::parse("wx2222222222222222").unwrap();
        let body = |call: &Call| -> Value { serde_json::from_str(call.body()).unwrap() };
        assert_eq!(
            body(&create_request(&account)),
            json!({"appid": "wx1111111111111111"})
        );
        assert_eq!(
            body(&get_request(&account)),
            json!({"appid": "wx1111111111111111"})
        );
        assert_eq!(
            body(&bind_request(&account, &open)),
            json!({"appid": "wx1111111111111111", "open_appid": "wx2222222222222222"})
        );
        assert_eq!(
            unbind_request(&account, &open).body(),
            bind_request(&account, &open).body()
        );
    }
}
