//! Whether a mini-program is served (服务状态): the switch that its console calls 暂停服务.
//!
//! WeChat's pages: developers.weixin.qq.com, `api_getvisitstatus`, `api_setvisitstatus`.

use serde::Deserialize;
use serde_json::json;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::tolerant;

/// `getVisitStatus`. Refused without a body (44002).
pub static GET: Endpoint = Endpoint {
    name: "getvisitstatus",
    path: "/wxa/getvisitstatus",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[18],
    quotas: &[],
};

/// `setVisitStatus`. A released mini-program is served from the beginning.
pub static CHANGE: Endpoint = Endpoint {
    name: "change_visitstatus",
    path: "/wxa/change_visitstatus",
    method: Method::Post,
    class: CallClass::Put,
    token: TokenKind::Authorizer,
    sets: &[18],
    quotas: &[],
};

/// Asks whether `account` is served.
#[must_use]
pub fn get_request(account: &Appid) -> Call {
    Call::bare(&GET, account.clone())
}

/// Serves `account`, or pauses it for all of its users.
#[must_use]
pub fn change_request(account: &Appid, served: bool) -> Call {
    let action = if served { "open" } else { "close" };
    Call::new(&CHANGE, account.clone(), &json!({"action": action}))
}

/// The answer of [`GET`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct VisitStatus {
    /// `status`: 1 served, 0 paused, by the owner or by WeChat as a punishment: which of the two, it does not tell.
    #[serde(rename = "status", deserialize_with = "tolerant::truthful")]
    pub served: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn served_is_one_and_anything_else_but_zero_is_unreadable() {
        let read = |status| serde_json::from_value::<VisitStatus>(json!({"status": status})).ok();
        assert_eq!(read(json!(1)), Some(VisitStatus { served: true }));
        assert_eq!(read(json!("0")), Some(VisitStatus { served: false }));
        assert_eq!(read(json!(2)), None);
        assert_eq!(read(json!(null)), None);
        assert!(serde_json::from_value::<VisitStatus>(json!({"errcode": 0})).is_err());
        let account = Appid::parse("wx1111111111111111").unwrap();
        assert_eq!(
            change_request(&account, false).body(),
            r#"{"action":"close"}"#
        );
        assert_eq!(
            change_request(&account, true).body(),
            r#"{"action":"open"}"#
        );
        assert_eq!(get_request(&account).body(), "{}");
    }
}
