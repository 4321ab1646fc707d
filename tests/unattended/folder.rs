//! What lies in the folder and is no manifest keeps nobody from being looked after.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::house::House;

#[test]
fn a_file_that_grows_beside_the_manifests_holds_no_commit() {
    let house = House::running(1);
    house.until_buttons(0, &["课程", "杭州"]);
    let (stop, log) = (AtomicBool::new(false), house.path("app.log"));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0.. {
                fs::write(&log, format!("{n}")).unwrap();
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        house.edit(&House::file(0), "杭州", "宁波");
        let is_so = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            house.until_buttons(0, &["课程", "宁波"]);
        }));
        stop.store(true, Ordering::Relaxed);
        is_so.unwrap();
    });
}

#[test]
fn a_lock_that_git_left_behind_is_told_of_and_what_is_in_force_is_looked_after() {
    let mut house = House::running(2);
    house.until_buttons(0, &["课程", "杭州"]);
    house.until_buttons(1, &["课程", "杭州"]);
    house.until_all_looked_at(2);
    house.stage.stop_sidecar();
    fs::create_dir_all(house.path(".git")).unwrap();
    fs::write(house.path(".git/index.lock"), "").unwrap();
    house.edit(&House::file(0), "杭州", "宁波");
    house.meddle(0, "别的");
    house.stage.start_loop();
    house.until("what is in force is known", || {
        house.ask("/v1/loop")["tenants"].as_object().unwrap().len() == 2
    });
    let done = house.stage.wxops(&["reconcile", &House::name(0), "--wait"]);
    assert_eq!(done.stdout.trim(), "ready", "{done:?}");
    assert!(done.stderr.contains("index.lock"), "{done:?}");
    assert_eq!(house.buttons(0), ["课程", "杭州"]);
    fs::remove_file(house.path(".git/index.lock")).unwrap();
    house.until_buttons(0, &["课程", "宁波"]);
}

#[test]
fn a_pipe_in_place_of_a_secret_holds_up_nobody() {
    let mut house = House::running(1);
    house.until_buttons(0, &["课程", "杭州"]);
    let secret = house.path("credentials/appSecret");
    fs::remove_file(&secret).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&secret).status();
    assert!(made.unwrap().success());
    house.edit(&House::file(0), "杭州", "宁波");
    house.until_buttons(0, &["课程", "宁波"]);
    let status = house.stage.wxops(&["status"]);
    assert!(status.stderr.contains("no regular file"), "{status:?}");
    house.stage.signal_sidecar("TERM");
    assert_eq!(house.stage.sidecar_ends().0, Some(0));
}

#[test]
fn a_clock_that_ran_ahead_puts_nothing_off_once_it_is_set_back() {
    const AHEAD: i64 = 40 * 3_600;
    let house = House::running(1);
    house.until_buttons(0, &["课程", "杭州"]);
    house.until_all_looked_at(1);
    house.fault(&serde_json::json!({"endpoint": "*", "kind": "resetBefore"}));
    house.advance(AHEAD);
    let stopped = || house.ask("/v1/loop/brief")["queues"][0]["stoppedUntil"].is_string();
    house.until("the platform is kept from WeChat", stopped);
    house.advance(-AHEAD);
    house.no_faults();
    house.stage.push_ticket();
    house.edit(&House::file(0), "杭州", "宁波");
    house.until_buttons(0, &["课程", "宁波"]);
    house.advance(7_200);
    house.stage.push_ticket();
    house.stage.wxops(&["reconcile", &House::name(0), "--wait"]);
    house.advance(-7_200);
    house.meddle(0, "别的");
    let done = house.stage.wxops(&["reconcile", &House::name(0), "--wait"]);
    assert_eq!(done.stdout.trim(), "ready", "{done:?}");
    assert_eq!(house.buttons(0), ["课程", "宁波"]);
}
