//! What can go wrong with a document.

use std::path::PathBuf;

use super::key::Key;

/// Why everything is written anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exchange {
    /// A backup is put in its place.
    Restore,
    /// It is put under another key.
    Rekey,
}

/// `EIO`: the disk did not do it. It has this number on every system we build for.
const INPUT_OUTPUT: i32 = 5;

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
    /// A file of the store is not as it was written, so the store is not opened.
    #[error(
        "`{path}` is damaged: {why}. Nothing was changed. Put back a backup with `wxops store restore FILE`; without one, \
         move the store's folder away and begin anew: every owner then authorizes again, and what was done already may be \
         done again"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// There is no store where one was expected.
    #[error("there is no store in `{path}`")]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// The folder, or what is in it, is none that this program may use.
    #[error("cannot use `{path}`: {why}")]
    Refused {
        /// The file or folder.
        path: PathBuf,
        /// Why, and what to do.
        why: String,
    },
    /// A restore or a change of the key was cut off between its two commits. Nothing may be done before it is done again.
    #[error("cannot use `{path}`: {why}")]
    Unfinished {
        /// The file that is ahead of the other.
        path: PathBuf,
        /// What was cut off, and what to do.
        why: String,
        /// Which of them it was, where that is known.
        by: Option<Exchange>,
    },
    /// The store was restored, got another key, or was moved away while it was open. Nothing was written.
    #[error("the store is not the one that was opened: {why}")]
    Ended {
        /// What happened, and what to do.
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
    /// A file or folder of the store cannot be used.
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
    /// What happened, for a sentence that says already that the store cannot be reached.
    pub(super) fn into_why(self) -> String {
        if let Self::Io { path, source } = &self {
            format!("cannot use `{}`: {source}", path.display())
        } else if let Self::Unavailable { why } = self {
            why
        } else {
            self.to_string()
        }
    }

    /// Whether it may go by itself: there is no room on the disk, or it cannot be reached right now.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        use std::io::ErrorKind;
        match self {
            Self::Unavailable { .. } => true,
            Self::Io { source, .. } => {
                let full = [ErrorKind::StorageFull, ErrorKind::QuotaExceeded];
                full.contains(&source.kind()) || source.raw_os_error() == Some(INPUT_OUTPUT)
            }
            Self::Conflict { .. }
            | Self::TooLarge { .. }
            | Self::NewerSchema { .. }
            | Self::WrongKey { .. }
            | Self::Corrupt { .. }
            | Self::Damaged { .. }
            | Self::Missing { .. }
            | Self::Refused { .. }
            | Self::Unfinished { .. }
            | Self::Ended { .. }
            | Self::Uncertain { .. } => false,
        }
    }

    /// Whether somebody else wrote in between: read again and decide again.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. })
    }
}
