//! What is remembered of a resource between passes: what was applied last, and what WeChat refused.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::plan::{Digest, Text};

/// The records of one tenant, by resource name.
pub type TenantRecords = BTreeMap<String, ResourceRecord>;

/// What is remembered of one resource.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ResourceRecord {
    /// The desired state we last saw in force, by our doing or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied: Option<Applied>,
    /// What WeChat refused for good. Not sent again until the spec changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rejected: Option<Rejected>,
}

/// A desired state that was in force.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// Digest of the desired state.
    pub digest: Digest,
    /// When it was last applied, or first seen to be in force.
    pub at: Timestamp,
    /// Digest of the changes by which we put it in force, until a pass has seen that it is: the same changes again
    /// mean that they had no effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unseen: Option<Digest>,
}

/// A payload that WeChat refused for good.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rejected {
    /// Digest of the calls that were refused.
    pub payload: Digest,
    /// WeChat's reason.
    pub why: Text,
    /// When.
    pub at: Timestamp,
}
