//! P1, P3: `wxops apply` killed with SIGKILL in every stage of the journal, and at moments nobody chose.
//!
//! Every round ends with an empty plan and exactly one open account, and between any two `open/create` that the
//! simulator received for one account it answered an `open/get` with 89002 that began after the probe's margin.
//! Some kills in `make test`; with `WXOPS_SOAK=1` at least 20 in every stage. The report is a histogram by stage.

pub mod anywhere;
mod apps;
mod audits;
mod cases;
mod child;
mod code;
mod platform;
mod registrations;
mod round;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;

use serde_json::{Value, json};

use crate::support::stage::Stage;
use cases::Case;
use round::{Came, Customer};

/// Rounds on one simulator and store.
const ROUNDS_PER_STAGE: usize = 25;
const WORKERS: usize = 2;

/// Does nothing but in the process that the test below starts and kills.
#[test]
fn the_child() {
    child::run_if_child();
}

#[test]
fn p1_p3_apply_killed_anywhere_creates_once_and_converges() {
    let soak = std::env::var_os("WXOPS_SOAK").is_some();
    let rounds = Mutex::new(rounds(soak));
    let came = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let cases: Vec<Case> = {
                        let mut rounds = rounds.lock().unwrap();
                        let left = rounds.len();
                        rounds.split_off(left - left.min(ROUNDS_PER_STAGE))
                    };
                    if cases.is_empty() {
                        return;
                    }
                    let played = play(&cases);
                    came.lock().unwrap().extend(played);
                }
            });
        }
    });
    println!("{}", histogram(&came.into_inner().unwrap()));
}

/// The cases of one run: each at least once, each stage at least 3 (20) times, and some at random.
fn rounds(soak: bool) -> Vec<Case> {
    let (per_stage, random) = if soak { (20, 60) } else { (3, 6) };
    let cases = cases::by_stage();
    let mut rounds: Vec<Case> = (0..random).map(|_| cases::at_random()).collect();
    for case in &cases {
        let in_stage = cases
            .iter()
            .filter(|other| other.stage() == case.stage())
            .count();
        let times = usize::div_ceil(per_stage, in_stage);
        rounds.extend(std::iter::repeat_n(case.clone(), times));
    }
    rounds
}

/// Plays cases on a stage of their own.
fn play(cases: &[Case]) -> Vec<Came> {
    let folder = tempfile::tempdir().unwrap();
    let customers = customers(cases.len());
    let manifests = folder.path().join("manifests");
    lay_out(&manifests, &customers);
    let state = folder.path().join("wechat.sim.json");
    std::fs::write(&state, world(&customers).to_string()).unwrap();
    let mut stage = Stage::set(&manifests, &state);
    // From now on every `apply` opens the store itself, so that its own writes are cut off.
    stage.stop_sidecar();
    cases
        .iter()
        .zip(&customers)
        .map(|(case, customer)| round::play(&stage, folder.path(), customer, case))
        .collect()
}

fn customers(n: usize) -> Vec<Customer> {
    (0..n)
        .map(|n| Customer {
            tenant: format!("tenant-{n}"),
            account: format!("wx{:016x}", 0x1111_0000 + n),
        })
        .collect()
}

/// The platform's manifest and its secrets.
pub fn lay_out_platform(manifests: &Path) {
    let credentials = manifests.join("credentials");
    std::fs::create_dir_all(&credentials).unwrap();
    for (name, text) in [
        ("appSecret", "kill-app-secret"),
        ("token", "kill-push-token"),
        (
            "encodingAesKey",
            "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        ),
    ] {
        std::fs::write(credentials.join(name), text).unwrap();
    }
    let platform = "apiVersion: wxops.io/v1alpha1\nkind: Platform\nmetadata: {name: main}\nspec:\n  \
                    appId: wx0000000000000001\n  credentials: {path: credentials}\n  \
                    callback: {url: \"https://wx.example.com\"}\n  \
                    guard: {changedTenants: 100%, irreversiblePerHour: 1000000}\n";
    std::fs::write(manifests.join("platform.yaml"), platform).unwrap();
}

fn lay_out(manifests: &Path, customers: &[Customer]) {
    lay_out_platform(manifests);
    for Customer { tenant, account } in customers {
        let text = format!(
            "apiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {{name: {tenant}}}\nspec:\n  \
             platformRef: {{name: main}}\n  openAccount: {{create: true}}\n  \
             officialAccount: {{appId: {account}}}\n"
        );
        std::fs::write(manifests.join(format!("{tenant}.yaml")), text).unwrap();
    }
}

fn world(customers: &[Customer]) -> Value {
    let platform = "wx0000000000000001";
    let accounts: Vec<Value> = customers
        .iter()
        .map(|Customer { account, .. }| {
            json!({"appId": account, "kind": "officialAccount", "principalName": format!("{account}有限公司")})
        })
        .collect();
    let authorizations: Vec<Value> = customers
        .iter()
        .map(|Customer { account, .. }| {
            json!({
                "platform": platform, "account": account, "permissionSets": [1, 3, 15, 24, 30],
                "refreshToken": format!("refreshtoken@@@{account}"), "authTime": "2026-01-01T00:00:00Z",
            })
        })
        .collect();
    json!({
        "platforms": platforms(),
        "accounts": accounts,
        "authorizations": authorizations,
    })
}

pub fn platforms() -> Value {
    json!([{
        "appId": "wx0000000000000001", "appSecret": "kill-app-secret", "token": "kill-push-token",
        "encodingAesKey": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    }])
}

/// Kills by stage, and what it took to converge after them.
fn histogram(came: &[Came]) -> String {
    let mut stages: BTreeMap<&str, Vec<&Came>> = BTreeMap::new();
    for came in came {
        for stage in &came.killed_at {
            stages.entry(stage).or_default().push(came);
        }
    }
    let mut text = format!(
        "{} rounds, each with one open account and an empty plan at its end\n\n{:<12} {:>5}  {:>12}  {:>9}\n",
        came.len(),
        "killed at",
        "kills",
        "most creates",
        "most runs"
    );
    for (stage, came) in stages {
        let kills = came.len();
        let creates = came.iter().map(|came| came.creates).max().unwrap_or(0);
        let runs = came.iter().map(|came| came.runs).max().unwrap_or(0);
        let bar = "#".repeat(kills.min(60));
        writeln!(
            text,
            "{stage:<12} {kills:>5}  {creates:>12}  {runs:>9}  {bar}"
        )
        .unwrap();
    }
    text
}
