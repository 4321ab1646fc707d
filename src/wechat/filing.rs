//! How far a mini-program's filing (小程序备案) is. A mini-program that is not filed cannot go online.
//!
//! WeChat's page: developers.weixin.qq.com, `api_geticpentranceinfo`.

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::Appid;
use super::tolerant;

/// `getIcpEntranceInfo`
pub static GET: Endpoint = Endpoint {
    name: "icp/get_icp_entrance_info",
    path: "/wxa/icp/get_icp_entrance_info",
    method: Method::Get,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[156, 18],
    quotas: &[],
};

/// Asks how far it is.
#[must_use]
pub fn get_request(account: &Appid) -> Call {
    Call::bare(&GET, account.clone())
}

/// The answer of [`GET`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct FilingInfo {
    /// What it says.
    #[serde(deserialize_with = "tolerant::object")]
    pub info: Filing,
}

/// A filing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Filing {
    #[serde(deserialize_with = "tolerant::int")]
    status: i64,
    /// Whether it is being taken back.
    #[serde(default, deserialize_with = "tolerant::maybe_bool")]
    pub is_canceling: Option<bool>,
    /// Whether one can be handed in at all.
    #[serde(default, deserialize_with = "tolerant::maybe_bool")]
    pub available: Option<bool>,
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    sms_verify_status: Option<i64>,
    /// What was found fault with.
    #[serde(default, deserialize_with = "tolerant::maybe_list")]
    pub audit_data: Option<Vec<Fault>>,
}

/// What was found fault with in a filing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Fault {
    /// Of what.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub key_name: Option<String>,
    /// What.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub error: Option<String>,
    /// What to do.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub suggest: Option<String>,
}

/// How far a filing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilingState {
    /// 2: WeChat looks at it.
    WithPlatform,
    /// 3: WeChat refused it.
    RefusedByPlatform,
    /// 4: the regulator (管局) looks at it.
    WithRegulator,
    /// 5: the regulator refused it.
    RefusedByRegulator,
    /// 6
    Filed,
    /// 1024 and what is missing before it can be handed in.
    NotFiled(Missing),
    /// A number that no page explains.
    Odd(i64),
}

/// What is missing before a filing can be handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// Name, avatar and introduction.
    pub profile: bool,
    /// A category.
    pub category: bool,
    /// Verification (认证).
    pub verification: bool,
}

impl Filing {
    /// How far it is.
    #[must_use]
    pub fn state(&self) -> FilingState {
        match self.status {
            2 => FilingState::WithPlatform,
            3 => FilingState::RefusedByPlatform,
            4 => FilingState::WithRegulator,
            5 => FilingState::RefusedByRegulator,
            6 => FilingState::Filed,
            status @ 1024..=1031 => FilingState::NotFiled(Missing {
                profile: status & 1 != 0,
                category: status & 2 != 0,
                verification: status & 4 != 0,
            }),
            other => FilingState::Odd(other),
        }
    }

    /// Whether the regulator waits for the legal person's answer to a short message.
    #[must_use]
    pub fn waits_for_message(&self) -> bool {
        self.sms_verify_status == Some(1)
    }

    /// Whether that answer came too late.
    #[must_use]
    pub fn message_timed_out(&self) -> bool {
        self.sms_verify_status == Some(3)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_missing_stands_in_the_bits() {
        let state = |status: i64| {
            let read: FilingInfo =
                serde_json::from_value(json!({"info": {"status": status, "available": 1}}))
                    .unwrap();
            read.info.state()
        };
        let missing = |profile, category, verification| {
            FilingState::NotFiled(Missing {
                profile,
                category,
                verification,
            })
        };
        assert_eq!(state(1024), missing(false, false, false));
        assert_eq!(state(1029), missing(true, false, true));
        assert_eq!(state(1030), missing(false, true, true));
        assert_eq!(state(6), FilingState::Filed);
        assert_eq!(state(1032), FilingState::Odd(1032));
        assert!(serde_json::from_value::<FilingInfo>(json!({"errcode": 0})).is_err());
    }
}
