//! The command line as a contract: options, exit codes, streams, JSON, colour, language.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::process::{Finished, WXOPS, run};
use crate::support::stage::Stage;

const SUNRISE: &str = "wx1111111111111111";
const MOON: &str = "wx2222222222222222";

/// A tenant with a menu, and an open account where asked for.
fn tenant(name: &str, account: &str, open_account: bool) -> String {
    let open = if open_account {
        "  openAccount: {create: true}\n"
    } else {
        ""
    };
    format!(
        "apiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {{name: {name}}}\nspec:\n  \
         platformRef: {{name: main}}\n{open}  officialAccount:\n    appId: {account}\n    \
         menu: {{buttons: [{{name: 主页, view: \"https://wx.example.com/{name}\"}}]}}\n"
    )
}

/// Two tenants whose accounts have nothing yet.
fn two() -> (TempDir, Stage) {
    of(&[
        &tenant("sunrise", SUNRISE, true),
        &tenant("moon", MOON, false),
    ])
}

fn of(tenants: &[&str]) -> (TempDir, Stage) {
    let folder = tempfile::tempdir().unwrap();
    let common = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios/_common/manifests");
    let manifests = folder.path().join("manifests");
    std::fs::create_dir_all(manifests.join("credentials")).unwrap();
    for file in [
        "platform.yaml",
        "credentials/appSecret",
        "credentials/token",
        "credentials/encodingAesKey",
    ] {
        std::fs::copy(common.join(file), manifests.join(file)).unwrap();
    }
    std::fs::write(manifests.join("tenants.yaml"), tenants.join("---\n")).unwrap();
    let account =
        |appid: &str| json!({"appId": appid, "kind": "officialAccount", "principalName": appid});
    let authorization = |appid: &str| {
        json!({
            "platform": "wx0000000000000001", "account": appid, "permissionSets": [1, 2, 3, 15, 24, 30],
            "refreshToken": format!("refreshtoken@@@{appid}"), "authTime": "2026-01-01T00:00:00Z",
        })
    };
    let state = json!({
        "platforms": [{
            "appId": "wx0000000000000001", "appSecret": "demo-app-secret-0001", "token": "demo-push-token",
            "encodingAesKey": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        }],
        "accounts": [account(SUNRISE), account(MOON)],
        "authorizations": [authorization(SUNRISE), authorization(MOON)],
    });
    let file = folder.path().join("wechat.sim.json");
    std::fs::write(&file, state.to_string()).unwrap();
    let stage = Stage::set(&manifests, &file);
    (folder, stage)
}

fn fault(stage: &Stage, fault: &Value) {
    stage.control.send("POST", "/_sim/faults", fault);
}

fn ends(stage: &Stage, arguments: &[&str], code: i32) -> Finished {
    let done = stage.wxops(arguments);
    assert_eq!(done.code, code, "{arguments:?}: {done:#?}");
    done
}

/// The binary without any stage, and with nothing of ours in its environment.
fn bare(arguments: &[&str]) -> Finished {
    let mut command = Command::new(WXOPS);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("WXOPS_")) {
        command.env_remove(name);
    }
    run(command.args(arguments).env("LC_ALL", "C.UTF-8"))
}

#[test]
fn a_mistyped_command_says_so_on_stderr_and_never_that_changes_are_present() {
    for arguments in [
        &["pln"][..],
        &["plan", "--detailed-exitcode", "--tennant", "x"],
        &[],
    ] {
        let done = bare(arguments);
        assert_eq!(done.code, 1, "{arguments:?}");
        assert!(done.stdout.is_empty(), "{arguments:?}");
        assert!(done.stderr.contains("Usage:"), "{arguments:?}");
    }
}

#[test]
fn a_yes_counts_for_an_hour_at_least_and_a_year_at_most() {
    for hours in ["0", "9223372036854775807", "4000000000"] {
        let done = bare(&["approve", "s9c41d0", "--hours", hours]);
        assert_eq!(done.code, 1, "{hours}");
        assert!(done.stderr.contains("is not in 1..=8784"), "{done:?}");
    }
}

// ---- exit codes ----

#[test]
fn exit_0_1_2_4_a_change_is_planned_refused_without_consent_made_and_gone() {
    let (_folder, stage) = two();
    ends(&stage, &["plan"], 0);
    ends(&stage, &["plan", "--detailed-exitcode"], 2);
    let refused = ends(&stage, &["apply"], 4);
    assert!(refused.stderr.contains("--auto-approve"), "{refused:?}");
    assert_eq!(stage.control.effects(), 0, "nobody said yes");
    ends(&stage, &["apply", "--auto-approve"], 0);
    ends(&stage, &["plan", "--detailed-exitcode"], 0);
    ends(&stage, &["apply"], 0);
    ends(&stage, &["plan", "--tenant", "nobody"], 1);
    ends(&stage, &["plan", "-l", "no-label"], 1);
}

#[test]
fn exit_1_what_could_not_be_read_is_an_error() {
    let (_folder, stage) = two();
    let down =
        json!({"endpoint": "/cgi-bin/menu/get", "kind": "errcode", "code": -1, "account": MOON});
    fault(&stage, &down);
    let plan = ends(&stage, &["plan", "--detailed-exitcode"], 1);
    assert!(
        plan.stdout.contains("sunrise"),
        "the other tenant is planned"
    );
}

#[test]
fn exit_3_one_step_took_effect_and_another_did_not() {
    let (_folder, stage) = two();
    let refuses = json!({"endpoint": "/cgi-bin/menu/create", "kind": "errcode", "code": 40018, "account": MOON});
    fault(&stage, &refuses);
    ends(&stage, &["apply", "--auto-approve"], 3);
}

#[test]
fn exit_5_out_of_quota() {
    let (_folder, stage) = two();
    let gone = json!({"endpoint": "/cgi-bin/menu/create", "kind": "errcode", "code": 45009});
    fault(&stage, &gone);
    ends(&stage, &["apply", "--auto-approve", "--tenant", "moon"], 5);
}

#[test]
fn exit_6_nobody_has_authorized_yet() {
    let newcomer = "apiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {name: star}\nspec:\n  \
                    platformRef: {name: main}\n  officialAccount: {}\n";
    let (_folder, stage) = of(&[newcomer]);
    ends(
        &stage,
        &["authorize", "star", "--wait", "--timeout", "0"],
        6,
    );
    // A plan does not fail because somebody has yet to scan.
    ends(&stage, &["plan", "--detailed-exitcode"], 0);
}

#[test]
fn exit_8_nobody_can_tell_what_came_of_it() {
    let (_folder, stage) = two();
    let reset = json!({"endpoint": "/cgi-bin/open/create", "kind": "resetAfter", "count": 1});
    fault(&stage, &reset);
    // The plan and the pass read; the probe finds the day's quota gone.
    quota(&stage, &json!({"/cgi-bin/open/get": 2}));
    let apply = ["apply", "--auto-approve", "--tenant", "sunrise"];
    ends(&stage, &apply, 8);
    quota(&stage, &json!({}));
    ends(&stage, &apply, 0);
    assert_eq!(stage.control.count("/cgi-bin/open/create").received, 1);
}

fn quota(stage: &Stage, daily: &Value) {
    let mut state = stage.control.state();
    state["switches"]["dailyQuotas"] = daily.clone();
    stage.control.put_state(&state);
}

#[test]
fn exit_9_the_manifests_are_invalid() {
    let (folder, stage) = two();
    let bad = folder.path().join("manifests/bad.yaml");
    std::fs::write(bad, tenant("star", "wx12", false)).unwrap();
    for verb in [&["validate"][..], &["plan"], &["apply", "--auto-approve"]] {
        let done = ends(&stage, verb, 9);
        let said = format!("{}{}", done.stdout, done.stderr);
        assert!(said.contains("bad.yaml"), "{verb:?}: {said}");
    }
    // Who asks how things stand is told so, and of the mistake.
    let told = ends(&stage, &["status"], 0);
    assert!(told.stderr.contains("bad.yaml"), "{told:?}");
    assert_eq!(stage.control.effects(), 0);
}

// ---- streams ----

/// The names of an object's fields.
fn fields(value: &Value) -> Vec<&str> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect()
}

#[test]
fn a_plan_for_programs_has_the_shape_of_format_version_1() {
    let (_folder, stage) = two();
    let done = ends(&stage, &["plan", "--output", "json", "--all"], 0);
    let plan: Value = serde_json::from_str(&done.stdout).unwrap();
    let plan_fields = [
        "formatVersion",
        "digest",
        "reads",
        "counts",
        "platforms",
        "tenants",
        "budget",
    ];
    let same = |value: &Value, expected: &[&str]| {
        let live: BTreeSet<&str> = fields(value).into_iter().collect();
        assert_eq!(live, expected.iter().copied().collect(), "{value}");
    };
    same(&plan, &plan_fields);
    assert_eq!(plan["formatVersion"], 1);
    same(
        &plan["counts"],
        &[
            "tenants",
            "changing",
            "steps",
            "held",
            "waiting",
            "suppressed",
            "notComparable",
            "failed",
            "broken",
            "troubled",
            "inSync",
        ],
    );
    let names: Vec<&Value> = plan["tenants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tenant| &tenant["name"])
        .collect();
    assert_eq!(names, ["moon", "sunrise"], "sorted by name");
    let sunrise = &plan["tenants"][1];
    same(
        sunrise,
        &[
            "name",
            "account",
            "nickName",
            "observeOnly",
            "accounts",
            "file",
            "steps",
            "waiting",
            "leftAlone",
            "notComparable",
            "errors",
        ],
    );
    let step = &sunrise["steps"][0];
    same(
        step,
        &[
            "app", "resource", "key", "action", "digest", "changes", "calls", "drift", "notes",
            "costly", "after", "approval", "hold",
        ],
    );
    same(&step["changes"][0], &["path", "from", "to", "source"]);
    same(
        &step["changes"][0]["source"],
        &["file", "line", "column", "class"],
    );
    assert_eq!(
        step["changes"][0]["path"],
        "officialAccount.menu.buttons[0]"
    );
    assert_eq!(step["calls"][0]["endpoint"], "menu/create");
    assert_eq!(step["calls"][0]["class"], "put");
    assert_eq!(sunrise["steps"][1]["calls"][0]["class"], "at-most-once");
}

#[test]
fn data_goes_to_stdout_and_everything_else_to_stderr() {
    let (_folder, stage) = two();
    let plan = ends(&stage, &["plan"], 0);
    assert!(plan.stdout.contains("menu/create"));
    assert!(
        !plan.stdout.contains("store ") && plan.stderr.contains("store "),
        "{plan:#?}"
    );
    for arguments in [
        &["plan", "--output", "json"][..],
        &["status", "--all", "--output", "json"],
        &["op", "list", "--output", "json"],
        &["validate", "--output", "json"],
    ] {
        let done = ends(&stage, arguments, 0);
        serde_json::from_str::<Value>(&done.stdout)
            .unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{}", done.stdout));
    }
    let nobody = ends(&stage, &["render", "nobody"], 1);
    assert!(
        nobody.stdout.is_empty() && nobody.stderr.contains("nobody"),
        "{nobody:#?}"
    );
}

#[test]
fn text_is_plain_in_a_pipe_and_under_no_color() {
    let (_folder, stage) = two();
    let coloured = |variables: &[(&str, &str)]| {
        let mut command = stage.command("plan");
        command
            .env_remove("NO_COLOR")
            .envs(variables.iter().copied());
        let done = run(&mut command);
        assert_eq!(done.code, 0, "{done:#?}");
        done.stdout.contains('\u{1b}') || done.stderr.contains('\u{1b}')
    };
    assert!(!coloured(&[]), "a pipe is no terminal");
    assert!(
        coloured(&[("CLICOLOR_FORCE", "1")]),
        "there is colour to be left out"
    );
    assert!(!coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

// ---- language ----

#[test]
fn what_people_act_on_is_in_their_language() {
    let newcomer = "apiVersion: wxops.io/v1alpha1\nkind: Tenant\nmetadata: {name: star}\nspec:\n  \
                    platformRef: {name: main}\n  officialAccount: {}\n";
    let (_folder, stage) = of(&[newcomer]);
    let (zh, en) = ("扫码授权", "must scan to authorize");
    let chinese = |arguments: &[&str], locale: &str| {
        let (verb, rest) = arguments.split_first().unwrap();
        let done = run(stage.command(verb).args(rest).env("LC_ALL", locale));
        assert_eq!(done.code, 0, "{done:#?}");
        let (zh, en) = (done.stdout.contains(zh), done.stdout.contains(en));
        assert_ne!(zh, en, "{arguments:?} {locale}: {}", done.stdout);
        zh
    };
    assert!(chinese(&["plan", "--lang", "zh"], "C.UTF-8"));
    assert!(chinese(&["plan"], "zh_CN.UTF-8"));
    assert!(!chinese(&["plan"], "C.UTF-8"));
    assert!(!chinese(&["plan", "--lang", "en"], "zh_CN.UTF-8"));
}

/// A disk that is full.
fn full() -> std::fs::File {
    std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap()
}

#[test]
fn what_does_not_get_out_is_an_error_and_a_reader_that_has_seen_enough_is_none() {
    let said = |command: &mut Command| {
        let done = command.output().unwrap();
        (done.status.code(), String::from_utf8(done.stderr).unwrap())
    };
    for verb in [["schema", "Tenant"], ["explain", "WX1342"]] {
        let (code, error) = said(
            Command::new(WXOPS)
                .args(verb)
                .env("LANG", "C")
                .stdout(full()),
        );
        assert_eq!(code, Some(1), "{verb:?}: {error}");
        assert!(
            error.contains("what was printed could not be written whole"),
            "{error}"
        );
        let piped = format!(
            "'{WXOPS}' {} | head -1 >/dev/null; exit ${{PIPESTATUS[0]}}",
            verb.join(" ")
        );
        let (code, error) = said(Command::new("bash").args(["-c", &piped]));
        assert_eq!((code, error.as_str()), (Some(0), ""), "{verb:?}");
    }
}

#[test]
fn an_export_of_followers_ends_where_the_disk_is_full_and_says_how_to_go_on() {
    let (_folder, stage) = two();
    let users: serde_json::Map<String, Value> = (0..250)
        .map(|nth| (format!("o{nth:03}"), json!({})))
        .collect();
    let change = json!({"users": users});
    stage
        .control
        .send("PATCH", &format!("/_sim/accounts/{SUNRISE}"), &change);
    let whole = stage.wxops(&["users", "export", "sunrise", "--output", "json"]);
    assert_eq!(
        (whole.code, whole.stdout.lines().count()),
        (0, 250),
        "{whole:?}"
    );
    let asked = || stage.control.count("/cgi-bin/user/info/batchget").received;
    let before = asked();
    let export = [
        "users", "export", "sunrise", "--output", "json", "--after", "o009",
    ];
    let done = stage
        .command(export[0])
        .args(&export[1..])
        .stdout(full())
        .output()
        .unwrap();
    let error = String::from_utf8(done.stderr).unwrap();
    assert_eq!(done.status.code(), Some(1), "{error}");
    assert!(error.contains("0 followers were exported"), "{error}");
    let next = "sunrise --output json --after o009";
    assert!(
        error.contains("wxops users export -f ") && error.contains(next),
        "{error}"
    );
    assert_eq!(
        asked(),
        before + 1,
        "nobody asks for what cannot be written"
    );
}
