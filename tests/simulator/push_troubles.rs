//! Pushes that fail, come again or stop; a changed configuration while it is tested; orders nobody can carry out.

use std::time::Duration;

use serde_json::{Value, json};

use super::http::request;
use super::pushes::{authorize, listening, push_ticket};
use super::sink::{KEY, Sink};
use super::world::{OFFICIAL, OTHER, PLATFORM, World};

#[test]
fn a_notice_comes_again_until_it_is_answered_with_success() {
    let world = World::start();
    let answers = ["SUCCESS", "success\n", "", "success", "never asked"];
    let sink = Sink::of(move |number| (Duration::ZERO, answers[number].to_owned()));
    listening(&world, &sink);
    world.switch("noticeAttempts", json!(5));
    assert_eq!(push_ticket(&world)["push"]["acknowledged"], true);
    let tries: Vec<String> = (0..4).map(|_| sink.next().opened()).collect();
    assert!(tries.iter().all(|one| *one == tries[0]), "{tries:?}");
    assert_eq!(sink.rest(), 0);
    let counted = world.calls("")["pushes"]["push:ticket"].clone();
    assert_eq!(counted, json!({"sent": 4, "acknowledged": 1, "lost": 0}));
}

#[test]
fn an_answer_that_comes_late_is_none() {
    let world = World::start();
    let sink = Sink::of(|number| {
        (
            Duration::from_millis(if number == 0 { 600 } else { 0 }),
            "success".to_owned(),
        )
    });
    listening(&world, &sink);
    world.switch("pushDeadlineMs", json!(200));
    let late = push_ticket(&world)["push"].clone();
    assert_eq!(
        (&late["acknowledged"], &late["status"]),
        (&json!(false), &Value::Null)
    );
    sink.next();
    world.switch("pushDeadlineMs", json!(5000));
    assert_eq!(push_ticket(&world)["push"]["acknowledged"], true);
}

#[test]
fn pushes_stop_after_too_many_failures_until_they_are_started() {
    let world = World::start();
    let sink = Sink::of(|number| {
        (
            Duration::ZERO,
            if number < 4 { "no" } else { "success" }.to_owned(),
        )
    });
    listening(&world, &sink);
    let start = || {
        let body = json!({"component_appid": PLATFORM, "component_secret": "platform-secret"});
        world.post("/cgi-bin/component/api_start_push_ticket", "", &body)["errmsg"].clone()
    };
    for _ in 0..2 {
        assert_eq!(
            push_ticket(&world)["push"]["answer"],
            "no",
            "by itself nothing stops"
        );
    }
    world.switch("pushesStopAfter", json!(2));
    for _ in 0..2 {
        assert_eq!(push_ticket(&world)["push"]["answer"], "no");
    }
    assert_eq!(
        push_ticket(&world)["push"],
        json!({"acknowledged": false, "stopped": true})
    );
    assert_eq!(authorize(&world, &[15])["push"]["stopped"], true);
    let state = world.control("GET", "/_sim/state", &json!({}));
    assert_eq!(
        (
            &state["platforms"][0]["pushTickets"],
            &state["platforms"][0]["failedPushes"]
        ),
        (&json!(false), &json!(2))
    );
    assert_eq!(start(), "ok");
    assert_eq!(start(), "in a normal state");
    assert_eq!(push_ticket(&world)["push"]["acknowledged"], true);
}

#[test]
fn while_a_configuration_is_tested_tickets_go_to_both() {
    let other_key = "Z".repeat(43);
    let world = World::start();
    let (published, tested) = (Sink::answering("success"), Sink::answering("success"));
    listening(&world, &published);
    let testing = json!({
        "testAccounts": [OFFICIAL],
        "testing": {
            "noticesUrl": format!("http://{}/tested", tested.address),
            "messagesUrl": format!("http://{}/tested/$APPID$", tested.address),
            "token": "tested-token", "encodingAesKey": other_key,
        },
    });
    world.control("PATCH", &format!("/_sim/platforms/{PLATFORM}"), &testing);
    let pushed = push_ticket(&world)["push"].clone();
    assert_eq!(
        (&pushed["acknowledged"], &pushed["testing"]["acknowledged"]),
        (&json!(true), &json!(true))
    );
    let ticket = published.next().opened();
    let got = tested.next();
    assert!(got.target.starts_with("POST /tested?"), "{}", got.target);
    assert_eq!(got.opened_with("tested-token", &other_key), ticket);

    // What concerns a test account goes to the new one, all else to the old one.
    authorize(&world, &[1]);
    assert!(
        tested
            .next()
            .opened_with("tested-token", &other_key)
            .contains(OFFICIAL)
    );
    let order = json!({"platform": PLATFORM, "account": OTHER, "permissionSets": [1]});
    world.control("POST", "/_sim/authorize", &order);
    assert!(
        published
            .next()
            .opened_with("platform-token", KEY)
            .contains(OTHER)
    );
    let say = json!({"platform": PLATFORM, "account": OFFICIAL, "content": "x"});
    world.control("POST", "/_sim/messages", &say);
    assert!(
        tested
            .next()
            .target
            .starts_with(&format!("POST /tested/{OFFICIAL}?"))
    );
    assert_eq!((published.rest(), tested.rest()), (0, 0));
}

#[test]
fn an_answer_without_end_is_no_answer_and_fills_no_memory() {
    let world = World::start();
    let sink = Sink::answering(&"x".repeat(4 << 20));
    listening(&world, &sink);
    let pushed = push_ticket(&world)["push"].clone();
    assert_eq!(pushed["acknowledged"], false);
    assert_eq!(pushed["answer"].as_str().map(str::len), Some(64 * 1024));
}

#[test]
fn an_order_nobody_can_carry_out_gets_a_sentence() {
    let world = World::start();
    let deep = "[".repeat(100_000);
    for (method, path, body, status) in [
        ("GET", "/_sim/nothing", "", 404),
        ("POST", "/", "{}", 404),
        ("DELETE", "/_sim/state", "", 405),
        ("PUT", "/_sim/state", "not json", 400),
        ("PUT", "/_sim/state", deep.as_str(), 400),
        ("POST", "/_sim/faults", deep.as_str(), 400),
        (
            "POST",
            "/_sim/clock",
            r#"{"advance": 9223372036854775807}"#,
            400,
        ),
        ("POST", "/_sim/clock", r#"{"set": "yesterday"}"#, 400),
        ("POST", "/_sim/messages", "[]", 400),
        ("PATCH", "/_sim/switches", r#"{"pushDeadlineMs": -1}"#, 400),
    ] {
        let reply = request(world.control, method, path, &[], body).expect("an answer");
        assert_eq!(reply.status, status, "{method} {path}: {}", reply.body);
        assert!(reply.json()["error"].is_string(), "{}", reply.body);
    }
    let latin = request(
        world.control,
        "POST",
        "/_sim/faults",
        &[],
        b"{\"endpoint\": \"\xff\"}",
    )
    .unwrap();
    assert_eq!(latin.status, 400);
    let token = world.token(OFFICIAL);
    assert_eq!(
        world.get("/cgi-bin/menu/get", &token)["errcode"],
        46003,
        "it goes on"
    );
}
