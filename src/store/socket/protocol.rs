//! What goes over the socket: a length of four bytes, then JSON. One answer per question, in order.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::store::backend::{BackendError, Document, Expected, Page, Revision};
use crate::store::key::Key;

/// Raised whenever the questions or answers change. Both ends must say the same.
pub const PROTOCOL: u32 = 1;
/// The longest frame: a document of the largest size in base64, and what surrounds it.
const MAX_FRAME_BYTES: u32 = 512 * 1024;

/// A question.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// The first one on every connection.
    Hello {
        /// [`PROTOCOL`].
        protocol: u32,
    },
    /// As [`Backend::get`](crate::store::Backend::get).
    Get {
        /// The document.
        key: String,
    },
    /// As [`Backend::put`](crate::store::Backend::put).
    Put {
        /// The document.
        key: String,
        /// Its content.
        value: Bytes,
        /// The revision expected; none: it must be absent.
        expected: Option<String>,
    },
    /// As [`Backend::delete`](crate::store::Backend::delete).
    Delete {
        /// The document.
        key: String,
        /// The revision expected.
        revision: String,
    },
    /// As [`Backend::list`](crate::store::Backend::list).
    List {
        /// What keys begin with.
        prefix: String,
        /// The key behind which to begin.
        after: Option<String>,
    },
}

/// An answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Response {
    /// To [`Request::Hello`].
    Hello {
        /// [`PROTOCOL`].
        protocol: u32,
    },
    /// To [`Request::Get`]: nothing there.
    Absent,
    /// To [`Request::Get`].
    Document {
        /// Its content.
        value: Bytes,
        /// Its revision.
        revision: String,
    },
    /// To [`Request::Put`].
    Written {
        /// The new revision.
        revision: String,
    },
    /// To [`Request::Delete`].
    Deleted,
    /// To [`Request::List`].
    Keys {
        /// The keys.
        keys: Vec<String>,
        /// Whether more follow.
        more: bool,
    },
    /// [`BackendError::Conflict`].
    Conflict,
    /// [`BackendError::TooLarge`].
    TooLarge {
        /// The size in bytes.
        size: usize,
    },
    /// [`BackendError::Unavailable`].
    Unavailable {
        /// What happened.
        why: String,
    },
    /// [`BackendError::Lost`].
    Lost {
        /// What happened.
        why: String,
    },
}

/// Bytes, written as base64.
#[derive(Debug)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text);
        bytes.map(Self).map_err(serde::de::Error::custom)
    }
}

impl Request {
    /// Whether asking it twice might do something twice.
    pub(in crate::store) fn writes(&self) -> bool {
        match self {
            Self::Put { .. } | Self::Delete { .. } => true,
            Self::Hello { .. } | Self::Get { .. } | Self::List { .. } => false,
        }
    }

    pub(in crate::store) fn put(key: &Key, value: Vec<u8>, expected: &Expected) -> Self {
        Self::Put {
            key: key.to_string(),
            value: Bytes(value),
            expected: match expected {
                Expected::Absent => None,
                Expected::At(revision) => Some(revision.as_str().to_owned()),
            },
        }
    }
}

impl Response {
    pub(super) fn from_document(document: Option<Document>) -> Self {
        match document {
            None => Self::Absent,
            Some(Document { value, revision }) => Self::Document {
                value: Bytes(value),
                revision: revision.as_str().to_owned(),
            },
        }
    }

    pub(super) fn from_revision(revision: &Revision) -> Self {
        Self::Written {
            revision: revision.as_str().to_owned(),
        }
    }

    pub(super) fn from_page(page: Page) -> Self {
        let Page { keys, more } = page;
        Self::Keys {
            keys: keys.iter().map(Key::to_string).collect(),
            more,
        }
    }

    pub(super) fn from_error(error: BackendError) -> Self {
        match error {
            BackendError::Conflict => Self::Conflict,
            BackendError::TooLarge { size } => Self::TooLarge { size },
            BackendError::Unavailable(why) => Self::Unavailable { why },
            BackendError::Lost(why) => Self::Lost { why },
        }
    }

    pub(in crate::store) fn into_document(self) -> Result<Option<Document>, BackendError> {
        if let Self::Absent = self {
            return Ok(None);
        }
        let Self::Document { value, revision } = self else {
            return Err(self.into_error());
        };
        Ok(Some(Document {
            value: value.0,
            revision: Revision::new(revision),
        }))
    }

    pub(in crate::store) fn into_revision(self) -> Result<Revision, BackendError> {
        let Self::Written { revision } = self else {
            return Err(self.into_error());
        };
        Ok(Revision::new(revision))
    }

    pub(in crate::store) fn into_deleted(self) -> Result<(), BackendError> {
        let Self::Deleted = self else {
            return Err(self.into_error());
        };
        Ok(())
    }

    pub(in crate::store) fn into_page(self) -> Result<Page, BackendError> {
        let Self::Keys { keys, more } = self else {
            return Err(self.into_error());
        };
        let keys: Result<_, _> = keys.iter().map(|key| Key::parse(key)).collect();
        let keys = keys.map_err(|error| BackendError::Unavailable(error.to_string()))?;
        Ok(Page { keys, more })
    }

    /// The error this answer is. An answer that fits no question of ours is a lost one.
    pub(super) fn into_error(self) -> BackendError {
        match self {
            Self::Conflict => BackendError::Conflict,
            Self::TooLarge { size } => BackendError::TooLarge { size },
            Self::Unavailable { why } => BackendError::Unavailable(why),
            Self::Lost { why } => BackendError::Lost(why),
            Self::Hello { .. }
            | Self::Absent
            | Self::Document { .. }
            | Self::Written { .. }
            | Self::Deleted
            | Self::Keys { .. } => BackendError::Lost("an answer to another question".into()),
        }
    }
}

/// Writes one frame.
pub(super) async fn write<T: Serialize>(
    to: &mut (impl AsyncWrite + Unpin),
    frame: &T,
) -> io::Result<()> {
    let json = serde_json::to_vec(frame)?;
    let length = u32::try_from(json.len()).unwrap_or(u32::MAX);
    if length > MAX_FRAME_BYTES {
        return Err(io::Error::other("a frame that is too long"));
    }
    to.write_all(&[length.to_be_bytes().as_slice(), &json].concat())
        .await?;
    to.flush().await
}

/// Reads one frame; `None` where the other end has closed between two.
pub(super) async fn read<T: DeserializeOwned>(
    from: &mut (impl AsyncRead + Unpin),
) -> io::Result<Option<T>> {
    let mut length = [0; 4];
    if from.read(&mut length[..1]).await? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut length[1..]).await?;
    let length = u32::from_be_bytes(length);
    if length > MAX_FRAME_BYTES {
        return Err(io::Error::other("a frame that is too long"));
    }
    let mut json = Vec::new();
    from.take(u64::from(length)).read_to_end(&mut json).await?;
    Ok(Some(serde_json::from_slice(&json)?))
}
