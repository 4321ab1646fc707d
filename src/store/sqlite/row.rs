//! One document as it stands in a database, and what proves that it is the one that was written.
//!
//! SQLite's pages have no checksums. Each row carries one over its key, its revision and its value, so that a flipped
//! bit in any of them is found when the row is read. Rows that are gone are found by the sum of all checksums, which
//! every commit carries on (`meta.rs`).

use sha2::{Digest, Sha256};

use super::super::backend::Revision;
use super::super::key::Key;

/// The bytes of a revision.
pub(super) const REVISION_BYTES: usize = 16;

/// A checksum over a whole row: the first half of a SHA-256, as a number, so that sums of them can be carried on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sum(pub u128);

impl Sum {
    /// The checksum of a row.
    pub(super) fn of(key: &str, revision: &[u8], value: &[u8]) -> Self {
        let digest = Sha256::new()
            .chain_update(key.as_bytes())
            .chain_update([0])
            .chain_update(revision)
            .chain_update(value)
            .finalize();
        let half = std::array::from_fn(|at| digest.get(at).copied().unwrap_or_default());
        Self(u128::from_be_bytes(half))
    }

    /// As it is stored.
    pub(super) fn to_bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// As it was stored.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        Some(Self(u128::from_be_bytes(bytes.try_into().ok()?)))
    }
}

/// The text of a revision's bytes.
pub(super) fn revision_of(bytes: [u8; REVISION_BYTES]) -> Revision {
    Revision::new(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// Whether a key's documents are the history, which has a database of its own.
pub(super) fn is_history(key: &Key) -> bool {
    key.as_str().starts_with(HISTORY)
}

/// What the keys of the history begin with.
pub(super) const HISTORY: &str = "history/";
