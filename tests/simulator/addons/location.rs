//! Permission to use location APIs.

use serde_json::{Value, json};

use crate::simulator::domains::{put_file, state_has};
use crate::simulator::miniprogram::Mini;
use crate::simulator::pushes::listening;
use crate::simulator::sink::Sink;
use crate::simulator::world::MINI;

const APPLY: &str = "/wxa/security/apply_privacy_interface";
const LIST: &str = "/wxa/security/get_privacy_interface";
const POI: &str = "wx.choosePoi";

fn body(name: &str) -> Value {
    json!({"api_name": name, "content": "选择最近的门店", "url_list": [], "pic_list": [], "video_list": []})
}

fn with(field: &str, value: Value) -> Value {
    let mut body = body(POI);
    body[field] = value;
    body
}

fn item(mini: &Mini, name: &str) -> Value {
    let list = mini.get(LIST)["interface_list"].clone();
    let items = list.as_array().unwrap();
    items
        .iter()
        .find(|one| one["api_name"] == name)
        .cloned()
        .unwrap()
}

fn submit(mini: &Mini) -> u64 {
    mini.post(APPLY, &body(POI))["audit_id"].as_u64().unwrap()
}

fn decide(mini: &Mini, audit: u64, order: Value) {
    mini.world
        .control("POST", &format!("/_sim/audits/{audit}"), &order);
}

#[test]
fn an_application_is_reviewed_for_a_day() {
    let mut mini = Mini::start();
    mini.at("2031-11-15T12:00:00+08:00");
    let before = item(&mini, POI);
    assert_eq!(
        (&before["status"], &before["group_name"]),
        (&json!(1), &json!("地理位置"))
    );
    for optional in ["apply_time", "audit_id", "fail_reason"] {
        assert_eq!(before.get(optional), None, "{optional}");
    }
    let applied = mini.post(APPLY, &body(POI));
    assert_eq!(applied["errcode"], 0);
    assert_ne!(applied["errmsg"], "ok", "as in WeChat's sample");
    let running = item(&mini, POI);
    assert_eq!(
        (&running["status"], &running["audit_id"]),
        (&json!(3), &applied["audit_id"])
    );
    assert!(running["apply_time"].is_i64());
    assert_eq!(mini.code(APPLY, &body(POI)), 61031);
    mini.at("2031-11-16T12:01:00+08:00");
    assert_eq!(item(&mini, POI)["status"], 5);
    assert_eq!(mini.code(APPLY, &body(POI)), 61035, "granted already");
}

#[test]
fn the_event_has_numbers_of_its_own() {
    for (outcome, passed, listed, told) in [
        ("refused", 3, 4, 2),
        ("passed", 3, 5, 3),
        ("passed", 5, 5, 5),
    ] {
        let mini = Mini::start();
        mini.switch("privacyApplyPassed", json!(passed));
        let sink = Sink::answering("success");
        listening(&mini.world, &sink);
        let audit = submit(&mini);
        decide(
            &mini,
            audit,
            json!({"outcome": outcome, "reason": "未见使用场景"}),
        );
        let got = sink.next();
        assert!(
            got.target.starts_with(&format!("POST /messages/{MINI}?")),
            "{}",
            got.target
        );
        let event = got.opened();
        for part in [
            "<Event><![CDATA[wxa_privacy_apply]]></Event>".to_owned(),
            "<result_info><api_name><![CDATA[wx.choosePoi]]></api_name><apply_time>".to_owned(),
            format!("<audit_id>{audit}</audit_id>"),
            "<reason><![CDATA[未见使用场景]]></reason>".to_owned(),
            format!("<status>{told}</status></result_info></xml>"),
        ] {
            assert!(event.contains(&part), "{part} in {event}");
        }
        assert!(!event.contains("<ret>"), "{event}");
        assert_eq!(item(&mini, POI)["status"], listed);
    }
}

#[test]
fn one_that_was_rejected_can_be_asked_for_again() {
    let mini = Mini::start();
    let first = submit(&mini);
    decide(
        &mini,
        first,
        json!({"outcome": "refused", "reason": "未见使用场景"}),
    );
    let rejected = item(&mini, POI);
    assert_eq!(
        (&rejected["status"], &rejected["fail_reason"]),
        (&json!(4), &json!("未见使用场景"))
    );
    let second = submit(&mini);
    assert_ne!(second, first);
    let running = item(&mini, POI);
    assert_eq!(
        (&running["status"], running.get("fail_reason")),
        (&json!(3), None)
    );
}

#[test]
fn applications_that_are_refused() {
    let mini = Mini::start();
    let code = |body: &Value| mini.code(APPLY, body);
    assert_eq!(code(&json!({"content": "x"})), 61034);
    assert_eq!(code(&json!({"api_name": POI})), 61034);
    assert_eq!(code(&with("content", json!("字".repeat(301)))), 61034);
    assert_eq!(
        code(&with("pic_list", json!("https://a.example.cn/1.png"))),
        61034
    );
    let picture = |n: usize| format!("https://a.example.cn/{n}.png");
    let pictures: Vec<String> = (0..11).map(picture).collect();
    assert_eq!(code(&with("pic_list", json!(pictures))), 61034);
    let video = "https://a.example.cn/1.mp4";
    assert_eq!(code(&with("video_list", json!([video, video]))), 61034);
    assert_eq!(
        code(&with("video_list", json!(["https://a.example.cn/1.mov"]))),
        61032
    );
    assert_eq!(code(&body("wx.choosepoi")), 61035, "letters count");
    assert_eq!(code(&body("wx.scanCode")), 61035);
    mini.world
        .control("PUT", "/_sim/hosts/a.example.cn", &json!({}));
    assert_eq!(code(&with("video_list", json!([video]))), 61033);
    assert_eq!(code(&with("pic_list", json!(["nowhere"]))), 61033);
    put_file(
        &mini,
        "a.example.cn",
        &("1.mp4".to_owned(), "film".to_owned()),
    );
    let garbled = mini
        .world
        .raw("POST", APPLY, &mini.token, b"{\"content\": \"caf\xe9\"}");
    assert_eq!(garbled.json()["errcode"], 61037);
    assert_eq!(code(&with("video_list", json!([video]))), 0);
}

#[test]
fn an_api_is_for_some_categories() {
    let mini = Mini::start();
    let apis = json!([{"apiName": POI, "chName": "选点", "categories": [590]}, {"apiName": "wx.getLocation"}]);
    state_has(&mini, json!({"locationApis": apis}));
    assert_eq!(
        mini.get(LIST)["interface_list"].as_array().unwrap().len(),
        2
    );
    assert_eq!(item(&mini, POI)["status"], 2);
    assert_eq!(mini.code(APPLY, &body(POI)), 61036);
    assert_eq!(item(&mini, "wx.getLocation")["status"], 1);
    let categories = json!([{"first": 8, "second": 590}]);
    mini.change(json!({"miniProgram": {"categories": categories}}));
    assert_eq!(item(&mini, POI)["status"], 1);
    assert_eq!(mini.code(APPLY, &body(POI)), 0);
    mini.change(
        json!({"miniProgram": {"locationApis": {"wx.getLocation": {"status": "noPermission"}}}}),
    );
    assert_eq!(mini.code(APPLY, &body("wx.getLocation")), 61036);
}

#[test]
fn so_many_applications_a_minute() {
    let mut mini = Mini::start();
    mini.at("2031-11-15T12:00:30+08:00");
    let counter = json!({
        "account": MINI, "path": format!("{APPLY}#minute"), "period": "2031-11-15T12:00", "used": 280,
    });
    state_has(&mini, json!({"counters": [counter]}));
    assert_eq!(mini.code(APPLY, &body(POI)), 61038);
    mini.world.advance(60);
    assert_eq!(mini.code(APPLY, &body(POI)), 0);
}
