//! Real processes, three at once on one store, each killed at a random moment of its start, its writes or its end.
//!
//! They are this test program, run again for one test with environment variables that make them victims. They tell on
//! their standard output what was acknowledged; whatever they managed to say must be there afterwards. The log is so
//! small that it is written back all the time.

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use wxops::store::sqlite::{Settings, Sqlite};
use wxops::store::{Key, Sealing, SealingKey, Store, StoreError, TenantDoc};

const FOLDER: &str = "WXOPS_TEST_VICTIM_FOLDER";
const WRITER: &str = "WXOPS_TEST_VICTIM_NUMBER";
const WRITERS: usize = 3;
/// Documents of each writer.
const NAMES: u64 = 15;
/// Writes of one victim.
const WRITES: u64 = 30;

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

async fn open(folder: &Path) -> Result<Store, StoreError> {
    let sqlite = Sqlite::open(folder, Settings::log_pages(6))?;
    let store = Store::new(Arc::new(sqlite), sealing());
    store.verify().await?;
    Ok(store)
}

fn key(writer: usize, n: u64) -> Key {
    Key::tenant(&format!("{writer}-{}", n % NAMES))
}

/// What a victim writes as its `n`th write: from less than a page to many of them.
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
    let writer: usize = env::var(WRITER).unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        say("starting");
        let store = open(Path::new(&folder)).await.unwrap();
        let from = all(&store, writer).await.into_values().max().unwrap_or(0) + 1;
        for n in from..from + WRITES {
            write(&store, writer, n).await;
            say(&format!("written {n}"));
        }
        say("closing");
        drop(store);
    });
}

async fn write(store: &Store, writer: usize, n: u64) {
    let key = key(writer, n);
    let written = store.update::<TenantDoc>(&key, |doc| *doc = document(n));
    written.await.unwrap();
}

/// The documents of one writer, each as the number of its write.
async fn all(store: &Store, writer: usize) -> BTreeMap<Key, u64> {
    let mut all = BTreeMap::new();
    for key in store.list(&format!("tenant/{writer}-")).await.unwrap() {
        let doc = store.get::<TenantDoc>(&key).await.unwrap().unwrap();
        all.insert(key, number(&doc.value));
    }
    all
}

fn say(line: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "@{line}").unwrap();
    out.flush().unwrap();
}

fn start(folder: &Path, writer: usize) -> Child {
    Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "store_crash::kill::victim",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(FOLDER, folder)
        .env(WRITER, writer.to_string())
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
        1 => ("written", 1 + rand::random_range(0..15), micros(5_000)),
        2 => ("written", 15 + rand::random_range(0..15), micros(5_000)),
        _ => ("closing", 0, micros(5_000)),
    }
}

/// Runs a victim until its moment, kills it, and gives the last write it was told is durable.
fn kill_one(folder: &Path, writer: usize) -> Option<u64> {
    let mut child = start(folder, writer);
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
    let mut expected = [const { BTreeMap::new() }; WRITERS];
    let mut last = [0; WRITERS];
    for round in 0..rounds() / WRITERS {
        let victims: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let place = folder.path().to_owned();
                tokio::task::spawn_blocking(move || kill_one(&place, writer))
            })
            .collect();
        for (writer, victim) in victims.into_iter().enumerate() {
            let acknowledged = victim.await.unwrap().unwrap_or(last[writer]);
            for n in last[writer] + 1..=acknowledged {
                expected[writer].insert(key(writer, n), n);
            }
            last[writer] = acknowledged.max(last[writer]);
        }
        // Every other round the next victims find what these left, not a store that was opened in between.
        if round % 2 == 0 && round + 1 < rounds() / WRITERS {
            continue;
        }
        let opened = open(folder.path()).await;
        let store = opened.unwrap_or_else(|e| panic!("round {round}: it does not open: {e}"));
        for writer in 0..WRITERS {
            let found = all(&store, writer).await;
            let newest = found.values().copied().max().unwrap_or_default();
            for (key, n) in &expected[writer] {
                let there = found.get(key).copied().unwrap_or_default();
                // Of each victim one write may have been done without its answer being heard.
                assert!(
                    there == *n || there > last[writer],
                    "round {round}: {key} holds {there}, not {n}"
                );
            }
            last[writer] = newest;
            expected[writer] = found;
        }
    }
}
