//! Data that is fetched ahead: each of both is compared, put and left alone by itself.

use serde_json::Value;

use super::*;
use crate::resource::world::{World, account};

fn world(spec: Value, settings: Value) -> World {
    let mut world = World::of_app(json!({"dataPrefetch": spec}));
    world.answers_to(data_prefetch::get_request(&account()), settings);
    world
}

fn off() -> Value {
    json!({
        "is_pre_fetch_open": false, "pre_fetch_type": 0, "pre_fetch_url": "", "pre_env": "", "pre_function_name": "",
        "is_period_fetch_open": false, "period_fetch_type": 0, "period_fetch_url": "", "period_env": "", "period_function_name": "",
    })
}

fn bodies(world: &World) -> Vec<Value> {
    let plan = world.plan();
    let calls = plan.steps().flat_map(|(_, step)| step.calls.clone());
    calls
        .map(|call| serde_json::from_str(call.body()).unwrap())
        .collect()
}

#[test]
fn one_of_both_is_put_and_the_other_left_as_it_is() {
    let mut live = off();
    live["is_period_fetch_open"] = json!(true);
    live["period_fetch_url"] = json!("https://other.example.com");
    let world = world(json!({"pre": {"url": "https://a.example.com/d"}}), live);
    assert_eq!(
        world.lines(),
        ["main:dataPrefetch/pre + miniPrograms[0].dataPrefetch.pre"]
    );
    assert_eq!(
        bodies(&world),
        [
            json!({"action": "set_pre_fetch", "is_pre_fetch_open": true, "pre_fetch_type": 0, "pre_fetch_url": "https://a.example.com/d"})
        ]
    );
}

#[test]
fn what_is_as_declared_is_not_put() {
    let mut live = off();
    live["is_pre_fetch_open"] = json!(true);
    live["pre_fetch_type"] = json!(1);
    live["pre_env"] = json!("prod");
    live["pre_function_name"] = json!("start");
    let spec = json!({"pre": {"cloudFunction": {"env": "prod", "name": "start"}}, "period": {"off": true}});
    assert!(world(spec, live.clone()).lines().is_empty());
    let off = world(json!({"pre": {"off": true}}), live);
    assert_eq!(
        off.lines(),
        ["main:dataPrefetch/pre - miniPrograms[0].dataPrefetch.pre"]
    );
}

#[test]
fn what_is_not_said_is_not_put() {
    let mut live = off();
    live.as_object_mut().unwrap().remove("is_pre_fetch_open");
    let spec = json!({"pre": {"url": "https://a.example.com"}, "period": {"url": "https://a.example.com"}});
    assert_eq!(
        world(spec, live).lines(),
        [
            "main:dataPrefetch/period + miniPrograms[0].dataPrefetch.period",
            "main:dataPrefetch/pre unknown ReadFailed",
        ]
    );
}

#[test]
fn a_source_is_one_and_can_be_fetched_from() {
    let codes = |spec: Value| -> Vec<&'static str> {
        let spec = serde_json::from_value(spec).unwrap();
        let mut found = Diagnostics::default();
        DataPrefetch::check(&spec, &At::app("main", 0), &mut found);
        found.as_slice().iter().map(|one| one.code).collect()
    };
    assert!(
        codes(json!({"pre": {"url": "https://a.example.com/d?x=1"}, "period": {"off": true}}))
            .is_empty()
    );
    for odd in [
        json!({}),
        json!({"off": false}),
        json!({"off": true, "url": "https://a.example.com"}),
    ] {
        assert_eq!(codes(json!({"pre": odd})), ["WX1352"]);
    }
    for odd in [
        json!({"url": "http://a.example.com"}),
        json!({"url": "https://10.0.0.1/x"}),
        json!({"url": "https://a b.example.com"}),
        json!({"cloudFunction": {"env": "", "name": "x"}}),
        json!({"cloudFunction": {"env": "prod"}}),
    ] {
        assert_eq!(codes(json!({"period": odd})), ["WX1353"], "{odd}");
    }
}
