//! Every request between the scan and the end, lost before or after its effect: each by itself, and two of them.
//!
//! Of reads each by itself alone, and before its effect, since it has none. `make test` draws some of the pairs (`WXOPS_SEED`), `WXOPS_SOAK=1` plays all.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use serde_json::{Value, json};

use crate::support::registered::{Came, Newcomer, scanned};
use crate::support::stage::Stage;

/// Rounds on one simulator: the platform's ticket lives for twelve hours, and every round takes two.
const ROUNDS: usize = 5;
/// All tokens have ended by then.
const BETWEEN: i64 = 2 * 3_600 + 300;
/// Pairs of `make test`.
const DRAWN: usize = 12;
const WORKERS: usize = 2;

/// One request of the chain: the n-th to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Request {
    endpoint: String,
    n: u64,
}

#[derive(Debug, Clone)]
struct Loss {
    request: Request,
    kind: &'static str,
}

#[test]
fn p1_whichever_answers_get_lost_one_is_registered_and_its_token_works() {
    let seed =
        std::env::var("WXOPS_SEED").map_or_else(|_| rand::random(), |seed| seed.parse().unwrap());
    println!("WXOPS_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (requests, writes) = chain();
    println!(
        "{} requests, of which change something: {writes:#?}",
        requests.len()
    );
    let single = losses(&writes);
    let reads = requests.difference(&writes).map(|request| Loss {
        request: request.clone(),
        kind: "resetBefore",
    });
    let each = single.iter().cloned().chain(reads);
    let mut rounds: Vec<Vec<Loss>> = each.map(|loss| vec![loss]).collect();
    let mut pairs = Vec::new();
    for (n, first) in single.iter().enumerate() {
        pairs.extend(
            single
                .iter()
                .skip(n)
                .map(|second| vec![first.clone(), second.clone()]),
        );
    }
    let of = pairs.len();
    if std::env::var_os("WXOPS_SOAK").is_none() {
        pairs.shuffle(&mut random);
        pairs.truncate(DRAWN);
    }
    println!("{} singles, {} of {of} pairs", rounds.len(), pairs.len());
    rounds.extend(pairs);
    let left = Mutex::new(rounds);
    let came = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let mut some = left.lock().unwrap();
                    let at = some.len().saturating_sub(ROUNDS);
                    let rounds = some.split_off(at);
                    drop(some);
                    if rounds.is_empty() {
                        return;
                    }
                    let played = play(&rounds);
                    came.lock().unwrap().extend(played);
                }
            });
        }
    });
    let came = came.into_inner().unwrap();
    let sum = |of: fn(&Came) -> usize| came.iter().map(of).sum::<usize>();
    println!(
        "{} rounds, one registration each; most runs {:?}; a person said {} times what became of an operation, {} times \
         which account it is",
        came.len(),
        came.iter().map(|came| came.runs).max(),
        sum(|came| came.resolved),
        sum(|came| came.taken),
    );
}

fn losses(requests: &BTreeSet<Request>) -> Vec<Loss> {
    let kinds = ["resetBefore", "resetAfter"];
    let of = |request: &Request| {
        kinds.map(|kind| Loss {
            request: request.clone(),
            kind,
        })
    };
    requests.iter().flat_map(of).collect()
}

/// The requests of a chain in which nothing goes wrong, and those that change something or give out a token.
fn chain() -> (BTreeSet<Request>, BTreeSet<Request>) {
    let folder = tempfile::tempdir().unwrap();
    let all = Newcomer::some(1);
    let stage = scanned(folder.path(), &all);
    begin(&stage);
    stage.control.reset_calls();
    let done = stage.wxops(&["apply", "--auto-approve", "--tenant", &all[0].tenant]);
    assert_eq!(done.code, 0, "{done:?}");
    let calls = stage.control.send("GET", "/_sim/calls", &Value::Null);
    let mut times = BTreeMap::<String, u64>::new();
    let (mut requests, mut writes) = (BTreeSet::new(), BTreeSet::new());
    for call in calls["last"].as_array().unwrap() {
        let endpoint = call["endpoint"].as_str().unwrap().to_owned();
        let times = times.entry(endpoint.clone()).or_default();
        let request = Request {
            endpoint,
            n: *times,
        };
        *times += 1;
        if call["effect"] == true {
            writes.insert(request.clone());
        }
        requests.insert(request);
    }
    all[0].judge(&stage);
    (requests, writes)
}

fn begin(stage: &Stage) {
    let order = json!({"advance": BETWEEN});
    stage.control.send("POST", "/_sim/clock", &order);
}

fn play(rounds: &[Vec<Loss>]) -> Vec<Came> {
    let folder = tempfile::tempdir().unwrap();
    let all = Newcomer::some(rounds.len());
    let stage = scanned(folder.path(), &all);
    let played = all.iter().zip(rounds).map(|(one, losses)| {
        begin(&stage);
        for Loss { request, kind } in losses {
            let fault =
                json!({"endpoint": request.endpoint, "skip": request.n, "kind": kind, "count": 1});
            stage.control.send("POST", "/_sim/faults", &fault);
        }
        let played = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let came = one.converge(&stage);
            one.judge(&stage);
            came
        }));
        stage.control.send("DELETE", "/_sim/faults", &Value::Null);
        played.unwrap_or_else(|_| panic!("lost: {losses:?}"))
    });
    played.collect()
}
