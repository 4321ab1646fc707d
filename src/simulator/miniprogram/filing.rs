//! A mini-program's filing (小程序备案): how far it is, and `wxa/icp/get_icp_entrance_info`, which tells.
//!
//! developers.weixin.qq.com: 第三方平台 / 小程序备案. Who is not filed cannot go online. Filing itself takes people and is
//! no part of this; the control API says how far it is.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::own::own;
use crate::simulator::account::Account;
use crate::simulator::answer::{Outcome, fields};
use crate::simulator::endpoint::{Call, Endpoint, Token, get};
use crate::simulator::push::{Event, Forms, Push, notice_content};
use crate::simulator::push_content::Form;
use crate::simulator::state::State;

/// 小程序备案, or 开发管理与数据分析
const FILING: &[u32] = &[156, 18];

/// Its API.
pub(in crate::simulator) static ENDPOINTS: &[Endpoint] = &[get(
    "/wxa/icp/get_icp_entrance_info",
    Token::Authorizer,
    entrance,
)
.sets(FILING)
.only_for(Account::is_mini_program)
.reads()];

/// How far the filing is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Filing {
    /// The stage.
    pub status: FilingStatus,
    /// The filing is being cancelled.
    pub is_canceling: bool,
    /// The entrance is open.
    pub available: bool,
    /// The regulator's message: 1 waits to be answered, 2 answered, 3 not in time; absent: none was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms_verify_status: Option<i64>,
    /// What is wrong, as it is on the wire.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub audit_data: Vec<Value>,
}

impl Default for Filing {
    fn default() -> Self {
        Self {
            status: FilingStatus::Filed,
            is_canceling: false,
            available: true,
            sms_verify_status: None,
            audit_data: Vec::new(),
        }
    }
}

/// A stage of filing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FilingStatus {
    /// 1024 and more on the wire, by what else is missing.
    NotFiled,
    /// 2 on the wire.
    PlatformReview,
    /// 3 on the wire.
    PlatformRejected,
    /// 4 on the wire.
    AuthorityReview,
    /// 5 on the wire.
    AuthorityRejected,
    /// 6 on the wire.
    Filed,
}

impl Filing {
    /// As left out of a state file.
    pub(in crate::simulator) fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    pub(super) fn is_filed(&self) -> bool {
        self.status == FilingStatus::Filed
    }
}

impl FilingStatus {
    /// As it is told.
    fn number(self, account: &Account) -> i64 {
        match self {
            Self::NotFiled => 1024 + missing(account),
            Self::PlatformReview => 2,
            Self::PlatformRejected => 3,
            Self::AuthorityReview => 4,
            Self::AuthorityRejected => 5,
            Self::Filed => 6,
        }
    }
}

/// What is to be there before an application can be made, a bit each: profile, category, verification.
fn missing(account: &Account) -> i64 {
    let picture = account.head_img.as_deref().unwrap_or_default();
    let profile = [&account.nick_name, picture, &account.signature];
    let no_profile = profile.into_iter().any(str::is_empty);
    let mut categories = account.mini_program.categories.iter();
    let no_category = !categories.any(|one| one.has_passed());
    let unverified = account.verify_type < 0;
    i64::from(no_profile) + 2 * i64::from(no_category) + 4 * i64::from(unverified)
}

/// `wxa/icp/get_icp_entrance_info`
fn entrance(call: &mut Call<'_>) -> Outcome {
    let account = own(call)?;
    let filing = &account.mini_program.filing;
    let mut info: Map<String, Value> = fields([
        ("status", json!(filing.status.number(account))),
        ("is_canceling", json!(filing.is_canceling)),
        ("available", json!(i64::from(filing.available))),
    ]);
    let sms = filing.sms_verify_status.map(Value::from);
    info.extend(sms.map(|status| ("sms_verify_status".to_owned(), status)));
    if !filing.audit_data.is_empty() {
        info.insert("audit_data".to_owned(), json!(filing.audit_data));
    }
    Ok(fields([
        ("errcode", json!(0)),
        ("errmsg", json!("ok")),
        ("info", Value::Object(info)),
    ]))
}

impl State {
    /// The notices that the filing of an account has come to another stage than it was.
    pub(in crate::simulator) fn filing_notices(
        &self,
        before: &Account,
        now: jiff::Timestamp,
    ) -> Vec<Push> {
        let Some(account) = self.accounts.get(&before.app_id) else {
            return Vec::new();
        };
        let status = account.mini_program.filing.status;
        if status == before.mini_program.filing.status {
            return Vec::new();
        }
        let documented = self.switches.filing_notices_as_documented;
        let of_account = self.authorizations.values();
        of_account
            .filter(|one| one.account == account.app_id)
            .map(|one| Push {
                platform: one.platform.clone(),
                account: account.app_id.clone(),
                event: Event::Notice,
                content: notice_content(&one.platform, now, "notify_apply_icpfiling_result")
                    .with("authorizer_appid", account.app_id.as_str())
                    .with("beian_status", status.number(account)),
                forms: Forms {
                    push_envelope: None,
                    push_content: Some(match documented {
                        true => Form::Json,
                        false => Form::Xml,
                    }),
                },
                parties: None,
            })
            .collect()
    }
}
