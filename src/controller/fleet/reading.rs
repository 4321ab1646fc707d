//! Files that one look reads or knows of: what is read twice is opened once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::controller::folder::{self, FolderError, Listing, Stamp};
use crate::manifest::{Credentials, Library, Source};

/// Texts that were read for one look.
pub(super) struct Texts<'a> {
    root: &'a Path,
    real: &'a Path,
    read: BTreeMap<PathBuf, Source>,
}

impl<'a> Texts<'a> {
    pub(super) fn of(root: &'a Path, listing: &'a Listing) -> Self {
        Self {
            root,
            real: &listing.root,
            read: BTreeMap::new(),
        }
    }

    pub(super) fn keep(&mut self, path: &Path, text: Source) {
        // So many at most: the rest is read again where it is needed.
        if self.read.len() < 256 {
            self.read.insert(path.to_owned(), text);
        }
    }

    /// The text of a file, which is called as the folder is.
    pub(super) fn read(&mut self, path: &Path) -> Result<Source, FolderError> {
        if let Some(text) = self.read.get(path) {
            return Ok(Source::new(text.path.as_str(), text.bytes.clone()));
        }
        folder::source(&join(self.real, path), &join(self.root, path))
    }
}

/// A file below a folder; what was named may be a file itself.
pub(super) fn join(root: &Path, below: &Path) -> PathBuf {
    if below.as_os_str().is_empty() {
        root.to_owned()
    } else {
        root.join(below)
    }
}

/// A file that tenants refer to and that is not as it was then, if any is.
#[must_use]
pub fn named_otherwise(then: &BTreeMap<Arc<Path>, Option<Stamp>>) -> Option<PathBuf> {
    let mut all = then.iter();
    let moved = all.find(|(path, stamp)| Stamp::of(path) != **stamp);
    moved.map(|(path, _)| path.to_path_buf())
}

/// The files that hold the platforms' credentials.
pub(super) fn keys(library: &Library) -> BTreeMap<PathBuf, Option<Stamp>> {
    let paths = library.platforms.values().filter_map(|platform| {
        let Credentials::Path(path) = &platform.spec.credentials else {
            return None;
        };
        Some(platform.folder().join(path))
    });
    let names = [
        "appSecret",
        "token",
        "encodingAesKey",
        "previousEncodingAesKey",
    ];
    paths
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .map(|path| {
            let stamp = Stamp::of(&path);
            (path, stamp)
        })
        .collect()
}
