//! What users are told of what is done with their information.

use serde_json::{Value, json};

use super::{by_hand, commit, decide, publish, ready, submit, template};
use crate::simulator::media::{form, post_form};
use crate::simulator::miniprogram::Mini;
use crate::simulator::world::{MINI, OFFICIAL};

const GET: &str = "/cgi-bin/component/getprivacysetting";
const SET: &str = "/cgi-bin/component/setprivacysetting";
const UPLOAD: &str = "/cgi-bin/component/uploadprivacyextfile";

fn guide() -> Value {
    json!({
        "owner_setting": {"contact_email": "a@example.cn", "notice_method": "弹窗", "store_expire_timestamp": "30天"},
        "setting_list": [{"privacy_key": "UserInfo", "privacy_text": "展示头像"}],
    })
}

fn owner(field: &str, value: Value) -> Value {
    let mut body = guide();
    body["owner_setting"][field] = value;
    body
}

fn read(mini: &Mini, version: u64) -> Value {
    mini.post(GET, &json!({"privacy_ver": version}))
}

fn uploaded(mini: &Mini, disposition: &str, bytes: &[u8]) -> Value {
    let target = format!("{UPLOAD}?access_token={}", mini.token);
    post_form(&mini.world, &target, &form(disposition, bytes)).json()
}

const TXT: &str = "name=\"file\"; filename=\"guide.txt\"";

#[test]
fn a_guide_that_was_never_set_is_empty() {
    let mini = ready();
    let empty = mini.post(GET, &json!({}));
    assert_eq!(
        empty["owner_setting"],
        json!({
            "contact_phone": "", "contact_email": "", "contact_qq": "", "contact_weixin": "",
            "store_expire_timestamp": "", "ext_file_media_id": "", "notice_method": "",
        })
    );
    for (field, value) in [
        ("code_exist", json!(0)),
        ("privacy_list", json!([])),
        ("setting_list", json!([])),
        ("update_time", json!(0)),
        ("sdk_privacy_info_list", json!([])),
    ] {
        assert_eq!(empty[field], value, "{field}");
    }
    let described = &empty["privacy_desc"]["privacy_desc_list"];
    assert_eq!(described[0]["privacy_key"], "UserInfo");
}

#[test]
fn what_was_found_in_the_code_is_listed_without_a_text() {
    let mini = ready();
    template(
        &mini,
        json!({"pages": ["pages/index/index"], "privacyKeys": ["UserInfo", "PhoneNumber"]}),
    );
    assert_eq!(mini.code(SET, &guide()), 0);
    let read_now = || mini.post(GET, &json!({"privacy_ver": 2}));
    let body = super::commit_body("1.0.0", &json!({}));
    assert_eq!(mini.code(super::COMMIT, &body), 0);
    let early = read_now();
    assert_eq!(
        (&early["code_exist"], &early["privacy_list"]),
        (&json!(1), &json!([])),
        "it is looked at"
    );
    mini.world.advance(60);
    let found = read_now();
    assert_eq!(found["privacy_list"], json!(["UserInfo", "PhoneNumber"]));
    assert_eq!(
        found["setting_list"],
        json!([
            {"privacy_key": "UserInfo", "privacy_text": "展示头像", "privacy_label": ""},
            {"privacy_key": "PhoneNumber", "privacy_text": "", "privacy_label": ""},
        ])
    );
    mini.switch("privacyListsDetected", json!(false));
    assert_eq!(read_now()["setting_list"].as_array().unwrap().len(), 1);
}

#[test]
fn a_guide_is_replaced_whole() {
    let mini = ready();
    assert_eq!(
        mini.post(SET, &guide()),
        json!({"errcode": 0, "errmsg": "ok"})
    );
    let mut other = guide();
    other["owner_setting"] =
        json!({"contact_weixin": "dancer01", "notice_method": "公告", "store_region": 1017});
    other["setting_list"] = json!([{"privacy_key": "自定义", "privacy_text": "报名"}]);
    other["sdk_privacy_info_list"] =
        json!([{"sdk_name": "地图", "sdk_biz_name": "某公司", "sdk_list": []}]);
    assert_eq!(mini.code(SET, &other), 0);
    let set = read(&mini, 2);
    assert_eq!(set["owner_setting"]["contact_email"], "");
    assert_eq!(set["owner_setting"]["contact_weixin"], "dancer01");
    assert!(set["owner_setting"].get("store_region").is_none(), "{set}");
    assert_eq!(set["setting_list"][0]["privacy_key"], "自定义");
    assert_eq!(set["sdk_privacy_info_list"], other["sdk_privacy_info_list"]);
    assert!(set["update_time"].as_i64().unwrap() > 0);
    let kept = mini.world.account(MINI)["miniProgram"]["privacy"]["development"].clone();
    assert_eq!(kept["owner_setting"]["store_region"], 1017);
}

#[test]
fn a_guide_that_is_refused() {
    let mini = ready();
    let mut without_list = guide();
    without_list["setting_list"] = json!(null);
    for (body, code) in [
        (json!({"privacy_ver": "2"}), 86071),
        (json!({"privacy_ver": 3}), 86071),
        (without_list, 40097),
        (json!({"owner_setting": "x", "setting_list": []}), 47001),
        (json!({"owner_setting": {}, "setting_list": "[]"}), 47001),
        (json!({"setting_list": []}), 40097),
        (owner("contact_email", json!("")), 40097),
        (owner("notice_method", json!("")), 40097),
        (owner("store_expire_timestamp", json!("30")), 86072),
        (owner("store_expire_timestamp", json!("天")), 86072),
        (owner("store_expire_timestamp", json!("30 天")), 86072),
        (owner("store_expire_timestamp", json!("")), 0),
        (owner("ext_file_media_id", json!("7")), 40007),
    ] {
        assert_eq!(mini.code(SET, &body), code, "{body}");
    }
    let mut half = guide();
    half["setting_list"][0]["privacy_text"] = json!("");
    assert_eq!(mini.code(SET, &half), 40097);
    mini.switch("privacyContactMissing", json!(86_073));
    mini.switch("privacySettingInvalid", json!(86_075));
    assert_eq!(mini.code(SET, &owner("contact_email", json!(""))), 86_073);
    assert_eq!(mini.code(SET, &half), 86_075);
    assert_eq!(
        mini.code(GET, &json!({"privacy_ver": "1"})),
        86071,
        "a number is to be sent"
    );
}

#[test]
fn users_see_it_after_the_next_review_and_release() {
    let mini = ready();
    assert_eq!(mini.code(SET, &guide()), 0);
    commit(&mini, "1.0.0");
    let audit = submit(&mini);
    let mut later = guide();
    later["setting_list"][0]["privacy_text"] = json!("报名");
    assert_eq!(mini.code(SET, &later), 0);
    assert_eq!(read(&mini, 1)["setting_list"], json!([]));
    decide(&mini, audit, json!({"outcome": "approved"}));
    assert_eq!(read(&mini, 1)["setting_list"], json!([]));
    assert_eq!(mini.code(super::RELEASE, &json!({})), 0);
    assert_eq!(
        read(&mini, 1)["setting_list"][0]["privacy_text"],
        "展示头像",
        "as it was handed in"
    );
    assert_eq!(read(&mini, 1)["code_exist"], 1);
    assert_eq!(read(&mini, 2)["setting_list"][0]["privacy_text"], "报名");
    by_hand(&mini, json!({"submit": {}}));
}

#[test]
fn of_the_one_users_see_only_who_collects_is_changed() {
    let mini = ready();
    let only_owner =
        json!({"privacy_ver": 1, "owner_setting": {"contact_phone": "1", "notice_method": "公告"}});
    assert_eq!(mini.code(SET, &only_owner), 86074);
    let file = uploaded(&mini, TXT, b"guide")["ext_file_media_id"].clone();
    assert_eq!(mini.code(SET, &owner("ext_file_media_id", file.clone())), 0);
    publish(&mini, "1.0.0");
    let mut whole = guide();
    whole["privacy_ver"] = json!(1);
    assert_eq!(
        mini.code(SET, &whole),
        40097,
        "what for is changed by a release alone"
    );
    assert_eq!(mini.code(SET, &only_owner), 0);
    let online = read(&mini, 1);
    assert_eq!(online["owner_setting"]["contact_phone"], "1");
    assert_eq!(
        online["owner_setting"]["ext_file_media_id"], file,
        "and so is the text"
    );
    assert_eq!(online["setting_list"][0]["privacy_text"], "展示头像");
    assert_eq!(read(&mini, 2)["owner_setting"]["contact_phone"], "");
}

#[test]
fn a_text_of_ones_own_is_uploaded() {
    let mini = ready();
    let answer = uploaded(&mini, TXT, b"guide");
    assert_eq!(
        (&answer["errcode"], &answer["errmsg"]),
        (&json!(0), &json!("ok"))
    );
    let id = answer["ext_file_media_id"].as_str().unwrap();
    assert!(id.parse::<u64>().unwrap() > 1 << 53);
    assert_ne!(uploaded(&mini, TXT, b"other")["ext_file_media_id"], id);
    assert_eq!(mini.code(SET, &owner("ext_file_media_id", json!(id))), 0);
    assert_eq!(read(&mini, 2)["owner_setting"]["ext_file_media_id"], id);
    assert_eq!(
        uploaded(&mini, TXT, &[b'a'; (100 << 10) + 1])["errcode"],
        40126
    );
    assert_eq!(uploaded(&mini, TXT, &[b'a'; 100 << 10])["errcode"], 0);
    let pdf = "name=\"file\"; filename=\"guide.pdf\"";
    assert_eq!(uploaded(&mini, pdf, b"guide")["errcode"], 40006);
    let elsewhere = "name=\"media\"; filename=\"guide.txt\"";
    assert_eq!(uploaded(&mini, elsewhere, b"guide")["errcode"], 41005);
    mini.switch("privacyFileIdIsNumber", json!(true));
    let number = uploaded(&mini, TXT, b"guide")["ext_file_media_id"].clone();
    assert!(number.is_u64(), "{number}");
    assert_eq!(mini.code(SET, &owner("ext_file_media_id", number)), 0);
}

#[test]
fn it_is_the_apps_though_it_lies_among_the_platforms() {
    let mini = ready();
    let component = mini.world.component_token();
    let official = mini.world.token(OFFICIAL);
    for (path, body) in [(GET, json!({})), (SET, guide())] {
        let answer = mini.world.post(path, &component, &body);
        assert_eq!(answer["errcode"], 48001, "{path}");
        let answer = mini.world.post(path, &official, &body);
        assert_eq!(answer["errcode"], 61007, "{path}");
    }
}
