//! What came of a scan that did not make an account the tenant's.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::doc::Doc;
use crate::store::secret::Secret;
use crate::wechat::Appid;

/// `scan/<tenant>/<item or official>`: the last scan by one of a tenant's links that did not make the account the
/// tenant's, until one does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanDoc {
    /// The account that was chosen. `None`: nothing was confirmed.
    pub account: Option<Appid>,
    /// Why not, as a stable name: `WrongAccountKind`.
    pub reason: String,
    /// Why not, and what to do, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// When, by our clock.
    pub at: Timestamp,
}

impl Doc for ScanDoc {}

/// `register/<official account>/<tenant>/<item>`: the scan that confirmed a registration. Its ticket works once, so whoever
/// loses it asks for another scan and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisterDoc {
    /// The ticket.
    pub ticket: Secret,
    /// When the administrator came back with it, by our clock.
    pub at: Timestamp,
}

impl Doc for RegisterDoc {}
