//! Tags of users.

use serde_json::{Value, json};

use super::world::{OFFICIAL, World};

const CREATE: &str = "/cgi-bin/tags/create";
const UPDATE: &str = "/cgi-bin/tags/update";
const DELETE: &str = "/cgi-bin/tags/delete";

struct Tags {
    world: World,
    token: String,
}

impl Tags {
    fn start() -> Self {
        let world = World::start();
        let token = world.token(OFFICIAL);
        Self { world, token }
    }

    fn create(&self, name: &str) -> Value {
        self.world
            .post(CREATE, &self.token, &json!({"tag": {"name": name}}))
    }

    fn code(&self, path: &str, tag: Value) -> i64 {
        let answer = self.world.post(path, &self.token, &json!({"tag": tag}));
        answer["errcode"].as_i64().unwrap_or(0)
    }

    fn list(&self) -> Value {
        self.world.get("/cgi-bin/tags/get", &self.token)
    }
}

#[test]
fn tags_are_made_named_and_deleted() {
    let tags = Tags::start();
    assert_eq!(
        tags.list(),
        json!({"tags": [{"id": 2, "name": "星标组", "count": 0}]})
    );
    assert_eq!(
        tags.create("学员"),
        json!({"tag": {"id": 100, "name": "学员"}})
    );
    assert_eq!(tags.create("家长")["tag"]["id"], 101);
    assert_eq!(tags.code(UPDATE, json!({"id": 101, "name": "学员家长"})), 0);
    let users = json!({"users": {"o1": {"tagIds": [100, 101]}, "o2": {"tagIds": [101]}}});
    tags.world.change(OFFICIAL, &users);
    assert_eq!(
        tags.list()["tags"][2],
        json!({"id": 101, "name": "学员家长", "count": 2})
    );
    assert_eq!(tags.code(DELETE, json!({"id": "101"})), 0);
    assert_eq!(
        tags.world.account(OFFICIAL)["users"]["o1"]["tagIds"],
        json!([100])
    );
    assert_eq!(
        tags.create("老师")["tag"]["id"],
        102,
        "ids are not given out again"
    );
}

#[test]
fn names_of_tags_are_short_and_their_own() {
    let tags = Tags::start();
    assert_eq!(tags.create(&"学".repeat(10))["tag"]["id"], 100);
    assert_eq!(
        tags.create(&"学".repeat(11))["errcode"],
        45158,
        "more than 30 bytes"
    );
    for name in ["", " ", "星标组", &"学".repeat(10)] {
        assert_eq!(tags.create(name)["errcode"], 45157, "{name}");
    }
    assert_eq!(tags.create("家长")["tag"]["id"], 101);
    assert_eq!(
        tags.code(UPDATE, json!({"id": 101, "name": "学".repeat(10)})),
        45157
    );
    assert_eq!(tags.code(UPDATE, json!({"id": 101, "name": "家长"})), 0);
    for path in [UPDATE, DELETE] {
        for id in 0..3 {
            assert_eq!(tags.code(path, json!({"id": id, "name": "x"})), 45058);
        }
        for id in [json!(999), json!("x"), Value::Null] {
            assert_eq!(tags.code(path, json!({"id": id, "name": "x"})), 45159);
        }
    }
}

#[test]
fn a_hundred_tags_and_none_is_deleted_that_many_have() {
    let tags = Tags::start();
    let many: Vec<Value> = (100..199)
        .map(|id| json!({"id": id, "name": format!("t{id}"), "otherFans": 100_000}))
        .collect();
    let change = json!({"tags": many, "users": {"o1": {"tagIds": [100]}}});
    tags.world.change(OFFICIAL, &change);
    assert_eq!(tags.list()["tags"][1]["count"], 100_001);
    assert_eq!(tags.create("一")["tag"]["id"], 199);
    assert_eq!(tags.create("二")["errcode"], 45056);
    assert_eq!(tags.code(DELETE, json!({"id": 100})), 45057);
    assert_eq!(tags.code(DELETE, json!({"id": 101})), 0);
    assert_eq!(tags.create("二")["tag"]["id"], 200);
}
