//! An official account (公众号) or a mini-program (小程序) as its owner sees it in WeChat's console.
//!
//! Plain data. Buttons are kept in the shape of `menu/create`, so that a state file reads like the documents.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::keyed::Keyed;
use super::message_template::{Category, Industry, PrivateTemplate};
use super::miniprogram::{Allowance, BasicInfo, Budget, MiniProgram};
use super::registration::Registrar;
use super::subscription_library::SubscriptionTemplate;
use super::user_tag::Tag;

/// One account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Account {
    /// Its appid.
    pub app_id: String,
    /// What it is.
    pub kind: Kind,
    /// `service_type_info.id`; absent: 2 (服务号) for an official account, 0 for a mini-program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_type: Option<i64>,
    /// `verify_type_info.id`: -1 none, 0 verified, 3 qualification but not the name.
    #[serde(default)]
    pub verify_type: i64,
    /// The legal entity (主体).
    #[serde(default = "some_principal")]
    pub principal_name: String,
    /// The name users see.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub nick_name: String,
    /// The original id `gh_…`; absent: made from the appid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_name: Option<String>,
    /// The WeChat id of an official account.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub alias: String,
    /// Where the avatar is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_img: Option<String>,
    /// The introduction of a mini-program.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub signature: String,
    /// 1 normal, 14 closed, 16 banned, 18 warned, 19 frozen.
    #[serde(default = "normal")]
    pub account_status: i64,
    /// How a mini-program came to be; absent: 0 (ordinary).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register_type: Option<i64>,
    /// `MiniProgramInfo.network` and `categories`, kept as given.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub mini_program_info: Map<String, Value>,
    /// The entity as `getaccountbasicinfo` shows it.
    #[serde(default, skip_serializing_if = "BasicInfo::is_usual")]
    pub basic_info: BasicInfo,
    /// What is spent, and may be, of the changes to its profile.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub budgets: BTreeMap<Allowance, Budget>,
    /// What only a mini-program has.
    #[serde(default, skip_serializing_if = "MiniProgram::is_usual")]
    pub mini_program: MiniProgram,
    /// What WeChat has against registering mini-programs of its entity.
    #[serde(default, skip_serializing_if = "Registrar::is_usual")]
    pub registration: Registrar,
    /// The menus of an official account.
    #[serde(default)]
    pub menu: Menus,
    /// Mini-programs the official account is linked to, or asked to be.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<Link>,
    /// 所属行业, for templates of the old model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub industry: Option<Industry>,
    /// Service categories (服务类目), for templates of the new model. No API sets them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Category>,
    /// Its message templates, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub templates: Vec<PrivateTemplate>,
    /// How many template ids were given out.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub templates_added: u64,
    /// Entirely on the new model of templates: setting an industry is answered with ok and does nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub new_template_model: bool,
    /// Tags of users that the account made.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Tag>,
    /// The next tag id to give out; 0 starts the usual series.
    #[serde(default, skip_serializing_if = "is_first")]
    pub next_tag_id: i64,
    /// Its templates of subscription notifications, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subscriptions: Vec<SubscriptionTemplate>,
    /// No such template can be added.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub subscriptions_banned: bool,
    /// The open account it is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_account: Option<String>,
    /// `location_report` and the like; absent: "0".
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// Whom `menu/trymatch` and the user APIs know, by openid.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub users: BTreeMap<String, User>,
    /// So many more follow, of whom nothing else is said; their openids are made from the appid.
    #[serde(default, skip_serializing_if = "is_nobody")]
    pub followers: u32,
}

/// What an account is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// 公众号
    OfficialAccount,
    /// 小程序
    MiniProgram,
}

/// The menus of one official account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Menus {
    /// The default menu, made through the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<Menu>,
    /// Conditional menus, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditional: Vec<Menu>,
    /// The owner's own menu, made on WeChat's site, in the shape of `get_current_selfmenu_info`. While it is
    /// there it is the one in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub website_menu: Option<WebsiteMenu>,
    /// Whether users see the menu in force; the owner can close it.
    pub is_menu_open: bool,
}

impl Default for Menus {
    fn default() -> Self {
        Self {
            default: None,
            conditional: Vec::new(),
            website_menu: None,
            is_menu_open: true,
        }
    }
}

/// A menu made through the API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Menu {
    /// First-level buttons in the shape of `menu/create`.
    pub button: Vec<Value>,
    /// Its id; given out by the simulator when left out.
    #[serde(default)]
    pub menuid: u64,
    /// Whom a conditional menu is for.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub matchrule: Map<String, Value>,
}

/// A menu made on WeChat's site.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebsiteMenu {
    /// Buttons, `sub_button` being `{list: […]}`.
    pub button: Vec<Value>,
}

/// A mini-program linked to an official account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Link {
    /// The mini-program.
    pub app_id: String,
    /// 1 linked, 2 its administrator is asked, 3 refused, 12 the official account's administrator is asked.
    #[serde(default = "linked")]
    pub status: i64,
    /// Shown on the official account's profile.
    #[serde(default = "yes")]
    pub shown: bool,
    /// The official account wants to end it, and an administrator is asked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unlink_asked: bool,
}

/// A user of an account: a follower, or one who was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct User {
    /// Follows the account.
    pub subscribed: bool,
    /// Tags of the user.
    pub tag_ids: Vec<i64>,
    /// "1" iOS, "2" Android, "3" other.
    pub client_platform_type: String,
    /// `zh_CN` and the like.
    pub language: String,
    /// What the account calls the user.
    pub remark: String,
    /// Unix seconds since when the user follows.
    pub subscribe_time: i64,
    /// How the user came: `ADD_SCENE_…`.
    pub subscribe_scene: String,
}

impl Default for User {
    fn default() -> Self {
        Self {
            subscribed: true,
            tag_ids: Vec::new(),
            client_platform_type: String::new(),
            language: String::new(),
            remark: String::new(),
            subscribe_time: 1_763_848_800,
            subscribe_scene: "ADD_SCENE_SEARCH".to_owned(),
        }
    }
}

impl Account {
    /// An account of which only the appid and the kind are known; the rest is as left out of a state file.
    pub fn new(app_id: &str, kind: Kind) -> Self {
        Self {
            app_id: app_id.to_owned(),
            kind,
            service_type: None,
            verify_type: 0,
            principal_name: some_principal(),
            nick_name: String::new(),
            user_name: None,
            alias: String::new(),
            head_img: None,
            signature: String::new(),
            account_status: normal(),
            register_type: None,
            mini_program_info: Map::new(),
            basic_info: BasicInfo::default(),
            budgets: BTreeMap::new(),
            mini_program: MiniProgram::default(),
            registration: Registrar::default(),
            menu: Menus::default(),
            links: Vec::new(),
            industry: None,
            categories: Vec::new(),
            templates: Vec::new(),
            templates_added: 0,
            new_template_model: false,
            tags: Vec::new(),
            next_tag_id: 0,
            subscriptions: Vec::new(),
            subscriptions_banned: false,
            open_account: None,
            options: BTreeMap::new(),
            users: BTreeMap::new(),
            followers: 0,
        }
    }

    /// `service_type_info.id`.
    pub(super) fn service_type(&self) -> i64 {
        self.service_type.unwrap_or(match self.kind {
            Kind::OfficialAccount => 2,
            Kind::MiniProgram => 0,
        })
    }

    /// The original id.
    pub(super) fn user_name(&self) -> String {
        self.user_name
            .clone()
            .unwrap_or_else(|| user_name_of(&self.app_id))
    }

    /// Closed, banned or frozen.
    pub(super) fn is_out_of_use(&self) -> bool {
        matches!(self.account_status, 14 | 16 | 19)
    }

    /// Menus are for official accounts; a 订阅号 needs verification for them.
    pub(super) fn may_have_menus(&self) -> bool {
        let subscription = matches!(self.service_type(), 0 | 1);
        self.kind == Kind::OfficialAccount && !(subscription && self.verify_type < 0)
    }

    /// Template messages are for verified 服务号.
    pub(super) fn may_have_templates(&self) -> bool {
        self.is_official() && self.service_type() == 2 && self.verify_type >= 0
    }

    /// A 公众号 of either sort.
    pub(super) fn is_official(&self) -> bool {
        self.kind == Kind::OfficialAccount
    }

    /// A 小程序.
    pub(super) fn is_mini_program(&self) -> bool {
        self.kind == Kind::MiniProgram
    }

    /// Whether it was made through the API, which is what lets the API set its name and categories.
    pub(super) fn is_api_registered(&self) -> bool {
        let by_register_type = || self.register_type.unwrap_or(0) != 0;
        let said = self.mini_program.api_registered;
        said.unwrap_or_else(by_register_type)
    }

    /// A trial mini-program (试用小程序).
    pub(super) fn is_trial(&self) -> bool {
        self.kind == Kind::MiniProgram
            && (self.service_type() == 12 || self.register_type == Some(13))
    }

    /// Whether the mini-program `app_id` is linked, not merely asked for.
    pub(super) fn is_linked_to(&self, app_id: &str) -> bool {
        self.links
            .iter()
            .any(|link| link.app_id == app_id && link.status == linked())
    }
}

impl Keyed for Account {
    type Key = String;
    fn key(&self) -> String {
        self.app_id.clone()
    }
    fn name(&self) -> impl Display {
        &self.app_id
    }
}

/// The original id of an account that has no other.
pub(super) fn user_name_of(app_id: &str) -> String {
    format!("gh_{}", app_id.strip_prefix("wx").unwrap_or(app_id))
}

fn some_principal() -> String {
    "示例有限公司".to_owned()
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "what serde's skip_serializing_if passes"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "what serde's skip_serializing_if passes"
)]
fn is_nobody(number: &u32) -> bool {
    *number == 0
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "what serde's skip_serializing_if passes"
)]
fn is_first(number: &i64) -> bool {
    *number == 0
}

fn normal() -> i64 {
    1
}

fn yes() -> bool {
    true
}

fn linked() -> i64 {
    1
}
