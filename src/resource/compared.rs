//! What comparing one resource gave.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Kept, Outputs, Shown};
use crate::plan::{Digest, Verdict};

/// What comparing one resource gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Compared {
    /// Empty: in sync.
    pub verdicts: BTreeMap<String, Verdict>,
    /// Digests of the desired state, by key, where it is known.
    pub desired: BTreeMap<String, Digest>,
    /// What WeChat keeps in another spelling than it was sent, by key.
    pub kept: BTreeMap<String, Kept>,
    /// What business code may ask for.
    pub outputs: Outputs,
    /// What is there now, as a manifest would say it.
    pub live: Option<Value>,
    /// What WeChat shows of what was done last, and nobody has noted.
    pub sign: Option<Shown>,
}
