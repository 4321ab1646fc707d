//! Whether a mini-program can be found by searching (搜索状态).
//!
//! WeChat's pages: developers.weixin.qq.com, `api_getsearchstatus`, `api_setsearchstatus`. The copies seen name no
//! permission set without doubt; the one here is of the family.

use serde::Deserialize;
use serde_json::json;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::tolerant;

/// `getSearchStatus`.
pub static GET: Endpoint = Endpoint {
    name: "getwxasearchstatus",
    path: "/wxa/getwxasearchstatus",
    method: Method::Get,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[30],
    quotas: &[],
};

/// `setSearchStatus`: refused where WeChat has barred the mini-program (85083), or its owner switched searching off
/// (85091).
pub static CHANGE: Endpoint = Endpoint {
    name: "changewxasearchstatus",
    path: "/wxa/changewxasearchstatus",
    method: Method::Post,
    class: CallClass::Put,
    token: TokenKind::Authorizer,
    sets: &[30],
    quotas: &[],
};

/// Asks whether `account` can be found.
#[must_use]
pub fn get_request(account: &Appid) -> Call {
    Call::bare(&GET, account.clone())
}

/// Lets `account` be found, or hides it.
#[must_use]
pub fn change_request(account: &Appid, hidden: bool) -> Call {
    let status = u8::from(hidden);
    Call::new(&CHANGE, account.clone(), &json!({"status": status}))
}

/// The answer of [`GET`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct SearchStatus {
    /// `status`, the other way round than one expects: **1 cannot be found**, 0 can.
    #[serde(rename = "status", deserialize_with = "tolerant::truthful")]
    pub hidden: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_hidden_and_anything_else_but_zero_is_unreadable() {
        let read = |status| serde_json::from_value::<SearchStatus>(json!({"status": status})).ok();
        assert_eq!(read(json!(1)), Some(SearchStatus { hidden: true }));
        assert_eq!(read(json!("0")), Some(SearchStatus { hidden: false }));
        for odd in [json!(2), json!(null), json!([])] {
            assert_eq!(read(odd), None);
        }
        let account = Appid::parse("wx1111111111111111").unwrap();
        assert_eq!(change_request(&account, true).body(), r#"{"status":1}"#);
        assert_eq!(change_request(&account, false).body(), r#"{"status":0}"#);
    }
}
