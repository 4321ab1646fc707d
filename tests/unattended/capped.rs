//! What was let in and cannot be done yet is not counted as a change again and again.

use jiff::Timestamp;
use serde_json::Value;

use super::house::House;

const TENANTS: usize = 800;
const HOURS: u64 = 2;

/// A yes beforehand to what costs something: a platform has a cap on how many of those it makes in an hour.
const CAPPED: &str = "apiVersion: wxops.io/v1alpha1
kind: Tenant
metadata: {name: tenant-$N}
spec:
  platformRef: {name: main}
  policy: {preapproved: [setIndustry]}
  officialAccount:
    appId: $APPID
    industry: {primary: 教育/培训}
";
const ACCOUNT: &str = "accounts:
  - {appId: $APPID, kind: officialAccount, principalName: 公司$N, nickName: 学校$N, industry: {primary: 1, secondary: 13, changedIn: \"2026-01\"}}
authorizations:
  - {platform: wx0000000000000001, account: $APPID, permissionSets: [1, 3, 7, 15, 24], refreshToken: \"refreshtoken@@@$N\", authTime: \"2026-10-01T08:00:00Z\"}
";
const SET_INDUSTRY: &str = "/cgi-bin/template/api_set_industry";

/// A house of tenants with a costly step each, and so many of those an hour; nothing runs yet but WeChat.
fn capped(tenants: usize, per_hour: u32) -> House {
    let house = House::with(tenants, CAPPED, ACCOUNT);
    let guard = format!("spec:\n  guard: {{irreversiblePerHour: {per_hour}}}");
    house.edit("platform.yaml", "spec:", &guard);
    house
}

fn all_wait_but_one(house: &House) -> bool {
    let told = house.ask("/v1/loop");
    let all = told["tenants"].as_object().unwrap().values();
    let waits = all.filter(|one| one["result"] == "waiting").count();
    waits == TENANTS - 1 && house.stage.control.count(SET_INDUSTRY).with_effect == 1
}

fn menu(house: &House, tenant: usize, button: &str) {
    let with_menu = format!("menu: {{buttons: [{{name: {button}, click: X}}]}}\n    industry:");
    house.edit(&House::file(tenant), "industry:", &with_menu);
}

#[test]
fn tenants_whose_steps_a_cap_holds_hold_no_commit_and_are_not_held_again() {
    let mut house = capped(TENANTS, 1);
    house.stage.start_loop();
    house.stage.push_ticket();
    house.let_in(TENANTS);
    house.until("it is let in", || house.held().is_empty());
    house.until_all("everybody was looked at, and one step made", || {
        all_wait_but_one(&house)
    });
    for hour in 1..=HOURS {
        // All but one of each hour are due still.
        let made = house.stage.control.count(SET_INDUSTRY);
        assert!(
            made.received <= hour && made.with_effect == made.received,
            "{made:?}"
        );
        let tenant = 100 + usize::try_from(hour).unwrap();
        let told = || house.ask(&format!("/v1/tenants/{}", House::name(tenant)));
        let before = told()["revision"].clone();
        menu(&house, tenant, "课表");
        house.until_all("the tenant of the commit was passed", || {
            assert_eq!(house.held(), Vec::<Value>::new());
            let told = told();
            told["revision"] != before && told["passBegan"].as_str() > told["admittedAt"].as_str()
        });
        assert_eq!(house.buttons(tenant), ["课表"]);
        house.advance(3_600);
    }
    let status = house.stage.wxops(&["status"]);
    assert_eq!(status.code, 0, "{status:?}");
    let said = status.stdout + &status.stderr;
    assert!(!said.contains("wxops approve r"), "{said}");
    // The guard sees what is new all the same.
    for tenant in 200..300 {
        menu(&house, tenant, "课表");
    }
    house.until("a slip in a hundred is held", || house.held().len() == 1);
    assert_eq!(house.held()[0]["tenants"], 100);
}

#[test]
fn a_cap_that_a_commit_raises_counts_once_nothing_waits_for_it() {
    let mut house = capped(6, 1);
    let later: Vec<(String, String)> = (3..6)
        .map(|tenant| {
            let path = house.path(&House::file(tenant));
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::remove_file(path).unwrap();
            (House::file(tenant), text)
        })
        .collect();
    house.stage.start_loop();
    house.stage.push_ticket();
    made(&house, 1);
    house.edit(
        "platform.yaml",
        "irreversiblePerHour: 1",
        "irreversiblePerHour: 20",
    );
    // It cannot say yes to itself, however long it stands there, while something waits for it.
    house.stage.wxops(&["reconcile", &House::name(0), "--wait"]);
    made(&house, 1);
    house.stage.stop_sidecar();
    house.stage.start_loop();
    made(&house, 1);
    for hour in 1..3 {
        house.advance(3_600);
        made(&house, 1 + hour);
    }
    later
        .iter()
        .for_each(|(name, text)| house.write(name, text));
    house.until("all three were made in one hour", || {
        house.stage.control.count(SET_INDUSTRY).with_effect == 6
    });
}

#[test]
fn a_cap_that_is_raised_by_a_yes_lets_in_what_waited_for_it_at_once() {
    let mut house = capped(3, 0);
    house.stage.start_loop();
    house.stage.push_ticket();
    house.until("all three wait", || {
        let told = house.ask("/v1/loop");
        let all = told["tenants"].as_object().unwrap().values();
        all.filter(|one| one["result"] == "waiting").count() == 3
    });
    house.edit(
        "platform.yaml",
        "irreversiblePerHour: 0",
        "irreversiblePerHour: 5",
    );
    let plan = house.stage.wxops(&["plan"]);
    let said = plan.stdout.clone() + &plan.stderr;
    let command = said.split("wxops approve r").nth(1);
    let revision = command.and_then(|rest| rest.split(|c: char| !c.is_ascii_hexdigit()).next());
    let revision = format!("r{}", revision.unwrap_or_else(|| panic!("{said}")));
    let yes = house.stage.wxops(&["approve", &revision, "--by", "li"]);
    assert_eq!(yes.code, 0, "{yes:?}");
    house.until("all three were made", || {
        house.stage.control.count(SET_INDUSTRY).with_effect == 3
    });
}

#[test]
fn what_waits_when_the_loop_ends_waits_when_the_next_one_begins() {
    let mut house = capped(3, 1);
    house.stage.start_loop();
    house.stage.push_ticket();
    made(&house, 1);
    house.stage.stop_sidecar();
    house.stage.start_loop();
    made(&house, 1);
    house.advance(3_600);
    made(&house, 2);
}

#[test]
fn tenants_that_lose_the_race_for_the_last_place_of_an_hour_wait_for_the_next_one() {
    const RACERS: usize = 14;
    let mut house = capped(RACERS, 2);
    house.stage.start_loop();
    house.stage.push_ticket();
    let results = || {
        let told = house.ask("/v1/loop");
        let all = told["tenants"].as_object().unwrap().values();
        let all = all.map(|one| one["result"].as_str().unwrap_or("none").to_owned());
        let mut all: Vec<String> = all.collect();
        all.sort();
        all
    };
    house.until("everybody was looked at", || {
        let results = results();
        results.len() == RACERS && !results.contains(&"none".to_owned())
    });
    let mut expected = vec!["ready"; 2];
    expected.extend(["waiting"; RACERS - 2]);
    assert_eq!(results(), expected);
    let hour = house.now().as_second() / 3_600 + 1;
    let told = house.ask("/v1/loop");
    for (tenant, one) in told["tenants"].as_object().unwrap() {
        let next: Timestamp = one["next"].as_str().unwrap().parse().unwrap();
        if one["result"] == "waiting" {
            assert!(next.as_second() <= hour * 3_600, "{tenant}: {one}");
            let why = house.stage.wxops(&["why", tenant]);
            assert!(why.stdout.contains("irreversiblePerHour"), "{why:?}");
        }
    }
    let log = house.stage.sidecar_log();
    assert!(log.contains("a step waits for the next hour"));
    assert!(!log.contains("a step was not made"));
}

/// Waits until so many steps were made, and for those that wait to have been looked at and to have left it at that.
fn made(house: &House, many: u64) {
    house.until("that many were made", || {
        house.stage.control.count(SET_INDUSTRY).with_effect == many
    });
    house.until("those that wait were looked at", || {
        let told = house.ask("/v1/loop");
        let all = told["tenants"].as_object().unwrap().values();
        let waits = all.filter(|one| one["result"] == "waiting");
        waits.count() as u64 == 3 - many
    });
    std::thread::sleep(std::time::Duration::from_secs(4));
    let count = house.stage.control.count(SET_INDUSTRY);
    assert_eq!((count.with_effect, count.received), (many, many));
}

#[test]
fn a_platform_that_cannot_be_read_after_a_restart_keeps_its_cap() {
    let mut house = capped(4, 1);
    house.stage.start_loop();
    house.stage.push_ticket();
    let effects = |house: &House| house.stage.control.count(SET_INDUSTRY).with_effect;
    house.until("one is made", || effects(&house) == 1);
    house.until_all_looked_at(4);
    house.stage.stop_sidecar();
    house.edit("platform.yaml", "callback:", "calback:");
    house.stage.start_loop();
    house.until("the loop has begun", || {
        house.ask("/v1/loop")["tenants"].as_object().unwrap().len() == 4
    });
    for tenant in 0..4 {
        let done = house
            .stage
            .wxops(&["reconcile", &House::name(tenant), "--wait"]);
        assert!(
            ["ready", "waiting"].contains(&done.stdout.trim()),
            "{done:?}"
        );
    }
    assert_eq!(effects(&house), 1);
}
