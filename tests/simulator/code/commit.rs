//! Uploading a version, and what is found in it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{COMMIT, VERSIONS, by_hand, commit, commit_body, platform, ready, submit, template};
use crate::simulator::miniprogram::Mini;
use crate::simulator::world::MINI;

const FOUND: &str = "/wxa/security/get_code_privacy_info";
const PAGES: &str = "/wxa/get_page";

/// The errcode of an upload with this `ext_json`.
fn sent(mini: &Mini, ext_json: Value) -> i64 {
    mini.code(COMMIT, &commit_body("1.0.0", &ext_json))
}

fn with(field: &str, value: Value) -> Value {
    let mut body = commit_body("1.0.0", &json!({}));
    body[field] = value;
    body
}

#[test]
fn a_commit_takes_the_place_of_the_trial_version() {
    let mini = ready();
    commit(&mini, "1.0.0");
    let body = commit_body(
        "1.0.1",
        &json!({"pages": ["pages/order/list"], "ext": {"a": 1}}),
    );
    assert_eq!(mini.code(COMMIT, &body), 0);
    let versions = mini.post(VERSIONS, &json!({}));
    assert_eq!(versions["exp_info"]["exp_version"], "1.0.1");
    assert_eq!(versions["exp_info"]["exp_desc"], "报名");
    assert!(versions["exp_info"]["exp_time"].is_i64(), "{versions}");
    assert!(versions.get("release_info").is_none(), "{versions}");
    assert_eq!(mini.get(PAGES)["page_list"], json!(["pages/order/list"]));
    let kept = mini.world.account(MINI)["miniProgram"]["code"]["trial"].clone();
    assert_eq!(kept["templateId"], 4);
    assert_eq!(kept["extJson"], body["ext_json"]);
}

#[test]
fn a_template_is_named_by_a_number_or_by_text() {
    let mini = ready();
    assert_eq!(mini.code(COMMIT, &with("template_id", json!("4"))), 0);
    for unknown in [json!(5), json!("x"), json!(null), json!({})] {
        assert_eq!(mini.code(COMMIT, &with("template_id", unknown)), 85014);
    }
}

#[test]
fn ext_json_is_text() {
    let mini = ready();
    assert_eq!(
        mini.code(COMMIT, &with("ext_json", json!({"ext": {}}))),
        47001
    );
    assert_eq!(mini.code(COMMIT, &with("ext_json", json!("{"))), 85013);
    assert_eq!(mini.code(COMMIT, &with("ext_json", json!(null))), 85013);
    mini.switch("unreadableExtJson", json!(85048));
    assert_eq!(mini.code(COMMIT, &with("ext_json", json!("{"))), 85048);
}

#[test]
fn pages_are_those_of_the_template() {
    let mini = ready();
    for (ext_json, code) in [
        (json!({"pages": []}), 85047),
        (json!({"pages": ["/pages/index/index"]}), 85013),
        (json!({"pages": [7]}), 85013),
        (json!({"pages": ["pages/new"]}), 85045),
        (json!({"extPages": {"pages/new": {}}}), 85045),
        (json!({"tabBar": {"list": [{"text": "首页"}]}}), 85046),
        (
            json!({"tabBar": {"list": [{"pagePath": "pages/new"}]}}),
            85045,
        ),
        (
            json!({"tabBar": {"list": [{"pagePath": "pages/index/index"}]}}),
            0,
        ),
        (
            json!({"extPages": {"pages/order/list": {"navigationBarTitleText": "x"}}}),
            0,
        ),
    ] {
        assert_eq!(sent(&mini, ext_json.clone()), code, "{ext_json}");
    }
}

#[test]
fn a_version_has_sixty_four_characters() {
    let mini = ready();
    assert_eq!(
        mini.code(COMMIT, &with("user_version", json!("版".repeat(64)))),
        0
    );
    assert_eq!(
        mini.code(COMMIT, &with("user_version", json!("版".repeat(65)))),
        85051
    );
    assert_eq!(mini.code(COMMIT, &with("user_version", json!(""))), 40097);
}

#[test]
fn a_standard_template_takes_three_keys() {
    let mini = ready();
    let standard = json!([{"templateId": 4, "templateType": 1}]);
    platform(&mini, json!({"codeTemplates": standard}));
    assert_eq!(sent(&mini, json!({"extEnable": true})), 9_402_203);
    assert_eq!(
        sent(&mini, json!({"extAppid": MINI, "ext": {}, "window": {}})),
        0
    );
}

#[test]
fn what_is_wrong_with_the_template_is_told_by_commit() {
    let mini = ready();
    for (flaw, code) in [("broken", 85043), ("tooLarge", 85044), ("game", 0)] {
        template(&mini, json!({"flaws": [flaw]}));
        assert_eq!(sent(&mini, json!({})), code, "{flaw}");
    }
}

#[test]
fn location_apis_that_are_declared_have_to_be_granted() {
    let mini = ready();
    let declare = |names: Value| sent(&mini, json!({"requiredPrivateInfos": names}));
    assert_eq!(declare(json!("getLocation")), 85310);
    assert_eq!(declare(json!(["getAltitude"])), 85310);
    assert_eq!(declare(json!(["wx.getLocation"])), 85310);
    assert_eq!(declare(json!(["getFuzzyLocation", "getLocation"])), 85311);
    assert_eq!(declare(json!(["getLocation"])), 85312);
    mini.change(
        json!({"miniProgram": {"locationApis": {"wx.getLocation": {"status": "granted"}}}}),
    );
    assert_eq!(declare(json!(["getLocation"])), 0);
    mini.switch("privateInfosHavePrefix", json!(true));
    assert_eq!(declare(json!(["getLocation"])), 85310);
    assert_eq!(declare(json!(["wx.getLocation"])), 0);
}

#[test]
fn plugins_have_to_be_there_and_to_be_the_apps() {
    let mini = ready();
    let plugin = "wx76a9a06e5b4e693e";
    let ext = |version: &str| json!({"plugins": {"map": {"provider": plugin, "version": version}}});
    assert_eq!(sent(&mini, ext("1.2.0")), 80067);
    let mut state = mini.world.control("GET", "/_sim/state", &json!({}));
    state["plugins"] = json!([{"appId": plugin}]);
    mini.world.control("PUT", "/_sim/state", &state);
    assert_eq!(sent(&mini, ext("1.2.0")), 80082);
    mini.change(json!({"miniProgram": {"plugins": [{"appId": plugin}]}}));
    assert_eq!(sent(&mini, ext("newest")), 80066);
    assert_eq!(sent(&mini, ext("1.2.0")), 0);
}

#[test]
fn every_upload_is_looked_at_anew() {
    let mini = ready();
    assert_eq!(mini.get(FOUND)["errcode"], 86001);
    assert_eq!(sent(&mini, json!({})), 0);
    mini.world.advance(45);
    assert_eq!(mini.get(FOUND)["errcode"], 61039);
    assert_eq!(sent(&mini, json!({})), 0, "it begins once more");
    mini.world.advance(45);
    assert_eq!(mini.get(FOUND)["errcode"], 61039);
    mini.world.advance(15);
    assert_eq!(mini.get(FOUND)["errcode"], 0);
    mini.switch("detectionSeconds", json!(7200));
    mini.switch("commitDuringDetection", json!(61039));
    assert_eq!(sent(&mini, json!({})), 0);
    assert_eq!(sent(&mini, json!({})), 61039);
    mini.world.advance(3600);
    assert_eq!(mini.get(FOUND)["errcode"], 61039);
    by_hand(&mini, json!({"endDetection": {}}));
    assert_eq!(mini.get(FOUND)["errcode"], 0);
}

#[test]
fn what_is_called_and_not_granted_or_not_declared_is_listed() {
    let mini = ready();
    template(
        &mini,
        json!({"locationApis": ["wx.getLocation", "wx.chooseAddress", "wx.choosePoi"]}),
    );
    mini.change(
        json!({"miniProgram": {"locationApis": {"wx.chooseAddress": {"status": "granted"}}}}),
    );
    assert_eq!(
        sent(&mini, json!({"requiredPrivateInfos": ["chooseAddress"]})),
        0
    );
    mini.world.advance(60);
    let found = mini.get(FOUND);
    assert_eq!(
        found["without_auth_list"],
        json!(["wx.getLocation", "wx.choosePoi"])
    );
    assert_eq!(
        found["without_conf_list"],
        json!(["wx.getLocation", "wx.choosePoi"])
    );
    mini.switch("codePrivacyTroubles", json!(61040));
    assert_eq!(mini.get(FOUND)["errcode"], 61040);
}

#[test]
fn one_commit_at_a_time() {
    let mini = ready();
    by_hand(&mini, json!({"committing": {"seconds": 30}}));
    assert_eq!(sent(&mini, json!({})), 9_402_202);
    mini.world.advance(30);
    assert_eq!(sent(&mini, json!({})), 0);
    mini.switch("commitMs", json!(300));
    let before = Instant::now();
    assert_eq!(sent(&mini, json!({})), 0);
    assert!(before.elapsed() >= Duration::from_millis(300));
    let code = mini.world.account(MINI)["miniProgram"]["code"].clone();
    assert!(code["committingUntil"].is_string(), "{code}");
    assert_eq!(sent(&mini, json!({})), 0, "it is over when it is answered");
}

#[test]
fn a_commit_can_be_done_though_it_says_otherwise() {
    let mini = ready();
    mini.switch("commitSaysBeingProcessed", json!(true));
    assert_eq!(sent(&mini, json!({})), 9_402_205);
    let versions = mini.post(VERSIONS, &json!({}));
    assert_eq!(versions["exp_info"]["exp_version"], "1.0.0");
}

#[test]
fn a_review_keeps_what_it_was_given() {
    let mini = ready();
    commit(&mini, "1.0.0");
    submit(&mini);
    commit(&mini, "1.0.1");
    assert_eq!(mini.get(super::LATEST)["user_version"], "1.0.0");
}

#[test]
fn the_trial_version_has_a_picture_for_each_path() {
    let mini = ready();
    assert_eq!(mini.get("/wxa/get_qrcode")["errcode"], 86001);
    commit(&mini, "1.0.0");
    let picture = |path: &str| {
        let target = format!("/wxa/get_qrcode?access_token={}{path}", mini.token);
        let reply = mini.world.raw("GET", &target, "", "");
        assert_eq!(reply.header("content-type"), Some("image/jpeg"));
        assert!(reply.bytes.starts_with(b"\xff\xd8\xff") && reply.bytes.ends_with(b"\xff\xd9"));
        reply.bytes
    };
    assert_ne!(picture(""), picture("&path=pages%2Forder%2Flist%3Fid%3D1"));
    assert_eq!(picture(""), picture(""));
}
