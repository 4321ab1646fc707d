//! P1, P3: `wxops apply` killed while a host leaves the platform's list, before WeChat did it and after.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::files::copy;
use crate::support::play::folder;
use crate::support::process::Background;
use crate::support::stage::Stage;

const LIST: &str = "/cgi-bin/component/modify_wxa_server_domain";
/// How long anything may take that is to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// The requests that are to change the list.
fn sent(stage: &Stage, is_sent: impl Fn(&Value) -> bool) -> usize {
    let path = format!("/_sim/calls?endpoint={LIST}");
    let calls = stage.control.send("GET", &path, &Value::Null);
    let calls = calls["last"].as_array().unwrap().clone();
    calls.iter().filter(|call| is_sent(call)).count()
}

/// A list with a host that nobody declares, and what a yes to its removal is called.
fn with_an_old_host(manifests: &Path) -> (Stage, String) {
    copy(&folder("_common/manifests"), manifests);
    copy(&folder("platform_host_removal_lost/mine"), manifests);
    let stage = Stage::set(manifests, &folder("_common/apps.sim.yaml"));
    let hosts = json!(["api.example.com", "old.example.com"]);
    let change = json!({"domains": {"server": {"testing": hosts, "published": hosts}}});
    let path = "/_sim/platforms/wx0000000000000001";
    stage.control.send("PATCH", path, &change);
    let plan = stage.wxops(&["plan", "--tenant", "@main"]);
    let words: Vec<&str> = plan.stdout.split_whitespace().collect();
    let yes = words
        .windows(3)
        .find(|words| words[..2] == ["wxops", "approve"]);
    (stage, yes.unwrap()[2].to_owned())
}

#[test]
fn p1_p3_a_removal_killed_on_its_way_is_settled_by_the_list() {
    for kind in ["latency", "latencyAfterEffect"] {
        let manifests = tempfile::tempdir().unwrap();
        let (stage, yes) = with_an_old_host(manifests.path());
        let approve = || stage.wxops(&["approve", &yes, "--tenant", "@main"]);
        assert_eq!(approve().code, 0);
        let late = json!({"endpoint": LIST, "kind": kind, "ms": 6000, "writes": true, "count": 1});
        stage.control.send("POST", "/_sim/faults", &late);
        let mut apply = stage.command("apply");
        let applying = Background::start(apply.args(["--auto-approve", "--tenant", "@main"]));
        let deadline = Instant::now() + PATIENCE;
        let listed = || stage.wxops(&["op", "list"]).stdout;
        let under_way = |call: &Value| call["endedAt"].is_null();
        let is_sent = |call: &Value| under_way(call) || call["effect"] == true;
        while sent(&stage, is_sent) == 0 || !listed().contains("armed") {
            assert!(Instant::now() < deadline, "{kind}: it was never sent");
        }
        drop(applying);
        while sent(&stage, under_way) > 0 {
            assert!(Instant::now() < deadline, "{kind}: it never ended");
        }
        stage
            .control
            .send("POST", "/_sim/clock", &json!({"advance": 60}));
        assert!(listed().contains("armed"), "{kind}: {}", listed());
        for _ in 0..3 {
            stage.wxops(&["apply", "--auto-approve", "--tenant", "@main"]);
            assert!(!listed().contains("stalled"), "{kind}: {}", listed());
            approve();
        }
        let plan = stage.wxops(&["plan", "--detailed-exitcode", "--tenant", "@main"]);
        assert_eq!(plan.code, 0, "{kind}: {plan:?}");
    }
}
