//! What a restart goes on with, and what it does not do again.

use serde_json::json;

use super::house::House;

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
    std::thread::sleep(std::time::Duration::from_secs(3));
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
