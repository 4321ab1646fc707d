//! What lies in a folder at one moment, told by what the file system says of each file: two such looks that agree are
//! one state of it, and what is the same in both of two states need not be read again.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::error::{FolderError, unreadable};
use super::walk::Walk;

/// What tells that a file is the one that was looked at before. The time of its last change of any kind is among it,
/// which no program can set back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

/// The manifests of a folder. What else lies there matters where a manifest refers to it, which a look cannot know.
#[derive(Debug)]
pub struct Listing {
    /// Where the folder really is.
    pub root: PathBuf,
    /// Manifests, from the folder.
    pub manifests: BTreeMap<PathBuf, Stamp>,
    /// What cannot be looked at.
    pub passed_over: Vec<FolderError>,
}

impl PartialEq for Listing {
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root
            && self.manifests == other.manifests
            && self.passed_over.len() == other.passed_over.len()
    }
}

impl Listing {
    /// Looks at a folder, or at a file in place of one. A link that it is, is followed once, so that it may be moved
    /// to another folder while this looks.
    ///
    /// # Errors
    /// [`FolderError`], where there is nothing to look at. A folder without a manifest is none.
    pub fn of(path: &Path) -> Result<Self, FolderError> {
        let root = fs::canonicalize(path).map_err(|source| unreadable(path, source))?;
        let mut walk = Walk::for_a_look();
        match walk.all(&[&root]) {
            Ok(()) | Err(FolderError::Nothing { .. }) => {}
            Err(error) => return Err(error),
        }
        let manifests = walk.manifests.into_iter().map(|(path, stamp)| {
            let below = path.strip_prefix(&root).map(Path::to_owned);
            (below.unwrap_or(path), stamp)
        });
        Ok(Self {
            manifests: manifests.collect(),
            passed_over: walk.passed_over.unwrap_or_default(),
            root,
        })
    }

    /// What is not as it was, if anything is.
    #[must_use]
    pub fn moved(&self, now: &Self) -> Option<PathBuf> {
        if self == now {
            return None;
        }
        let (before, after) = (&self.manifests, &now.manifests);
        let mut all = before.keys().chain(after.keys());
        let path = all.find(|path| before.get(*path) != after.get(*path));
        Some(path.map_or_else(|| now.root.clone(), |path| now.root.join(path)))
    }

    /// The file that says that git is writing into the folder's work tree, where it is.
    #[must_use]
    pub fn git_writes(&self) -> Option<PathBuf> {
        let mut above = self.root.ancestors();
        let git = above.find_map(|folder| {
            let git = folder.join(".git");
            git.exists().then_some(git)
        });
        let git = git?;
        let folder = match fs::read_to_string(&git) {
            // A work tree beside its repository: a file that says where that is.
            Ok(text) => match text.strip_prefix("gitdir: ") {
                Some(at) => git.parent().unwrap_or(&git).join(at.trim()),
                None => return None,
            },
            Err(_) => git,
        };
        Some(folder.join("index.lock")).filter(|lock| lock.exists())
    }
}

impl Stamp {
    /// Of a file, once links are followed. `None`: it is not there.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        Some(Self::from(&fs::metadata(path).ok()?))
    }
}

impl From<&fs::Metadata> for Stamp {
    fn from(file: &fs::Metadata) -> Self {
        Self {
            device: file.dev(),
            inode: file.ino(),
            bytes: file.len(),
            modified: (file.mtime(), file.mtime_nsec()),
            changed: (file.ctime(), file.ctime_nsec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_written_in_place_is_another_state_and_one_that_rests_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join("a.yaml"), "a").unwrap();
        fs::write(root.join("logo.png"), "p").unwrap();
        let first = Listing::of(root).unwrap();
        assert_eq!(first, Listing::of(root).unwrap());
        assert_eq!(first.manifests.len(), 1);
        std::thread::sleep(std::time::Duration::from_millis(20));
        fs::write(root.join("a.yaml"), "b").unwrap();
        let second = Listing::of(root).unwrap();
        assert_ne!(first, second);
        let moved = first.moved(&second).unwrap();
        assert!(moved.ends_with("a.yaml"), "{moved:?}");
        // Nobody knows yet whether a manifest refers to it.
        fs::write(root.join("logo.png"), "q").unwrap();
        assert_eq!(second.moved(&Listing::of(root).unwrap()), None);
    }

    #[test]
    fn git_that_writes_is_seen_from_a_folder_below_its_work_tree_and_from_one_beside() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("repo/.git/worktrees/w")).unwrap();
        fs::create_dir_all(root.join("repo/tenants")).unwrap();
        fs::create_dir_all(root.join("beside/tenants")).unwrap();
        fs::write(
            root.join("beside/.git"),
            "gitdir: ../repo/.git/worktrees/w\n",
        )
        .unwrap();
        let below = Listing::of(&root.join("repo/tenants")).unwrap();
        let beside = Listing::of(&root.join("beside/tenants")).unwrap();
        assert_eq!((below.git_writes(), beside.git_writes()), (None, None));
        fs::write(root.join("repo/.git/index.lock"), "").unwrap();
        assert!(below.git_writes().is_some() && beside.git_writes().is_none());
        fs::write(root.join("repo/.git/worktrees/w/index.lock"), "").unwrap();
        assert!(beside.git_writes().is_some());
    }
}
