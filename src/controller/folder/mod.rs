//! Finds and reads manifests on disk: a file as it is given, a folder with everything below it, in a fixed order.
//!
//! What the files say is not looked at here.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

mod named;

use self::named::with_named;
use crate::manifest::{self, Loaded, MAX_FILE_BYTES, Source};

/// Nobody keeps manifests deeper: to find out where each folder really is costs more the deeper it lies.
const MAX_FOLDERS: usize = 32;

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

/// Reads and loads everything that the paths name.
///
/// # Errors
/// [`FolderError`]. Mistakes in the manifests are no error here: they are in [`Loaded::problems`].
pub fn load<P: AsRef<Path>>(paths: &[P]) -> Result<Loaded, FolderError> {
    Ok(with_named(manifest::load(read(paths)?), paths))
}

/// As [`load`], without the files that cannot be read; why is told beside it.
///
/// # Errors
/// [`FolderError`], where nothing is left.
pub fn load_readable(path: &Path) -> Result<(Loaded, Vec<FolderError>), FolderError> {
    let mut walk = Walk {
        passed_over: Some(Vec::new()),
        ..Walk::default()
    };
    let found = walk.all(&[path])?;
    let loaded = with_named(manifest::load(found), &[path]);
    Ok((loaded, walk.passed_over.unwrap_or_default()))
}

/// Reads every manifest that the paths name, each once, in the order given and folders sorted.
///
/// # Errors
/// [`FolderError`].
pub fn read<P: AsRef<Path>>(paths: &[P]) -> Result<Vec<Source>, FolderError> {
    Walk::default().all(paths)
}

/// Links are followed, as Kubernetes mounts need it, so files and folders already seen are remembered.
#[derive(Default)]
struct Walk {
    seen: BTreeSet<PathBuf>,
    found: Vec<Source>,
    /// What could not be read below a folder, where that stops nobody.
    passed_over: Option<Vec<FolderError>>,
}

impl Walk {
    fn all<P: AsRef<Path>>(&mut self, paths: &[P]) -> Result<Vec<Source>, FolderError> {
        for path in paths.iter().map(AsRef::as_ref) {
            let kind = fs::metadata(path).map_err(|source| unreadable(path, source))?;
            if kind.is_dir() {
                let before = self.found.len();
                let named_twice = self.has_seen(path)?;
                self.folder(path, 0)?;
                if self.found.len() == before && !named_twice {
                    return Err(FolderError::Nothing {
                        path: path.to_owned(),
                    });
                }
            } else {
                self.file(path)?;
            }
        }
        Ok(std::mem::take(&mut self.found))
    }

    /// Passes over what cannot be read, where that is wanted.
    fn pass_over(&mut self, outcome: Result<(), FolderError>) -> Result<(), FolderError> {
        match (outcome, &mut self.passed_over) {
            (Err(error), Some(passed_over)) => passed_over.push(error),
            (outcome, _) => return outcome,
        }
        Ok(())
    }

    fn folder(&mut self, folder: &Path, depth: usize) -> Result<(), FolderError> {
        if depth > MAX_FOLDERS {
            return Err(FolderError::TooDeep {
                path: folder.to_owned(),
            });
        }
        if !self.is_new(folder)? {
            return Ok(());
        }
        let entries = fs::read_dir(folder).map_err(|source| unreadable(folder, source))?;
        let mut paths = Vec::new();
        for entry in entries {
            paths.push(entry.map_err(|source| unreadable(folder, source))?.path());
        }
        paths.sort();
        for path in paths.iter().filter(|path| !is_hidden(path)) {
            // A link that leads nowhere is nobody's manifest.
            let Ok(kind) = fs::metadata(path) else {
                continue;
            };
            let outcome = if kind.is_dir() {
                self.folder(path, depth + 1)
            } else if kind.is_file() && is_manifest(path) {
                self.file(path)
            } else {
                Ok(())
            };
            self.pass_over(outcome)?;
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), FolderError> {
        if !self.is_new(path)? {
            return Ok(());
        }
        let file = fs::File::open(path).map_err(|source| unreadable(path, source))?;
        // One byte more than is allowed tells that there is too much, without reading it all.
        let mut bytes = Vec::new();
        file.take(MAX_FILE_BYTES as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|source| unreadable(path, source))?;
        let shown = path.strip_prefix(".").unwrap_or(path).display().to_string();
        self.found.push(Source::new(shown, bytes));
        Ok(())
    }

    /// Whether a folder was named before, or stands below one that was.
    fn has_seen(&self, path: &Path) -> Result<bool, FolderError> {
        let real = fs::canonicalize(path).map_err(|source| unreadable(path, source))?;
        Ok(self.seen.contains(&real))
    }

    fn is_new(&mut self, path: &Path) -> Result<bool, FolderError> {
        let real = fs::canonicalize(path).map_err(|source| unreadable(path, source))?;
        Ok(self.seen.insert(real))
    }
}

fn unreadable(path: &Path, source: io::Error) -> FolderError {
    FolderError::Unreadable {
        path: path.to_owned(),
        source,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn names(sources: &[Source], root: &Path) -> Vec<String> {
        let root = format!("{}/", root.display());
        let names = sources.iter().map(|source| source.path.replace(&root, ""));
        names.collect()
    }

    #[test]
    fn folders_are_read_sorted_without_hidden_files_and_each_file_once() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("b/.git")).unwrap();
        for name in [
            "b/2.yml",
            "b/1.yaml",
            "a.yaml",
            ".a.yaml",
            "b/.git/x.yaml",
            "notes.md",
            "w.sim.yaml",
        ] {
            fs::write(root.join(name), "").unwrap();
        }
        std::os::unix::fs::symlink(root, root.join("b/loop")).unwrap();
        std::os::unix::fs::symlink(root.join("nowhere"), root.join("c.yaml")).unwrap();
        let found = read(&[root.to_owned(), root.join("a.yaml")]).unwrap();
        assert_eq!(names(&found, root), ["a.yaml", "b/1.yaml", "b/2.yml"]);
    }

    #[test]
    fn folders_are_followed_so_far_and_no_further() {
        let folder = tempfile::tempdir().unwrap();
        let deep = |n: usize| folder.path().join("d/".repeat(n));
        fs::create_dir_all(deep(MAX_FOLDERS)).unwrap();
        fs::write(deep(MAX_FOLDERS).join("a.yaml"), "").unwrap();
        assert_eq!(read(&[folder.path()]).unwrap().len(), 1);
        fs::create_dir_all(deep(800)).unwrap();
        let Err(FolderError::TooDeep { path }) = read(&[folder.path()]) else {
            panic!("read 800 folders");
        };
        assert_eq!(path, deep(MAX_FOLDERS + 1));
    }

    #[test]
    fn a_folder_without_manifests_is_said_to_be_one() {
        let folder = tempfile::tempdir().unwrap();
        let paths = [folder.path().to_owned()];
        assert!(matches!(read(&paths), Err(FolderError::Nothing { .. })));
        let paths = [folder.path().join("none")];
        assert!(matches!(read(&paths), Err(FolderError::Unreadable { .. })));
    }

    #[test]
    fn no_more_of_a_file_is_read_than_is_allowed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.yaml");
        let file = fs::File::create(&path).unwrap();
        file.set_len(MAX_FILE_BYTES as u64 * 4).unwrap();
        let found = read(&[path]).unwrap();
        assert_eq!(found[0].bytes.len(), MAX_FILE_BYTES + 1);
    }
}
