//! P9 of the audits that all mini-programs of a platform share: twelve are left, five are kept back, two hundred tenants want
//! one, and `wxops apply` is killed again and again.
//!
//! Seven are submitted, none twice, and the ledger says what WeChat says. 4 kills in `make test`, 40 with `WXOPS_SOAK=1`.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::stage::Stage;

const TENANTS: usize = 200;
/// A month's, those that are left, and those that are kept back.
const AUDITS: (usize, usize, usize) = (20, 12, 5);
/// How often it is applied until nothing is sent any more.
const RUNS: usize = 6;
const SUBMIT: &str = "/wxa/submit_audit";

#[test]
fn p9_seven_of_two_hundred_are_submitted_whatever_is_killed() {
    let kills = if std::env::var_os("WXOPS_SOAK").is_some() {
        40
    } else {
        4
    };
    let folder = tempfile::tempdir().unwrap();
    let manifests = folder.path().join("manifests");
    super::lay_out_platform(&manifests);
    let platform = manifests.join("platform.yaml");
    let text = std::fs::read_to_string(&platform).unwrap();
    std::fs::write(&platform, format!("{text}  auditReserve: {}\n", AUDITS.2)).unwrap();
    let apps: Vec<String> = (0..TENANTS)
        .map(|n| format!("wx{:016x}", 0x2222_0000 + n))
        .collect();
    for (n, app) in apps.iter().enumerate() {
        let text = format!(
            "apiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {{name: tenant-{n}}}\nspec:\n  \
             platformRef: {{name: main}}\n  \
             miniPrograms: [{{name: main, appId: {app}, code: {{template: {{id: 41}}}}}}]\n  \
             policy: {{preapproved: [submit, release]}}\n"
        );
        std::fs::write(manifests.join(format!("tenant-{n}.yaml")), text).unwrap();
    }
    let state = folder.path().join("wechat.sim.json");
    std::fs::write(&state, wechat(&apps).to_string()).unwrap();
    let mut stage = Stage::set(&manifests, &state);
    stage.stop_sidecar();
    // All are committed, and looked at.
    let committed = stage.wxops(&["apply", "--auto-approve"]);
    assert_eq!(
        effects(&stage, "/wxa/commit").len(),
        TENANTS,
        "{}",
        committed.stderr
    );
    for _ in 0..kills {
        advance(&stage);
        let mut child = stage
            .command("apply")
            .arg("--auto-approve")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(rand::random_range(300..4000)));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let (all, left, kept) = AUDITS;
    let mut before = None;
    for _ in 0..RUNS {
        advance(&stage);
        stage.wxops(&["apply", "--auto-approve"]);
        let received = stage.control.count(SUBMIT).received;
        if before == Some(received) {
            break;
        }
        before = Some(received);
    }
    let submitted = effects(&stage, SUBMIT);
    assert_eq!(submitted.len(), left - kept, "{submitted:#?}");
    assert!(
        submitted.values().all(|times| *times == 1),
        "{submitted:#?}"
    );
    let used = all - left + submitted.len();
    let quota = &stage.control.state()["platforms"][0]["auditQuota"];
    assert_eq!(quota["rest"], json!(all - used), "{quota}");
    let told = stage.wxops(&["quota", "--output", "json"]);
    let rows: Vec<Value> = serde_json::from_str(&told.stdout).unwrap();
    let row = rows
        .iter()
        .find(|row| row["quota"] == "submit_audit" || row["endpoint"] == "submit_audit");
    let row = row.unwrap_or_else(|| panic!("{}", told.stdout));
    assert_eq!(
        (&row["used"], &row["reserved"]),
        (&json!(used), &json!(0)),
        "{row}"
    );
    let plan = stage.wxops(&["plan", "--tenant", "tenant-199"]);
    assert!(!plan.stdout.contains("op resolve"), "{}", plan.stdout);
}

/// Two minutes pass.
fn advance(stage: &Stage) {
    stage
        .control
        .send("POST", "/_sim/clock", &json!({"advance": 120}));
}

/// How often an endpoint had an effect, by account.
fn effects(stage: &Stage, endpoint: &str) -> BTreeMap<String, usize> {
    let calls = stage.control.send(
        "GET",
        &format!("/_sim/calls?endpoint={endpoint}"),
        &Value::Null,
    );
    let mut found = BTreeMap::new();
    for call in calls["last"].as_array().unwrap() {
        if call["effect"] == true {
            *found
                .entry(call["account"].as_str().unwrap().to_owned())
                .or_default() += 1;
        }
    }
    found
}

fn wechat(apps: &[String]) -> Value {
    let (all, left, _) = AUDITS;
    let mut platforms = super::platforms();
    platforms[0]["codeTemplates"] =
        json!([{"templateId": 41, "userVersion": "1.4.1", "userDesc": "one"}]);
    platforms[0]["auditQuota"] = json!({"limit": all, "rest": left});
    let of = |app: &String| (app.clone(), "日出舞蹈有限公司".to_owned());
    super::anywhere::world_of_apps(&platforms, &apps.iter().map(of).collect::<Vec<_>>())
}
