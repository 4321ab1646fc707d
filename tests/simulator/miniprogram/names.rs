//! Names: which there are, which are free, and how one is set.

use serde_json::{Value, json};

use super::Mini;
use crate::simulator::media::picture;
use crate::simulator::world::{MINI, OFFICIAL, OTHER, OTHER_MINI, World, text};

const CHECK: &str = "/cgi-bin/wxverify/checkwxverifynickname";
pub const SET: &str = "/wxa/setnickname";

/// A name with a licence, as an organisation sends it.
pub fn named(mini: &Mini, name: &str) -> Value {
    let license = picture(&mini.world, &mini.token);
    json!({"nick_name": name, "license": license, "id_card": "", "naming_other_stuff_1": null})
}

fn put(world: &World, key: &str, value: Value) {
    let mut state = world.control("GET", "/_sim/state", &json!({}));
    state[key] = value;
    world.control("PUT", "/_sim/state", &state);
}

#[test]
fn a_name_has_two_codes_for_every_trouble() {
    let mini = Mini::start();
    mini.switch("nameChecksAMinute", json!(99));
    mini.switch("nameReview", json!("atOnce"));
    mini.change(json!({"budgets": {"name": {"quota": 99}}}));
    let name = |account: &str, name: &str| {
        mini.world.change(account, &json!({"nickName": name}));
    };
    name(OTHER_MINI, "星光舞蹈");
    name(OTHER, "月光舞蹈");
    put(&mini.world, "bannedWords", json!(["赌博"]));
    let reserved = [
        ("海浪舞蹈", "wechatId"),
        ("白云舞蹈", "principal"),
        ("青山舞蹈", "infringement"),
        ("国家舞蹈", "proof"),
        ("很多舞蹈", "tooMany"),
    ];
    let reserved = reserved.map(|(name, why)| json!({"name": name, "why": why}));
    put(&mini.world, "reservedNames", json!(reserved));
    for (name, checked, set) in [
        ("晨光舞蹈", 0, 0),
        ("舞", 53010, 91004),
        ("abc", 53010, 91004),
        ("abcd", 0, 0),
        (&"舞".repeat(15), 0, 0),
        (&"舞".repeat(16), 53010, 91004),
        ("舞蹈小程序", 53010, 91004),
        ("", 53010, 91004),
        ("天天赌博", 53012, 91004),
        ("星光舞蹈", 53013, 91007),
        ("月光舞蹈", 53015, 91015),
        ("海浪舞蹈", 53018, 91006),
        ("白云舞蹈", 53019, 91005),
        ("青山舞蹈", 53019, 91008),
        ("国家舞蹈", 0, 91009),
        ("很多舞蹈", 53012, 91013),
    ] {
        assert_eq!(
            mini.code(CHECK, &json!({"nick_name": name})),
            checked,
            "{name}"
        );
        assert_eq!(mini.code(SET, &named(&mini, name)), set, "{name}");
    }
    for (holder, taken, checked, set) in [
        (OTHER_MINI, "晚霞舞蹈+", 53014, 91014),
        (OTHER, "晚霞舞蹈+", 53017, 91017),
    ] {
        name(holder, taken);
        let wanted = "晚霞舞蹈";
        assert_eq!(mini.code(CHECK, &json!({"nick_name": wanted})), checked);
        assert_eq!(mini.code(SET, &named(&mini, wanted)), set);
        name(holder, "别的名称");
    }
    name(OFFICIAL, "朝霞舞蹈");
    assert_eq!(
        mini.code(CHECK, &json!({"nick_name": "朝霞舞蹈"})),
        0,
        "of the same entity"
    );
    name(OTHER, "朝霞舞蹈");
    assert_eq!(mini.code(CHECK, &json!({"nick_name": "朝霞舞蹈"})), 53016);
    assert_eq!(mini.code(SET, &named(&mini, "朝霞舞蹈")), 91016);
}

#[test]
fn a_keyword_wants_proof() {
    let mini = Mini::start();
    put(
        &mini.world,
        "reservedNames",
        json!([{"name": "国家舞蹈", "why": "proof"}]),
    );
    let checked = mini.post(CHECK, &json!({"nick_name": "国家舞蹈"}));
    assert_eq!(checked["hit_condition"], true);
    assert_ne!(checked["wording"], "");
    assert_eq!(
        mini.post(CHECK, &json!({"nick_name": "晨光舞蹈"})),
        json!({"errcode": 0, "errmsg": "ok", "hit_condition": false, "wording": ""})
    );
    let mut body = named(&mini, "国家舞蹈");
    assert_eq!(mini.code(SET, &body), 91009);
    body["naming_other_stuff_1"] = json!("nowhere");
    assert_eq!(mini.code(SET, &body), 40007);
    body["naming_other_stuff_1"] = json!(picture(&mini.world, &mini.token));
    assert_eq!(mini.code(SET, &body), 0);
}

#[test]
fn checks_are_limited_by_the_minute() {
    let mut mini = Mini::start();
    mini.at("2031-11-30T12:00:00+08:00");
    mini.switch("nameChecksAMinute", json!(2));
    let check = |mini: &Mini| mini.code(CHECK, &json!({"nick_name": "晨光舞蹈"}));
    assert_eq!([check(&mini), check(&mini), check(&mini)], [0, 0, 53011]);
    mini.world.advance(60);
    assert_eq!(check(&mini), 0);
    let state = mini.world.control("GET", "/_sim/state", &json!({}));
    let minutes = state["counters"].as_array().unwrap().iter();
    let minutes = minutes.filter(|one| text(&one["path"]).ends_with("#minute"));
    assert_eq!(minutes.count(), 1, "only this minute's is kept");
}

#[test]
fn material_is_a_picture_of_ones_own() {
    let mut mini = Mini::start();
    let with = |mini: &Mini, field: &str, id: &str| {
        let body = json!({"nick_name": "晨光舞蹈", field: id});
        mini.code(SET, &body)
    };
    let other = mini.world.token(OTHER_MINI);
    let foreign = picture(&mini.world, &other);
    let own = picture(&mini.world, &mini.token);
    assert_eq!(
        with(&mini, "license", ""),
        91009,
        "an organisation shows its licence"
    );
    assert_eq!(with(&mini, "id_card", &own), 91009);
    assert_eq!(with(&mini, "license", &foreign), 40007);
    mini.change(json!({"basicInfo": {"principalType": 0}}));
    assert_eq!(
        with(&mini, "license", &own),
        91009,
        "a person an identity card"
    );
    mini.world.advance(3 * 86_400);
    mini.token = mini.world.token(MINI);
    assert_eq!(with(&mini, "id_card", &own), -1, "gone by now");
    mini.switch("staleNameMaterial", json!(40007));
    assert_eq!(with(&mini, "id_card", &own), 40007);
    let own = picture(&mini.world, &mini.token);
    assert_eq!(with(&mini, "id_card", &own), 0);
}

#[test]
fn who_may_be_renamed() {
    let mini = Mini::start();
    let set = |mini: &Mini| mini.code(SET, &named(mini, "晨光舞蹈"));
    for (change, code) in [
        (json!({"registerType": 0}), 91001),
        (json!({"miniProgram": {"apiRegistered": false}}), 91001),
        (
            json!({"registerType": 2, "miniProgram": {"apiRegistered": null, "released": true}}),
            91002,
        ),
        (json!({"nickName": ""}), 91018),
        (json!({"basicInfo": {"principalType": 0}}), 91002),
        (
            json!({"basicInfo": null, "miniProgram": {"released": false, "codeUnderReview": true}}),
            91019,
        ),
        (
            json!({"miniProgram": null, "budgets": {"name": {"used": 2}}}),
            91003,
        ),
        (json!({"budgets": null}), 0),
    ] {
        mini.change(change.clone());
        assert_eq!(set(&mini), code, "{change}");
    }
    assert_eq!(set(&mini), 91003, "one is under review");
    mini.switch("nameUnderReview", json!(91019));
    assert_eq!(set(&mini), 91019);
}

#[test]
fn a_name_is_sent_as_it_is_written() {
    let mini = Mini::start();
    let escaped = br#"{"nick_name":"\u6668\u5149"}"#;
    let answer = mini.world.raw("POST", SET, &mini.token, escaped).json();
    assert_eq!(answer["errcode"], 91004);
    mini.switch("escapedBody", json!(47002));
    let answer = mini.world.raw("POST", CHECK, &mini.token, escaped).json();
    assert_eq!(answer["errcode"], 47002);
}

#[test]
fn a_name_that_is_not_reviewed_is_set_at_once() {
    let mini = Mini::start();
    mini.switch("nameReview", json!("atOnce"));
    let answer = mini.post(SET, &named(&mini, "晨光舞蹈"));
    assert_eq!(answer, json!({"errcode": 0, "errmsg": "ok", "wording": ""}));
    let shown = mini.basic_info();
    assert_eq!(shown["nickname_info"]["nickname"], "晨光舞蹈");
    assert_eq!(shown["nickname_info"]["modify_used_count"], 1);
    mini.switch("nameReview", json!("atOnceWithZero"));
    assert_eq!(mini.post(SET, &named(&mini, "暮光舞蹈"))["audit_id"], 0);
    assert_eq!(
        mini.code(SET, &named(&mini, "月光舞蹈")),
        91003,
        "two a year"
    );
    mini.switch("namesUsedUp", json!(91002));
    assert_eq!(mini.code(SET, &named(&mini, "月光舞蹈")), 91002);
}
