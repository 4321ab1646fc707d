//! One loop per store: a lock on a file in the store's folder, in which stands who holds it. The lock tells whether it
//! lives, not what stands there: a process that was killed holds none.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::plan::Text;
use crate::wechat::calendar::second;

const NAME: &str = "loop.lock";
/// How often a lock that is held is tried again, and how long between.
const LOOKS: u32 = 10;
const A_MOMENT: Duration = Duration::from_millis(10);
/// What is read of the file.
const MOST: u64 = 4_096;

/// Who runs the loop of a store.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// Where it listens for programs and people of the provider, once it does.
    pub private: Option<SocketAddr>,
    /// Since when it runs.
    pub since: Timestamp,
    /// What whoever asks it must say: who can read the store may.
    pub word: String,
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Holder")
            .field("pid", &self.pid)
            .field("private", &self.private)
            .field("since", &self.since)
            .finish_non_exhaustive()
    }
}

/// The lock, held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    file: File,
    store: PathBuf,
    /// Whether the file says who holds it.
    is_said: bool,
}

/// Whether a loop works on a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// None does.
    ByNobody,
    /// One does. `None`: it has not written down yet who it is, or could not.
    By(Option<Holder>),
}

/// Why a lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotLocked {
    /// Another process holds it.
    #[error("another `wxops run` works on this store: {}; end it first, or give --standby to wait until it ends", .0.as_ref().map_or_else(|| "it has just begun".to_owned(), Holder::said))]
    Held(Option<Holder>),
    /// The file cannot be used.
    #[error("cannot lock {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl NotLocked {
    /// The same in both languages.
    #[must_use]
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::Held(None) => {
                "这个存储上已有一个 wxops run，刚刚启动；请先结束它，或加 --standby 等它结束"
                    .to_owned()
            }
            Self::Held(Some(holder)) => format!(
                "这个存储上已有一个 wxops run（进程 {}，自 {} 起）；请先结束它，或加 --standby 等它结束",
                holder.pid,
                second(holder.since)
            ),
            Self::Io { path, .. } => format!("无法锁定 {}", path.display()),
        };
        Text::new(zh, self.to_string())
    }
}

impl Holder {
    /// This process, from now on.
    #[must_use]
    pub fn this(since: Timestamp) -> Self {
        Self {
            pid: std::process::id(),
            private: None,
            since,
            word: format!("{:032x}", rand::random::<u128>()),
        }
    }

    fn said(&self) -> String {
        let since = second(self.since);
        let at = self
            .private
            .map_or_else(String::new, |at| format!(", private on http://{at}"));
        format!("process {} since {since}{at}", self.pid)
    }
}

impl Lock {
    /// Takes the lock of a store's folder.
    ///
    /// # Errors
    /// [`NotLocked`].
    pub fn take(store: &Path, holder: &Holder) -> Result<Self, NotLocked> {
        let path = store.join(NAME);
        let io = |source| NotLocked::Io {
            path: path.clone(),
            source,
        };
        std::fs::create_dir_all(store).map_err(io)?;
        let mut tries = 0;
        let file = loop {
            let file = OpenOptions::new()
                .create(true)
                .truncate(false)
                .read(true)
                .write(true)
                .mode(0o600)
                .open(&path)
                .map_err(io)?;
            match file.try_lock() {
                Ok(()) if is_at(&file, &path) => break file,
                // It was removed in this moment: others would lock another one.
                Ok(()) if tries < LOOKS => {}
                // Who only looks whether it is held holds it for a moment.
                Err(TryLockError::WouldBlock) if tries < LOOKS => std::thread::sleep(A_MOMENT),
                Ok(()) => return Err(io(std::io::ErrorKind::NotFound.into())),
                Err(TryLockError::WouldBlock) => return Err(NotLocked::Held(read(&file))),
                Err(TryLockError::Error(source)) => return Err(io(source)),
            }
            tries += 1;
        };
        let mut lock = Self {
            file,
            store: store.to_owned(),
            is_said: false,
        };
        // A full disk must not keep the loop from running: it is written down once there is room.
        if let Err(error) = lock.say(holder) {
            tracing::warn!(%error, path = %path.display(), "who runs the loop could not be written down");
        }
        Ok(lock)
    }

    /// Writes down who holds it.
    ///
    /// # Errors
    /// What the system says; [`Lock::keep`] tries it again.
    pub fn say(&mut self, holder: &Holder) -> std::io::Result<()> {
        self.is_said = false;
        let text = serde_json::to_vec(holder)?;
        // Over what is there, which takes no room, and then cut: who reads in between reads again.
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(&text)?;
        self.file.set_len(text.len() as u64)?;
        self.file.flush()?;
        self.is_said = true;
        Ok(())
    }

    /// Sees to it that others find the lock: writes down who holds it where that could not be done, and locks the file anew
    /// where somebody has removed it.
    ///
    /// # Errors
    /// [`NotLocked::Held`] where another loop has taken the lock since. This one must end.
    pub fn keep(&mut self, holder: &Holder) -> Result<(), NotLocked> {
        if !is_at(&self.file, &self.store.join(NAME)) {
            match Self::take(&self.store, holder) {
                Ok(anew) => {
                    tracing::warn!("loop.lock was removed, and is there again");
                    *self = anew;
                }
                Err(held @ NotLocked::Held(_)) => return Err(held),
                // Nobody else can take it either.
                Err(NotLocked::Io { .. }) => {}
            }
        } else if !self.is_said {
            // Said when it failed first.
            self.say(holder).ok();
        }
        Ok(())
    }
}

/// Whether a file is the one that others find at a path.
fn is_at(file: &File, path: &Path) -> bool {
    let (Ok(ours), Ok(there)) = (file.metadata(), std::fs::metadata(path)) else {
        return false;
    };
    (ours.dev(), ours.ino()) == (there.dev(), there.ino())
}

/// Whether a loop works on a store, and which.
#[must_use]
pub fn held(store: &Path) -> Held {
    let file = match File::open(store.join(NAME)) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Held::ByNobody,
        // Nobody can tell.
        Err(_) => return Held::By(None),
    };
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Held::By(read(&file)),
        Ok(()) | Err(TryLockError::Error(_)) => Held::ByNobody,
    }
}

fn read(file: &File) -> Option<Holder> {
    let mut text = Vec::new();
    let mut file = file;
    file.seek(SeekFrom::Start(0)).ok()?;
    file.take(MOST).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_it_and_the_others_are_told_who() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path();
        assert_eq!(held(store), Held::ByNobody);
        let mut first = Holder::this(Timestamp::UNIX_EPOCH);
        assert!(!format!("{first:?}").contains(&first.word));
        let mut lock = Lock::take(store, &first).unwrap();
        first.private = Some(([127, 0, 0, 1], 8081).into());
        lock.say(&first).unwrap();
        assert_eq!(held(store), Held::By(Some(first.clone())));
        let Err(NotLocked::Held(Some(said))) = Lock::take(store, &first) else {
            panic!("taken twice");
        };
        assert_eq!(said, first);
        drop(lock);
        assert_eq!(held(store), Held::ByNobody);
        Lock::take(store, &first).unwrap();
    }

    #[test]
    fn one_that_could_not_say_who_it_is_is_there_all_the_same_and_says_it_later() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path();
        let first = Holder::this(Timestamp::UNIX_EPOCH);
        let mut lock = Lock::take(store, &first).unwrap();
        // As a full disk leaves it.
        lock.file.set_len(0).unwrap();
        lock.is_said = false;
        assert_eq!(held(store), Held::By(None));
        lock.keep(&first).unwrap();
        assert_eq!(held(store), Held::By(Some(first)));
    }

    #[test]
    fn a_lock_that_was_removed_is_taken_anew_unless_another_was_faster() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path();
        let (first, second) = [1, 2].map(|_| Holder::this(Timestamp::UNIX_EPOCH)).into();
        let mut lock = Lock::take(store, &first).unwrap();
        std::fs::remove_file(store.join(NAME)).unwrap();
        assert_eq!(held(store), Held::ByNobody);
        lock.keep(&first).unwrap();
        assert_eq!(held(store), Held::By(Some(first.clone())));
        std::fs::remove_file(store.join(NAME)).unwrap();
        let _other = Lock::take(store, &second).unwrap();
        let Err(NotLocked::Held(Some(who))) = lock.keep(&first) else {
            panic!("two hold it");
        };
        assert_eq!(who, second);
    }
}
