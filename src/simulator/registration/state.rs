//! What is known of registrations: the state file's `registrations`, and an account's own `registration`.
//!
//! Plain data.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::task_state::RegistrationTask;
use crate::simulator::keyed::{self, Keyed};

/// All registrations, under way or done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Registrations {
    /// What administrators' scans gave, by value.
    #[serde(with = "keyed", skip_serializing_if = "BTreeMap::is_empty")]
    pub tickets: BTreeMap<String, ScanTicket>,
    /// What was registered, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub made: Vec<Registration>,
    /// What waits, or waited, for a person, by task id.
    #[serde(with = "keyed", skip_serializing_if = "BTreeMap::is_empty")]
    pub tasks: BTreeMap<String, RegistrationTask>,
}

impl Registrations {
    /// As left out of a state file.
    pub(in crate::simulator) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Those that reused this official account's entity.
    pub(in crate::simulator) fn of<'a>(
        &'a self,
        official_account: &'a str,
    ) -> impl Iterator<Item = &'a Registration> {
        let of =
            move |one: &&Registration| one.official_account.as_deref() == Some(official_account);
        self.made.iter().filter(of)
    }
}

/// The ticket that an official account's administrator has confirmed `fastregisterauth` with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ScanTicket {
    /// The ticket.
    pub value: String,
    /// The platform it was made for.
    pub platform: String,
    /// The official account.
    pub account: String,
    /// `copy_wx_verify` of the page.
    #[serde(default)]
    pub copy_wx_verify: bool,
    /// Where the browser was sent to.
    pub redirect_uri: String,
    /// When the administrator confirmed.
    pub issued_at: Timestamp,
    /// When it was spent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_at: Option<Timestamp>,
}

/// A mini-program that was registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Registration {
    /// The new mini-program.
    pub app_id: String,
    /// By which form.
    pub by: RegisteredBy,
    /// The platform that asked.
    pub platform: String,
    /// Whose entity was reused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub official_account: Option<String>,
    /// When.
    pub made_at: Timestamp,
}

/// The forms of registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RegisteredBy {
    /// 复用公众号主体快速注册小程序
    OfficialAccount,
    /// 快速注册企业小程序
    Enterprise,
    /// 快速注册个人小程序
    Person,
    /// 注册试用小程序
    Trial,
}

/// What an official account's console does not show, but WeChat looks at before it registers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Registrar {
    /// What WeChat has against it.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub hindrances: BTreeSet<Hindrance>,
    /// A registration from elsewhere is not finished (61057).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
    /// So many registrations to come are answered -1: the ticket is spent, nothing is registered.
    pub system_errors: u32,
}

impl Registrar {
    /// As left out of a state file.
    pub(in crate::simulator) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// Limits and blacklists of the entity and of its administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Hindrance {
    /// 61053
    SubjectLimit,
    /// 61054
    SubjectBlacklisted,
    /// 61063
    AdminLimit,
    /// 61064
    AdminBlacklisted,
    /// 61065
    IdCardLimit,
    /// 61066
    IdCardBlacklisted,
    /// 61067
    PhoneLimit,
    /// 61068
    PhoneBlacklisted,
    /// 61069
    AdminInvalid,
}

impl Hindrance {
    pub(super) fn code(self) -> i64 {
        match self {
            Self::SubjectLimit => 61053,
            Self::SubjectBlacklisted => 61054,
            Self::AdminLimit => 61063,
            Self::AdminBlacklisted => 61064,
            Self::IdCardLimit => 61065,
            Self::IdCardBlacklisted => 61066,
            Self::PhoneLimit => 61067,
            Self::PhoneBlacklisted => 61068,
            Self::AdminInvalid => 61069,
        }
    }
}

impl Keyed for ScanTicket {
    type Key = String;
    fn key(&self) -> String {
        self.value.clone()
    }
    fn name(&self) -> impl Display {
        &self.value
    }
}
