//! The loop and a verb beside it, one of them standing still in the middle of a pass: nothing old goes over something new.

use std::time::Duration;

use serde_json::json;

use super::house::House;
use crate::support::process::Background;

const READ: &str = "/cgi-bin/get_current_selfmenu_info";
const CREATE: &str = "/cgi-bin/menu/create";

/// The next looks at a menu take long enough for whoever looks to be stopped meanwhile.
fn hold_reads(house: &House, looks: u64) -> u64 {
    house.fault(&json!({"endpoint": READ, "kind": "latency", "ms": 2_000, "count": looks}));
    house.stage.control.count(READ).received + looks
}

/// Whoever holds the tenant is taken for dead by now, by the clock that all share.
fn long_after(house: &House) {
    house.advance(70);
}

/// An `apply` of an older commit is stopped at its first look, for the plan it prints, or at its second, within its pass.
fn an_apply_is_stopped_at(look: u64) {
    let house = House::running(1);
    house.until_buttons(0, &["课程", "杭州"]);
    house.until_all_looked_at(1);
    let older = house.copied();
    let file = older.path().join(House::file(0));
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("杭州", "宁波")).unwrap();
    let begun = hold_reads(&house, look);
    let mut apply = house.stage.command("apply");
    apply.args(["--auto-approve", "--beside-loop", "-f"]);
    apply.arg(older.path());
    let mut apply = Background::start(&mut apply);
    house.until("it looks", || {
        house.stage.control.count(READ).received == begun
    });
    apply.signal("STOP");
    house.edit(&House::file(0), "杭州", "温州");
    if look == 2 {
        // It lives, and is at work on the tenant as far as anybody knows.
        std::thread::sleep(Duration::from_secs(4));
        assert_eq!(house.buttons(0), ["课程", "杭州"]);
    }
    long_after(&house);
    house.until_buttons(0, &["课程", "温州"]);
    let made = house.stage.control.count(CREATE).received;
    apply.signal("CONT");
    let code = apply.ended();
    let said = apply.transcript().text();
    assert_ne!(code, Some(0), "{said}");
    assert!(said.contains("run it again"), "{code:?} {said}");
    assert_eq!(house.buttons(0), ["课程", "温州"], "{said}");
    assert_eq!(house.stage.control.count(CREATE).received, made, "{said}");
}

#[test]
fn an_apply_that_stood_still_after_its_plan_puts_nothing_old_over_what_the_loop_brought_home() {
    an_apply_is_stopped_at(1);
}

#[test]
fn an_apply_that_stood_still_in_its_pass_puts_nothing_old_over_what_the_loop_brought_home() {
    an_apply_is_stopped_at(2);
}

#[test]
fn a_loop_that_stood_still_puts_nothing_old_over_what_an_apply_made() {
    let house = House::running(1);
    house.until_buttons(0, &["课程", "杭州"]);
    house.until_all_looked_at(1);
    let begun = hold_reads(&house, 1);
    house.edit(&House::file(0), "杭州", "宁波");
    house.until("the loop looks", || {
        house.stage.control.count(READ).received == begun
    });
    house.stage.signal_sidecar("STOP");
    house.edit(&House::file(0), "宁波", "温州");
    long_after(&house);
    let newer = house
        .stage
        .wxops(&["apply", "--auto-approve", "--beside-loop"]);
    let there = house.buttons(0);
    let made = house.stage.control.count(CREATE).received;
    house.stage.signal_sidecar("CONT");
    assert_eq!(newer.code, 0, "{newer:?}");
    assert_eq!(there, ["课程", "温州"]);
    let looked = house.stage.wxops(&["reconcile", &House::name(0), "--wait"]);
    assert_eq!(looked.stdout.trim(), "ready", "{looked:?}");
    assert_eq!(house.buttons(0), ["课程", "温州"]);
    assert_eq!(house.stage.control.count(CREATE).received, made);
}
