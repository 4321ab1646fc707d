//! What the tests have in common that kill at moments nobody chose: the kill, the lost answers, the wait for the last call,
//! and what a person is asked afterwards.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::child;
use crate::support::registered::calls;
use crate::support::stage::Stage;

/// How long a call may take to end at the simulator.
const PATIENCE: Duration = Duration::from_secs(30);

/// Applies a tenant and kills that within so many milliseconds. Whether it was still running.
pub fn kill(stage: &Stage, folder: &Path, tenant: &str, within: u64) -> bool {
    let log = folder.join(format!("{tenant}.log"));
    let said = folder.join(format!("{tenant}.out"));
    let slow = [(child::DELAY, "5".to_owned())];
    let mut child = child::start(stage, tenant, (&log, &said), &slow);
    let until = Instant::now() + Duration::from_millis(rand::random_range(0..within));
    let mut runs = true;
    while runs && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(1));
        runs = child.try_wait().unwrap().is_none();
    }
    // On Unix this is SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();
    runs
}

/// Loses the next answer of one of these, or lets it come late.
pub fn lose_one(stage: &Stage, of: &[(&str, &str)]) {
    let (account, endpoint) = of[rand::random_range(0..of.len())];
    let kinds = [
        "resetBefore",
        "resetAfter",
        "http502AfterEffect",
        "latency",
        "latencyAfterEffect",
    ];
    let kind = kinds[rand::random_range(0..kinds.len())];
    let mut fault = json!({"endpoint": endpoint, "kind": kind, "count": 1, "account": account});
    if kind.starts_with("latency") {
        fault["ms"] = json!(300);
    }
    stage.control.send("POST", "/_sim/faults", &fault);
}

/// Waits until none of these is under way. A request lives on at WeChat for at most its timeout, which is over before a
/// probe counts. The shared clock jumps there at once, so it is the test that waits.
pub fn await_quiet(stage: &Stage, of: &[(&str, &str)]) {
    let deadline = Instant::now() + PATIENCE;
    let open = |(account, endpoint): &(&str, &str)| {
        let calls = calls(stage, account, Some(endpoint));
        calls.iter().any(|call| call["endedAt"].is_null())
    };
    while of.iter().any(open) {
        assert!(Instant::now() < deadline, "a call never ended");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The operations that were said to wait for a person.
pub fn to_resolve(said: &str) -> BTreeSet<&str> {
    // Lines of a terminal break anywhere.
    let words: Vec<&str> = said.split_whitespace().collect();
    let keys = words.windows(4).filter_map(|words| match words {
        ["wxops", "op", "resolve", key] => Some(*key),
        _ => None,
    });
    keys.collect()
}

/// A person says what became of an operation.
pub fn resolve(stage: &Stage, key: &str, happened: bool, said: &str) {
    let outcome = if happened { "done" } else { "not-done" };
    let resolved = stage.wxops(&["op", "resolve", key, "--as", outcome]);
    assert_eq!(resolved.code, 0, "{key}: {}\n{said}", resolved.stderr);
}

/// How often a call about an account had an effect.
pub fn effects(stage: &Stage, account: &str, endpoint: &str) -> usize {
    let calls = calls(stage, account, Some(endpoint));
    calls.iter().filter(|call| call["effect"] == true).count()
}

/// WeChat with mini-programs whose code may be submitted, and that nobody reviews but the test.
pub fn world_of_apps(platforms: &Value, apps: &[(String, String)]) -> Value {
    let accounts = apps.iter().map(|(app, principal)| {
        json!({
            "appId": app, "kind": "miniProgram", "principalName": principal, "nickName": format!("课堂{app}"),
            "registerType": 2, "signature": "附近孩子都在跳的舞", "headImg": "http://wx.qlogo.cn/mmopen/a/0",
            "miniProgram": {"categories": [{"first": 8, "second": 590}]},
        })
    });
    let authorizations = apps.iter().map(|(app, _)| {
        json!({
            "platform": "wx0000000000000001", "account": app, "permissionSets": [3, 18, 25, 30],
            "refreshToken": format!("refreshtoken@@@{app}"), "authTime": "2026-01-01T00:00:00Z",
        })
    });
    json!({
        "platforms": platforms,
        "accounts": accounts.collect::<Vec<_>>(),
        "authorizations": authorizations.collect::<Vec<_>>(),
        "switches": {"auditsEndByThemselves": false},
    })
}
