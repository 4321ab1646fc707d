//! The domains of a platform.

use serde_json::{Value, json};

use super::{put_file, state_has};
use crate::simulator::miniprogram::Mini;
use crate::simulator::world::{PLATFORM, text};

const SERVER: &str = "/cgi-bin/component/modify_wxa_server_domain";
const JUMP: &str = "/cgi-bin/component/modify_wxa_jump_domain";
const CONFIRM: &str = "/cgi-bin/component/get_domain_confirmfile";

struct Platform {
    mini: Mini,
    token: String,
}

impl Platform {
    fn start() -> Self {
        let mini = Mini::start();
        let token = mini.world.component_token();
        Self { mini, token }
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        self.mini.world.post(path, &self.token, body)
    }

    fn file(&self) -> (String, String) {
        let file = self.post(CONFIRM, &json!({}));
        (text(&file["file_name"]), text(&file["file_content"]))
    }
}

#[test]
fn the_testing_list_changes_alone_unless_both_are_meant() {
    let platform = Platform::start();
    let add = |hosts: &str| {
        platform.post(
            SERVER,
            &json!({"action": "add", "wxa_server_domain": hosts}),
        )
    };
    assert_eq!(
        add("api.example.com;ws.example.com:8443; api.example.com;"),
        json!({
            "errcode": 0, "errmsg": "ok", "published_wxa_server_domain": "",
            "testing_wxa_server_domain": "api.example.com;ws.example.com:8443",
        })
    );
    let both = json!({
        "action": "add", "wxa_server_domain": "API.example.com;new.example.com", "is_modify_published_together": true,
    });
    let added = platform.post(SERVER, &both);
    assert_eq!(
        added["published_wxa_server_domain"],
        "api.example.com;new.example.com"
    );
    assert_eq!(
        added["testing_wxa_server_domain"],
        "api.example.com;ws.example.com:8443;new.example.com"
    );
    let delete =
        json!({"action": "delete", "wxa_server_domain": "api.example.com;nowhere.example.com"});
    let deleted = platform.post(SERVER, &delete);
    assert_eq!(
        deleted["testing_wxa_server_domain"],
        "ws.example.com:8443;new.example.com"
    );
    assert_eq!(
        deleted["published_wxa_server_domain"],
        "api.example.com;new.example.com"
    );
    let unknown = json!({"action": "delete", "wxa_server_domain": "nowhere.example.com"});
    assert_eq!(platform.post(SERVER, &unknown)["errcode"], 0);
    let set = json!({"action": "set", "wxa_server_domain": "one.example.com", "is_modify_published_together": true});
    let set = platform.post(SERVER, &set);
    assert_eq!(set["testing_wxa_server_domain"], "one.example.com");
    assert_eq!(platform.post(SERVER, &json!({"action": "get"})), set);
}

#[test]
fn a_platform_that_is_not_published_has_one_list() {
    let platform = Platform::start();
    let path = format!("/_sim/platforms/{PLATFORM}");
    platform
        .mini
        .world
        .control("PATCH", &path, &json!({"published": false}));
    let both = json!({"action": "add", "wxa_server_domain": "a.example.com", "is_modify_published_together": true});
    let added = platform.post(SERVER, &both);
    assert_eq!(
        added,
        json!({"errcode": 0, "errmsg": "ok", "testing_wxa_server_domain": "a.example.com"})
    );
    let own = json!({"action": "add", "requestdomain": ["https://a.example.com"]});
    assert_eq!(platform.mini.code(super::WAY_ONE, &own), 0);
}

#[test]
fn what_cannot_be_taken_is_listed() {
    let platform = Platform::start();
    state_has(
        &platform.mini,
        json!({"unfiledHosts": ["unfiled.com"], "forbiddenHosts": ["banned.com"]}),
    );
    let bad = "https://a.example.com;a.example.com/x;10.0.0.1;api.weixin.qq.com;x.unfiled.com;banned.com;fine.example.com";
    let added = platform.post(SERVER, &json!({"action": "add", "wxa_server_domain": bad}));
    assert_eq!(added["testing_wxa_server_domain"], "fine.example.com");
    assert_eq!(
        added["invalid_wxa_server_domain"],
        "https://a.example.com;a.example.com/x;10.0.0.1;api.weixin.qq.com;x.unfiled.com;banned.com"
    );
    let all = json!({"action": "set", "wxa_server_domain": "10.0.0.1"});
    let none = platform.post(SERVER, &all);
    assert_eq!(none["errcode"], 0);
    assert_eq!(
        none["testing_wxa_server_domain"], "fine.example.com",
        "it stays"
    );
    platform
        .mini
        .switch("platformDomainsAllInvalid", json!(85301));
    let refused = platform.post(SERVER, &all);
    assert_eq!(refused["errcode"], 85301);
    assert_eq!(refused.as_object().unwrap().len(), 2, "and no lists");
    let code = |body: Value| platform.post(SERVER, &body)["errcode"].clone();
    assert_eq!(
        code(json!({"action": "add", "wxa_server_domain": ";"})),
        85017
    );
    assert_eq!(code(json!({"action": "add"})), 85017);
    assert_eq!(
        code(json!({"action": "add", "wxa_server_domain": ["a.example.com"]})),
        47001
    );
    assert_eq!(code(json!({"wxa_server_domain": "a.example.com"})), 85022);
    let odd = json!({"action": "add", "wxa_server_domain": "a.example.com", "is_modify_published_together": "yes"});
    assert_eq!(code(odd), 47001);
}

#[test]
fn a_business_domain_must_have_the_platforms_file() {
    let platform = Platform::start();
    let file = platform.file();
    assert_ne!(
        file,
        super::file_of(&platform.mini),
        "another than the app's"
    );
    put_file(&platform.mini, "www.example.com", &file);
    let body = json!({
        "action": "add", "wxa_jump_h5_domain": "www.example.com;m.example.com;www.example.com:80",
        "is_modify_published_together": true,
    });
    assert_eq!(
        platform.post(JUMP, &body),
        json!({
            "errcode": 0, "errmsg": "ok", "published_wxa_jump_h5_domain": "www.example.com",
            "testing_wxa_jump_h5_domain": "www.example.com",
            "invalid_wxa_jump_h5_domain": "m.example.com;www.example.com:80",
        })
    );
    put_file(&platform.mini, "m.example.com", &file);
    let added = platform.post(JUMP, &body);
    assert_eq!(
        added["testing_wxa_jump_h5_domain"],
        "www.example.com;m.example.com"
    );
}

#[test]
fn so_many_domains_and_changes() {
    let mini = Mini::start();
    let world = &mini.world;
    world.control(
        "POST",
        "/_sim/clock",
        &json!({"set": "2031-11-30T23:00:00+08:00"}),
    );
    let token = world.component_token();
    let post = |path: &str, body: Value| world.post(path, &token, &body)["errcode"].clone();
    let many = |count: usize| {
        (0..count)
            .map(|n| format!("m{n}.example.com"))
            .collect::<Vec<_>>()
    };
    let add = |count| json!({"action": "add", "wxa_server_domain": many(count).join(";")});
    assert_eq!(post(SERVER, add(1001)), 85016);
    assert_eq!(post(SERVER, add(1000)), 0);
    let spent =
        |path: &str| json!({"account": PLATFORM, "path": path, "period": "2031-11", "used": 50});
    state_has(&mini, json!({"counters": [spent(SERVER), spent(JUMP)]}));
    let delete = json!({"action": "delete", "wxa_server_domain": "m1.example.com"});
    assert_eq!(post(SERVER, delete), 86102);
    assert_eq!(post(SERVER, json!({"action": "get"})), 0);
    let delete = json!({"action": "delete", "wxa_jump_h5_domain": "m1.example.com"});
    assert_eq!(post(JUMP, delete.clone()), 0, "no page limits these");
    mini.switch("platformWebviewChangesAMonth", json!(50));
    assert_eq!(post(JUMP, delete), 86102);
}

#[test]
fn three_hundred_business_domains() {
    let platform = Platform::start();
    let (name, content) = platform.file();
    let host = |n: usize| format!("m{n}.example.com");
    let hosts: serde_json::Map<String, Value> = (0..301)
        .map(|n| (host(n), json!({"files": {&name: content}})))
        .collect();
    state_has(&platform.mini, json!({"hosts": hosts}));
    let add = |count: usize| {
        let hosts: Vec<String> = (0..count).map(host).collect();
        let body = json!({"action": "add", "wxa_jump_h5_domain": hosts.join(";")});
        platform.post(JUMP, &body)["errcode"].clone()
    };
    assert_eq!(add(301), 89029);
    assert_eq!(add(300), 0);
}

#[test]
fn their_token_has_the_plain_name() {
    let platform = Platform::start();
    platform.mini.switch("strictTokenName", json!(true));
    for path in [SERVER, JUMP] {
        assert_eq!(platform.post(path, &json!({"action": "get"}))["errcode"], 0);
        let target = format!("{path}?component_access_token={}", platform.token);
        let other = platform
            .mini
            .world
            .raw("POST", &target, "", r#"{"action": "get"}"#);
        assert_eq!(other.json()["errcode"], 41001);
    }
}
