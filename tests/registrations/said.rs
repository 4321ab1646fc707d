//! A registration that nothing shows, of which a person says that it is done and then which account it made: that ends the
//! question, and what follows is done with that account's token.

use std::fs;

use serde_json::json;

use crate::support::browser;
use crate::support::process::Finished;
use crate::support::registered::{Newcomer, REGISTER, calls, lay_out, wechat};
use crate::support::stage::Stage;

const ADD_CATEGORY: &str = "/cgi-bin/wxopen/addcategory";

fn effects(stage: &Stage, account: &str, endpoint: &str) -> usize {
    let all = calls(stage, account, Some(endpoint));
    all.iter().filter(|call| call["effect"] == true).count()
}

/// A stage on which one was registered and its answer got lost, and a person said that it is done.
fn said_done(folder: &std::path::Path, one: &Newcomer, is_listed: bool) -> Stage {
    let all = std::slice::from_ref(one);
    let manifests = folder.join("manifests");
    lay_out(&manifests, all);
    let state = folder.join("wechat.sim.json");
    fs::write(&state, wechat(all).to_string()).unwrap();
    let stage = Stage::set(&manifests, &state);
    let switches = json!({"registrationLinks": false, "listHasUnexchanged": is_listed});
    stage.control.switch(&switches);
    let lost = json!({"endpoint": REGISTER, "kind": "resetAfter", "count": 1});
    stage.control.send("POST", "/_sim/faults", &lost);
    one.click(&stage);
    stage.wxops(&["apply", "--auto-approve"]);
    let op = format!("account/fastregister+main/{}", one.official);
    let said = stage.wxops(&["op", "resolve", &op, "--as", "done"]);
    assert_eq!(said.code, 0, "{said:?}");
    later(&stage);
    stage
}

fn later(stage: &Stage) {
    let order = json!({"advance": 120});
    stage.control.send("POST", "/_sim/clock", &order);
}

#[test]
fn who_says_that_it_is_done_is_asked_which_it_is_and_that_is_all() {
    for is_listed in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let one = &Newcomer::some(1)[0];
        let stage = said_done(folder.path(), one, is_listed);
        let (to, app) = (
            format!("{}:main", one.tenant),
            one.registered(&stage).pop().unwrap(),
        );
        let asked = |done: &Finished| done.stdout.contains(&format!("claim take {to}"));
        let plan = stage.wxops(&["plan"]);
        assert!(asked(&plan), "{is_listed}: {plan:?}");
        let taken = stage.wxops(&["claim", "take", &to, &app, "--yes"]);
        assert_eq!(taken.code, 0, "{is_listed}: {taken:?}");
        let mut done = stage.wxops(&["apply", "--auto-approve"]);
        assert!(!asked(&done), "{is_listed}: {done:?}");
        if done.stdout.contains("/authorize/") {
            // The code went with the answer, and WeChat lists no token: the administrator scans, and for nothing else.
            let link = stage.wxops(&["authorize", &to]).stdout;
            let last = browser::authorize(&stage.sidecar_url, link.trim(), &app);
            assert_eq!(last.status, 200, "{is_listed}: {last:?}");
        }
        for _ in 0..3 {
            later(&stage);
            done = stage.wxops(&["apply", "--auto-approve"]);
        }
        assert!(!asked(&done), "{is_listed}: {done:?}");
        assert!(!done.stdout.contains("op resolve"), "{is_listed}: {done:?}");
        assert_eq!(effects(&stage, &app, ADD_CATEGORY), 1, "{done:?}");
        assert_eq!(effects(&stage, &one.official, REGISTER), 1);
    }
}
