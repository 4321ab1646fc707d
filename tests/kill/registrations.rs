//! P1, P3 of what costs most: `wxops apply` killed with SIGKILL while a mini-program is registered, before and after every
//! write of that operation and of what follows from it, and at moments nobody chose, also with answers lost.
//!
//! Every round ends with one registration by WeChat's count and by the ledger, a token that works, and an empty plan. Where
//! no read can tell what came of a call a person looks at what WeChat has, and says so; how often is printed.
//! 20 kills in `make test`, 500 with `WXOPS_SOAK=1`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::child::{self, Place, Point, When};
use crate::support::registered::{Newcomer, REGISTER, calls, scanned};
use crate::support::stage::Stage;

/// Rounds on one simulator and store.
const ROUNDS: usize = 12;
/// How long anything may take that is to come.
const PATIENCE: Duration = Duration::from_secs(60);
/// What is called on the way, for answers that get lost.
const CALLED: [&str; 9] = [
    REGISTER,
    "/cgi-bin/component/api_query_auth",
    "/cgi-bin/component/api_get_authorizer_list",
    "/cgi-bin/component/api_authorizer_token",
    "/cgi-bin/wxopen/wxamplinkget",
    "/cgi-bin/wxopen/addcategory",
    "/cgi-bin/open/create",
    "/cgi-bin/open/bind",
    "/cgi-bin/menu/create",
];

/// Where it is killed, and what happens to the request meanwhile.
#[derive(Debug, Clone)]
struct Case {
    fault: Option<&'static str>,
    kill: Kill,
}

#[derive(Debug, Clone)]
enum Kill {
    At(Point),
    Place(Place),
    /// The request was received; nothing happened yet.
    InFlight,
    /// It is registered; the answer has not been heard.
    Unheard,
    /// So many milliseconds after it began.
    After(u64),
}

#[derive(Default)]
struct Tally {
    kills: BTreeMap<String, usize>,
    rounds: usize,
    most_runs: usize,
    resolved: usize,
    taken: usize,
}

#[test]
fn p1_p3_registering_killed_anywhere_registers_once_and_ends_with_a_token() {
    let soak = std::env::var_os("WXOPS_SOAK").is_some();
    let wanted = if soak { 500 } else { 20 };
    let left = Mutex::new(cases(soak));
    let tally = Mutex::new(Tally::default());
    let is_enough = || tally.lock().unwrap().kills.values().sum::<usize>() >= wanted;
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_enough() {
                    let world = World::new();
                    for one in &world.all {
                        if is_enough() {
                            return;
                        }
                        let case = left.lock().unwrap().pop().unwrap_or_else(drawn);
                        let killed = world.kill(one, &case);
                        let came = one.converge(&world.stage);
                        one.judge(&world.stage);
                        let mut tally = tally.lock().unwrap();
                        for stage in killed {
                            *tally.kills.entry(stage).or_default() += 1;
                        }
                        tally.rounds += 1;
                        tally.most_runs = tally.most_runs.max(came.runs);
                        tally.resolved += came.resolved;
                        tally.taken += came.taken;
                    }
                }
            });
        }
    });
    let Tally {
        kills,
        rounds,
        most_runs,
        resolved,
        taken,
    } = tally.into_inner().unwrap();
    println!(
        "{} kills in {rounds} rounds, one registration each: {kills:#?}\nmost runs {most_runs}; a person said {resolved} times \
         what became of an operation, {taken} times which account it is",
        kills.values().sum::<usize>()
    );
}

/// Every write in the soak; some of them, and some moments that nobody chose, otherwise.
fn cases(soak: bool) -> Vec<Case> {
    let mut all = chosen();
    if soak {
        return all;
    }
    let mut some = Vec::new();
    for _ in 0..14 {
        some.push(all.swap_remove(rand::random_range(0..all.len())));
    }
    some
}

/// Before and after every write, on every way that leads there.
fn chosen() -> Vec<Case> {
    let mut all = Vec::new();
    for when in [When::Before, When::After] {
        let at = |generation: u64, stage: &str| {
            let stage = stage.to_owned();
            Kill::At(Point {
                when,
                generation,
                stage,
            })
        };
        let mut case = |fault, kill| all.push(Case { fault, kill });
        for stage in ["open", "reserved", "armed", "settled", "closed"] {
            case(None, at(1, stage));
            // Lost without effect, so it is sent once more.
            case(Some("resetBefore"), at(2, stage));
        }
        for fault in ["resetBefore", "resetAfter"] {
            for stage in ["doubt", "settled", "closed"] {
                case(Some(fault), at(1, stage));
            }
        }
        // What follows once its answer was heard, and once a probe has found it.
        for fault in [None, Some("resetAfter")] {
            for (once, key) in [
                ("ledger/", "code/"),
                ("op/", "tenant/"),
                ("op/", "ledger/"),
                ("code/", "cred/"),
                ("code/", "claim/"),
                ("claim/", "tenant/"),
                ("claim/", "code/"),
                ("claim/", "register/"),
            ] {
                let (once, key) = (once.to_owned(), key.to_owned());
                case(fault, Kill::Place(Place { when, once, key }));
            }
        }
    }
    all.push(Case {
        fault: Some("latency"),
        kill: Kill::InFlight,
    });
    all.push(Case {
        fault: Some("latencyAfterEffect"),
        kill: Kill::Unheard,
    });
    all
}

/// One of the writes, or a moment that nobody chose.
fn drawn() -> Case {
    if rand::random() {
        return at_random();
    }
    let mut all = chosen();
    all.swap_remove(rand::random_range(0..all.len()))
}

fn at_random() -> Case {
    let faults = [None, Some("resetBefore"), Some("resetAfter")];
    Case {
        fault: faults[rand::random_range(0..faults.len())],
        kill: Kill::After(rand::random_range(0..1500)),
    }
}

struct World {
    folder: tempfile::TempDir,
    all: Vec<Newcomer>,
    stage: Stage,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let all = Newcomer::some(ROUNDS);
        // From now on every `apply` opens the store itself, so that its own writes are cut off.
        let stage = scanned(folder.path(), &all);
        Self { folder, all, stage }
    }

    /// Kills it as the case says, and once or twice more at any moment. Where it was.
    fn kill(&self, one: &Newcomer, case: &Case) -> Vec<String> {
        if let Some(kind) = case.fault {
            self.lose(REGISTER, kind);
        }
        let mut killed = Vec::new();
        killed.extend(self.kill_once(one, &case.kill));
        if let Kill::After(_) = case.kill {
            for _ in 0..rand::random_range(0..=2) {
                let called = CALLED[rand::random_range(0..CALLED.len())];
                let kinds = ["resetBefore", "resetAfter", "http502AfterEffect"];
                self.lose(called, kinds[rand::random_range(0..kinds.len())]);
                let kill = Kill::After(rand::random_range(0..1500));
                killed.extend(self.kill_once(one, &kill));
            }
        }
        self.stage
            .control
            .send("DELETE", "/_sim/faults", &Value::Null);
        killed
    }

    fn lose(&self, endpoint: &str, kind: &str) {
        let mut fault = json!({"endpoint": endpoint, "kind": kind, "count": 1});
        if kind.starts_with("latency") {
            fault["ms"] = json!(400);
        }
        self.stage.control.send("POST", "/_sim/faults", &fault);
    }

    /// Starts it and kills it at its moment. `None`: it was done before.
    fn kill_once(&self, one: &Newcomer, kill: &Kill) -> Option<String> {
        let log = self.folder.path().join("writes.log");
        let said = self.folder.path().join(format!("{}.out", one.tenant));
        let _ = std::fs::remove_file(&log);
        let only = (child::ONLY, "fastregister".to_owned());
        let mut environment = vec![only];
        match kill {
            Kill::At(point) => {
                environment.push((child::STAND_AT, serde_json::to_string(point).unwrap()));
            }
            Kill::Place(place) => {
                let place = serde_json::to_string(place).unwrap();
                environment.push((child::STAND_AT_PLACE, place));
            }
            Kill::After(_) => environment.push((child::PACE, "4".to_owned())),
            Kill::InFlight | Kill::Unheard => {}
        }
        let files: (&Path, &Path) = (&log, &said);
        let mut child = child::start(&self.stage, &one.tenant, files, &environment);
        let begun = Instant::now();
        let reached = || match kill {
            Kill::At(_) | Kill::Place(_) => child::log(&log).iter().any(|line| line.stands),
            Kill::InFlight => {
                let received = calls(&self.stage, &one.official, Some(REGISTER));
                received.iter().any(|call| call["endedAt"].is_null())
            }
            Kill::Unheard => !one.registered(&self.stage).is_empty(),
            Kill::After(ms) => begun.elapsed() >= Duration::from_millis(*ms),
        };
        let mut runs = true;
        while runs && !reached() {
            assert!(begun.elapsed() < PATIENCE, "{kill:?}: {}", text(&said));
            std::thread::sleep(Duration::from_millis(2));
            runs = child.try_wait().unwrap().is_none();
        }
        // On Unix this is SIGKILL.
        child.kill().unwrap();
        child.wait().unwrap();
        self.await_quiet();
        let order = json!({"advance": 60});
        self.stage.control.send("POST", "/_sim/clock", &order);
        runs.then(|| kill.name())
    }

    /// Whether a call is under way.
    fn is_open(&self) -> bool {
        let calls = self.stage.control.send("GET", "/_sim/calls", &Value::Null);
        let calls = calls["last"].as_array().unwrap();
        calls.iter().any(|call| call["endedAt"].is_null())
    }

    /// A request lives on at WeChat for at most its timeout, which is over before a probe counts. The shared clock jumps
    /// there at once, so it is the test that waits.
    fn await_quiet(&self) {
        let deadline = Instant::now() + PATIENCE;
        while self.is_open() {
            assert!(Instant::now() < deadline, "a call never ended");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Kill {
    fn name(&self) -> String {
        match self {
            Self::At(point) => format!("{:?} {}", point.when, point.stage),
            Self::Place(place) => format!("{:?} {} after {}", place.when, place.key, place.once),
            Self::InFlight => "in flight".to_owned(),
            Self::Unheard => "unheard".to_owned(),
            Self::After(_) => "any moment".to_owned(),
        }
    }
}

fn text(path: &PathBuf) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}
