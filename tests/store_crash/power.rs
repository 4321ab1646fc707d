//! The power goes at the n-th operation of the disk, for every n: the process is killed there, and what it had not synced
//! is taken out of its files again. A new store, and one that is written into with its log written back on the way.

use std::path::Path;

use wxops::store::backend::{Backend as _, Expected};
use wxops::store::sqlite::{Settings, Sqlite};
use wxops::store::{Key, StoreError};

use super::shim::{self, Disk, How};

const WRITES: u64 = 6;

fn key(n: u64) -> Key {
    Key::tenant(&n.to_string())
}

fn settings() -> Settings {
    Settings::log_pages(8)
}

/// Not a test of its own: the process whose power goes.
#[test]
fn victim() {
    let Some(disk) = shim::given() else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = Sqlite::open(&disk.join("store"), settings()).unwrap();
        println!("@open");
        for n in 0..WRITES {
            let put = store.put(&key(n), vec![3; 5000], Expected::Absent).await;
            put.unwrap();
            println!("@{n}");
        }
    });
}

/// What the power takes.
type Lost = fn(&Path) -> bool;

fn is_log(path: &Path) -> bool {
    path.to_string_lossy().ends_with("-wal")
}

#[test]
fn what_was_acknowledged_outlives_a_loss_of_power() {
    let lost: [Lost; 3] = [|_| true, is_log, |path| !is_log(path)];
    let mut points = 0;
    for (n, lost) in lost.into_iter().enumerate() {
        // Every place once; the two partial losses at every third.
        let stride = if n == 0 { 1 } else { 3 };
        for at in (1..).step_by(stride) {
            let disk = Disk::new();
            disk.order(at, How::KillAfter, 1);
            let output = disk.program("store_crash::power::victim").output().unwrap();
            disk.lose_power(lost);
            check(&disk, &shim::said(&output), at);
            if !shim::was_killed(output.status) {
                assert!(output.status.success());
                break;
            }
            points += 1;
        }
    }
    assert!(points > 60, "{points} places");
}

fn check(disk: &Disk, said: &[String], at: u64) {
    let acknowledged = said.iter().filter(|line| *line != "open").count();
    let opened = Sqlite::open(&disk.store(), settings());
    let store = match opened {
        Ok(store) => store,
        // Before anything was acknowledged, a store that was half made may be refused by name, never lost.
        Err(StoreError::Damaged { path, why }) => {
            panic!("at {at}: {} {why}, after {said:?}", path.display())
        }
        Err(error) => panic!("at {at}: {error}"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    for n in 0..acknowledged {
        let n = u64::try_from(n).unwrap();
        let there = runtime.block_on(store.get(&key(n))).unwrap();
        assert!(there.is_some(), "at {at}: write {n} was acknowledged");
    }
}
