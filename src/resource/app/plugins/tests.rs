//! Plugins: asked for once, waited for, and of the version that was moved to last.

use serde_json::Value;

use super::*;
use crate::resource::world::{World, account};
use crate::resource::{Outputs, Settled};
use crate::wechat::answer::read_answer;

const PLUGIN: &str = "wx9999999999999999";

fn appid() -> Appid {
    Appid::parse(PLUGIN).unwrap()
}

fn list(status: Option<i64>) -> Value {
    let own = status.map(|status| json!({"appid": PLUGIN, "status": status, "nickname": "地图"}));
    let mut all = vec![json!({"appid": "wx8888888888888888", "status": 2})];
    all.extend(own);
    json!({"errcode": 0, "plugin_list": all})
}

fn world(mut item: Value, status: Option<i64>) -> World {
    item["appId"] = json!(PLUGIN);
    let mut world = World::of_app(json!({"plugins": [item]}));
    world.answers_to(plugin::list_request(&account()), list(status));
    world
}

fn did(world: &mut World, call: Call, at: &str) {
    let action = call.endpoint.action(Some(PLUGIN));
    let done = LastDone {
        call,
        evidence: Value::Null,
        at: at.parse().unwrap(),
        shown: Value::Null,
        ids: Outputs::new(),
        told: None,
    };
    world.ops.insert(account(), action, done);
}

const KEY: &str = "main:plugins/wx9999999999999999";

#[test]
fn the_owner_is_asked_once_and_waited_for() {
    let lines = |status| world(json!({"reason": "选门店"}), status).lines();
    assert_eq!(lines(None), [format!("{KEY} + miniPrograms[0].plugins[0]")]);
    assert_eq!(lines(Some(1)), [format!("{KEY} waits UnderReview")]);
    assert!(lines(Some(2)).is_empty());
    assert_eq!(lines(Some(3)), [format!("{KEY} waits AuditRefused")]);
    assert_eq!(lines(Some(4)), [format!("{KEY} waits AuditRefused")]);
    assert_eq!(lines(Some(5)), [format!("{KEY} unknown NotComparable")]);
}

#[test]
fn a_no_is_answered_with_another_reason_alone() {
    let mut same = world(json!({"reason": "选门店"}), Some(3));
    let asked = plugin::apply_request(&account(), &appid(), Some("选门店"));
    did(&mut same, asked.clone(), "2026-11-01T08:00:00Z");
    assert_eq!(same.lines(), [format!("{KEY} waits AuditRefused")]);
    let mut other = world(json!({"reason": "顾客选择门店"}), Some(3));
    did(&mut other, asked, "2026-11-01T08:00:00Z");
    assert_eq!(
        other.lines(),
        [format!("{KEY} ~ miniPrograms[0].plugins[0]")]
    );
}

#[test]
fn the_version_is_what_was_moved_to_last_since_it_was_applied_for() {
    let moves = [format!("{KEY} ~ miniPrograms[0].plugins[0].version")];
    let spec = json!({"version": "1.2.0"});
    let mut never = world(spec.clone(), Some(2));
    assert_eq!(never.lines(), moves);
    let moved = |version| plugin::update_request(&account(), &appid(), version);
    did(&mut never, moved("1.1.0"), "2026-11-02T08:00:00Z");
    assert_eq!(never.lines(), moves);
    did(&mut never, moved("1.2.0"), "2026-11-03T08:00:00Z");
    assert!(never.lines().is_empty());
    did(
        &mut never,
        plugin::apply_request(&account(), &appid(), None),
        "2026-11-04T08:00:00Z",
    );
    assert_eq!(never.lines(), moves);
    // Nothing is moved before its owner agreed.
    assert_eq!(
        world(spec, Some(1)).lines(),
        [format!("{KEY} waits UnderReview")]
    );
}

#[test]
fn what_must_not_be_used_is_ended_with_a_yes() {
    let used = world(json!({"absent": true}), Some(2));
    let plan = used.plan();
    let costly: Vec<_> = plan.steps().map(|(_, step)| step.costly).collect();
    assert_eq!(costly, [Some(Costly::RemovePlugin)]);
    for status in [None, Some(3), Some(4)] {
        assert!(world(json!({"absent": true}), status).lines().is_empty());
    }
    // Nothing can be sent, and it will be used as soon as its owner agrees.
    let asked = world(json!({"absent": true}), Some(1));
    let plan = asked.plan();
    let (_, waiting) = plan.waits().next().unwrap();
    assert_eq!(waiting.who, Person::PluginOwner);
    assert!(waiting.text.en.contains(PLUGIN), "{}", waiting.text.en);
}

#[test]
fn a_list_that_cannot_be_read_asks_nobody() {
    for odd in [
        json!({"errcode": 0}),
        json!({"plugin_list": null}),
        json!({"plugin_list": [{"appid": PLUGIN}]}),
    ] {
        let mut world = world(json!({}), None);
        world.answers_to(plugin::list_request(&account()), odd);
        assert_eq!(world.lines(), ["main:plugins unknown ReadFailed"]);
    }
}

#[test]
fn a_lost_request_is_settled_by_the_list_or_made_once_more() {
    let read = plugin::list_request(&account());
    let settle = |call: &Call, status| {
        let seen = Seen::from([(read.clone(), read_answer(read.endpoint, list(status)))]);
        Plugins.settle(call, &Value::Null, &seen)
    };
    let done = Settled::Done(Outputs::new());
    let apply = plugin::apply_request(&account(), &appid(), None);
    assert_eq!(settle(&apply, None), Settled::NotDone);
    assert_eq!(settle(&apply, Some(1)), done);
    assert_eq!(settle(&apply, Some(3)), Settled::NotDone);
    let unbind = plugin::unbind_request(&account(), &appid());
    assert_eq!(settle(&unbind, None), done);
    assert_eq!(settle(&unbind, Some(2)), Settled::NotDone);
    let update = plugin::update_request(&account(), &appid(), "1.0.0");
    assert_eq!(settle(&update, Some(2)), Settled::NotDone);
    assert_eq!(
        Plugins.settle(&update, &Value::Null, &Seen::new()),
        Settled::Undecided
    );
}

#[test]
fn a_plugin_stands_once_and_says_something() {
    let codes = |spec: Value| -> Vec<&'static str> {
        let spec = serde_json::from_value(spec).unwrap();
        let mut found = Diagnostics::default();
        Plugins::check(&spec, &At::app("main", 0), &mut found);
        found.as_slice().iter().map(|one| one.code).collect()
    };
    assert!(codes(json!([{"appId": PLUGIN, "version": "1.2.0", "reason": "选门店"}])).is_empty());
    assert_eq!(
        codes(json!([{"appId": PLUGIN}, {"appId": PLUGIN}])),
        ["WX1355"]
    );
    assert_eq!(
        codes(json!([{"appId": PLUGIN, "version": " "}])),
        ["WX1356"]
    );
    assert_eq!(
        codes(json!([{"appId": PLUGIN, "absent": true, "reason": "x"}])),
        ["WX1356"]
    );
}
