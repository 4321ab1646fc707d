//! What WeChat itself counts of one API's daily quota (`openapi/quota/get`). About 1 % off, as WeChat says.
//!
//! WeChat's page: developers.weixin.qq.com, `getApiQuota`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;

/// `getApiQuota`: the quota of one API of the account whose token is given.
pub static GET: Endpoint = Endpoint {
    name: "openapi/quota/get",
    path: "/cgi-bin/openapi/quota/get",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[],
    quotas: &[],
};

/// The same of the platform itself, with its own token.
pub static GET_OF_PLATFORM: Endpoint = Endpoint {
    token: TokenKind::ComponentAsAccess,
    ..GET
};

/// The request for one API's quota of the platform itself.
#[must_use]
pub fn get_request_of_platform(platform: &Appid, of: &Endpoint) -> Call {
    Call::new(
        &GET_OF_PLATFORM,
        platform.clone(),
        &json!({"cgi_path": of.path}),
    )
}

/// The request for one API's quota.
#[must_use]
pub fn get_request(account: &Appid, of: &Endpoint) -> Call {
    Call::new(&GET, account.clone(), &json!({"cgi_path": of.path}))
}

/// What WeChat counts of one API and day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Daily {
    /// Calls allowed in the day. 0: WeChat names none.
    pub daily_limit: u32,
    /// Calls made.
    pub used: u32,
    /// Calls left.
    pub remain: u32,
}

/// Reads the answer.
///
/// # Errors
/// Where it has another shape.
pub fn read(body: &Value) -> Result<Daily, serde_json::Error> {
    #[derive(Deserialize)]
    struct Body {
        #[serde(deserialize_with = "super::tolerant::object")]
        quota: Daily,
    }
    Ok(Body::deserialize(body)?.quota)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_the_page_is_read() {
        let body = json!({
            "errcode": 0, "errmsg": "ok",
            "quota": {"daily_limit": 1000, "used": 3, "remain": 997},
            "rate_limit": {"call_count": 0, "refresh_second": 0},
            "component_rate_limit": {"call_count": 0, "refresh_second": 0},
        });
        let daily = read(&body).unwrap();
        assert_eq!(
            (daily.daily_limit, daily.used, daily.remain),
            (1000, 3, 997)
        );
        assert!(read(&json!({"errcode": 0})).is_err());
    }
}
