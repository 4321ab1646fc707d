//! Flipped bits, cuts, files that are empty or gone, and a database from before an acknowledged commit: the store is
//! whole, or it is refused. Closed cleanly, and left as a kill leaves it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use wxops::store::backend::{Backend as _, Expected};
use wxops::store::sqlite::{Settings, Sqlite};
use wxops::store::{Key, StoreError};

/// Everything a store holds, or that it is refused.
type Seen = Result<BTreeMap<Key, Vec<u8>>, String>;

async fn read(folder: &Path) -> Seen {
    let store = match Sqlite::open(folder, Settings::default()) {
        Ok(store) if store.is_new() => return Err("it is new".to_owned()),
        Ok(store) => store,
        Err(error @ (StoreError::Damaged { .. } | StoreError::Refused { .. })) => {
            return Err(error.to_string());
        }
        Err(StoreError::Unavailable { why }) => return Err(why),
        Err(error) => panic!("{error}"),
    };
    let mut all = BTreeMap::new();
    for prefix in ["", "history/"] {
        let page = store.list(prefix, None).await;
        for key in page.map_err(|error| error.to_string())?.keys {
            let document = store.get(&key).await.map_err(|error| error.to_string())?;
            all.insert(key, document.expect("a key that is listed").value);
        }
    }
    Ok(all)
}

/// Documents of many sizes, some written several times, some removed.
async fn fill(store: &Sqlite, seed: u8) {
    for round in 0..3_u8 {
        for n in 0..30_u16 {
            let key = match n % 3 {
                0 => Key::history("a", u64::from(n)),
                1 => Key::tenant(&format!("t{n}")),
                _ => Key::pass(&format!("p{n}")),
            };
            let value = vec![seed ^ round; usize::from(n) * 97 + 10];
            let there = store.get(&key).await.unwrap();
            let expected = there.map_or(Expected::Absent, |there| Expected::At(there.revision));
            let revision = store.put(&key, value, expected).await.unwrap();
            if n % 11 == 0 && round == 1 {
                store.delete(&key, revision).await.unwrap();
            }
        }
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Two stores with the same content: one that was closed, one that was not.
async fn stores(above: &Path) -> [(PathBuf, Seen); 2] {
    let live = above.join("live");
    let store = Sqlite::open(&live, Settings::default()).unwrap();
    fill(&store, 1).await;
    // What a kill leaves is what stands in the files at that moment.
    let killed = above.join("killed");
    copy(&live, &killed);
    drop(store);
    let spare = above.join("spare");
    copy(&killed, &spare);
    let whole = read(&spare).await;
    assert!(whole.is_ok(), "{whole:?}");
    [(live, whole.clone()), (killed, whole)]
}

fn files(store: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(store.join("db"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.metadata().unwrap().len() > 0)
        .collect();
    found.sort();
    found
}

/// Damages one file. Gives what was done.
fn damage(file: &Path, rng: &mut StdRng) -> String {
    let mut bytes = fs::read(file).unwrap();
    let size = bytes.len();
    let what = rng.random_range(0..8);
    match what {
        0..4 => {
            let flips = [1, 1, 8, 64][what];
            for _ in 0..flips {
                let at = rng.random_range(0..size);
                bytes[at] ^= 1 << rng.random_range(0..8);
            }
        }
        4 => {
            let at = rng.random_range(0..size);
            let end = size.min(at + 4096);
            bytes[at..end].fill(0);
        }
        5 => bytes.truncate(rng.random_range(0..size)),
        6 => bytes.clear(),
        _ => {
            fs::remove_file(file).unwrap();
            return "removed".to_owned();
        }
    }
    fs::write(file, bytes).unwrap();
    [
        "flipped", "flipped", "8 flips", "64 flips", "zeroed", "cut", "emptied",
    ][what]
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_store_is_whole_or_refused() {
    let above = tempfile::tempdir().unwrap();
    let stores = stores(above.path()).await;
    let mut refused = 0;
    for seed in 0..200_u64 {
        let mut rng = StdRng::seed_from_u64(seed);
        let (good, whole) = &stores[usize::try_from(seed).unwrap() % 2];
        let bad = above.path().join("bad");
        copy(good, &bad);
        let all = files(&bad);
        // Every file in turn, large or small.
        let file = &all[usize::try_from(seed / 2).unwrap() % all.len()];
        let how = damage(file, &mut rng);
        let seen = read(&bad).await;
        match &seen {
            Ok(_) => assert!(seen == *whole, "seed {seed}: {} {how}", file.display()),
            Err(why) => {
                assert!(why != "it is new", "seed {seed}: {} {how}", file.display());
                refused += 1;
            }
        }
        fs::remove_dir_all(&bad).unwrap();
    }
    assert!(refused > 60, "{refused} of 200");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_from_before_an_acknowledged_commit_is_refused() {
    let above = tempfile::tempdir().unwrap();
    let live = above.path().join("live");
    let old = above.path().join("old");
    let store = Sqlite::open(&live, Settings::default()).unwrap();
    fill(&store, 1).await;
    drop(store);
    copy(&live, &old);
    for name in ["documents", "history"] {
        let store = Sqlite::open(&live, Settings::default()).unwrap();
        fill(&store, 2).await;
        drop(store);
        let database = format!("db/{name}.db");
        fs::copy(old.join(&database), live.join(&database)).unwrap();
        let seen = read(&live).await.expect_err("it is refused");
        assert!(seen.contains("acknowledged"), "{seen}");
        // What stood there is put back for the next.
        fs::remove_dir_all(&live).unwrap();
        copy(&old, &live);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_damaged_store_has_is_left_as_it_is() {
    let above = tempfile::tempdir().unwrap();
    let [_, (killed, _)] = stores(above.path()).await;
    let log = killed.join("db/documents.db-wal");
    let mut bytes = fs::read(&log).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&log, &bytes).unwrap();
    let database = fs::read(killed.join("db/documents.db")).unwrap();
    for _ in 0..2 {
        let seen = read(&killed).await;
        assert!(seen.is_err(), "it is refused, again and again");
    }
    assert!(fs::read(&log).unwrap() == bytes, "the log is the evidence");
    assert!(fs::read(killed.join("db/documents.db")).unwrap() == database);
}
