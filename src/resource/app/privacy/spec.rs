//! What a manifest says of the privacy guide. Offline.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::resource::file::{FileRef, Format, Wanted};
use crate::wechat::privacy::{Guide, LARGEST_FILE, Owner, Purpose, Sdk};

/// What WeChat takes as a guide of one's own.
pub(in crate::resource) const GUIDE: Wanted = Wanted {
    what: "a privacy guide",
    most: LARGEST_FILE,
    formats: &[Format::Text],
};

/// The privacy guide (用户隐私保护指引): what the mini-program collects and why, and whom users can ask. Users get a change
/// with the next release; the owner's part at once.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PrivacySpec {
    /// Whom users can ask, by one way at least, and how they are told of changes.
    #[schemars(extend("x-wire" = "owner_setting"))]
    pub owner: PrivacyOwnerSpec,
    /// What is collected, each by WeChat's key (`UserInfo`, `Location`, …) or in own words, and what for.
    #[schemars(extend("x-wire" = "setting_list"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub collects: Vec<CollectsSpec>,
    /// Others' software (SDK) in it, and what that collects.
    #[schemars(extend("x-wire" = "sdk_privacy_info_list"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sdks: Vec<SdkSpec>,
    /// A guide of one's own, as a text file (`.txt`) of at most 100 KB.
    #[schemars(extend("x-wire" = "ext_file_media_id", "x-calls" = ["uploadprivacyextfile"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext_file: Option<FileRef>,
    /// `true`: what WeChat finds in the code and is not named in `collects` is said to be unused, when the code is
    /// submitted.
    #[schemars(extend("x-wire" = "privacy_api_not_use", "x-calls" = ["submit_audit"]))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub declare_unused: bool,
}

/// Whom users can ask.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PrivacyOwnerSpec {
    /// A mail address.
    #[schemars(extend("x-wire" = "contact_email"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_email: Option<String>,
    /// A phone number.
    #[schemars(extend("x-wire" = "contact_phone"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_phone: Option<String>,
    /// A QQ number.
    #[schemars(extend("x-wire" = "contact_qq"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_qq: Option<String>,
    /// A WeChat id.
    #[schemars(extend("x-wire" = "contact_weixin"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_wechat: Option<String>,
    /// How users are told of changes, as in `弹窗`.
    #[schemars(extend("x-wire" = "notice_method"))]
    pub notice_method: String,
    /// How long data is kept, as in `30天`. Left out: as long as the law says at least.
    #[schemars(regex(pattern = "^[0-9]+天$"), extend("x-wire" = "store_expire_timestamp"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention: Option<String>,
    /// The number of the region where data is kept (1017 is China), which foreign principals must name. It is not given
    /// back.
    #[schemars(extend("x-wire" = "store_region"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<i64>,
}

/// What is collected, and what for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CollectsSpec {
    /// WeChat's key, or own words.
    #[schemars(extend("x-wire" = "privacy_key"))]
    pub key: String,
    /// What for, without 用于 in front.
    #[schemars(extend("x-wire" = "privacy_text"))]
    pub purpose: String,
}

/// Others' software (SDK).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SdkSpec {
    /// Its name.
    #[schemars(extend("x-wire" = "sdk_name"))]
    pub name: String,
    /// Whose it is.
    #[schemars(extend("x-wire" = "sdk_biz_name"))]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub provider: String,
    /// What it collects.
    #[schemars(extend("x-wire" = "sdk_list"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub collects: Vec<CollectsSpec>,
}

impl PrivacySpec {
    /// What is sent.
    pub(super) fn guide(&self) -> Guide {
        let said = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
        let purposes = |all: &[CollectsSpec]| -> Vec<Purpose> {
            let one = |one: &CollectsSpec| Purpose {
                key: one.key.trim().to_owned(),
                purpose: one.purpose.trim().to_owned(),
            };
            all.iter().map(one).collect()
        };
        let PrivacyOwnerSpec {
            contact_email,
            contact_phone,
            contact_qq,
            contact_wechat,
            notice_method,
            retention,
            region: _,
        } = &self.owner;
        let mut sdks: Vec<Sdk> = self
            .sdks
            .iter()
            .map(|sdk| Sdk {
                name: sdk.name.trim().to_owned(),
                provider: sdk.provider.trim().to_owned(),
                collects: purposes(&sdk.collects),
            })
            .collect();
        sdks.sort();
        Guide {
            owner: Owner {
                contact_email: said(contact_email),
                contact_phone: said(contact_phone),
                contact_qq: said(contact_qq),
                contact_weixin: said(contact_wechat),
                notice_method: notice_method.trim().to_owned(),
                store_expire_timestamp: said(retention),
            },
            collects: purposes(&self.collects)
                .into_iter()
                .map(|one| (one.key, one.purpose))
                .collect(),
            sdks,
        }
    }

    /// What is there, as a manifest would say it.
    pub(super) fn of(guide: &Guide) -> Self {
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let Guide {
            owner,
            collects,
            sdks,
        } = guide;
        let one = |purpose: &Purpose| CollectsSpec {
            key: purpose.key.clone(),
            purpose: purpose.purpose.clone(),
        };
        Self {
            owner: PrivacyOwnerSpec {
                contact_email: given(&owner.contact_email),
                contact_phone: given(&owner.contact_phone),
                contact_qq: given(&owner.contact_qq),
                contact_wechat: given(&owner.contact_weixin),
                notice_method: owner.notice_method.clone(),
                retention: given(&owner.store_expire_timestamp),
                region: None,
            },
            collects: collects
                .iter()
                .map(|(key, purpose)| CollectsSpec {
                    key: key.clone(),
                    purpose: purpose.clone(),
                })
                .collect(),
            sdks: sdks
                .iter()
                .map(|sdk| SdkSpec {
                    name: sdk.name.clone(),
                    provider: sdk.provider.clone(),
                    collects: sdk.collects.iter().map(one).collect(),
                })
                .collect(),
            ext_file: None,
            declare_unused: false,
        }
    }

    pub(super) fn check(&self, path: &SpecPath, found: &mut Diagnostics) {
        let Owner {
            contact_email,
            contact_phone,
            contact_qq,
            contact_weixin,
            notice_method,
            store_expire_timestamp,
        } = self.guide().owner;
        let contacts = [contact_email, contact_phone, contact_qq, contact_weixin];
        let owner = path.field("owner");
        if contacts.iter().all(String::is_empty) {
            found.error(
                "WX1366",
                owner.clone(),
                "whom can users ask?",
                "one way at least is expected here",
                Some(
                    "write one of `contactEmail`, `contactPhone`, `contactQq` and `contactWechat`",
                ),
            );
        }
        if notice_method.is_empty() {
            found.error(
                "WX1366",
                owner.clone(),
                "how are users told of changes?",
                "`noticeMethod` is expected here",
                Some("write it as users read it, as in `noticeMethod: 弹窗`"),
            );
        }
        let days = store_expire_timestamp.strip_suffix('天');
        let is_days = days
            .is_some_and(|days| !days.is_empty() && days.bytes().all(|byte| byte.is_ascii_digit()));
        if !store_expire_timestamp.is_empty() && !is_days {
            found.error(
                "WX1366",
                owner.field("retention"),
                format!("`{store_expire_timestamp}` is no length of time that WeChat takes"),
                "digits and 天 are expected here",
                Some("write it as in `30天`"),
            );
        }
        if let Some(file) = &self.ext_file {
            file.check(&path.field("extFile"), found);
        }
        check_purposes(&self.collects, &path.field("collects"), found);
        for (index, sdk) in self.sdks.iter().enumerate() {
            let path = path.field("sdks").index(index);
            if sdk.name.trim().is_empty() {
                found.error(
                    "WX1367",
                    path.clone(),
                    "the software has no name",
                    "`name` is expected here",
                    Some("write it as its vendor does"),
                );
            }
            check_purposes(&sdk.collects, &path.field("collects"), found);
        }
    }
}

fn check_purposes(all: &[CollectsSpec], path: &SpecPath, found: &mut Diagnostics) {
    let mut keys = BTreeSet::new();
    for (index, one) in all.iter().enumerate() {
        let path = path.index(index);
        let (key, purpose) = (one.key.trim(), one.purpose.trim());
        if key.is_empty() || purpose.is_empty() {
            found.error(
                "WX1367",
                path.clone(),
                "what is collected, and what for?",
                "`key` and `purpose` are expected here",
                Some("write it as in `{key: UserInfo, purpose: 展示头像}`"),
            );
        } else if !keys.insert(key) {
            found.error(
                "WX1367",
                path.field("key"),
                format!("`{key}` is named twice"),
                "another item is the same",
                Some("put both purposes into one text"),
            );
        }
        if let Some(lead) = ["为了", "用于"]
            .into_iter()
            .find(|lead| purpose.starts_with(lead))
        {
            found.error(
                "WX1367",
                path.field("purpose"),
                format!("WeChat puts `{lead}` in front by itself"),
                format!("a text without `{lead}` is expected here"),
                Some("write what it is for alone, as in `展示头像`"),
            );
        }
    }
}
