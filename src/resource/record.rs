//! What is remembered of a resource between passes: what was applied last, and what WeChat refused.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::plan::{Address, Digest, Text, Waiting};

/// The records of one tenant, by the thing they are about.
pub type TenantRecords = BTreeMap<Address, ResourceRecord>;

/// What is remembered of one resource.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceRecord {
    /// The desired state we last saw in force, by our doing or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied: Option<Applied>,
    /// What WeChat refused. Not sent again until the spec changes, or what is said of it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<Rejected>,
    /// What WeChat accepted and keeps in another spelling: as good as what was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<Kept>,
    /// What WeChat accepted and no read has shown. Not sent again until the spec changes or a person says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unseen: Option<Unseen>,
}

/// A desired state that was in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// Digest of the desired state.
    pub digest: Digest,
    /// When it was last applied, or first seen to be in force.
    pub at: Timestamp,
}

/// What was sent, and what WeChat makes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Digest of the desired state that was sent.
    pub sent: Digest,
    /// Digest of what WeChat shows in its place.
    pub shown: Digest,
}

/// A write that WeChat accepted and that no read has shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Unseen {
    /// Digest of the desired state it was to bring about; `None` where something undeclared was deleted.
    #[serde(default)]
    pub sent: Option<Digest>,
    /// Digest of the changes that were due before it: due again, they mean that it had no effect.
    pub changes: Digest,
    /// The operation, as `wxops op resolve` takes it.
    pub op: String,
    /// What WeChat answered.
    pub answer: Text,
    /// When.
    pub at: Timestamp,
    /// When reading did not show it. `None`: nobody could read since.
    #[serde(default)]
    pub read_at: Option<Timestamp>,
    /// When a person said that it took effect all the same.
    #[serde(default)]
    pub resolved_at: Option<Timestamp>,
}

/// A payload that WeChat refused, and that asking again does not mend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rejected {
    /// Digest of the calls of the step that was refused.
    pub payload: Digest,
    /// Digest of the call of it that was refused, where somebody can mend that: no other step makes it meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<Digest>,
    /// WeChat's reason.
    pub why: Text,
    /// When.
    pub at: Timestamp,
    /// The operation, as `wxops op resolve` takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub op: Option<String>,
    /// The endpoint that refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// Digest of what the account was then: where that changes, the same may be sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<Digest>,
    /// Digest of what else was read then that the refusal may rest on, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saw: Option<Digest>,
    /// Who must act before the same may be sent again. `None`: nobody can but whoever writes the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// When the refusal ends by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl Rejected {
    /// A payload that nobody can mend but whoever writes the manifest.
    #[must_use]
    pub fn invalid(payload: Digest, why: Text, at: Timestamp) -> Self {
        Self {
            payload,
            why,
            at,
            call: None,
            op: None,
            endpoint: None,
            facts: None,
            saw: None,
            waiting: None,
            until: None,
        }
    }
}
