//! The privacy guide: put as a whole, in force with a release, and never without what WeChat found.

use serde_json::{Value, json};

use super::*;
use crate::resource::world::{World, account};

fn answer(settings: &[(&str, &str)], detected: &[&str], email: &str, updated: i64) -> Value {
    let settings: Vec<Value> = settings
        .iter()
        .map(|(key, text)| json!({"privacy_key": key, "privacy_text": text}))
        .collect();
    json!({
        "errcode": 0, "code_exist": 1, "privacy_list": detected, "setting_list": settings, "update_time": updated,
        "owner_setting": {"contact_email": email, "notice_method": if email.is_empty() { "" } else { "弹窗" }},
        "privacy_desc": {"privacy_desc_list": [{"privacy_key": "Location", "privacy_desc": "位置信息"}]},
    })
}

fn world(development: Value, online: Value) -> World {
    let mut world = World::of_app(json!({"privacy": {
        "owner": {"contactEmail": "a@example.com", "noticeMethod": "弹窗"},
        "collects": [{"key": "UserInfo", "purpose": "展示头像"}],
    }}));
    world.answers_to(
        privacy::get_request(&account(), Which::Development),
        development,
    );
    world.answers_to(privacy::get_request(&account(), Which::Online), online);
    world
}

const SET: &[(&str, &str)] = &[("UserInfo", "展示头像")];

#[test]
fn a_guide_is_put_as_a_whole_and_then_in_force_after_a_release() {
    let none = answer(&[], &[], "", 0);
    assert_eq!(
        world(none.clone(), none.clone()).lines(),
        ["main:privacy/guide + miniPrograms[0].privacy.owner miniPrograms[0].privacy.collects"]
    );
    let set = answer(SET, &["UserInfo"], "a@example.com", 5);
    assert_eq!(world(set.clone(), none).lines(), Vec::<String>::new());
    let old = answer(&[("Location", "x")], &[], "a@example.com", 3);
    assert_eq!(
        world(set.clone(), old).lines(),
        ["main:privacy/release waits NotInForce"]
    );
    assert_eq!(world(set.clone(), set).lines(), Vec::<String>::new());
}

#[test]
fn whom_users_can_ask_is_edited_at_once() {
    let set = answer(SET, &[], "a@example.com", 5);
    let online = answer(SET, &[], "old@example.com", 5);
    let world = world(set, online);
    assert_eq!(
        world.lines(),
        ["main:privacy/online ~ miniPrograms[0].privacy.owner"]
    );
    let plan = world.plan();
    let (_, step) = plan.steps().next().unwrap();
    let body: Value = serde_json::from_str(step.calls[0].body()).unwrap();
    assert_eq!(body["privacy_ver"], 1);
    assert!(body.get("setting_list").is_none());
}

#[test]
fn what_wechat_found_is_named_with_the_lines_to_add() {
    let found = answer(
        &[("UserInfo", "展示头像"), ("Location", "")],
        &["UserInfo", "Location"],
        "a@example.com",
        5,
    );
    let mut world = world(found, answer(&[], &[], "", 0));
    assert_eq!(world.lines(), ["main:privacy/undeclared waits Undeclared"]);
    let plan = world.plan();
    let (_, waiting) = plan.waits().next().unwrap();
    assert!(
        waiting.text.zh.contains("Location（位置信息）"),
        "{}",
        waiting.text.zh
    );
    assert!(waiting.text.en.contains("{key: Location, purpose: …}"));
    world.spec.mini_programs[0]
        .privacy
        .as_mut()
        .unwrap()
        .declare_unused = true;
    assert_eq!(world.lines(), Vec::<String>::new());
}
