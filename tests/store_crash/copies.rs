//! Backups, restores and new keys: while others write, over a damaged store, and killed at any moment.

use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use jiff::Timestamp;
use wxops::store::maintenance::{backup, check, rekey, restore, restored_at};
use wxops::store::sqlite::Before;
use wxops::store::{Key, Sealing, SealingKey, Store, StoreError, TenantDoc, open};

use super::halfway::tell;

const FOLDER: &str = "WXOPS_TEST_COPIED_FOLDER";
const WHAT: &str = "WXOPS_TEST_COPIED_WHAT";

fn key(n: u8) -> Sealing {
    Sealing::Key(SealingKey::new([n; 32]))
}

fn now() -> Timestamp {
    "2026-11-29T08:00:00Z".parse().unwrap()
}

async fn say(store: &Store, name: &str, word: &str) -> Result<(), StoreError> {
    let told = |doc: &mut TenantDoc| {
        doc.outputs.insert("word".into(), word.into());
    };
    store.update(&Key::tenant(name), told).await.map(drop)
}

async fn word(store: &Store, name: &str) -> Option<String> {
    let doc = store.get::<TenantDoc>(&Key::tenant(name)).await.unwrap()?;
    doc.value.outputs.get("word").cloned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_back_is_what_was_copied_and_ends_whoever_had_it_open() {
    let above = tempfile::tempdir().unwrap();
    let (place, file) = (above.path().join("store"), above.path().join("copy"));
    let opened = open(&place, key(1)).await.unwrap();
    say(&opened.store, "a", "first").await.unwrap();
    backup(&place, &file).unwrap();
    say(&opened.store, "a", "second").await.unwrap();

    let wrong = restore(&place, &file, key(2), now()).await;
    assert!(
        matches!(wrong, Err(StoreError::WrongKey { .. })),
        "{wrong:?}"
    );
    say(&opened.store, "a", "third")
        .await
        .expect("nothing was changed");

    let restored = restore(&place, &file, key(1), now()).await.unwrap();
    assert_eq!(restored.before, Before::Whole);
    let late = say(&opened.store, "a", "late").await;
    assert!(matches!(late, Err(StoreError::Ended { .. })), "{late:?}");
    let read = opened.store.get::<TenantDoc>(&Key::tenant("a")).await;
    assert!(matches!(read, Err(StoreError::Ended { .. })), "{read:?}");
    assert!(opened.ended.wait().await.contains("restored"));

    let again = open(&place, key(1)).await.unwrap();
    assert_eq!(word(&again.store, "a").await.as_deref(), Some("first"));
    assert_eq!(restored_at(&again.store).await.unwrap(), Some(now()));
    say(&again.store, "a", "fourth").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_store_is_moved_aside_and_a_missing_one_made() {
    let above = tempfile::tempdir().unwrap();
    let (place, file) = (above.path().join("store"), above.path().join("copy"));
    let opened = open(&place, Sealing::Plain).await.unwrap();
    say(&opened.store, "a", "first").await.unwrap();
    drop(opened);
    backup(&place, &file).unwrap();
    fs::write(place.join("db/documents.db"), "no database").unwrap();
    assert!(matches!(
        open(&place, Sealing::Plain).await,
        Err(StoreError::Damaged { .. })
    ));
    let restored = restore(&place, &file, Sealing::Plain, now()).await.unwrap();
    let Before::Damaged(aside) = restored.before else {
        panic!("{:?}", restored.before)
    };
    let kept = fs::read(aside.join("documents.db")).unwrap();
    assert_eq!(kept, b"no database", "the evidence stays");
    let elsewhere = above.path().join("elsewhere");
    let restored = restore(&elsewhere, &file, Sealing::Plain, now()).await;
    assert_eq!(restored.unwrap().before, Before::Nothing);
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 1);
    for place in [place, elsewhere] {
        let opened = open(&place, Sealing::Plain).await.unwrap();
        assert_eq!(word(&opened.store, "a").await.as_deref(), Some("first"));
    }
}

/// A way to damage a store, and which of its files then lies aside as it was.
type Harm = (&'static str, fn(&Path));

/// What can happen to a store.
const DAMAGE: [Harm; 9] = [
    ("history.db", |db| {
        fs::write(db.join("history.db"), "no database").unwrap()
    }),
    ("history.db", |db| cut(&db.join("history.db"), 6000)),
    ("history.db", |db| zero(&db.join("history.db"))),
    ("history.ack", |db| zero(&db.join("history.ack"))),
    ("documents.db", |db| cut(&db.join("documents.db"), 6000)),
    ("documents.ack", |db| zero(&db.join("documents.ack"))),
    ("history.db", |db| {
        let names = [
            "documents.db",
            "documents.ack",
            "documents.db-wal",
            "documents.db-shm",
        ];
        for name in names {
            let _ = fs::remove_file(db.join(name));
        }
    }),
    ("documents.db", |db| {
        fs::remove_file(db.join("history.db")).unwrap()
    }),
    ("history.db", |db| {
        fs::rename(db.join("documents.ack"), db.join("x")).unwrap();
        fs::rename(db.join("history.ack"), db.join("documents.ack")).unwrap();
        fs::rename(db.join("x"), db.join("history.ack")).unwrap();
    }),
];

fn cut(file: &Path, size: u64) {
    fs::File::options()
        .write(true)
        .open(file)
        .unwrap()
        .set_len(size)
        .unwrap();
}

fn zero(file: &Path) {
    let size = file.metadata().unwrap().len();
    fs::write(file, vec![0; usize::try_from(size).unwrap()]).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_put_back_whichever_file_is_damaged() {
    for (n, (file, damage)) in DAMAGE.into_iter().enumerate() {
        let above = tempfile::tempdir().unwrap();
        let (place, copy) = (above.path().join("store"), above.path().join("copy"));
        let opened = open(&place, key(1)).await.unwrap();
        say(&opened.store, "a", "first").await.unwrap();
        for n in 0..3 {
            tell(&opened.store, n).await;
        }
        for n in 0..20 {
            say(&opened.store, "b", &n.to_string()).await.unwrap();
        }
        drop(opened);
        backup(&place, &copy).unwrap();
        damage(&place.join("db"));
        let found = fs::read(place.join("db").join(file)).unwrap();
        let seen = check(&place, &key(1)).await;
        assert!(
            matches!(seen, Err(StoreError::Damaged { .. })),
            "{n}: {seen:?}"
        );
        let restored = restore(&place, &copy, key(1), now()).await;
        let restored = restored.unwrap_or_else(|error| panic!("{n}: {error}"));
        let Before::Damaged(aside) = restored.before else {
            panic!("{n}: {:?}", restored.before)
        };
        assert!(aside.ends_with("damaged-1"), "{}", aside.display());
        assert_eq!(
            fs::read(aside.join(file)).unwrap(),
            found,
            "{n}: the evidence stays"
        );
        let kinds = check(&place, &key(1)).await.unwrap().kinds;
        assert_eq!((kinds["tenant"], kinds["history"]), (2, 3), "{n}");
        let names = fs::read_dir(&place).unwrap().count();
        assert_eq!(names, 2, "{n}: the store and the damaged one, no more");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_backup_changes_nothing() {
    let above = tempfile::tempdir().unwrap();
    let (place, file) = (above.path().join("store"), above.path().join("copy"));
    let opened = open(&place, Sealing::Plain).await.unwrap();
    for n in 0..50 {
        say(&opened.store, &n.to_string(), "first").await.unwrap();
    }
    backup(&place, &file).unwrap();
    assert!(matches!(
        backup(&place, &file),
        Err(StoreError::Refused { .. })
    ));
    let whole = fs::read(&file).unwrap();
    for at in (100..whole.len()).step_by(whole.len() / 40) {
        let mut bent = whole.clone();
        bent[at] ^= 4;
        fs::write(&file, &bent).unwrap();
        match restore(&place, &file, Sealing::Plain, now()).await {
            Ok(restored) => assert_eq!(restored.holds.documents, 51, "at {at}: it hit nothing"),
            Err(_) => assert!(check(&place, &Sealing::Plain).await.is_ok()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_opens_everything_and_the_old_one_nothing() {
    let above = tempfile::tempdir().unwrap();
    let opened = open(above.path(), key(1)).await.unwrap();
    say(&opened.store, "a", "first").await.unwrap();
    tell(&opened.store, 1).await;
    assert!(matches!(
        rekey(above.path(), key(3), key(2)).await,
        Err(StoreError::WrongKey { .. })
    ));
    let given = rekey(above.path(), key(1), key(2)).await.unwrap();
    assert_eq!((given.holds.history, given.already), (1, false));
    let late = say(&opened.store, "a", "late").await;
    assert!(matches!(late, Err(StoreError::Ended { .. })), "{late:?}");
    assert!(matches!(
        open(above.path(), key(1)).await,
        Err(StoreError::WrongKey { .. })
    ));
    let again = open(above.path(), key(2)).await.unwrap();
    assert_eq!(word(&again.store, "a").await.as_deref(), Some("first"));
    let kinds = check(above.path(), &key(2)).await.unwrap().kinds;
    assert_eq!((kinds["tenant"], kinds["history"]), (1, 1));
    let again = rekey(above.path(), key(1), key(2)).await.unwrap();
    assert_eq!((again.holds.history, again.already), (1, true));
}

/// Not a test of its own: the process that is killed.
#[test]
fn victim() {
    let (Some(folder), Some(what)) = (env::var_os(FOLDER), env::var_os(WHAT)) else {
        return;
    };
    let folder = Path::new(&folder);
    let place = folder.join("store");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    println!("\n@begun");
    runtime.block_on(async {
        match what.to_str().unwrap() {
            "backup" => drop(backup(&place, &folder.join("new-copy"))),
            "restore" => drop(restore(&place, &folder.join("copy"), key(1), now()).await),
            _ => drop(rekey(&place, key(1), key(2)).await),
        }
    });
}

/// Runs one of them and kills it within some milliseconds, while another process's writes go on here.
async fn kill_one(folder: &Path, what: &str) {
    use std::io::{BufRead as _, BufReader};
    let mut child = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "store_crash::copies::victim",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(FOLDER, folder)
        .env(WHAT, what)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let opened = open(&folder.join("store"), key(1)).await.ok();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while !lines.next().unwrap().unwrap().contains("@begun") {}
    let micros = rand::random_range(0..30_000);
    if let Some(opened) = opened {
        // It may be ended by what the other one does.
        let _ = say(&opened.store, "busy", "yes").await;
    }
    tokio::time::sleep(Duration::from_micros(micros)).await;
    child.kill().unwrap();
    child.wait().unwrap();
}

fn rounds() -> usize {
    if env::var_os("WXOPS_SOAK").is_some() {
        60
    } else {
        8
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_each_leaves_one_state_or_the_other() {
    for what in ["backup", "restore", "rekey"] {
        let above = tempfile::tempdir().unwrap();
        let place = above.path().join("store");
        let opened = open(&place, key(1)).await.unwrap();
        for n in 0..200 {
            say(&opened.store, &n.to_string(), "first").await.unwrap();
            tell(&opened.store, n).await;
        }
        drop(opened);
        backup(&place, &above.path().join("copy")).unwrap();
        let mut restored = false;
        for round in 0..rounds() {
            kill_one(above.path(), what).await;
            match check(&place, &key(1)).await {
                Ok(_) => {}
                // The history is ahead, or all is under the new key; the same command ends what it began.
                Err(StoreError::Unfinished { .. }) if what == "restore" => {
                    let copy = above.path().join("copy");
                    restore(&place, &copy, key(1), now()).await.unwrap();
                }
                Err(StoreError::Unfinished { .. } | StoreError::WrongKey { .. })
                    if what == "rekey" => {}
                Err(error) => panic!("{what}, round {round}: {error}"),
            }
            if what == "rekey" {
                rekey(&place, key(1), key(2)).await.unwrap();
                check(&place, &key(2)).await.unwrap();
                rekey(&place, key(2), key(1)).await.unwrap();
            }
            let opened = open(&place, key(1)).await.unwrap();
            // Once put back, it stays so.
            restored |= restored_at(&opened.store).await.unwrap().is_some();
            for n in 0..200 {
                let name = n.to_string();
                let there = word(&opened.store, &name).await;
                assert_eq!(there.as_deref(), Some("first"), "{what}, round {round}");
                let key = Key::tenant(&name);
                let doc = opened.store.get::<TenantDoc>(&key).await.unwrap().unwrap();
                let is_marked = doc.value.from_backup;
                assert_eq!(is_marked, restored, "{what}, round {round}");
            }
            let entries = opened.store.list("history/").await.unwrap().len();
            assert_eq!(entries, 200, "{what}, round {round}");
            let copies = fs::read_dir(above.path()).unwrap();
            for entry in copies {
                let path = entry.unwrap().path();
                if path.ends_with("new-copy") {
                    let copied = restore(&above.path().join("other"), &path, key(1), now()).await;
                    assert!(
                        copied.is_ok(),
                        "a copy that has its name is whole: {copied:?}"
                    );
                    fs::remove_file(path).unwrap();
                }
            }
        }
    }
}
