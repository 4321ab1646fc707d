//! Privacy guides as the state file has them. Plain data; what is in them has the names of the wire.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The guides of a mini-program.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Privacy {
    /// The one that goes online with the next version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub development: Option<PrivacyGuide>,
    /// The one users see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub online: Option<PrivacyGuide>,
    /// Texts that were uploaded to be guides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<PrivacyFile>,
}

/// One guide.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PrivacyGuide {
    /// Who collects.
    pub owner_setting: PrivacyOwner,
    /// What for.
    pub setting_list: Vec<PrivacyText>,
    /// What others' code does, as it was sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sdk_privacy_info_list: Vec<Value>,
    /// Unix seconds.
    pub update_time: i64,
}

/// Who collects users' information, and how to reach them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PrivacyOwner {
    /// One of the four has to be there.
    pub contact_phone: String,
    /// One of the four has to be there.
    pub contact_email: String,
    /// One of the four has to be there.
    pub contact_qq: String,
    /// One of the four has to be there.
    pub contact_weixin: String,
    /// How long it is kept: `30天`; empty: as long as the law says.
    pub store_expire_timestamp: String,
    /// A text of the owner's own.
    pub ext_file_media_id: String,
    /// How users are told of changes.
    pub notice_method: String,
    /// Where it is kept, 1017 China; it is not told again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub store_region: Option<i64>,
}

/// What one kind of information is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PrivacyText {
    /// `UserInfo`, or words of one's own.
    pub privacy_key: String,
    /// What for.
    pub privacy_text: String,
}

/// A text that was uploaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PrivacyFile {
    /// Its id: more than a double holds.
    pub id: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// How many bytes.
    pub size: u64,
}

impl Privacy {
    /// As left out of a state file.
    pub(in crate::simulator) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl PrivacyGuide {
    /// Whether it says what a kind of information is for.
    pub(in crate::simulator) fn explains(&self, key: &str) -> bool {
        let mut texts = self.setting_list.iter();
        texts.any(|one| one.privacy_key == key && !one.privacy_text.is_empty())
    }
}
