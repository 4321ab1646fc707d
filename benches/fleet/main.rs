//! `wxops run` with 10,000 rich tenants, an official account and a mini-program each, against a simulated WeChat in a
//! process of its own: memory, restart, the time to the first pass of a changed tenant, and what a steady hour writes.
//!
//! Run with `cargo bench --bench fleet`; it takes some minutes, and ends with 1 where a target is missed.
//! `WXOPS_BENCH_TENANTS` is another number of tenants, `WXOPS_BENCH_BINARY` another binary. The figures of record are in docs/benchmarks.md.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark prints, and stops when its own set-up is wrong"
)]

mod house;
mod process;

use std::collections::BTreeMap;
use std::fs;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use process::{Loop, Place, Wechat};

const TENANTS: usize = 10_000;
/// Tenants that are changed, one after the other.
const CHANGES: usize = 101;
/// The clock is moved on by so many seconds each second: an hour of drift checks in a minute.
const PACE: u64 = 60;
/// The documents that tokens and tickets are kept in.
const KEPT_TOKENS: [&str; 2] = ["cred", "platform"];
/// The same while tenants are changed, which takes longer: three hours of drift checks in nine minutes.
const SLOWER_PACE: u64 = 20;
/// How long a token works, in seconds.
const TOKEN_LIFE: u64 = 7_200;
/// What is missed where a figure is more.
const MEMORY_MIB: f64 = 100.0;
const RESTART: Duration = Duration::from_secs(5);
const FIRST_PASS: Duration = Duration::from_secs(2);

fn main() -> ExitCode {
    let tenants = std::env::var("WXOPS_BENCH_TENANTS");
    let tenants = tenants.map_or(TENANTS, |count| count.parse().unwrap());
    let begun = Instant::now();
    let say = |what: &str| println!("{:>6.1} s  {what}", begun.elapsed().as_secs_f64());
    let mut missed = Vec::new();
    let mut target = |what: &str, is_met: bool, told: String| {
        println!(
            "          {what}: {told}{}",
            if is_met { "" } else { " — MISSED" }
        );
        if !is_met {
            missed.push(what.to_owned());
        }
    };

    let folder = tempfile::tempdir().unwrap();
    let place = Place(folder.path().to_owned());
    house::write(&place.manifests(), tenants);
    let state = folder.path().join("wechat.sim.yaml");
    fs::write(&state, house::wechat(tenants).to_string()).unwrap();
    let wechat = Wechat::start(&place, &state);
    say(&format!("{tenants} tenants are laid out"));
    let running = Loop::start(&place, &wechat);
    let (listening, ready) = running.started;
    say(&format!(
        "started on an empty store: listening after {listening:.2?}, ready after {ready:.2?}"
    ));
    wechat.push_to(&running.public);
    let held = running.ask("/v1/loop")["held"][0]["revision"].clone();
    place.wxops(
        &wechat,
        &["approve", held.as_str().unwrap(), "--by", "bench"],
    );
    until_all_rest(&running, tenants, &say);
    let calls = wechat.calls();
    say(&format!(
        "all were looked at once: {} calls, with an effect {:?}",
        calls.all, calls.writes
    ));
    say(&format!(
        "memory {:.1} MiB, at most {:.1} MiB",
        running.memory("VmRSS"),
        running.memory("VmHWM")
    ));
    assert!(
        calls.writes.is_empty(),
        "WeChat does not have what the manifests say"
    );

    for _ in 0..TOKEN_LIFE / PACE {
        wechat.advance(PACE);
        thread::sleep(Duration::from_millis(500));
    }
    say("the tokens of the first passes are over");

    wechat.until_quiet();
    let (before, calls_before) = (place.documents(), wechat.calls());
    let hour = Instant::now();
    for _ in 0..3_600 / PACE {
        wechat.advance(PACE);
        thread::sleep(Duration::from_secs(1));
    }
    wechat.until_quiet();
    let (after, calls_after) = (place.documents(), wechat.calls());
    let reads = calls_after.all - calls_before.all;
    say(&format!(
        "an hour of the clock in {:.0?}: {reads} calls, {} of them for tokens",
        hour.elapsed(),
        calls_after.tokens - calls_before.tokens
    ));
    let written = differences(&before, &after);
    let strange: Vec<_> = written
        .keys()
        .filter(|kind| !KEPT_TOKENS.contains(&kind.as_str()))
        .collect();
    target(
        "written in a steady hour",
        strange.is_empty(),
        format!("{} (target: tokens and tickets alone)", told(&written)),
    );
    target(
        "changed at WeChat in it",
        calls_before.writes == calls_after.writes,
        "nothing".to_owned(),
    );
    let memory = running.memory("VmRSS");
    target(
        "memory after the hour",
        memory < MEMORY_MIB,
        format!(
            "{memory:.1} MiB, at most {:.1} MiB (target: under {MEMORY_MIB} MiB)",
            running.memory("VmHWM")
        ),
    );

    let queues = running.ask("/v1/loop")["queues"].clone();
    say(&format!(
        "how it stands: {queues}; {:.1} MiB right after it was asked how all tenants stand",
        running.memory("VmRSS")
    ));

    let times = changes(&place, &wechat, &running, tenants);
    let at = |share: f64| times[((times.len() as f64 * share) as usize).min(times.len() - 1)];
    say(&format!(
        "{} tenants were changed, one after the other, while drift checks went on",
        times.len()
    ));
    target(
        "from a changed file to the first pass",
        at(0.99) < FIRST_PASS,
        format!(
            "p50 {:.2?}, p99 {:.2?}, longest {:.2?} (target: p99 under {FIRST_PASS:?})",
            at(0.5),
            at(0.99),
            at(1.0)
        ),
    );

    say(&format!(
        "memory {:.1} MiB, at most {:.1} MiB",
        running.memory("VmRSS"),
        running.memory("VmHWM")
    ));

    let ended = running.terminate();
    let (before, calls_before) = (place.documents(), wechat.calls());
    let running = Loop::start(&place, &wechat);
    let (listening, ready) = running.started;
    say(&format!("ended in {ended:.2?} and started again"));
    target(
        "restart",
        listening.max(ready) < RESTART,
        format!(
            "listening after {listening:.2?}, ready after {ready:.2?} (target: under {RESTART:?})"
        ),
    );
    wechat.push_to(&running.public);
    for _ in 0..15 {
        wechat.advance(PACE);
        thread::sleep(Duration::from_secs(1));
    }
    wechat.until_quiet();
    let calls_after = wechat.calls();
    target(
        "changed at WeChat by the restart",
        calls_before.writes == calls_after.writes,
        format!(
            "nothing; {} calls in a quarter of an hour, written {}",
            calls_after.all - calls_before.all,
            told(&differences(&before, &place.documents()))
        ),
    );
    say(&format!(
        "memory a quarter of an hour after a restart: {:.1} MiB, at most {:.1} MiB",
        running.memory("VmRSS"),
        running.memory("VmHWM")
    ));

    if missed.is_empty() {
        println!("every target is met");
        return ExitCode::SUCCESS;
    }
    println!("missed: {}", missed.join(", "));
    ExitCode::FAILURE
}

/// Waits until every tenant was looked at and rests.
fn until_all_rest(running: &Loop, tenants: usize, say: &dyn Fn(&str)) {
    let mut rounds = 0;
    loop {
        thread::sleep(Duration::from_secs(5));
        let told = running.ask("/v1/loop");
        let all = told["tenants"].as_object().unwrap();
        let ready = all.values().filter(|one| one["result"] == "ready").count();
        if ready == tenants {
            return;
        }
        rounds += 1;
        if rounds % 4 == 0 {
            say(&format!("{ready} of {} rest", all.len()));
        }
        assert!(
            rounds < 240,
            "they never rest: {}",
            all.values().find(|one| one["result"] != "ready").unwrap()
        );
    }
}

/// Changes tenants one after the other; how long each took to its first pass, sorted.
fn changes(place: &Place, wechat: &Wechat, running: &Loop, tenants: usize) -> Vec<Duration> {
    /// Ends what moves the clock, also when something fails.
    struct Ends<'a>(&'a AtomicBool);
    impl Drop for Ends<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let moves = Moves::default();
    let is_over = AtomicBool::new(false);
    let mut times = Vec::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                moves.advance(wechat);
                thread::sleep(Duration::from_secs(1));
            }
        });
        let _ends = Ends(&is_over);
        thread::sleep(Duration::from_secs(3));
        for change in 0..CHANGES {
            let n = change * (tenants / CHANGES);
            times.push(changed(place, running, &moves, n));
        }
    });
    times.sort();
    times
}

fn changed(place: &Place, running: &Loop, moves: &Moves, n: usize) -> Duration {
    let path = format!("/v1/tenants/{}", house::name(n));
    let before = running.ask(&path)["revision"].clone();
    let file = place.manifests().join(house::file(n));
    let draft = file.with_file_name(".draft");
    fs::write(&draft, house::manifest(n, 1)).unwrap();
    fs::rename(&draft, &file).unwrap();
    let renamed = Timestamp::now();
    let deadline = Instant::now() + Duration::from_secs(180);
    loop {
        thread::sleep(Duration::from_millis(10));
        let told = running.ask(&path);
        let at = |field: &str| {
            told[field]
                .as_str()
                .and_then(|at| at.parse::<Timestamp>().ok())
        };
        if told["revision"] != before
            && at("passBegan") >= at("admittedAt")
            && at("passBegan").is_some()
        {
            let begun = moves.real(at("passBegan").unwrap());
            return Duration::try_from(begun.duration_since(renamed)).unwrap_or_default();
        }
        assert!(Instant::now() < deadline, "never looked at: {told}");
    }
}

/// When the clock was moved, and how far ahead it was from then on: what its times are in real time.
#[derive(Default)]
struct Moves(Mutex<Vec<(Timestamp, i64)>>);

impl Moves {
    fn advance(&self, wechat: &Wechat) {
        let mut moves = self.0.lock().unwrap();
        if moves.is_empty() {
            moves.push((Timestamp::UNIX_EPOCH, wechat.ahead()));
        }
        wechat.advance(SLOWER_PACE);
        moves.push((Timestamp::now(), wechat.ahead()));
    }

    /// Intervals between moves have simulated times of their own.
    fn real(&self, simulated: Timestamp) -> Timestamp {
        let moves = self.0.lock().unwrap();
        let millis = simulated.as_millisecond();
        // Within a few milliseconds of a move its time is not known better.
        let slack = 50;
        let mut found = moves
            .iter()
            .rev()
            .map(|(at, ahead)| (at.as_millisecond(), millis - ahead));
        let (_, real) = found.find(|(at, real)| *real >= at - slack).unwrap();
        Timestamp::from_millisecond(real).unwrap()
    }
}

/// The documents that differ, by the first part of their keys.
fn differences(
    before: &BTreeMap<String, Vec<u8>>,
    after: &BTreeMap<String, Vec<u8>>,
) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    let written = after
        .iter()
        .filter(|(key, revision)| before.get(*key) != Some(revision))
        .map(|(key, _)| key);
    for key in gone.chain(written) {
        let kind = key.split('/').next().unwrap_or_default();
        found.entry(kind.to_owned()).or_default().push(key.clone());
    }
    found
}

/// How many of each kind, and which, where it is not what a token is kept in.
fn told(differences: &BTreeMap<String, Vec<String>>) -> String {
    let told = differences.iter().map(|(kind, keys)| {
        if KEPT_TOKENS.contains(&kind.as_str()) {
            return format!("{} {kind}", keys.len());
        }
        let some = keys.get(..keys.len().min(5)).unwrap();
        format!("{} {kind} ({} …)", keys.len(), some.join(", "))
    });
    told.collect::<Vec<_>>().join(", ")
}
