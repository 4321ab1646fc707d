//! Which subscription templates are added, and how they are told apart.

use serde_json::{Value, json};

use super::*;
use crate::plan::Step;
use crate::plan::diagnostic::Diagnostics;
use crate::resource::world::{World, account};
use crate::wechat::subscribe_message::{KEYWORDS, LIST, keywords_request, titles_request};
use crate::wechat::template;

fn item() -> Value {
    json!({"name": "reminder", "tid": "99", "title": "上课提醒", "keywords": ["上课时间", "课程名称"], "scene": "上课前一天"})
}

fn world(items: Value) -> World {
    let mut world = World::of(json!({"officialAccount": {
        "appId": account(), "subscribeMessages": items,
    }}));
    world
        .answers(&LIST, json!({"data": []}))
        .answers(
            &template::CATEGORIES,
            json!({"data": [{"id": 616, "name": "公交"}, {"id": 2, "name": "培训"}]}),
        )
        .answers_to(
            titles_request(&account(), &[2, 616], 0),
            json!({"count": 31, "data": [{"tid": 98, "title": "付款成功通知"}]}),
        )
        .answers_to(
            titles_request(&account(), &[2, 616], 30),
            json!({"count": 31, "data": [{"tid": 99, "title": "上课提醒"}]}),
        )
        .answers_to(
            keywords_request(&account(), "99"),
            json!({"count": 3, "data": [
                {"kid": 1, "name": "课程名称"}, {"kid": 2, "name": "上课地点"}, {"kid": 3, "name": "上课时间"}]}),
        );
    world
}

fn live(id: &str, title: &str, content: &str) -> Value {
    json!({"priTmplId": id, "title": title, "content": content, "example": "", "type": 2})
}

const CONTENT: &str = "上课时间:{{time1.DATA}}\n课程名称:{{thing2.DATA}}\n";

fn first_step(world: &World) -> Step {
    let plan = world.plan();
    plan.steps().next().unwrap().1.clone()
}

#[test]
fn what_is_missing_is_looked_up_in_the_library_and_added() {
    let world = world(json!([item()]));
    assert_eq!(
        world.lines(),
        ["subscribeMessages/reminder + officialAccount.subscribeMessages[0]"]
    );
    let step = first_step(&world);
    let body: Value = serde_json::from_str(step.calls[0].body()).unwrap();
    assert_eq!(
        body,
        json!({"tid": "99", "kidList": [3, 1], "sceneDesc": "上课前一天"})
    );
}

#[test]
fn the_library_is_read_page_by_page_and_only_for_what_is_missing() {
    let mut world = world(json!([item()]));
    let needed = |world: &World| {
        let calls = crate::resource::needs(&world.subject(), &world.seen);
        calls
            .into_iter()
            .map(|call| call.body().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(needed(&world).is_empty());
    let second = titles_request(&account(), &[2, 616], 30);
    world.seen.remove(&second);
    assert_eq!(needed(&world), [second.body()]);
    world.answers(&LIST, json!({"data": [live("P1", "上课提醒", CONTENT)]}));
    assert!(needed(&world).is_empty());
    assert_eq!(world.lines(), Vec::<String>::new());
}

#[test]
fn what_the_library_does_not_have_is_not_asked_for() {
    let mut world = world(json!([item()]));
    world.answers_to(
        titles_request(&account(), &[2, 616], 30),
        json!({"count": 31, "data": [{"tid": 97, "title": "上课提醒"}]}),
    );
    assert_eq!(
        world.lines(),
        ["subscribeMessages/reminder waits CategoryMissing"]
    );
    world.answers(&template::CATEGORIES, json!({"data": []}));
    assert_eq!(
        world.lines(),
        ["subscribeMessages/reminder waits CategoryMissing"]
    );
    let mut other = item();
    other["title"] = json!("下课提醒");
    let mut unknown = item();
    unknown["keywords"] = json!(["课程名称", "老师"]);
    let mut without = item();
    without.as_object_mut().unwrap().remove("tid");
    for odd in [other, unknown, without] {
        let world = self::world(json!([odd]));
        assert_eq!(
            world.lines(),
            ["subscribeMessages/reminder unknown NotComparable"]
        );
    }
    let mut lost = self::world(json!([item()]));
    lost.lost(keywords_request(&account(), "99"));
    assert_eq!(
        lost.lines(),
        ["subscribeMessages/reminder unknown ReadFailed"]
    );
    assert_eq!(KEYWORDS.name, "newtmpl/getpubtemplatekeywords");
}

#[test]
fn undeclared_ones_are_left_alone_and_take_room() {
    let mut world = world(json!([item()]));
    let others: Vec<Value> = (0..25)
        .map(|n| live(&format!("P{n}"), "别的", CONTENT))
        .collect();
    world.answers(&LIST, json!({"data": others}));
    assert_eq!(
        world.lines(),
        ["subscribeMessages/reminder waits LimitReached"]
    );
    world.answers(&LIST, json!({"data": others[1..]}));
    assert_eq!(
        world.lines(),
        ["subscribeMessages/reminder + officialAccount.subscribeMessages[0]"]
    );
}

#[test]
fn a_list_that_is_none_adds_nothing() {
    let mut world = world(json!([item()]));
    for odd in [
        json!({}),
        json!({"data": null}),
        json!({"data": [live("", "别的", "")]}),
        json!({"data": [live("P1", "别的", ""), live("P1", "别的", "")]}),
    ] {
        world.answers(&LIST, odd.clone());
        assert_eq!(
            world.lines(),
            ["subscribeMessages unknown ReadFailed"],
            "{odd}"
        );
    }
}

#[test]
fn a_doubtful_add_is_settled_by_what_was_not_there_before() {
    let mut world = world(json!([item()]));
    world.answers(&LIST, json!({"data": [live("P1", "别的", CONTENT)]}));
    let Step {
        calls, evidence, ..
    } = first_step(&world);
    let settle = |world: &World| SubscribeMessages.settle(&calls[0], &evidence, &world.seen);
    assert_eq!(settle(&world), Settled::NotDone);
    let before = live("P1", "别的", CONTENT);
    let ours = live("P2", "上课提醒", CONTENT);
    world.answers(&LIST, json!({"data": [before, ours]}));
    let made = Outputs::from([("subscribeMessages.reminder".to_owned(), "P2".to_owned())]);
    assert_eq!(settle(&world), Settled::Done(made.clone()));
    let answer = json!({"errcode": 0, "priTmplId": "P2"});
    assert_eq!(SubscribeMessages.ids(&calls[0], &evidence, &answer), made);
    let outputs = crate::resource::decide(&world.subject(), &world.seen)
        .1
        .outputs;
    let id = "subscribeMessages.reminder";
    assert_eq!(outputs.get(id), made.get(id));
    world.lost(subscribe_message::list_request(&account()));
    assert_eq!(settle(&world), Settled::Undecided);
}

#[test]
fn what_an_import_takes_plans_nothing() {
    let mut world = world(json!([]));
    let listed =
        json!({"data": [live("P1", "上课提醒", CONTENT), live("P2", "上课提醒", CONTENT)]});
    world.answers(&LIST, listed.clone());
    let Observation::Present(state) = world.view(SubscribeMessages::observe) else {
        panic!();
    };
    let spec = SubscribeMessages::export(&state).unwrap();
    let mut again = self::world(serde_json::to_value(&spec).unwrap());
    again.answers(&LIST, listed);
    assert_eq!((spec.len(), again.lines()), (2, Vec::new()));
    let mut found = Diagnostics::default();
    SubscribeMessages::check(&spec, &At::OFFICIAL, &mut found);
    assert_eq!(found.into_vec(), []);
}

#[test]
fn mistakes_are_found_offline() {
    let codes = |changes: &[(&str, Value)]| -> Vec<&'static str> {
        let mut one = item();
        for (field, value) in changes {
            one[*field] = value.clone();
        }
        let spec: SubscribeMessageSpec = serde_json::from_value(one).unwrap();
        let mut found = Diagnostics::default();
        SubscribeMessages::check(&vec![spec], &At::OFFICIAL, &mut found);
        found.into_vec().iter().map(|one| one.code).collect()
    };
    assert!(codes(&[]).is_empty());
    assert_eq!(codes(&[("name", json!("上课"))]), ["WX1284"]);
    for (field, value) in [
        ("tid", json!("TM9")),
        ("title", json!(" ")),
        ("keywords", json!(["课程名称"])),
        ("keywords", json!(["课程名称", "课程名称"])),
        ("scene", json!("字".repeat(16))),
    ] {
        assert_eq!(codes(&[(field, value)]), ["WX1285"], "{field}");
    }
    let twice = |first: Value, second: Value| -> Vec<&'static str> {
        let spec: Vec<SubscribeMessageSpec> =
            serde_json::from_value(json!([first, second])).unwrap();
        let mut found = Diagnostics::default();
        SubscribeMessages::check(&spec, &At::OFFICIAL, &mut found);
        found.into_vec().iter().map(|one| one.code).collect()
    };
    assert_eq!(twice(item(), item()), ["WX1284", "WX1287"]);
}
