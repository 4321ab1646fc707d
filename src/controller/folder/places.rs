//! Where what a path names really is, found out once: a link on the way may be moved to another folder while its files
//! are read, and half of one revision and half of another are none.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::{FolderError, unreadable};

/// What paths name.
#[derive(Debug, Default)]
pub(super) struct Places(Vec<Place>);

#[derive(Debug)]
struct Place {
    called: PathBuf,
    real: PathBuf,
}

impl Places {
    pub(super) fn of<P: AsRef<Path>>(paths: &[P]) -> Result<Self, FolderError> {
        let place = |path: &Path| {
            let real = fs::canonicalize(path).map_err(|source| unreadable(path, source))?;
            Ok(Place {
                called: path.to_owned(),
                real,
            })
        };
        let places = paths.iter().map(|path| place(path.as_ref()));
        Ok(Self(places.collect::<Result<_, _>>()?))
    }

    /// The places themselves, in the order given.
    pub(super) fn real(&self) -> Vec<&Path> {
        self.0.iter().map(|place| place.real.as_path()).collect()
    }

    /// What a file or folder is called that lies in one of them.
    pub(super) fn called(&self, path: &Path) -> PathBuf {
        let below = |place: &Place| {
            let below = path.strip_prefix(&place.real).ok()?;
            Some(join(&place.called, below))
        };
        let called = self.0.iter().find_map(below);
        called.unwrap_or_else(|| path.to_owned())
    }

    /// Where what is called so really lies.
    pub(super) fn found(&self, called: &Path) -> PathBuf {
        let below = |place: &Place| {
            // What lies in this folder is called by its name alone.
            let folder = place.called.strip_prefix(".").unwrap_or(&place.called);
            let below = called.strip_prefix(folder).ok()?;
            Some(join(&place.real, below))
        };
        let found = self.0.iter().find_map(below);
        found.unwrap_or_else(|| called.to_owned())
    }
}

/// Nothing joined to a file would make it a folder.
fn join(path: &Path, below: &Path) -> PathBuf {
    if below.as_os_str().is_empty() {
        path.to_owned()
    } else {
        path.join(below)
    }
}
