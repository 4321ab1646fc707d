//! Faults on demand, and the call log that tells what really happened.

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::world::{OFFICIAL, OTHER, PLATFORM, World, text};

const CREATE: &str = "/cgi-bin/open/create";

fn last(world: &World) -> Value {
    let calls = world.calls("");
    calls["last"].as_array().unwrap().last().unwrap().clone()
}

fn is_bound(world: &World, token: &str) -> bool {
    world.post("/cgi-bin/open/get", token, &json!({}))["errcode"] == 0
}

#[test]
fn a_reset_before_the_effect_leaves_nothing_behind() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    world.fault(json!({"endpoint": CREATE, "kind": "resetBefore", "count": 1}));
    let error = world
        .try_raw("POST", CREATE, &token, "{}")
        .err()
        .expect("no HTTP answer");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    let entry = last(&world);
    assert_eq!(entry["endpoint"], CREATE);
    assert_eq!(entry["account"], OFFICIAL);
    assert_eq!(entry["fault"], "resetBefore");
    assert_eq!(entry["errcode"], Value::Null);
    assert_eq!(entry["effect"], false);
    assert!(!is_bound(&world, &token));
    let tally = &world.calls("")["endpoints"][CREATE];
    assert_eq!(
        *tally,
        json!({"received": 1, "refused": 0, "withEffect": 0})
    );
}

#[test]
fn a_reset_after_the_effect_leaves_the_effect() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    world.fault(json!({"endpoint": CREATE, "kind": "resetAfter", "count": 1}));
    let error = world
        .try_raw("POST", CREATE, &token, "{}")
        .err()
        .expect("no HTTP answer");
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    let entry = last(&world);
    assert_eq!(
        (&entry["errcode"], &entry["effect"]),
        (&json!(0), &json!(true))
    );
    assert!(is_bound(&world, &token));
    assert_eq!(world.post(CREATE, &token, &json!({}))["errcode"], 89000);
    let tally = &world.calls("")["endpoints"][CREATE];
    assert_eq!(
        *tally,
        json!({"received": 2, "refused": 1, "withEffect": 1})
    );
}

#[test]
fn an_errcode_comes_before_or_after_the_effect() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    world.fault(json!([
        {"endpoint": CREATE, "kind": "errcode", "code": -1, "count": 1},
        {"endpoint": CREATE, "kind": "errcodeAfterEffect", "code": -1, "count": 1},
    ]));
    assert_eq!(world.post(CREATE, &token, &json!({}))["errcode"], -1);
    assert!(!is_bound(&world, &token));
    assert_eq!(world.post(CREATE, &token, &json!({}))["errcode"], -1);
    assert!(is_bound(&world, &token));
}

#[test]
fn broken_gateways_answer_without_or_with_the_effect() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    world.fault(json!({"endpoint": CREATE, "kind": "http502", "count": 1}));
    assert_eq!(world.raw("POST", CREATE, &token, "{}").status, 502);
    assert!(!is_bound(&world, &token));
    world.fault(json!({"endpoint": CREATE, "kind": "notJson", "count": 1}));
    let reply = world.raw("POST", CREATE, &token, "{}");
    assert_eq!(reply.status, 200);
    assert!(serde_json::from_str::<Value>(&reply.body).is_err());
    assert!(is_bound(&world, &token));

    let other = world.token(OTHER);
    world.fault(json!({"endpoint": CREATE, "kind": "http502AfterEffect", "count": 1}));
    assert_eq!(world.raw("POST", CREATE, &other, "{}").status, 502);
    assert!(is_bound(&world, &other));
}

#[test]
fn a_fault_of_one_account_spares_the_others() {
    let world = World::start();
    let (token, other) = (world.token(OFFICIAL), world.token(OTHER));
    world.fault(json!({"endpoint": "*", "kind": "errcode", "code": 45011, "account": OFFICIAL}));
    assert_eq!(world.get("/cgi-bin/menu/get", &token)["errcode"], 45011);
    assert_eq!(world.get("/cgi-bin/menu/get", &other)["errcode"], 46003);
    world.control("DELETE", "/_sim/faults", &json!({}));
    assert_eq!(world.get("/cgi-bin/menu/get", &token)["errcode"], 46003);
}

#[test]
fn more_calls_than_a_minute_has_room_for_are_refused() {
    let world = World::start();
    let limit = json!({"endpoint": "/cgi-bin/menu/get", "kind": "minuteLimit", "perMinute": 2, "account": OFFICIAL});
    world.control(
        "POST",
        "/_sim/clock",
        &json!({"set": "2031-01-31T12:00:10+08:00"}),
    );
    let cat = world.component_token();
    let token = |account| text(&world.authorized(&cat, account, None)["authorizer_access_token"]);
    let (token, other) = (token(OFFICIAL), token(OTHER));
    world.fault(limit);
    let ask = |token: &str| world.get("/cgi-bin/menu/get", token)["errcode"].clone();
    assert_eq!([ask(&token), ask(&token)], [json!(46003), json!(46003)]);
    assert_eq!(ask(&token), 45011);
    assert_eq!(last(&world)["fault"], "minuteLimit");
    assert_eq!(ask(&other), 46003, "another account");
    let elsewhere = world.post("/cgi-bin/open/get", &token, &json!({}));
    assert_eq!(elsewhere["errcode"], 89002, "another path");
    world.advance(60);
    assert_eq!(ask(&token), 46003);
}

#[test]
fn a_share_of_all_calls_goes_wrong_in_several_ways() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    world.fault(json!([
        {"endpoint": "*", "kind": "errcode", "code": -1, "probability": 0.2, "seed": 1},
        {"endpoint": "*", "kind": "errcode", "code": 45009, "probability": 0.2, "seed": 2},
        {"endpoint": "*", "kind": "resetBefore", "probability": 0.2, "seed": 3},
    ]));
    let ask = || match world.try_raw("GET", "/cgi-bin/menu/get", &token, "") {
        Ok(reply) => reply.json()["errcode"].as_i64().unwrap(),
        Err(_) => 0,
    };
    let answers: Vec<i64> = (0..200).map(|_| ask()).collect();
    for (code, at_least) in [(-1, 20), (45009, 15), (0, 10), (46003, 60)] {
        let seen = answers.iter().filter(|answer| **answer == code).count();
        assert!(seen >= at_least, "{code}: {seen}");
    }
}

#[test]
fn a_slow_account_holds_up_no_other() {
    let world = World::start();
    let (slow, quick) = (world.token(OFFICIAL), world.token(OTHER));
    world.fault(json!({"endpoint": "*", "kind": "latency", "ms": 3000, "account": OFFICIAL}));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| world.get("/cgi-bin/menu/get", &slow));
        until(|| world.calls("")["endpoints"]["/cgi-bin/menu/get"]["received"] == 1);
        for _ in 0..20 {
            world.get("/cgi-bin/menu/get", &quick);
        }
        assert!(!waiting.is_finished(), "still waiting");
        assert_eq!(waiting.join().unwrap()["errcode"], 46003);
    });
}

#[test]
fn a_dead_account_takes_none_along_and_gets_no_token() {
    let world = World::start();
    let cat = world.component_token();
    let grant = world.authorized(&cat, OFFICIAL, None);
    let other = text(&world.authorized(&cat, OTHER, None)["authorizer_access_token"]);
    world.fault(json!({"endpoint": "*", "kind": "resetBefore", "account": OFFICIAL}));
    let own = text(&grant["authorizer_access_token"]);
    assert!(world.try_raw("GET", "/cgi-bin/menu/get", &own, "").is_err());
    let refresh = json!({
        "component_appid": PLATFORM, "authorizer_appid": OFFICIAL,
        "authorizer_refresh_token": grant["authorizer_refresh_token"],
    });
    let path = "/cgi-bin/component/api_authorizer_token";
    assert!(
        world
            .try_raw("POST", path, &cat, refresh.to_string())
            .is_err()
    );
    assert_eq!(world.get("/cgi-bin/menu/get", &other)["errcode"], 46003);
}

#[test]
fn a_stale_read_shows_what_was_before_the_last_change() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    let menu = |name: &str| json!({"button": [{"type": "click", "name": name, "key": "K"}]});
    world.post("/cgi-bin/menu/create", &token, &menu("old"));
    world.post("/cgi-bin/menu/create", &token, &menu("new"));
    world.fault(json!({"endpoint": "/cgi-bin/menu/get", "kind": "staleRead", "count": 1}));
    let name = || world.get("/cgi-bin/menu/get", &token)["menu"]["button"][0]["name"].clone();
    assert_eq!(name(), "old");
    assert_eq!(name(), "new");
}

#[test]
fn what_has_begun_is_finished_though_the_client_is_gone() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    world.fault(json!({"endpoint": CREATE, "kind": "latency", "ms": 300, "count": 1}));
    let mut stream = TcpStream::connect(world.wechat).unwrap();
    let request = format!(
        "POST {CREATE}?access_token={token} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    until(|| world.calls("")["endpoints"][CREATE]["received"] == 1);
    assert_eq!(last(&world)["endedAt"], Value::Null, "under way");
    drop(stream);
    until(|| world.calls("")["endpoints"][CREATE]["withEffect"] == 1);
    assert!(is_bound(&world, &token));
}

#[test]
fn latency_after_the_effect_delays_only_the_answer() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    world.fault(json!({"endpoint": CREATE, "kind": "latencyAfterEffect", "ms": 200, "count": 1}));
    let begun = Instant::now();
    assert_eq!(world.post(CREATE, &token, &json!({}))["errcode"], 0);
    assert!(begun.elapsed() >= Duration::from_millis(200));
    assert_eq!(last(&world)["fault"], "latencyAfterEffect");
}

#[test]
fn a_fault_lets_those_through_that_it_skips_and_strikes_the_ones_after() {
    const GET: &str = "/cgi-bin/open/get";
    let world = World::start();
    let (token, other) = (world.token(OFFICIAL), world.token(OTHER));
    world.fault(json!({
        "endpoint": GET, "kind": "errcode", "code": 45011, "account": OFFICIAL, "skip": 2, "count": 2,
    }));
    let left = || world.control("GET", "/_sim/faults", &json!({}))[0].clone();
    let ask = |token: &str| world.post(GET, token, &json!({}))["errcode"].clone();
    // Another account's calls could not be struck, so they are not skipped either.
    assert_eq!(
        [ask(&other), ask(&other), ask(&other)],
        [89002, 89002, 89002]
    );
    assert_eq!(left()["skip"], 2);
    assert_eq!(ask(&token), 89002);
    assert_eq!((&left()["skip"], &left()["count"]), (&json!(1), &json!(2)));
    let then = [ask(&token), ask(&token), ask(&token), ask(&token)];
    assert_eq!(then, [89002, 45011, 45011, 89002]);
}

#[test]
fn an_order_that_makes_no_sense_is_refused() {
    let world = World::start();
    for order in [
        json!({"endpoint": "*", "kind": "explode"}),
        json!({"endpoint": "*", "kind": "latency"}),
        json!({"endpoint": "*", "kind": "resetAfter", "often": true}),
    ] {
        assert_eq!(
            world.refused("POST", "/_sim/faults", &order),
            400,
            "{order}"
        );
    }
}

/// Looks again until it is so, for at most ten seconds.
pub fn until(mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !is_so() {
        assert!(Instant::now() < deadline, "it never came to be so");
        std::thread::yield_now();
    }
}
