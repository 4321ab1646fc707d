//! The documents (资质) that a category needs, as they are handed in.

use serde_json::{Value, json};

use super::CategoryId;
use crate::wechat::call::Call;
use crate::wechat::hole::{FileDigest, Hole};
use crate::wechat::media;

/// A document that a category needs. WeChat spells the list of them `certicates`, and its fields in small letters:
/// with others it answers 40007.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The document's name, as [`Document::name`](super::Document) has it.
    pub key: String,
    /// A picture of it, uploaded by `media/upload` with the token of this very account.
    pub file: FileDigest,
    /// How long it is good for, where that is to be told; only an SDK knows the fields.
    pub validity: Option<Validity>,
}

/// How long a document is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// Until a time, in unix seconds.
    Until(i64),
    /// For good.
    Permanent,
}

impl Certificate {
    pub(super) fn body(&self) -> Value {
        let Self {
            key,
            file,
            validity,
        } = self;
        let (file, by) = (file.clone(), &media::UPLOAD);
        let value = Hole::Media { file, by }.in_body();
        match validity {
            None => json!({"key": key, "value": value}),
            Some(Validity::Until(at)) => {
                json!({"key": key, "value": value, "expire_time": at, "is_permanent": 0})
            }
            Some(Validity::Permanent) => {
                json!({"key": key, "value": value, "is_permanent": 1})
            }
        }
    }

    fn read(body: &Value) -> Option<Self> {
        let Hole::Media { file, by: _ } = Hole::read(body.get("value")?)? else {
            return None;
        };
        let until = body.get("expire_time").and_then(Value::as_i64);
        let permanent = body.get("is_permanent").and_then(Value::as_i64) == Some(1);
        Some(Self {
            key: body.get("key")?.as_str()?.to_owned(),
            file,
            validity: match until {
                Some(at) => Some(Validity::Until(at)),
                None => permanent.then_some(Validity::Permanent),
            },
        })
    }
}

/// Which category a call of [`add_request`](super::add_request), [`modify_request`](super::modify_request) or
/// [`delete_request`](super::delete_request) is about: each is added by a call of its own.
#[must_use]
pub fn concerned(call: &Call) -> Option<CategoryId> {
    let body: Value = serde_json::from_str(call.body()).ok()?;
    id_in(category_in(&body))
}

/// Which category documents were handed in for, and which documents.
#[must_use]
pub fn sent_certificates(call: &Call) -> Option<(CategoryId, Vec<Certificate>)> {
    let body: Value = serde_json::from_str(call.body()).ok()?;
    let one = category_in(&body);
    let all = one.get("certicates")?.as_array()?;
    let all: Option<Vec<_>> = all.iter().map(Certificate::read).collect();
    Some((id_in(one)?, all?))
}

fn category_in(body: &Value) -> &Value {
    body.pointer("/categories/0").unwrap_or(body)
}

fn id_in(one: &Value) -> Option<CategoryId> {
    let number = |field: &str| one.get(field)?.as_i64();
    Some(CategoryId {
        first: number("first")?,
        second: number("second")?,
    })
}
