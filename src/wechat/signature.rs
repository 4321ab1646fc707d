//! A mini-program's introduction (介绍, "signature" on the wire): in force at once, without review.
//!
//! It is read back through [`basic_info`](super::basic_info), exact as it was sent.
//! WeChat's page: developers.weixin.qq.com, `api_setsignature`.

use std::ops::RangeInclusive;

use serde_json::json;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, Payer, Period, Quota, TokenKind};
use super::id::Appid;

/// How many characters an introduction has. WeChat also wants 4 Chinese characters (53204), and yet its own samples
/// have introductions of digits: whether it holds that to everybody is left to WeChat.
pub const LENGTH: RangeInclusive<usize> = 4..=120;

/// `setSignature`: replaces the introduction. The number of changes that are left is read, this one is of a sample.
/// Its page names no permission set; these are its family's.
pub static MODIFY: Endpoint = Endpoint {
    name: "account/modifysignature",
    path: "/cgi-bin/account/modifysignature",
    method: Method::Post,
    class: CallClass::Put,
    token: TokenKind::Authorizer,
    sets: &[3, 30],
    quotas: &[Quota {
        limit: 5,
        period: Period::Month,
        scarce: true,
        payer: Payer::Account,
    }],
};

/// Sets the introduction of `account`. Refused with 53200 (quota), 53201 (a word), 53203 (not now), 53204 (its form).
#[must_use]
pub fn modify_request(account: &Appid, signature: &str) -> Call {
    Call::new(&MODIFY, account.clone(), &json!({"signature": signature}))
}

/// Whether a text has as many characters as an introduction may have.
#[must_use]
pub fn fits(text: &str) -> bool {
    LENGTH.contains(&text.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_introduction_is_sent_in_clear_text() {
        let account = Appid::parse("wx1111111111111111").unwrap();
        let call = modify_request(&account, "舞蹈课");
        assert_eq!(call.body(), r#"{"signature":"舞蹈课"}"#);
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        assert!(fits("日出舞蹈") && fits(&"字".repeat(120)));
        assert!(!fits("舞蹈课") && !fits(&"字".repeat(121)));
    }
}
