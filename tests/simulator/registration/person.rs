//! A person's mini-program.

use serde_json::json;

use super::Registrar;
use super::forms::{BEFORE, PERSON, but, element, person};
use crate::simulator::world::{OTHER, text};

#[test]
fn a_person_agrees_on_the_page_that_the_link_leads_to() {
    let registrar = Registrar::start();
    let sink = registrar.notices();
    let answer = registrar.create(PERSON, &person());
    assert_eq!(answer["errmsg"], "OK");
    let task = text(&answer["taskid"]);
    let page = registrar.page(&answer["authorize_url"]);
    assert!(page.contains("同意") && page.contains("拒绝") && page.contains("张三"));
    assert!(registrar.click(&task, 1).body.contains("已完成"));
    let told = sink.next().opened();
    for (name, value) in [
        ("InfoType", "notify_third_fasteregister"),
        ("status", "0"),
        ("wxuser", "dancer01"),
        ("idname", "张三"),
        ("component_phone", "13000000000"),
    ] {
        assert_eq!(element(&told, name).as_deref(), Some(value), "{told}");
    }
    let account = registrar.world.account(&element(&told, "appid").unwrap());
    assert_eq!(
        (&account["registerType"], &account["principalName"]),
        (&json!(16), &json!("张三"))
    );
    assert!(
        registrar.click(&task, 0).body.contains("已完成"),
        "it is over"
    );
    assert_eq!(sink.rest(), 0);
}

#[test]
fn a_query_tells_how_far_it_is() {
    let registrar = Registrar::start();
    let sink = registrar.notices();
    let task = text(&registrar.create(PERSON, &person())["taskid"]);
    let query = || registrar.ask(PERSON, "query", &json!({"taskid": task}));
    assert_eq!(query()["status"], 0);
    let path = format!("/_sim/registrations/{task}");
    for status in [3, 4, 6, 7, 9, 10] {
        registrar
            .world
            .control("POST", &path, &json!({"status": status}));
        assert_eq!(query()["status"], status);
    }
    let told = registrar.ends(&sink, &task, &json!({"outcome": "failed", "status": 1004}));
    assert_eq!(element(&told, "status").as_deref(), Some("1004"));
    assert_eq!(query()["status"], 11);
    let unknown = registrar.ask(PERSON, "query", &json!({"taskid": "x"}));
    assert_eq!(unknown["errcode"], 89250);
}

#[test]
fn a_person_refuses_or_lets_a_day_go_by() {
    let mut registrar = Registrar::start();
    let sink = registrar.notices();
    let answer = registrar.create(PERSON, &person());
    let task = text(&answer["taskid"]);
    assert!(registrar.click(&task, 0).body.contains("已拒绝"));
    let told = sink.next().opened();
    assert_eq!(element(&told, "status").as_deref(), Some("2"));
    assert_eq!(element(&told, "appid"), None);

    let answer = registrar.create(PERSON, &person());
    registrar.world.advance(24 * 3600);
    assert!(registrar.page(&answer["authorize_url"]).contains("已过期"));
    let told = sink.next().opened();
    assert_eq!(element(&told, "status").as_deref(), Some("1"));
    registrar.component = registrar.world.component_token();
    let query = registrar.ask(PERSON, "query", &json!({"taskid": answer["taskid"]}));
    assert_eq!(query["status"], 1);
}

#[test]
fn before_the_notice_wechat_wrote_to_the_person() {
    let mut registrar = Registrar::start();
    registrar.at(BEFORE);
    let old = but(person(), "new_version", json!(null));
    let answer = registrar.create(PERSON, &old);
    assert!(answer["authorize_url"].is_null(), "{answer}");
    let task = text(&answer["taskid"]);
    assert!(registrar.click(&task, 1).body.contains("链接无效"));
    let answer = registrar.create(PERSON, &person());
    assert!(answer["authorize_url"].is_string());
}

#[test]
fn a_person_owns_five() {
    let registrar = Registrar::start();
    let mut state = registrar.world.control("GET", "/_sim/state", &json!({}));
    state["people"] = json!([{"wechatId": "dancer01", "owns": 4}]);
    registrar.world.control("PUT", "/_sim/state", &state);
    let sink = registrar.notices();
    for status in ["0", "1003"] {
        let task = text(&registrar.create(PERSON, &person())["taskid"]);
        let told = registrar.ends(&sink, &task, &json!({"outcome": "agreed"}));
        assert_eq!(element(&told, "status").as_deref(), Some(status));
    }
}

#[test]
fn another_platforms_task_is_none() {
    let registrar = Registrar::start();
    let task = registrar.create(PERSON, &person())["taskid"].clone();
    let world = &registrar.world;
    let stranger = world.component_token_of("wx00000000000000bb", "second-secret");
    let target = format!("{PERSON}?action=query&access_token={stranger}");
    let body = json!({"taskid": task}).to_string();
    assert_eq!(
        world.raw("POST", &target, "", body).json()["errcode"],
        89250
    );
    assert!(world.account(OTHER).is_object());
}
