//! Secrets of the wire: tokens, refresh tokens, codes, tickets, and bodies that hold one.
//!
//! They print nothing, are wiped when dropped, and leave only through an `expose` that can be searched for.
//! They do not serialise; a store that keeps one writes what it exposed, encrypted.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize};
use subtle::ConstantTimeEq;

/// A token, refresh token, authorization code or ticket.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(SecretString::from(text))
    }

    /// The text. For the one request or the one document it is needed in.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
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

impl From<SecretString> for Secret {
    fn from(text: SecretString) -> Self {
        Self(text)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(SecretString::from(text)))
    }
}

/// Only the tests of this room may write a secret out, to compare an answer leaf by leaf with what was read.
#[cfg(test)]
impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}

/// A JSON body that holds a secret. Never part of a [`Call`](super::Call): those are printed and stored.
#[derive(Clone)]
pub struct SecretBody(SecretString);

impl SecretBody {
    /// Writes a body. What is given here are structs of texts, whose serialisation cannot fail.
    pub(super) fn of(body: &impl Serialize) -> Self {
        Self(SecretString::from(
            serde_json::to_string(body).unwrap_or_default(),
        ))
    }

    /// The JSON, raw UTF-8. For the one request it is needed in.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for SecretBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_nothing_and_compares_by_its_text() {
        let secret = Secret::new("refreshtoken@@@x");
        assert_eq!(format!("{secret:?}"), "[REDACTED]");
        assert_eq!(secret, Secret::new("refreshtoken@@@x"));
        assert_ne!(secret, Secret::new("refreshtoken@@@y"));
        let body = SecretBody::of(&"x");
        assert_eq!(
            (format!("{body:?}").as_str(), body.expose()),
            ("[REDACTED]", "\"x\"")
        );
    }
}
