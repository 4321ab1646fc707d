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

#[test]
fn what_is_no_pause_does_not_look_like_one() {
    let house = House::running(1);
    house.until_buttons(0, &["课程", "杭州"]);
    let over = ["pause", "tenant-000", "--until", "2020-01-01T00:00:00Z"];
    for (slip, why) in [
        (over.as_slice(), "is over, it is"),
        (&["pause", "tenant"], "knows nothing of a tenant `tenant`"),
        (
            &["pause", "--platform", "mai"],
            "knows nothing of a platform `mai`",
        ),
        (
            &["reconcile", "../platforms/main"],
            "no tenant can have the name",
        ),
        (
            &["reconcile", "nobody"],
            "has nothing of tenant `nobody` in force",
        ),
    ] {
        let done = house.stage.wxops(slip);
        assert_eq!(done.code, 1, "{done:?}");
        assert!(done.stderr.contains(why), "{done:?}");
    }
    house.edit(&House::file(0), "杭州", "宁波");
    house.until_buttons(0, &["课程", "宁波"]);
    let until = house
        .stage
        .wxops(&["pause", "tenant-000", "--until", "2099-12-24"]);
    assert_eq!(until.code, 0, "{until:?}");
    assert!(until.stdout.contains("until 2099-12-24 00:00"), "{until:?}");
}

#[test]
fn a_platform_is_paused_before_its_first_pass_and_whatever_it_is_called_later() {
    let mut house = House::of(1);
    house.stage.start_loop();
    let paused = house.stage.wxops(&["pause", "--platform", "main"]);
    assert_eq!(paused.code, 0, "{paused:?}");
    house.stage.push_ticket();
    let waits = |house: &House| {
        let done = house.stage.wxops(&["reconcile", "tenant-000", "--wait"]);
        assert_eq!(done.stdout.trim(), "waiting", "{done:?}");
        assert!(house.buttons(0).is_empty());
    };
    waits(&house);
    house.edit("platform.yaml", "name: main", "name: neu");
    house.edit(&House::file(0), "name: main", "name: neu");
    house.until("it is called so", || {
        let told = house.ask("/v1/loop");
        let mut served = told["platforms"].as_array().unwrap().iter();
        served.any(|one| one["name"] == "neu")
    });
    waits(&house);
    let why = house.stage.wxops(&["why", "tenant-000"]);
    assert!(
        why.stdout.contains("wxops resume --platform neu"),
        "{why:?}"
    );
    let resumed = house.stage.wxops(&["resume", "--platform", "neu"]);
    assert_eq!(resumed.code, 0, "{resumed:?}");
    house.until_buttons(0, &["课程", "杭州"]);
}
