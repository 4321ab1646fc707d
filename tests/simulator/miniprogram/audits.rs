//! Reviews: when they are over, what of it can be read, and who is told.

use serde_json::{Value, json};

use super::Mini;
use super::names::{SET, named};
use crate::simulator::pushes::listening;
use crate::simulator::sink::Sink;
use crate::simulator::world::{MINI, OTHER_MINI};

const QUERY: &str = "/wxa/api_wxa_querynickname";

fn submit(mini: &Mini, name: &str) -> u64 {
    let answer = mini.post(SET, &named(mini, name));
    assert_eq!(answer["errcode"], 0, "{answer}");
    answer["audit_id"].as_u64().unwrap()
}

fn asked(mini: &Mini, audit: u64) -> Value {
    mini.post(QUERY, &json!({"audit_id": audit}))
}

fn decide(mini: &Mini, audit: u64, order: Value) -> Value {
    mini.world
        .control("POST", &format!("/_sim/audits/{audit}"), &order)
}

fn name(mini: &Mini) -> Value {
    mini.basic_info()["nickname"].clone()
}

#[test]
fn a_review_passes_after_a_day() {
    let mut mini = Mini::start();
    mini.at("2031-11-30T12:00:00+08:00");
    let audit = submit(&mini, "晨光舞蹈");
    assert!(audit > u64::from(u32::MAX), "ids have 64 bits");
    let running = asked(&mini, audit);
    let from = running["create_time"].as_i64().unwrap();
    assert_eq!(
        running,
        json!({
            "errcode": 0, "errmsg": "ok", "nickname": "晨光舞蹈", "audit_stat": 1, "fail_reason": "",
            "create_time": from, "audit_time": 0,
        })
    );
    assert_eq!(name(&mini), "日出小程序");
    mini.at("2031-12-01T12:01:00+08:00");
    let passed = asked(&mini, audit);
    assert_eq!(passed["audit_stat"], 3);
    assert_eq!(
        passed["audit_time"],
        from + 86_400,
        "when it was due, not when somebody looked"
    );
    assert_eq!(name(&mini), "晨光舞蹈");
    assert_eq!(mini.code(SET, &named(&mini, "暮光舞蹈")), 0, "the next one");
}

#[test]
fn a_review_is_told_by_its_own_account_only() {
    let mini = Mini::start();
    let audit = submit(&mini, "晨光舞蹈");
    let other = mini.world.token(OTHER_MINI);
    let foreign = mini.world.post(QUERY, &other, &json!({"audit_id": audit}));
    assert_eq!(foreign["errcode"], 91011);
    assert_eq!(asked(&mini, audit + 1)["errcode"], 91011);
    assert_eq!(mini.code(QUERY, &json!({})), 91011);
    let text = json!({"audit_id": audit.to_string()});
    assert_eq!(mini.post(QUERY, &text)["audit_stat"], 1);
}

#[test]
fn a_reviewer_refuses_and_the_platform_is_told_why() {
    let mini = Mini::start();
    let sink = Sink::answering("success");
    listening(&mini.world, &sink);
    let audit = submit(&mini, "晨光舞蹈");
    let decided = decide(
        &mini,
        audit,
        json!({"outcome": "refused", "reason": "与他人重名"}),
    );
    assert_eq!(decided["push"]["acknowledged"], true);
    assert!(decided["audit"]["settledAt"].is_string(), "{decided}");
    let got = sink.next();
    assert!(
        got.target.starts_with(&format!("POST /messages/{MINI}?")),
        "{}",
        got.target
    );
    let event = got.opened();
    for part in [
        "<ToUserName><![CDATA[gh_3333333333333333]]></ToUserName>",
        "<MsgType><![CDATA[event]]></MsgType>",
        "<Event><![CDATA[wxa_nickname_audit]]></Event>",
        "<ret>2</ret>",
        "<nickname><![CDATA[晨光舞蹈]]></nickname>",
        "<reason><![CDATA[与他人重名]]></reason>",
    ] {
        assert!(event.contains(part), "{part} in {event}");
    }
    let refused = asked(&mini, audit);
    assert_eq!(
        (&refused["audit_stat"], &refused["fail_reason"]),
        (&json!(2), &json!("与他人重名"))
    );
    assert_eq!(name(&mini), "日出小程序");
    assert_eq!(sink.rest(), 0, "told once");
    let path = format!("/_sim/audits/{audit}");
    let again = json!({"outcome": "passed"});
    assert_eq!(mini.world.refused("POST", &path, &again), 400);
    assert_eq!(mini.world.refused("POST", "/_sim/audits/7", &again), 404);
}

#[test]
fn an_outcome_that_is_due_is_told_by_itself() {
    let mini = Mini::start();
    let sink = Sink::answering("success");
    listening(&mini.world, &sink);
    let audit = submit(&mini, "晨光舞蹈");
    mini.world.advance(86_400);
    let event = sink.next().opened();
    assert!(event.contains("<ret>3</ret>"), "{event}");
    let listed = mini
        .world
        .control("GET", &format!("/_sim/audits?account={MINI}"), &json!({}));
    assert_eq!(listed[0]["auditId"], audit);
    assert_eq!(listed[0]["of"], json!({"name": "晨光舞蹈"}));
    assert_eq!(listed[0]["told"], true);
    let others = format!("/_sim/audits?account={OTHER_MINI}");
    assert_eq!(mini.world.control("GET", &others, &json!({})), json!([]));
    assert_eq!(
        mini.world.refused("GET", "/_sim/audits?name=x", &json!({})),
        400
    );
}

#[test]
fn some_are_told_by_a_notice() {
    let mini = Mini::start();
    mini.switch("auditEventsAsNotices", json!(true));
    let sink = Sink::answering("success");
    listening(&mini.world, &sink);
    let audit = submit(&mini, "晨光舞蹈");
    decide(&mini, audit, json!({"outcome": "passed"}));
    let got = sink.next();
    assert!(got.target.starts_with("POST /notices?"), "{}", got.target);
    let event = got.opened();
    assert!(
        event.contains("<InfoType><![CDATA[wxa_nickname_audit]]></InfoType>"),
        "{event}"
    );
    assert_eq!(event.matches("<CreateTime>").count(), 1, "{event}");
}

#[test]
fn a_review_can_be_put_off_or_wait_for_an_order() {
    let mini = Mini::start();
    let audit = submit(&mini, "晨光舞蹈");
    decide(&mini, audit, json!({"afterSeconds": 3 * 86_400}));
    mini.world.advance(2 * 86_400);
    let path = format!("/_sim/audits/{audit}");
    let shown = mini.world.control("GET", &path, &json!({}));
    assert!(shown.get("settledAt").is_none(), "{shown}");
    mini.world.advance(86_400);
    let shown = mini.world.control("GET", &path, &json!({}));
    assert_eq!(shown["outcome"], "passed");
    assert!(shown["settledAt"].is_string(), "{shown}");

    let mut mini = Mini::start();
    mini.switch("auditsEndByThemselves", json!(false));
    let audit = submit(&mini, "晨光舞蹈");
    mini.world.advance(365 * 86_400);
    mini.token = mini.world.token(MINI);
    assert_eq!(asked(&mini, audit)["audit_stat"], 1);
    decide(&mini, audit, json!({"outcome": "passed"}));
    assert_eq!(name(&mini), "晨光舞蹈");
}

#[test]
fn the_count_rises_when_it_is_handed_in_or_when_it_has_passed() {
    for (switch, before, refused, passed) in [("submission", 1, 1, 2), ("approval", 0, 0, 1)] {
        let mini = Mini::start();
        mini.switch("nameCountsAt", json!(switch));
        let used = || mini.basic_info()["nickname_info"]["modify_used_count"].clone();
        let audit = submit(&mini, "晨光舞蹈");
        assert_eq!(used(), before, "{switch}");
        decide(&mini, audit, json!({"outcome": "refused"}));
        assert_eq!(used(), refused, "{switch}");
        let audit = submit(&mini, "暮光舞蹈");
        decide(&mini, audit, json!({"outcome": "passed"}));
        assert_eq!(used(), passed, "{switch}");
    }
}

#[test]
fn a_review_goes_on_in_another_simulator() {
    let mini = Mini::start();
    let audit = submit(&mini, "晨光舞蹈");
    let state = mini.world.control("GET", "/_sim/state", &json!({}));
    mini.world.control("PUT", "/_sim/state", &state);
    assert_eq!(asked(&mini, audit)["audit_stat"], 1);
    decide(&mini, audit, json!({"outcome": "passed"}));
    assert_eq!(name(&mini), "晨光舞蹈");
}
