//! What people do beside a loop: put something back, apply other manifests, start another loop.

use std::fs;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use super::house::House;
use crate::support::process::Background;

/// A house of one tenant whose menu was changed once, and the entry of its history that did it.
fn changed_once() -> (House, String) {
    let house = House::running(1);
    house.until_buttons(0, &["课程", "杭州"]);
    house.edit(&House::file(0), "杭州", "宁波");
    house.until_buttons(0, &["课程", "宁波"]);
    reconciled(&house, "ready");
    let told = house
        .stage
        .wxops(&["history", "tenant-000", "--output", "json"]);
    let entries: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
    let numbers = entries.as_array().unwrap().iter();
    let newest = numbers.map(|one| one["entry"].as_u64().unwrap()).max();
    (house, newest.unwrap().to_string())
}

/// Another folder, in which the first tenant is of another city.
fn other_manifests(house: &House) -> (TempDir, String) {
    let elsewhere = house.copied();
    let file = elsewhere.path().join(House::file(0));
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("杭州", "温州")).unwrap();
    let folder = elsewhere.path().display().to_string();
    (elsewhere, folder)
}

fn reconciled(house: &House, result: &str) {
    let done = house.stage.wxops(&["reconcile", "tenant-000", "--wait"]);
    assert_eq!(done.stdout.trim(), result, "{done:?}");
}

fn put_back(house: &House, entry: &str) {
    let done = house
        .stage
        .wxops(&["restore", "tenant-000", entry, "--auto-approve"]);
    assert_eq!(done.code, 0, "{done:?}");
    assert!(done.stderr.contains("wxops resume tenant-000"), "{done:?}");
    assert_eq!(house.buttons(0), ["课程", "杭州"]);
}

#[test]
fn what_was_put_back_stays_so_until_the_manifest_says_the_same() {
    let (house, entry) = changed_once();
    put_back(&house, &entry);
    for _ in 0..2 {
        reconciled(&house, "waiting");
        assert_eq!(house.buttons(0), ["课程", "杭州"]);
    }
    let why = house.stage.wxops(&["why", "tenant-000"]);
    assert!(why.stdout.contains("put back"), "{why:?}");
    // An apply leaves it as well.
    let applied = house
        .stage
        .wxops(&["apply", "--tenant", "tenant-000", "--auto-approve"]);
    assert_eq!(applied.code, 4, "{applied:?}");
    assert_eq!(house.buttons(0), ["课程", "杭州"]);
    // A commit that says something else yet does not end it.
    house.edit(&House::file(0), "宁波", "温州");
    reconciled(&house, "waiting");
    assert_eq!(house.buttons(0), ["课程", "杭州"]);
    house.edit(&House::file(0), "温州", "杭州");
    reconciled(&house, "ready");
    house.edit(&House::file(0), "杭州", "绍兴");
    house.until_buttons(0, &["课程", "绍兴"]);
}

#[test]
fn what_was_put_back_is_changed_again_once_somebody_resumes_it() {
    let (mut house, entry) = changed_once();
    put_back(&house, &entry);
    // It is remembered by whoever comes next.
    house.stage.kill_sidecar();
    house.stage.start_loop();
    reconciled(&house, "waiting");
    assert_eq!(house.buttons(0), ["课程", "杭州"]);
    let resumed = house.stage.wxops(&["resume", "tenant-000"]);
    assert_eq!(resumed.code, 0, "{resumed:?}");
    house.until_buttons(0, &["课程", "宁波"]);
}

#[test]
fn an_apply_of_other_manifests_is_refused_beside_the_loop_and_one_of_the_same_is_not() {
    let house = House::running(2);
    house.until_buttons(0, &["课程", "杭州"]);
    let (_elsewhere, folder) = other_manifests(&house);
    let apply = ["apply", "-f", &folder, "--auto-approve"];
    let refused = house.stage.wxops(&apply);
    assert_eq!(refused.code, 4, "{refused:?}");
    assert!(refused.stderr.contains("tenant tenant-000)"), "{refused:?}");
    assert_eq!(house.buttons(0), ["课程", "杭州"]);
    let forced = house
        .stage
        .wxops(&[apply.as_slice(), &["--beside-loop"]].concat());
    assert_eq!(forced.code, 0, "{forced:?}");
    assert_eq!(house.buttons(0), ["课程", "温州"]);
    reconciled(&house, "ready");
    assert_eq!(house.buttons(0), ["课程", "杭州"]);
    // What was written a moment ago is the loop's own as soon as it has looked.
    house.edit(&House::file(0), "杭州", "嘉兴");
    let applied = house.stage.wxops(&["apply", "--auto-approve"]);
    assert_eq!(applied.code, 0, "{applied:?}");
    assert_eq!(house.buttons(0), ["课程", "嘉兴"]);
}

#[test]
fn what_is_already_as_it_was_is_kept_as_well() {
    let (house, entry) = changed_once();
    let menu = json!({"menu": {"default": {"button": [
        {"type": "view", "name": "课程", "url": "https://wx.example.com/"},
        {"type": "click", "name": "杭州", "key": "CITY"},
    ]}}});
    let path = format!("/_sim/accounts/{}", crate::support::fleet::appid(0));
    house.stage.control.send("PATCH", &path, &menu);
    put_back(&house, &entry);
    reconciled(&house, "waiting");
    assert_eq!(house.buttons(0), ["课程", "杭州"]);
    let resumed = house.stage.wxops(&["resume", "tenant-000"]);
    assert_eq!(resumed.code, 0, "{resumed:?}");
    house.until_buttons(0, &["课程", "宁波"]);
}

#[test]
fn a_loop_that_has_not_said_where_it_listens_is_waited_for() {
    let house = House::running(1);
    house.until_buttons(0, &["课程", "杭州"]);
    let (_elsewhere, folder) = other_manifests(&house);
    let lock = house.stage.store().join("loop.lock");
    let said = fs::read_to_string(&lock).unwrap();
    // As long as it begins, and where there is no room to write it down.
    fs::write(&lock, "").unwrap();
    let status = house.stage.wxops(&["status"]);
    assert!(
        status.stderr.contains("has not said yet where it listens"),
        "{status:?}"
    );
    let refused = std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_secs(2));
            fs::write(&lock, &said).unwrap();
        });
        house
            .stage
            .wxops(&["apply", "-f", &folder, "--auto-approve"])
    });
    assert_eq!(refused.code, 4, "{refused:?}");
    assert_eq!(house.buttons(0), ["课程", "杭州"]);
}

#[test]
fn a_lock_that_was_removed_lets_no_second_loop_in() {
    let house = House::running(1);
    house.until_buttons(0, &["课程", "杭州"]);
    let lock = house.stage.store().join("loop.lock");
    fs::remove_file(&lock).unwrap();
    house.until("it is there again", || {
        fs::read_to_string(&lock).is_ok_and(|said| said.contains("127.0.0.1"))
    });
    let mut command = house.stage.command("run");
    command.args(["--listen", "127.0.0.1:0", "--private-listen", "127.0.0.1:0"]);
    let second = Background::start(&mut command);
    second.expect("stderr: error: another `wxops run` works on this store");
    reconciled(&house, "ready");
}

#[test]
fn a_loop_on_standby_takes_over_when_the_one_before_ends() {
    let mut house = House::running(1);
    house.until_buttons(0, &["课程", "杭州"]);
    let mut command = house.stage.command("run");
    command.args(["--standby", "--listen", "127.0.0.1:0"]);
    command.args(["--private-listen", "127.0.0.1:0"]);
    let asked_to_end = Background::start(&mut command);
    asked_to_end.expect("stderr: another `wxops run` (pid ");
    assert_eq!(asked_to_end.terminate(), Some(0));
    let second = Background::start(&mut command);
    second.expect("stderr: another `wxops run` (pid ");
    std::thread::sleep(Duration::from_secs(1));
    assert!(!second.transcript().text().contains("listening on"));
    house.stage.kill_sidecar();
    second.expect("private on http://");
    house.edit(&House::file(0), "杭州", "宁波");
    house.until_buttons(0, &["课程", "宁波"]);
    assert_eq!(second.terminate(), Some(0));
}
