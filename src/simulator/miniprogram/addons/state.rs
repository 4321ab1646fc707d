//! Plugins, location APIs and the order path of a mini-program as the state file has them. Plain data.

use std::collections::BTreeMap;
use std::fmt::Display;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::simulator::keyed::Keyed;

/// A plugin (插件) that mini-programs can use.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Plugin {
    /// Its appid. An account of the state that has it is its owner.
    pub app_id: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub nick_name: String,
    /// Where its picture is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub head_img: String,
    /// Nobody can apply for it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
    /// Whoever applies has it at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accepts_at_once: bool,
    /// Versions that apps can be moved to without a release of theirs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quick_versions: Vec<String>,
}

impl Keyed for Plugin {
    type Key = String;
    fn key(&self) -> String {
        self.app_id.clone()
    }
    fn name(&self) -> impl Display {
        &self.app_id
    }
}

/// A plugin in an app's list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct UsedPlugin {
    /// Its appid.
    pub app_id: String,
    /// Where the application stands.
    #[serde(default)]
    pub status: PluginStatus,
    /// What was said with the application.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// When it was made; absent: long ago.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied_at: Option<Timestamp>,
    /// The version it was moved to; WeChat never tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// Where an application for a plugin stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PluginStatus {
    /// 1 on the wire.
    Applying,
    /// 2 on the wire.
    #[default]
    Passed,
    /// 3 on the wire.
    Refused,
    /// 4 on the wire.
    TimedOut,
}

impl PluginStatus {
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Applying => 1,
            Self::Passed => 2,
            Self::Refused => 3,
            Self::TimedOut => 4,
        }
    }
}

/// A location API (地理位置接口) that has to be applied for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LocationApi {
    /// `wx.choosePoi`
    pub api_name: String,
    /// Its name in Chinese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ch_name: String,
    /// What it does.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub desc: String,
    /// The categories of the second level it is for; none: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<u64>,
}

impl Keyed for LocationApi {
    type Key = String;
    fn key(&self) -> String {
        self.api_name.clone()
    }
    fn name(&self) -> impl Display {
        &self.api_name
    }
}

/// An app's permission to use a location API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct LocationGrant {
    /// Where the application stands.
    pub status: LocationStatus,
    /// When it was made, in Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub apply_time: Option<i64>,
    /// Of the last application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit_id: Option<u64>,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub fail_reason: String,
}

/// Where an application for a location API stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LocationStatus {
    /// 1 on the wire.
    #[default]
    NotApplied,
    /// 2 on the wire.
    NoPermission,
    /// 3 on the wire.
    InReview,
    /// 4 on the wire.
    Rejected,
    /// 5 on the wire.
    Granted,
}

impl LocationStatus {
    pub(super) fn number(self) -> i64 {
        match self {
            Self::NotApplied => 1,
            Self::NoPermission => 2,
            Self::InReview => 3,
            Self::Rejected => 4,
            Self::Granted => 5,
        }
    }
}

/// The order paths (订单页 path) of an app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct OrderPaths {
    /// The one in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub online: Option<OrderPath>,
    /// The one that is, or was, reviewed last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_review: Option<OrderPath>,
}

impl OrderPaths {
    /// As left out of a state file.
    pub(in crate::simulator) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// One order path, in the fields of the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OrderPath {
    /// `pages/order/list`
    pub path: String,
    /// Pictures.
    pub img_list: Vec<String>,
    /// A video.
    pub video: String,
    /// For the reviewer.
    pub test_account: String,
    /// For the reviewer.
    pub test_pwd: String,
    /// For the reviewer.
    pub test_remark: String,
    /// 2 in review, 3 rejected, 4 passed; absent: 4 of one in force, 2 of the other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    /// Unix seconds.
    pub apply_time: i64,
}

/// What a platform is to be told of a batch of order paths.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrderPathBatch {
    /// Who is told.
    pub platform: String,
    /// When.
    pub due_at: Timestamp,
    /// What, app by app.
    pub results: Vec<OrderPathResult>,
}

/// What became of one app's order path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrderPathResult {
    /// The app, as it was named.
    pub app_id: String,
    /// 0 where there is none.
    pub audit_id: u64,
    /// 0 sent to review, -1 busy, -2 no such app of the platform.
    pub ret_code: i64,
}

/// By name.
pub(super) type LocationApis = BTreeMap<String, LocationApi>;
