//! Which tags are made, and how a doubtful one is settled.

use serde_json::{Value, json};

use super::*;
use crate::plan::diagnostic::Diagnostics;
use crate::resource::world::{World, account};

fn world(names: &[&str]) -> World {
    let tags: Vec<Value> = names.iter().map(|name| json!({"name": name})).collect();
    World::of(json!({"officialAccount": {"appId": account(), "tags": tags}}))
}

/// WeChat's own, and these.
fn list(made: &[(i64, &str)]) -> Value {
    let system = [(1, "黑名单"), (2, "星标组")];
    let tags = system.iter().chain(made);
    let tags: Vec<Value> = tags
        .map(|(id, name)| json!({"id": id, "name": name, "count": 0}))
        .collect();
    json!({"tags": tags})
}

fn shows(world: &mut World, made: &[(i64, &str)]) {
    world.answers(&tag::LIST, list(made));
}

fn first_step(world: &World) -> Step {
    let plan = world.plan();
    let (_, step) = plan.steps().next().unwrap();
    step.clone()
}

#[test]
fn what_is_not_there_is_made_and_what_nobody_declared_is_left_alone() {
    let mut world = world(&["VIP", "老学员", "星标组"]);
    shows(&mut world, &[(100, "别的"), (101, "VIP")]);
    assert_eq!(
        world.lines(),
        ["tags/老学员 + officialAccount.tags[1].name"]
    );
    let step = first_step(&world);
    assert_eq!(step.calls, [tag::create_request(&account(), "老学员")]);
    assert_eq!(Tags.thing(&step.calls[0]).as_deref(), Some("老学员"));
}

#[test]
fn a_list_that_is_none_makes_nothing() {
    let mut world = world(&["VIP"]);
    for odd in [
        json!({"errcode": 0}),
        json!({"tags": null}),
        json!({"tags": [{"id": 100, "name": ""}]}),
        json!({"tags": [{"id": 100, "name": "a"}, {"id": 100, "name": "b"}]}),
        json!({"tags": [{"id": 100, "name": "a"}, {"id": 101, "name": "a"}]}),
    ] {
        world.answers(&tag::LIST, odd.clone());
        assert_eq!(world.lines(), ["tags unknown ReadFailed"], "{odd}");
    }
    shows(&mut world, &[]);
    assert_eq!(world.lines(), ["tags/VIP + officialAccount.tags[0].name"]);
}

#[test]
fn the_hundred_and_first_waits_for_room_and_wechats_own_take_none() {
    let mut world = world(&["甲", "乙"]);
    let names: Vec<String> = (0..99).map(|n| format!("t{n}")).collect();
    let made: Vec<(i64, &str)> = (100..).zip(names.iter().map(String::as_str)).collect();
    shows(&mut world, &made);
    assert_eq!(
        world.lines(),
        [
            "tags/乙 waits LimitReached",
            "tags/甲 + officialAccount.tags[0].name"
        ]
    );
}

#[test]
fn a_tag_that_was_called_otherwise_is_not_made_again() {
    let mut world = world(&["VIP"]);
    world
        .outputs
        .insert("tags.VIP".to_owned(), "101".to_owned());
    shows(&mut world, &[(101, "贵宾")]);
    assert_eq!(world.lines(), ["tags/VIP suppressed"]);
    let given = crate::resource::decide(&world.subject(), &world.seen)
        .1
        .outputs;
    assert_eq!(given["tags.VIP"], "101");
    // Whoever declares both has two.
    let mut both = self::world(&["VIP", "贵宾"]);
    both.outputs.insert("tags.VIP".to_owned(), "101".to_owned());
    shows(&mut both, &[(101, "贵宾")]);
    assert_eq!(both.lines(), ["tags/VIP + officialAccount.tags[0].name"]);
    // Gone is gone.
    shows(&mut world, &[(102, "贵宾")]);
    assert_eq!(world.lines(), ["tags/VIP + officialAccount.tags[0].name"]);
}

#[test]
fn a_doubtful_create_is_settled_by_the_list() {
    let mut world = world(&["VIP", "老学员"]);
    shows(&mut world, &[(100, "别的")]);
    let Step {
        calls, evidence, ..
    } = first_step(&world);
    let call = &calls[0];
    let settle = |world: &World| Tags.settle(call, &evidence, &world.seen);
    assert_eq!(settle(&world), Settled::NotDone);
    // Another item's, made by the same pass.
    shows(&mut world, &[(100, "别的"), (101, "老学员")]);
    assert_eq!(settle(&world), Settled::NotDone);
    shows(&mut world, &[(100, "别的"), (101, "vip")]);
    assert_eq!(settle(&world), Settled::Ambiguous);
    shows(&mut world, &[(100, "别的"), (101, "vip"), (102, "VIP")]);
    let made = Outputs::from([("tags.VIP".to_owned(), "102".to_owned())]);
    assert_eq!(settle(&world), Settled::Done(made.clone()));
    let answer = json!({"tag": {"id": 102, "name": "VIP"}});
    assert_eq!(Tags.ids(call, &evidence, &answer), made);
    world.lost(tag::list_request(&account()));
    assert_eq!(settle(&world), Settled::Undecided);
}

#[test]
fn names_are_checked_offline() {
    let codes = |names: &[&str]| -> Vec<&'static str> {
        let spec: Vec<TagSpec> = names
            .iter()
            .map(|name| TagSpec {
                name: (*name).to_owned(),
            })
            .collect();
        let mut found = Diagnostics::default();
        Tags::check(&spec, &At::OFFICIAL, &mut found);
        found.into_vec().iter().map(|one| one.code).collect()
    };
    assert!(codes(&["VIP", &"字".repeat(10), &"x".repeat(30)]).is_empty());
    assert_eq!(codes(&[&"字".repeat(11)]), ["WX1280"]);
    assert_eq!(codes(&[" "]), ["WX1280"]);
    assert_eq!(codes(&["VIP", "VIP"]), ["WX1281"]);
    let many: Vec<String> = (0..101).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(codes(&many), ["WX1282"]);
}

#[test]
fn an_import_names_what_somebody_made() {
    let mut world = world(&[]);
    shows(&mut world, &[(101, "VIP"), (100, "老学员")]);
    let Observation::Present(live) = world.view(Tags::observe) else {
        panic!();
    };
    let names: Vec<String> = Tags::export(&live)
        .unwrap()
        .into_iter()
        .map(|tag| tag.name)
        .collect();
    assert_eq!(names, ["VIP", "老学员"]);
    shows(&mut world, &[]);
    let Observation::Present(live) = world.view(Tags::observe) else {
        panic!();
    };
    assert!(Tags::is_nothing(&live));
}
