//! What a restart goes on with, and what it does not do again.

use std::time::{Duration, Instant};

use serde_json::json;

use super::house::House;

const CREATE: &str = "/cgi-bin/menu/create";
const OPEN_CREATE: &str = "/cgi-bin/open/create";

#[test]
fn a_file_that_breaks_before_a_restart_keeps_its_last_good_revision() {
    let mut house = House::running(2);
    house.until_buttons(0, &["课程", "杭州"]);
    house.until_buttons(1, &["课程", "杭州"]);
    house.stage.stop_sidecar();
    house.write(&House::file(0), "kind: Tenant\nmetadata: {");
    house.edit("class.yaml", "menu:", "menus:");
    house.meddle(0, "别的");
    house.meddle(1, "别的");
    house.stage.start_loop();
    for tenant in 0..2 {
        house.until("a revision is in force", || {
            house.ask("/v1/loop")["tenants"].as_object().unwrap().len() == 2
        });
        let done = house
            .stage
            .wxops(&["reconcile", &House::name(tenant), "--wait"]);
        assert_eq!(done.stdout.trim(), "ready", "{done:?}");
        assert_eq!(house.buttons(tenant), ["课程", "杭州"]);
    }
}

#[test]
fn a_restart_writes_nothing_at_wechat_and_looks_at_nobody_at_once() {
    let mut house = House::running(8);
    house.until_all_looked_at(8);
    house.until_buttons(7, &["课程", "杭州"]);
    house.stage.stop_sidecar();
    house
        .stage
        .control
        .send("DELETE", "/_sim/calls", &json!({}));
    house.stage.start_loop();
    house.until("the loop has begun", || {
        house.ask("/v1/loop")["tenants"].as_object().unwrap().len() == 8
    });
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(house.stage.control.effects(), 0);
    let looked = house.ask("/v1/loop");
    let looked = looked["tenants"].as_object().unwrap().values();
    assert_eq!(looked.filter(|one| one["lastPass"].is_string()).count(), 0);
}

#[test]
fn pushes_are_taken_whatever_is_wrong_with_the_manifests() {
    let mut house = House::running(1);
    house.until_all_looked_at(1);
    for name in ["platform.yaml", "class.yaml", "tenant-000.yaml"] {
        house.write(name, "{{{");
    }
    house.until("the mistakes are told", || {
        house.ask("/v1/loop")["mistakes"].as_array().unwrap().len() >= 3
    });
    house.stage.push_ticket();
    house.stage.stop_sidecar();
    std::fs::remove_dir_all(house.path("credentials")).unwrap();
    house.stage.start_loop();
    house.stage.push_ticket();
    let state = house.stage.control.state();
    assert!(state["platforms"][0]["ticket"].is_string() || state["platforms"].is_array());
}

/// Commits another menu, and kills the loop while its request is under way at WeChat.
fn killed_in_mid_request(house: &mut House, name: &str, takes_ms: u64) {
    house.until_buttons(0, &["课程", "杭州"]);
    house.until_all_looked_at(1);
    let before = house.stage.control.count(CREATE).received;
    // WeChat takes that long over it, and does it then, whoever is there to hear of it.
    house.fault(&json!({"endpoint": CREATE, "kind": "latency", "ms": takes_ms, "count": 1}));
    house.edit(&House::file(0), "杭州", name);
    house.until("it writes", || {
        house.stage.control.count(CREATE).received > before
    });
    house.stage.kill_sidecar();
}

#[test]
fn what_a_killed_loop_had_sent_goes_over_nothing_newer() {
    let mut house = House::running(1);
    killed_in_mid_request(&mut house, "宁波", 4_000);
    let killed = Instant::now();
    house.edit(&House::file(0), "宁波", "温州");
    house.stage.start_loop();
    house.until_buttons(0, &["课程", "温州"]);
    // A minute, where nobody knows that it is dead.
    assert!(killed.elapsed() < Duration::from_secs(25));
    // The first menu, the late one, and this.
    assert_eq!(house.stage.control.count(CREATE).with_effect, 3);
    let done = house.stage.wxops(&["reconcile", "tenant-000", "--wait"]);
    assert_eq!(done.stdout.trim(), "ready", "{done:?}");
    assert_eq!(house.buttons(0), ["课程", "温州"]);
}

#[test]
fn a_pause_counts_from_when_nothing_of_a_killed_loop_is_under_way() {
    let mut house = House::running(1);
    killed_in_mid_request(&mut house, "宁波", 4_000);
    // What is there is what the manifest says again: nothing is to be done.
    house.edit(&House::file(0), "宁波", "杭州");
    house.stage.start_loop();
    let paused = house.stage.wxops(&["pause", "tenant-000"]);
    assert_eq!(paused.code, 0, "{paused:?}");
    assert_eq!(house.buttons(0), ["课程", "宁波"]);
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(house.buttons(0), ["课程", "宁波"]);
    house.stage.wxops(&["resume", "tenant-000"]);
    house.until_buttons(0, &["课程", "杭州"]);
}

/// What is made at most once: whether it was is asked half a minute after an answer got lost.
const OPEN: &str = "apiVersion: wxops.io/v1alpha1
kind: Tenant
metadata: {name: tenant-$N}
spec:
  platformRef: {name: main}
  openAccount: {create: true}
  officialAccount: {appId: $APPID}
";
const ACCOUNT: &str = "accounts:
  - {appId: $APPID, kind: officialAccount, principalName: 公司$N, nickName: 学校$N}
authorizations:
  - {platform: wx0000000000000001, account: $APPID, permissionSets: [1, 3, 15, 24], refreshToken: \"refreshtoken@@@$N\", authTime: \"2026-10-01T08:00:00Z\"}
";

#[test]
fn what_got_no_answer_is_asked_about_when_it_counts_and_keeps_nobody_waiting() {
    let mut house = House::with(2, OPEN, ACCOUNT);
    house.fault(&json!({"endpoint": OPEN_CREATE, "kind": "resetAfter", "count": 2}));
    house.stage.start_loop();
    house.stage.push_ticket();
    let told = |house: &House, result: &str| {
        let told = house.ask("/v1/loop");
        let all = told["tenants"].as_object().unwrap();
        all.len() == 2 && all.values().all(|one| one["result"] == result)
    };
    // The passes are over though nothing is known yet.
    house.until("both answers got lost", || told(&house, "failed"));
    assert_eq!(house.stage.control.count(OPEN_CREATE).with_effect, 2);
    // Nor does a probe that is to come keep the loop from its end.
    let asked = Instant::now();
    house.stage.stop_sidecar();
    assert!(asked.elapsed() < Duration::from_secs(5));
    house.stage.start_loop();
    house.advance(60);
    house.until("both were asked about", || told(&house, "ready"));
    let made = house.stage.control.count(OPEN_CREATE);
    assert_eq!((made.received, made.with_effect), (2, 2));
}
