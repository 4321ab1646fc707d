//! The narrow trait every backend fits: bytes by key, with compare-and-swap.
//!
//! A backend knows nothing of types, secrets or schema versions; [`Store`](super::Store) sits above it. What a
//! backend must hold is written in `conformance.rs` as tests that every backend runs.

use futures::future::BoxFuture;

use super::key::Key;

/// The largest document in bytes. Kubernetes keeps at most 1 MiB in an object; a quarter leaves room for what
/// surrounds it and for its base64.
pub const MAX_DOCUMENT_BYTES: usize = 256 * 1024;

/// The most keys in one page: at their longest, a page is as large as a document.
pub const PAGE_KEYS: usize = 500;

/// One state of one document. Opaque: equal or not, nothing else. Never given twice, not even after a delete.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Revision(Box<str>);

/// A document as a backend keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The bytes, at most [`MAX_DOCUMENT_BYTES`].
    pub value: Vec<u8>,
    /// The state this is.
    pub revision: Revision,
}

/// What must be there for a write to happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Nothing.
    Absent,
    /// Exactly this state.
    At(Revision),
}

/// Some keys in order, and whether more follow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// The keys, ascending.
    pub keys: Vec<Key>,
    /// Whether keys follow behind the last one.
    pub more: bool,
}

/// What a backend can answer instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    /// The document is not in the state that was expected. Nothing was written.
    #[error("the document has changed")]
    Conflict,
    /// The value is larger than [`MAX_DOCUMENT_BYTES`]. Nothing was written.
    #[error("{size} bytes are more than a document may hold")]
    TooLarge {
        /// Its size in bytes.
        size: usize,
    },
    /// Nothing was done.
    #[error("the store cannot be reached: {0}")]
    Unavailable(String),
    /// What is stored is not what was written. Nothing was done.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The store is another one than the process opened: restored, with another key, or moved away. Nothing was done,
    /// and nothing more can be.
    #[error("the store is not the one that was opened: {0}")]
    Ended(String),
    /// It may have been written, now or in a moment: the answer was lost. [`Store`](super::Store) reads again.
    #[error("the store's answer was lost: {0}")]
    Lost(String),
}

/// Bytes by key, with compare-and-swap.
///
/// An acknowledged write is durable: it is there after the process is killed. Reads see every acknowledged write.
pub trait Backend: Send + Sync {
    /// Reads one document.
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Document>, BackendError>>;

    /// Writes one document if it is in the expected state.
    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Vec<u8>,
        expected: Expected,
    ) -> BoxFuture<'a, Result<Revision, BackendError>>;

    /// Removes one document if it is in this state.
    fn delete<'a>(
        &'a self,
        key: &'a Key,
        revision: Revision,
    ) -> BoxFuture<'a, Result<(), BackendError>>;

    /// Lists keys that start with `prefix`, in order, behind `after`. A page may be short; it says if more follow.
    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a Key>,
    ) -> BoxFuture<'a, Result<Page, BackendError>>;
}

impl Revision {
    /// A revision as its backend names it.
    #[must_use]
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// A revision that was never given before: 128 random bits.
    #[must_use]
    pub fn random() -> Self {
        Self(format!("{:032x}", rand::random::<u128>()).into())
    }

    /// The text its backend knows it by.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Refuses what no backend may keep. Every backend calls it first.
///
/// # Errors
/// [`BackendError::TooLarge`].
pub fn check_size(value: &[u8]) -> Result<(), BackendError> {
    if value.len() > MAX_DOCUMENT_BYTES {
        return Err(BackendError::TooLarge { size: value.len() });
    }
    Ok(())
}
