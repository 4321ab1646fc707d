//! Identifiers as WeChat writes them. Parsed once at the border, trusted afterwards.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

/// An appid: `wx` and 16 letters or digits. Platforms, official accounts, mini-programs and open accounts all
/// have one. Not a secret.
///
/// Every page and answer of WeChat's writes appids in small letters. So capitals (a copy from a spreadsheet, a program
/// that shouts) are the same appid and are read as small letters, wherever they come from: one account has one name
/// here, one claim and one set of tokens.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Appid(Arc<str>);

/// Why a text is no appid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an appid: expected `wx` followed by 16 letters or digits")]
pub struct NotAnAppid {
    text: String,
}

impl Appid {
    /// Reads an appid in small letters, refusing anything that is not `wx` and 16 ASCII letters or digits.
    ///
    /// # Errors
    /// [`NotAnAppid`], with at most the first 40 characters of what was given.
    pub fn parse(text: &str) -> Result<Self, NotAnAppid> {
        let small = text.to_ascii_lowercase();
        let rest = small.strip_prefix("wx").unwrap_or_default();
        if rest.len() == 16 && rest.bytes().all(|b| b.is_ascii_alphanumeric()) {
            Ok(Self(small.into()))
        } else {
            Err(NotAnAppid {
                text: text.chars().take(40).collect(),
            })
        }
    }

    /// The text as WeChat writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Appid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Appid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Appid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Appid {
    fn schema_name() -> Cow<'static, str> {
        "Appid".into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "pattern": "^[wW][xX][0-9A-Za-z]{16}$"})
    }
}

/// An appid as an answer or a push wrote it, not yet looked at.
///
/// What WeChat sends is kept even when it is odd; [`RawAppid::parse`] is the border behind which it is trusted.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RawAppid(String);

impl RawAppid {
    /// Keeps a text as it is.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The appid, if it is one.
    ///
    /// # Errors
    /// [`NotAnAppid`].
    pub fn parse(&self) -> Result<Appid, NotAnAppid> {
        Appid::parse(self.0.trim())
    }

    /// The text as it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RawAppid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for RawAppid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_are_the_same_appid() {
        let small = Appid::parse("wx00000000000000ab").unwrap();
        for shouted in [
            "wx00000000000000AB",
            "WX00000000000000ab",
            "Wx00000000000000Ab",
        ] {
            assert_eq!(Appid::parse(shouted).as_ref(), Ok(&small));
            assert_eq!(RawAppid::new(shouted).parse().as_ref(), Ok(&small));
            let read: Appid = serde_json::from_value(serde_json::json!(shouted)).unwrap();
            assert_eq!(read.as_str(), "wx00000000000000ab");
        }
    }

    #[test]
    fn an_appid_is_wx_and_sixteen_letters_or_digits() {
        assert!(Appid::parse("wx1111111111111111").is_ok());
        for bad in [
            "",
            "wx",
            "wx111111111111111",
            "wx11111111111111111",
            "gh_1111111111111111",
            "wx11111111111111 1",
        ] {
            assert!(Appid::parse(bad).is_err(), "{bad}");
        }
    }
}
