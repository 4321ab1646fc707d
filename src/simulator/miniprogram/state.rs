//! A mini-program's own part of the state, and what `getaccountbasicinfo` shows of any account.
//!
//! Plain data in the shape of the state file.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::addons::{LocationGrant, OrderPaths, UsedPlugin};
use super::code::Code;
use super::domains::AppDomains;
use super::filing::Filing;
use super::follow::FollowComponent;
use super::privacy::Privacy;
use crate::simulator::keyed::Keyed;

/// What only a mini-program has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MiniProgram {
    /// Made through the API (快速注册), so that its name and categories can be set; absent: unless `registerType`
    /// is 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_registered: Option<bool>,
    /// A version of it is, or was, online.
    pub released: bool,
    /// A version of its code is under review; follows its reviews.
    pub code_under_review: bool,
    /// Its code, reviews aside.
    #[serde(skip_serializing_if = "Code::is_usual")]
    pub code: Code,
    /// What it says of users' information (用户隐私保护指引).
    #[serde(skip_serializing_if = "Privacy::is_usual")]
    pub privacy: Privacy,
    /// Its filing (小程序备案).
    #[serde(skip_serializing_if = "Filing::is_usual")]
    pub filing: Filing,
    /// SHA-256 of the picture the avatar was cut from; WeChat never tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_source: Option<String>,
    /// The categories that are set, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<SetCategory>,
    /// How many categories it may have.
    pub category_limit: usize,
    /// It has passed the ICP check that some categories ask for.
    pub icp_checked: bool,
    /// Found by WeChat's search.
    pub searchable: bool,
    /// Why `searchable` cannot be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub search_lock: Option<SearchLock>,
    /// Served to users; else paused by its owner.
    pub serving: bool,
    /// Paused by WeChat, whatever its owner wants.
    pub punished: bool,
    /// The least version of the base library (基础库).
    pub base_library: BaseLibrary,
    /// Who may open the trial version, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub testers: Vec<Tester>,
    /// How many testers it may have; WeChat's number is not published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_testers: Option<usize>,
    /// How many official accounts may be linked to it; WeChat's number is not published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_links: Option<usize>,
    /// No official account may be linked to it.
    pub link_forbidden: bool,
    /// Shown among those nearby (附近的小程序), which keeps its links.
    pub nearby: bool,
    /// Its domains (域名).
    #[serde(skip_serializing_if = "AppDomains::is_usual")]
    pub domains: AppDomains,
    /// 数据预拉取 and 周期性更新, in the fields of `fetchdatasetting`.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub data_prefetch: Map<String, Value>,
    /// Plugins it uses or has asked for, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub plugins: Vec<UsedPlugin>,
    /// How many plugins it may have; WeChat's number is not published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_plugins: Option<usize>,
    /// A version goes online by degrees (灰度发布): no plugin can be updated. Follows the plan.
    pub gray_release: bool,
    /// The location APIs it has asked for, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub location_apis: BTreeMap<String, LocationGrant>,
    /// Where its orders are (订单页 path).
    #[serde(skip_serializing_if = "OrderPaths::is_usual")]
    pub order_paths: OrderPaths,
    /// Which official account is shown to be followed.
    #[serde(skip_serializing_if = "FollowComponent::is_usual")]
    pub follow_component: FollowComponent,
    /// What cannot be changed for the time being.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub locked: BTreeSet<Profile>,
}

impl Default for MiniProgram {
    fn default() -> Self {
        Self {
            api_registered: None,
            released: false,
            code_under_review: false,
            code: Code::default(),
            privacy: Privacy::default(),
            filing: Filing::default(),
            avatar_source: None,
            categories: Vec::new(),
            category_limit: 20,
            icp_checked: false,
            searchable: true,
            search_lock: None,
            serving: true,
            punished: false,
            base_library: BaseLibrary::default(),
            testers: Vec::new(),
            max_testers: None,
            max_links: None,
            link_forbidden: false,
            nearby: false,
            domains: AppDomains::default(),
            data_prefetch: Map::new(),
            plugins: Vec::new(),
            max_plugins: None,
            gray_release: false,
            location_apis: BTreeMap::new(),
            order_paths: OrderPaths::default(),
            follow_component: FollowComponent::default(),
            locked: BTreeSet::new(),
        }
    }
}

impl MiniProgram {
    /// As left out of a state file.
    pub(in crate::simulator) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// A category that is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetCategory {
    /// Of the first level.
    pub first: u64,
    /// Of the second.
    pub second: u64,
    /// What became of its review.
    #[serde(default)]
    pub status: CategoryStatus,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The papers that were sent along; WeChat never tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<Certificate>,
}

/// Where a category stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CategoryStatus {
    /// 1 on the wire.
    InReview,
    /// 2 on the wire.
    Refused,
    /// 3 on the wire.
    #[default]
    Passed,
}

/// A paper (资质).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Certificate {
    /// Its name.
    pub key: String,
    /// SHA-256 of the picture.
    #[serde(default)]
    pub sha256: String,
    /// Unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expire_time: Option<i64>,
    /// It never expires.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_permanent: bool,
}

impl CategoryStatus {
    pub(super) fn number(self) -> i64 {
        match self {
            Self::InReview => 1,
            Self::Refused => 2,
            Self::Passed => 3,
        }
    }
}

impl SetCategory {
    pub(super) fn has_passed(&self) -> bool {
        self.status == CategoryStatus::Passed
    }

    pub(super) fn is(&self, first: u64, second: u64) -> bool {
        (self.first, self.second) == (first, second)
    }
}

/// Why the search flag stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SearchLock {
    /// By WeChat.
    Banned,
    /// By the owner, in the account's settings.
    TurnedOff,
}

/// The least base library and what users have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct BaseLibrary {
    /// `now_version`
    pub now_version: String,
    /// The versions that can be chosen, with the share of users that have each.
    pub versions: Vec<VersionShare>,
}

impl Default for BaseLibrary {
    fn default() -> Self {
        /// Shares with and without a fraction, as they are seen.
        const VERSIONS: [(&str, f64); 4] = [
            ("1.0.0", 0.0),
            ("2.10.4", 0.25),
            ("2.32.3", 13.5),
            ("3.4.2", 86.25),
        ];
        Self {
            now_version: "1.0.0".to_owned(),
            versions: VERSIONS
                .map(|(version, percentage)| VersionShare {
                    version: version.to_owned(),
                    percentage,
                })
                .into(),
        }
    }
}

/// One version of the base library.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VersionShare {
    /// `2.10.4`
    pub version: String,
    /// Of the users.
    #[serde(default)]
    pub percentage: f64,
}

/// A tester (体验成员).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tester {
    /// The WeChat id; absent: one bound in the console. WeChat never tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wechat_id: Option<String>,
    /// What WeChat calls the tester, 64 hexadecimal digits; made from the WeChat id when left out.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub userstr: String,
}

/// Somebody who uses WeChat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Person {
    /// The WeChat id (微信号).
    pub wechat_id: String,
    /// Can be found by it.
    #[serde(default = "yes")]
    pub searchable: bool,
    /// Under which name; absent: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Trial and personal mini-programs outside this state that the person owns.
    #[serde(default)]
    pub owns: usize,
    /// Mini-programs outside this state that the person is a tester of.
    #[serde(default)]
    pub tester_of: usize,
}

fn yes() -> bool {
    true
}

impl Keyed for Person {
    type Key = String;
    fn key(&self) -> String {
        self.wechat_id.clone()
    }
    fn name(&self) -> impl Display {
        &self.wechat_id
    }
}

/// A name that is not free, though no account of the state has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReservedName {
    /// The name.
    pub name: String,
    /// Why.
    pub why: Reserved,
    /// The entity that may have it all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
}

/// Why a name is kept back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Reserved {
    /// It is somebody's WeChat id.
    WechatId,
    /// Fifteen days' protection of the entity that had it.
    Principal,
    /// Seven days' protection after an infringement.
    Infringement,
    /// The entity holds too many names already.
    TooMany,
    /// It has a keyword in it: to be had with material that proves the right to it.
    Proof,
}

/// A part of the profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Profile {
    /// 头像
    Avatar,
    /// 介绍
    Signature,
}

/// What `getaccountbasicinfo` shows of the entity behind an account, of official accounts as well.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct BasicInfo {
    /// 0 personal, 1 enterprise, 2 media, 3 government, 4 other organisation.
    pub principal_type: i64,
    /// 1 enterprise, 12 individual business (个体户) …
    pub customer_type: i64,
    /// 1 ok, 2 in progress, 3 failed.
    pub realname_status: i64,
    /// 1017: China mainland.
    pub registered_country: i64,
    /// The entity's number, 统一社会信用代码.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub credential: String,
    /// Laid over what `verifyType` says.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub wx_verify_info: Map<String, Value>,
}

impl Default for BasicInfo {
    fn default() -> Self {
        Self {
            principal_type: 1,
            customer_type: 1,
            realname_status: 1,
            registered_country: 1017,
            credential: String::new(),
            wx_verify_info: Map::new(),
        }
    }
}

impl BasicInfo {
    /// As left out of a state file.
    pub(in crate::simulator) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}
