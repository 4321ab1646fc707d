//! What can go wrong with a document.

use std::path::PathBuf;

use super::key::Key;

/// Why a document was not read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else wrote it in between. Read again, decide again.
    #[error("`{key}` was changed by another writer")]
    Conflict {
        /// The document.
        key: Key,
    },
    /// It is larger than a document may be.
    #[error("`{key}` would be {size} bytes, more than a document may hold")]
    TooLarge {
        /// The document.
        key: Key,
        /// Its size in bytes.
        size: usize,
    },
    /// A newer wxops wrote it; this one may read it but would lose what it does not know by writing.
    #[error(
        "`{key}` was written by a newer wxops (schema {found}, this one knows {known}); update wxops"
    )]
    NewerSchema {
        /// The document.
        key: Key,
        /// The schema it was written with.
        found: u16,
        /// The newest schema this program knows.
        known: u16,
    },
    /// The store was written with another key, or with one where now there is none, or the other way round.
    #[error("cannot open the store with this key: {why}")]
    WrongKey {
        /// Which of these it is.
        why: String,
    },
    /// It cannot be read: damaged, or not ours.
    #[error("`{key}` cannot be read: {why}")]
    Corrupt {
        /// The document.
        key: Key,
        /// What is wrong, without its content.
        why: String,
    },
    /// The store cannot be reached. Nothing was written.
    #[error("the store cannot be reached: {why}")]
    Unavailable {
        /// What happened.
        why: String,
    },
    /// The store cannot be reached and whether the write happened is unknown. The journal treats it as written.
    #[error("cannot say whether `{key}` was written: {why}")]
    Uncertain {
        /// The document.
        key: Key,
        /// What happened.
        why: String,
    },
    /// The store's folder, lock or socket cannot be used.
    #[error("cannot use `{path}`")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}

impl StoreError {
    /// Whether somebody else wrote in between: read again and decide again.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }
}
