//! Holes in bodies: what is not known before a call is sent, named by what it will stand for.
//!
//! A media id lives for three days and says nothing of the picture, and a scan's ticket is a secret that nobody has before
//! the scan. So plans, digests, approvals, the history and the journal keep the hole, which names the file by its digest and
//! the ticket by its place in the store, and the client fills it right before it sends.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::call::Call;
use super::endpoint::{self, Endpoint};
use super::secret::Secret;

/// The one field of the object that stands for a hole, of each kind. What a manifest says is never an object in a body of
/// ours.
const MEDIA: &str = "$media";
const TICKET: &str = "$ticket";
/// The one field of the object that stands for several, whose fillings go into one text.
const JOINED: &str = "$joined";
/// What stands between them.
const BETWEEN: &str = "|";

/// SHA-256 of a file's bytes, in lower hex.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FileDigest(String);

/// A text that is no SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 is 64 hexadecimal digits")]
pub struct NoDigest;

/// Something that is filled in when a call is sent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hole {
    /// The id that an upload of this file gives.
    Media {
        /// The file.
        file: FileDigest,
        /// How it is uploaded: ids of different uploads are not interchangeable.
        by: &'static Endpoint,
    },
    /// The ticket that a person's scan gave, once there is one.
    Ticket {
        /// For which of a tenant's mini-programs: `tenant:item`.
        scanned_for: String,
    },
}

/// What holes are filled with.
pub type Fillings = BTreeMap<Hole, Secret>;

impl FileDigest {
    /// The digest of a file.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let digest = Sha256::digest(bytes);
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Reads 64 hexadecimal digits, in any case.
    ///
    /// # Errors
    /// [`NoDigest`].
    pub fn parse(text: &str) -> Result<Self, NoDigest> {
        if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(NoDigest)
        }
    }

    /// All 64 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first digits, for printing.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl TryFrom<String> for FileDigest {
    type Error = NoDigest;

    fn try_from(text: String) -> Result<Self, NoDigest> {
        Self::parse(&text)
    }
}

impl From<FileDigest> for String {
    fn from(digest: FileDigest) -> Self {
        digest.0
    }
}

impl fmt::Display for FileDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Hole {
    /// The hole as it stands in a body.
    #[must_use]
    pub fn in_body(&self) -> Value {
        match self {
            Self::Media { file, by } => json!({MEDIA: {"file": file, "by": by.name}}),
            Self::Ticket { scanned_for } => json!({TICKET: scanned_for}),
        }
    }

    /// Several holes whose fillings go into one text, as they stand in a body.
    #[must_use]
    pub fn joined(holes: &[Self]) -> Value {
        let holes: Vec<Value> = holes.iter().map(Self::in_body).collect();
        json!({JOINED: holes})
    }

    /// Reads a hole as it stands in a body.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let fields = value.as_object().filter(|fields| fields.len() == 1)?;
        if let Some(scanned_for) = fields.get(TICKET) {
            let scanned_for = scanned_for.as_str()?.to_owned();
            return Some(Self::Ticket { scanned_for });
        }
        let media = fields.get(MEDIA)?;
        Some(Self::Media {
            file: FileDigest::parse(media.get("file")?.as_str()?).ok()?,
            by: endpoint::by_name(media.get("by")?.as_str()?)?,
        })
    }
}

impl Call {
    /// The holes of its body, each once.
    #[must_use]
    pub fn holes(&self) -> Vec<Hole> {
        let mut found = Vec::new();
        // Most bodies have none and need not be read for it.
        let may_have = [MEDIA, TICKET]
            .iter()
            .any(|name| self.body().contains(name));
        if may_have && let Ok(body) = serde_json::from_str::<Value>(self.body()) {
            collect(&body, &mut found);
        }
        found.sort();
        found.dedup();
        found
    }

    /// The body as it is sent; `None` while something is missing.
    #[must_use]
    pub fn filled(&self, with: &Fillings) -> Option<String> {
        if self.holes().is_empty() {
            return Some(self.body().to_owned());
        }
        let body = serde_json::from_str(self.body()).ok()?;
        Some(fill(body, with)?.to_string())
    }
}

fn collect(value: &Value, found: &mut Vec<Hole>) {
    match value {
        Value::Object(fields) => match Hole::read(value) {
            Some(hole) => found.push(hole),
            None => fields.values().for_each(|value| collect(value, found)),
        },
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn fill(value: Value, with: &Fillings) -> Option<Value> {
    Some(match value {
        Value::Object(fields) => match Hole::read(&Value::Object(fields.clone())) {
            Some(hole) => Value::from(with.get(&hole)?.expose()),
            None if fields.len() == 1 && fields.contains_key(JOINED) => {
                let filled = fill(fields.get(JOINED)?.clone(), with)?;
                let texts = filled.as_array()?.iter().map(Value::as_str);
                Value::from(texts.collect::<Option<Vec<_>>>()?.join(BETWEEN))
            }
            None => Value::Object(
                fields
                    .into_iter()
                    .map(|(key, value)| Some((key, fill(value, with)?)))
                    .collect::<Option<_>>()?,
            ),
        },
        Value::Array(items) => Value::Array(
            items
                .into_iter()
                .map(|item| fill(item, with))
                .collect::<Option<_>>()?,
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wechat::{Appid, avatar, media};

    fn hole(text: &str) -> Hole {
        Hole::Media {
            file: FileDigest::of(text.as_bytes()),
            by: &media::UPLOAD,
        }
    }

    fn call(body: &Value) -> Call {
        let account = Appid::parse("wx1111111111111111").unwrap();
        Call::new(&avatar::MODIFY, account, body)
    }

    #[test]
    fn holes_are_found_wherever_they_stand_and_filled_all_or_not_at_all() {
        let call = call(
            &json!({"a": hole("x").in_body(), "b": [hole("y").in_body(), hole("x").in_body()], "c": "t"}),
        );
        let mut expected = vec![hole("x"), hole("y")];
        expected.sort();
        assert_eq!(call.holes(), expected);
        let mut with = Fillings::from([(hole("x"), Secret::new("mx"))]);
        assert_eq!(call.filled(&with), None);
        with.insert(hole("y"), Secret::new("my"));
        let filled: Value = serde_json::from_str(&call.filled(&with).unwrap()).unwrap();
        assert_eq!(filled, json!({"a": "mx", "b": ["my", "mx"], "c": "t"}));
        // What is kept of the call is the hole.
        let kept = serde_json::to_string(&call).unwrap();
        assert!(kept.contains(FileDigest::of(b"x").as_str()) && !kept.contains("mx"));
        assert_eq!(serde_json::from_str::<Call>(&kept).unwrap(), call);
    }

    #[test]
    fn several_holes_go_into_one_text() {
        let call = call(&json!({"stuff": Hole::joined(&[hole("x"), hole("y")])}));
        assert_eq!(call.holes().len(), 2);
        let mut with = Fillings::from([(hole("x"), Secret::new("mx"))]);
        assert_eq!(call.filled(&with), None);
        with.insert(hole("y"), Secret::new("my"));
        let filled: Value = serde_json::from_str(&call.filled(&with).unwrap()).unwrap();
        assert_eq!(filled, json!({"stuff": "mx|my"}));
    }

    #[test]
    fn a_text_that_looks_like_a_hole_is_a_text() {
        let text = hole("x").in_body().to_string();
        let call = call(&json!({"name": text}));
        assert_eq!(call.holes(), []);
        assert_eq!(call.filled(&Fillings::new()).as_deref(), Some(call.body()));
    }

    #[test]
    fn a_digest_is_of_64_digits() {
        let digest = FileDigest::of(b"");
        assert_eq!(
            digest.as_str(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            FileDigest::parse(&digest.as_str().to_uppercase()),
            Ok(digest)
        );
        assert_eq!(FileDigest::parse("e3b0"), Err(NoDigest));
    }
}
