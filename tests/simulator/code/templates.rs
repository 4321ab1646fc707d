//! A platform's drafts and templates.

use serde_json::{Value, json};

use super::{platform, ready};
use crate::simulator::miniprogram::Mini;

const DRAFTS: &str = "/wxa/gettemplatedraftlist";
const ADD: &str = "/wxa/addtotemplate";
const LIST: &str = "/wxa/gettemplatelist";
const DELETE: &str = "/wxa/deletetemplate";

struct Library {
    mini: Mini,
    token: String,
}

impl Library {
    fn start() -> Self {
        let mini = ready();
        let token = mini.world.component_token();
        platform(
            &mini,
            json!({"codeDrafts": [
                {"draftId": 0, "userVersion": "1.1.0", "userDesc": "报名", "createTime": 1_700_000_100},
                {"draftId": 7, "userVersion": "2.0.0", "createTime": 1_700_000_200,
                 "sourceAppId": "wx00000000000000de", "sourceName": "开发", "developer": "dancer01",
                 "code": {"pages": ["home"]}},
            ]}),
        );
        Self { mini, token }
    }

    fn code(&self, path: &str, body: Value) -> i64 {
        let answer = self.mini.world.post(path, &self.token, &body);
        answer["errcode"].as_i64().unwrap()
    }

    fn list(&self, query: &str) -> Vec<Value> {
        let target = format!("{LIST}?access_token={}{query}", self.token);
        let answer = self.mini.world.get(&target, "");
        assert_eq!(answer["errcode"], 0, "{answer}");
        answer["template_list"].as_array().unwrap().clone()
    }
}

#[test]
fn drafts_are_listed_with_what_is_known_of_them() {
    let library = Library::start();
    let drafts = library.mini.world.get(DRAFTS, &library.token);
    assert_eq!(
        drafts["draft_list"],
        json!([
            {"create_time": 1_700_000_100, "user_version": "1.1.0", "user_desc": "报名", "draft_id": 0},
            {"create_time": 1_700_000_200, "user_version": "2.0.0", "user_desc": "", "draft_id": 7,
             "source_miniprogram_appid": "wx00000000000000de", "source_miniprogram": "开发", "developer": "dancer01"},
        ])
    );
}

#[test]
fn adding_a_draft_does_not_tell_the_templates_id() {
    let library = Library::start();
    let added = library
        .mini
        .world
        .post(ADD, &library.token, &json!({"draft_id": 7}));
    assert_eq!(added, json!({"errcode": 0, "errmsg": "ok"}));
    let list = library.list("");
    let newest = list
        .iter()
        .max_by_key(|one| one["create_time"].as_i64())
        .unwrap();
    assert_eq!(newest["template_id"], 5);
    assert_eq!(newest["draft_id"], 7);
    assert_eq!(newest["user_version"], "2.0.0");
    assert_eq!(newest["source_miniprogram"], "开发");
    assert_eq!(newest["template_type"], 0);
    assert!(
        newest.get("audit_status").is_none(),
        "of standard ones only"
    );
    assert_eq!(list[0]["template_id"], 5, "not in the order of their ids");
    let again = library.mini.world.get(DRAFTS, &library.token);
    assert_eq!(again["draft_list"].as_array().unwrap().len(), 2, "it stays");
}

#[test]
fn templates_are_listed_by_type() {
    let library = Library::start();
    assert_eq!(
        library.code(ADD, json!({"draft_id": "0", "template_type": 1})),
        0
    );
    let ids = |query: &str| -> Vec<u64> {
        let list = library.list(query);
        list.iter()
            .map(|one| one["template_id"].as_u64().unwrap())
            .collect()
    };
    assert_eq!(ids(""), [5, 4], "ids of both types are one series");
    assert_eq!(ids("&template_type=0"), [4]);
    assert_eq!(ids("&template_type=1"), [5]);
    let standard = &library.list("&template_type=1")[0];
    for field in ["category_list", "audit_scene", "audit_status", "reason"] {
        assert!(standard.get(field).is_some(), "{field}");
    }
}

#[test]
fn a_template_is_deleted_and_its_id_never_comes_back() {
    let library = Library::start();
    assert_eq!(library.code(ADD, json!({"draft_id": 0})), 0);
    assert_eq!(library.code(DELETE, json!({"template_id": "5"})), 0);
    assert_eq!(library.code(DELETE, json!({"template_id": 5})), 85064);
    assert_eq!(library.code(DELETE, json!({})), 85064);
    assert_eq!(library.code(ADD, json!({"draft_id": 1})), 85064);
    assert_eq!(library.code(ADD, json!({"draft_id": 0})), 0);
    assert_eq!(library.list("")[0]["template_id"], 6);
}

#[test]
fn a_library_has_two_hundred_templates_of_a_type() {
    let library = Library::start();
    let templates: Vec<Value> = (0..200).map(|id| json!({"templateId": id})).collect();
    platform(&library.mini, json!({"codeTemplates": templates}));
    assert_eq!(library.code(ADD, json!({"draft_id": 0})), 85065);
    assert_eq!(
        library.code(ADD, json!({"draft_id": 0, "template_type": 1})),
        0,
        "standard ones are counted apart"
    );
    platform(&library.mini, json!({"maxTemplates": 201}));
    assert_eq!(library.code(ADD, json!({"draft_id": 0})), 0);
}

#[test]
fn another_platform_has_a_library_of_its_own() {
    let library = Library::start();
    let other = library
        .mini
        .world
        .component_token_of("wx00000000000000bb", "second-secret");
    let list = library.mini.world.get(LIST, &other);
    assert_eq!(list["template_list"], json!([]));
}
