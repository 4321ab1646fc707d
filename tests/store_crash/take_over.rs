//! The process that holds the store is killed while others write through it: they take over, every write they asked
//! for is done exactly once, and what the dead one acknowledged is there.

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures::future::join_all;
use wxops::store::{Key, Sealing, SealingKey, Store, TenantDoc, open};

const FOLDER: &str = "WXOPS_TEST_HOLDER_FOLDER";
const GUESTS: usize = 3;
const INCREMENTS: u32 = 40;
const SHARED_EVERY: u32 = 4;

fn rounds() -> usize {
    if env::var_os("WXOPS_SOAK").is_some() {
        60
    } else {
        6
    }
}

fn sealing() -> Sealing {
    Sealing::Key(SealingKey::new([9; 32]))
}

/// Not a test of its own: the process that holds the store and is killed.
#[tokio::test(flavor = "multi_thread")]
async fn holder() {
    let Some(folder) = env::var_os(FOLDER) else {
        return;
    };
    let store = open(Path::new(&folder), sealing()).await.unwrap().store;
    println!("@holding");
    loop {
        increment(&store, "shared", "holder").await;
        println!("@incremented");
    }
}

async fn increment(store: &Store, document: &str, counter: &str) {
    let key = Key::tenant(document);
    let add = |doc: &mut TenantDoc| {
        let count: u32 = doc
            .outputs
            .get(counter)
            .map_or(0, |count| count.parse().unwrap());
        doc.outputs
            .insert(counter.to_owned(), (count + 1).to_string());
    };
    store.update::<TenantDoc>(&key, add).await.unwrap();
}

async fn counters(store: &Store, document: &str) -> BTreeMap<String, String> {
    let doc = store.get::<TenantDoc>(&Key::tenant(document)).await;
    doc.unwrap().unwrap().value.outputs
}

fn start(folder: &Path) -> (Child, BufReader<std::process::ChildStdout>) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "store_crash::take_over::holder",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.contains("@holding") {
        line.clear();
        assert!(out.read_line(&mut line).unwrap() > 0, "the holder holds");
    }
    (child, out)
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_through_a_holder_that_is_killed_are_done_exactly_once() {
    for round in 0..rounds() {
        let folder = tempfile::tempdir().unwrap();
        let (mut child, out) = start(folder.path());
        let mut guests = Vec::new();
        for _ in 0..GUESTS {
            let guest = open(folder.path(), sealing()).await.unwrap();
            assert!(guest.place.contains("shared"), "{}", guest.place);
            guests.push(guest.store);
        }
        let writing = guests.iter().enumerate().map(|(n, store)| async move {
            let name = format!("guest-{n}");
            for i in 0..INCREMENTS {
                increment(store, &name, &name).await;
                // Together fewer than a document remembers, so that nobody's lost write is forgotten.
                if i % SHARED_EVERY == 0 {
                    increment(store, "shared", &name).await;
                }
            }
        });
        let killing = async {
            let moment = Duration::from_millis(rand::random_range(0..300));
            tokio::time::sleep(moment).await;
            child.kill().unwrap();
            child.wait().unwrap();
        };
        tokio::join!(join_all(writing), killing);
        let acknowledged = out.lines().map_while(Result::ok);
        let acknowledged = acknowledged
            .filter(|line| line.contains("@incremented"))
            .count();

        let shared = counters(&guests[0], "shared").await;
        for n in 0..GUESTS {
            let name = format!("guest-{n}");
            let own = &counters(&guests[0], &name).await[&name];
            assert_eq!(*own, INCREMENTS.to_string(), "round {round}: exactly once");
            let times = INCREMENTS / SHARED_EVERY;
            assert_eq!(
                shared[&name],
                times.to_string(),
                "round {round}: exactly once"
            );
        }
        let count: usize = shared
            .get("holder")
            .map_or(0, |count| count.parse().unwrap());
        assert!(
            (acknowledged..=acknowledged + 1).contains(&count),
            "round {round}: {count} there, {acknowledged} acknowledged"
        );
    }
}
