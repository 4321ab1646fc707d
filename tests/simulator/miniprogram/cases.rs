//! Every code the documents give for a mini-program's APIs, and what leads to it.

const AVATAR: &str = "/cgi-bin/account/modifyheadimage";
const SIGNATURE: &str = "/cgi-bin/account/modifysignature";
const CHECK: &str = "/cgi-bin/wxverify/checkwxverifynickname";
const NAME: &str = "/wxa/setnickname";
const QUERY: &str = "/wxa/api_wxa_querynickname";
const ADD: &str = "/cgi-bin/wxopen/addcategory";
pub const DELETE: &str = "/cgi-bin/wxopen/deletecategory";
const MODIFY: &str = "/cgi-bin/wxopen/modifycategory";
const SEARCH: &str = "/wxa/changewxasearchstatus";
const VISIT: &str = "/wxa/change_visitstatus";
const LIBRARY: &str = "/cgi-bin/wxopen/setweappsupportversion";
const BIND: &str = "/wxa/bind_tester";
const LINK: &str = "/cgi-bin/wxopen/wxamplink";
const UNLINK: &str = "/cgi-bin/wxopen/wxampunlink";

/// Ordered as a fault: nothing in the state leads to it.
pub const FAULT: &str = "a fault";

/// Code, API, what is laid over the state (`mini`, `official`, `platform`, `switches`, `state`), what is sent.
pub type Case = (i64, &'static str, &'static str, &'static str);

const ANY: &str = r#"{"signature": "教孩子们跳舞"}"#;
const GOOD_NAME: &str = r#"{"nick_name": "晨光舞蹈", "license": "pic"}"#;
const WHOLE: &str = r#"{"head_img_media_id": "pic", "x1": "0", "y1": "0", "x2": "1", "y2": "1"}"#;
const PLAIN: &str = r#"{"categories": [{"first": 8, "second": 590, "certicates": []}]}"#;
const LINKED: &str = r#"{"appid": "wx3333333333333333"}"#;
const PAIR: &str = r#"{"first": 8, "second": 590}"#;
pub const RESERVED: &str = r#"{"state": {"reservedNames": [{"name": "晨光舞蹈", "why": "#;

pub const CASES: &[Case] = &[
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
