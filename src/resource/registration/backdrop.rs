//! What the store knows that a registration must not be made without.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::plan::Waiting;
use crate::resource::Claimant;
use crate::wechat::Appid;

/// What the store knows that a registration must not be made without. Empty where a tenant has nothing to register.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backdrop {
    /// The items whose registration the administrator has confirmed by a scan that is not spent, and when.
    pub scanned: BTreeMap<String, Timestamp>,
    /// Every account that has a tenant, and whose it is.
    pub claims: BTreeMap<Appid, Claimant>,
    /// The items whose registration got no answer and that nothing has been found out about yet, and the wait for that.
    pub in_doubt: BTreeMap<String, Waiting>,
    /// The accounts that were registered through the official account, as far as operations know, whatever the items and
    /// tenants were called then.
    pub made: BTreeSet<Appid>,
    /// The items of which somebody said that they are registered, and not as which account.
    pub unnamed: BTreeSet<String>,
    /// The items for which a person was asked otherwise than the manifest says now.
    pub asked: BTreeMap<String, AskedBefore>,
    /// Whether the store was put back from a backup not long ago: what was registered after that backup is not known here.
    pub is_restored: bool,
}

/// A person who was asked for an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedBefore {
    /// The platform that asked.
    pub platform: Appid,
    /// The person's WeChat id.
    pub person: String,
    /// The task, where the answer named one.
    pub task: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl Backdrop {
    /// Nothing is to be registered.
    pub const NONE: Self = Self {
        scanned: BTreeMap::new(),
        claims: BTreeMap::new(),
        in_doubt: BTreeMap::new(),
        unnamed: BTreeSet::new(),
        made: BTreeSet::new(),
        asked: BTreeMap::new(),
        is_restored: false,
    };
}
