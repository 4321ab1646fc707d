//! Two copies of a store, used side by side: each ends the other's tokens, and that is said.

use serde_json::json;

use crate::support::files::copy;
use crate::support::play::folder;
use crate::support::process::{Finished, run};
use crate::support::stage::Stage;

const SAID: &str = "tokens of wx1111111111111111 end before their time again and again";

#[test]
fn two_copies_of_a_store_in_use_are_noticed_and_said() {
    let manifests = tempfile::tempdir().unwrap();
    let common = folder("_common");
    copy(&common.join("manifests"), manifests.path());
    copy(&common.join("menu_only"), manifests.path());
    let mut stage = Stage::set(manifests.path(), &common.join("missing.sim.yaml"));
    stage.push_ticket();
    stage.stop_sidecar();
    let first = stage.wxops(&["plan"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    let twin = tempfile::tempdir().unwrap();
    copy(&stage.store(), twin.path());

    let here = || stage.wxops(&["plan"]);
    let there = || run(stage.command("plan").env("WXOPS_STORE", twin.path()));
    // An hour and 56 minutes on, both ask for a new token of the account; a quarter of an hour later the older one
    // has ended, though it should have lived for two hours.
    advance(&stage, 116 * 60);
    for (round, plan) in [&here as &dyn Fn() -> Finished, &there, &here, &there]
        .iter()
        .enumerate()
    {
        let plan = plan();
        assert_eq!(plan.code, 0, "{round}: {}", plan.stderr);
        assert!(!plan.stderr.contains(SAID), "{round}: {}", plan.stderr);
        advance(&stage, 15 * 60);
    }
    let plan = here();
    assert!(plan.stderr.contains(SAID), "{}", plan.stderr);
    let status = stage.wxops(&["status", "--lang", "zh"]);
    assert!(status.stderr.contains("另一份副本"), "{}", status.stderr);
    // The copy is not used any more: a day later nothing is left to be said.
    advance(&stage, 25 * 3_600);
    stage.start_sidecar();
    stage.push_ticket();
    let plan = stage.wxops(&["plan"]);
    assert_eq!(plan.code, 0, "{}", plan.stderr);
    assert!(!plan.stderr.contains(SAID), "{}", plan.stderr);
}

fn advance(stage: &Stage, seconds: i64) {
    let by = json!({"advance": seconds});
    stage.control.send("POST", "/_sim/clock", &by);
}
