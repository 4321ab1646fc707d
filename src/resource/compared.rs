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

impl Compared {
    /// The things on which desired and observed agree, but for their spelling, with their digests.
    pub fn in_force(&self) -> impl Iterator<Item = (&String, &Digest)> {
        let agrees = |key: &String| match self.verdicts.get(key) {
            None => true,
            Some(Verdict::Suppressed { .. }) => self.kept.contains_key(key),
            Some(_) => false,
        };
        self.desired.iter().filter(move |(key, _)| agrees(key))
    }

    /// Whether a read failed.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.verdicts
            .values()
            .any(|verdict| matches!(verdict, Verdict::Unknown(why) if why.kind.failed()))
    }
}
