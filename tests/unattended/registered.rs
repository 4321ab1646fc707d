//! A mini-program from one click to its end by `wxops run` alone, also where the loop is killed on the way, and where the
//! answer of the first of two gets lost.

use std::time::Duration;

use serde_json::{Value, json};

use super::house::House;
use crate::support::fleet;
use crate::support::registered::{Newcomer, REGISTER, calls};

const ACCOUNT: &str = "accounts:
  - {appId: $APPID, kind: officialAccount, principalName: $APPID有限公司, nickName: 学校$N, followers: 3}
authorizations:
  - {platform: wx0000000000000001, account: $APPID, permissionSets: [1, 2, 3, 15, 24, 27, 33], refreshToken: \"refreshtoken@@@$N\", authTime: \"2026-10-01T08:00:00Z\"}
";

/// One tenant, the loop, and its first look made.
fn waiting() -> (House, Newcomer) {
    let each = Newcomer {
        tenant: "tenant-$N".to_owned(),
        official: "$APPID".to_owned(),
    };
    let mut house = House::with(1, &each.manifest(), ACCOUNT);
    house.stage.start_loop();
    house.stage.push_ticket();
    house.until_all_looked_at(1);
    let one = Newcomer {
        tenant: House::name(0),
        official: fleet::appid(0),
    };
    (house, one)
}

/// Waits until all is done, while time goes on whenever nothing is under way.
fn until_home(house: &House, one: &Newcomer) {
    house.until_all("it is registered, and all that follows is done", || {
        let calls = house.stage.control.send("GET", "/_sim/calls", &Value::Null);
        let calls = calls["last"].as_array().unwrap();
        if calls.iter().all(|call| !call["endedAt"].is_null()) {
            house.advance(20);
        }
        one.is_home(&house.stage)
    });
}

#[test]
fn from_one_click_to_the_end_without_another_command() {
    let (house, one) = waiting();
    let list = "  domains: {hosts: [api.example.cn]}\n  callback:";
    house.edit("platform.yaml", "  callback:", list);
    let hosts = "      domains: {via: platform, hosts: [api.example.cn]}\n      signature:";
    house.edit(&House::file(0), "      signature:", hosts);
    one.click(&house.stage);
    house.until("it is home", || one.is_home(&house.stage));
    house.until("it has its host", || {
        server_hosts(&house, &one) == json!(["https://api.example.cn"])
    });
    one.judge(&house.stage);
    let listed = house
        .stage
        .control
        .count("/cgi-bin/component/modify_wxa_server_domain");
    assert_eq!(
        listed.with_effect, 1,
        "the platform's lists are changed once"
    );
    let exported = house.stage.wxops(&["users", "export", &one.tenant]);
    assert_eq!(exported.code, 0, "{exported:?}");
    let unionids = exported
        .stdout
        .lines()
        .skip(1)
        .filter(|line| !line.ends_with(','));
    assert_eq!(unionids.count(), 3, "{exported:?}");
}

/// What the new mini-program may talk to.
fn server_hosts(house: &House, one: &Newcomer) -> Value {
    let made = one.registered(&house.stage).pop();
    let state = house.stage.control.state();
    let mut all = state["accounts"].as_array().unwrap().iter();
    let app = all.find(|account| account["appId"].as_str() == made.as_deref());
    app.unwrap()["miniProgram"]["domains"]["server"]["third"]["requestdomain"].clone()
}

#[test]
fn a_loop_that_is_killed_while_it_registers_goes_on_without_a_second_one() {
    for kind in ["latency", "latencyAfterEffect"] {
        let (mut house, one) = waiting();
        house.fault(&json!({"endpoint": REGISTER, "kind": kind, "ms": 500, "count": 1}));
        one.click(&house.stage);
        let sent = || calls(&house.stage, &one.official, Some(REGISTER));
        house.until("the request is under way", || !sent().is_empty());
        house.stage.kill_sidecar();
        let sent = || calls(&house.stage, &one.official, Some(REGISTER));
        house.until("the request has ended", || {
            sent().iter().all(|call| !call["endedAt"].is_null())
        });
        house.stage.start_loop();
        house.stage.push_ticket();
        until_home(&house, &one);
        one.judge(&house.stage);
    }
}

#[test]
fn while_one_registration_is_in_doubt_no_other_is_made_through_the_same_account() {
    let (house, one) = waiting();
    let second =
        "  miniPrograms:\n    - name: shop\n      registration: {reuseOfficialAccount: {}}\n";
    house.edit(&House::file(0), "  miniPrograms:\n", second);
    house
        .stage
        .control
        .switch(&json!({"registrationRunsSeconds": 0}));
    house.fault(&json!({"endpoint": REGISTER, "kind": "resetAfter", "count": 1}));
    one.click(&house.stage);
    let sent = || calls(&house.stage, &one.official, Some(REGISTER)).len();
    house.until("the first is in doubt", || sent() == 1);
    one.click_for(&house.stage, "shop");
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!(sent(), 1);
    house.until_all("both are registered", || {
        house.advance(20);
        let claims = house.stage.wxops(&["claim", "list"]).stdout;
        claims.contains(":main") && claims.contains(":shop")
    });
    assert_eq!(
        (
            sent(),
            one.registered(&house.stage).len(),
            one.spent(&house.stage)
        ),
        (2, 2, 2)
    );
}
