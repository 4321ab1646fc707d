//! What is stored, document by document. `docs/state.md` says what each is for and how its schema moved.
//!
//! Fields are optional or have defaults, so that a document of an older wxops reads as if it had said nothing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

pub use super::history::HistoryDoc;
pub use super::journal::{OpDoc, OpKey};
pub use super::ledger::LedgerDoc;

mod confirm;
mod promote;
mod revision;
mod scan;
mod tenant;

pub use confirm::ConfirmDoc;
pub use promote::PromoteDoc;
pub use revision::{AdmittedDoc, HeldDoc, PausedDoc, ServedDoc, TextDoc, TextRef, UsedDoc};
pub use scan::{RegisterDoc, ScanDoc};
pub use tenant::{ClaimDoc, LastPass, ManifestsRead, PutBackDoc, TenantDoc};

use super::doc::Doc;
use super::secret::Secret;
use crate::wechat::{ApiError, Appid};

/// `platform/<appid>`: the platform's ticket and token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlatformDoc {
    /// The newest ticket WeChat pushed.
    pub ticket: Option<Ticket>,
    /// The platform's own token.
    pub component_token: Option<Token>,
    /// Who is refreshing that token.
    pub claim: Option<RefreshClaim>,
    /// Our asking for tickets, when they stay away.
    pub ticket_restart: TicketRestart,
    /// What WeChat answered last instead of giving a token, until it gives one.
    pub refused: Option<TokenRefusal>,
    /// When the platform's token last ended before its time, though nobody who uses this store had asked for another.
    pub cut_at: Option<Timestamp>,
    /// What shows that another program, or a copy of this store, asks for tokens of the same platform.
    pub rival: Option<Rival>,
}

/// Tokens that ended before their time, again and again: somebody else gets new ones, and each puts out the other's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rival {
    /// Whose token it was last: the account's, or the platform's own.
    pub about: Appid,
    /// When it was noticed last.
    pub at: Timestamp,
}

/// A refusal to give the platform's token, which is not asked for again with every command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRefusal {
    /// What WeChat said.
    pub error: ApiError,
    /// When.
    pub at: Timestamp,
    /// Nobody asks before this. None: whoever comes next does.
    #[serde(default)]
    pub again: Option<Timestamp>,
    /// How often in a row.
    #[serde(default)]
    pub attempts: u32,
    /// Which process was told: it does not ask again for each of its tenants.
    #[serde(default)]
    pub owner: String,
    /// The digest of what was sent (secret, ticket): another secret or ticket is another question.
    #[serde(default)]
    pub sent: String,
}

/// A ticket (`component_verify_ticket`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The ticket.
    pub value: Secret,
    /// When WeChat made it.
    pub created_at: Timestamp,
}

/// A ticket works for 12 hours.
const TICKET_LIFE: SignedDuration = SignedDuration::from_hours(12);

impl Ticket {
    /// Whether WeChat still takes it.
    #[must_use]
    pub fn is_alive(&self, now: Timestamp) -> bool {
        now.duration_since(self.created_at) < TICKET_LIFE
    }
}

/// An access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The token.
    pub value: Secret,
    /// From when on WeChat refuses it.
    pub expires_at: Timestamp,
    /// When we got it.
    pub obtained_at: Timestamp,
}

/// A refresh somebody has begun; others wait for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshClaim {
    /// Which process.
    pub owner: String,
    /// After this it counts for nothing.
    pub until: Timestamp,
}

/// Our asking WeChat to push tickets again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TicketRestart {
    /// When we last asked.
    pub asked_at: Option<Timestamp>,
    /// How often since the last ticket.
    pub attempts: u32,
    /// What WeChat answered last.
    pub last_answer: Option<String>,
}

/// `guard/<appid>`: the limits of a platform that were in force when a revision of its manifests was applied last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GuardDoc {
    /// Every name the platform had among the manifests: tenants remember it by name.
    pub names: BTreeSet<String>,
    /// The share of its tenants that a revision might change, in percent.
    pub share: u8,
    /// How many costly steps of each kind might be made per hour.
    pub per_hour: u32,
    /// How many of those kinds that have a limit of their own, by their names.
    pub of_kind: BTreeMap<String, u32>,
}

/// `cred/<appid>`: the tokens of one authorized account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredDoc {
    /// The platform it authorized.
    pub platform: Appid,
    /// What a new access token is got with. Losing it means a new scan by the owner.
    #[serde(default)]
    pub refresh_token: Option<Secret>,
    /// The account's token.
    #[serde(default)]
    pub access_token: Option<Token>,
    /// Who is refreshing it.
    #[serde(default)]
    pub claim: Option<RefreshClaim>,
    /// The permission sets (权限集) it granted.
    #[serde(default)]
    pub func_info: Vec<u16>,
    /// When it authorized us last.
    #[serde(default)]
    pub authorized_at: Option<Timestamp>,
    /// When it left, if it did.
    #[serde(default)]
    pub revoked_at: Option<Timestamp>,
    /// Whether it came back and nobody has looked at what changed meanwhile.
    #[serde(default)]
    pub reauthorized: bool,
    /// Its original id (原始 ID, `gh_…`), once WeChat told it: what its messages are addressed to.
    #[serde(default)]
    pub original_id: Option<String>,
    /// Whether its refresh token is from a backup that was put back: WeChat may have given a newer one since, so it is
    /// asked for the one in force first.
    #[serde(default)]
    pub from_backup: bool,
    /// When its token last ended before its time, though nobody who uses this store had asked for another.
    #[serde(default)]
    pub cut_at: Option<Timestamp>,
}

impl CredDoc {
    /// An account that authorized a platform, of which nothing else is known.
    #[must_use]
    pub const fn of(platform: Appid) -> Self {
        Self {
            platform,
            refresh_token: None,
            access_token: None,
            claim: None,
            func_info: Vec::new(),
            authorized_at: None,
            revoked_at: None,
            reauthorized: false,
            original_id: None,
            from_backup: false,
            cut_at: None,
        }
    }
}

/// `code/<platform>/<digest>`: an authorization code, stored before its exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeDoc {
    /// The platform it is for.
    pub platform: Appid,
    /// The account, where the push or the redirect named it.
    #[serde(default)]
    pub account: Option<Appid>,
    /// The code.
    pub code: Secret,
    /// When we got it.
    pub received_at: Timestamp,
    /// When it is worth nothing any more.
    pub expires_at: Timestamp,
    /// Whether its tokens are stored.
    #[serde(default)]
    pub exchanged: bool,
    /// Whose link it came back by (`sunrise-dance`, `sunrise-dance:main`), until it is decided whether the account becomes
    /// theirs.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Whether WeChat called it dead: it is not sent again.
    #[serde(default)]
    pub spent: bool,
    /// Whether WeChat said that nothing can be had for it any more.
    #[serde(default)]
    pub over: bool,
}

/// `link/<platform>`: what the platform's authorization links are signed with. Losing it makes links that were sent
/// worthless, and nothing else.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LinkDoc {
    /// The key, as hex digits.
    pub key: Option<Secret>,
}

/// `media/<appid>/<endpoint>/<sha256>`: what an upload of a file gave. Losing it costs another upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaDoc {
    /// The id. It works for this account alone, and where ids of this endpoint are wanted.
    pub id: Secret,
    /// From when on it is not used any more, somewhat before WeChat forgets it.
    pub expires_at: Timestamp,
}

/// `checked/<appid>/nickname/<digest of the name>`: what WeChat said when it was asked whether an account may have a name.
/// It limits how often it is asked. Losing it costs another question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedDoc {
    /// The name.
    pub name: String,
    /// When WeChat was asked.
    pub at: Timestamp,
    /// From when on it is asked again: others take names and give them up.
    pub expires_at: Timestamp,
    /// What it said.
    pub answer: CheckedAnswer,
}

/// What WeChat said of a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckedAnswer {
    /// It may be had; the answer's body.
    Done(serde_json::Value),
    /// It may not.
    Refused(ApiError),
}

/// The kind of reviews of names.
pub const REVIEW_OF_NICKNAME: &str = "nickname";
/// The kind of reviews of categories.
pub const REVIEW_OF_CATEGORY: &str = "category";
/// A [`ReviewDoc`] of code.
pub const REVIEW_OF_CODE: &str = "code";

/// `review/<appid>/<kind>`: the end of a review that WeChat pushed last, of each kind (`nickname`, `category`, `code`). Why
/// something was rejected may come with the push alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewDoc {
    /// The name, or the numbers of the category; empty for code.
    pub of: String,
    /// How it ended, as WeChat numbers it: 2 rejected, 3 passed; of code 1 as well, which takes longer.
    pub status: i64,
    /// Why it was rejected.
    #[serde(default)]
    pub reason: Option<String>,
    /// When WeChat said so, by its own clock; by ours where it did not say.
    pub at: Timestamp,
    /// When it came, by our own clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard: Option<Timestamp>,
    /// Media ids of pictures of what was found, joined by `|`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screenshots: Option<String>,
}

/// `pushes/<platform>`: pushes that came and could not be used, by what was wrong with them. That they came says more
/// than silence: most often a field of WeChat's console is not as the manifest has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PushesDoc {
    /// By the name of what is wrong.
    pub troubles: BTreeMap<String, PushTally>,
}

/// How often something was wrong with pushes, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushTally {
    /// How often, about: what came in the last seconds before a crash is missing.
    pub count: u64,
    /// When first.
    pub first_at: Timestamp,
    /// When last.
    pub last_at: Timestamp,
    /// What it was about last: a path. Never anything of a push itself.
    #[serde(default)]
    pub detail: Option<String>,
}

/// `passed/<platform>/<n>`: signatures of messages that were passed on, so that a replay is known after a restart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PassedDoc {
    /// The signatures, oldest first.
    pub signatures: Vec<String>,
    /// When the last one was added.
    pub last_at: Option<Timestamp>,
}

/// `pass/<tenant>`: who works on a tenant. Writes that may be repeated stand behind it; what may happen at most once
/// is the journal's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PassDoc {
    /// Which process.
    pub owner: String,
    /// After this it counts for nothing. Moved on while its process lives.
    pub expires_at: Timestamp,
    /// When it was taken.
    pub since: Option<Timestamp>,
    /// When its process was seen alive last.
    pub renewed_at: Option<Timestamp>,
    /// The next process may take it at once: its own is going to be killed, by a test.
    pub yields: bool,
}

impl PassDoc {
    /// Whether it keeps others away.
    #[must_use]
    pub fn counts(&self, now: Timestamp) -> bool {
        !self.yields && self.expires_at > now
    }
}

/// `approval/<tenant|platform>/<name>/<id>`: a yes given at the command line. One in a manifest is not stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ApprovalDoc {
    /// Steps of a tenant: `s` and 64 hex digits each.
    pub steps: Vec<String>,
    /// A revision of a platform's manifests: `r` and 64 hex digits.
    pub revision: Option<String>,
    /// To how many changed tenants of that revision.
    pub changed_tenants: usize,
    /// Its changes, 16 hex digits each. Empty: as many as no document holds, or an older wxops wrote it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub changes: String,
    /// After this it is worth nothing.
    pub expires: Option<Timestamp>,
    /// Who said yes.
    pub by: String,
    /// When.
    pub at: Option<Timestamp>,
}

impl Doc for ApprovalDoc {}
impl Doc for PlatformDoc {}
impl Doc for CredDoc {}
impl Doc for GuardDoc {}
impl Doc for CodeDoc {}
impl Doc for LinkDoc {}
impl Doc for MediaDoc {}
impl Doc for CheckedDoc {}
impl Doc for ReviewDoc {}
impl Doc for PushesDoc {}
impl Doc for PassedDoc {}
impl Doc for PassDoc {}
