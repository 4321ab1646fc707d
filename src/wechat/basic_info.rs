//! What an account says of itself (基本信息): name, avatar, introduction, and how often each may still be changed.
//!
//! Everything but the account's id and kind may be left out by WeChat: what is left out is not known, and never empty.
//! What is there and of another kind makes the whole answer unreadable.
//! WeChat's page: developers.weixin.qq.com, `api_getaccountbasicinfo`.

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::id::{Appid, RawAppid};
use super::secret::Secret;
use super::tolerant;

/// `getAccountBasicInfo`: of a mini-program or an official account. The page says POST, SDKs send GET.
pub static GET: Endpoint = Endpoint {
    name: "account/getaccountbasicinfo",
    path: "/cgi-bin/account/getaccountbasicinfo",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[3, 30],
    quotas: &[],
};

/// Asks what `account` says of itself.
#[must_use]
pub fn get_request(account: &Appid) -> Call {
    Call::bare(&GET, account.clone())
}

/// The answer of [`GET`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct BasicInfo {
    /// The account.
    pub appid: RawAppid,
    /// See [`BasicInfo::kind`].
    #[serde(deserialize_with = "tolerant::int")]
    account_type: i64,
    /// See [`BasicInfo::principal_kind`].
    #[serde(default, deserialize_with = "tolerant::given_int")]
    principal_type: Option<i64>,
    /// The legal entity (主体).
    #[serde(default, deserialize_with = "tolerant::given_text")]
    pub principal_name: Option<String>,
    /// The principal's number in its register; of a person it is personal.
    #[serde(default, deserialize_with = "tolerant::maybe_secret")]
    pub credential: Option<Secret>,
    /// 0 not verified or a person, 1 enterprise, 2 media, 3 government, 4 other, 5 private, 6 profit organisation,
    /// 8 social organisation, 9 public media, 11 public institution, 12 sole trader, 14 overseas enterprise.
    #[serde(default, deserialize_with = "tolerant::given_int")]
    pub customer_type: Option<i64>,
    /// See [`BasicInfo::realname`].
    #[serde(default, deserialize_with = "tolerant::given_int")]
    realname_status: Option<i64>,
    /// The country it is registered in; 1017 is the mainland of China.
    #[serde(default, deserialize_with = "tolerant::given_int")]
    pub registered_country: Option<i64>,
    /// The name once more, missing from older answers; see [`BasicInfo::name`].
    #[serde(default, deserialize_with = "tolerant::given_text")]
    nickname: Option<String>,
    /// Verification (微信认证).
    #[serde(default, deserialize_with = "tolerant::given_object")]
    pub wx_verify_info: Option<Verification>,
    /// The introduction (介绍).
    #[serde(default, deserialize_with = "tolerant::given_object")]
    pub signature_info: Option<SignatureInfo>,
    /// The avatar (头像).
    #[serde(default, deserialize_with = "tolerant::given_object")]
    pub head_image_info: Option<HeadImageInfo>,
    /// The name (名称).
    #[serde(default, deserialize_with = "tolerant::given_object")]
    pub nickname_info: Option<NicknameInfo>,
}

/// What kind of account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountKind {
    /// A subscription account (订阅号).
    Subscription,
    /// A service account (服务号).
    Service,
    /// A mini-program (小程序).
    MiniProgram,
    /// A number no page explains.
    Unknown(i64),
}

/// What kind of principal it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    /// A person.
    Person,
    /// An enterprise.
    Enterprise,
    /// Media.
    Media,
    /// A government.
    Government,
    /// Another organisation.
    Other,
    /// A number no page explains.
    Unknown(i64),
}

/// How far WeChat is with checking who the principal is (实名). Where it is not [`Realname::Passed`], only the
/// endpoints for verification and account settings work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Realname {
    /// It is checked.
    Passed,
    /// It is being checked, as it is in the beginning.
    InProgress,
    /// It failed.
    Failed,
    /// A number no page explains.
    Unknown(i64),
}

/// Verification (微信认证).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Verification {
    /// Whether the qualification is verified (资质认证).
    #[serde(deserialize_with = "tolerant::truthful")]
    pub qualification_verify: bool,
    /// Whether the name is verified (名称认证).
    #[serde(deserialize_with = "tolerant::truthful")]
    pub naming_verify: bool,
    /// Whether the yearly review is due; like the two times only where the qualification is verified.
    #[serde(default, deserialize_with = "tolerant::given_bool")]
    pub annual_review: Option<bool>,
    /// When the yearly review begins, in unix seconds.
    #[serde(default, deserialize_with = "tolerant::given_int")]
    pub annual_review_begin_time: Option<i64>,
    /// When the yearly review must be done, in unix seconds.
    #[serde(default, deserialize_with = "tolerant::given_int")]
    pub annual_review_end_time: Option<i64>,
}

/// How often something was changed in the running period, and how often it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changes {
    /// Changes made.
    pub used: i64,
    /// Changes allowed.
    pub quota: i64,
}

impl Changes {
    /// Changes left.
    #[must_use]
    pub fn left(self) -> i64 {
        self.quota.saturating_sub(self.used).max(0)
    }
}

/// The introduction, exact as it was set. Its changes count by the **month**.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct SignatureInfo {
    /// The text.
    #[serde(deserialize_with = "tolerant::string")]
    pub signature: String,
    #[serde(deserialize_with = "tolerant::int")]
    modify_used_count: i64,
    #[serde(deserialize_with = "tolerant::int")]
    modify_quota: i64,
}

/// The avatar. Its changes count by the **year** (as the page says; 53202 says month).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct HeadImageInfo {
    /// A square crop, encoded anew, on WeChat's servers: its bytes are not those that were uploaded, and its host and
    /// ending may vary. Empty or missing where none was set.
    #[serde(default, deserialize_with = "tolerant::given_text")]
    pub head_image_url: Option<String>,
    #[serde(deserialize_with = "tolerant::int")]
    modify_used_count: i64,
    #[serde(deserialize_with = "tolerant::int")]
    modify_quota: i64,
}

/// The name in force; a pending one is not shown. Its changes count by the **year**.
///
/// Of an organisation that has released, the count reads 2 (all used up). A yearly count that was not reset in January
/// has been reported: it is read, never worked out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct NicknameInfo {
    #[serde(default, deserialize_with = "tolerant::given_text")]
    nickname: Option<String>,
    #[serde(deserialize_with = "tolerant::int")]
    modify_used_count: i64,
    #[serde(deserialize_with = "tolerant::int")]
    modify_quota: i64,
}

impl BasicInfo {
    /// What kind of account it is.
    #[must_use]
    pub fn kind(&self) -> AccountKind {
        match self.account_type {
            1 => AccountKind::Subscription,
            2 => AccountKind::Service,
            3 => AccountKind::MiniProgram,
            other => AccountKind::Unknown(other),
        }
    }

    /// What kind of principal it has; `None` where the answer does not say.
    #[must_use]
    pub fn principal_kind(&self) -> Option<PrincipalKind> {
        Some(match self.principal_type? {
            0 => PrincipalKind::Person,
            1 => PrincipalKind::Enterprise,
            2 => PrincipalKind::Media,
            3 => PrincipalKind::Government,
            4 => PrincipalKind::Other,
            other => PrincipalKind::Unknown(other),
        })
    }

    /// Whether the principal is checked; `None` where the answer does not say.
    #[must_use]
    pub fn realname(&self) -> Option<Realname> {
        Some(match self.realname_status? {
            1 => Realname::Passed,
            2 => Realname::InProgress,
            3 => Realname::Failed,
            other => Realname::Unknown(other),
        })
    }

    /// The name in force, from whichever place has it; `None` where the answer does not say. Empty: there is none yet.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        let info = self.nickname_info.as_ref();
        let inner = info.and_then(|info| info.nickname.as_deref());
        inner.or(self.nickname.as_deref())
    }
}

impl SignatureInfo {
    /// Changes of this month.
    #[must_use]
    pub fn changes(&self) -> Changes {
        Changes {
            used: self.modify_used_count,
            quota: self.modify_quota,
        }
    }
}

impl HeadImageInfo {
    /// Changes of this year. A risen count is what tells that a change in doubt was made.
    #[must_use]
    pub fn changes(&self) -> Changes {
        Changes {
            used: self.modify_used_count,
            quota: self.modify_quota,
        }
    }
}

impl NicknameInfo {
    /// Changes of this year. An unchanged count proves nothing.
    #[must_use]
    pub fn changes(&self) -> Changes {
        Changes {
            used: self.modify_used_count,
            quota: self.modify_quota,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn bare() -> Value {
        json!({"errcode": 0, "errmsg": "ok", "appid": "wx1111111111111111", "account_type": "3"})
    }

    fn with(field: &str, value: Value) -> Result<BasicInfo, serde_json::Error> {
        let mut body = bare();
        body[field] = value;
        serde_json::from_value(body)
    }

    #[test]
    fn what_is_left_out_is_not_known() {
        let info: BasicInfo = serde_json::from_value(bare()).unwrap();
        assert_eq!(info.kind(), AccountKind::MiniProgram);
        assert_eq!((info.name(), info.realname()), (None, None));
        assert!(info.principal_kind().is_none() && info.signature_info.is_none());
    }

    #[test]
    fn what_is_there_and_of_another_kind_is_never_empty() {
        for (field, odd) in [
            ("appid", json!(null)),
            ("account_type", json!(null)),
            ("realname_status", json!("?")),
            ("nickname", json!(null)),
            ("signature_info", json!(null)),
            (
                "signature_info",
                json!({"modify_used_count": 1, "modify_quota": 5}),
            ),
            (
                "signature_info",
                json!({"signature": null, "modify_used_count": 1, "modify_quota": 5}),
            ),
            ("head_image_info", json!([])),
            (
                "head_image_info",
                json!({"head_image_url": "http://a/0", "modify_quota": 5}),
            ),
            (
                "nickname_info",
                json!({"nickname": {}, "modify_used_count": 1, "modify_quota": 2}),
            ),
            (
                "wx_verify_info",
                json!({"qualification_verify": "maybe", "naming_verify": false}),
            ),
        ] {
            assert!(with(field, odd.clone()).is_err(), "{field}: {odd}");
        }
    }

    #[test]
    fn the_name_is_where_older_and_newer_answers_have_it() {
        let counts = json!({"modify_used_count": "2", "modify_quota": 2});
        let mut named = counts.clone();
        named["nickname"] = json!("里");
        assert_eq!(with("nickname", json!("外")).unwrap().name(), Some("外"));
        assert_eq!(with("nickname_info", named).unwrap().name(), Some("里"));
        let info = with("nickname_info", counts).unwrap();
        assert_eq!(info.name(), None);
        assert_eq!(info.nickname_info.unwrap().changes().left(), 0);
        assert_eq!(with("nickname", json!("")).unwrap().name(), Some(""));
    }

    #[test]
    fn what_is_left_of_a_quota_is_never_less_than_nothing() {
        let changes = |used, quota| Changes { used, quota }.left();
        assert_eq!(
            [
                changes(1, 5),
                changes(5, 5),
                changes(6, 5),
                changes(0, i64::MIN)
            ],
            [4, 0, 0, 0]
        );
    }

    #[test]
    fn a_persons_number_is_not_printed() {
        let info = with("credential", json!("110101199003071234")).unwrap();
        assert!(!format!("{info:?}").contains("19900307"));
    }
}
