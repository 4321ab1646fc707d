//! What becomes of a submission, who is told, taking it back and speeding it up.

use serde_json::{Value, json};

use super::{
    LATEST, RELEASE, SUBMIT, by_hand, commit, decide, items, platform, publish, ready, submit,
};
use crate::simulator::miniprogram::Mini;
use crate::simulator::pushes::listening;
use crate::simulator::sink::Sink;
use crate::simulator::world::{MINI, OTHER_MINI};

const STATUS: &str = "/wxa/get_auditstatus";
const UNDO: &str = "/wxa/undocodeaudit";
const SPEED_UP: &str = "/wxa/speedupaudit";
const REASON: &str = "1:账号信息不符合规范:<br>(1):包含色情因素<br>";

fn asked(mini: &Mini, audit: u64) -> Value {
    mini.post(STATUS, &json!({"auditid": audit}))
}

fn undo(mini: &Mini) -> i64 {
    mini.get(UNDO)["errcode"].as_i64().unwrap()
}

/// A version that is under review.
fn handed_in() -> (Mini, u64) {
    let mini = ready();
    commit(&mini, "1.0.0");
    let audit = submit(&mini);
    (mini, audit)
}

fn refuse(mini: &Mini, audit: u64) {
    let order =
        json!({"outcome": "refused", "reason": REASON, "screenshots": ["shot-a", "shot-b"]});
    decide(mini, audit, order);
}

#[test]
fn a_review_passes_after_a_day_and_is_told_by_itself() {
    let mut mini = ready();
    mini.at("2031-11-15T12:00:00+08:00");
    commit(&mini, "1.0.0");
    let sink = Sink::answering("success");
    listening(&mini.world, &sink);
    let audit = submit(&mini);
    let latest = mini.get(LATEST);
    assert!(latest["submit_audit_time"].is_i64(), "{latest}");
    assert_eq!(
        (
            &latest["auditid"],
            &latest["status"],
            &latest["user_version"],
            &latest["user_desc"]
        ),
        (&json!(audit), &json!(2), &json!("1.0.0"), &json!("报名"))
    );
    assert!(
        latest.get("reason").is_none() && latest.get("ScreenShot").is_none(),
        "{latest}"
    );
    mini.world.advance(86_400);
    let event = sink.next().opened();
    assert!(
        event.contains("<Event><![CDATA[weapp_audit_success]]></Event><SuccTime>"),
        "{event}"
    );
    assert!(
        !event.contains("auditid") && !event.contains("1.0.0"),
        "{event}"
    );
    mini.token = mini.world.token(MINI);
    assert_eq!(asked(&mini, audit)["status"], 0);
    assert_eq!(
        mini.world.account(MINI)["miniProgram"]["codeUnderReview"],
        false
    );
}

#[test]
fn a_refusal_has_a_reason_and_pictures() {
    let (mini, audit) = handed_in();
    let sink = Sink::answering("success");
    listening(&mini.world, &sink);
    refuse(&mini, audit);
    let got = sink.next();
    assert!(
        got.target.starts_with(&format!("POST /messages/{MINI}?")),
        "{}",
        got.target
    );
    let event = got.opened();
    let tail = "<ScreenShot><![CDATA[shot-a|shot-b]]></ScreenShot></xml>";
    assert!(event.contains(&format!("<Event><![CDATA[weapp_audit_fail]]></Event><Reason><![CDATA[{REASON}]]></Reason><FailTime>")), "{event}");
    assert!(event.ends_with(tail), "{event}");
    let status = asked(&mini, audit);
    assert_eq!(
        status,
        json!({"errcode": 0, "errmsg": "ok", "status": 1, "reason": REASON, "screenshot": "shot-a|shot-b"})
    );
    let latest = mini.get(LATEST);
    assert_eq!(latest["ScreenShot"], "shot-a|shot-b");
    assert_eq!(latest["reason"], REASON);
    mini.switch("screenshotInSmallLetters", json!(true));
    assert_eq!(mini.get(LATEST)["screenshot"], "shot-a|shot-b");
    assert_eq!(mini.code(RELEASE, &json!({})), 85020);
}

#[test]
fn the_pictures_of_a_refusal_are_permanent_material() {
    let (mini, audit) = handed_in();
    let path = "/cgi-bin/material/get_material";
    refuse(&mini, audit);
    let shot = |id: &str| {
        let body = json!({"media_id": id}).to_string();
        mini.world.raw("POST", path, &mini.token, body)
    };
    let first = shot("shot-a");
    assert_eq!(first.header("content-type"), Some("image/jpeg"));
    assert!(first.bytes.starts_with(b"\xff\xd8\xff"));
    assert_ne!(first.bytes, shot("shot-b").bytes);
    assert_eq!(shot("shot-c").json()["errcode"], 40007);
    assert_eq!(mini.code(path, &json!({})), 41006);
    let other = mini.world.token(OTHER_MINI);
    let foreign = mini
        .world
        .post(path, &other, &json!({"media_id": "shot-a"}));
    assert_eq!(foreign["errcode"], 40007);
}

#[test]
fn the_reason_can_be_elsewhere_or_nowhere_in_the_event() {
    for (switch, there, gone) in [
        ("smallReason", "<reason>", "<Reason>"),
        ("nowhere", "<FailTime>", "eason>"),
    ] {
        let (mini, audit) = handed_in();
        mini.switch("rejectionReasonAt", json!(switch));
        let sink = Sink::answering("success");
        listening(&mini.world, &sink);
        refuse(&mini, audit);
        let event = sink.next().opened();
        assert!(event.contains(there) && !event.contains(gone), "{event}");
        assert_eq!(asked(&mini, audit)["reason"], REASON);
    }
}

#[test]
fn a_delay_is_told_and_the_review_goes_on() {
    let (mini, audit) = handed_in();
    let sink = Sink::answering("success");
    listening(&mini.world, &sink);
    let decided = decide(
        &mini,
        audit,
        json!({"outcome": "delayed", "reason": "请耐心等待"}),
    );
    assert_eq!(decided["push"]["acknowledged"], true, "{decided}");
    let event = sink.next().opened();
    assert!(
        event.contains("<Event><![CDATA[weapp_audit_delay]]></Event><Reason><![CDATA[请耐心等待]]></Reason><DelayTime>"),
        "{event}"
    );
    let status = asked(&mini, audit);
    assert_eq!(
        (&status["status"], &status["reason"]),
        (&json!(4), &json!("请耐心等待"))
    );
    assert_eq!(mini.code(SUBMIT, &items()), 85009, "it is still in flight");
    decide(&mini, audit, json!({"outcome": "approved"}));
    let event = sink.next().opened();
    assert!(event.contains("weapp_audit_success"), "{event}");
    assert_eq!(asked(&mini, audit)["status"], 0);
}

#[test]
fn only_code_is_delayed_or_has_pictures() {
    let mini = ready();
    let apply = json!({"api_name": "wx.choosePoi", "content": "选择门店"});
    let audit = mini.post("/wxa/security/apply_privacy_interface", &apply)["audit_id"].clone();
    let path = format!("/_sim/audits/{audit}");
    for order in [json!({"outcome": "delayed"}), json!({"screenshots": ["a"]})] {
        assert_eq!(mini.world.refused("POST", &path, &order), 400);
    }
    assert_eq!(
        asked(&mini, audit.as_u64().unwrap())["errcode"],
        85012,
        "it is no review of code"
    );
}

#[test]
fn a_review_is_told_by_its_own_app_only() {
    let (mini, audit) = handed_in();
    let other = mini.world.token(OTHER_MINI);
    let foreign = mini.world.post(STATUS, &other, &json!({"auditid": audit}));
    assert_eq!(foreign["errcode"], 85012);
    assert_eq!(mini.code(STATUS, &json!({})), 85012);
    let text = json!({"auditid": audit.to_string()});
    assert_eq!(mini.post(STATUS, &text)["status"], 2);
}

#[test]
fn a_name_waits_for_the_review_of_code() {
    let (mini, audit) = handed_in();
    let name = json!({"nick_name": "晨光舞蹈", "license": "x"});
    assert_eq!(mini.code("/wxa/setnickname", &name), 91019);
    decide(&mini, audit, json!({"outcome": "refused"}));
    assert_eq!(
        mini.code("/wxa/setnickname", &name),
        40007,
        "it is looked at"
    );
}

#[test]
fn a_withdrawal_ends_it_and_nobody_is_told() {
    let (mini, audit) = handed_in();
    let sink = Sink::answering("success");
    listening(&mini.world, &sink);
    assert_eq!(undo(&mini), 0);
    assert_eq!(mini.get(LATEST)["status"], 3);
    assert_eq!(asked(&mini, audit)["status"], 3);
    assert_eq!(mini.code(RELEASE, &json!({})), 85020);
    assert_eq!(
        mini.world.account(MINI)["miniProgram"]["codeUnderReview"],
        false
    );
    assert_eq!(mini.code(SUBMIT, &items()), 0);
    mini.world.advance(600);
    assert_eq!(sink.rest(), 0);
}

#[test]
fn nothing_to_withdraw_has_two_answers() {
    let mini = ready();
    assert_eq!(undo(&mini), 87012);
    mini.switch("undoWithoutAudit", json!(0));
    assert_eq!(undo(&mini), 0);
}

#[test]
fn five_withdrawals_a_day_and_ten_a_month() {
    let mut mini = ready();
    mini.at("2031-11-15T12:00:00+08:00");
    commit(&mini, "1.0.0");
    let five = |mini: &Mini| {
        for _ in 0..5 {
            submit(mini);
            assert_eq!(undo(mini), 0);
        }
        submit(mini);
        assert_eq!(undo(mini), 87013);
    };
    five(&mini);
    by_hand(&mini, json!({"withdraw": {}}));
    mini.at("2031-11-16T00:00:10+08:00");
    platform(&mini, json!({"auditQuota": {"rest": 20}}));
    for _ in 0..4 {
        submit(&mini);
        assert_eq!(undo(&mini), 0);
    }
    submit(&mini);
    assert_eq!(undo(&mini), 87013, "a colleague took one of the month");
    mini.at("2031-12-01T00:00:10+08:00");
    assert_eq!(mini.get(LATEST)["status"], 0);
    submit(&mini);
    assert_eq!(undo(&mini), 0);
}

#[test]
fn what_was_handed_in_or_taken_back_shows_later() {
    let mini = ready();
    mini.switch("latestAuditLagSeconds", json!(120));
    commit(&mini, "1.0.0");
    let audit = submit(&mini);
    assert_eq!(mini.get(LATEST)["errcode"], 85058);
    assert_eq!(asked(&mini, audit)["status"], 2, "by its id it is there");
    mini.world.advance(120);
    assert_eq!(mini.get(LATEST)["auditid"], audit);
    assert_eq!(undo(&mini), 0);
    assert_eq!(mini.get(LATEST)["status"], 2);
    mini.world.advance(120);
    assert_eq!(mini.get(LATEST)["status"], 3);
}

#[test]
fn one_that_is_over_may_block_the_next_for_a_while() {
    let (mini, _) = handed_in();
    mini.switch("submitBlockedSeconds", json!(120));
    assert_eq!(undo(&mini), 0);
    assert_eq!(mini.code(SUBMIT, &items()), 85009);
    mini.world.advance(120);
    publish(&mini, "1.0.1");
    commit(&mini, "1.0.2");
    assert_eq!(
        mini.code(SUBMIT, &items()),
        85009,
        "after a release as well"
    );
    mini.world.advance(60);
    assert_eq!(mini.code(SUBMIT, &items()), 0);
}

#[test]
fn an_id_may_be_text_and_words_may_be_left_out() {
    let (mini, audit) = handed_in();
    mini.switch("auditIdAsText", json!(true));
    mini.switch("codeDescriptionsOmitted", json!(true));
    let latest = mini.get(LATEST);
    assert_eq!(latest["auditid"], audit.to_string());
    assert_eq!(latest["user_desc"], "");
    let versions = mini.post(super::VERSIONS, &json!({}));
    assert_eq!(versions["exp_info"]["exp_desc"], "");
}

#[test]
fn one_review_is_sped_up_once() {
    let (mut mini, audit) = handed_in();
    let code = |mini: &Mini| mini.code(SPEED_UP, &json!({"auditid": audit}));
    assert_eq!(code(&mini), 89405);
    platform(&mini, json!({"auditQuota": {"speedupLimit": 1}}));
    assert_eq!(mini.code(SPEED_UP, &json!({"auditid": 7})), 89402);
    assert_eq!(code(&mini), 0);
    assert_eq!(code(&mini), 89404);
    let quota = mini.get("/wxa/queryquota");
    assert_eq!(
        (&quota["speedup_rest"], &quota["speedup_limit"]),
        (&json!(0), &json!(1))
    );
    mini.world.advance(7000);
    mini.token = mini.world.token(MINI);
    assert_eq!(asked(&mini, audit)["status"], 2);
    mini.world.advance(210);
    assert_eq!(asked(&mini, audit)["status"], 0, "within two hours");
    assert_eq!(code(&mini), 89402);
}

#[test]
fn some_reviews_cannot_be_sped_up() {
    let (mini, audit) = handed_in();
    let mut state = mini.world.control("GET", "/_sim/state", &json!({}));
    state["audits"][0]["of"]["code"]["notToBeSpedUp"] = json!(true);
    mini.world.control("PUT", "/_sim/state", &state);
    assert_eq!(mini.code(SPEED_UP, &json!({"auditid": audit})), 89403);
}

#[test]
fn a_review_goes_on_in_another_simulator() {
    let (mini, audit) = handed_in();
    let mut state = mini.world.control("GET", "/_sim/state", &json!({}));
    let accounts = state["accounts"].as_array_mut().unwrap();
    for account in accounts.iter_mut().filter(|one| one["appId"] == MINI) {
        account["miniProgram"]["codeUnderReview"] = json!(false);
    }
    mini.world.control("PUT", "/_sim/state", &state);
    let app = mini.world.account(MINI);
    assert_eq!(
        app["miniProgram"]["codeUnderReview"], true,
        "the flag follows the review"
    );
    decide(&mini, audit, json!({"outcome": "approved"}));
    assert_eq!(mini.code(RELEASE, &json!({})), 0);
}
