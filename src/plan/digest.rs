//! Digests of values, so that two states or two steps can be told apart without keeping them.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// SHA-256 of a value's canonical JSON, in lower hex; or that there is none, which equals nothing else.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Digest(String);

impl Digest {
    /// The digest of a value. Maps are sorted by the types that reach this (struct order, `BTreeMap`). A value that
    /// cannot be written as JSON has none, and none is not the same as another none: it counts as changed, and no
    /// approval fits it.
    #[must_use]
    pub fn of<T: Serialize>(value: &T) -> Self {
        serde_json::to_vec(value).map_or_else(
            |_| Self::none(),
            |text| {
                let bytes = Sha256::digest(&text);
                Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
            },
        )
    }

    /// A digest as it was stored. One that is damaged equals no other.
    #[must_use]
    pub fn from_hex(hex: String) -> Self {
        let whole = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        if whole { Self(hex) } else { Self::none() }
    }

    fn none() -> Self {
        static GIVEN: AtomicU64 = AtomicU64::new(0);
        Self(format!("none-{}", GIVEN.fetch_add(1, Ordering::Relaxed)))
    }

    /// The first `n` hex digits, for printing.
    #[must_use]
    pub fn short(&self, n: usize) -> &str {
        self.0.get(..n).unwrap_or(&self.0)
    }

    /// All 64 hex digits, or what stands for none.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Digest {
    fn from(hex: String) -> Self {
        Self::from_hex(hex)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn equal_values_have_equal_digests() {
        assert_eq!(Digest::of(&("a", 1)), Digest::of(&("a", 1)));
        assert_ne!(Digest::of(&("a", 1)), Digest::of(&("a", 2)));
        assert_eq!(Digest::of(&1).as_str().len(), 64);
    }

    #[test]
    fn what_cannot_be_serialised_or_was_damaged_equals_nothing() {
        // JSON has no place for a key that is a list.
        let value = BTreeMap::from([(vec![1], "x")]);
        assert_ne!(Digest::of(&value), Digest::of(&value));
        assert_ne!(
            Digest::of(&value),
            Digest::of(&BTreeMap::from([(vec![2], "y")]))
        );
        let stored = serde_json::to_string(&Digest::of(&value)).unwrap();
        let back = || serde_json::from_str::<Digest>(&stored).unwrap();
        assert_ne!(back(), back());
        let whole = Digest::of(&1);
        let text = serde_json::to_string(&whole).unwrap();
        assert_eq!(serde_json::from_str::<Digest>(&text).unwrap(), whole);
    }
}
