//! What keeps a platform from WeChat is found out by one call, and tried again with patience, however many tenants wait.

use std::time::Duration;

use serde_json::json;

use super::house::House;

const TOKEN: &str = "/cgi-bin/component/api_component_token";
const TENANTS: usize = 60;

/// An hour in which the platform's token is refused with a code: how often it was asked for.
fn calls_in_an_hour(code: i64) -> u64 {
    let mut house = House::of(TENANTS);
    let fault = json!({"endpoint": TOKEN, "kind": "errcode", "code": code});
    house.stage.control.send("POST", "/_sim/faults", &fault);
    house.stage.start_loop();
    house.let_in(TENANTS);
    for _ in 0..6 {
        house.stage.push_ticket();
        std::thread::sleep(Duration::from_millis(700));
        let minutes = json!({"advance": 600});
        house.stage.control.send("POST", "/_sim/clock", &minutes);
    }
    std::thread::sleep(Duration::from_millis(700));
    let calls = house.stage.control.count(TOKEN).received;
    assert!(calls > 0, "nobody asked");
    calls
}

#[test]
fn a_platform_that_is_refused_is_one_question_and_not_one_for_each_tenant() {
    for code in [61_004, 40_125, 61_005, -1] {
        let calls = calls_in_an_hour(code);
        assert!(calls <= 10, "{code}: {calls} calls in an hour");
    }
}

#[test]
fn a_platform_whose_own_quota_is_used_up_asks_no_more_that_day() {
    assert_eq!(calls_in_an_hour(45_009), 1);
}

#[test]
fn all_tenants_go_on_once_the_platform_does() {
    let mut house = House::of(TENANTS);
    let fault = json!({"endpoint": TOKEN, "kind": "errcode", "code": 61_004});
    house.stage.control.send("POST", "/_sim/faults", &fault);
    house.stage.start_loop();
    house.let_in(TENANTS);
    house.stage.push_ticket();
    house.until("the platform's queue is stopped", || {
        house.ask("/v1/loop")["queues"][0]["stoppedUntil"].is_string()
    });
    house
        .stage
        .control
        .send("DELETE", "/_sim/faults", &json!({}));
    house
        .stage
        .control
        .send("POST", "/_sim/clock", &json!({"advance": 900}));
    house.stage.push_ticket();
    house.until_buttons(TENANTS - 1, &["课程", "杭州"]);
    house.until_all_looked_at(TENANTS);
}

#[test]
fn a_platform_without_a_manifest_is_served_until_somebody_forgets_it() {
    let mut house = House::running(1);
    house.until_all_looked_at(1);
    let platform = std::fs::read_to_string(house.path("platform.yaml")).unwrap();
    let forget = |house: &House| house.stage.wxops(&["store", "forget", "main"]);
    let refused = forget(&house);
    assert_eq!(refused.code, 4, "{refused:?}");
    std::fs::remove_file(house.path("platform.yaml")).unwrap();
    house.until("it is seen to be gone", || {
        house.ask("/v1/loop/brief")["platforms"][0]["stale"].is_string()
    });
    house.stage.push_ticket();
    let told = house.stage.wxops(&["status"]);
    assert!(told.stderr.contains("wxops store forget main"), "{told:?}");
    let done = forget(&house);
    assert_eq!(done.code, 0, "{done:?}");
    house.until("it is let go", || {
        house.ask("/v1/loop/brief")["platforms"] == json!([])
    });
    let public = house.stage.sidecar_url.trim_start_matches("http://");
    let push = "/wechat/notices?timestamp=1&nonce=2&msg_signature=3&encrypt_type=aes";
    let (status, _) = crate::support::control::request(public, "POST", push, "<xml/>");
    assert_eq!(status, 404);
    let nobody = forget(&house);
    assert_eq!(nobody.code, 1, "{nobody:?}");
    // Declared again it is served again, also by the next process.
    house.write("platform.yaml", &platform);
    house.until("it is served again", || {
        house.ask("/v1/loop/brief")["platforms"] == json!([{"name": "main", "stale": null}])
    });
    house.stage.push_ticket();
    house.stage.kill_sidecar();
    house.stage.start_loop();
    house.stage.push_ticket();
}
