//! What is to be done next about code, from what WeChat answers and what is remembered.

use serde_json::{Value, json};

use super::*;
use crate::resource::ops::LastDone;
use crate::resource::world::{World, account, now, platform};
use crate::wechat::answer::read_answer;
use crate::wechat::{basic_info, category, filing, privacy};

/// A tenant that wants template 42, and a mini-program in order that has no code.
fn world() -> World {
    let mut world = World::of_app(
        json!({"code": {"template": {"version": "1.4.2"}, "ext": {"ext": {"shop": 7}}}}),
    );
    world.answers_to(
        code_template::list_request(platform()),
        json!({"template_list": [
            {"template_id": 41, "user_version": "1.4.1", "user_desc": "first", "template_type": 0},
            {"template_id": 42, "user_version": "1.4.2", "user_desc": "fix", "template_type": 0},
        ]}),
    );
    let filed = json!({"info": {"status": 6, "available": 1}});
    world
        .answers(&code::LATEST, json!({"errcode": 85058, "errmsg": "none"}))
        .answers(&code::VERSIONS, json!({"errcode": 0}))
        .answers(&code::DETECTION, json!({"errcode": 0, "without_auth_list": [], "without_conf_list": []}))
        .answers(&code::QUOTA, json!({"rest": 12, "limit": 20, "speedup_rest": 1, "speedup_limit": 2}))
        .answers(&code::GRAY_PLAN, json!({"gray_release_plan": {"status": 0}}))
        .answers(&filing::GET, filed)
        .answers(&category::REVIEWABLE, json!({"category_list": [
            {"first_class": "教育", "second_class": "素质教育", "first_id": 8, "second_id": 1089},
        ]}))
        .answers_to(
            basic_info::get_request(&account()),
            json!({
                "appid": account(), "account_type": 2, "principal_type": 1, "principal_name": "x", "realname_status": 1,
                "nickname": "日出舞蹈", "nickname_info": {"nickname": "日出舞蹈", "modify_used_count": 0, "modify_quota": 2},
                "signature_info": {"signature": "附近孩子都在跳的舞", "modify_used_count": 0, "modify_quota": 5},
                "head_image_info": {"head_image_url": "http://x/0", "modify_used_count": 0, "modify_quota": 5},
            }),
        )
        .answers_to(code::history_request(&account()), json!({"version_list": []}))
        .answers_to(
            privacy::get_request(&account(), privacy::Which::Development),
            json!({"code_exist": 1, "privacy_list": [], "setting_list": [], "owner_setting": {}}),
        );
    world
}

/// The tag of what it wants.
fn tag(world: &World) -> String {
    let plan = world.plan();
    let calls = plan.steps().flat_map(|(_, step)| step.calls.clone());
    let mut commits = calls.filter_map(|call| code::committed(&call));
    let commit = commits.next().expect("nothing is committed");
    tag_in(&commit.user_desc).unwrap().to_owned()
}

impl World {
    fn slots(&mut self, trial: Option<(&str, &str)>, live: Option<(&str, &str)>) -> &mut Self {
        let mut body = json!({"errcode": 0});
        if let Some((version, desc)) = trial {
            body["exp_info"] =
                json!({"exp_time": 1_795_500_000, "exp_version": version, "exp_desc": desc});
        }
        if let Some((version, desc)) = live {
            body["release_info"] = json!({"release_time": 1_795_400_000, "release_version": version, "release_desc": desc});
        }
        self.answers(&code::VERSIONS, body)
    }

    fn audit(&mut self, id: u64, status: i64, desc: &str) -> &mut Self {
        let body = json!({
            "auditid": id, "status": status, "reason": "1:缺少内容<br>", "user_version": "1.4.2", "user_desc": desc,
            "submit_audit_time": 1_795_400_000,
        });
        self.answers(&code::LATEST, body)
    }

    fn done(&mut self, call: Call, evidence: Value, ids: &[(&str, &str)]) -> &mut Self {
        let ids = ids
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let done = LastDone {
            evidence,
            at: now(),
            shown: Value::Null,
            ids: ids.collect(),
            told: None,
            call: call.clone(),
        };
        self.ops.insert(account(), call.endpoint.action(None), done);
        self
    }
}

fn before(tag: &str, audit: Option<u64>) -> Value {
    json!({"item": "main", "tag": tag, "template": 42, "version": "1.4.2", "audit": audit, "since": null})
}

#[test]
fn from_a_template_to_a_release_each_step_once() {
    let mut world = world();
    let tag = tag(&world);
    let ours = format!("fix #{tag}");
    assert_eq!(
        world.lines(),
        [
            "main:code/commit + miniPrograms[0].code.template miniPrograms[0].code.ext.ext.shop",
            "main:code/release waits AfterAnotherStep",
        ]
    );
    world.slots(Some(("1.4.2", &ours)), None);
    world.answers(
        &code::DETECTION,
        json!({"errcode": 61039, "errmsg": "not finished"}),
    );
    assert_eq!(world.lines(), ["main:code/release waits DetectionRunning"]);
    world.answers(&code::DETECTION, json!({"errcode": 0}));
    assert_eq!(
        world.lines(),
        [
            "main:code/release waits AfterAnotherStep",
            "main:code/submit + miniPrograms[0].code.audit"
        ]
    );
    world.audit(7, 2, &ours);
    assert_eq!(world.lines(), ["main:code/release waits UnderReview"]);
    world.audit(7, 0, &ours);
    assert_eq!(
        world.lines(),
        ["main:code/release + miniPrograms[0].code.template"]
    );
    world.slots(Some(("1.4.2", &ours)), Some(("1.4.2", &ours)));
    assert_eq!(world.lines(), Vec::<String>::new());
    let outputs = decide_outputs(&world);
    assert_eq!(
        outputs
            .get("miniPrograms.main.liveVersion")
            .map(String::as_str),
        Some("1.4.2")
    );
    assert_eq!(
        outputs
            .get("miniPrograms.main.liveTemplate")
            .map(String::as_str),
        Some("42")
    );
}

fn decide_outputs(world: &World) -> Outputs {
    crate::resource::decide(&world.subject(), &world.seen)
        .1
        .outputs
}

#[test]
fn a_strangers_commit_and_the_same_version_with_another_ext_json_are_told_by_the_tag() {
    for desc in ["fix", "fix #00000000", "hot fix by hand"] {
        let mut world = world();
        world.slots(Some(("1.4.2", desc)), None);
        assert!(
            world.lines()[0].starts_with("main:code/commit ~")
                || world.lines()[0].starts_with("main:code/commit +"),
            "{desc}"
        );
        world.slots(Some(("1.4.2", desc)), Some(("1.4.2", desc)));
        assert!(world.lines()[0].starts_with("main:code/commit ~"), "{desc}");
    }
}

#[test]
fn an_answer_without_a_description_is_told_by_what_was_done() {
    let mut world = world();
    let tag = tag(&world);
    let template = code_template_of(&world);
    world.slots(Some(("1.4.2", "")), None);
    assert!(
        world.lines()[0].starts_with("main:code/commit"),
        "nobody knows what that is"
    );
    world.done(
        code::commit_request(&account(), &template),
        before(&tag, None),
        &[],
    );
    assert_eq!(
        world.lines()[1],
        "main:code/submit + miniPrograms[0].code.audit"
    );
    // A bare answer takes nothing back, and says nothing of what is online.
    world.answers(&code::VERSIONS, json!({"errcode": 0}));
    assert_eq!(
        world.lines()[1],
        "main:code/submit ~ miniPrograms[0].code.audit"
    );
    // Another one was committed since.
    let mut newer =
        json!({"exp_info": {"exp_time": 1_895_500_000, "exp_version": "1.4.2", "exp_desc": ""}});
    world.answers(&code::VERSIONS, newer.clone());
    assert!(world.lines()[0].starts_with("main:code/commit"));
    newer["exp_info"]["exp_version"] = json!("1.4.3");
    newer["exp_info"]["exp_time"] = json!(1_795_500_000);
    world.answers(&code::VERSIONS, newer);
    assert!(world.lines()[0].starts_with("main:code/commit"));
}

fn code_template_of(world: &World) -> code::Commit {
    let plan = world.plan();
    let mut calls = plan.steps().flat_map(|(_, step)| step.calls.clone());
    calls.find_map(|call| code::committed(&call)).unwrap()
}

#[test]
fn an_audit_of_ours_that_the_answer_lags_behind_is_asked_for_by_its_id() {
    let mut world = world();
    let tag = tag(&world);
    let ours = format!("fix #{tag}");
    world.slots(Some(("1.4.2", &ours)), None);
    world.done(
        code::submit_request(&account(), &json!({})),
        before(&tag, None),
        &[("miniPrograms.main.codeAudit", "9007199254740993")],
    );
    let status = code::status_request(&account(), 9_007_199_254_740_993);
    world.seen.insert(
        status.clone(),
        read_answer(status.endpoint, json!({"errcode": 0, "status": 2})),
    );
    assert_eq!(world.lines(), ["main:code/release waits UnderReview"]);
    // The one before it is shown still.
    world.audit(7, 1, "old");
    assert_eq!(world.lines(), ["main:code/release waits UnderReview"]);
}

#[test]
fn what_passed_for_an_older_commit_is_not_released() {
    let mut world = world();
    let tag = tag(&world);
    world.slots(Some(("1.4.2", &format!("fix #{tag}"))), None);
    world.audit(7, 0, "older #11111111");
    assert_eq!(
        world.lines(),
        [
            "main:code/release waits AfterAnotherStep",
            "main:code/submit + miniPrograms[0].code.audit"
        ]
    );
    world.audit(7, 2, "older #11111111");
    let plan = world.plan();
    let withdraw = plan.steps().next().unwrap();
    assert_eq!(withdraw.0.address.key, "withdraw");
    assert_eq!(world.lines()[0], "main:code/release waits AnotherAudit");
}

#[test]
fn what_was_refused_is_not_submitted_again_by_itself() {
    let mut world = world();
    let tag = tag(&world);
    let ours = format!("fix #{tag}");
    world.slots(Some(("1.4.2", &ours)), None).audit(7, 1, &ours);
    assert_eq!(world.lines()[0], "main:code/release waits AuditRefused");
    let digest = |world: &World| {
        let plan = world.plan();
        let (entry, step) = plan.steps().next().unwrap();
        assert_eq!(step.costly, Some(crate::plan::Costly::AskAgain));
        step.digest("sunrise-dance", &entry.address)
    };
    let first = digest(&world);
    // A yes to one refusal is none to the next.
    world.audit(8, 1, &ours);
    assert_ne!(first, digest(&world));
}

#[test]
fn an_older_version_is_gone_back_to_where_wechat_has_it() {
    let mut world = world();
    let tag = tag(&world);
    world.slots(None, Some(("1.4.3", "newer #22222222")));
    world.answers_to(
        code::history_request(&account()),
        json!({"version_list": [{"user_version": "1.4.2", "user_desc": format!("fix #{tag}"), "app_version": 222}]}),
    );
    assert_eq!(
        world.lines(),
        ["main:code/release ~ miniPrograms[0].code.template"]
    );
    let plan = world.plan();
    let (_, step) = plan.steps().next().unwrap();
    assert_eq!(code::reverted_to(&step.calls[0]), Some(222));
    world.answers(
        &code::GRAY_PLAN,
        json!({"gray_release_plan": {"status": 1, "gray_percentage": 5}}),
    );
    assert_eq!(
        world.lines(),
        [
            "main:code/release waits AfterAnotherStep",
            "main:code/stopGray ~ miniPrograms[0].code.release"
        ]
    );
}

#[test]
fn an_app_that_is_not_filed_is_not_released() {
    let mut world = world();
    let tag = tag(&world);
    let ours = format!("fix #{tag}");
    world.answers(&filing::GET, json!({"info": {"status": 1028}}));
    world.slots(Some(("1.4.2", &ours)), None).audit(7, 0, &ours);
    assert_eq!(
        world.lines(),
        [
            "main:code/filing waits NotFiled",
            "main:code/release waits AfterAnotherStep"
        ]
    );
    // What is online has been filed.
    world.slots(Some(("1.4.2", &ours)), Some(("1.4.1", "first")));
    assert_eq!(
        world.lines(),
        ["main:code/release ~ miniPrograms[0].code.template"]
    );
}

#[test]
fn a_gray_release_rises_by_its_steps_each_after_its_soak() {
    let mut world = world();
    let tag = tag(&world);
    let ours = format!("fix #{tag}");
    world.spec.mini_programs[0].code.as_mut().unwrap().release = serde_json::from_value(
        json!({"gray": [{"percent": 5, "soak": "24h"}, {"percent": 50, "soak": "1h"}]}),
    )
    .unwrap();
    world
        .slots(None, Some(("1.4.1", "first #33333333")))
        .audit(7, 0, &ours);
    let sent = |world: &World| {
        let plan = world.plan();
        plan.steps().next().map(|(_, step)| step.calls[0].clone())
    };
    assert_eq!(sent(&world), Some(code::gray_request(&account(), 5)));
    let running = |percent: i64, began: i64| json!({"gray_release_plan": {"status": 1, "gray_percentage": percent, "create_timestamp": began}});
    let now = now().as_second();
    world.answers(&code::GRAY_PLAN, running(5, now - 3600));
    assert_eq!(world.lines(), ["main:code/release waits Soaking"]);
    world.answers(&code::GRAY_PLAN, running(5, now - 90_000));
    assert_eq!(sent(&world), Some(code::gray_request(&account(), 50)));
    // The plan is older than the share: how long that has soaked is known from the call.
    world.answers(&code::GRAY_PLAN, running(50, now - 90_000));
    world.done(
        code::gray_request(&account(), 50),
        before(&tag, Some(7)),
        &[],
    );
    assert_eq!(world.lines(), ["main:code/release waits Soaking"]);
    world.ops = crate::resource::Ops::default();
    assert_eq!(sent(&world), Some(code::release_request(&account())));
}

#[test]
fn apis_that_nobody_declares_are_named_with_the_lines_to_add() {
    let mut world = world();
    let tag = tag(&world);
    world.slots(Some(("1.4.2", &format!("fix #{tag}"))), None);
    world.answers(
        &code::DETECTION,
        json!({"without_auth_list": ["wx.getLocation"], "without_conf_list": ["wx.getLocation"]}),
    );
    assert_eq!(world.lines(), ["main:code/release waits Undeclared"]);
    let plan = world.plan();
    let text = &plan.waits().next().unwrap().1.text;
    assert!(
        text.en.contains("requiredPrivateInfos: [getLocation]")
            && text.en.contains("{name: wx.getLocation, reason: …}"),
        "{}",
        text.en
    );
}
