//! Why manifests could not be read from disk.

use std::io;
use std::path::{Path, PathBuf};

use super::places::Places;
use super::walk::MAX_FOLDERS;

/// Why manifests could not be read from disk.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A path cannot be read.
    #[error("read {}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Folders lie in one another without end.
    #[error("read {}: it lies more than {MAX_FOLDERS} folders deep; name the folder that holds the manifests", path.display())]
    TooDeep {
        /// The folder.
        path: PathBuf,
    },
    /// A folder holds no manifest.
    #[error("find a manifest in {}: it holds no *.yaml or *.yml", path.display())]
    Nothing {
        /// The folder.
        path: PathBuf,
    },
}

impl FolderError {
    /// The same, said of what the place is called.
    pub(super) fn called(self, places: &Places) -> Self {
        match self {
            Self::Unreadable { path, source } => Self::Unreadable {
                path: places.called(&path),
                source,
            },
            Self::TooDeep { path } => Self::TooDeep {
                path: places.called(&path),
            },
            Self::Nothing { path } => Self::Nothing {
                path: places.called(&path),
            },
        }
    }
}

pub(super) fn unreadable(path: &Path, source: io::Error) -> FolderError {
    FolderError::Unreadable {
        path: path.to_owned(),
        source,
    }
}
