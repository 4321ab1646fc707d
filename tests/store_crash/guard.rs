//! Snapshots as a crash leaves them: without the guard sled does not open, with it nothing is lost.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use wxops::store::{Key, Sealing, TenantDoc, open};

const DOCUMENTS: usize = 300;

/// How a crash leaves a snapshot.
#[derive(Debug, Clone, Copy)]
enum Damage {
    /// A newer one was begun, and the process died while writing it.
    HalfWritten,
    /// A newer one was begun, and nothing of it reached the disk.
    EmptyUnfinished,
    /// The newest one lost its end.
    Truncated,
    /// The newest one lost everything.
    Empty,
    /// The newest one holds noise.
    Noise,
}

const DAMAGES: [Damage; 5] = [
    Damage::HalfWritten,
    Damage::EmptyUnfinished,
    Damage::Truncated,
    Damage::Empty,
    Damage::Noise,
];

impl Damage {
    fn make(self, database: &Path) {
        let newest = newest_snapshot(database);
        let whole = fs::read(&newest).unwrap();
        let newer = database.join("snap.FFFFFFFFFFFFFFF0.generating");
        match self {
            Self::HalfWritten => fs::write(newer, &whole[..whole.len() / 2]),
            Self::EmptyUnfinished => fs::write(newer, []),
            Self::Truncated => fs::write(newest, &whole[..whole.len() / 2]),
            Self::Empty => fs::write(newest, []),
            Self::Noise => fs::write(newest, whole.iter().map(|b| !b).collect::<Vec<u8>>()),
        }
        .unwrap();
    }
}

fn newest_snapshot(database: &Path) -> PathBuf {
    let mut snapshots: Vec<PathBuf> = fs::read_dir(database)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.file_name()
                .unwrap()
                .to_string_lossy()
                .starts_with("snap.")
        })
        .collect();
    snapshots.sort();
    snapshots
        .pop()
        .expect("a store that was opened has a snapshot")
}

fn document(n: usize) -> TenantDoc {
    let mut doc = TenantDoc::default();
    // Sizes on both sides of what sled keeps inside its log.
    let size = if n.is_multiple_of(50) {
        150_000
    } else {
        n * 10
    };
    doc.outputs.insert(format!("output-{n}"), "x".repeat(size));
    doc
}

/// A store with documents, closed, and opened and closed once more so that it has a snapshot.
async fn filled(folder: &Path) {
    let store = open(folder, Sealing::Plain).await.unwrap().store;
    for n in 0..DOCUMENTS {
        let key = Key::tenant(&n.to_string());
        store.create(&key, &document(n)).await.unwrap();
    }
    drop(store);
    closed(folder).await;
    reopened(folder).await;
}

/// Waits until a store that was dropped is closed: background threads may still hold it for a moment.
async fn closed(folder: &Path) {
    for name in ["lock", "sled/db"] {
        let file = File::open(folder.join(name)).unwrap();
        let until = Instant::now() + Duration::from_secs(20);
        while file.try_lock().is_err() {
            assert!(Instant::now() < until, "{name} is still locked");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

async fn reopened(folder: &Path) {
    let store = open(folder, Sealing::Plain).await.unwrap().store;
    for n in 0..DOCUMENTS {
        let key = Key::tenant(&n.to_string());
        let read = store.get::<TenantDoc>(&key).await.unwrap();
        let read = read.unwrap_or_else(|| panic!("document {n} is lost"));
        assert_eq!(read.value, document(n), "document {n}");
    }
    assert_eq!(store.list("tenant/").await.unwrap().len(), DOCUMENTS);
    // It can be written, too.
    let key = Key::tenant("0");
    store
        .update::<TenantDoc>(&key, |doc| doc.pin = None)
        .await
        .unwrap();
    drop(store);
    closed(folder).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_guard_a_damaged_snapshot_keeps_the_store_shut() {
    for damage in DAMAGES {
        let folder = tempfile::tempdir().unwrap();
        filled(folder.path()).await;
        let database = folder.path().join("sled");
        damage.make(&database);
        let opened = tokio::task::spawn_blocking(move || sled::open(database).map(drop));
        let error = opened.await.unwrap().expect_err("sled alone does not open");
        assert!(
            matches!(error, sled::Error::Corruption { .. }),
            "{damage:?}: {error}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_guard_nothing_is_lost() {
    for damage in DAMAGES {
        let folder = tempfile::tempdir().unwrap();
        filled(folder.path()).await;
        damage.make(&folder.path().join("sled"));
        reopened(folder.path()).await;
        reopened(folder.path()).await;
    }
}
