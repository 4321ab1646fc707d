//! Manifests in a folder: a file as it is given, a folder with everything below it, in a fixed order.
//!
//! What the files say is not looked at here.

mod error;
mod named;
mod places;
mod scan;
mod walk;

use std::fs;
use std::io::Read as _;
use std::path::Path;

pub use self::error::FolderError;
use self::error::unreadable;
pub use self::named::with_named;
use self::places::Places;
pub use self::scan::{Listing, Stamp};
use self::walk::Walk;
use crate::manifest::{self, Loaded, MAX_FILE_BYTES, Source};

/// Reads and loads everything that the paths name.
///
/// # Errors
/// [`FolderError`]. Mistakes in the manifests are no error here: they are in [`Loaded::problems`].
pub fn load<P: AsRef<Path>>(paths: &[P]) -> Result<Loaded, FolderError> {
    let places = Places::of(paths)?;
    let loaded = manifest::load(read_at(&places)?);
    Ok(named::found(loaded, &places).0)
}

/// Reads every manifest that the paths name, each once, in the order given and folders sorted.
///
/// # Errors
/// [`FolderError`].
pub fn read<P: AsRef<Path>>(paths: &[P]) -> Result<Vec<Source>, FolderError> {
    read_at(&Places::of(paths)?)
}

fn read_at(places: &Places) -> Result<Vec<Source>, FolderError> {
    let called = |error: FolderError| error.called(places);
    let mut walk = Walk::default();
    walk.all(&places.real()).map_err(called)?;
    let files = walk.manifests.iter();
    files
        .map(|(path, _)| source(path, &places.called(path)))
        .collect()
}

/// Reads one manifest, which is called by another path.
///
/// # Errors
/// [`FolderError::Unreadable`].
pub fn source(path: &Path, called: &Path) -> Result<Source, FolderError> {
    let file = fs::File::open(path).map_err(|source| unreadable(called, source))?;
    // One byte more than is allowed tells that there is too much, without reading it all.
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| unreadable(called, source))?;
    let shown = called.strip_prefix(".").unwrap_or(called);
    Ok(Source::new(shown.display().to_string(), bytes))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

    use super::walk::MAX_FOLDERS;
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
        std::os::unix::fs::symlink(root.join("a.yaml"), root.join("b/3.yaml")).unwrap();
        fs::hard_link(root.join("b/1.yaml"), root.join("b/4.yaml")).unwrap();
        std::os::unix::fs::symlink(root.join("nowhere"), root.join("c.yaml")).unwrap();
        let found = read(&[root.to_owned(), root.join("a.yaml")]).unwrap();
        assert_eq!(
            names(&found, root),
            ["a.yaml", "b/1.yaml", "b/2.yml", "b/4.yaml"]
        );
    }

    #[test]
    fn a_link_that_is_moved_meanwhile_mixes_no_two_revisions() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for revision in ["one", "two"] {
            fs::create_dir_all(root.join(revision).join("tenants")).unwrap();
            for n in 0..20 {
                let file = format!("{revision}/tenants/{n}.yaml");
                fs::write(root.join(file), revision).unwrap();
            }
        }
        let current = root.join("current");
        std::os::unix::fs::symlink("one", &current).unwrap();
        let (stop, swaps) = (AtomicBool::new(false), AtomicUsize::new(0));
        let relaxed = Ordering::Relaxed;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let draft = root.join("draft");
                for revision in ["two", "one"].into_iter().cycle() {
                    if stop.load(relaxed) {
                        return;
                    }
                    std::os::unix::fs::symlink(revision, &draft).unwrap();
                    fs::rename(&draft, &current).unwrap();
                    swaps.fetch_add(1, relaxed);
                }
            });
            let at = current.join("tenants");
            while swaps.load(relaxed) < 2_000 {
                let found = read(&[&at]).unwrap();
                let first = &found.first().unwrap().bytes;
                let mixed = found.iter().any(|source| source.bytes != *first);
                let named = found
                    .iter()
                    .all(|source| Path::new(&source.path).starts_with(&at));
                if mixed || !named || found.len() != 20 {
                    stop.store(true, relaxed);
                    panic!("{found:?}");
                }
            }
            stop.store(true, relaxed);
        });
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
