//! Every code of the forms in which a person agrees, and how it is reached.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Registrar;
use super::forms::{
    BEFORE, ENTERPRISE, OLD_ENTERPRISE, PERSON, but, enterprise, old_enterprise, person,
};

/// What is sent, after what was turned or changed.
struct Case {
    code: i64,
    path: &'static str,
    action: &'static str,
    body: Value,
    before: Before,
}

enum Before {
    Nothing,
    Platform(Value),
    Switch(&'static str, Value),
    People(Value),
    /// The same was asked for already, and the task has this `status`.
    Asked(i64),
    Fault,
}

fn case(code: i64, path: &'static str, body: Value) -> Case {
    Case {
        code,
        path,
        action: "create",
        body,
        before: Before::Nothing,
    }
}

impl Case {
    fn search(self) -> Self {
        Self {
            action: "search",
            ..self
        }
    }

    fn after(self, before: Before) -> Self {
        Self { before, ..self }
    }
}

fn cases() -> Vec<Case> {
    use Before::{Asked, Fault, People, Platform, Switch};
    let old = |key: &str, value: Value| case(0, OLD_ENTERPRISE, but(old_enterprise(), key, value));
    let code = |code, case: Case| Case { code, ..case };
    let other = json!([{"wechatId": "somebody"}]);
    let called = json!([{"wechatId": "dancer01", "name": "李四"}]);
    let few_sets = json!({"permissionSets": [3, 17]});
    let organisation = but(old_enterprise(), "code_type", json!(2));
    let licence = but(old_enterprise(), "code_type", json!(3));
    vec![
        code(89253, old("name", json!(null))),
        code(89253, old("code_type", json!(null))),
        code(89253, old("legal_persona_name", json!(""))),
        code(89248, old("code_type", json!(4))),
        code(89248, old("code_type", json!("1"))),
        code(89255, old("code", json!("9111"))),
        code(89255, old("code", json!("91110000MA00000！A"))),
        code(89247, old("code", json!("9111")))
            .after(Switch("wrongEnterpriseCodeLength", json!(89247))),
        case(89255, OLD_ENTERPRISE, organisation.clone()),
        case(
            0,
            OLD_ENTERPRISE,
            but(organisation, "code", json!("MA000000-A")),
        ),
        case(
            0,
            OLD_ENTERPRISE,
            but(licence, "code", json!("110000000000001")),
        ),
        code(86004, old("legal_persona_wechat", json!("张三"))),
        case(86004, OLD_ENTERPRISE, old_enterprise()).after(People(other.clone())),
        case(61070, OLD_ENTERPRISE, old_enterprise()).after(People(called.clone())),
        case(89254, OLD_ENTERPRISE, old_enterprise()).after(Platform(few_sets.clone())),
        case(89256, OLD_ENTERPRISE, old_enterprise()).after(Fault),
        case(-1, OLD_ENTERPRISE, old_enterprise()).after(Fault),
        case(89249, OLD_ENTERPRISE, old_enterprise()).after(Asked(0)),
        case(89250, OLD_ENTERPRISE, old_enterprise()).search(),
        case(89251, OLD_ENTERPRISE, old_enterprise())
            .search()
            .after(Asked(0)),
        case(89252, OLD_ENTERPRISE, old_enterprise())
            .search()
            .after(Asked(6)),
        case(89253, OLD_ENTERPRISE, json!({})).search(),
        case(
            89253,
            ENTERPRISE,
            but(enterprise(), "new_version", json!(null)),
        ),
        case(
            89253,
            ENTERPRISE,
            but(enterprise(), "new_version", json!("true")),
        ),
        case(
            89253,
            ENTERPRISE,
            but(enterprise(), "component_phone", json!(null)),
        ),
        case(
            89255,
            ENTERPRISE,
            but(enterprise(), "code", json!("110000000000001")),
        ),
        case(89254, ENTERPRISE, enterprise()).after(Platform(few_sets.clone())),
        case(89249, ENTERPRISE, enterprise()).after(Asked(0)),
        case(86030, PERSON, but(person(), "idname", json!(null))),
        case(86030, PERSON, but(person(), "wxuser", json!(""))),
        case(86031, PERSON, person()).after(Platform(json!({"published": false}))),
        case(86032, PERSON, but(person(), "wxuser", json!("1"))),
        case(86032, PERSON, person()).after(People(other)),
        case(86033, PERSON, person()).after(Platform(few_sets)),
        case(86036, PERSON, person()).after(People(called)),
    ]
}

#[test]
fn every_code_of_a_task_can_be_had() {
    for case in cases() {
        let mut registrar = Registrar::start();
        registrar.at(BEFORE);
        match case.before {
            Before::Nothing => {}
            Before::Platform(change) => registrar.platform(change),
            Before::Switch(name, value) => registrar.turn(name, value),
            Before::People(people) => {
                let mut state = registrar.world.control("GET", "/_sim/state", &json!({}));
                state["people"] = people;
                registrar.world.control("PUT", "/_sim/state", &state);
            }
            Before::Asked(status) => {
                registrar.create(case.path, &case.body);
                let task = registrar.only_task()["taskId"].clone();
                let path = format!("/_sim/registrations/{}", task.as_str().unwrap());
                let order = json!({"status": status});
                registrar.world.control("POST", &path, &order);
            }
            Before::Fault => {
                let fault = json!({"endpoint": case.path, "kind": "errcode", "code": case.code});
                registrar.world.fault(fault);
            }
        }
        let answer = registrar.ask(case.path, case.action, &case.body);
        assert_eq!(answer["errcode"], case.code, "{} {}", case.path, case.body);
        let has_words = (86004..86030).contains(&case.code) || case.code > 89000;
        if has_words {
            let errmsg = answer["errmsg"].as_str().unwrap();
            assert!(!errmsg.starts_with("system error"), "{}", case.code);
        }
    }
}

#[test]
fn every_documented_code_is_among_them() {
    let reached: BTreeSet<i64> = cases().iter().map(|case| case.code).collect();
    let documented = (89247..=89256).chain([86004, 61070, 86030, 86031, 86032, 86033, 86036, -1]);
    for code in documented {
        assert!(reached.contains(&code), "{code}");
    }
}

#[test]
fn an_action_that_is_none_is_refused() {
    let mut registrar = Registrar::start();
    registrar.at(BEFORE);
    for path in [OLD_ENTERPRISE, ENTERPRISE, PERSON] {
        assert_eq!(registrar.ask(path, "delete", &json!({}))["errcode"], 40097);
        assert_eq!(registrar.ask(path, "", &json!({}))["errcode"], 40097);
    }
}

#[test]
fn since_the_notice_a_person_is_asked_by_link_only() {
    let registrar = Registrar::start();
    let old = but(person(), "new_version", json!(false));
    assert_eq!(registrar.ask(PERSON, "create", &old)["errcode"], 86030);
}
