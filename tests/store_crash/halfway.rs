//! Restores, new keys and backups, cut off or failing at every write and every sync: one state or the other, or a refusal
//! that names what to do, and never a backup that is believed more than it may be.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use wxops::store::documents::ApprovalDoc;
use wxops::store::history::HistoryDoc;
use wxops::store::maintenance::{backup, check, rekey, restore, restored_at};
use wxops::store::{CredDoc, Key, Sealing, SealingKey, Store, StoreError, TenantDoc, open};
use wxops::wechat::Appid;

use super::shim::{self, Disk, How};

/// What the program on the disk is to do.
const WHAT: &str = "WXOPS_TEST_HALFWAY";

fn key(n: u8) -> Sealing {
    Sealing::Key(SealingKey::new([n; 32]))
}

fn now() -> Timestamp {
    "2026-11-29T08:00:00Z".parse().unwrap()
}

fn appid() -> Appid {
    Appid::parse("wx1111111111111111").unwrap()
}

async fn say(store: &Store, word: &str) {
    let told = |doc: &mut TenantDoc| {
        doc.outputs.insert("word".into(), word.into());
        doc.from_backup = false;
    };
    store.update(&Key::tenant("a"), told).await.unwrap();
}

/// An entry of the history.
pub async fn tell(store: &Store, n: u64) {
    let told: HistoryDoc = serde_json::from_value(serde_json::json!({
        "at": "2026-11-29T07:00:00Z", "account": appid(), "resource": "menu", "action": "update", "step": "s",
        "before": "nothing",
    }))
    .unwrap();
    store.create(&Key::history("a", n), &told).await.unwrap();
}

/// A store, a backup of it beside it, and in the store what came after.
async fn prepare(disk: &Disk) -> (PathBuf, PathBuf) {
    let place = disk.store();
    let copy = place.with_file_name("copy");
    let opened = open(&place, key(1)).await.unwrap();
    let cred = CredDoc::of(appid());
    opened
        .store
        .create(&Key::cred(&appid()), &cred)
        .await
        .unwrap();
    let yes = Key::approval("tenant", "a", "1");
    opened
        .store
        .create(&yes, &ApprovalDoc::default())
        .await
        .unwrap();
    say(&opened.store, "first").await;
    tell(&opened.store, 1).await;
    backup(&place, &copy).unwrap();
    say(&opened.store, "second").await;
    tell(&opened.store, 2).await;
    (place, copy)
}

/// Not a test of its own: what is cut off, or meets a full disk.
#[test]
fn does_it() {
    let Some(disk) = shim::given() else { return };
    let what = std::env::var(WHAT).unwrap();
    let place = disk.join("store");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let done = runtime.block_on(async {
        match what.as_str() {
            "restore" => restore(&place, &disk.join("copy"), key(1), now())
                .await
                .map(drop),
            "rekey" => rekey(&place, key(1), key(2)).await.map(drop),
            other => panic!("{other}"),
        }
    });
    match done {
        Ok(()) => println!("\n@done"),
        Err(error) => println!("\n@{error}"),
    }
}

/// Does it on a disk on which the `at`-th operation is the last one, or the first that finds no room. Gives what it said,
/// or nothing if it was killed.
fn attempt(disk: &Disk, what: &str, at: u64, how: How) -> Option<String> {
    let times = if how == How::KillAfter { 1 } else { u64::MAX };
    disk.order(at, how, times);
    let output = disk
        .program("store_crash::halfway::does_it")
        .env(WHAT, what)
        .output()
        .unwrap();
    disk.release();
    if shim::was_killed(output.status) {
        return None;
    }
    let said = shim::said(&output).pop();
    Some(said.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr))))
}

/// Whether the backup is in force. It is with all its marks then, and without any of them otherwise.
async fn is_put_back(place: &Path) -> bool {
    let store = open(place, key(1)).await.unwrap().store;
    let tenant = store.get::<TenantDoc>(&Key::tenant("a")).await.unwrap();
    let tenant = tenant.unwrap().value;
    let cred = store.get::<CredDoc>(&Key::cred(&appid())).await.unwrap();
    let restored = restored_at(&store).await.unwrap().is_some();
    let is_first = tenant.outputs["word"] == "first";
    let marks = [
        tenant.from_backup,
        cred.unwrap().value.from_backup,
        restored,
    ];
    assert_eq!(marks, [is_first; 3], "tenant, account, store");
    let entries = store.list("history/").await.unwrap().len();
    let yes = store.list("approval/").await.unwrap().len();
    assert_eq!((entries, yes), if is_first { (1, 0) } else { (2, 1) });
    is_first
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_cut_off_anywhere_never_stands_without_its_caution() {
    for how in [How::KillAfter, How::NoSpace] {
        let (mut before, mut halfway, mut after) = (0, 0, 0);
        for at in 1.. {
            let disk = Disk::new();
            let (place, copy) = prepare(&disk).await;
            let said = attempt(&disk, "restore", at, how);
            match check(&place, &key(1)).await {
                Ok(_) if is_put_back(&place).await => after += 1,
                Ok(_) => {
                    before += 1;
                    if let Some(said) = &said {
                        assert!(said.contains("is as it was"), "{how:?} at {at}: {said}");
                    }
                }
                Err(StoreError::Unfinished { why, .. }) => {
                    assert!(why.contains("wxops store restore"), "{why}");
                    halfway += 1;
                    restore(&place, &copy, key(1), now()).await.unwrap();
                    assert!(is_put_back(&place).await);
                }
                Err(error) => panic!("{how:?} at {at}: {error}"),
            }
            if said.as_deref() == Some("done") {
                break;
            }
        }
        assert!(
            before > 0 && after > 0,
            "{how:?}: {before}, {halfway}, {after}"
        );
        assert!(halfway > 0, "{how:?}: it comes between the two");
    }
}

/// Everything in a store under this key, the history too.
async fn is_whole(place: &Path, n: u8) -> bool {
    match check(place, &key(n)).await {
        Ok(contents) => {
            assert_eq!(
                (contents.kinds["tenant"], contents.kinds["history"]),
                (1, 2)
            );
            true
        }
        Err(StoreError::WrongKey { .. }) => false,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_cut_off_anywhere_is_given_by_the_same_command() {
    for how in [How::KillAfter, How::NoSpace] {
        let (mut before, mut halfway, mut after) = (0, 0, 0);
        for at in 1.. {
            let disk = Disk::new();
            let (place, copy) = prepare(&disk).await;
            std::fs::remove_file(&copy).unwrap();
            let waiting = open(&place, key(1)).await.unwrap();
            let said = attempt(&disk, "rekey", at, how);
            let copied = backup(&place, &copy);
            match open(&place, key(1)).await {
                Ok(_) => before += 1,
                Err(StoreError::WrongKey { .. }) => after += 1,
                Err(StoreError::Unfinished { why, .. }) => {
                    assert!(why.contains("wxops store rekey"), "{why}");
                    halfway += 1;
                    assert!(copied.is_err(), "no key opens such a backup");
                    let other = rekey(&place, key(1), key(3)).await;
                    assert!(
                        matches!(other, Err(StoreError::WrongKey { .. })),
                        "{other:?}"
                    );
                    let entries = waiting.store.list("history/").await;
                    assert!(
                        matches!(entries, Err(StoreError::Ended { .. })),
                        "{entries:?}"
                    );
                }
                Err(error) => panic!("{how:?} at {at}: {error}"),
            }
            drop(waiting);
            if copied.is_ok() {
                let under = if is_whole(&place, 1).await { 1 } else { 2 };
                let other = disk.store().with_file_name("other");
                restore(&other, &copy, key(under), now()).await.unwrap();
                assert!(is_whole(&other, under).await, "{how:?} at {at}");
            }
            let again = rekey(&place, key(1), key(2)).await;
            let again = again.unwrap_or_else(|error| panic!("{how:?} at {at}: {error}"));
            assert_eq!(again.holds.history, 2);
            assert!(is_whole(&place, 2).await, "{how:?} at {at}");
            if said.as_deref() == Some("done") {
                assert!(again.already);
                break;
            }
        }
        assert!(
            before > 0 && halfway > 0 && after > 0,
            "{how:?}: {before}, {halfway}, {after}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_store_is_never_an_empty_one_while_a_backup_is_put_back() {
    for how in [How::KillAfter, How::NoSpace] {
        let (mut before, mut after) = (0, 0);
        for at in 1.. {
            let disk = Disk::new();
            let (place, copy) = prepare(&disk).await;
            std::fs::write(place.join("db/documents.db"), "no database").unwrap();
            let said = attempt(&disk, "restore", at, how);
            match open(&place, key(1)).await {
                Ok(opened) => {
                    assert!(!opened.is_new, "{how:?} at {at}");
                    assert!(is_put_back(&place).await);
                    after += 1;
                }
                Err(StoreError::Damaged { .. }) => before += 1,
                Err(error) => panic!("{how:?} at {at}: {error}"),
            }
            if said.as_deref() == Some("done") {
                break;
            }
            restore(&place, &copy, key(1), now()).await.unwrap();
            assert!(is_put_back(&place).await);
        }
        assert!(before > 0 && after > 0, "{how:?}: {before}, {after}");
    }
}
