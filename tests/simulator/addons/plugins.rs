//! Plugins, from the app's side and from the owner's.

use serde_json::{Value, json};

use crate::simulator::domains::state_has;
use crate::simulator::miniprogram::Mini;
use crate::simulator::world::{MINI, OTHER_MINI, PLATFORM, text};

const USE: &str = "/wxa/plugin";
const OWN: &str = "/wxa/devplugin";
const MAP: &str = "wx76a9a06e5b4e693e";

fn ready() -> Mini {
    let mini = Mini::start();
    let plugins = json!([
        {"appId": MAP, "nickName": "地图", "headImg": "http://example.com/map.png", "quickVersions": ["1.2.0"]},
        {"appId": "wx0000000000000c05", "closed": true},
        {"appId": "wx0000000000000a11", "acceptsAtOnce": true},
        {"appId": OTHER_MINI, "nickName": "月落插件"},
    ]);
    state_has(&mini, json!({"plugins": plugins}));
    mini
}

fn apply(mini: &Mini, plugin: &str) -> i64 {
    let body = json!({"action": "apply", "plugin_appid": plugin, "reason": "选门店"});
    mini.code(USE, &body)
}

fn list(mini: &Mini) -> Value {
    mini.post(USE, &json!({"action": "list"}))["plugin_list"].clone()
}

fn decide(mini: &Mini, plugin: &str, outcome: &str) -> Value {
    let order = json!({"account": MINI, "plugin": plugin, "outcome": outcome});
    mini.world.control("POST", "/_sim/plugins", &order)
}

#[test]
fn an_application_waits_for_the_plugins_owner() {
    let mini = ready();
    assert_eq!(list(&mini), json!([]));
    assert_eq!(apply(&mini, MAP), 0);
    let item = |status: i64| json!([{"appid": MAP, "status": status, "nickname": "地图", "headimgurl": "http://example.com/map.png"}]);
    assert_eq!(list(&mini), item(1));
    assert_eq!(apply(&mini, MAP), 89237);
    for (outcome, status) in [("refused", 3), ("timedOut", 4), ("passed", 2)] {
        decide(&mini, MAP, outcome);
        assert_eq!(list(&mini), item(status));
        let again = json!({"account": MINI, "plugin": MAP, "outcome": outcome});
        assert_eq!(mini.world.refused("POST", "/_sim/plugins", &again), 400);
        let expected = if status == 2 { 89237 } else { 0 };
        assert_eq!(apply(&mini, MAP), expected, "{outcome}");
    }
    assert_eq!(
        mini.code(USE, &json!({"action": "unbind", "plugin_appid": MAP})),
        0
    );
    assert_eq!(list(&mini), json!([]));
    assert_eq!(
        mini.code(USE, &json!({"action": "unbind", "plugin_appid": MAP})),
        89244
    );
    assert_eq!(apply(&mini, "wx0000000000000a11"), 0);
    assert_eq!(list(&mini)[0]["status"], 2, "at once");
}

#[test]
fn plugins_that_cannot_be_had() {
    let mini = ready();
    assert_eq!(apply(&mini, "wx0000000000000000"), 89239);
    assert_eq!(apply(&mini, "wx0000000000000c05"), 89236);
    assert_eq!(mini.code(USE, &json!({"action": "apply"})), 40013);
    assert_eq!(mini.code(USE, &json!({"action": "take"})), 85022);
    mini.change(json!({"miniProgram": {"maxPlugins": 1}}));
    assert_eq!(apply(&mini, MAP), 0);
    assert_eq!(apply(&mini, OTHER_MINI), 89238);
    decide(&mini, MAP, "refused");
    assert_eq!(
        apply(&mini, OTHER_MINI),
        0,
        "one that was refused takes no room"
    );
    let order = |account: &str, plugin: &str, outcome: &str| {
        let order = json!({"account": account, "plugin": plugin, "outcome": outcome});
        mini.world.refused("POST", "/_sim/plugins", &order)
    };
    assert_eq!(order("wx0", MAP, "passed"), 404);
    assert_eq!(order(MINI, "wx0", "passed"), 404);
    assert_eq!(order(MINI, OTHER_MINI, "applying"), 400);
}

#[test]
fn a_plugin_is_moved_to_a_version_that_needs_no_release() {
    let mini = ready();
    let update = |version: &str| {
        let body = json!({"action": "update", "plugin_appid": MAP, "user_version": version});
        mini.code(USE, &body)
    };
    assert_eq!(update("1.2.0"), 89244);
    apply(&mini, MAP);
    assert_eq!(update("1.2.0"), 89244, "not yet");
    decide(&mini, MAP, "passed");
    assert_eq!(update("9.9.9"), 89257);
    mini.change(json!({"miniProgram": {"grayRelease": true}}));
    assert_eq!(update("1.2.0"), 89258);
    mini.change(json!({"miniProgram": {"grayRelease": false}}));
    assert_eq!(update("1.2.0"), 0);
    let account = mini.world.account(MINI);
    assert_eq!(account["miniProgram"]["plugins"][0]["version"], "1.2.0");
    assert_eq!(list(&mini)[0].get("version"), None, "WeChat never tells");
}

#[test]
fn an_owner_answers_through_the_api() {
    let mut mini = ready();
    mini.at("2031-11-15T12:00:00+08:00");
    let mut owner = mini.world.token(OTHER_MINI);
    let own = |mini: &Mini, owner: &str, body: Value| mini.world.post(OWN, owner, &body);
    let code = |mini: &Mini, owner: &str, action: &str| {
        own(
            mini,
            owner,
            json!({"action": action, "appid": MINI, "reason": "不合适"}),
        )["errcode"]
            .clone()
    };
    for action in ["dev_agree", "dev_refuse", "dev_delete"] {
        assert_eq!(code(&mini, &owner, action), 89242, "{action}");
    }
    assert_eq!(code(&mini, &owner, "dev_take"), 85022);
    assert_eq!(apply(&mini, OTHER_MINI), 0);
    let listed = own(
        &mini,
        &owner,
        json!({"action": "dev_apply_list", "page": 1, "num": 10}),
    );
    let item = &listed["apply_list"][0];
    assert_eq!(
        (&item["appid"], &item["status"], &item["reason"]),
        (&json!(MINI), &json!(1), &json!("选门店"))
    );
    let beyond = own(
        &mini,
        &owner,
        json!({"action": "dev_apply_list", "page": 2, "num": 10}),
    );
    assert_eq!(beyond["apply_list"], json!([]));
    assert_eq!(code(&mini, &owner, "dev_delete"), 89243);
    mini.at("2031-11-16T12:01:00+08:00");
    owner = mini.world.token(OTHER_MINI);
    assert_eq!(code(&mini, &owner, "dev_delete"), 89241);
    let refused = own(
        &mini,
        &owner,
        json!({"action": "dev_refuse", "reason": "不合适"}),
    );
    assert_eq!(refused["errcode"], 0, "the one that waits");
    assert_eq!(list(&mini)[0]["status"], 3);
    assert_eq!(code(&mini, &owner, "dev_agree"), 89240);
    assert_eq!(code(&mini, &owner, "dev_delete"), 0);
    assert_eq!(list(&mini), json!([]));
    assert_eq!(apply(&mini, OTHER_MINI), 0);
    assert_eq!(code(&mini, &owner, "dev_agree"), 0);
    assert_eq!(list(&mini)[0]["status"], 2);
    assert_eq!(code(&mini, &owner, "dev_delete"), 89241);
}

#[test]
fn without_the_set_nobody_sees_plugins() {
    let mini = ready();
    let cat = mini.world.component_token();
    let granted = mini.world.authorized(&cat, MINI, Some(&[18, 30]));
    let token = text(&granted["authorizer_access_token"]);
    let answer = mini.world.post(USE, &token, &json!({"action": "list"}));
    assert_eq!(answer["errcode"], 61007, "of {PLATFORM}");
}
