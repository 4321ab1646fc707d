//! Templates of subscription notifications.

use serde_json::{Value, json};

use super::world::{OFFICIAL, World, text};

const BASE: &str = "/wxaapi/newtmpl";

struct Subscriptions {
    world: World,
    token: String,
}

impl Subscriptions {
    fn start() -> Self {
        let world = World::start();
        let token = world.token(OFFICIAL);
        let categories = json!({"categories": [{"id": 1301, "name": "教育/素质教育"}]});
        world.change(OFFICIAL, &categories);
        Self { world, token }
    }

    fn get(&self, what: &str) -> Value {
        let (path, query) = what.split_once('?').unwrap_or((what, ""));
        let target = format!("{BASE}/{path}?access_token={}&{query}", self.token);
        self.world.raw("GET", &target, "", "").json()
    }

    fn post(&self, what: &str, body: Value) -> Value {
        self.world
            .post(&format!("{BASE}/{what}"), &self.token, &body)
    }

    fn add(&self, tid: Value, kids: Value, scene: &str) -> Value {
        let body = json!({"tid": tid, "kidList": kids, "sceneDesc": scene});
        self.post("addtemplate", body)
    }
}

#[test]
fn the_library_is_read_by_category_in_pages() {
    let subscriptions = Subscriptions::start();
    let get = |what: &str| subscriptions.get(what);
    let page = get("getpubtemplatetitles?ids=616,1301&start=0&limit=2");
    assert_eq!((&page["errcode"], &page["count"]), (&json!(0), &json!(3)));
    let first = json!({"tid": 99, "title": "付款成功通知", "type": 2, "categoryId": "616"});
    assert_eq!(page["data"][0], first);
    assert_eq!(page["data"].as_array().unwrap().len(), 2);
    let last = get("getpubtemplatetitles?ids=616,1301&start=2&limit=30");
    assert_eq!(last["data"][0]["tid"], 1302);
    for (query, code) in [
        ("start=0&limit=30", 200_018),
        ("ids=x&start=0&limit=30", 200_019),
        ("ids=1301&limit=30", 200_016),
        ("ids=1301&start=-1&limit=30", 200_016),
        ("ids=1301&start=0", 200_017),
        ("ids=1301&start=0&limit=31", 200_017),
        ("ids=1301&start=0&limit=0", 200_017),
    ] {
        let refused = get(&format!("getpubtemplatetitles?{query}"));
        assert_eq!(refused["errcode"], code, "{query}");
    }
    let keywords = get("getpubtemplatekeywords?tid=1301");
    assert_eq!(keywords["count"], 6);
    let line = json!({"kid": 1, "name": "课程名称", "example": "少儿街舞", "rule": "thing"});
    assert_eq!(keywords["data"][0], line);
    assert_eq!(get("getpubtemplatekeywords?tid=7")["errcode"], 200_014);
}

#[test]
fn a_template_has_its_lines_in_the_order_asked_for() {
    let subscriptions = Subscriptions::start();
    let id = text(&subscriptions.add(json!("1301"), json!([2, 1]), "上课前提醒")["priTmplId"]);
    let other = text(&subscriptions.add(json!(1301), json!([2, 1]), "")["priTmplId"]);
    assert_ne!(id, other, "adding twice makes two");
    let listed = subscriptions.get("gettemplate");
    assert_eq!(
        listed["data"][0],
        json!({
            "priTmplId": id, "title": "上课提醒", "type": 2,
            "content": "上课时间:{{time2.DATA}}\n课程名称:{{thing1.DATA}}\n",
            "example": "上课时间:2026-11-22 10:00\n课程名称:少儿街舞\n",
        })
    );
    let delete =
        |id: &str| subscriptions.post("deltemplate", json!({"priTmplId": id}))["errcode"].clone();
    assert_eq!(delete(&id), 0);
    assert_eq!(delete(&id), 40037);
    assert_eq!(
        subscriptions.get("gettemplate")["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn what_cannot_be_added() {
    let subscriptions = Subscriptions::start();
    let code = |tid: Value, kids: Value, scene: &str| {
        subscriptions.add(tid, kids, scene)["errcode"].clone()
    };
    let good = || json!([1, 2]);
    assert_eq!(code(json!("7"), good(), ""), 200_014);
    assert_eq!(
        code(json!("99"), good(), ""),
        200_014,
        "of a category the account lacks"
    );
    for kids in [
        json!([1]),
        json!([1, 2, 3, 4, 5, 6]),
        json!([1, 1]),
        json!([1, 9]),
        json!(["1", "2"]),
        json!("1,2"),
    ] {
        assert_eq!(code(json!("1301"), kids.clone(), ""), 200_020, "{kids}");
    }
    assert_eq!(code(json!("1301"), good(), &"课".repeat(16)), 200_021);
    for _ in 0..25 {
        assert_eq!(code(json!("1301"), good(), &"课".repeat(15)), 0);
    }
    assert_eq!(code(json!("1301"), good(), ""), 200_012);
    let banned = json!({"subscriptionsBanned": true});
    subscriptions.world.change(OFFICIAL, &banned);
    assert_eq!(code(json!("1301"), good(), ""), 200_011);
    subscriptions
        .world
        .change(OFFICIAL, &json!({"subscriptionsBanned": false}));
    let mut state = subscriptions
        .world
        .control("GET", "/_sim/state", &json!({}));
    state["subscriptionTemplates"] = json!([{
        "tid": 5, "title": "旧的", "category": 1301, "banned": true,
        "keywords": [{"kid": 1, "name": "甲", "rule": "thing"}, {"kid": 2, "name": "乙", "rule": "thing"}],
    }]);
    subscriptions.world.control("PUT", "/_sim/state", &state);
    assert_eq!(code(json!("5"), good(), ""), 200_013);
    assert_eq!(code(json!("1301"), good(), ""), 200_014, "another library");
}
