//! P7: pause is total.

use super::house::House;

#[test]
fn nothing_is_written_for_what_is_paused_by_the_loop_or_by_an_apply() {
    let house = House::running(2);
    house.until_buttons(0, &["课程", "杭州"]);
    house.until_buttons(1, &["课程", "杭州"]);
    let paused = house.stage.wxops(&["pause", &House::name(0), "--by", "li"]);
    assert_eq!(paused.code, 0, "{paused:?}");
    house.meddle(0, "别的");
    house.edit("class.yaml", "课程", "课表");
    house.until_buttons(1, &["课表", "杭州"]);
    for _ in 0..2 {
        let done = house.stage.wxops(&["reconcile", &House::name(0), "--wait"]);
        assert_eq!(done.stdout.trim(), "waiting", "{done:?}");
        assert_eq!(house.buttons(0), ["别的"]);
    }
    let applied = house
        .stage
        .wxops(&["apply", "--tenant", &House::name(0), "--auto-approve"]);
    assert_eq!(applied.code, 4, "{applied:?}");
    assert!(
        applied.stdout.contains("wxops resume tenant-000"),
        "{applied:?}"
    );
    assert_eq!(house.buttons(0), ["别的"]);
    let resumed = house.stage.wxops(&["resume", &House::name(0)]);
    assert_eq!(resumed.code, 0, "{resumed:?}");
    house.until_buttons(0, &["课表", "杭州"]);
}

#[test]
fn a_platform_is_paused_with_all_its_tenants_until_a_time() {
    let house = House::running(2);
    house.until_buttons(0, &["课程", "杭州"]);
    house.until_buttons(1, &["课程", "杭州"]);
    let paused = house
        .stage
        .wxops(&["pause", "--platform", "main", "--until", "2h"]);
    assert_eq!(paused.code, 0, "{paused:?}");
    house.edit("class.yaml", "课程", "课表");
    house.until("both are looked at", || {
        let told = house.ask("/v1/loop");
        let all = told["tenants"].as_object().unwrap();
        all.values().all(|one| one["result"] == "waiting")
    });
    assert_eq!(house.buttons(0), ["课程", "杭州"]);
    assert_eq!(house.buttons(1), ["课程", "杭州"]);
    for unknown in [["pause", "nobody"], ["resume", "nobody"]] {
        let done = house.stage.wxops(&unknown);
        assert_eq!(done.code, i32::from(unknown[0] == "pause"), "{done:?}");
    }
    house.stage.control.send(
        "POST",
        "/_sim/clock",
        &serde_json::json!({"advance": 10800}),
    );
    house.stage.push_ticket();
    house.until_buttons(0, &["课表", "杭州"]);
    house.until_buttons(1, &["课表", "杭州"]);
}
