//! Search flag, service status, base library and testers.

use serde_json::{Value, json};

use super::Mini;
use crate::simulator::world::{MINI, OTHER_MINI, text};

const SEARCH: &str = "/wxa/getwxasearchstatus";
const CHANGE_SEARCH: &str = "/wxa/changewxasearchstatus";
const VISIT: &str = "/wxa/getvisitstatus";
const CHANGE_VISIT: &str = "/wxa/change_visitstatus";
const LIBRARY: &str = "/cgi-bin/wxopen/getweappsupportversion";
const SET_LIBRARY: &str = "/cgi-bin/wxopen/setweappsupportversion";
const BIND: &str = "/wxa/bind_tester";
const UNBIND: &str = "/wxa/unbind_tester";
const TESTERS: &str = "/wxa/memberauth";

#[test]
fn the_search_flag_is_the_wrong_way_round() {
    let mini = Mini::start();
    assert_eq!(
        mini.get(SEARCH),
        json!({"errcode": 0, "errmsg": "ok", "status": 0})
    );
    assert_eq!(mini.code(CHANGE_SEARCH, &json!({"status": 1})), 0);
    assert_eq!(mini.get(SEARCH)["status"], 1);
    assert_eq!(mini.world.account(MINI)["miniProgram"]["searchable"], false);
    for strange in [json!(2), json!("open"), json!(true), Value::Null] {
        assert_eq!(mini.code(CHANGE_SEARCH, &json!({"status": strange})), 85084);
    }
    for (lock, code) in [
        (json!("banned"), 85083),
        (json!("turnedOff"), 85091),
        (Value::Null, 0),
    ] {
        mini.change(json!({"miniProgram": {"searchLock": lock}}));
        assert_eq!(
            mini.code(CHANGE_SEARCH, &json!({"status": 0})),
            code,
            "{lock}"
        );
    }
    assert_eq!(mini.get(SEARCH)["status"], 0);
}

#[test]
fn other_sets_can_open_an_api() {
    let mini = Mini::start();
    mini.switch("permissionSets", json!({SEARCH: [33]}));
    assert_eq!(mini.get(SEARCH)["errcode"], 61007);
    mini.switch("permissionSets", json!({SEARCH: [33, 18]}));
    assert_eq!(mini.get(SEARCH)["errcode"], 0);
}

#[test]
fn serving_can_be_paused_once_there_is_something_to_serve() {
    let mini = Mini::start();
    let status = || mini.post(VISIT, &json!({}))["status"].clone();
    let change = |action: &str| mini.code(CHANGE_VISIT, &json!({"action": action}));
    assert_eq!(status(), 1);
    assert_eq!(change("close"), 85021, "not released");
    mini.switch("visitBeforeRelease", json!(0));
    assert_eq!(change("close"), 0);
    assert_eq!(status(), 0);
    mini.switch("visitBeforeRelease", Value::Null);
    mini.change(json!({"miniProgram": {"released": true}}));
    assert_eq!(change("open"), 0);
    assert_eq!(status(), 1);
    assert_eq!(change("pause"), 85022);
    mini.change(json!({"miniProgram": {"punished": true}}));
    assert_eq!(status(), 0);
    assert_eq!(change("open"), 85021);
}

#[test]
fn the_base_library_is_one_of_those_there_are() {
    let mini = Mini::start();
    let shown = mini.get(LIBRARY);
    assert_eq!(mini.post(LIBRARY, &json!({})), shown, "with either method");
    assert_eq!(shown["now_version"], "1.0.0");
    assert_eq!(
        shown["uv_info"]["items"][0],
        json!({"percentage": 0, "version": "1.0.0"})
    );
    assert_eq!(
        shown["uv_info"]["items"][2],
        json!({"percentage": 13.5, "version": "2.32.3"})
    );
    let set = |version: &str| mini.code(SET_LIBRARY, &json!({"version": version}));
    assert_eq!(set("9.9.9"), 89014);
    assert_eq!(mini.code(SET_LIBRARY, &json!({})), 89014);
    assert_eq!(set("2.32.3"), 85021);
    mini.switch("baseLibraryBeforeRelease", json!(0));
    assert_eq!(set("2.32.3"), 0);
    mini.switch("baseLibraryBeforeRelease", Value::Null);
    mini.change(json!({"miniProgram": {"released": true}}));
    assert_eq!(set("2.10.4"), 0);
    assert_eq!(mini.get(LIBRARY)["now_version"], "2.10.4");
}

#[test]
fn a_tester_is_bound_at_once_and_listed_without_a_name() {
    let mini = Mini::start();
    let bound = mini.post(BIND, &json!({"wechatid": "dancer01"}));
    let userstr = text(&bound["userstr"]);
    assert!(userstr.len() == 64 && userstr.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let again = mini.post(BIND, &json!({"wechatid": "dancer01"}));
    assert_eq!(
        (&again["errcode"], again.get("userstr")),
        (&json!(85004), None)
    );
    let testers = || mini.post(TESTERS, &json!({"action": "get_experiencer"}))["members"].clone();
    assert_eq!(testers(), json!([{"userstr": userstr}]));
    assert_eq!(mini.code(TESTERS, &json!({"action": "get"})), 85022);
    let by_hand = json!([{"wechatId": "dancer01"}, {"userstr": "aa"}, {"wechatId": "dancer02"}]);
    mini.change(json!({"miniProgram": {"testers": by_hand}}));
    assert_eq!(testers()[0]["userstr"], userstr, "the same in every run");
    assert_eq!(testers()[1]["userstr"], "aa");
    assert_eq!(mini.code(UNBIND, &json!({"userstr": "aa"})), 0);
    assert_eq!(mini.code(UNBIND, &json!({"userstr": userstr})), 0);
    assert_eq!(mini.code(UNBIND, &json!({"wechatid": "dancer02"})), 0);
    assert_eq!(testers(), json!([]));
    assert_eq!(mini.code(UNBIND, &json!({"wechatid": "dancer02"})), 85001);
    mini.switch("unbindUnknownTester", json!(0));
    assert_eq!(mini.code(UNBIND, &json!({"wechatid": "dancer02"})), 0);
    assert_eq!(mini.code(UNBIND, &json!({})), 40097);
}

#[test]
fn who_cannot_be_a_tester() {
    let mini = Mini::start();
    let bind = |wechat_id: &str| mini.code(BIND, &json!({"wechatid": wechat_id}));
    let mut state = mini.world.control("GET", "/_sim/state", &json!({}));
    state["people"] = json!([
        {"wechatId": "shy", "searchable": false}, {"wechatId": "busy", "testerOf": 49},
        {"wechatId": "dancer01"}, {"wechatId": "dancer02"},
    ]);
    mini.world.control("PUT", "/_sim/state", &state);
    assert_eq!(bind("stranger"), 85001);
    assert_eq!(bind("shy"), 85001);
    assert_eq!(mini.code(BIND, &json!({})), 85001);
    let elsewhere = json!({"miniProgram": {"testers": [{"wechatId": "busy"}]}});
    mini.world.change(OTHER_MINI, &elsewhere);
    assert_eq!(bind("busy"), 85003);
    mini.world.change(OTHER_MINI, &json!({"miniProgram": null}));
    assert_eq!(bind("busy"), 0);
    mini.change(json!({"miniProgram": {"maxTesters": 2}}));
    assert_eq!(bind("dancer01"), 0);
    assert_eq!(bind("dancer02"), 85002);
}
