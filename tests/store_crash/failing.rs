//! A disk that fails: the n-th write, truncation or sync does, for every n, as EIO, as ENOSPC, or by half.
//!
//! What is answered is compared with what is there afterwards: an error before the commit wrote nothing, one from the
//! commit on is called lost, and what was acknowledged is there. In the same process all goes on when the disk does.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use wxops::store::backend::{Backend as _, BackendError, Expected};
use wxops::store::sqlite::{Settings, Sqlite};
use wxops::store::{Key, Sealing, Store};

use super::holder::{Holder, appid};
use super::shim::{self, Disk, How, NEVER};
use super::world::{TREATMENTS, World};

const HOWS: [How; 3] = [How::InputOutput, How::NoSpace, How::Short];
/// Writes in one sequence. The log is so small that one of them writes it back.
const WRITES: u64 = 5;

fn settings() -> Settings {
    Settings::log_pages(8)
}

fn key(n: u64) -> Key {
    Key::tenant(&n.to_string())
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap()
}

fn fresh(disk: &Path) -> PathBuf {
    let store = disk.join("store");
    std::fs::remove_dir_all(&store).unwrap();
    std::fs::create_dir(&store).unwrap();
    store
}

/// Not a test of its own: what runs on the disk that fails.
#[test]
fn writes_on_it() {
    let Some(disk) = shim::given() else { return };
    runtime().block_on(every_answer_is_true(&disk));
}

async fn every_answer_is_true(disk: &Path) {
    let control = disk.join("control");
    let mut number = 1;
    for how in HOWS {
        let mut errors = (0, 0);
        for at in 1.. {
            let store = Sqlite::open(&fresh(disk), settings()).unwrap();
            number += 1;
            shim::order(&control, number, at, how, 1);
            let mut answers = Vec::new();
            for n in 0..WRITES {
                let put = store.put(&key(n), vec![1; 3000], Expected::Absent).await;
                answers.push(put);
            }
            let operations = shim::counted(&control);
            shim::order(&control, 0, NEVER, how, 0);
            let after = store.put(&key(99), vec![2], Expected::Absent).await;
            after.unwrap_or_else(|error| panic!("{how:?} at {at}: it does not go on: {error}"));
            drop(store);
            let store = Sqlite::open(&disk.join("store"), settings())
                .unwrap_or_else(|error| panic!("{how:?} at {at}: {error}"));
            for (n, answer) in (0..).zip(&answers) {
                let there = store.get(&key(n)).await.unwrap().is_some();
                match answer {
                    Ok(_) => assert!(there, "{how:?} at {at}: write {n} is acknowledged and gone"),
                    Err(BackendError::Unavailable(_)) => {
                        assert!(!there, "{how:?} at {at}: write {n} was said not to be done");
                        errors.0 += 1;
                    }
                    Err(BackendError::Lost(_)) => errors.1 += 1,
                    Err(other) => panic!("{how:?} at {at}: {other}"),
                }
            }
            if operations < at {
                println!(
                    "@{how:?} {at} operations, {} before, {} lost",
                    errors.0, errors.1
                );
                break;
            }
        }
    }
}

#[test]
fn whatever_fails_the_answer_is_true_and_it_goes_on() {
    let output = Disk::new()
        .program("store_crash::failing::writes_on_it")
        .output()
        .unwrap();
    let said = shim::said(&output);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(said.len(), HOWS.len(), "{said:?}");
    // A write that is short is written on, so only syncs fail there.
    for line in &said[..2] {
        assert!(!line.contains(" 0 lost"), "a failed commit is lost: {line}");
    }
}

/// Not a test of its own: the at-most-once sequence on the disk that fails.
#[test]
fn sends_once() {
    let Some(disk) = shim::given() else { return };
    runtime().block_on(async {
        let control = disk.join("control");
        let mut number = 1;
        for how in HOWS {
            for (times, treatment) in [(1, TREATMENTS[0]), (4, TREATMENTS[1])] {
                for at in 1.. {
                    let place = fresh(&disk);
                    let open = || {
                        let sqlite = Sqlite::open(&place, settings()).unwrap();
                        Store::new(Arc::new(sqlite), Sealing::Plain)
                    };
                    let store = open();
                    store.verify().await.unwrap();
                    let world = World::new(&[treatment]);
                    let accounts = [appid(1)];
                    let holder = Holder::new(store, "holder", world.clone(), 5);
                    number += 1;
                    shim::order(&control, number, at, how, times);
                    for _ in 0..8 {
                        if holder.converge(&accounts).await.is_ok() {
                            break;
                        }
                    }
                    let operations = shim::counted(&control);
                    shim::order(&control, 0, NEVER, how, 0);
                    drop(holder);
                    let last = Holder::new(open(), "last", world.clone(), 5);
                    last.converge(&accounts).await.unwrap();
                    let what = format!("{how:?} {times} times at {at}");
                    assert_eq!(world.effects(&accounts[0]), 1, "{what}");
                    assert!(world.requests() <= 2, "{what}");
                    last.check(&accounts).await;
                    if operations < at {
                        println!("@{how:?} {at}");
                        break;
                    }
                }
            }
        }
    });
}

#[test]
fn whatever_fails_of_the_sequence_it_is_sent_once() {
    let output = Disk::new()
        .program("store_crash::failing::sends_once")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(shim::said(&output).len(), 2 * HOWS.len());
}
