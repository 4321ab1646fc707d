//! Every code the documents give for these APIs, and how it is reached: by what the state says, by what is sent, or,
//! where it is an event of WeChat's own, by a fault.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::simulator::world::{MINI, OFFICIAL, PLATFORM, World};

const AVATAR: &str = "/cgi-bin/account/modifyheadimage";
const SIGNATURE: &str = "/cgi-bin/account/modifysignature";
const CHECK: &str = "/cgi-bin/wxverify/checkwxverifynickname";
const NAME: &str = "/wxa/setnickname";
const QUERY: &str = "/wxa/api_wxa_querynickname";
const ADD: &str = "/cgi-bin/wxopen/addcategory";
const DELETE: &str = "/cgi-bin/wxopen/deletecategory";
const MODIFY: &str = "/cgi-bin/wxopen/modifycategory";
const SEARCH: &str = "/wxa/changewxasearchstatus";
const VISIT: &str = "/wxa/change_visitstatus";
const LIBRARY: &str = "/cgi-bin/wxopen/setweappsupportversion";
const BIND: &str = "/wxa/bind_tester";
const LINK: &str = "/cgi-bin/wxopen/wxamplink";
const UNLINK: &str = "/cgi-bin/wxopen/wxampunlink";

/// Ordered as a fault: nothing in the state leads to it.
const FAULT: &str = "a fault";

/// Code, API, what is laid over the state (`mini`, `official`, `platform`, `switches`, `state`), what is sent.
type Case = (i64, &'static str, &'static str, &'static str);

const ANY: &str = r#"{"signature": "教孩子们跳舞"}"#;
const GOOD_NAME: &str = r#"{"nick_name": "晨光舞蹈", "license": "pic"}"#;
const WHOLE: &str = r#"{"head_img_media_id": "pic", "x1": "0", "y1": "0", "x2": "1", "y2": "1"}"#;
const PLAIN: &str = r#"{"categories": [{"first": 8, "second": 590, "certicates": []}]}"#;
const LINKED: &str = r#"{"appid": "wx3333333333333333"}"#;
const PAIR: &str = r#"{"first": 8, "second": 590}"#;
const RESERVED: &str = r#"{"state": {"reservedNames": [{"name": "晨光舞蹈", "why": "#;

const CASES: &[Case] = &[
    (
        -1,
        AVATAR,
        "{}",
        r#"{"head_img_media_id": "pic", "x1": 0, "y1": 0, "x2": 0, "y2": 0}"#,
    ),
    (0, SIGNATURE, "{}", ANY),
    (
        40007,
        AVATAR,
        "{}",
        r#"{"head_img_media_id": "x", "x1": 0, "y1": 0, "x2": 1, "y2": 1}"#,
    ),
    (
        40009,
        AVATAR,
        "{}",
        r#"{"head_img_media_id": "big", "x1": 0, "y1": 0, "x2": 1, "y2": 1}"#,
    ),
    (40033, BIND, "{}", r#"{"wechatid": "\u0061"}"#),
    (40097, SIGNATURE, "{}", "{}"),
    (41006, AVATAR, "{}", "{}"),
    (41033, ADD, r#"{"mini": {"registerType": 0}}"#, PLAIN),
    (42007, SIGNATURE, FAULT, ANY),
    (43003, SIGNATURE, FAULT, ANY),
    (44002, SIGNATURE, "{}", ""),
    (
        45009,
        SIGNATURE,
        r#"{"switches": {"dailyQuotas": {"/cgi-bin/account/modifysignature": 0}}}"#,
        ANY,
    ),
    (45011, SIGNATURE, FAULT, ANY),
    (
        46001,
        AVATAR,
        "{}",
        r#"{"head_img_media_id": "old", "x1": 0, "y1": 0, "x2": 1, "y2": 1}"#,
    ),
    (47001, SIGNATURE, "{}", "{"),
    (
        47002,
        BIND,
        r#"{"switches": {"escapedBody": 47002}}"#,
        r#"{"wechatid": "\u0061"}"#,
    ),
    (48001, LINK, "{}", LINKED),
    (48004, SIGNATURE, FAULT, ANY),
    (50002, SIGNATURE, r#"{"mini": {"accountStatus": 19}}"#, ANY),
    (53010, CHECK, "{}", r#"{"nick_name": "abc"}"#),
    (
        53011,
        CHECK,
        r#"{"switches": {"nameChecksAMinute": 0}}"#,
        GOOD_NAME,
    ),
    (
        53012,
        CHECK,
        r#"{"state": {"bannedWords": ["晨光"]}}"#,
        GOOD_NAME,
    ),
    (
        53013,
        CHECK,
        r#"{"other_mini": {"nickName": "晨光舞蹈"}}"#,
        GOOD_NAME,
    ),
    (
        53014,
        CHECK,
        r#"{"other_mini": {"nickName": "晨光舞蹈+"}}"#,
        GOOD_NAME,
    ),
    (
        53015,
        CHECK,
        r#"{"other": {"nickName": "晨光舞蹈"}}"#,
        GOOD_NAME,
    ),
    (
        53016,
        CHECK,
        r#"{"other": {"nickName": "晨光舞蹈"}, "official": {"nickName": "晨光舞蹈"}}"#,
        GOOD_NAME,
    ),
    (
        53017,
        CHECK,
        r#"{"other": {"nickName": "晨光舞蹈+"}}"#,
        GOOD_NAME,
    ),
    (
        53018,
        CHECK,
        r#"{"official": {"alias": "晨光舞蹈"}}"#,
        GOOD_NAME,
    ),
    (53019, CHECK, "infringement", GOOD_NAME),
    (
        53200,
        SIGNATURE,
        r#"{"mini": {"budgets": {"signature": {"used": 5}}}}"#,
        ANY,
    ),
    (
        53201,
        SIGNATURE,
        r#"{"state": {"bannedWords": ["跳舞"]}}"#,
        ANY,
    ),
    (
        53202,
        AVATAR,
        r#"{"mini": {"budgets": {"avatar": {"used": 5}}}}"#,
        WHOLE,
    ),
    (
        53203,
        AVATAR,
        r#"{"mini": {"miniProgram": {"locked": ["avatar"]}}}"#,
        WHOLE,
    ),
    (53204, SIGNATURE, "{}", r#"{"signature": "abcd"}"#),
    (
        53300,
        ADD,
        r#"{"mini": {"budgets": {"category": {"used": 5}}}}"#,
        PLAIN,
    ),
    (
        53301,
        ADD,
        r#"{"mini": {"miniProgram": {"categoryLimit": 0}}}"#,
        PLAIN,
    ),
    (
        53302,
        ADD,
        r#"{"mini": {"basicInfo": {"principalType": 0}}}"#,
        PLAIN,
    ),
    (53303, ADD, "{}", "{}"),
    (
        53304,
        ADD,
        r#"{"mini": {"miniProgram": {"categories": [{"first": 8, "second": 590}]}}}"#,
        PLAIN,
    ),
    (
        53305,
        ADD,
        "{}",
        r#"{"categories": [{"first": 700, "second": 702, "certicates": []}]}"#,
    ),
    (53306, MODIFY, "{}", PAIR),
    (
        53307,
        MODIFY,
        r#"{"mini": {"miniProgram": {"categories": [{"first": 8, "second": 590}]}}}"#,
        PAIR,
    ),
    (
        53308,
        DELETE,
        r#"{"mini": {"miniProgram": {"categories": [{"first": 8, "second": 590, "status": "inReview"}]}}}"#,
        PAIR,
    ),
    (
        53309,
        DELETE,
        r#"{"mini": {"miniProgram": {"categories": [{"first": 700, "second": 701}]}}}"#,
        r#"{"first": 700, "second": 701}"#,
    ),
    (
        53310,
        ADD,
        r#"{"switches": {"categoryLimitReached": 53310}, "mini": {"miniProgram": {"categoryLimit": 0}}}"#,
        PLAIN,
    ),
    (
        53311,
        ADD,
        "{}",
        r#"{"categories": [{"first": 8, "second": 39, "certicates": []}]}"#,
    ),
    (61003, SIGNATURE, FAULT, ANY),
    (
        61004,
        SIGNATURE,
        r#"{"platform": {"ipAllowList": ["10.0.0.1"]}}"#,
        ANY,
    ),
    (
        61007,
        SIGNATURE,
        r#"{"switches": {"permissionSets": {"/cgi-bin/account/modifysignature": [33]}}}"#,
        ANY,
    ),
    (
        85001,
        BIND,
        r#"{"state": {"people": [{"wechatId": "a"}]}}"#,
        r#"{"wechatid": "b"}"#,
    ),
    (
        85002,
        BIND,
        r#"{"mini": {"miniProgram": {"maxTesters": 0}}}"#,
        r#"{"wechatid": "b"}"#,
    ),
    (
        85003,
        BIND,
        r#"{"switches": {"appsOfATester": 0}}"#,
        r#"{"wechatid": "b"}"#,
    ),
    (
        85004,
        BIND,
        r#"{"mini": {"miniProgram": {"testers": [{"wechatId": "b"}]}}}"#,
        r#"{"wechatid": "b"}"#,
    ),
    (85021, VISIT, "{}", r#"{"action": "close"}"#),
    (85022, VISIT, "{}", r#"{"action": "stop"}"#),
    (
        85083,
        SEARCH,
        r#"{"mini": {"miniProgram": {"searchLock": "banned"}}}"#,
        r#"{"status": 1}"#,
    ),
    (85084, SEARCH, "{}", r#"{"status": 2}"#),
    (
        85091,
        SEARCH,
        r#"{"mini": {"miniProgram": {"searchLock": "turnedOff"}}}"#,
        r#"{"status": 1}"#,
    ),
    (
        89008,
        LINK,
        r#"{"mini": {"basicInfo": {"registeredCountry": 1020}}}"#,
        LINKED,
    ),
    (
        89009,
        LINK,
        r#"{"mini": {"miniProgram": {"maxLinks": 0}}}"#,
        LINKED,
    ),
    (
        89010,
        LINK,
        r#"{"official": {"links": [{"appId": "wx3333333333333333", "status": 12}]}}"#,
        LINKED,
    ),
    (89013, LINK, r#"{"mini": {"accountStatus": 16}}"#, LINKED),
    (89014, LIBRARY, "{}", r#"{"version": "9.9.9"}"#),
    (
        89015,
        LINK,
        r#"{"official": {"links": [{"appId": "wx3333333333333333"}]}}"#,
        LINKED,
    ),
    (89016, LINK, "same", LINKED),
    (89017, LINK, "other", LINKED),
    (
        89018,
        UNLINK,
        r#"{"official": {"links": [{"appId": "wx3333333333333333", "unlinkAsked": true}]}}"#,
        LINKED,
    ),
    (
        89030,
        LINK,
        r#"{"switches": {"linkOperationsAMonth": 0}}"#,
        LINKED,
    ),
    (91001, NAME, r#"{"mini": {"registerType": 0}}"#, GOOD_NAME),
    (
        91002,
        NAME,
        r#"{"mini": {"miniProgram": {"released": true}}}"#,
        GOOD_NAME,
    ),
    (
        91003,
        NAME,
        r#"{"mini": {"budgets": {"name": {"used": 2}}}}"#,
        GOOD_NAME,
    ),
    (
        91004,
        NAME,
        "{}",
        r#"{"nick_name": "晨光小程序", "license": "pic"}"#,
    ),
    (91005, NAME, "principal", GOOD_NAME),
    (91006, NAME, "wechatId", GOOD_NAME),
    (
        91007,
        NAME,
        r#"{"other_mini": {"nickName": "晨光舞蹈"}}"#,
        GOOD_NAME,
    ),
    (91008, NAME, "infringement", GOOD_NAME),
    (91009, NAME, "proof", GOOD_NAME),
    (91010, NAME, FAULT, GOOD_NAME),
    (91011, QUERY, "{}", r#"{"audit_id": 1}"#),
    (91012, NAME, FAULT, GOOD_NAME),
    (91013, NAME, "tooMany", GOOD_NAME),
    (
        91014,
        NAME,
        r#"{"other_mini": {"nickName": "晨光舞蹈+"}}"#,
        GOOD_NAME,
    ),
    (
        91015,
        NAME,
        r#"{"other": {"nickName": "晨光舞蹈"}}"#,
        GOOD_NAME,
    ),
    (
        91016,
        NAME,
        r#"{"other": {"nickName": "晨光舞蹈"}, "official": {"nickName": "晨光舞蹈"}}"#,
        GOOD_NAME,
    ),
    (
        91017,
        NAME,
        r#"{"other": {"nickName": "晨光舞蹈+"}}"#,
        GOOD_NAME,
    ),
    (
        91018,
        NAME,
        r#"{"mini": {"nickName": "", "miniProgram": {"released": true}}}"#,
        GOOD_NAME,
    ),
    (
        91019,
        NAME,
        r#"{"mini": {"miniProgram": {"codeUnderReview": true}}}"#,
        GOOD_NAME,
    ),
];

/// The rows of the documents' tables that are about these APIs. What tokens and methods get is in `table.rs`, what
/// uploads get in `media.rs`.
fn documented() -> BTreeSet<i64> {
    let ranges = [
        53010..=53019,
        53200..=53204,
        53300..=53311,
        85001..=85004,
        85021..=85022,
        85083..=85084,
        89008..=89010,
        89013..=89018,
        91001..=91019,
    ];
    let single = [
        -1, 0, 40007, 40009, 40033, 40097, 41006, 41033, 42007, 43003, 44002, 45009, 45011, 46001,
        47001, 47002, 48001, 48004, 50002, 61003, 61004, 61007, 85091, 89030,
    ];
    ranges.into_iter().flatten().chain(single).collect()
}

/// What is laid over the state; a word alone stands for a reserved name or a pool that is used up.
fn setup(word: &str, now: &str) -> Value {
    let month = &now[..7];
    let spent = |pool: &str, used: u64| {
        let path = format!("/cgi-bin/wxopen/wxamplink#{pool}");
        json!({"account": OFFICIAL, "path": path, "period": month, "used": used})
    };
    match word {
        "same" => json!({"state": {"counters": [spent("same", 10)]}}),
        "other" => json!({
            "mini": {"principalName": "别人有限公司"}, "state": {"counters": [spent("other", 3)]},
        }),
        FAULT => json!({}),
        json if json.starts_with('{') => serde_json::from_str(json).unwrap(),
        why => serde_json::from_str(&format!("{RESERVED}\"{why}\"}}]}}}}")).unwrap(),
    }
}

#[test]
fn every_documented_code_can_be_had() {
    assert_eq!(
        CASES.iter().map(|case| case.0).collect::<BTreeSet<_>>(),
        documented()
    );
    let world = World::start();
    let noon = json!({"set": "2031-11-15T12:00:00+08:00"});
    world.control("POST", "/_sim/clock", &noon);
    let (mini, official) = (world.token(MINI), world.token(OFFICIAL));
    let mut base = world.control("GET", "/_sim/state", &json!({}));
    base.as_object_mut().unwrap().remove("clock");
    let media = |id: &str, at: &str, size: u64| json!({"mediaId": id, "account": MINI, "uploadedAt": at, "size": size});
    base["media"] = json!([
        media("pic", "2031-11-15T00:00:00Z", 1000),
        media("old", "2031-11-01T00:00:00Z", 1000),
        media("big", "2031-11-15T00:00:00Z", 3_000_000),
    ]);
    for (code, path, how, body) in CASES {
        let over = setup(how, "2031-11");
        let mut state = base.clone();
        for (key, value) in over["state"].as_object().into_iter().flatten() {
            state[key] = value.clone();
        }
        world.control("PUT", "/_sim/state", &state);
        for (name, account) in [
            ("mini", MINI),
            ("official", OFFICIAL),
            ("other", "wx2222222222222222"),
            ("other_mini", "wx5555555555555555"),
        ] {
            if over[name].is_object() {
                world.change(account, &over[name]);
            }
        }
        if over["switches"].is_object() {
            world.control("PATCH", "/_sim/switches", &over["switches"]);
        }
        if over["platform"].is_object() {
            let console = format!("/_sim/platforms/{PLATFORM}");
            world.control("PATCH", &console, &over["platform"]);
        }
        world.control("DELETE", "/_sim/faults", &json!({}));
        if *how == FAULT {
            world.fault(json!({"endpoint": path, "kind": "errcode", "code": code}));
        }
        // A mini-program's token is not entitled to links.
        let token = match path.contains("wxamp") && *code != 48001 {
            true => &official,
            false => &mini,
        };
        let answer = world.raw("POST", path, token, body).json();
        assert_eq!(answer["errcode"], *code, "{path} {how}");
        if ![-1, 0, 91010, 91012].contains(code) {
            let errmsg = answer["errmsg"].as_str().unwrap();
            let known = !errmsg.starts_with("system error") || NO_WORDS.contains(code);
            assert!(known, "{code} has words of its own: {errmsg}");
        }
    }
}

/// Codes without a stable English text.
const NO_WORDS: &[i64] = &[
    53300, 53301, 53302, 53303, 53304, 53305, 53306, 53307, 53308, 53309, 53310, 53311, 91011,
    91018, 91019,
];
