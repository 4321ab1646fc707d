//! The loop under faults: the real `wxops run` against the real simulator, killed every few seconds, while WeChat loses
//! calls and pushes, people commit, break and mend manifests, owners come and go, and the clock moves. Then the faults
//! end, and every tenant must come home: WeChat has what the manifests say, and nothing happened twice.
//!
//! Everything is drawn from one seed, which is printed with a log of what was done. `make soak SEED=… MINUTES=…`;
//! a minute of it is part of `make test`. A program of its own, so that it runs alone on its machine.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    reason = "tests fail by panicking, and this one prints what it does"
)]

#[path = "../support/mod.rs"]
mod support;

mod chance;
mod commits;
mod disk;
mod fleet;
mod folder;
mod home;
mod judge;
mod owners;
mod process;
mod run;
mod search;
mod watch;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use run::Run;

#[test]
fn everything_comes_home_whatever_happens() {
    let seed = number("WXOPS_SEED").unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        now.as_secs()
    });
    let minutes = number("WXOPS_SOAK_MINUTES").unwrap_or(1);
    println!(
        "seed {seed}, {minutes} min: make soak SEED={seed} MINUTES={minutes} does the same again"
    );
    let mut run = Run::set(seed);
    run.act_for(Duration::from_secs(60 * minutes));
    run.come_home();
    run.judge();
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok().filter(|text| !text.is_empty())?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text} is no number")),
    )
}
