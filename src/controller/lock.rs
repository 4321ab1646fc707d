//! One loop per store: a lock on a file in the store's folder, in which stands who holds it. The lock tells whether it
//! lives, not what stands there: a process that was killed holds none.

use std::fmt;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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
pub struct Lock(File);

/// Why a lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotLocked {
    /// Another process holds it.
    #[error("another `wxops run` works on this store: {} (--standby waits until it ends)", .0.as_ref().map_or_else(|| "it has just begun".to_owned(), Holder::said))]
    Held(Option<Holder>),
    /// The file cannot be used.
    #[error("lock {}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
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
        let since = self.since.strftime("%Y-%m-%d %H:%M:%S UTC");
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
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(io)?;
        let mut tries = 0;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                // Who only looks whether it is held holds it for a moment.
                Err(TryLockError::WouldBlock) if tries < LOOKS => {
                    tries += 1;
                    std::thread::sleep(A_MOMENT);
                }
                Err(TryLockError::WouldBlock) => return Err(NotLocked::Held(read(&file))),
                Err(TryLockError::Error(source)) => return Err(io(source)),
            }
        }
        let mut lock = Self(file);
        // A full disk must not keep the loop from running: then nobody is told where it listens.
        if let Err(error) = lock.say(holder) {
            tracing::warn!(%error, path = %path.display(), "who runs the loop could not be written down");
        }
        Ok(lock)
    }

    /// Writes down who holds it.
    ///
    /// # Errors
    /// What the system says.
    pub fn say(&mut self, holder: &Holder) -> std::io::Result<()> {
        let text = serde_json::to_vec(holder)?;
        self.0.set_len(0)?;
        self.0.seek(SeekFrom::Start(0))?;
        self.0.write_all(&text)?;
        self.0.flush()
    }
}

/// Who runs the loop of a store, if somebody does.
#[must_use]
pub fn holder(store: &Path) -> Option<Holder> {
    let file = File::open(store.join(NAME)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => read(&file),
        Ok(()) | Err(TryLockError::Error(_)) => None,
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
        assert_eq!(holder(store), None);
        let mut first = Holder::this(Timestamp::UNIX_EPOCH);
        assert!(!format!("{first:?}").contains(&first.word));
        let mut lock = Lock::take(store, &first).unwrap();
        first.private = Some(([127, 0, 0, 1], 8081).into());
        lock.say(&first).unwrap();
        assert_eq!(holder(store), Some(first.clone()));
        let Err(NotLocked::Held(Some(said))) = Lock::take(store, &first) else {
            panic!("taken twice");
        };
        assert_eq!(said, first);
        drop(lock);
        assert_eq!(holder(store), None);
        Lock::take(store, &first).unwrap();
    }
}
