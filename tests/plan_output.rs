//! Plans of the scenarios' WeChats, printed for programs and for reviewers by the real binary: the JSON keeps to its
//! published schema, the comment to its length, and one tenant that cannot be planned hides no other.

use std::path::Path;
use std::process::Command;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wxops::plan::render;
use wxops::store::{Doc, Key, Sealing};
use wxops::wechat::Appid;

use crate::support::files::copy;
use crate::support::play::folder;
use crate::support::process::{Finished, WXOPS, run};
use crate::support::script::Script;
use crate::support::stage::Stage;

/// A scenario's manifests and WeChat, before its first step.
fn stage(name: &str) -> (tempfile::TempDir, Stage) {
    let own = folder(name);
    let text = std::fs::read_to_string(own.join("steps.yaml")).unwrap();
    let script: Script = serde_saphyr::from_str(&text).unwrap();
    let manifests = tempfile::tempdir().unwrap();
    copy(&folder("_common").join("manifests"), manifests.path());
    for layer in &script.manifests {
        copy(&own.join(layer), manifests.path());
    }
    let stage = Stage::set(manifests.path(), &own.join(&script.wechat));
    (manifests, stage)
}

/// The published file, as somebody else's tool reads it.
fn objections(value: &Value) -> Option<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/plan.schema.json");
    let schema: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let at = "https://wxops.io/schema/plan/1";
    let mut compiler = boon::Compiler::new();
    compiler.enable_format_assertions();
    compiler.add_resource(at, schema).unwrap();
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile(at, &mut schemas).unwrap();
    let checked = schemas.validate(value, index);
    checked.err().map(|error| format!("{error:#}"))
}

fn planned(stage: &Stage, output: &str) -> Finished {
    stage.wxops(&["plan", "--output", output])
}

#[test]
fn every_kind_of_plan_keeps_to_the_schema() {
    for (name, exit, has) in [
        ("everything_missing", 0, "/tenants/0/steps/1/calls/0/class"),
        (
            "equal_changes_are_said_once",
            0,
            "/tenants/3/steps/0/changes/0/source/class",
        ),
        ("owners_own_menu", 0, "/tenants/0/steps/0/hold/command"),
        ("other_principal", 0, "/tenants/0/waiting/0/who"),
        (
            "class_and_tenant_merged",
            0,
            "/tenants/1/steps/0/changes/0/to",
        ),
        ("wrong_account_kind", 0, "/tenants/2/waiting/0/link"),
    ] {
        let (_manifests, stage) = stage(name);
        let done = planned(&stage, "json");
        assert_eq!(done.code, exit, "{name}: {done:#?}");
        let plan: Value = serde_json::from_str(&done.stdout).unwrap();
        assert_eq!(objections(&plan), None, "{name}: {plan:#}");
        assert!(plan.pointer(has).is_some(), "{name}: {plan:#}");
    }
}

#[test]
fn a_plan_after_a_failed_read_keeps_to_the_schema() {
    let (_manifests, stage) = stage("everything_missing");
    let down = json!({"endpoint": "/cgi-bin/menu/get", "kind": "errcode", "code": -1});
    stage.control.send("POST", "/_sim/faults", &down);
    let done = planned(&stage, "json");
    assert_eq!(done.code, 1, "{done:#?}");
    let plan: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(objections(&plan), None, "{plan:#}");
    assert_eq!(plan["tenants"][0]["errors"][0]["resource"], "menu");
}

#[test]
fn drift_keeps_to_the_schema() {
    let (_manifests, stage) = stage("everything_missing");
    let applied = stage.wxops(&["apply", "--auto-approve"]);
    assert_eq!(applied.code, 0, "{applied:#?}");
    stage.control.send(
        "PATCH",
        "/_sim/accounts/wx1111111111111111",
        &json!({"menu": {"default": {"button": [{"type": "click", "name": "周年庆", "key": "X"}]}}}),
    );
    let done = planned(&stage, "json");
    let plan: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(objections(&plan), None, "{plan:#}");
    assert!(plan["tenants"][0]["steps"][0]["drift"]["appliedAt"].is_string());
}

#[test]
fn a_comment_for_a_merge_request_comes_from_the_binary() {
    let (_manifests, stage) = stage("equal_changes_are_said_once");
    let done = planned(&stage, "markdown");
    assert_eq!(done.code, 0, "{done:#?}");
    assert!(done.stdout.starts_with("### wxops · Plan "), "{done:#?}");
    assert!(
        done.stdout
            .contains("| **3 tenants · the same change, from class dance-school**"),
        "{done:#?}"
    );
    assert!(!done.stdout.contains('\u{1b}'));
}

/// A record that is none: a string where an object belongs.
#[derive(Serialize, Deserialize)]
struct Rubbish(String);

impl Doc for Rubbish {}

#[test]
fn a_tenant_that_cannot_be_planned_hides_no_other() {
    let (_manifests, mut stage) = stage("equal_changes_are_said_once");
    stage.stop_sidecar();
    let place = stage.store();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let open = wxops::store::open(&place, Sealing::Plain).await.unwrap();
        let rubbish = Rubbish("not a record".to_owned());
        let account = Appid::parse("wx0000000000000022").unwrap();
        let key = Key::claim(&account);
        open.store.create(&key, &rubbish).await.unwrap();
    });
    let done = stage.wxops(&["plan", "--all"]);
    assert_eq!(done.code, 1, "{done:#?}");
    for tenant in ["blue-chess", "moon-yoga", "star-piano", "sunrise-dance"] {
        assert!(done.stdout.contains(tenant), "{tenant}: {done:#?}");
    }
    assert_eq!(
        done.stdout.matches("~ menu").count() + done.stdout.matches("+ menu").count(),
        3
    );
    assert!(done.stdout.contains("? could not be planned"), "{done:#?}");
    assert!(done.stdout.contains("1 could not be planned."), "{done:#?}");

    let applied = stage.wxops(&["apply", "--auto-approve"]);
    assert_eq!(applied.code, 3, "{applied:#?}");
    assert!(
        applied
            .stdout
            .contains("moon-yoga\n  ✗ could not be finished"),
        "{applied:#?}"
    );
    assert!(
        applied
            .stdout
            .contains("Done: 3 of 3 steps in 3 tenants. 1 could not be finished."),
        "{applied:#?}"
    );
}

#[test]
fn the_verb_prints_the_published_schema() {
    let printed = run(Command::new(WXOPS).args(["schema", "plan"]));
    assert_eq!(printed.code, 0, "{printed:#?}");
    let published: Value = serde_json::from_str(render::schema()).unwrap();
    let printed: Value = serde_json::from_str(&printed.stdout).unwrap();
    assert_eq!(printed, published);
}

#[test]
fn a_text_of_several_lines_is_a_line_diff_for_people_and_whole_for_programs() {
    let (_manifests, stage) = stage("app_signature_in_lines");
    let human = |lang| stage.wxops(&["plan", "--lang", lang]).stdout;
    let comment = planned(&stage, "markdown").stdout;
    let printed = [human("en"), human("zh"), comment].join("\n----\n");
    // Where the manifests lie is another folder in every run.
    let kept = printed
        .lines()
        .filter(|line| !line.contains("sunrise.yaml"));
    let printed = kept.collect::<Vec<_>>().join("\n");
    // The next month is another one in every month.
    let printed = any_month(&printed);
    insta::assert_snapshot!("a_text_of_several_lines", printed);
    let plan: Value = serde_json::from_str(&planned(&stage, "json").stdout).unwrap();
    let change = &plan["tenants"][0]["steps"][0]["changes"][0];
    assert_eq!(
        (&change["from"], &change["to"]),
        (
            &json!("附近孩子都在跳的舞\n周一到周五\n每周三节课\n欢迎来看一看"),
            &json!("附近孩子都在跳的舞\n周一到周五\n每周四节课\n欢迎来看一看")
        )
    );
}

/// A text with `YYYY-MM-01` for the first day of whatever month.
fn any_month(text: &str) -> String {
    let begins = |rest: &str| {
        let day = rest.get(..10)?;
        let month: Vec<&str> = day.strip_suffix("-01")?.split('-').collect();
        let digits = |part: &&str| part.bytes().all(|byte| byte.is_ascii_digit());
        (month.len() == 2 && month[0].len() == 4 && month.iter().all(digits)).then_some(())
    };
    let mut told = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let taken = if begins(rest).is_some() {
            told.push_str("YYYY-MM-01");
            10
        } else {
            told.push(first);
            first.len_utf8()
        };
        rest = &rest[taken..];
    }
    told
}
