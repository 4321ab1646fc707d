//! Filing (小程序备案): how far it is, and what it stops.

use serde_json::{Value, json};

use super::{RELEASE, commit, decide, ready, submit};
use crate::simulator::miniprogram::Mini;
use crate::simulator::pushes::listening;
use crate::simulator::sink::Sink;
use crate::simulator::world::MINI;

fn info(mini: &Mini) -> Value {
    let answer = mini.get("/wxa/icp/get_icp_entrance_info");
    assert_eq!(answer["errcode"], 0, "{answer}");
    answer["info"].clone()
}

fn stage(mini: &Mini, status: &str) {
    mini.change(json!({"miniProgram": {"filing": {"status": status}}}));
}

#[test]
fn every_stage_has_its_number() {
    let mini = ready();
    assert_eq!(
        info(&mini),
        json!({"status": 6, "is_canceling": false, "available": 1})
    );
    for (status, number) in [
        ("platformReview", 2),
        ("platformRejected", 3),
        ("authorityReview", 4),
        ("authorityRejected", 5),
        ("notFiled", 1024),
    ] {
        stage(&mini, status);
        assert_eq!(info(&mini)["status"], number, "{status}");
    }
    let wrong = json!([{"key_name": "x", "error": "不清晰", "suggest": "重新上传"}]);
    mini.change(json!({"miniProgram": {"filing": {
        "smsVerifyStatus": 3, "available": false, "isCanceling": true, "auditData": wrong,
    }}}));
    let info = info(&mini);
    assert_eq!(
        (&info["sms_verify_status"], &info["available"]),
        (&json!(3), &json!(0))
    );
    assert_eq!(
        (&info["is_canceling"], &info["audit_data"]),
        (&json!(true), &wrong)
    );
}

#[test]
fn what_is_missing_before_it_is_a_bit_each() {
    let mini = ready();
    stage(&mini, "notFiled");
    mini.change(json!({"signature": ""}));
    assert_eq!(info(&mini)["status"], 1025);
    mini.change(json!({"miniProgram": {"categories": []}}));
    assert_eq!(info(&mini)["status"], 1027);
    mini.change(json!({"verifyType": -1}));
    assert_eq!(info(&mini)["status"], 1031);
}

#[test]
fn whoever_is_not_filed_does_not_go_online() {
    let mini = ready();
    stage(&mini, "authorityReview");
    commit(&mini, "1.0.0");
    let audit = submit(&mini);
    decide(&mini, audit, json!({"outcome": "approved"}));
    assert_eq!(mini.code(RELEASE, &json!({})), 85020);
    mini.switch("unfiledRelease", json!(85021));
    assert_eq!(mini.code(RELEASE, &json!({})), 85021);
    mini.switch("unfiledRelease", json!(0));
    assert_eq!(mini.code(RELEASE, &json!({})), 0);
}

#[test]
fn another_stage_is_told_by_a_notice() {
    let mini = ready();
    let sink = Sink::answering("success");
    listening(&mini.world, &sink);
    stage(&mini, "authorityReview");
    let got = sink.next();
    assert!(got.target.starts_with("POST /notices?"), "{}", got.target);
    let notice = got.opened();
    for part in [
        "<InfoType><![CDATA[notify_apply_icpfiling_result]]></InfoType>".to_owned(),
        format!("<authorizer_appid><![CDATA[{MINI}]]></authorizer_appid>"),
        "<beian_status>4</beian_status>".to_owned(),
    ] {
        assert!(notice.contains(&part), "{part} in {notice}");
    }
    mini.change(json!({"miniProgram": {"filing": {"smsVerifyStatus": 2}}}));
    assert_eq!(sink.rest(), 0, "it is at the same stage");
    mini.switch("filingNoticesAsDocumented", json!(true));
    stage(&mini, "filed");
    let notice = sink.next().opened();
    assert!(notice.contains("\"beian_status\":6"), "{notice}");
}
