//! The privacy guide (用户隐私保护指引) of a mini-program: what it collects, why, and whom users can ask.
//!
//! It has two versions: the one under development, which is written and put in force by the next release, and the one that
//! users read, of which the owner's part alone can be edited.
//! WeChat's pages: developers.weixin.qq.com, `api_getprivacysetting`, `api_setprivacysetting`, `api_uploadprivacysetting`.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, TokenKind};
use super::hole::{FileDigest, Hole};
use super::id::Appid;
use super::tolerant;

const SETS: &[u16] = &[18];

/// `getPrivacySetting`: with the mini-program's own token, in spite of its path.
pub static GET: Endpoint = Endpoint {
    name: "getprivacysetting",
    path: "/cgi-bin/component/getprivacysetting",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: SETS,
    quotas: &[],
};

/// `setPrivacySetting`: the whole guide.
pub static SET: Endpoint = Endpoint {
    name: "setprivacysetting",
    path: "/cgi-bin/component/setprivacysetting",
    class: CallClass::Put,
    ..copy(&GET)
};

/// `uploadPrivacySetting`: a guide of one's own as a text file. Its id is a number of more than 53 bits, as text.
pub static UPLOAD: Endpoint = Endpoint {
    name: "uploadprivacyextfile",
    path: "/cgi-bin/component/uploadprivacyextfile",
    method: Method::Upload,
    ..copy(&GET)
};

const fn copy(of: &Endpoint) -> Endpoint {
    Endpoint { ..*of }
}

/// The part of the form that holds the file.
pub const PART: &str = "file";
/// Most bytes of the file.
pub const LARGEST_FILE: usize = 100 * 1024;

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// What users read.
    Online,
    /// What comes with the next release.
    Development,
}

impl Which {
    fn number(self) -> i64 {
        match self {
            Self::Online => 1,
            Self::Development => 2,
        }
    }
}

/// Whom users can ask, and how they are told of changes. What is not given is empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Owner {
    /// A mail address.
    #[serde(default, deserialize_with = "tolerant::maybe_said")]
    pub contact_email: String,
    /// A phone number.
    #[serde(default, deserialize_with = "tolerant::maybe_said")]
    pub contact_phone: String,
    /// A QQ number.
    #[serde(default, deserialize_with = "tolerant::maybe_said")]
    pub contact_qq: String,
    /// A WeChat id.
    #[serde(default, deserialize_with = "tolerant::maybe_said")]
    pub contact_weixin: String,
    /// How users are told of changes.
    #[serde(default, deserialize_with = "tolerant::maybe_said")]
    pub notice_method: String,
    /// How long data is kept, as in `30天`. Empty: as long as the law says at least.
    #[serde(default, deserialize_with = "tolerant::maybe_said")]
    pub store_expire_timestamp: String,
}

/// A guide.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Guide {
    /// Whom users can ask.
    pub owner: Owner,
    /// What is collected, by WeChat's key or in own words, and what for.
    pub collects: BTreeMap<String, String>,
    /// What others' software in it collects, by its name.
    pub sdks: Vec<Sdk>,
}

/// Others' software (SDK) in a mini-program. WeChat's page does not name its members plainly.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, PartialOrd, Ord)]
pub struct Sdk {
    /// Its name.
    #[serde(
        rename = "sdk_name",
        default,
        deserialize_with = "tolerant::maybe_said"
    )]
    pub name: String,
    /// Whose it is.
    #[serde(
        rename = "sdk_biz_name",
        default,
        deserialize_with = "tolerant::maybe_said"
    )]
    pub provider: String,
    /// What it collects.
    #[serde(rename = "sdk_list", default, deserialize_with = "tolerant::list")]
    pub collects: Vec<Purpose>,
}

/// What is collected, and what for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, PartialOrd, Ord)]
pub struct Purpose {
    /// What, by WeChat's key or in own words.
    #[serde(
        rename = "privacy_key",
        default,
        deserialize_with = "tolerant::maybe_said"
    )]
    pub key: String,
    /// What for, without 用于 in front.
    #[serde(
        rename = "privacy_text",
        default,
        deserialize_with = "tolerant::maybe_said"
    )]
    pub purpose: String,
}

/// Asks for one of the two.
#[must_use]
pub fn get_request(account: &Appid, which: Which) -> Call {
    Call::new(
        &GET,
        account.clone(),
        &json!({"privacy_ver": which.number()}),
    )
}

/// A guide of one's own, as a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtFile<'a> {
    /// One that is uploaded right before.
    Ours(&'a FileDigest),
    /// The one that is there, by its id.
    There(&'a str),
}

/// Puts the guide under development.
#[must_use]
pub fn set_request(
    account: &Appid,
    guide: &Guide,
    region: Option<i64>,
    file: Option<ExtFile<'_>>,
) -> Call {
    let Guide {
        owner,
        collects,
        sdks,
    } = guide;
    let mut said = owner_fields(owner, region);
    if let Some(file) = file {
        let id = match file {
            ExtFile::There(id) => json!(id),
            ExtFile::Ours(file) => {
                let hole = Hole::Media {
                    file: file.clone(),
                    by: &UPLOAD,
                };
                hole.in_body()
            }
        };
        said.insert("ext_file_media_id".to_owned(), id);
    }
    let settings: Vec<Value> = collects
        .iter()
        .map(|(key, text)| json!({"privacy_key": key, "privacy_text": text}))
        .collect();
    let mut body = json!({
        "privacy_ver": Which::Development.number(), "owner_setting": said, "setting_list": settings,
    });
    if let (Some(body), false) = (body.as_object_mut(), sdks.is_empty()) {
        body.insert("sdk_privacy_info_list".to_owned(), json!(sdks));
    }
    Call::new(&SET, account.clone(), &body)
}

/// Edits what users read of the owner now. `setting_list` must not be there.
#[must_use]
pub fn set_online_request(account: &Appid, owner: &Owner, region: Option<i64>) -> Call {
    let body = json!({"privacy_ver": Which::Online.number(), "owner_setting": owner_fields(owner, region)});
    Call::new(&SET, account.clone(), &body)
}

fn owner_fields(owner: &Owner, region: Option<i64>) -> Map<String, Value> {
    let mut fields = Map::new();
    if let Ok(Value::Object(all)) = serde_json::to_value(owner) {
        fields.extend(all.into_iter().filter(|(_, text)| *text != json!("")));
    }
    if let Some(region) = region {
        fields.insert("store_region".to_owned(), json!(region));
    }
    fields
}

/// Whether a request is about what users read now.
#[must_use]
pub fn is_online(call: &Call) -> bool {
    let body: Option<Value> = serde_json::from_str(call.body()).ok();
    let which = body.and_then(|body| body.get("privacy_ver")?.as_i64());
    which == Some(Which::Online.number())
}

/// The answer of [`GET`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// What is set; keys without a purpose are left out, since those were only detected.
    pub guide: Guide,
    /// The keys that WeChat found in the code.
    pub detected: Vec<String>,
    /// Whether there is code to have looked at.
    pub has_code: bool,
    /// The id of a guide of one's own, where there is one.
    pub file: Option<String>,
    /// Whether the answer tells of others' software at all.
    pub tells_sdks: bool,
    /// When it was set last; `None`: never.
    pub updated: Option<i64>,
    /// What WeChat calls each key.
    pub names: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    code_exist: Option<i64>,
    #[serde(default, deserialize_with = "tolerant::maybe_texts")]
    privacy_list: Vec<String>,
    #[serde(deserialize_with = "tolerant::list")]
    setting_list: Vec<Purpose>,
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    update_time: Option<i64>,
    #[serde(deserialize_with = "tolerant::object")]
    owner_setting: OwnerBody,
    #[serde(default, deserialize_with = "tolerant::maybe")]
    privacy_desc: Option<Named>,
    #[serde(default, deserialize_with = "tolerant::maybe_list")]
    sdk_privacy_info_list: Option<Vec<Sdk>>,
}

#[derive(Deserialize)]
struct OwnerBody {
    #[serde(flatten)]
    owner: Owner,
    #[serde(default, deserialize_with = "tolerant::maybe_said")]
    ext_file_media_id: String,
}

#[derive(Deserialize)]
struct Named {
    #[serde(default, deserialize_with = "tolerant::list")]
    privacy_desc_list: Vec<Name>,
}

#[derive(Deserialize)]
struct Name {
    #[serde(default, deserialize_with = "tolerant::maybe_said")]
    privacy_key: String,
    #[serde(default, deserialize_with = "tolerant::maybe_said")]
    privacy_desc: String,
}

impl<'de> Deserialize<'de> for Setting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Body {
            code_exist,
            privacy_list,
            setting_list,
            update_time,
            owner_setting,
            privacy_desc,
            sdk_privacy_info_list,
        } = Body::deserialize(deserializer)?;
        let set = setting_list
            .into_iter()
            .filter(|one| !one.purpose.trim().is_empty());
        let names = privacy_desc
            .into_iter()
            .flat_map(|one| one.privacy_desc_list);
        Ok(Self {
            guide: Guide {
                owner: owner_setting.owner,
                collects: set.map(|one| (one.key, one.purpose)).collect(),
                sdks: sdk_privacy_info_list.clone().unwrap_or_default(),
            },
            detected: privacy_list,
            has_code: code_exist == Some(1),
            file: Some(owner_setting.ext_file_media_id).filter(|id| !id.is_empty()),
            tells_sdks: sdk_privacy_info_list.is_some(),
            updated: update_time.filter(|time| *time > 0),
            names: names
                .map(|one| (one.privacy_key, one.privacy_desc))
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_without_a_purpose_were_detected_and_not_set() {
        let sample = json!({
            "errcode": 0, "code_exist": 1, "privacy_list": ["UserInfo", "Location"],
            "setting_list": [
                {"privacy_key": "UserInfo", "privacy_text": "展示头像", "privacy_label": ""},
                {"privacy_key": "Location", "privacy_text": "", "privacy_label": ""},
            ],
            "update_time": 1_635_690_987,
            "owner_setting": {"contact_email": "a@example.com", "notice_method": "弹窗", "ext_file_media_id": "2115480798219862023"},
            "privacy_desc": {"privacy_desc_list": [{"privacy_key": "Location", "privacy_desc": "位置信息"}]},
        });
        let setting: Setting = serde_json::from_value(sample).unwrap();
        assert_eq!(
            setting.guide.collects.keys().collect::<Vec<_>>(),
            ["UserInfo"]
        );
        assert_eq!(setting.detected, ["UserInfo", "Location"]);
        assert_eq!(setting.guide.owner.contact_email, "a@example.com");
        assert_eq!(setting.file.as_deref(), Some("2115480798219862023"));
        assert_eq!(
            setting.names.get("Location").map(String::as_str),
            Some("位置信息")
        );
        assert!(!setting.tells_sdks && setting.has_code);
        for odd in [
            json!({}),
            json!({"setting_list": null, "owner_setting": {}}),
            json!({"setting_list": []}),
        ] {
            assert!(serde_json::from_value::<Setting>(odd).is_err());
        }
    }

    #[test]
    fn what_is_not_given_is_left_out() {
        let account = Appid::parse("wx2222222222222222").unwrap();
        let owner = Owner {
            contact_email: "a@example.com".to_owned(),
            notice_method: "弹窗".to_owned(),
            ..Owner::default()
        };
        let call = set_online_request(&account, &owner, None);
        let body: Value = serde_json::from_str(call.body()).unwrap();
        assert_eq!(
            body,
            json!({"privacy_ver": 1, "owner_setting": {"contact_email": "a@example.com", "notice_method": "弹窗"}})
        );
        let guide = Guide {
            owner,
            collects: BTreeMap::from([("UserInfo".to_owned(), "展示头像".to_owned())]),
            sdks: Vec::new(),
        };
        let call = set_request(&account, &guide, Some(1017), None);
        let body: Value = serde_json::from_str(call.body()).unwrap();
        assert_eq!(body["privacy_ver"], 2);
        assert_eq!(body["owner_setting"]["store_region"], 1017);
        assert_eq!(
            body["setting_list"],
            json!([{"privacy_key": "UserInfo", "privacy_text": "展示头像"}])
        );
        assert!(body.get("sdk_privacy_info_list").is_none());
    }
}
