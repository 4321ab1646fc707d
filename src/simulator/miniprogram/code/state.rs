//! The code of a mini-program as the state file has it. Plain data.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::simulator::code_templates::CodeContent;
use crate::simulator::miniprogram::privacy::PrivacyGuide;

/// What there is of a mini-program's code, its reviews aside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Code {
    /// The trial version (体验版): what was uploaded last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trial: Option<CodeVersion>,
    /// Until then it is looked at for what it uses (隐私接口检测); absent: it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detection_ends_at: Option<Timestamp>,
    /// Until then a commit is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub committing_until: Option<Timestamp>,
    /// What users have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub online: Option<OnlineVersion>,
    /// What they had, newest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<OnlineVersion>,
    /// It was taken back to an older version, and is not again before the next release.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reverted: bool,
    /// The last plan to go online by degrees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gray: Option<GrayPlan>,
    /// The next `app_version`; 0 starts the usual series.
    pub next_app_version: u64,
    /// Nothing of it is taken to be reviewed (86007).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub submission_forbidden: bool,
}

/// One version of code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CodeVersion {
    /// `1.0.0`
    pub user_version: String,
    /// What was said with it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub user_desc: String,
    /// When it was uploaded.
    pub committed_at: Timestamp,
    /// The template it was made of; absent: uploaded by hand. WeChat never tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template_id: Option<u64>,
    /// What was sent along, as text; WeChat never tells.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ext_json: String,
    /// What it is like.
    pub code: CodeContent,
}

/// A version that is, or was, online.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct OnlineVersion {
    /// What it is.
    pub version: CodeVersion,
    /// Since when.
    pub released_at: Timestamp,
    /// Its number among those that were online.
    pub app_version: u64,
}

/// A plan to go online by degrees (灰度发布).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct GrayPlan {
    /// How far it is.
    pub status: GrayStatus,
    /// Since when.
    pub created_at: Timestamp,
    /// Of the users.
    pub percentage: u64,
    /// Developers get it first.
    pub debuger_first: bool,
    /// Testers get it first.
    pub experiencer_first: bool,
}

/// How far a plan is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GrayStatus {
    /// 0 on the wire.
    Initial,
    /// 1 on the wire.
    #[default]
    Running,
    /// 2 on the wire.
    Paused,
    /// 3 on the wire.
    Finished,
    /// 4 on the wire.
    Deleted,
}

impl GrayStatus {
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Initial => 0,
            Self::Running => 1,
            Self::Paused => 2,
            Self::Finished => 3,
            Self::Deleted => 4,
        }
    }
}

/// What is particular to a review of code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CodeAudit {
    /// What is reviewed: the trial version as it was.
    pub version: CodeVersion,
    /// The privacy guide as it was, which goes online with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guide: Option<PrivacyGuide>,
    /// What was sent along with it; WeChat never tells.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub sent: Map<String, Value>,
    /// Since when it is delayed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delayed_at: Option<Timestamp>,
    /// Pictures that show why it was refused: ids of permanent media.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub screenshots: Vec<String>,
    /// It was taken back.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
    /// It was sped up.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sped_up: bool,
    /// It is of a kind that cannot be.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub not_to_be_sped_up: bool,
    /// It went online.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub released: bool,
}

impl Code {
    /// As left out of a state file.
    pub(in crate::simulator) fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Whether what was uploaded last is still looked at.
    pub(in crate::simulator) fn is_detecting(&self, now: Timestamp) -> bool {
        self.detection_ends_at.is_some_and(|end| now < end)
    }

    pub(super) fn is_committing(&self, now: Timestamp) -> bool {
        self.committing_until.is_some_and(|end| now < end)
    }

    /// The plan, while it is under way.
    pub(super) fn running_plan(&self) -> Option<&GrayPlan> {
        self.gray.as_ref().filter(|plan| match plan.status {
            GrayStatus::Running | GrayStatus::Paused => true,
            GrayStatus::Initial | GrayStatus::Finished | GrayStatus::Deleted => false,
        })
    }

    /// The versions it can be taken back to, newest first.
    pub(super) fn earlier(&self) -> &[OnlineVersion] {
        match self.reverted {
            true => &[],
            false => &self.history,
        }
    }
}
