//! The options (选项) of an authorized account: reporting of places, recognition of speech, customer service.
//!
//! WeChat's current page for them wants the platform's token in a body that names no account, so the older paths are
//! called, whose body names it. Values are texts of one digit. WeChat's pages: developers.weixin.qq.com,
//! `getAuthorizerOptionInfo`, `setAuthorizerOptionInfo`.

use serde::Deserialize;
use serde_json::json;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::tolerant;

/// `getAuthorizerOptionInfo`. Its page names no permission set.
pub static GET: Endpoint = Endpoint {
    name: "api_get_authorizer_option",
    path: "/cgi-bin/component/api_get_authorizer_option",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Component,
    sets: &[],
    quotas: &[],
};

/// `setAuthorizerOptionInfo`. Refused with 61012 and 61013 (no such option or value) and 61025 (not to be changed).
pub static SET: Endpoint = Endpoint {
    name: "api_set_authorizer_option",
    path: "/cgi-bin/component/api_set_authorizer_option",
    method: Method::Post,
    class: CallClass::Put,
    token: TokenKind::Component,
    sets: &[],
    quotas: &[],
};

/// Asks for the option of `account` that is called `name`: `location_report`, `voice_recognize`, `customer_service`.
#[must_use]
pub fn get_request(account: &Appid, name: &str) -> Call {
    Call::new(
        &GET,
        account.clone(),
        &json!({"authorizer_appid": account, "option_name": name}),
    )
}

/// Sets an option.
#[must_use]
pub fn set_request(account: &Appid, name: &str, value: &str) -> Call {
    Call::new(
        &SET,
        account.clone(),
        &json!({"authorizer_appid": account, "option_name": name, "option_value": value}),
    )
}

/// The answer of [`GET`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AccountOption {
    /// Which option it is.
    #[serde(deserialize_with = "tolerant::string")]
    pub option_name: String,
    /// Its value.
    #[serde(deserialize_with = "tolerant::string")]
    pub option_value: String,
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn an_option_is_set_by_a_text_and_the_body_names_the_account() {
        let account = Appid::parse("wx1111111111111111").unwrap();
        let call = set_request(&account, "location_report", "2");
        let body: Value = serde_json::from_str(call.body()).unwrap();
        assert_eq!(
            body,
            json!({"authorizer_appid": account, "option_name": "location_report", "option_value": "2"})
        );
    }

    #[test]
    fn an_answer_without_a_value_is_unreadable() {
        let read: AccountOption =
            serde_json::from_value(json!({"option_name": "x", "option_value": 1})).unwrap();
        assert_eq!(read.option_value, "1");
        for odd in [
            json!({"option_name": "x"}),
            json!({"option_name": "x", "option_value": null}),
            json!({"option_value": "1"}),
        ] {
            assert!(serde_json::from_value::<AccountOption>(odd).is_err());
        }
    }
}
