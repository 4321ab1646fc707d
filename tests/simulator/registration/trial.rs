//! Trial accounts: made, called something else, made proper ones.

use serde_json::{Value, json};

use super::Registrar;
use super::forms::{BEFORE, TRIAL, element};
use crate::simulator::world::{MINI, PLATFORM, text};

const VERIFY: &str = "/wxa/verifybetaweapp";
const RENAME: &str = "/wxa/setbetaweappnickname";

fn asked(name: &str) -> Value {
    json!({"name": name, "openid": "oAdministrator"})
}

/// A trial account, and a token of it.
fn trial() -> (Registrar, String, String) {
    let registrar = Registrar::start();
    let world = &registrar.world;
    let change = json!({"registerType": 13, "serviceType": 12});
    world.change(MINI, &change);
    let token =
        text(&world.authorized(&registrar.component, MINI, None)["authorizer_access_token"]);
    (registrar, MINI.to_owned(), token)
}

fn verification() -> Value {
    json!({"verify_info": {
        "enterprise_name": "晨光舞蹈有限公司", "code": "91110000MA0000000A",
        "component_phone": "13000000000", "new_version": true,
    }})
}

fn old_verification() -> Value {
    json!({"verify_info": {
        "enterprise_name": "晨光舞蹈有限公司", "code": "91110000MA0000000A", "code_type": 1,
        "legal_persona_wechat": "dancer01", "legal_persona_name": "张三",
        "legal_persona_idcard": "110101199001010000", "component_phone": "",
    }})
}

#[test]
fn two_events_tell_of_a_trial_account() {
    let registrar = Registrar::start();
    let sink = registrar.notices();
    let world = &registrar.world;
    let answer = world.post(TRIAL, &registrar.component, &asked("晨光舞蹈"));
    assert_eq!(answer["errmsg"], "ok");
    let task = text(&answer["unique_id"]);
    let url = text(&answer["authorize_url"]);
    assert!(url.ends_with("#wechat_redirect") && url.contains("create_token="));
    assert!(
        registrar
            .page(&answer["authorize_url"])
            .contains("试用小程序")
    );
    let told = registrar.ends(&sink, &task, &json!({"outcome": "agreed"}));
    for (name, value) in [
        ("InfoType", "notify_third_fastregisterbetaapp"),
        ("status", "0"),
        ("unique_id", &task),
        ("name", "晨光舞蹈的体验小程序"),
    ] {
        assert_eq!(element(&told, name).as_deref(), Some(value), "{told}");
    }
    assert_eq!(element(&told, "auth_code"), None);
    assert!(!told.contains("oAdministrator"));
    let appid = element(&told, "appid").unwrap();
    let authorized = sink.next().opened();
    assert_eq!(
        element(&authorized, "InfoType").as_deref(),
        Some("authorized")
    );
    assert_eq!(element(&authorized, "AuthorizerAppid"), Some(appid.clone()));
    let code = element(&authorized, "AuthorizationCode").unwrap();
    let body = json!({"component_appid": PLATFORM, "authorization_code": code});
    let path = "/cgi-bin/component/api_query_auth";
    let got = world.post(path, &registrar.component, &body);
    assert_eq!(got["authorization_info"]["authorizer_appid"], appid);
    let account = world.account(&appid);
    for (field, value) in [
        ("nickName", json!("晨光舞蹈的体验小程序")),
        ("serviceType", json!(12)),
        ("registerType", json!(13)),
    ] {
        assert_eq!(account[field], value, "{field}");
    }
}

#[test]
fn a_name_that_cannot_be_had_is_refused() {
    let registrar = Registrar::start();
    let mut state = registrar.world.control("GET", "/_sim/state", &json!({}));
    state["bannedWords"] = json!(["大牌"]);
    state["reservedNames"] = json!([{"name": "名牌舞蹈", "why": "proof"}]);
    registrar.world.control("PUT", "/_sim/state", &state);
    let code = |body: &Value| {
        let answer = registrar.world.post(TRIAL, &registrar.component, body);
        answer["errcode"].as_i64().unwrap()
    };
    for (body, expected) in [
        (asked("舞"), 53010),
        (asked(&"舞".repeat(31)), 53010),
        (asked("大牌舞蹈"), 53012),
        (asked("名牌舞蹈"), 53012),
        (asked("日出舞蹈"), 53015),
        (json!({"name": "晨光舞蹈"}), 41009),
        (json!({"name": "晨光舞蹈", "openid": "dancer"}), 40003),
        (json!({"openid": "oAdministrator"}), 53010),
        (asked("晨光舞蹈的体验小程序"), 0),
    ] {
        assert_eq!(code(&body), expected, "{body}");
    }
}

#[test]
fn a_trial_account_keeps_the_ending_of_its_name() {
    let (registrar, appid, token) = trial();
    let rename = |name: &str| registrar.world.post(RENAME, &token, &json!({"name": name}));
    assert_eq!(rename("晨光舞蹈")["errcode"], 0);
    let name = || registrar.world.account(&appid)["nickName"].clone();
    assert_eq!(name(), "晨光舞蹈的体验小程序");
    assert_eq!(rename("舞")["errcode"], 91004);
    assert_eq!(rename("")["errcode"], 91004);
    registrar
        .world
        .change(&appid, &json!({"registerType": 2, "serviceType": 0}));
    assert_eq!(rename("晨光舞蹈")["errcode"], 48001);
}

#[test]
fn a_trial_account_becomes_an_enterprises() {
    let (registrar, appid, token) = trial();
    let sink = registrar.notices();
    let world = &registrar.world;
    let answer = world.post(VERIFY, &token, &verification());
    assert_eq!(answer["errcode"], 0, "{answer}");
    assert!(registrar.page(&answer["authorize_url"]).contains("认证"));
    let again = world.post(VERIFY, &token, &verification());
    assert_eq!(again["errcode"], 89249);
    let task = text(&registrar.only_task()["taskId"]);
    let told = registrar.ends(&sink, &task, &json!({"outcome": "agreed"}));
    for (name, value) in [
        ("InfoType", "notify_third_fastverifybetaapp"),
        ("appid", &appid),
        ("status", "0"),
        ("name", "晨光舞蹈有限公司"),
        ("code", "91110000MA0000000A"),
    ] {
        assert_eq!(element(&told, name).as_deref(), Some(value), "{told}");
    }
    let account = world.account(&appid);
    for (field, value) in [
        ("principalName", json!("晨光舞蹈有限公司")),
        ("registerType", json!(19)),
        ("serviceType", Value::Null),
        ("nickName", json!("日出小程序")),
    ] {
        assert_eq!(account[field], value, "{field}");
    }
    let proper = world.post(VERIFY, &token, &verification());
    assert_eq!(proper["errcode"], 48001, "it is none any more");
}

#[test]
fn a_verification_that_failed_names_the_account_all_the_same() {
    let (registrar, appid, token) = trial();
    let sink = registrar.notices();
    // No page says on which level it stands.
    let mut body = verification();
    body["verify_info"]
        .as_object_mut()
        .unwrap()
        .remove("new_version");
    assert_eq!(
        registrar.world.post(VERIFY, &token, &body)["errcode"],
        89253
    );
    body["new_version"] = json!(true);
    assert_eq!(registrar.world.post(VERIFY, &token, &body)["errcode"], 0);
    let task = text(&registrar.only_task()["taskId"]);
    let told = registrar.ends(&sink, &task, &json!({"outcome": "failed", "status": 103}));
    assert_eq!(element(&told, "appid"), Some(appid.clone()));
    assert_eq!(element(&told, "status").as_deref(), Some("103"));
    assert_eq!(registrar.world.account(&appid)["registerType"], 13);
}

#[test]
fn the_old_form_of_a_verification_names_the_legal_person() {
    let (mut registrar, _, _) = trial();
    registrar.at(BEFORE);
    let world = &registrar.world;
    let token =
        text(&world.authorized(&registrar.component, MINI, None)["authorizer_access_token"]);
    let answer = world.post(VERIFY, &token, &old_verification());
    assert_eq!(answer, json!({"errcode": 0, "errmsg": "ok"}));
    let sink = registrar.notices();
    let task = text(&registrar.only_task()["taskId"]);
    let told = registrar.ends(&sink, &task, &json!({"outcome": "refused"}));
    assert_eq!(
        element(&told, "legal_persona_name").as_deref(),
        Some("张三")
    );
    assert!(
        !told.contains("110101199001010000"),
        "the event does not tell it"
    );
}
