//! The embedded backend: sled, opened only through a guard, flushed before every answer.
//!
//! sled 0.34 takes a snapshot that was being written when the process died for the newest one, and then refuses to
//! open (its reports #1527 and #1533). Snapshots are a cache of the log, so the guard removes the unfinished ones
//! and, if that is not enough, moves all of them aside. Whoever opens holds our own lock first: sled's comes later
//! than these deletions. `tests/store_crash.rs` holds both, without and with the guard.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};

use super::backend::{
    Backend, BackendError, Document, Expected, PAGE_KEYS, Page, Revision, check_size,
};
use super::key::Key;

/// What sled may keep in memory.
const CACHE_BYTES: u64 = 64 * 1024 * 1024;
/// A value begins with its revision.
const REVISION_BYTES: usize = 16;
/// How often, 50 ms apart, sled's own lock is asked for: a holder that has just let go of ours is still closing.
const LOCK_TRIES: u32 = 100;

/// Documents in a folder of this machine.
#[derive(Clone)]
pub struct Sled {
    inner: Arc<Inner>,
}

/// Fields are dropped in this order: sled is closed before our lock is given up.
struct Inner {
    db: sled::Db,
    _lock: File,
}

impl Sled {
    /// Opens the database in `folder`, while `lock` is held. Blocks.
    ///
    /// # Errors
    /// [`BackendError::Unavailable`], with what sled said.
    pub fn open(folder: &Path, lock: File) -> Result<Self, BackendError> {
        let db = open_guarded(folder).map_err(unavailable)?;
        let inner = Arc::new(Inner { db, _lock: lock });
        Ok(Self { inner })
    }

    /// Runs `work` where it may block. It runs to its end even when nobody waits for it any more.
    async fn blocking<T: Send + 'static>(
        &self,
        if_it_dies: fn(String) -> BackendError,
        work: impl FnOnce(&sled::Db) -> Result<T, BackendError> + Send + 'static,
    ) -> Result<T, BackendError> {
        let inner = Arc::clone(&self.inner);
        let done = tokio::task::spawn_blocking(move || work(&inner.db)).await;
        done.unwrap_or_else(|error| Err(if_it_dies(error.to_string())))
    }
}

fn open_guarded(folder: &Path) -> sled::Result<sled::Db> {
    for unfinished in snapshots(folder, |name| name.ends_with(".generating")) {
        fs::remove_file(unfinished)?;
    }
    match open_waiting(folder) {
        Err(sled::Error::Corruption { .. }) => {
            tracing::warn!(store.folder = %folder.display(), "the store's snapshot is damaged; its log rebuilds it");
            for snapshot in snapshots(folder, |_| true) {
                let aside = aside(&snapshot);
                fs::rename(snapshot, aside)?;
            }
            open_waiting(folder)
        }
        opened => opened,
    }
}

fn open_waiting(folder: &Path) -> sled::Result<sled::Db> {
    let config = sled::Config::new()
        .path(folder)
        .cache_capacity(CACHE_BYTES)
        // Every answer waits for its own flush; a timer would add nothing.
        .flush_every_ms(None);
    for _ in 0..LOCK_TRIES {
        match config.open() {
            Err(sled::Error::Io(error)) if error.to_string().contains("could not acquire lock") => {
                thread::sleep(Duration::from_millis(50));
            }
            opened => return opened,
        }
    }
    config.open()
}

fn snapshots(folder: &Path, which: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("snap.") && which(&name)
        })
        .map(|entry| entry.path())
        .collect()
}

fn aside(snapshot: &Path) -> PathBuf {
    let name = snapshot.file_name().unwrap_or_default().to_string_lossy();
    snapshot.with_file_name(format!("bad-{name}"))
}

fn get(db: &sled::Db, key: &Key) -> Result<Option<Document>, BackendError> {
    let Some(bytes) = db.get(key.as_str()).map_err(unavailable)? else {
        return Ok(None);
    };
    let (revision, value) = bytes
        .split_first_chunk::<REVISION_BYTES>()
        .ok_or_else(|| BackendError::Unavailable(format!("`{key}` is damaged")))?;
    Ok(Some(Document {
        value: value.to_vec(),
        revision: revision_of(*revision),
    }))
}

/// Replaces what is there by `value` (or by nothing), if it is what is expected, and makes it durable.
fn swap(
    db: &sled::Db,
    key: &Key,
    expected: &Expected,
    value: Option<&[u8]>,
) -> Result<Revision, BackendError> {
    let there = db.get(key.as_str()).map_err(unavailable)?;
    let revision_there = there
        .as_ref()
        .and_then(|bytes| bytes.first_chunk::<REVISION_BYTES>());
    let as_expected = match (expected, revision_there) {
        (Expected::Absent, None) => there.is_none(),
        (Expected::At(revision), Some(there)) => *revision == revision_of(*there),
        (Expected::Absent, Some(_)) | (Expected::At(_), None) => false,
    };
    if !as_expected {
        return Err(BackendError::Conflict);
    }
    let revision: [u8; REVISION_BYTES] = rand::random();
    let new = value.map(|value| [revision.as_slice(), value].concat());
    // From here on an error does not mean that nothing happened.
    db.compare_and_swap(key.as_str(), there, new)
        .map_err(lost)?
        .map_err(|_| BackendError::Conflict)?;
    db.flush().map_err(lost)?;
    Ok(revision_of(revision))
}

fn list(db: &sled::Db, prefix: &str, after: Option<&Key>) -> Result<Page, BackendError> {
    let mut keys = Vec::new();
    let start = after.map_or(prefix, Key::as_str).max(prefix).to_owned();
    for entry in db.range(start.into_bytes()..).keys() {
        let bytes = entry.map_err(unavailable)?;
        let Some(key) = std::str::from_utf8(&bytes)
            .ok()
            .and_then(|text| Key::parse(text).ok())
        else {
            continue;
        };
        if !key.as_str().starts_with(prefix) {
            break;
        }
        if after == Some(&key) {
            continue;
        }
        if keys.len() == PAGE_KEYS {
            return Ok(Page { keys, more: true });
        }
        keys.push(key);
    }
    Ok(Page { keys, more: false })
}

fn revision_of(bytes: [u8; REVISION_BYTES]) -> Revision {
    Revision::new(format!("{:032x}", u128::from_be_bytes(bytes)))
}

fn unavailable(error: sled::Error) -> BackendError {
    BackendError::Unavailable(error.to_string())
}

fn lost(error: sled::Error) -> BackendError {
    BackendError::Lost(error.to_string())
}

impl Backend for Sled {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Document>, BackendError>> {
        // On the spot: what is read is in sled's cache, or one page away, and a thread of its own would cost more than
        // the read. A plan makes six of them for each tenant.
        async move { get(&self.inner.db, key) }.boxed()
    }

    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Vec<u8>,
        expected: Expected,
    ) -> BoxFuture<'a, Result<Revision, BackendError>> {
        let key = key.clone();
        self.blocking(BackendError::Lost, move |db| {
            check_size(&value)?;
            swap(db, &key, &expected, Some(&value))
        })
        .boxed()
    }

    fn delete<'a>(
        &'a self,
        key: &'a Key,
        revision: Revision,
    ) -> BoxFuture<'a, Result<(), BackendError>> {
        let key = key.clone();
        self.blocking(BackendError::Lost, move |db| {
            swap(db, &key, &Expected::At(revision), None).map(drop)
        })
        .boxed()
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a Key>,
    ) -> BoxFuture<'a, Result<Page, BackendError>> {
        let (prefix, after) = (prefix.to_owned(), after.cloned());
        self.blocking(BackendError::Unavailable, move |db| {
            list(db, &prefix, after.as_ref())
        })
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sled_conforms() {
        let folder = tempfile::tempdir().unwrap();
        let lock = File::create(folder.path().join("lock")).unwrap();
        let sled = Sled::open(&folder.path().join("sled"), lock).unwrap();
        super::super::conformance::run(Arc::new(sled.clone()), Arc::new(sled)).await;
    }
}
