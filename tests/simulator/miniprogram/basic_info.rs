//! What `getaccountbasicinfo` and `api_get_authorizer_info` say of an account, and the introduction.

use serde_json::{Value, json};

use super::Mini;
use crate::simulator::world::{MINI, OFFICIAL, PLATFORM, SUBSCRIPTION, World};

const INFO: &str = "/cgi-bin/account/getaccountbasicinfo";
const SIGNATURE: &str = "/cgi-bin/account/modifysignature";

#[test]
fn a_mini_program_is_told_by_its_info() {
    let world = World::start();
    let cat = world.component_token();
    world.authorized(&cat, MINI, Some(&[17, 18, 25, 30]));
    world.change(
        MINI,
        &json!({"signature": "教孩子们跳舞", "headImg": "http://wx.qlogo.cn/x/0"}),
    );
    let body = json!({"component_appid": PLATFORM, "authorizer_appid": MINI});
    let answer = world.post("/cgi-bin/component/api_get_authorizer_info", &cat, &body);
    let info = &answer["authorizer_info"];
    assert_eq!(info["nick_name"], "日出小程序");
    assert_eq!(info["signature"], "教孩子们跳舞");
    assert_eq!(info["head_img"], "http://wx.qlogo.cn/x/0");
    assert_eq!(info["service_type_info"]["id"], 0);
    assert_eq!(info["register_type"], 2);
    assert_eq!(info["basic_config"]["is_phone_configured"], true);
    assert_eq!(info["MiniProgramInfo"]["visit_status"], 0);
    let network = &info["MiniProgramInfo"]["network"];
    for kind in [
        "Request",
        "WsRequest",
        "Upload",
        "Download",
        "Biz",
        "UDP",
        "TCP",
    ] {
        assert_eq!(network[format!("{kind}Domain")], json!([]), "{kind}");
    }
    let granted = answer["authorization_info"]["func_info"]
        .as_array()
        .unwrap();
    let ids: Vec<&Value> = granted
        .iter()
        .map(|one| &one["funcscope_category"]["id"])
        .collect();
    assert_eq!(ids, [17, 18, 25, 30]);
}

#[test]
fn basic_info_has_every_documented_field() {
    let mini = Mini::start();
    mini.change(json!({
        "signature": "教孩子们跳舞", "headImg": "http://wx.qlogo.cn/x/0", "verifyType": 3,
        "basicInfo": {"principalType": 1, "customerType": 12, "credential": "91440000000000000X"},
        "budgets": {"name": {"used": 1}, "avatar": {"used": 2, "quota": 7}},
    }));
    let expected = json!({
        "errcode": 0, "errmsg": "ok", "appid": MINI, "account_type": 3, "principal_type": 1,
        "principal_name": "日出舞蹈有限公司", "credential": "91440000000000000X", "customer_type": 12,
        "realname_status": 1, "registered_country": 1017, "nickname": "日出小程序",
        "wx_verify_info": {
            "qualification_verify": true, "naming_verify": false, "annual_review": false,
            "annual_review_begin_time": 1_790_000_000, "annual_review_end_time": 1_797_000_000,
        },
        "signature_info": {"signature": "教孩子们跳舞", "modify_used_count": 0, "modify_quota": 5},
        "head_image_info": {
            "head_image_url": "http://wx.qlogo.cn/x/0", "modify_used_count": 2, "modify_quota": 7,
        },
        "nickname_info": {"nickname": "日出小程序", "modify_used_count": 1, "modify_quota": 2},
    });
    assert_eq!(mini.get(INFO), expected);
    assert_eq!(mini.post(INFO, &json!({})), expected);
    let without_body = mini.world.raw("POST", INFO, &mini.token, "").json();
    assert_eq!(without_body, expected);
    mini.change(json!({"verifyType": -1}));
    let unverified = json!({"qualification_verify": false, "naming_verify": false});
    assert_eq!(mini.basic_info()["wx_verify_info"], unverified);
}

#[test]
fn an_official_account_has_basic_info_as_well() {
    let world = World::start();
    for (account, kind) in [(OFFICIAL, 2), (SUBSCRIPTION, 1)] {
        let token = world.token(account);
        assert_eq!(world.get(INFO, &token)["account_type"], kind);
        let body = json!({"signature": "教孩子们跳舞"});
        assert_eq!(world.post(SIGNATURE, &token, &body)["errcode"], 48001);
    }
}

#[test]
fn names_of_released_organisations_read_as_used_up() {
    let mini = Mini::start();
    let used = || mini.basic_info()["nickname_info"]["modify_used_count"].clone();
    assert_eq!(used(), 0);
    mini.change(json!({"miniProgram": {"released": true}}));
    assert_eq!(used(), 2);
    mini.change(json!({"basicInfo": {"principalType": 0}}));
    assert_eq!(used(), 0, "a person's is counted");
}

#[test]
fn passing_verification_gives_the_changes_of_the_name_back() {
    let mini = Mini::start();
    let used = || mini.basic_info()["nickname_info"]["modify_used_count"].clone();
    mini.change(json!({"verifyType": -1, "budgets": {"name": {"used": 2}}}));
    assert_eq!(used(), 2);
    mini.change(json!({"verifyType": 0}));
    assert_eq!(used(), 0);
}

#[test]
fn an_introduction_has_4_to_120_characters_and_4_of_them_chinese() {
    let mini = Mini::start();
    let set = |signature: &str| mini.code(SIGNATURE, &json!({"signature": signature}));
    mini.change(json!({"budgets": {"signature": {"quota": 100}}}));
    for (signature, code) in [
        ("教孩子", 53204),
        ("教孩子跳", 0),
        ("dance 孩子跳", 53204),
        ("dance 教孩子跳", 0),
        (&"舞".repeat(120), 0),
        (&"舞".repeat(121), 53204),
        ("", 53204),
    ] {
        assert_eq!(set(signature), code, "{signature}");
    }
    assert_eq!(
        mini.basic_info()["signature_info"]["signature"],
        "舞".repeat(120)
    );
    assert_eq!(mini.code(SIGNATURE, &json!({})), 40097);
    assert_eq!(mini.code(SIGNATURE, &json!({"signature": 4})), 40097);
    for body in [
        &br#"{"signature":"\u6559\u5b69\u5b50\u8df3"}"#[..],
        b"{\"signature\":\"\xe6\x95\"}",
    ] {
        let answer = mini.world.raw("POST", SIGNATURE, &mini.token, body).json();
        assert_eq!(answer["errcode"], 53204);
    }
}

#[test]
fn five_introductions_a_month() {
    let mut mini = Mini::start();
    mini.at("2031-11-30T23:00:00+08:00");
    let set = |mini: &Mini, number: i64| {
        let body = json!({"signature": format!("教孩子们跳舞{number}")});
        mini.code(SIGNATURE, &body)
    };
    for number in 0..5 {
        assert_eq!(set(&mini, number), 0);
    }
    assert_eq!(set(&mini, 6), 53200);
    let shown = mini.basic_info();
    assert_eq!(shown["signature_info"]["modify_used_count"], 5);
    assert_eq!(shown["signature_info"]["signature"], "教孩子们跳舞4");
    mini.at("2031-12-01T00:00:00+08:00");
    mini.switch("monthRollsAfterHours", json!(8));
    assert_eq!(set(&mini, 7), 53200);
    mini.at("2031-12-01T08:00:00+08:00");
    assert_eq!(set(&mini, 7), 0);
    assert_eq!(mini.basic_info()["signature_info"]["modify_used_count"], 1);
}

#[test]
fn an_introduction_can_be_banned_or_locked() {
    let mini = Mini::start();
    let mut state = mini.world.control("GET", "/_sim/state", &json!({}));
    state["bannedWords"] = json!(["赌博"]);
    mini.world.control("PUT", "/_sim/state", &state);
    let set = |signature: &str| mini.code(SIGNATURE, &json!({"signature": signature}));
    assert_eq!(set("教孩子赌博"), 53201);
    mini.change(json!({"miniProgram": {"locked": ["signature"]}}));
    assert_eq!(set("教孩子们跳舞"), 53203);
    mini.change(json!({"miniProgram": {"locked": []}}));
    assert_eq!(set("教孩子们跳舞"), 0);
    let calls = mini.world.calls("");
    let counted = &calls["endpoints"][SIGNATURE];
    assert_eq!(
        counted,
        &json!({"received": 3, "refused": 2, "withEffect": 1})
    );
}

#[test]
fn how_often_is_told_by_either_name() {
    let mini = Mini::start();
    mini.switch("basicInfoSaysUsedCount", json!(true));
    let info = mini.basic_info()["signature_info"].clone();
    assert_eq!(
        (&info["used_count"], info.get("modify_used_count")),
        (&json!(0), None)
    );
}
