//! Conditional menus compared, added and deleted, over a small WeChat that knows ids and nothing else.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::world::{World, account};
use super::Menu;
use super::tests::{declared, no_api_menu, the_step};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::{Action, Address, Reason, TenantPlan};
use crate::resource::{At, AtMostOnce, Resource, Seen, Settled, decide};
use crate::wechat::answer::read_answer;
use crate::wechat::{Call, menu};

fn click(name: &str) -> Value {
    json!({"name": name, "click": "K"})
}

fn click_live(name: &str) -> Value {
    json!({"type": "click", "name": name, "key": "K", "sub_button": []})
}

fn conditional(rule: Value, name: &str) -> Value {
    json!({"match": rule, "buttons": [click(name)]})
}

fn live(rule: Value, name: &str, id: i64) -> Value {
    json!({"button": [click_live(name)], "matchrule": rule, "menuid": id})
}

/// A default menu that is in sync, and conditional ones.
fn world(desired: Value, there: &[Value]) -> World {
    let mut world = declared(json!({"buttons": [click("默认")], "conditional": desired}));
    world.answers(
        &menu::GET,
        json!({"menu": {"button": [click_live("默认")], "menuid": 1}, "conditionalmenu": there}),
    );
    world
}

fn calls(plan: &TenantPlan) -> Vec<(&'static str, Value)> {
    plan.steps()
        .flat_map(|(_, step)| &step.calls)
        .map(|call| {
            let body = serde_json::from_str(call.body()).unwrap();
            (call.endpoint.name, body)
        })
        .collect()
}

#[test]
fn conditional_noop() {
    let world = world(
        json!([conditional(json!({"tagId": "2", "platform": "ios"}), "a")]),
        // WeChat shows the tag under its old name, ids as text, and empty fields.
        &[
            json!({"button": [click_live("a")], "matchrule": {"group_id": 2, "sex": "", "client_platform_type": "1"},
            "menuid": "7"}),
        ],
    );
    assert!(world.lines().is_empty(), "{:?}", world.lines());
}

#[test]
fn conditional_menus_that_are_not_declared_are_left_alone() {
    let mut world = declared(json!({"buttons": [click("默认")]}));
    world.answers(
        &menu::GET,
        json!({"menu": {"button": [click_live("默认")]}, "conditionalmenu": [live(json!({"group_id": "2"}), "a", 7)]}),
    );
    assert!(world.lines().is_empty());
    let digests = decide(&world.subject(), &world.seen).1.desired;
    assert_eq!(digests.len(), 1, "{digests:?}");
}

#[test]
fn an_empty_list_deletes_all_of_them() {
    let world = world(
        json!([]),
        &[
            live(json!({"group_id": "2"}), "a", 7),
            live(json!({"client_platform_type": "1"}), "b", 8),
        ],
    );
    let plan = world.plan();
    let step = the_step(&plan);
    assert_eq!(step.action, Action::Delete);
    let ids: Vec<Value> = calls(&plan).into_iter().map(|(_, body)| body).collect();
    assert_eq!(ids, [json!({"menuid": "8"}), json!({"menuid": "7"})]);
}

#[test]
fn a_changed_menu_is_added_before_the_old_one_is_deleted() {
    let world = world(
        json!([conditional(json!({"platform": "ios"}), "new")]),
        &[live(json!({"client_platform_type": "1"}), "old", 7)],
    );
    let plan = world.plan();
    assert_eq!(
        world.lines(),
        ["menu/conditional platform=ios ~ officialAccount.menu.conditional[0].buttons[0].name"]
    );
    let names: Vec<&str> = calls(&plan).iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["menu/addconditional", "menu/delconditional"]);
}

#[test]
fn what_must_win_over_an_added_menu_is_added_again_after_it() {
    let world = world(
        json!([
            conditional(json!({"tagId": "2"}), "a"),
            conditional(json!({"platform": "ios"}), "b")
        ]),
        &[live(json!({"group_id": "2"}), "a", 7)],
    );
    assert_eq!(
        world.lines(),
        [
            "menu/conditional platform=ios + officialAccount.menu.conditional[1]",
            "menu/conditional tag=2 ~ "
        ]
    );
    let plan = world.plan();
    let last = calls(&plan).pop().unwrap();
    assert_eq!(last, ("menu/delconditional", json!({"menuid": "7"})));
}

#[test]
fn order_means_nothing_where_nobody_can_match_both() {
    let world = world(
        json!([
            conditional(json!({"platform": "android"}), "a"),
            conditional(json!({"platform": "ios"}), "b")
        ]),
        &[
            live(json!({"client_platform_type": "2"}), "a", 7),
            live(json!({"client_platform_type": "1"}), "b", 8),
        ],
    );
    assert!(world.lines().is_empty(), "{:?}", world.lines());
}

#[test]
fn what_was_left_over_when_a_replacement_broke_off_is_deleted() {
    let world = world(
        json!([conditional(json!({"platform": "ios"}), "new")]),
        &[
            live(json!({"client_platform_type": "1"}), "old", 7),
            live(json!({"client_platform_type": "1"}), "new", 9),
        ],
    );
    let plan = world.plan();
    assert_eq!(
        calls(&plan),
        [("menu/delconditional", json!({"menuid": "7"}))]
    );
}

#[test]
fn a_rule_that_wechat_has_withdrawn_is_kept_and_never_made() {
    let rule = json!({"sex": "1"});
    let desired = json!([conditional(rule.clone(), "a")]);
    assert!(
        world(desired.clone(), &[live(rule.clone(), "a", 7)])
            .lines()
            .is_empty()
    );
    let changed = world(desired.clone(), &[live(rule, "b", 7)]);
    assert_eq!(
        changed.lines(),
        ["menu/conditional sex=1 waits NotThroughApi"]
    );
    let missing = world(desired, &[]);
    assert_eq!(
        missing.lines(),
        ["menu/conditional sex=1 waits NotThroughApi"]
    );
}

#[test]
fn they_wait_for_a_default_menu_that_is_made_first() {
    let desired = json!({"buttons": [click("默认")], "conditional": [conditional(json!({"tagId": "2"}), "a")]});
    let mut world = declared(desired);
    world.answers(&menu::GET, no_api_menu());
    world.answers(&menu::CURRENT_SELFMENU_INFO, json!({"is_menu_open": 0}));
    let plan = world.plan();
    let steps: Vec<_> = plan.steps().collect();
    assert_eq!(steps[0].0.address.to_string(), "menu");
    assert_eq!(steps[1].1.after, [Address::of("menu")]);

    // The owner's own menu is no default menu to WeChat, though it looks like it.
    world.owners(json!([click_live("默认")]));
    let plan = world.plan();
    let (_, default) = plan.steps().next().unwrap();
    assert!(default.costly.is_some() && default.changes.is_empty());

    // And where none can be made, none is tried.
    let console = json!({"name": "默认", "console": {"type": "text", "value": "你好"}});
    let desired =
        json!({"buttons": [console], "conditional": [conditional(json!({"tagId": "2"}), "a")]});
    let mut world = declared(desired);
    world.owners(json!([{"type": "text", "name": "默认", "value": "你好"}]));
    let reasons: Vec<Reason> = world.plan().waits().map(|(_, wait)| wait.reason).collect();
    assert_eq!(reasons, [Reason::NotThroughApi, Reason::AfterAnotherStep]);
}

#[test]
fn a_menu_found_after_doubt_is_one_that_was_not_there_before() {
    let world = world(
        json!([
            conditional(json!({"tagId": "2"}), "a"),
            conditional(json!({"platform": "ios"}), "b")
        ]),
        &[live(json!({"group_id": "2"}), "a", 7)],
    );
    let plan = world.plan();
    let (_, again) = plan.steps().last().unwrap();
    let settle = |there: Value| {
        let read = Call::bare(&menu::GET, account());
        let seen = Seen::from([(read, read_answer(&menu::GET, there))]);
        Menu.settle(&again.calls[0], &again.evidence, &seen)
    };
    let there = |menus: &[Value]| json!({"menu": {"button": [click_live("默认")]}, "conditionalmenu": menus});
    let old = live(json!({"group_id": "2"}), "a", 7);
    let new = live(json!({"group_id": "2"}), "a", 9);
    assert_eq!(settle(there(std::slice::from_ref(&old))), Settled::NotDone);
    assert_eq!(settle(there(&[old, new])), Settled::Done(BTreeMap::new()));
    assert_eq!(settle(no_api_menu()), Settled::NotDone);
    assert_eq!(
        settle(json!({"errcode": -1, "errmsg": ""})),
        Settled::Undecided
    );
    assert!(Menu.thing(&again.calls[0]).unwrap().starts_with("tag=2,"));
}

#[test]
fn limits_of_conditional_menus_are_found_offline() {
    let world = declared(json!({"buttons": [], "conditional": [
        {"match": {}, "buttons": [click("a")]},
        {"match": {"tagId": "vip"}, "buttons": []},
        {"match": {"platform": "ios"}, "buttons": [click("这个名字实在太长了")]},
        {"match": {"platform": "ios"}, "buttons": [click("b")]},
        {"match": {"language": "zh_CN"}, "buttons": [{"name": "c", "console": {"type": "click", "fields": {"key": "K"}}}]},
    ]}));
    let mut found = Diagnostics::default();
    Menu::check(
        Menu::spec(&world.spec, &At::OFFICIAL).unwrap(),
        &At::OFFICIAL,
        &mut found,
    );
    let codes: Vec<&str> = found.as_slice().iter().map(|one| one.code).collect();
    assert_eq!(
        codes,
        [
            "WX1241", "WX1242", "WX1109", "WX1243", "WX1203", "WX1244", "WX1246", "WX1245"
        ]
    );
}

/// A follower: tags, system, language.
type Follower = (Vec<&'static str>, &'static str);

const FOLLOWERS: [(&[&str], &str); 6] = [
    (&[], "1"),
    (&[], "2"),
    (&["2"], "1"),
    (&["2"], "2"),
    (&["2", "3"], "1"),
    (&["3"], "3"),
];

fn rule() -> impl Strategy<Value = Value> {
    prop::sample::select(vec![
        json!({"tagId": "2"}),
        json!({"tagId": "3"}),
        json!({"platform": "ios"}),
        json!({"platform": "android"}),
        json!({"tagId": "2", "platform": "ios"}),
    ])
}

fn list() -> impl Strategy<Value = Vec<(Value, String)>> {
    prop::collection::vec((rule(), "[ab]"), 0..=4)
}

fn on_the_wire(rule: &Value) -> Value {
    let mut wire = json!({});
    if let Some(tag) = rule.get("tagId") {
        wire["group_id"] = tag.clone();
    }
    match rule["platform"].as_str() {
        Some("ios") => wire["client_platform_type"] = json!("1"),
        Some(_) => wire["client_platform_type"] = json!("2"),
        None => {}
    }
    wire
}

/// What a follower sees of menus at WeChat: the newest that matches.
fn shown(menus: &[Value], (tags, platform): &Follower) -> Option<Value> {
    let matches = |menu: &&Value| {
        let rule = &menu["matchrule"];
        let tag = rule
            .get("group_id")
            .or(rule.get("tag_id"))
            .and_then(Value::as_str);
        tag.is_none_or(|tag| tags.contains(&tag))
            && rule["client_platform_type"]
                .as_str()
                .is_none_or(|one| one == *platform)
    };
    let newest = menus
        .iter()
        .filter(matches)
        .max_by_key(|menu| menu["menuid"].as_i64());
    newest.map(|menu| menu["button"][0]["name"].clone())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_first_of_the_list_that_matches_is_shown_and_nobody_falls_back_to_the_default_meanwhile(
        desired in list(),
        before in list(),
    ) {
        let spec: Vec<Value> = desired.iter().map(|(rule, name)| conditional(rule.clone(), name)).collect();
        let mut there: Vec<Value> = before
            .iter()
            .zip(10..)
            .map(|((rule, name), id)| live(on_the_wire(rule), name, id))
            .collect();
        let first = there.clone();
        let plan = world(json!(spec), &there).plan();
        prop_assert_eq!(plan.waits().count(), 0);
        let mut next_id = 100;
        let wanted: Vec<Value> = spec.iter().zip((0..1000_i64).rev()).map(|(menu, id)| {
            json!({"matchrule": on_the_wire(&menu["match"]), "button": menu["buttons"], "menuid": id})
        }).collect();
        for (name, body) in calls(&plan) {
            if name == "menu/addconditional" {
                let mut menu = body.clone();
                menu["menuid"] = json!(next_id);
                next_id += 1;
                there.push(menu);
            } else {
                let id: i64 = body["menuid"].as_str().unwrap().parse().unwrap();
                let count = there.len();
                there.retain(|menu| menu["menuid"].as_i64() != Some(id));
                prop_assert_eq!(there.len(), count - 1);
            }
            for (tags, platform) in FOLLOWERS {
                let follower = (tags.to_vec(), platform);
                let always = shown(&first, &follower).is_some() && shown(&wanted, &follower).is_some();
                prop_assert!(!always || shown(&there, &follower).is_some(), "{:?} sees the default", follower);
            }
        }
        for (tags, platform) in FOLLOWERS {
            let follower = (tags.to_vec(), platform);
            prop_assert_eq!(shown(&there, &follower), shown(&wanted, &follower), "{:?}", follower);
        }
        let next = world(json!(spec), &there).plan();
        prop_assert!(next.entries.is_empty(), "{:#?}", next);
    }
}

#[test]
fn a_foreign_menu_is_drift_only_once_the_list_was_applied() {
    use crate::resource::ResourceRecord;
    use crate::resource::record::Applied;
    let mut world = world(json!([]), &[live(json!({"group_id": "2"}), "a", 7)]);
    let drift = |world: &World| the_step(&world.plan()).drift.is_some();
    assert!(!drift(&world));
    let name = "menu/conditional";
    let digest = decide(&world.subject(), &world.seen).1.desired[&Address::from(name)].clone();
    let applied = Some(Applied {
        digest,
        at: jiff::Timestamp::UNIX_EPOCH,
    });
    let record = ResourceRecord {
        applied,
        ..ResourceRecord::default()
    };
    world.records.insert(Address::from(name), record);
    assert!(drift(&world));
}
