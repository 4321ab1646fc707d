//! The backend through two connections of one process and through two processes, and what it refuses.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::super::conformance;
use super::*;

/// Names the folder that the other process opens.
const FOLDER: &str = "WXOPS_TEST_OTHER_PROCESS";

fn opened(folder: &Path) -> Sqlite {
    Sqlite::open(folder, Settings::default()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_connections_conform() {
    for settings in [Settings::default(), Settings::log_pages(4)] {
        let folder = tempfile::tempdir().unwrap();
        let one = Sqlite::open(folder.path(), settings).unwrap();
        let other = Sqlite::open(folder.path(), settings).unwrap();
        conformance::run(Arc::new(one), Arc::new(other)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_conform() {
    let folder = tempfile::tempdir().unwrap();
    let one = opened(folder.path());
    let other = OtherProcess::start(folder.path());
    conformance::run(Arc::new(one), Arc::new(other)).await;
}

#[test]
fn a_store_says_that_it_is_new_once() {
    let folder = tempfile::tempdir().unwrap();
    assert!(opened(folder.path()).is_new());
    assert!(!opened(folder.path()).is_new());
}

#[tokio::test]
async fn the_history_is_documents_like_others() {
    let folder = tempfile::tempdir().unwrap();
    let store = opened(folder.path());
    let keys = [Key::history("a", 1), Key::history("a", 2), Key::tenant("a")];
    for key in &keys {
        let put = store.put(key, b"x".to_vec(), Expected::Absent).await;
        put.unwrap();
    }
    let listed = |prefix: &'static str| {
        let store = &store;
        async move { store.list(prefix, None).await.unwrap().keys }
    };
    assert_eq!(listed("history/").await, keys[..2]);
    assert_eq!(listed("").await, keys);
    assert_eq!(listed("tenant/").await, keys[2..]);
}

#[tokio::test]
async fn a_store_that_was_moved_away_takes_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let store = opened(folder.path());
    let key = Key::tenant("a");
    store
        .put(&key, b"1".to_vec(), Expected::Absent)
        .await
        .unwrap();
    fs::rename(folder.path().join("db"), folder.path().join("away")).unwrap();
    let after = store
        .put(&Key::tenant("b"), b"2".to_vec(), Expected::Absent)
        .await;
    assert!(matches!(after, Err(BackendError::Ended(_))), "{after:?}");
    let read = store.get(&key).await;
    assert!(matches!(read, Err(BackendError::Ended(_))), "{read:?}");
    assert!(store.ended().wait().await.contains("moved away"));
}

/// What `backup` sees where a new key comes after it opened the store and before it reads.
#[test]
fn a_backup_is_of_one_incarnation() {
    let folder = tempfile::tempdir().unwrap();
    drop(opened(folder.path()));
    let files = Folder::make(folder.path()).unwrap();
    assert!(copies::sources(&files).is_ok());
    let ahead = rusqlite::Connection::open(files.file("history.db")).unwrap();
    let mut meta = meta::Meta::read(&ahead).unwrap().unwrap();
    meta.mark.incarnation += 1;
    meta.write(&ahead).unwrap();
    let mixed = copies::sources(&files).map(drop);
    assert!(
        matches!(mixed, Err(StoreError::Unfinished { .. })),
        "{mixed:?}"
    );
}

/// What lies in a store's folder, and when each file was written last.
fn lies_in(folder: &Folder) -> Vec<(std::path::PathBuf, std::time::SystemTime)> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut found: Vec<_> = entries
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.path(), entry.metadata().unwrap().modified().unwrap())
        })
        .collect();
    found.sort();
    found
}

#[tokio::test]
async fn a_store_that_can_only_be_read_is_read_into_memory() {
    let above = tempfile::tempdir().unwrap();
    // A name that an address must not take for its own marks.
    let place = above.path().join("a?b#c%41 d");
    let key = Key::tenant("a");
    let store = opened(&place);
    let put = store.put(&key, b"1".to_vec(), Expected::Absent).await;
    put.unwrap();
    let live = Folder::make(&place).unwrap();
    // As a kill leaves it, with a log; and closed.
    let killed = Folder::make(&above.path().join("killed")).unwrap();
    for (path, _) in lies_in(&live) {
        if !path.to_string_lossy().ends_with("-shm") {
            fs::copy(
                &path,
                killed.file(path.file_name().unwrap().to_str().unwrap()),
            )
            .unwrap();
        }
    }
    drop(store);
    for folder in [live, killed] {
        let before = lies_in(&folder);
        let files = Files::of(&folder, DOCUMENTS_FILE);
        let read = Database::open(&files, Access::Copy, LogPages::USUAL, Ended::default()).unwrap();
        assert_eq!(lies_in(&folder), before, "nothing is made beside it");
        assert_eq!(read.get(&key).unwrap().unwrap().value, b"1");
        assert_eq!(
            read.list("tenant/", None).unwrap().keys,
            std::slice::from_ref(&key)
        );
        let written = read.swap(&key, Expected::Absent, None).await;
        assert!(
            matches!(&written, Err(BackendError::Unavailable(why)) if why.contains("only be read")),
            "{written:?}"
        );
        fs::rename(files.database(), folder.file("away")).unwrap();
        let moved = read.get(&key);
        assert!(matches!(moved, Err(BackendError::Ended(_))), "{moved:?}");
    }
}

#[test]
fn files_that_others_could_read_are_closed_to_them() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = tempfile::tempdir().unwrap();
    drop(opened(place.path()));
    let folder = Folder::make(place.path()).unwrap();
    let files = ["documents.db", "documents.ack", "history.db", "history.ack"];
    for (name, rights) in files.iter().zip([0o644, 0o666, 0o640, 0o604]) {
        fs::set_permissions(folder.file(name), fs::Permissions::from_mode(rights)).unwrap();
    }
    let _opened = opened(place.path());
    for (path, _) in lies_in(&folder) {
        let rights = path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(rights, 0o600, "{}", path.display());
    }
}

/// Another process as a backend: one question a line.
struct OtherProcess(Mutex<Talk>);

struct Talk {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

/// Is a process of its own when the test above starts it, and no test otherwise.
#[tokio::test(flavor = "multi_thread")]
async fn the_other_process() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let store = opened(Path::new(&folder));
    println!("\nready");
    for line in std::io::stdin().lines() {
        let question: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let answer = answer(&store, &question).await;
        println!("{answer}");
    }
}

fn bytes(value: &Value) -> Option<Vec<u8>> {
    let numbers = value.as_array()?.iter();
    numbers
        .map(|n| n.as_u64().and_then(|n| u8::try_from(n).ok()))
        .collect()
}

async fn answer(store: &Sqlite, question: &Value) -> Value {
    let text = |name: &str| question[name].as_str().map(str::to_owned);
    let key = |name: &str| text(name).map(|key| Key::parse(&key).unwrap());
    let revision = text("revision").map(Revision::new);
    let swapped = match text("what").unwrap().as_str() {
        "get" => {
            let found = store.get(&key("key").unwrap()).await.unwrap();
            return found.map_or(
                Value::Null,
                |found| json!({"value": found.value, "revision": found.revision.as_str()}),
            );
        }
        "list" => {
            let after = key("after");
            let page = store.list(&text("prefix").unwrap(), after.as_ref()).await;
            let page = page.unwrap();
            let keys: Vec<&str> = page.keys.iter().map(Key::as_str).collect();
            return json!({"keys": keys, "more": page.more});
        }
        "put" => {
            let value = bytes(&question["value"]).unwrap();
            let expected = revision.map_or(Expected::Absent, Expected::At);
            store.put(&key("key").unwrap(), value, expected).await
        }
        _ => {
            let deleted = store.delete(&key("key").unwrap(), revision.unwrap()).await;
            deleted.map(|()| Revision::new(""))
        }
    };
    match swapped {
        Ok(revision) => json!({"revision": revision.as_str()}),
        Err(BackendError::Conflict) => json!({"conflict": true}),
        Err(BackendError::TooLarge { size }) => json!({"tooLarge": size}),
        Err(error) => panic!("{error}"),
    }
}

impl OtherProcess {
    fn start(folder: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "store::sqlite::tests::the_other_process",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(FOLDER, folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let to = child.stdin.take().unwrap();
        let mut from = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while line.trim_end() != "ready" {
            line.clear();
            assert_ne!(from.read_line(&mut line).unwrap(), 0, "it has ended");
        }
        Self(Mutex::new(Talk { child, to, from }))
    }

    fn ask(&self, question: &Value) -> Value {
        let mut talk = self.0.lock().unwrap();
        writeln!(talk.to, "{question}").unwrap();
        let mut line = String::new();
        talk.from.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    fn swap(&self, question: &Value) -> Result<Revision, BackendError> {
        let answer = self.ask(question);
        if let Some(size) = answer["tooLarge"].as_u64() {
            let size = usize::try_from(size).unwrap();
            return Err(BackendError::TooLarge { size });
        }
        let revision = answer["revision"].as_str();
        revision.map(Revision::new).ok_or(BackendError::Conflict)
    }
}

impl Drop for OtherProcess {
    fn drop(&mut self) {
        let talk = self.0.get_mut().unwrap();
        talk.child.kill().unwrap();
        talk.child.wait().unwrap();
    }
}

impl Backend for OtherProcess {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Document>, BackendError>> {
        async move {
            let found = self.ask(&json!({"what": "get", "key": key.as_str()}));
            Ok(bytes(&found["value"]).map(|value| Document {
                value,
                revision: Revision::new(found["revision"].as_str().unwrap()),
            }))
        }
        .boxed()
    }

    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Vec<u8>,
        expected: Expected,
    ) -> BoxFuture<'a, Result<Revision, BackendError>> {
        let revision = match &expected {
            Expected::Absent => None,
            Expected::At(revision) => Some(revision.as_str().to_owned()),
        };
        let question =
            json!({"what": "put", "key": key.as_str(), "value": value, "revision": revision});
        async move { self.swap(&question) }.boxed()
    }

    fn delete<'a>(
        &'a self,
        key: &'a Key,
        revision: Revision,
    ) -> BoxFuture<'a, Result<(), BackendError>> {
        let question =
            json!({"what": "delete", "key": key.as_str(), "revision": revision.as_str()});
        async move { self.swap(&question).map(drop) }.boxed()
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a Key>,
    ) -> BoxFuture<'a, Result<Page, BackendError>> {
        let question = json!({"what": "list", "prefix": prefix, "after": after.map(Key::as_str)});
        async move {
            let page = self.ask(&question);
            let keys = page["keys"].as_array().unwrap().iter();
            let keys = keys.map(|key| Key::parse(key.as_str().unwrap()).unwrap());
            Ok(Page {
                keys: keys.collect(),
                more: page["more"].as_bool().unwrap(),
            })
        }
        .boxed()
    }
}
