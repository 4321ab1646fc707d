//! A real process, killed at random moments during start, writes and shutdown.
//!
//! The process is this test binary, run again for one test with an environment variable that makes it the victim.
//! It tells on its standard output what was acknowledged; whatever it managed to say must be there afterwards.

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use wxops::store::{Key, Sealing, SealingKey, Store, TenantDoc, open};

const FOLDER: &str = "WXOPS_TEST_VICTIM_FOLDER";
const NAMES: u64 = 40;

fn rounds() -> usize {
    if env::var_os("WXOPS_SOAK").is_some() {
        500
    } else {
        50
    }
}

fn sealing() -> Sealing {
    Sealing::Key(SealingKey::new([7; 32]))
}

/// What the victim writes as its `n`th write: sizes on both sides of what sled keeps inside its log.
fn document(n: u64) -> TenantDoc {
    let size = match n % 23 {
        0 => 140_000,
        1 | 2 => 20_000,
        _ => 200,
    };
    let mut doc = TenantDoc::default();
    doc.outputs.insert("n".into(), n.to_string());
    doc.outputs.insert("filling".into(), "x".repeat(size));
    doc
}

fn number(doc: &TenantDoc) -> u64 {
    let n = doc.outputs["n"].parse().unwrap();
    assert_eq!(*doc, document(n), "a document is whole");
    n
}

/// Not a test of its own: the process that is killed.
#[test]
fn victim() {
    let Some(folder) = env::var_os(FOLDER) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        say("starting");
        let store = open(Path::new(&folder), sealing()).await.unwrap().store;
        let from = highest(&store).await + 1;
        for n in from..from + 40 {
            write(&store, n).await;
            say(&format!("written {n}"));
        }
        say("closing");
        drop(store);
    });
}

async fn write(store: &Store, n: u64) {
    let key = Key::tenant(&(n % NAMES).to_string());
    store
        .update::<TenantDoc>(&key, |doc| *doc = document(n))
        .await
        .unwrap();
}

async fn all(store: &Store) -> BTreeMap<Key, u64> {
    let mut all = BTreeMap::new();
    for key in store.list("tenant/").await.unwrap() {
        let doc = store.get::<TenantDoc>(&key).await.unwrap().unwrap();
        all.insert(key, number(&doc.value));
    }
    all
}

async fn highest(store: &Store) -> u64 {
    all(store).await.into_values().max().unwrap_or(0)
}

fn say(line: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "@{line}").unwrap();
    out.flush().unwrap();
}

fn start(folder: &Path) -> Child {
    Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "store_crash::kill::victim",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// When the victim is killed: that long after it said so much.
fn moment() -> (&'static str, u64, u64) {
    let micros = |most| rand::random_range(0..most);
    match rand::random_range(0..4) {
        0 => ("starting", 0, micros(30_000)),
        1 => ("written", 1 + rand::random_range(0..20), micros(5_000)),
        2 => ("written", 20 + rand::random_range(0..20), micros(5_000)),
        _ => ("closing", 0, micros(5_000)),
    }
}

/// Runs a victim until its moment, kills it, and gives the last write it was told is durable.
fn kill_one(folder: &Path) -> Option<u64> {
    let mut child = start(folder);
    let (word, times, micros) = moment();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut acknowledged = None;
    let mut hear = |line: &str| {
        // The first line begins behind what the test harness printed.
        let said = line
            .trim_end()
            .rsplit('@')
            .next()
            .unwrap_or_default()
            .to_owned();
        if let Some(n) = said.strip_prefix("written ") {
            acknowledged = Some(n.parse().unwrap());
        }
        said
    };
    let mut line = String::new();
    let mut heard = 0;
    while out.read_line(&mut line).unwrap() > 0 {
        let said = hear(&line);
        line.clear();
        heard += u64::from(said.starts_with(word));
        if heard > times || (said == "closing") {
            break;
        }
    }
    thread::sleep(Duration::from_micros(micros));
    child.kill().unwrap();
    child.wait().unwrap();
    while out.read_line(&mut line).unwrap() > 0 {
        if line.ends_with('\n') {
            hear(&line);
        }
        line.clear();
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread")]
async fn no_acknowledged_write_is_lost_when_the_process_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let mut expected: BTreeMap<Key, u64> = BTreeMap::new();
    let mut last = 0;
    for round in 0..rounds() {
        let place = folder.path().to_owned();
        let acknowledged = tokio::task::spawn_blocking(move || kill_one(&place))
            .await
            .unwrap();
        for n in last + 1..=acknowledged.unwrap_or(last) {
            expected.insert(Key::tenant(&(n % NAMES).to_string()), n);
        }
        // Every other round the next victim finds what this one left, not a store that was opened in between.
        if round % 2 == 0 && round + 1 < rounds() {
            last = acknowledged.unwrap_or(last);
            continue;
        }
        let opened = open(folder.path(), sealing()).await;
        let store = opened
            .unwrap_or_else(|e| panic!("round {round}: it does not open: {e}"))
            .store;
        let found = all(&store).await;
        for (key, n) in &expected {
            let there = found.get(key).copied().unwrap_or_default();
            // One write may have been done without its answer being heard.
            let unheard = there == found.values().copied().max().unwrap_or_default();
            assert!(
                there == *n || unheard,
                "round {round}: {key} holds {there}, not {n}"
            );
        }
        last = found.values().copied().max().unwrap_or_default();
        expected = found;
    }
}
