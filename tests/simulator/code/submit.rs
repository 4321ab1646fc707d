//! Handing code in: what has to be there, and what goes along.

use serde_json::{Value, json};

use super::{LATEST, SUBMIT, by_hand, commit, decide, items, platform, ready, submit, template};
use crate::simulator::media::{form, picture, post_form};
use crate::simulator::miniprogram::Mini;
use crate::simulator::world::{MINI, OTHER_MINI, PLATFORM, text};

const UPLOAD: &str = "/wxa/uploadmedia";

fn uploaded_by(mini: &Mini, token: &str, bytes: &[u8]) -> Value {
    let target = format!("{UPLOAD}?access_token={token}");
    let body = form("name=\"media\"; filename=\"a.png\"", bytes);
    post_form(&mini.world, &target, &body).json()
}

fn uploaded(mini: &Mini, bytes: &[u8]) -> Value {
    uploaded_by(mini, &mini.token, bytes)
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nwhatever";
const FILM: &[u8] = b"\0\0\0\x18ftypmp42";

fn with(field: &str, value: Value) -> Value {
    let mut body = items();
    body[field] = value;
    body
}

/// One item, with something changed.
fn item(field: &str, value: Value) -> Value {
    let mut body = items();
    body["item_list"][0][field] = value;
    body
}

#[test]
fn nothing_is_handed_in_before_all_is_there() {
    let mini = ready();
    let code = || mini.code(SUBMIT, &items());
    assert_eq!(code(), 85086, "nothing was uploaded");
    commit(&mini, "1.0.0");
    by_hand(&mini, json!({"committing": {"seconds": 30}}));
    assert_eq!(code(), 9_402_202);
    mini.world.advance(30);
    for (change, expected, back) in [
        (
            json!({"nickName": ""}),
            86002,
            json!({"nickName": "日出小程序"}),
        ),
        (
            json!({"headImg": null}),
            86002,
            json!({"headImg": "http://wx.qlogo.cn/mmhead/0"}),
        ),
        (
            json!({"signature": ""}),
            86002,
            json!({"signature": "教孩子们跳舞"}),
        ),
        (
            json!({"miniProgram": {"categories": [{"first": 8, "second": 590, "status": "inReview"}]}}),
            85008,
            json!({"miniProgram": {"categories": [{"first": 8, "second": 590}]}}),
        ),
        (
            json!({"miniProgram": {"code": {"submissionForbidden": true}}}),
            86007,
            json!({"miniProgram": {"code": {"submissionForbidden": null}}}),
        ),
    ] {
        mini.change(change.clone());
        assert_eq!(code(), expected, "{change}");
        mini.change(back);
    }
    assert_eq!(code(), 0);
    assert_eq!(code(), 85009, "one at a time");
    let app = mini.world.account(MINI);
    assert_eq!(app["miniProgram"]["codeUnderReview"], true);
}

#[test]
fn a_platform_can_be_kept_from_handing_in() {
    let mini = ready();
    commit(&mini, "1.0.0");
    let code = |submissions: &str| {
        platform(&mini, json!({"submissions": submissions}));
        mini.code(SUBMIT, &items())
    };
    assert_eq!(code("none"), 86008);
    assert_eq!(code("noNewApps"), 86009);
    mini.change(json!({"miniProgram": {"released": true}}));
    assert_eq!(code("noUpdates"), 86010);
    assert_eq!(code("noNewApps"), 0);
}

#[test]
fn some_code_is_not_taken() {
    for (flaw, code) in [
        ("game", 87006),
        ("liveBroadcast", 9_400_001),
        ("undeclaredJumps", 85087),
    ] {
        let mini = ready();
        template(
            &mini,
            json!({"pages": ["pages/index/index"], "flaws": [flaw]}),
        );
        commit(&mini, "1.0.0");
        assert_eq!(mini.code(SUBMIT, &items()), code, "{flaw}");
    }
}

#[test]
fn items_say_which_page_is_what() {
    let mini = ready();
    commit(&mini, "1.0.0");
    let one = items()["item_list"][0].clone();
    for (body, code) in [
        (with("item_list", json!([])), 85023),
        (with("item_list", json!(vec![one; 6])), 85023),
        (with("item_list", json!({})), 47001),
        (with("item_list", json!([7])), 85010),
        (item("first_class", json!(null)), 85010),
        (item("second_id", json!(null)), 85010),
        (item("second_class", json!("学历教育")), 85008),
        (item("second_id", json!(591)), 85008),
        (item("third_id", json!(5911)), 85008),
        (item("address", json!("pages/new")), 85007),
        (item("tag", json!("a b c d e f g h i j k")), 85006),
        (item("tag", json!("字".repeat(21))), 85006),
        (item("title", json!("字".repeat(33))), 85011),
        (with("version_desc", json!("字".repeat(501))), 85051),
    ] {
        assert_eq!(mini.code(SUBMIT, &body), code, "{body}");
    }
    assert_eq!(mini.code(SUBMIT, &item("title", json!("字".repeat(32)))), 0);
}

#[test]
fn a_third_level_is_named_as_well() {
    let mini = ready();
    mini.change(json!({"miniProgram": {"categories": [{"first": 8, "second": 591}]}}));
    commit(&mini, "1.0.0");
    let of = |third: &str| {
        json!({"item_list": [{
            "first_class": "教育", "second_class": "学历教育", "third_class": third,
            "first_id": 8, "second_id": 591, "third_id": 5911,
        }]})
    };
    assert_eq!(mini.code(SUBMIT, &of("中等")), 85008);
    assert_eq!(mini.code(SUBMIT, &of("高等")), 0);
}

#[test]
fn without_items_it_is_taken_or_not() {
    let mini = ready();
    commit(&mini, "1.0.0");
    mini.switch("submitWithoutItems", json!(85023));
    assert_eq!(mini.code(SUBMIT, &json!({})), 85023);
    mini.switch("submitWithoutItems", json!(0));
    assert_eq!(mini.code(SUBMIT, &json!({})), 0);
}

#[test]
fn a_category_that_was_given_up_is_no_longer_handed_in_for() {
    let mini = ready();
    commit(&mini, "1.0.0");
    let mut state = mini.world.control("GET", "/_sim/state", &json!({}));
    state["appCategories"] = json!([
        {"id": 8, "name": "教育"}, {"id": 590, "name": "素质教育", "father": 8, "withdrawn": true},
    ]);
    mini.world.control("PUT", "/_sim/state", &state);
    assert_eq!(mini.code(SUBMIT, &items()), 85077);
}

#[test]
fn material_for_a_review_is_uploaded_apart() {
    let mini = ready();
    let answer = uploaded(&mini, PNG);
    assert_eq!(
        (&answer["errcode"], &answer["type"]),
        (&json!(0), &json!("image"))
    );
    assert_eq!(uploaded(&mini, FILM)["type"], "video");
    assert_eq!(uploaded(&mini, b"text")["errcode"], 40005);
    assert_eq!(uploaded(&mini, b"")["errcode"], 41005);
    let large = [PNG, &[0; 2 << 20]].concat();
    assert_eq!(uploaded(&mini, &large)["errcode"], 40006);
    let film = [FILM, &[0; 3 << 20]].concat();
    assert_eq!(
        uploaded(&mini, &film)["errcode"],
        0,
        "films may have ten megabytes"
    );
    let id = text(&answer["mediaid"]);
    let target = format!(
        "/cgi-bin/media/get?access_token={}&media_id={id}",
        mini.token
    );
    let elsewhere = mini.world.raw("GET", &target, "", "").json();
    assert_eq!(elsewhere["errcode"], 40007, "it is no temporary media");
}

#[test]
fn a_preview_has_living_ids_of_its_own_kind() {
    let mut mini = ready();
    commit(&mini, "1.0.0");
    let (image, film) = (uploaded(&mini, PNG), uploaded(&mini, FILM));
    let (image, film) = (&image["mediaid"], &film["mediaid"]);
    let other = mini.world.token(OTHER_MINI);
    let foreign = uploaded_by(&mini, &other, PNG)["mediaid"].clone();
    let temporary = picture(&mini.world, &mini.token);
    let info = |videos: Value, pictures: Value| {
        with(
            "preview_info",
            json!({"video_id_list": videos, "pic_id_list": pictures}),
        )
    };
    for body in [
        with(
            "preview_info",
            json!([{"video_id_list": [], "pic_id_list": []}]),
        ),
        with("preview_info", json!({"pic_id_list": [image]})),
        info(json!([]), json!([temporary])),
        info(json!([]), json!([foreign])),
        info(json!([]), json!(["nothing"])),
        info(json!([image]), json!([])),
        info(json!("x"), json!([])),
    ] {
        assert_eq!(mini.code(SUBMIT, &body), 85092, "{body}");
    }
    assert_eq!(
        mini.code(SUBMIT, &info(json!([]), json!(vec![image; 11]))),
        85093
    );
    assert_eq!(
        mini.code(SUBMIT, &info(json!(vec![film; 6]), json!([]))),
        85093
    );
    let good = info(json!([film]), json!([image]));
    mini.world.advance(3 * 86_400);
    mini.token = mini.world.token(MINI);
    assert_eq!(mini.code(SUBMIT, &good), 85092, "they live three days");
    let again = uploaded(&mini, PNG)["mediaid"].clone();
    assert_eq!(mini.code(SUBMIT, &info(json!([]), json!([again]))), 0);
}

#[test]
fn feedback_counts_after_a_refusal_only() {
    let mini = ready();
    commit(&mini, "1.0.0");
    let long = with("feedback_info", json!("字".repeat(201)));
    let first = mini.post(SUBMIT, &long);
    assert_eq!(first["errcode"], 0, "nobody looks at it");
    decide(
        &mini,
        first["auditid"].as_u64().unwrap(),
        json!({"outcome": "refused"}),
    );
    assert_eq!(mini.code(SUBMIT, &long), 85051);
    let stuff = picture(&mini.world, &mini.token);
    let six = vec![stuff.clone(); 6].join("|");
    assert_eq!(
        mini.code(SUBMIT, &with("feedback_stuff", json!(six))),
        85051
    );
    assert_eq!(
        mini.code(SUBMIT, &with("feedback_stuff", json!("x"))),
        40007
    );
    assert_eq!(
        mini.code(
            SUBMIT,
            &with("feedback_stuff", json!(format!("{stuff}|{stuff}")))
        ),
        0
    );
}

#[test]
fn something_social_says_what_users_write() {
    let mini = ready();
    commit(&mini, "1.0.0");
    let both = json!([{"first": 8, "second": 590}, {"first": 700, "second": 702}]);
    mini.change(json!({"miniProgram": {"categories": both}}));
    assert_eq!(mini.code(SUBMIT, &items()), 85094);
    let declare = |declared: Value| mini.code(SUBMIT, &with("ugc_declare", declared));
    for wrong in [
        json!({"scene": [6], "method": [1]}),
        json!({"scene": [0, 1]}),
        json!({"scene": [1], "method": [5]}),
        json!({"scene": [1], "has_audit_team": 2}),
        json!({"scene": [1], "audit_desc": "字".repeat(257)}),
    ] {
        assert_eq!(declare(wrong.clone()), 40097, "{wrong}");
    }
    assert_eq!(declare(json!("x")), 47001);
    mini.switch("ugcScenes", json!(4));
    assert_eq!(declare(json!({"scene": [5], "method": [3]})), 40097);
    mini.switch("ugcScenes", json!(5));
    let good =
        json!({"scene": [1, 5], "method": [1, 3], "has_audit_team": 1, "audit_desc": "人工"});
    assert_eq!(declare(good), 0);
}

#[test]
fn whoever_was_online_need_not_say_it_again() {
    let mini = ready();
    commit(&mini, "1.0.0");
    let both = json!([{"first": 8, "second": 590}, {"first": 700, "second": 702}]);
    mini.change(json!({"miniProgram": {"categories": both, "released": true}}));
    assert_eq!(mini.code(SUBMIT, &items()), 0);
}

#[test]
fn what_the_code_uses_is_explained_granted_and_declared_or_said_to_be_unused() {
    let mini = ready();
    let pages = json!(["pages/index/index"]);
    template(
        &mini,
        json!({"pages": pages, "locationApis": ["wx.getLocation"]}),
    );
    commit(&mini, "1.0.0");
    assert_eq!(mini.code(SUBMIT, &items()), 61040);
    template(
        &mini,
        json!({"pages": pages, "privacyKeys": ["PhoneNumber"]}),
    );
    commit(&mini, "1.0.1");
    assert_eq!(
        mini.code(SUBMIT, &items()),
        61040,
        "nobody has said what for"
    );
    mini.switch("privacyGuideMissing", json!(86_000));
    assert_eq!(mini.code(SUBMIT, &items()), 86_000);
    assert_eq!(
        mini.code(SUBMIT, &with("privacy_api_not_use", json!("true"))),
        86_000
    );
    assert_eq!(
        mini.code(SUBMIT, &with("privacy_api_not_use", json!(true))),
        0
    );
    by_hand(&mini, json!({"withdraw": {}}));
    mini.switch("privacyGuideMissing", json!(0));
    assert_eq!(mini.code(SUBMIT, &items()), 0);
}

#[test]
fn the_platform_has_twenty_reviews_a_month_for_all_its_apps() {
    let mut mini = ready();
    mini.at("2031-11-15T12:00:00+08:00");
    commit(&mini, "1.0.0");
    platform(&mini, json!({"auditQuota": {"rest": 1}}));
    let quota = |mini: &Mini| mini.get("/wxa/queryquota");
    assert_eq!(
        quota(&mini),
        json!({"errcode": 0, "errmsg": "ok", "rest": 1, "limit": 20, "speedup_rest": 0, "speedup_limit": 0})
    );
    let audit = submit(&mini);
    assert_eq!(mini.code("/wxa/undocodeaudit", &json!({})), 43001);
    assert_eq!(mini.get("/wxa/undocodeaudit")["errcode"], 0);
    assert_eq!(quota(&mini)["rest"], 0, "what it cost is not given back");
    assert_eq!(mini.code(SUBMIT, &items()), 85085);
    assert_eq!(mini.get(LATEST)["auditid"], audit);
    let other = mini.world.token(OTHER_MINI);
    assert_eq!(
        mini.world.get("/wxa/queryquota", &other)["rest"],
        0,
        "it is the platform's"
    );
    mini.switch("auditQuotaReadsZero", json!(true));
    assert_eq!(quota(&mini)["limit"], 0);
    mini.switch("auditQuotaReadsZero", json!(false));
    mini.at("2031-12-01T00:00:01+08:00");
    assert_eq!(quota(&mini)["rest"], 20);
    platform(&mini, json!({"auditQuota": {"rest": 0}}));
    assert_eq!(
        mini.code(SUBMIT, &items()),
        85085,
        "a colleague can spend it, too"
    );
    let state = mini.world.control("GET", "/_sim/state", &json!({}));
    let platforms = state["platforms"].as_array().unwrap();
    let own = platforms
        .iter()
        .find(|one| one["appId"] == PLATFORM)
        .unwrap();
    assert_eq!(own["auditQuota"]["period"], "2031-12");
}

#[test]
fn what_was_sent_is_kept_for_whoever_looks() {
    let mini = ready();
    commit(&mini, "1.0.0");
    let audit = submit(&mini);
    let kept = mini
        .world
        .control("GET", &format!("/_sim/audits/{audit}"), &json!({}));
    assert_eq!(kept["of"]["code"]["sent"], items());
    assert_eq!(kept["of"]["code"]["version"]["userVersion"], "1.0.0");
    assert_eq!(kept["outcome"], "passed");
}

#[test]
fn whoever_is_abroad_says_where_it_is_kept_or_is_refused() {
    for (region, status) in [(json!(null), 1), (json!(1017), 0)] {
        let mut mini = ready();
        mini.change(json!({"basicInfo": {"registeredCountry": 1009}}));
        let owner = json!({"contact_email": "a@example.cn", "notice_method": "弹窗", "store_region": region});
        let guide = json!({"owner_setting": owner, "setting_list": []});
        assert_eq!(mini.code("/cgi-bin/component/setprivacysetting", &guide), 0);
        commit(&mini, "1.0.0");
        submit(&mini);
        mini.world.advance(86_400);
        mini.token = mini.world.token(MINI);
        assert_eq!(mini.get(LATEST)["status"], status, "{region}");
    }
}
