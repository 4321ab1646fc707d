//! Flows through the real binary against the simulator: one folder, one promise.
//!
//! A folder of `tests/scenarios/` holds `steps.yaml` and, where it needs its own, `manifests/` and `wechat.sim.yaml`;
//! `docs/tests.md` says what a step may be. A new case is a new folder and its name in `played.list`
//! beside them.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::files::copy;
use crate::support::foreign::Foreign;
use crate::support::play::{folder, play, script};
use crate::support::script::Script;
use crate::support::stage::Stage;

/// One test per folder; `every_folder_is_played` fails when one is missing here.
macro_rules! scenarios {
    ($($name:ident),* $(,)?) => {
        pub const PLAYED: &[&str] = &[$(stringify!($name)),*];
        $(
            #[test]
            fn $name() {
                play(stringify!($name));
            }
        )*
    };
}

include!("scenarios/played.list");

#[test]
fn every_folder_is_played() {
    let folders: Vec<String> = std::fs::read_dir(folder(""))
        .unwrap()
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('_'))
        .collect();
    for name in &folders {
        assert!(
            PLAYED.contains(&name.as_str()),
            "tests/scenarios/{name} is not in the list"
        );
    }
    assert_eq!(folders.len(), PLAYED.len());
}

/// `WXOPS_SCENARIO=name cargo test --test all -- --ignored a_scenario_by_its_name`: one that is being written, without a build.
#[test]
#[ignore = "plays the one that WXOPS_SCENARIO names"]
fn a_scenario_by_its_name() {
    play(&std::env::var("WXOPS_SCENARIO").unwrap());
}

/// What the simulator offers and no scenario calls is either dead or unproved.
#[test]
fn every_endpoint_is_exercised() {
    let state = folder("_common").join("missing.sim.yaml");
    let stage = Stage::without_sidecar(&folder("_common").join("manifests"), &state);
    let exercised: BTreeSet<String> = PLAYED
        .iter()
        .flat_map(|name| script(name).exercises())
        .collect();
    let offered = stage.control.offered();
    assert!(offered.len() > 30);
    let missing: BTreeSet<&String> = offered.difference(&exercised).collect();
    assert!(missing.is_empty(), "no scenario calls {missing:#?}");
}

/// `{received: 0}` of a path that does not exist would hold whatever is called.
#[test]
#[should_panic(expected = "WeChat has no {\"/cgi-bin/menu/creat\"}")]
fn a_path_that_is_no_api_fails_the_scenario() {
    let script: Script = serde_saphyr::from_str(
        "holds: nothing is called\nsteps: [{calls: {/cgi-bin/menu/creat: {received: 0}}}]",
    )
    .unwrap();
    let state = folder("_common").join("missing.sim.yaml");
    let stage = Stage::without_sidecar(&folder("_common").join("manifests"), &state);
    script.must_name_apis(&stage.control.offered());
}

/// What a dry run must not make: options and quotas are changed below `/component/` too.
#[test]
fn only_tokens_are_no_effect() {
    let manifests = tempfile::tempdir().unwrap();
    for from in ["_common/manifests", "_common/menu_only"] {
        copy(&folder(from), manifests.path());
    }
    let stage = Stage::set(manifests.path(), &folder("_common/missing.sim.yaml"));
    assert_eq!(stage.wxops(&["plan"]).code, 0);
    assert_eq!(stage.control.effects(), 0);
    let by_others: Foreign = serde_json::from_value(json!({
        "path": "/cgi-bin/component/api_set_authorizer_option",
        "token": "component",
        "body": {
            "component_appid": "wx0000000000000001", "authorizer_appid": "wx1111111111111111",
            "option_name": "voice_recognize", "option_value": "1",
        },
        "answers": {"errcode": 0},
    }))
    .unwrap();
    by_others.make(&stage.api, &stage.control, str::to_owned, "an option");
    assert_eq!(stage.control.effects(), 1);
}
