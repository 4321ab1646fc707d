//! The follow component: what can be shown is, all else waits.

use serde_json::Value;

use super::*;
use crate::resource::world::{World, account};

const OTHER: &str = "wx9999999999999999";

fn world(spec: Value, shown: Value) -> World {
    let mut world = World::of_app(json!({"followComponent": spec}));
    world.answers(&follow::GET, shown);
    world
}

fn page(world: &mut World, page: usize, total: usize, appids: &[&str]) {
    let list: Vec<Value> = appids.iter().map(|appid| json!({"appid": appid})).collect();
    let answer = json!({"errcode": 0, "total_num": total, "biz_info_list": list});
    world.answers_to(follow::candidates_request(&account(), page), answer);
}

fn off() -> Value {
    json!({"errcode": 0, "can_open": 1, "is_open": 0})
}

fn bodies(world: &World) -> Vec<String> {
    let plan = world.plan();
    let calls = plan.steps().flat_map(|(_, step)| step.calls.clone());
    calls.map(|call| call.body().to_owned()).collect()
}

#[test]
fn a_linked_official_account_is_shown_whatever_page_it_is_on() {
    let mut world = world(json!({"appId": OTHER}), off());
    assert_eq!(world.lines(), ["main:followComponent unknown ReadFailed"]);
    page(&mut world, 0, 11, &["wx8888888888888888"]);
    page(&mut world, 1, 11, &[OTHER]);
    assert_eq!(
        world.lines(),
        ["main:followComponent + miniPrograms[0].followComponent"]
    );
    assert_eq!(
        bodies(&world),
        [r#"{"wxa_subscribe_biz_flag":1,"appid":"wx9999999999999999"}"#]
            .map(|_| json!({"wxa_subscribe_biz_flag": 1, "appid": OTHER}).to_string())
    );
}

#[test]
fn one_that_is_not_linked_waits_and_so_does_what_cannot_be_opened() {
    let mut unlinked = world(json!({"appId": OTHER}), off());
    page(&mut unlinked, 0, 1, &["wx8888888888888888"]);
    assert_eq!(unlinked.lines(), ["main:followComponent waits NotLinked"]);
    let mut shut = world(
        json!({"appId": OTHER}),
        json!({"can_open": 0, "is_open": 0}),
    );
    page(&mut shut, 0, 1, &[OTHER]);
    assert_eq!(
        shut.lines(),
        ["main:followComponent waits AdministratorMustAct"]
    );
}

#[test]
fn what_is_shown_is_left_and_is_switched_off_where_none_is_declared() {
    let on = json!({"can_open": 0, "is_open": 1, "appid": OTHER});
    assert!(
        world(json!({"appId": OTHER}), on.clone())
            .lines()
            .is_empty()
    );
    assert!(world(json!({"off": true}), off()).lines().is_empty());
    let world = world(json!({"off": true}), on);
    assert_eq!(
        world.lines(),
        ["main:followComponent - miniPrograms[0].followComponent"]
    );
    assert_eq!(bodies(&world), [r#"{"wxa_subscribe_biz_flag":0}"#]);
}

#[test]
fn what_cannot_be_read_is_not_changed() {
    for odd in [
        json!({"errcode": 0}),
        json!({"can_open": 1, "is_open": 1}),
        json!({"is_open": null}),
    ] {
        let mut world = world(json!({"off": true}), odd);
        page(&mut world, 0, 1, &[OTHER]);
        assert_eq!(world.lines(), ["main:followComponent unknown ReadFailed"]);
    }
    let mut unread = world(json!({"appId": OTHER}), off());
    unread.answers_to(
        follow::candidates_request(&account(), 0),
        json!({"total_num": 1}),
    );
    assert_eq!(unread.lines(), ["main:followComponent unknown ReadFailed"]);
}

#[test]
fn it_is_exactly_one_choice() {
    let codes = |spec: Value| -> Vec<&'static str> {
        let spec = serde_json::from_value(spec).unwrap();
        let mut found = Diagnostics::default();
        FollowComponent::check(&spec, &At::app("main", 0), &mut found);
        found.as_slice().iter().map(|one| one.code).collect()
    };
    assert!(codes(json!({"officialAccount": true})).is_empty());
    for odd in [
        json!({}),
        json!({"off": false}),
        json!({"off": true, "appId": OTHER}),
    ] {
        assert_eq!(codes(odd), ["WX1354"]);
    }
}
