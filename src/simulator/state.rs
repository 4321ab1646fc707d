//! Everything the simulated WeChat knows: the shape of the state file and of `GET|PUT /_sim/state`.
//!
//! Plain data: reading it back and writing it out loses nothing. No clock and no network here; the only file
//! touched is the one [`State::read`] is given. The secrets in it are made up for tests, so they print like
//! any other text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::account::Account;
use super::credential::{AccessToken, AuthorizationCode, PreAuthCode, Ticket};
use super::fault::Fault;
use super::host::Host;
use super::keyed;
use super::media_file::Media;
use super::message_template::LibraryTemplate;
use super::miniprogram::{
    AppCategory, Audit, LocationApi, OrderPathBatch, Person, Plugin, ReservedName,
};
use super::push::Push;
use super::registration::Registrations;
use super::subscription_library::PublicTemplate;
use super::switches::Switches;

pub use super::platform::{Platform, Testing};

/// The whole world of one simulator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct State {
    /// How far simulated time runs ahead of the system clock.
    pub clock: ClockOffset,
    /// Points WeChat leaves open, each with a safe default.
    pub switches: Switches,
    /// Faults to begin with; shown and counted down apart from the state.
    #[serde(skip_serializing)]
    pub(super) faults: Option<Vec<Fault>>,
    /// Third-party platforms, by appid.
    #[serde(with = "keyed")]
    pub platforms: BTreeMap<String, Platform>,
    /// Official accounts and mini-programs, by appid.
    #[serde(with = "keyed")]
    pub accounts: BTreeMap<String, Account>,
    /// WeChat's library of message templates, by short id; none: a small built-in one.
    #[serde(with = "keyed", skip_serializing_if = "BTreeMap::is_empty")]
    pub message_templates: BTreeMap<String, LibraryTemplate>,
    /// Words that no name and no introduction may have in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub banned_words: Vec<String>,
    /// Temporary media, by id: digests, not bytes.
    #[serde(with = "keyed", skip_serializing_if = "BTreeMap::is_empty")]
    pub media: BTreeMap<String, Media>,
    /// Names that are not free, though no account here has them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reserved_names: Vec<ReservedName>,
    /// WeChat's library of subscription notifications, by id; none: a small built-in one.
    #[serde(with = "keyed", skip_serializing_if = "BTreeMap::is_empty")]
    pub subscription_templates: BTreeMap<u64, PublicTemplate>,
    /// Who uses WeChat, by WeChat id; none: everybody there could be.
    #[serde(with = "keyed", skip_serializing_if = "BTreeMap::is_empty")]
    pub people: BTreeMap<String, Person>,
    /// All categories a mini-program can have, by id; none: a few built-in ones.
    #[serde(with = "keyed", skip_serializing_if = "BTreeMap::is_empty")]
    pub app_categories: BTreeMap<u64, AppCategory>,
    /// What reviewers have decided or are to decide, by id.
    #[serde(with = "keyed", skip_serializing_if = "BTreeMap::is_empty")]
    pub audits: BTreeMap<u64, Audit>,
    /// The next audit id to give out; 0 starts the usual series.
    pub next_audit_id: u64,
    /// Registrations of mini-programs, under way or done.
    #[serde(skip_serializing_if = "Registrations::is_empty")]
    pub registrations: Registrations,
    /// Pushes that are to be sent.
    #[serde(skip)]
    pub(super) outbox: Vec<Push>,
    /// Plugins (插件) there are, by appid.
    #[serde(with = "keyed", skip_serializing_if = "BTreeMap::is_empty")]
    pub plugins: BTreeMap<String, Plugin>,
    /// Location APIs that have to be applied for, by name; none: the usual ones.
    #[serde(with = "keyed", skip_serializing_if = "BTreeMap::is_empty")]
    pub location_apis: BTreeMap<String, LocationApi>,
    /// Results of order paths that platforms are to be told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub order_path_batches: Vec<OrderPathBatch>,
    /// Web servers of others, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hosts: BTreeMap<String, Host>,
    /// Hosts without an ICP filing (域名备案), those below them included.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unfiled_hosts: Vec<String>,
    /// Hosts that break WeChat's rules, those below them included.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forbidden_hosts: Vec<String>,
    /// Open accounts (开放平台帐号), by their appid.
    #[serde(with = "keyed")]
    pub open_accounts: BTreeMap<String, OpenAccount>,
    /// Live authorizations, by (platform, account).
    #[serde(with = "keyed")]
    pub authorizations: BTreeMap<(String, String), Authorization>,
    /// Credentials in flight.
    pub credentials: Credentials,
    /// Calls counted against a daily or monthly quota.
    #[serde(with = "keyed")]
    pub counters: BTreeMap<CounterKey, Counter>,
    /// The next menu id to give out; 0 starts the usual series.
    pub next_menu_id: u64,
}

/// Simulated time minus system time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ClockOffset {
    /// Milliseconds added to the system clock.
    pub offset_ms: i64,
}

/// An open account: accounts bound to it share one unionid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenAccount {
    /// Its appid.
    pub open_app_id: String,
    /// The entity (主体) that owns it.
    pub principal_name: String,
    /// Who made it; the platform may unbind only from its own.
    pub created_by: CreatedBy,
    /// Verified on the open platform's site.
    #[serde(default)]
    pub verified: bool,
    /// Accounts bound to it that are not part of this state.
    #[serde(default)]
    pub other_members: u32,
}

/// Who made an open account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CreatedBy {
    /// `open/create`.
    Api,
    /// The owner, on the open platform's site.
    Site,
}

/// A live authorization of one account to one platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Authorization {
    /// The platform's appid.
    pub platform: String,
    /// The account's appid.
    pub account: String,
    /// What the owner granted.
    pub permission_sets: BTreeSet<u32>,
    /// The live refresh token.
    pub refresh_token: String,
    /// The one before it, and when it was replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_refresh_token: Option<ReplacedToken>,
    /// When the owner last confirmed.
    pub auth_time: Timestamp,
    /// It came with a registration, whose code nobody has exchanged.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unexchanged: bool,
}

/// A refresh token that a newer one took the place of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReplacedToken {
    /// The old token.
    pub value: String,
    /// When it was replaced.
    pub replaced_at: Timestamp,
}

/// Credentials WeChat has given out and still knows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Credentials {
    /// Verify tickets, by value.
    #[serde(with = "keyed")]
    pub tickets: BTreeMap<String, Ticket>,
    /// Component and authorizer access tokens, by value.
    #[serde(with = "keyed")]
    pub access_tokens: BTreeMap<String, AccessToken>,
    /// Pre-authorization codes, by value.
    #[serde(with = "keyed")]
    pub pre_auth_codes: BTreeMap<String, PreAuthCode>,
    /// Authorization codes, by value.
    #[serde(with = "keyed")]
    pub authorization_codes: BTreeMap<String, AuthorizationCode>,
}

/// How often one appid called one path within one day or month of Asia/Shanghai.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Counter {
    /// The appid the calls are charged to.
    pub account: String,
    /// The API's path.
    pub path: String,
    /// `2026-11-22` or `2026-11`.
    pub period: String,
    /// Calls so far.
    pub used: u64,
}

/// (account, path, period).
pub type CounterKey = (String, String, String);

/// Why a state could not be read.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The file is not there or not readable.
    #[error("read the state file `{}`", .path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Not YAML, or not a state.
    #[error("understand the simulator's state")]
    Parse(#[source] Box<serde_saphyr::Error>),
    /// A state that contradicts itself.
    #[error("the simulator's state contradicts itself: {0}")]
    Contradiction(String),
}

impl State {
    /// Reads a state from YAML (JSON is YAML too).
    ///
    /// # Errors
    /// Text that is not a state, with the place of the mistake.
    pub fn from_yaml(text: &str) -> Result<Self, StateError> {
        // A button named `on` is text, and a file of one's own may be as large as it likes.
        let options = serde_saphyr::options! {
            strict_booleans: true,
            leading_zero_numbers_as_strings: true,
            underscored_numbers_as_strings: true,
            budget: None,
        };
        serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| StateError::Parse(Box::new(error)))
    }

    /// Reads a state file.
    ///
    /// # Errors
    /// A file that cannot be read, or is no state.
    pub fn read(path: &Path) -> Result<Self, StateError> {
        let text = std::fs::read_to_string(path).map_err(|source| StateError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::from_yaml(&text)
    }

    /// The authorization of `account` to `platform`, while it lives.
    pub(super) fn authorization(&self, platform: &str, account: &str) -> Option<&Authorization> {
        self.authorizations
            .get(&(platform.to_owned(), account.to_owned()))
    }

    /// Whether there is a banned word in the text.
    pub(super) fn has_banned_word(&self, text: &str) -> bool {
        self.banned_words.iter().any(|word| text.contains(word))
    }

    /// Takes the next menu id.
    pub(super) fn take_menu_id(&mut self) -> u64 {
        /// Where the ids in WeChat's own samples start.
        const FIRST: u64 = 208_396_938;
        let id = self.next_menu_id.max(FIRST);
        self.next_menu_id = id.saturating_add(1);
        id
    }
}
