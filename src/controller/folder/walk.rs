//! Finds the files of a folder, everything below it, in a fixed order.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::error::{FolderError, unreadable};
use super::scan::Stamp;

/// Nobody keeps manifests deeper.
pub(super) const MAX_FOLDERS: usize = 32;

/// Links are followed, as Kubernetes mounts need it, so files and folders already seen are remembered. Each is asked about
/// once, which is what a look at ten thousand of them costs.
#[derive(Default)]
pub(super) struct Walk {
    seen: BTreeSet<Which>,
    /// The manifests.
    pub(super) manifests: Vec<(PathBuf, Stamp)>,
    /// What could not be read below a folder, where that stops nobody.
    pub(super) passed_over: Option<Vec<FolderError>>,
}

/// Which file or folder it is, by whatever path it was found.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Which {
    /// By device and number.
    Number(u64, u64),
    /// A file with several names: it may be two manifests to whoever linked them, so each name is one.
    Name(PathBuf),
}

impl Walk {
    /// One that goes on where something cannot be read.
    pub(super) fn for_a_look() -> Self {
        Self {
            passed_over: Some(Vec::new()),
            ..Self::default()
        }
    }

    /// Finds what paths name: a file as it is given, a folder with everything below it.
    pub(super) fn all<P: AsRef<Path>>(&mut self, paths: &[P]) -> Result<(), FolderError> {
        for path in paths.iter().map(AsRef::as_ref) {
            let kind = fs::metadata(path).map_err(|source| unreadable(path, source))?;
            if kind.is_dir() {
                let before = self.manifests.len();
                let named_twice = self.seen.contains(&Which::of(path, &kind)?);
                self.folder(path, &kind, 0)?;
                if self.manifests.len() == before && !named_twice {
                    return Err(FolderError::Nothing {
                        path: path.to_owned(),
                    });
                }
            } else if self.is_new(path, &kind)? {
                self.manifests.push((path.to_owned(), Stamp::from(&kind)));
            }
        }
        Ok(())
    }

    /// Passes over what cannot be read, where that is wanted.
    pub(super) fn pass_over(
        &mut self,
        outcome: Result<(), FolderError>,
    ) -> Result<(), FolderError> {
        match (outcome, &mut self.passed_over) {
            (Err(error), Some(passed_over)) => passed_over.push(error),
            (outcome, _) => return outcome,
        }
        Ok(())
    }

    fn folder(&mut self, folder: &Path, kind: &Metadata, depth: usize) -> Result<(), FolderError> {
        if depth > MAX_FOLDERS {
            return Err(FolderError::TooDeep {
                path: folder.to_owned(),
            });
        }
        if !self.is_new(folder, kind)? {
            return Ok(());
        }
        let entries = fs::read_dir(folder).map_err(|source| unreadable(folder, source))?;
        let mut paths = Vec::new();
        for entry in entries {
            paths.push(entry.map_err(|source| unreadable(folder, source))?.path());
        }
        paths.sort();
        for path in paths.into_iter().filter(|path| !is_hidden(path)) {
            // A link that leads nowhere is nobody's manifest.
            let Ok(kind) = fs::metadata(&path) else {
                continue;
            };
            let outcome = if kind.is_dir() {
                self.folder(&path, &kind, depth + 1)
            } else if kind.is_file() {
                self.file(path, &kind)
            } else {
                Ok(())
            };
            self.pass_over(outcome)?;
        }
        Ok(())
    }

    fn file(&mut self, path: PathBuf, kind: &Metadata) -> Result<(), FolderError> {
        if is_manifest(&path) && self.is_new(&path, kind)? {
            self.manifests.push((path, Stamp::from(kind)));
        }
        Ok(())
    }

    fn is_new(&mut self, path: &Path, kind: &Metadata) -> Result<bool, FolderError> {
        Ok(self.seen.insert(Which::of(path, kind)?))
    }
}

impl Which {
    fn of(path: &Path, kind: &Metadata) -> Result<Self, FolderError> {
        if kind.is_dir() || kind.nlink() == 1 {
            return Ok(Self::Number(kind.dev(), kind.ino()));
        }
        let real = fs::canonicalize(path).map_err(|source| unreadable(path, source))?;
        Ok(Self::Name(real))
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name()
        .is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

/// `*.sim.yaml` is a simulated WeChat's state (docs/simulator.md), which may lie beside the manifests it is for.
fn is_manifest(path: &Path) -> bool {
    let Some(name) = path.file_name().map(|name| name.to_string_lossy()) else {
        return false;
    };
    let stem = name
        .strip_suffix(".yaml")
        .or_else(|| name.strip_suffix(".yml"));
    stem.is_some_and(|stem| !stem.is_empty() && !stem.ends_with(".sim"))
}
