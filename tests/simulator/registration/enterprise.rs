//! An enterprise's mini-program, by the form that is gone and by the one in its place.

use serde_json::json;

use super::Registrar;
use super::forms::{BEFORE, ENTERPRISE, OLD_ENTERPRISE, but, element, enterprise, old_enterprise};
use crate::simulator::world::{PLATFORM, text};

#[test]
fn a_legal_person_agrees_and_the_code_comes_with_the_event() {
    let registrar = Registrar::start();
    let sink = registrar.notices();
    let answer = registrar.create(ENTERPRISE, &enterprise());
    assert_eq!(answer["status"], 0);
    let task = text(&answer["taskid"]);
    assert!(
        registrar
            .page(&answer["authorize_url"])
            .contains("晨光舞蹈有限公司")
    );
    let told = registrar.ends(&sink, &task, &json!({"outcome": "agreed"}));
    for (name, value) in [
        ("AppId", PLATFORM),
        ("InfoType", "notify_third_fasteregister"),
        ("status", "0"),
        ("msg", "OK"),
        ("name", "晨光舞蹈有限公司"),
        ("code", "91110000MA0000000A"),
        ("component_phone", "13000000000"),
    ] {
        assert_eq!(element(&told, name).as_deref(), Some(value), "{told}");
    }
    assert!(told.contains("<info><code>"), "nested: {told}");
    let appid = element(&told, "appid").unwrap();
    let code = element(&told, "auth_code").unwrap();
    let world = &registrar.world;
    let body = json!({"component_appid": PLATFORM, "authorization_code": code});
    let path = "/cgi-bin/component/api_query_auth";
    let got = world.post(path, &registrar.component, &body);
    assert_eq!(got["authorization_info"]["authorizer_appid"], appid);
    let account = world.account(&appid);
    for (field, value) in [
        ("principalName", json!("晨光舞蹈有限公司")),
        ("registerType", json!(6)),
        ("verifyType", json!(-1)),
    ] {
        assert_eq!(account[field], value, "{field}");
    }
    assert_eq!(account["basicInfo"]["credential"], "91110000MA0000000A");
    let query = registrar.ask(ENTERPRISE, "query", &json!({"taskid": task}));
    assert_eq!(query["status"], 12);
}

#[test]
fn what_failed_has_no_appid() {
    let registrar = Registrar::start();
    let sink = registrar.notices();
    for (order, status) in [
        (
            json!({"outcome": "failed", "status": 102, "msg": "unknown"}),
            "102",
        ),
        (json!({"outcome": "failed"}), "-1"),
        (json!({"outcome": "refused"}), "100003"),
        (json!({"outcome": "timedOut"}), "100003"),
    ] {
        let task = text(&registrar.create(ENTERPRISE, &enterprise())["taskid"]);
        let told = registrar.ends(&sink, &task, &order);
        assert_eq!(element(&told, "status").as_deref(), Some(status), "{told}");
        assert_eq!(element(&told, "appid"), None);
        assert_eq!(element(&told, "auth_code"), None);
        assert!(element(&told, "info").is_some());
    }
    registrar.turn("failedRegistrationHasEmptyAppid", json!(true));
    let task = text(&registrar.create(ENTERPRISE, &enterprise())["taskid"]);
    let told = registrar.ends(&sink, &task, &json!({"outcome": "refused"}));
    assert_eq!(element(&told, "appid").as_deref(), Some(""));
    let made = registrar
        .world
        .control("GET", "/_sim/registrations", &json!({}));
    assert_eq!(made["made"], json!([]));
}

#[test]
fn since_the_notice_the_old_form_is_a_system_error() {
    let mut registrar = Registrar::start();
    for action in ["create", "search"] {
        let answer = registrar.ask(OLD_ENTERPRISE, action, &old_enterprise());
        assert_eq!(answer["errcode"], -1);
    }
    registrar.at("2026-04-30T11:59:00+08:00");
    registrar.create(OLD_ENTERPRISE, &old_enterprise());
    registrar.world.advance(61);
    let answer = registrar.ask(OLD_ENTERPRISE, "search", &old_enterprise());
    assert_eq!(answer["errcode"], -1);
    registrar.turn("registrationNotice", json!(false));
    let answer = registrar.ask(OLD_ENTERPRISE, "search", &old_enterprise());
    assert_eq!(answer["errcode"], 89251, "there is no notice");
}

#[test]
fn a_search_says_with_its_errcode_how_the_old_form_stands() {
    let mut registrar = Registrar::start();
    registrar.at(BEFORE);
    let sink = registrar.notices();
    let search = |registrar: &Registrar| {
        registrar.ask(OLD_ENTERPRISE, "search", &old_enterprise())["errcode"].clone()
    };
    assert_eq!(search(&registrar), 89250);
    let answer = registrar.create(OLD_ENTERPRISE, &old_enterprise());
    assert_eq!(answer, json!({"errcode": 0, "errmsg": "OK"}));
    assert_eq!(search(&registrar), 89251);
    let task = text(&registrar.only_task()["taskId"]);
    let path = format!("/_sim/registrations/{task}");
    registrar
        .world
        .control("POST", &path, &json!({"status": 6}));
    assert_eq!(search(&registrar), 89252);
    let told = registrar.ends(&sink, &task, &json!({"outcome": "agreed"}));
    for (name, value) in [
        ("code_type", "1"),
        ("legal_persona_wechat", "dancer01"),
        ("legal_persona_name", "张三"),
    ] {
        assert_eq!(element(&told, name).as_deref(), Some(value), "{told}");
    }
    assert_eq!(search(&registrar), 0);
}

#[test]
fn one_task_at_a_time_and_a_day_to_agree() {
    let mut registrar = Registrar::start();
    registrar.at(BEFORE);
    let sink = registrar.notices();
    registrar.create(OLD_ENTERPRISE, &old_enterprise());
    let create = |registrar: &Registrar| {
        registrar.ask(OLD_ENTERPRISE, "create", &old_enterprise())["errcode"].clone()
    };
    assert_eq!(create(&registrar), 89249);
    registrar.world.advance(24 * 3600);
    let told = sink.next().opened();
    assert_eq!(element(&told, "status").as_deref(), Some("100003"));
    registrar.turn("registrationNotice", json!(false));
    registrar.component = registrar.world.component_token();
    assert_eq!(create(&registrar), 0);
}

#[test]
fn the_token_of_the_old_form_goes_by_two_names_and_of_the_new_ones_by_one() {
    let registrar = Registrar::start();
    registrar.turn("strictTokenName", json!(true));
    let code = |path: &str, name: &str| {
        let target = format!("{path}?action=query&{name}={}", registrar.component);
        let answer = registrar.world.raw("POST", &target, "", "{}").json();
        answer["errcode"].as_i64().unwrap()
    };
    for name in ["access_token", "component_access_token"] {
        assert_eq!(code(OLD_ENTERPRISE, name), -1, "{name}");
    }
    assert_eq!(code(ENTERPRISE, "access_token"), 89253);
    assert_eq!(code(ENTERPRISE, "component_access_token"), 41001);
}

#[test]
fn an_order_about_a_task_has_to_make_sense() {
    let registrar = Registrar::start();
    let answer = registrar.create(ENTERPRISE, &enterprise());
    let path = format!("/_sim/registrations/{}", text(&answer["taskid"]));
    let world = &registrar.world;
    for order in [json!({}), json!({"outcome": "agreed", "status": 5})] {
        assert_eq!(world.refused("POST", &path, &order), 400);
    }
    world.control("POST", &path, &json!({"outcome": "agreed"}));
    let again = json!({"outcome": "agreed"});
    assert_eq!(world.refused("POST", &path, &again), 400);
    assert_eq!(world.refused("POST", "/_sim/registrations/x", &again), 404);
}

#[test]
fn two_enterprises_are_two_tasks() {
    let registrar = Registrar::start();
    registrar.create(ENTERPRISE, &enterprise());
    let other = but(enterprise(), "code", json!("92110000MA0000000A"));
    registrar.create(ENTERPRISE, &other);
}
