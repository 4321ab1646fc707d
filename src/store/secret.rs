//! A text that prints nothing, and is written into the store and nowhere else.

use std::cell::Cell;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use subtle::ConstantTimeEq;

thread_local! {
    static WRITING: Cell<bool> = const { Cell::new(false) };
}

/// A token, a ticket, a code.
///
/// `Debug` prints `[REDACTED]`. It serialises only while [`Store`](super::Store) writes a document; anywhere else
/// (a log line, JSON output, another file) serialising is an error, so a leak is a failed test rather than a leak.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a secret in.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The text itself, for the request it belongs into.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose()
            .as_bytes()
            .ct_eq(other.expose().as_bytes())
            .into()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if WRITING.get() {
            serializer.serialize_str(self.expose())
        } else {
            Err(serde::ser::Error::custom(
                "a secret is written into the store and nowhere else",
            ))
        }
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::new)
    }
}

/// Runs `write` with secrets allowed to be serialised, on this thread only.
pub(super) fn writing<T>(write: impl FnOnce() -> T) -> T {
    struct Restore(bool);
    impl Drop for Restore {
        fn drop(&mut self) {
            WRITING.set(self.0);
        }
    }
    let _restore = Restore(WRITING.replace(true));
    write()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_nothing_and_serialises_only_into_the_store() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret:?}"), "[REDACTED]");
        assert!(serde_json::to_string(&secret).is_err());
        let written = writing(|| serde_json::to_string(&secret));
        assert_eq!(written.unwrap(), "\"hunter2\"");
        assert!(serde_json::to_string(&secret).is_err());
    }
}
