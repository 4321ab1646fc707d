//! Digests of values, so that two states or two steps can be told apart without keeping them.

use std::fmt;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// SHA-256 of a value's canonical JSON, in lower hex.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// The digest of a value. Maps are sorted by the types that reach this (struct order, `BTreeMap`).
    #[must_use]
    pub fn of<T: Serialize>(value: &T) -> Self {
        // Values here are our own plain types; one that cannot be written as JSON digests as null, which
        // compares unequal to every real state.
        let text = serde_json::to_vec(value).unwrap_or_default();
        Self(
            Sha256::digest(&text)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        )
    }

    /// A digest as it was stored. One that is damaged equals no other.
    #[must_use]
    pub fn from_hex(hex: String) -> Self {
        Self(hex)
    }

    /// The first `n` hex digits, for printing.
    #[must_use]
    pub fn short(&self, n: usize) -> &str {
        self.0.get(..n).unwrap_or(&self.0)
    }

    /// All 64 hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.short(8))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
