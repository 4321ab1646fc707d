//! Why manifests could not be read from disk.

use std::io;
use std::path::{Path, PathBuf};

use super::places::Places;
use super::walk::MAX_FOLDERS;
use crate::plan::Text;

/// Why manifests could not be read from disk.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A path cannot be read.
    #[error("cannot read the manifests in {}", path.display())]
    Unreadable {
        /// The path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Folders lie in one another without end.
    #[error("cannot read the manifests in {}: it lies more than {MAX_FOLDERS} folders deep; name the folder that holds the manifests", path.display())]
    TooDeep {
        /// The folder.
        path: PathBuf,
    },
    /// A folder holds no manifest.
    #[error("there is no manifest in {}: it holds no *.yaml or *.yml; name the folder that holds them (-f)", path.display())]
    Nothing {
        /// The folder.
        path: PathBuf,
    },
}

impl FolderError {
    /// The same in both languages.
    #[must_use]
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::Unreadable { path, .. } => format!("无法读取 {} 中的清单", path.display()),
            Self::TooDeep { path } => format!(
                "无法读取 {} 中的清单：它的目录超过 {MAX_FOLDERS} 层；请指明清单所在的目录",
                path.display()
            ),
            Self::Nothing { path } => format!(
                "{} 里没有清单（*.yaml 或 *.yml）；请用 -f 指明清单所在的目录",
                path.display()
            ),
        };
        Text::new(zh, self.to_string())
    }

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
