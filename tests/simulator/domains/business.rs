//! Business domains of an app, both ways.

use serde_json::{Value, json};

use super::{
    CONFIRM, EFFECTIVE_WEBVIEW, WEBVIEW, WEBVIEW_DIRECT, file_of, platform_has, put_file, state_has,
};
use crate::simulator::miniprogram::Mini;
use crate::simulator::world::{OTHER_MINI, PLATFORM, text};

fn ready() -> Mini {
    let mini = Mini::start();
    platform_has(&mini, json!([]), json!(["www.example.com", "example.cn"]));
    mini
}

fn body(action: &str, domains: Value) -> Value {
    json!({"action": action, "webviewdomain": domains})
}

#[test]
fn an_app_may_have_what_the_platform_has_and_what_is_below_it() {
    let mini = ready();
    let add = |domain: &str| mini.code(WEBVIEW, &body("add", json!([domain])));
    let added = mini.post(WEBVIEW, &body("add", json!(["https://www.example.com"])));
    assert_eq!(
        added,
        json!({"errcode": 0, "errmsg": "ok", "webviewdomain": ["https://www.example.com"]})
    );
    assert_eq!(add("https://m.example.cn/"), 0, "with a slash");
    assert_eq!(add("https://M.example.cn"), 89019);
    for strange in [
        "https://other.example.com",
        "https://badexample.cn",
        "http://www.example.com",
        "www.example.com",
        "https://www.example.com:8443",
        "https://www.example.com/path",
        "https://10.0.0.1",
    ] {
        assert_eq!(add(strange), 89021, "{strange}");
    }
    let got = mini.post(WEBVIEW, &json!({"action": "get"}));
    assert_eq!(
        got["webviewdomain"],
        json!(["https://www.example.com", "https://m.example.cn"])
    );
    let delete = |domain: &str| mini.code(WEBVIEW, &body("delete", json!([domain])));
    assert_eq!(delete("https://other.example.com"), 89022);
    assert_eq!(delete("https://www.example.com"), 0);
    let set = mini.post(WEBVIEW, &body("set", json!(["https://example.cn"])));
    assert_eq!(set["webviewdomain"], json!(["https://example.cn"]));
    assert_eq!(
        mini.code(WEBVIEW, &body("set", json!(["https://example.cn"]))),
        89019
    );
    assert_eq!(mini.code(WEBVIEW, &body("swap", json!([]))), 85022);
    assert_eq!(
        mini.code(WEBVIEW, &body("add", json!("https://example.cn"))),
        47001
    );
}

#[test]
fn without_an_action_all_of_the_platforms_are_copied() {
    let mini = ready();
    let copied = mini.post(WEBVIEW, &json!({}));
    assert_eq!(
        copied["webviewdomain"],
        json!(["https://www.example.com", "https://example.cn"])
    );
    assert_eq!(mini.code(WEBVIEW, &json!({})), 89019);
    platform_has(&mini, json!([]), json!([]));
    assert_eq!(mini.code(WEBVIEW, &json!({})), 89020);
    assert_eq!(
        mini.code(WEBVIEW, &body("add", json!(["https://example.cn"]))),
        89020
    );
}

#[test]
fn a_person_may_have_none() {
    let mini = ready();
    mini.change(json!({"basicInfo": {"principalType": 0}}));
    assert_eq!(mini.code(WEBVIEW, &json!({})), 89231);
    assert_eq!(mini.code(WEBVIEW_DIRECT, &body("set", json!([]))), 89231);
    for path in [WEBVIEW, WEBVIEW_DIRECT] {
        assert_eq!(mini.code(path, &json!({"action": "get"})), 0, "{path}");
    }
}

#[test]
fn three_hundred_domains() {
    let mini = ready();
    let many: Vec<String> = (0..301)
        .map(|n| format!("https://m{n}.example.cn"))
        .collect();
    assert_eq!(mini.code(WEBVIEW, &body("add", json!(many))), 89029);
    assert_eq!(mini.code(WEBVIEW, &body("add", json!(many[1..]))), 0);
    let file = file_of(&mini);
    let hosts: serde_json::Map<String, Value> = many
        .iter()
        .map(|domain| domain.trim_start_matches("https://"))
        .map(|host| (host.to_owned(), json!({"files": {&file.0: file.1}})))
        .collect();
    state_has(&mini, json!({"hosts": hosts}));
    assert_eq!(mini.code(WEBVIEW_DIRECT, &body("set", json!(many))), 89029);
    assert_eq!(mini.code(WEBVIEW_DIRECT, &body("set", json!(many[1..]))), 0);
}

#[test]
fn a_domain_that_is_set_directly_must_have_the_apps_file() {
    let mini = Mini::start();
    let file = file_of(&mini);
    assert!(file.0.ends_with(".txt"));
    assert_eq!(file, file_of(&mini), "the same every time");
    let other = mini.world.token(OTHER_MINI);
    let others = mini.world.post(CONFIRM, &other, &json!({}));
    assert_ne!(text(&others["file_name"]), file.0, "each app has its own");
    let set = || {
        mini.code(
            WEBVIEW_DIRECT,
            &body("set", json!(["https://www.example.com"])),
        )
    };
    assert_eq!(set(), 85069, "nobody knows the host");
    put_file(
        &mini,
        "www.example.com",
        &(file.0.clone(), "wrong".to_owned()),
    );
    assert_eq!(set(), 85069);
    mini.switch("confirmFileMissing", json!(89021));
    assert_eq!(set(), 89021);
    for unwell in [
        json!({"unreachable": true}),
        json!({"redirect": "https://elsewhere.example.com/"}),
        json!({"delayMs": 5001}),
    ] {
        let mut host = unwell.clone();
        host["files"] = json!({&file.0: file.1});
        mini.world
            .control("PUT", "/_sim/hosts/www.example.com", &host);
        assert_eq!(set(), 89021, "{unwell}");
    }
    mini.world.control(
        "PUT",
        "/_sim/hosts/www.example.com",
        &json!({"delayMs": 5000}),
    );
    put_file(&mini, "www.example.com", &file);
    let done = mini.post(
        WEBVIEW_DIRECT,
        &body("set", json!(["https://www.example.com"])),
    );
    assert_eq!(
        done,
        json!({"errcode": 0, "errmsg": "ok", "webviewdomain": ["https://www.example.com"]})
    );
    let got = mini.post(WEBVIEW_DIRECT, &json!({"action": "get"}));
    assert_eq!(got, done);
    assert_eq!(
        mini.post(WEBVIEW, &json!({"action": "get"}))["webviewdomain"],
        json!([])
    );
    assert_eq!(set(), 0);
    mini.switch("directWebviewUnchanged", json!(89019));
    assert_eq!(set(), 89019);
    assert_eq!(
        mini.code(WEBVIEW_DIRECT, &body("set", json!([]))),
        0,
        "none at all"
    );
}

#[test]
fn what_is_set_directly_is_an_https_domain() {
    let mini = Mini::start();
    state_has(&mini, json!({"unfiledHosts": ["unfiled.com"]}));
    let set = |domain: &str| mini.code(WEBVIEW_DIRECT, &body("set", json!([domain])));
    for strange in [
        "www.example.com",
        "http://www.example.com",
        "https://10.0.0.1",
    ] {
        assert_eq!(set(strange), 86100, "{strange}");
    }
    mini.switch("directWebviewInvalid", json!(89021));
    assert_eq!(set("www.example.com"), 89021);
    assert_eq!(set("https://www.unfiled.com"), 45082);
    for action in ["add", "delete"] {
        assert_eq!(mini.code(WEBVIEW_DIRECT, &body(action, json!([]))), 85022);
    }
    assert_eq!(mini.code(WEBVIEW_DIRECT, &json!({})), 85022);
    assert_eq!(mini.code(WEBVIEW_DIRECT, &json!({"action": "set"})), 40097);
    mini.switch("principalsOfADomain", json!(1));
    let elsewhere =
        json!({"miniProgram": {"domains": {"business": {"direct": ["https://www.example.com"]}}}});
    mini.world.change(OTHER_MINI, &elsewhere);
    assert_eq!(set("https://www.example.com"), 85301);
}

#[test]
fn through_the_platform_a_switch_says_whether_its_file_is_looked_for() {
    let mini = ready();
    let add = || mini.code(WEBVIEW, &body("add", json!(["https://m.example.cn"])));
    mini.switch("webviewDomainChecksFile", json!(true));
    assert_eq!(add(), 85069);
    put_file(&mini, "m.example.cn", &file_of(&mini));
    assert_eq!(add(), 85069, "the app's file is another");
    let own = json!({"domains": {"confirmFile": {"name": "own.txt", "content": "mine"}}});
    mini.world
        .control("PATCH", &format!("/_sim/platforms/{PLATFORM}"), &own);
    put_file(
        &mini,
        "m.example.cn",
        &("own.txt".to_owned(), "mine\n".to_owned()),
    );
    assert_eq!(add(), 0);
    mini.switch("webviewDomainChecksFile", json!(false));
    assert_eq!(
        mini.code(WEBVIEW, &body("add", json!(["https://n.example.cn"]))),
        0
    );
}

#[test]
fn the_effective_list_has_slashes_here_and_there() {
    let mini = ready();
    assert_eq!(mini.code(WEBVIEW, &json!({})), 0);
    let shown = mini.post(EFFECTIVE_WEBVIEW, &json!({}));
    assert_eq!(
        shown,
        json!({
            "errcode": 0, "errmsg": "ok", "mp_webviewdomain": [], "direct_webviewdomain": [],
            "third_webviewdomain": ["https://www.example.com/", "https://example.cn"],
            "effective_webviewdomain": [],
        })
    );
    mini.switch("webviewDomainsEndWithSlash", json!(false));
    let shown = mini.post(EFFECTIVE_WEBVIEW, &json!({}));
    assert_eq!(
        shown["third_webviewdomain"],
        json!(["https://www.example.com", "https://example.cn"])
    );
}
