//! What a plan makes of a write that WeChat accepted: shown, not shown, kept in another spelling, changed since.

use serde_json::{Value, json};

use super::record::Applied;
use super::world::{World, account};
use super::{Kept, decide};
use crate::plan::{Address, Digest, Reason, Step, Verdict};
use crate::wechat::{Call, menu, open_account, template};

fn declared(menu: Value) -> World {
    World::of(json!({"officialAccount": {"appId": "wx1111111111111111", "menu": menu}}))
}

fn click(name: &str) -> Value {
    json!({"type": "click", "name": name, "key": "K"})
}

fn shows(world: &mut World, names: &[&str]) {
    let buttons: Vec<Value> = names.iter().map(|name| click(name)).collect();
    world.answers(&menu::GET, json!({"menu": {"button": buttons}}));
}

fn step(world: &World, name: &str) -> Step {
    let plan = world.plan();
    let entry = plan
        .entries
        .iter()
        .find(|entry| entry.address.to_string() == name);
    match entry.map(|entry| entry.verdict.clone()) {
        Some(Verdict::Step(step)) => step,
        other => panic!("{other:?} in {plan:?}"),
    }
}

/// A menu of one button that was another one before, and a write of it that WeChat accepted.
fn written(name: &str, before: &str) -> World {
    let mut world = declared(json!({"buttons": [{"name": name, "click": "K"}]}));
    shows(&mut world, &[before]);
    let made = step(&world, "menu");
    let sent = world.desired("menu");
    world.wrote("menu", sent, &made);
    world
}

fn kept(world: &World) -> Option<Kept> {
    decide(&world.subject(), &world.seen)
        .1
        .kept
        .get(&Address::from("menu"))
        .cloned()
}

/// A pass writes down what it recognised.
fn record(world: &mut World) {
    let (kept, sent) = (kept(world), world.desired("menu").unwrap());
    let record = world.records.get_mut(&Address::from("menu")).unwrap();
    record.kept = kept;
    record.unseen = None;
    record.applied = Some(Applied {
        digest: sent,
        at: "2026-11-24T08:00:00Z".parse().unwrap(),
    });
}

/// What is desired was in force once.
fn was_in_force(world: &mut World) {
    let digest = world.desired("menu").unwrap();
    let record = world.records.get_mut(&Address::from("menu")).unwrap();
    record.applied = Some(Applied {
        digest,
        at: "2026-11-01T08:00:00Z".parse().unwrap(),
    });
}

#[test]
fn what_is_not_shown_is_held_and_no_drift() {
    let mut world = written("B", "A");
    // It was in force once: whoever reads an old value after a write must not blame it on others.
    was_in_force(&mut world);
    assert_eq!(world.lines(), ["menu waits NotShown"]);
    world.not_shown("menu");
    let plan = world.plan();
    let Verdict::Waiting(waiting) = &plan.entries[0].verdict else {
        panic!("{plan:?}")
    };
    assert_eq!(waiting.reason, Reason::NotShown);
    for part in [
        "WeChat answered success at 2026-11-24 16:00:00 +08:00, but a read at 2026-11-24 16:00:12 +08:00",
        "wxops op resolve menu/create/wx1111111111111111 --as not-done",
    ] {
        assert!(waiting.text.en.contains(part), "{}", waiting.text.en);
    }
    // Shown at last, it is in force.
    shows(&mut world, &["B"]);
    assert!(world.lines().is_empty());
}

#[test]
fn another_manifest_lifts_the_hold() {
    let mut world = written("B", "A");
    world.not_shown("menu");
    let other = declared(json!({"buttons": [{"name": "C", "click": "K"}]}));
    world.spec = other.spec;
    assert_eq!(
        world.lines(),
        ["menu ~ officialAccount.menu.buttons[0].name"]
    );
}

#[test]
fn another_value_than_before_a_write_that_nobody_saw_is_no_drift() {
    let mut world = written("B", "A");
    world.not_shown("menu");
    was_in_force(&mut world);
    shows(&mut world, &["X"]);
    assert_eq!(
        world.lines(),
        ["menu ~ officialAccount.menu.buttons[0].name"]
    );
}

#[test]
fn a_person_ends_the_hold() {
    let mut world = written("B", "A");
    world.not_shown("menu");
    let unseen = world
        .records
        .get_mut(&Address::from("menu"))
        .unwrap()
        .unseen
        .as_mut();
    unseen.unwrap().resolved_at = Some("2026-11-24T09:00:00Z".parse().unwrap());
    assert_eq!(world.lines(), ["menu suppressed"]);
    world
        .records
        .get_mut(&Address::from("menu"))
        .unwrap()
        .unseen = None;
    assert_eq!(
        world.lines(),
        ["menu ~ officialAccount.menu.buttons[0].name"]
    );
}

#[test]
fn what_is_first_seen_after_a_write_is_what_wechat_makes_of_it() {
    let mut world = written("B is cut", "A");
    shows(&mut world, &["B is"]);
    assert_eq!(world.lines(), ["menu suppressed"]);
    let learned = decide(&world.subject(), &world.seen).1;
    assert!(
        learned.in_force.contains_key(&Address::from("menu")),
        "{learned:?}"
    );
    record(&mut world);
    assert_eq!(world.lines(), ["menu suppressed"]);

    // A third thing is drift, and the manifest's value is what is sent.
    shows(&mut world, &["X"]);
    assert_eq!(
        world.lines(),
        ["menu ~ drift officialAccount.menu.buttons[0].name"]
    );
    assert!(step(&world, "menu").calls[0].body().contains("B is cut"));
    // So is the value from before.
    shows(&mut world, &["A"]);
    assert_eq!(
        world.lines(),
        ["menu ~ drift officialAccount.menu.buttons[0].name"]
    );
    // Another manifest is written anew, whatever was made of this one.
    let other =
        declared(json!({"buttons": [{"name": "B is", "click": "K"}, {"name": "C", "click": "K"}]}));
    world.spec = other.spec;
    shows(&mut world, &["B is"]);
    assert_eq!(world.lines(), ["menu ~ officialAccount.menu.buttons[1]"]);
}

#[test]
fn what_was_in_wechats_spelling_before_is_no_write_without_effect() {
    let mut world = written("❤\u{FE0F}", "❤");
    assert_eq!(world.lines(), ["menu suppressed"]);
    world.not_shown("menu");
    assert_eq!(
        world.lines(),
        ["menu suppressed"],
        "however late it is seen"
    );
    record(&mut world);
    assert_eq!(world.lines(), ["menu suppressed"]);
}

#[test]
fn nothing_is_taken_for_ours_that_was_not_sent() {
    let mut world = declared(json!({"buttons": [{"name": "❤\u{FE0F}", "click": "K"}]}));
    shows(&mut world, &["❤"]);
    assert_eq!(kept(&world), None);
    assert_eq!(
        world.lines(),
        ["menu ~ officialAccount.menu.buttons[0].name"]
    );
    // A delete is not kept in another spelling.
    let mut world = declared(json!({"buttons": []}));
    shows(&mut world, &["A", "B"]);
    let made = step(&world, "menu");
    let sent = world.desired("menu");
    world.wrote("menu", sent, &made);
    shows(&mut world, &["A"]);
    assert_eq!(kept(&world), None);
}

fn conditional(names: &[(&str, &str, i64)]) -> Value {
    let menus: Vec<Value> = names
        .iter()
        .map(|(tag, name, id)| {
            json!({"button": [click(name)], "matchrule": {"group_id": tag}, "menuid": id})
        })
        .collect();
    json!({"menu": {"button": [click("A")]}, "conditionalmenu": menus})
}

/// Two menus that some follower matches both of, the second of them in a spelling of WeChat's.
fn two_menus() -> World {
    declared(json!({
        "buttons": [{"name": "A", "click": "K"}],
        "conditional": [
            {"match": {"tagId": "1"}, "buttons": [{"name": "one", "click": "K"}]},
            {"match": {"tagId": "2"}, "buttons": [{"name": "TWO", "click": "K"}]},
        ],
    }))
}

#[test]
fn a_conditional_menu_in_another_spelling_moves_none_of_the_others() {
    let mut world = two_menus();
    world.answers(&menu::GET, conditional(&[]));
    let made = step(&world, "menu/conditional tag=2");
    let sent = world.desired("menu/conditional tag=2");
    world.wrote("menu/conditional tag=2", sent, &made);
    world.answers(
        &menu::GET,
        conditional(&[("2", "two!", 7), ("1", "one", 8)]),
    );
    assert_eq!(world.lines(), ["menu/conditional tag=2 suppressed"]);
    // Another value of it is drift, and it is added again with the one that wins over it.
    let learned = decide(&world.subject(), &world.seen).1;
    let record = world
        .records
        .get_mut(&Address::from("menu/conditional tag=2"))
        .unwrap();
    record.kept = learned
        .kept
        .get(&Address::from("menu/conditional tag=2"))
        .cloned();
    record.unseen = None;
    assert_eq!(world.lines(), ["menu/conditional tag=2 suppressed"]);
    world.answers(
        &menu::GET,
        conditional(&[("2", "three", 9), ("1", "one", 10)]),
    );
    assert_eq!(
        world.lines(),
        [
            "menu/conditional tag=2 ~ officialAccount.menu.conditional[1].buttons[0].name",
            "menu/conditional tag=1 ~ ",
        ]
    );
}

fn in_chinese(language: &str, name: &str, id: i64) -> Value {
    json!({"button": [click(name)], "matchrule": {"language": language}, "menuid": id})
}

#[test]
fn a_conditional_menu_whose_rule_is_spelled_otherwise_is_neither_added_again_nor_deleted() {
    const NAME: &str = "menu/conditional language=zh_CN";
    let shows = |world: &mut World, menus: &[Value]| {
        let answer = json!({"menu": {"button": [click("A")]}, "conditionalmenu": menus});
        world.answers(&menu::GET, answer);
    };
    let written = |before: &[Value]| {
        let mut world = declared(json!({
            "buttons": [{"name": "A", "click": "K"}],
            "conditional": [{"match": {"language": "zh_CN"}, "buttons": [{"name": "one", "click": "K"}]}],
        }));
        shows(&mut world, before);
        let made = step(&world, NAME);
        let sent = world.desired(NAME);
        world.wrote(NAME, sent, &made);
        world
    };
    for name in ["one", "ONE", "another"] {
        let mut world = written(&[]);
        shows(&mut world, &[in_chinese("zh-cn", name, 7)]);
        assert_eq!(world.lines(), [format!("{NAME} suppressed")], "{name}");
    }
    // One that was there before and says something else is not taken for it.
    let before = in_chinese("zh-cn", "theirs", 7);
    let mut world = written(std::slice::from_ref(&before));
    let said = |world: &World, what: &str| world.lines().contains(&format!("{NAME} {what}"));
    assert!(said(&world, "waits NotShown"), "{:?}", world.lines());
    shows(&mut world, &[before, in_chinese("zh-cn", "one", 8)]);
    assert!(said(&world, "suppressed"), "{:?}", world.lines());
}

#[test]
fn nothing_undeclared_is_deleted_while_something_accepted_is_not_shown() {
    let mut world = two_menus();
    world.answers(&menu::GET, conditional(&[("1", "one", 8)]));
    let made = step(&world, "menu/conditional tag=2");
    let sent = world.desired("menu/conditional tag=2");
    world.wrote("menu/conditional tag=2", sent, &made);
    world.not_shown("menu/conditional tag=2");
    world.answers(
        &menu::GET,
        conditional(&[("1", "one", 8), ("102", "TWO", 9)]),
    );
    let plan = world.plan();
    let (_, foreign) = plan
        .steps()
        .find(|(entry, _)| entry.address.key == "conditional")
        .unwrap();
    assert_eq!(
        foreign.hold.as_ref().map(|hold| hold.reason),
        Some(Reason::AfterAnotherStep)
    );
}

#[test]
fn an_open_account_is_this_one_or_another() {
    let mut world = World::of(json!({
        "openAccount": {"bind": {"appId": "wx9999999999999999"}},
        "officialAccount": {"appId": "wx1111111111111111"},
    }));
    let read = open_account::get_request(&account());
    world.answers_to(read.clone(), json!({"errcode": 89002, "errmsg": ""}));
    let made = step(&world, "openAccount");
    let sent = world.desired("openAccount");
    world.wrote("openAccount", sent, &made);
    assert_eq!(world.lines(), ["openAccount waits NotShown"]);
    world.answers_to(read.clone(), json!({"open_appid": "wx8888888888888888"}));
    assert_eq!(world.lines(), ["openAccount ~ openAccount.bind.appId"]);
    world.answers_to(read, json!({"open_appid": "wx9999999999999999"}));
    assert!(world.lines().is_empty());
}

#[test]
fn a_deleted_template_that_is_still_listed_is_not_deleted_again() {
    let mut world = World::of(json!({"officialAccount": {
        "appId": "wx1111111111111111", "templates": {"foreign": "delete", "items": []},
    }}));
    let list = |ids: &[&str]| {
        let one = |id: &&str| json!({"template_id": id, "title": id, "content": "{{first.DATA}}", "example": ""});
        json!({"template_list": ids.iter().map(one).collect::<Vec<_>>()})
    };
    world.answers(&template::LIST, list(&["x", "y"]));
    let made = step(&world, "templates/(foreign) x");
    world.wrote("templates/(foreign) x", None, &made);
    let lines = world.lines();
    assert!(
        lines[0].ends_with("(foreign) x waits NotShown"),
        "{lines:?}"
    );
    world.answers(&template::LIST, list(&["y"]));
    let lines = world.lines();
    assert!(
        lines.len() == 1 && lines[0].contains("(foreign) y -"),
        "{lines:?}"
    );
}

#[test]
fn a_template_that_the_list_shows_late_or_otherwise_is_not_added_again() {
    let mut world = World::of(json!({"officialAccount": {
        "appId": "wx1111111111111111",
        "templates": {"items": [{"name": "r", "shortId": "43216", "title": "上课提醒", "keywords": ["课程名称"]}]},
    }}));
    world.answers(&template::LIST, json!({"template_list": []}));
    let made = step(&world, "templates/r");
    let sent = world.desired("templates/r");
    world.wrote("templates/r", sent, &made);
    world
        .outputs
        .insert("templates.r".to_owned(), "id-1".to_owned());
    assert_eq!(world.lines(), ["templates/r waits NotShown"]);
    let listed = json!({"template_list": [{
        "template_id": "id-1", "title": "上课提醒", "content": "{{first.DATA}}\n课程: {{thing1.DATA}}", "example": "",
    }]});
    world.answers(&template::LIST, listed);
    assert_eq!(world.lines(), ["templates/r suppressed"]);
}

#[test]
fn digests_of_other_things_mean_nothing() {
    let mut world = written("B", "A");
    let unseen = world
        .records
        .get_mut(&Address::from("menu"))
        .unwrap()
        .unseen
        .as_mut();
    unseen.unwrap().sent = Some(Digest::of(&"something else"));
    assert_eq!(
        world.lines(),
        ["menu ~ officialAccount.menu.buttons[0].name"]
    );
    let get = Call::bare(&menu::GET, account());
    world.lost(get);
    assert_eq!(world.lines(), ["menu unknown ReadFailed"]);
}
