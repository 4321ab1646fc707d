//! A third-party platform (第三方平台) as its console page knows it. Plain data in the shape of the state file.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::audit_quota::{AuditQuota, Submissions};
use super::code_templates::{CodeDraft, CodeTemplate};
use super::miniprogram::PlatformDomains;
use super::push_content::Form;

/// A third-party platform (第三方平台) as its console page knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Platform {
    /// The component appid.
    pub app_id: String,
    /// The component secret.
    pub app_secret: String,
    /// 消息校验Token, used in push signatures.
    pub token: String,
    /// 消息加解密Key, 43 characters.
    pub encoding_aes_key: String,
    /// The key before the last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_encoding_aes_key: Option<String>,
    /// 授权事件接收URL; without it tickets are not pushed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notices_url: Option<String>,
    /// 消息与事件接收URL, with `$APPID$` in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub messages_url: Option<String>,
    /// 登录授权的发起页域名; the authorization page refuses every other host. Absent: not checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_host: Option<String>,
    /// The permission sets the platform has published; absent: all known ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permission_sets: Option<BTreeSet<u32>>,
    /// 白名单IP地址列表; absent: every caller is let in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ip_allow_list: Option<BTreeSet<IpAddr>>,
    /// Code templates, kept as given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub template_library: Vec<Value>,
    /// Where its developers' uploads wait (草稿箱), oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub code_drafts: Vec<CodeDraft>,
    /// The code its mini-programs can be given (代码模板库).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub code_templates: Vec<CodeTemplate>,
    /// The next template id to give out; 0: one more than the last.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub next_template_id: u64,
    /// How many templates of a type there can be; absent: 200.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_templates: Option<usize>,
    /// Reviews of code it can ask for, in a month.
    #[serde(default, skip_serializing_if = "AuditQuota::is_usual")]
    pub audit_quota: AuditQuota,
    /// Whose code WeChat takes from it to be reviewed.
    #[serde(default, skip_serializing_if = "Submissions::is_usual")]
    pub submissions: Submissions,
    /// The domains its mini-programs may have.
    #[serde(default, skip_serializing_if = "PlatformDomains::is_usual")]
    pub domains: PlatformDomains,
    /// How its pushes' envelopes are written.
    #[serde(default, skip_serializing_if = "Form::is_xml")]
    pub push_envelope: Form,
    /// How what is in them is written.
    #[serde(default, skip_serializing_if = "Form::is_xml")]
    pub push_content: Form,
    /// A changed configuration that is being tested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub testing: Option<Testing>,
    /// Pushes that failed one after the other, while that can stop them.
    #[serde(default, skip_serializing_if = "no_more_than_none")]
    pub failed_pushes: u32,
    /// Published network-wide; else only `testAccounts` may authorize.
    #[serde(default = "yes")]
    pub published: bool,
    /// The 授权测试 list.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub test_accounts: BTreeSet<String>,
    /// Whether tickets are pushed every ten minutes.
    #[serde(default = "yes")]
    pub push_tickets: bool,
    /// When the next ticket is due; absent: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_ticket_at: Option<Timestamp>,
}

/// A configuration under test; what is left out is as published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Testing {
    /// 授权事件接收URL
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notices_url: Option<String>,
    /// 消息与事件接收URL
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messages_url: Option<String>,
    /// 消息校验Token
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// 消息加解密Key
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding_aes_key: Option<String>,
}

impl Platform {
    /// Under which configurations something about the account is pushed: what is the platform's own under both the
    /// published and the tested one, a test account's under the tested one.
    pub(super) fn configurations_for(&self, account: &str) -> Vec<Self> {
        let Some(testing) = &self.testing else {
            return vec![self.clone()];
        };
        let or = |tested: &Option<String>, published: &String| {
            tested.clone().unwrap_or_else(|| published.clone())
        };
        let tested = Self {
            notices_url: testing.notices_url.clone().or(self.notices_url.clone()),
            messages_url: testing.messages_url.clone().or(self.messages_url.clone()),
            token: or(&testing.token, &self.token),
            encoding_aes_key: or(&testing.encoding_aes_key, &self.encoding_aes_key),
            ..self.clone()
        };
        if self.test_accounts.contains(account) {
            vec![tested]
        } else if account == self.app_id {
            vec![self.clone(), tested]
        } else {
            vec![self.clone()]
        }
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "what serde's skip_serializing_if passes"
)]
fn no_more_than_none(count: &u32) -> bool {
    *count == 0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "what serde's skip_serializing_if passes"
)]
fn is_usual(number: &u64) -> bool {
    *number == 0
}

fn yes() -> bool {
    true
}
