//! Every code the documents give for plugins, location APIs and the order path, and how it is reached.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::simulator::world::{MINI, World};

const PLUGIN: &str = "/wxa/plugin";
const OWNER: &str = "/wxa/devplugin";
const APPLY: &str = "/wxa/security/apply_privacy_interface";
const PATH: &str = "/wxa/security/getorderpathinfo";

/// Code, API, the app's own part of the state, the caller's standing with its own plugin, what is sent.
type Case = (i64, &'static str, &'static str, &'static str, &'static str);

const POI: &str = r#"{"api_name": "wx.choosePoi", "content": "选门店"}"#;
const ASK: &str = r#"{"action": "apply", "plugin_appid": "wx0000000000000001"}"#;
const UPDATE: &str =
    r#"{"action": "update", "plugin_appid": "wx0000000000000001", "user_version": "1.0.0"}"#;
const HAS: &str = r#"{"plugins": [{"appId": "wx0000000000000001"}]}"#;
const AGREE: &str = r#"{"action": "dev_agree", "appid": "wx5555555555555555"}"#;
const DELETE: &str = r#"{"action": "dev_delete", "appid": "wx5555555555555555"}"#;

const CASES: &[Case] = &[
    (
        61031,
        APPLY,
        r#"{"locationApis": {"wx.choosePoi": {"status": "inReview"}}}"#,
        "",
        POI,
    ),
    (
        61032,
        APPLY,
        "{}",
        "",
        r#"{"api_name": "wx.choosePoi", "content": "x", "video_list": ["https://a.cn/a"]}"#,
    ),
    (
        61033,
        APPLY,
        "{}",
        "",
        r#"{"api_name": "wx.choosePoi", "content": "x", "pic_list": ["a"]}"#,
    ),
    (61034, APPLY, "{}", "", "{}"),
    (
        61035,
        APPLY,
        r#"{"locationApis": {"wx.choosePoi": {"status": "granted"}}}"#,
        "",
        POI,
    ),
    (
        61036,
        APPLY,
        r#"{"locationApis": {"wx.choosePoi": {"status": "noPermission"}}}"#,
        "",
        POI,
    ),
    (61037, APPLY, "{}", "", "garbled"),
    (61038, APPLY, "spent", "", POI),
    (61041, PATH, "{}", "", r#"{"info_type": 0}"#),
    (
        89236,
        PLUGIN,
        "{}",
        "",
        r#"{"action": "apply", "plugin_appid": "wx0000000000000002"}"#,
    ),
    (89237, PLUGIN, HAS, "", ASK),
    (89238, PLUGIN, r#"{"maxPlugins": 0}"#, "", ASK),
    (
        89239,
        PLUGIN,
        "{}",
        "",
        r#"{"action": "apply", "plugin_appid": "wx0000000000000009"}"#,
    ),
    (89240, OWNER, "{}", "refused", AGREE),
    (89241, OWNER, "{}", "passed", DELETE),
    (89242, OWNER, "{}", "", AGREE),
    (89243, OWNER, "{}", "applying", DELETE),
    (
        89244,
        PLUGIN,
        "{}",
        "",
        r#"{"action": "unbind", "plugin_appid": "wx0000000000000001"}"#,
    ),
    (89257, PLUGIN, HAS, "", UPDATE),
    (
        89258,
        PLUGIN,
        r#"{"grayRelease": true, "plugins": [{"appId": "wx0000000000000001"}]}"#,
        "",
        UPDATE,
    ),
];

#[test]
fn every_documented_code_can_be_had() {
    let documented = [61031..=61038, 61041..=61041, 89236..=89244, 89257..=89258];
    let documented: BTreeSet<i64> = documented.into_iter().flatten().collect();
    assert_eq!(
        CASES.iter().map(|case| case.0).collect::<BTreeSet<_>>(),
        documented
    );
    let world = World::start();
    world.control(
        "POST",
        "/_sim/clock",
        &json!({"set": "2031-11-15T12:00:10+08:00"}),
    );
    let token = world.token(MINI);
    let mut base = world.control("GET", "/_sim/state", &json!({}));
    base.as_object_mut().unwrap().remove("clock");
    base["plugins"] = json!([
        {"appId": "wx0000000000000001"}, {"appId": "wx0000000000000002", "closed": true}, {"appId": MINI},
    ]);
    for (code, path, own, applicant, body) in CASES {
        let mut state = base.clone();
        if *own == "spent" {
            state["counters"] = json!([{
                "account": MINI, "path": format!("{APPLY}#minute"), "period": "2031-11-15T12:00", "used": 280,
            }]);
        }
        world.control("PUT", "/_sim/state", &state);
        let app: Value = serde_json::from_str(own).unwrap_or(json!({}));
        world.change(MINI, &json!({"miniProgram": app}));
        if !applicant.is_empty() {
            let used = json!({"appId": MINI, "status": applicant, "appliedAt": "2031-11-15T00:00:00+08:00"});
            let other = json!({"miniProgram": {"plugins": [used]}});
            world.change("wx5555555555555555", &other);
        }
        let bytes = if *body == "garbled" {
            b"{\"x\": \"\xe9\"}"
        } else {
            body.as_bytes()
        };
        let answer = world.raw("POST", path, &token, bytes).json();
        assert_eq!(answer["errcode"], *code, "{path} {own}");
        let errmsg = answer["errmsg"].as_str().unwrap();
        assert!(!errmsg.starts_with("system error"), "{code}: {errmsg}");
    }
}
