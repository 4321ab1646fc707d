//! The path of an app's orders.

use serde_json::{Value, json};

use crate::simulator::miniprogram::Mini;
use crate::simulator::pushes::listening;
use crate::simulator::sink::Sink;
use crate::simulator::world::{MINI, OTHER, OTHER_MINI, PLATFORM, text};

const APPLY: &str = "/wxa/security/applysetorderpathinfo";
const GET: &str = "/wxa/security/getorderpathinfo";

fn apply(mini: &Mini, apps: &[&str]) -> i64 {
    apply_with(mini, &mini.world.component_token(), apps)
}

fn apply_with(mini: &Mini, token: &str, apps: &[&str]) -> i64 {
    let batch = json!({
        "path": "pages/order/list", "img_list": ["https://a.example.cn/1.png"], "video": "",
        "test_account": "tester", "test_pwd": "secret", "test_remark": "说明", "appid_list": apps,
    });
    let answer = mini.world.post(APPLY, token, &json!({"batch_req": batch}));
    answer["errcode"].as_i64().unwrap()
}

fn got(mini: &Mini, kind: i64) -> Value {
    mini.post(GET, &json!({"info_type": kind}))
}

fn audit(mini: &Mini) -> u64 {
    let audits = mini
        .world
        .control("GET", &format!("/_sim/audits?account={MINI}"), &json!({}));
    audits.as_array().unwrap().last().unwrap()["auditId"]
        .as_u64()
        .unwrap()
}

fn decide(mini: &Mini, outcome: &str) {
    let path = format!("/_sim/audits/{}", audit(mini));
    let decided = mini
        .world
        .control("POST", &path, &json!({"outcome": outcome}));
    assert_eq!(decided["push"], Value::Null, "no event tells");
}

#[test]
fn a_path_is_reviewed_and_then_in_force() {
    let mini = Mini::start();
    for kind in [0, 1] {
        assert_eq!(got(&mini, kind)["errcode"], 61041);
    }
    assert_eq!(apply(&mini, &[MINI]), 0);
    assert_eq!(got(&mini, 0)["errcode"], 61041);
    let msg = got(&mini, 1)["msg"].clone();
    let applied = msg["apply_time"].as_i64().unwrap();
    assert_eq!(
        msg,
        json!({
            "path": "pages/order/list", "img_list": ["https://a.example.cn/1.png"], "video": "",
            "test_account": "tester", "test_pwd": "secret", "test_remark": "说明", "come_from": 1, "status": 2,
            "apply_time": applied,
        })
    );
    decide(&mini, "refused");
    assert_eq!(got(&mini, 1)["msg"]["status"], 3);
    assert_eq!(got(&mini, 0)["errcode"], 61041);
    assert_eq!(apply(&mini, &[MINI]), 0);
    decide(&mini, "passed");
    let online = got(&mini, 0)["msg"].clone();
    assert_eq!(
        (&online["path"], &online["status"]),
        (&json!("pages/order/list"), &json!(4))
    );
    assert_eq!(got(&mini, 1)["errcode"], 61041);
    assert_eq!(got(&mini, 2)["errcode"], 40097);
    assert_eq!(mini.code(GET, &json!({})), 40097);
}

#[test]
fn a_path_declared_in_the_state_is_there() {
    let mini = Mini::start();
    mini.change(json!({"miniProgram": {"orderPaths": {"online": {"path": "pages/a"}, "inReview": {"path": "pages/b"}}}}));
    assert_eq!(got(&mini, 0)["msg"]["status"], 4);
    assert_eq!(got(&mini, 1)["msg"]["status"], 2);
}

#[test]
fn what_became_of_each_app_comes_in_one_odd_notice() {
    let mini = Mini::start();
    // A token wants a ticket, which is pushed as well.
    let token = mini.world.component_token();
    let sink = Sink::answering("success");
    listening(&mini.world, &sink);
    assert_eq!(
        apply_with(&mini, &token, &[MINI, OTHER_MINI, OTHER, "wx0"]),
        0
    );
    let got = sink.next();
    assert!(got.target.starts_with("POST /notices?"), "{}", got.target);
    let notice = got.opened();
    let item = |app: &str, audit: u64, code: i64| {
        format!(
            "<List><Appid><![CDATA[{app}]]></Appid><AuditId>{audit}</AuditId><RetCode>{code}</RetCode></List>"
        )
    };
    let audit = audit(&mini);
    let list =
        item(MINI, audit, 0) + &item(OTHER_MINI, 0, -2) + &item(OTHER, 0, -2) + &item("wx0", 0, -2);
    assert!(notice.contains(&list), "{list} in {notice}");
    assert!(notice.contains(&format!("<AppId><![CDATA[{PLATFORM}]]></AppId>")));
    assert!(
        !notice.contains("Event") && !notice.contains("InfoType"),
        "{notice}"
    );
    assert_eq!(apply_with(&mini, &token, &[MINI]), 0);
    assert!(
        sink.next().opened().contains(&item(MINI, 0, -1)),
        "one is in review"
    );
    let state = mini.world.control("GET", "/_sim/state", &json!({}));
    assert_eq!(state.get("orderPathBatches"), None, "told once");
}

#[test]
fn results_may_come_app_by_app_later_and_otherwise() {
    let mini = Mini::start();
    // A token wants a ticket, which is pushed as well.
    let token = mini.world.component_token();
    let sink = Sink::answering("success");
    listening(&mini.world, &sink);
    mini.switch("orderPathOnMessagesUrl", json!(true));
    mini.switch("orderPathResultSeconds", json!(3600));
    mini.switch("orderPathRetCode", json!(-3));
    assert_eq!(apply_with(&mini, &token, &[MINI, "wx0"]), 0);
    assert_eq!(got(&mini, 1)["errcode"], 61041, "it was not sent to review");
    let state = mini.world.control("GET", "/_sim/state", &json!({}));
    let waiting = &state["orderPathBatches"][0];
    assert_eq!(
        waiting["results"][1],
        json!({"appId": "wx0", "auditId": 0, "retCode": -2})
    );
    assert_eq!(sink.rest(), 0, "not before its time");
    mini.world.advance(3601);
    let got = sink.next();
    assert!(
        got.target.starts_with(&format!("POST /messages/{MINI}?")),
        "{}",
        got.target
    );
    let message = got.opened();
    for part in [
        "<ToUserName><![CDATA[gh_3333333333333333]]></ToUserName>",
        "<MsgType><![CDATA[event]]></MsgType>",
        "<List><Appid><![CDATA[wx3333333333333333]]></Appid><AuditId>0</AuditId><RetCode>-3</RetCode></List>",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
    assert!(!message.contains("<Event>"), "{message}");
    assert_eq!(sink.rest(), 0, "of an app that is none there is no URL");
}

#[test]
fn batches_that_are_refused() {
    let mini = Mini::start();
    let token = mini.world.component_token();
    let code = |body: Value| mini.world.post(APPLY, &token, &body)["errcode"].clone();
    assert_eq!(code(json!({})), 40097);
    assert_eq!(code(json!({"batch_req": {"appid_list": [MINI]}})), 40097);
    assert_eq!(
        code(json!({"batch_req": {"path": "p", "appid_list": []}})),
        40097
    );
    let many = vec![MINI; 101];
    assert_eq!(
        code(json!({"batch_req": {"path": "p", "appid_list": many}})),
        40097
    );
    assert_eq!(
        code(json!({"batch_req": {"path": "p", "appid_list": MINI}})),
        47001
    );
    mini.switch("strictTokenName", json!(true));
    let target = format!("{APPLY}?component_access_token={token}");
    let other = mini.world.raw("POST", &target, "", "{}");
    assert_eq!(
        other.json()["errcode"],
        41001,
        "{}",
        text(&other.json()["errmsg"])
    );
}
