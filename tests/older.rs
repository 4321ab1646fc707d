//! What an older wxops left behind is read by this one: a store, a saved plan and an approval, as the binary wrote them
//! that knew things by resource and key alone. `tests/data/before-addresses/` holds them, with the world they are about.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::support::files::copy;
use crate::support::process::{Finished, run};
use crate::support::stage::Stage;

/// A stage an hour after the saved plan was made, with a copy of all that was left.
fn stage(folder: &Path) -> Stage {
    let left = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/before-addresses");
    copy(&left, folder);
    let mut stage = Stage::without_sidecar(&folder.join("manifests"), &folder.join("state.json"));
    stage.seal();
    copy(&folder.join("store"), &stage.store());
    let clock = json!({"set": "2026-12-02T10:00:00+08:00"});
    stage.control.send("POST", "/_sim/clock", &clock);
    stage
}

/// Runs a verb where the saved plan and its manifests are.
fn in_folder(stage: &Stage, folder: &Path, arguments: &[&str]) -> Finished {
    let (verb, rest) = arguments.split_first().unwrap();
    let finished = run(stage.command(verb).args(rest).current_dir(folder));
    assert_eq!(
        finished.code, 0,
        "{arguments:?}: {}{}",
        finished.stdout, finished.stderr
    );
    finished
}

#[test]
fn a_saved_plan_and_an_approval_of_an_older_binary_are_carried_out() {
    let folder = tempfile::tempdir().unwrap();
    let stage = stage(folder.path());
    let history =
        |stage: &Stage| in_folder(stage, folder.path(), &["history", "sunrise-dance"]).stdout;
    let before = history(&stage);

    let applied = in_folder(&stage, folder.path(), &["apply", "saved-plan.json"]);
    assert!(
        applied.stdout.contains("Done: 3 of 3 steps"),
        "{}",
        applied.stdout
    );
    for endpoint in [
        "menu/create",
        "template/api_set_industry",
        "template/api_add_template",
    ] {
        let count = stage.control.count(&format!("/cgi-bin/{endpoint}"));
        assert_eq!(count.with_effect, 1, "{endpoint}");
    }

    // What was remembered is still found by name: nothing is left to be done, and nothing was done by anybody else.
    let plan = in_folder(&stage, folder.path(), &["plan"]);
    assert!(plan.stdout.contains("nothing to change"), "{}", plan.stdout);
    let after = history(&stage);
    for line in before.lines().skip(1) {
        assert!(after.contains(line), "{line} is not in\n{after}");
    }
    let names = ["templates/class-reminder", "industry", "menu"];
    for (number, name) in [8, 7, 6].into_iter().zip(names) {
        let line = after
            .lines()
            .find(|line| line.trim_start().starts_with(&number.to_string()));
        let line = line.unwrap_or_else(|| panic!("no entry {number} in\n{after}"));
        assert!(line.contains(name), "{line}");
    }
}

#[test]
fn an_older_store_says_what_it_said() {
    let folder = tempfile::tempdir().unwrap();
    let stage = stage(folder.path());
    let status = in_folder(&stage, folder.path(), &["status", "--output", "json"]);
    let status: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    let things: Vec<String> = status["tenants"][0]["things"]
        .as_array()
        .unwrap()
        .iter()
        .map(|thing| {
            format!("{} {} {}", thing["resource"], thing["key"], thing["stands"]).replace('"', "")
        })
        .collect();
    let expected = [
        "menu  inForce",
        "menu conditional inForce",
        "menu conditional tag=100 inForce",
        "openAccount  inForce",
        "industry  inForce",
        "templates class-reminder inForce",
    ];
    assert_eq!(things, expected);
    let outputs = in_folder(&stage, folder.path(), &["output", "sunrise-dance"]).stdout;
    assert!(
        outputs.contains(
            "templates.class-reminder        aKox5a0dh7G-cG-MibdLC4uDi7lKGjUDjiOAhhj9d3s"
        ),
        "{outputs}"
    );
    let entry = in_folder(&stage, folder.path(), &["history", "sunrise-dance", "2"]).stdout;
    assert!(entry.contains("menu/conditional tag=100"), "{entry}");
}
