//! What keeps a platform from WeChat is found out by one call, and tried again with patience, however many tenants wait.

use std::time::Duration;

use serde_json::json;

use super::house::House;

const TOKEN: &str = "/cgi-bin/component/api_component_token";
const TENANTS: usize = 800;
/// Little is declared, so that a look costs little: here it is counted who asks.
const BARE: &str = "apiVersion: wxops.io/v1alpha1
kind: Tenant
metadata: {name: tenant-$N}
spec:
  platformRef: {name: main}
  officialAccount: {appId: $APPID}
";
const ACCOUNT: &str = "accounts:
  - {appId: $APPID, kind: officialAccount, principalName: 公司$N, nickName: 学校$N}
authorizations:
  - {platform: wx0000000000000001, account: $APPID, permissionSets: [1, 3, 15, 24], refreshToken: \"refreshtoken@@@$N\", authTime: \"2026-10-01T08:00:00Z\"}
";
/// What WeChat may answer instead of the platform's token, and how often it may be asked in an hour: a day's quota that
/// is used up is not asked for again. In this order, since that one ends with the day.
const REFUSALS: [(i64, u64); 5] = [
    (61_004, 10),
    (40_125, 10),
    (61_005, 10),
    (-1, 10),
    (45_009, 1),
];

/// Lets an hour go by while WeChat refuses the platform's token to all: how often it was asked for it, beside `before`.
fn calls_in_an_hour(house: &House, code: i64, before: u64) -> u64 {
    for nth in 0..20 {
        if nth % 3 == 0 {
            house.stage.push_ticket();
        }
        // Twice as long as the loop takes to see what is due.
        std::thread::sleep(Duration::from_millis(200));
        house.advance(180);
    }
    std::thread::sleep(Duration::from_millis(200));
    let stopped = &house.ask("/v1/loop")["queues"][0]["stoppedUntil"];
    assert!(stopped.is_string(), "{code}: {stopped}");
    house.stage.control.count(TOKEN).received - before
}

/// Goes on to the next day where this one, China's, has no two hours left: with it ends a quota of a day.
fn away_from_the_days_end(house: &House) {
    const DAY: i64 = 86_400;
    let left = DAY - (house.now().as_second() + 8 * 3_600).rem_euclid(DAY);
    if left < 2 * 3_600 {
        house.advance(left + 60);
    }
}

#[test]
fn a_platform_that_is_refused_is_one_question_for_all_and_all_go_on_once_it_is_not() {
    let mut house = House::with(TENANTS, BARE, ACCOUNT);
    let fault = |code: i64| json!({"endpoint": TOKEN, "kind": "errcode", "code": code});
    house.fault(&fault(REFUSALS[0].0));
    house.stage.start_loop();
    house.let_in(TENANTS);
    for (nth, (code, most)) in REFUSALS.into_iter().enumerate() {
        let mut before = house.stage.control.count(TOKEN).received;
        if nth > 0 {
            house.fault(&fault(code));
            // What was had before has ended by then, and everybody is asked for.
            house.advance(3 * 3_600);
            away_from_the_days_end(&house);
            // The first of the hour may come before anybody counts.
            before = house.stage.control.count(TOKEN).received;
            house.wake_all();
        }
        let calls = calls_in_an_hour(&house, code, before);
        assert!(
            (1..=most).contains(&calls),
            "{code}: {calls} calls in an hour"
        );
        // As often as it is found out it is said, and not by everybody who was under way.
        let said = house.stage.sidecar_log();
        let said = said.matches("is kept from WeChat").count();
        assert!((1..=10).contains(&said), "{code}: said {said} times");
        house.no_faults();
        // No stop is longer than an hour, but that of a day's quota.
        house.advance(if code == 45_009 { 86_400 } else { 3_600 });
        let since = house.now();
        house.until_all("everybody is looked at", || {
            // One that comes while the loop finds out that none has come is followed by the next, as at WeChat.
            house.stage.push_ticket();
            house.all_looked_at_since(TENANTS, since)
        });
        let told = house.ask("/v1/loop");
        let all = told["tenants"].as_object().unwrap();
        let not_home = all.iter().filter(|(_, one)| one["result"] != "ready");
        assert_eq!(not_home.collect::<Vec<_>>(), [], "{code}");
    }
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
        let told = house.ask("/v1/loop/brief")["platforms"][0].clone();
        told["name"] == "main" && told["stale"].is_null()
    });
    house.stage.push_ticket();
    house.stage.kill_sidecar();
    house.stage.start_loop();
    house.stage.push_ticket();
}

#[test]
fn a_secret_that_is_put_right_is_tried_at_once_and_a_person_need_not_wait_for_the_next_try() {
    let mut house = House::of(1);
    let secret = house.path("credentials/appSecret");
    let right = std::fs::read_to_string(&secret).unwrap();
    house.write("credentials/appSecret", "0123456789abcdef0123456789abcdef");
    house.stage.start_loop();
    house.stage.push_ticket();
    let stopped = || house.ask("/v1/loop/brief")["queues"][0]["stoppedUntil"].is_string();
    house.until("the platform is refused", stopped);
    let asked = house.stage.wxops(&["reconcile", "tenant-000", "--wait"]);
    assert_eq!(
        (asked.code, asked.stdout.trim()),
        (1, "stopped"),
        "{asked:?}"
    );
    assert!(asked.stderr.contains("wxops status"), "{asked:?}");
    // By no clock but the real one.
    house.write("credentials/appSecret", &right);
    house.until_buttons(0, &["课程", "杭州"]);
    assert!(!stopped());
}

#[test]
fn an_appid_that_was_mistyped_for_a_while_keeps_no_push_of_the_right_one_out() {
    let mut house = House::running(1);
    house.until_buttons(0, &["课程", "杭州"]);
    house.until_all_looked_at(1);
    let served = |house: &House, name: &str| {
        let told = house.ask("/v1/loop/brief");
        let all = told["platforms"].as_array().unwrap();
        let of_it = all.iter().find(|one| one["name"] == name);
        of_it.map(|one| one["appId"].as_str().unwrap().to_owned())
    };
    let (right, wrong) = ("wx0000000000000001", "wx0000000000000002");
    house.edit("platform.yaml", right, wrong);
    house.until("the slip is served", || {
        served(&house, "main").as_deref() == Some(wrong)
    });
    house.stage.push_ticket();
    house.edit("platform.yaml", wrong, right);
    house.until("it is put right", || {
        served(&house, "main").as_deref() == Some(right)
    });
    let several = house.stage.wxops(&["store", "forget", "main"]);
    assert_eq!(several.code, 1, "{several:?}");
    assert!(several.stderr.contains(wrong), "{several:?}");
    house.edit("platform.yaml", "callback:", "calback:");
    house.stage.stop_sidecar();
    house.meddle(0, "别的");
    house.stage.start_loop();
    house.stage.push_ticket();
    assert_eq!(served(&house, "main").as_deref(), Some(right));
    house.until("the loop has begun", || {
        house.ask("/v1/loop")["tenants"].as_object().unwrap().len() == 1
    });
    let done = house.stage.wxops(&["reconcile", "tenant-000", "--wait"]);
    assert_eq!(done.stdout.trim(), "ready", "{done:?}");
    assert_eq!(house.buttons(0), ["课程", "杭州"]);
    // What was a slip can be forgotten, and takes the right one along with nothing.
    house.edit("platform.yaml", "calback:", "callback:");
    house.until("nothing is wrong", || {
        house.ask("/v1/loop/brief")["mistakes"] == json!([])
    });
    let done = house.stage.wxops(&["store", "forget", wrong]);
    assert_eq!(done.code, 0, "{done:?}");
    house.until("it is let go", || {
        house.ask("/v1/loop/brief")["platforms"]
            .as_array()
            .unwrap()
            .len()
            == 1
    });
    house.stage.push_ticket();
}

#[test]
fn somebody_may_ask_for_a_look_at_the_platforms_own_lists() {
    let mut house = House::with(1, BARE, ACCOUNT);
    let lists = "  domains: {hosts: [api.example.com]}\n  callback:";
    house.edit("platform.yaml", "  callback:", lists);
    house.stage.start_loop();
    house.stage.push_ticket();
    house.until_all_looked_at(2);
    let done = house.stage.wxops(&["reconcile", "@main", "--wait"]);
    assert_eq!((done.code, done.stdout.trim()), (0, "ready"), "{done:?}");
    let unknown = house.stage.wxops(&["reconcile", "@other", "--wait"]);
    assert_eq!(unknown.code, 1, "{unknown:?}");
}
