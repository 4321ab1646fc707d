//! Every code the documents give for domains, and how it is reached: by what the state says, by what is sent, or,
//! where it is an event of WeChat's own, by a fault.

use std::collections::BTreeSet;

use serde_json::json;

use super::{WAY_ONE, WAY_TWO, WEBVIEW, WEBVIEW_DIRECT};
use crate::simulator::world::{MINI, PLATFORM, World};

const NAMES: &str = "/wxa/set_prefetchdnsdomain";
const DATA: &str = "/wxa/fetchdatasetting";
const FAULT: &str = "a fault";

/// Code, API, what is laid over the state (`mini`, `platform`, `switches`, `state`), what is sent.
type Case = (i64, &'static str, &'static str, &'static str);

const ADD: &str = r#"{"action": "add", "requestdomain": ["https://a.example.com"]}"#;
const COPY: &str = "{}";
const PERSON: &str = r#"{"mini": {"basicInfo": {"principalType": 0}}}"#;
const REGISTERED: &str =
    r#"{"platform": {"domains": {"business": {"published": ["example.cn"]}}}}"#;
const FILED: &str = r#"{"state": {"unfiledHosts": ["example.com"]}}"#;

const CASES: &[Case] = &[
    (0, WAY_TWO, "{}", ADD),
    (40166, DATA, FAULT, r#"{"action": "get"}"#),
    (45082, WAY_TWO, FILED, ADD),
    (85015, WAY_ONE, FAULT, ADD),
    (85016, WAY_TWO, "many", ADD),
    (85017, WAY_ONE, "{}", ADD),
    (
        85018,
        WAY_ONE,
        r#"{"switches": {"unregisteredDomain": 85018}}"#,
        ADD,
    ),
    (85022, WAY_ONE, "{}", r#"{"action": "swap"}"#),
    (
        85069,
        WEBVIEW_DIRECT,
        "{}",
        r#"{"action": "set", "webviewdomain": ["https://a.example.com"]}"#,
    ),
    (
        85301,
        WAY_ONE,
        "{}",
        r#"{"action": "add", "requestdomain": ["http://a.example.com"]}"#,
    ),
    (85302, WAY_ONE, FILED, ADD),
    (
        85303,
        WAY_ONE,
        FILED,
        r#"{"action": "add", "requestdomain": ["https://a.example.com"], "udpdomain": ["x"]}"#,
    ),
    (
        86100,
        WAY_TWO,
        "{}",
        r#"{"action": "add", "requestdomain": ["http://a.example.com"]}"#,
    ),
    (
        86101,
        WAY_TWO,
        "{}",
        r#"{"action": "add", "requestdomain": ["https://api.weixin.qq.com"]}"#,
    ),
    (86102, WAY_TWO, "spent", ADD),
    (
        89019,
        WEBVIEW,
        r#"{"platform": {"domains": {"business": {"published": ["example.cn"]}}},
        "mini": {"miniProgram": {"domains": {"business": {"third": ["https://example.cn"]}}}}}"#,
        COPY,
    ),
    (89020, WEBVIEW, "{}", COPY),
    (
        89021,
        WEBVIEW,
        REGISTERED,
        r#"{"action": "add", "webviewdomain": ["https://example.com"]}"#,
    ),
    (
        89022,
        WEBVIEW,
        REGISTERED,
        r#"{"action": "delete", "webviewdomain": ["https://example.cn"]}"#,
    ),
    (89029, WEBVIEW, "many", COPY),
    (89231, WEBVIEW, PERSON, COPY),
    (9_410_013, DATA, "{}", r#"{"action": "put"}"#),
    (
        9_410_016,
        DATA,
        "{}",
        r#"{"action": "set_pre_fetch", "is_pre_fetch_open": true, "pre_fetch_url": "x"}"#,
    ),
    (9_420_000, NAMES, "spent", r#"{"prefetch_dns_domain": []}"#),
    (
        9_420_001,
        NAMES,
        "{}",
        r#"{"prefetch_dns_domain": [{"url": "https://d1.com"}]}"#,
    ),
    (
        9_420_002,
        NAMES,
        r#"{"mini": {"miniProgram": {"domains": {"dnsPrefetchLimit": 0}}}}"#,
        r#"{"prefetch_dns_domain": [{"url": "d1.com"}]}"#,
    ),
];

/// The rows of the documents' tables that are about domains.
fn documented() -> BTreeSet<i64> {
    [
        0, 40166, 45082, 85015, 85016, 85017, 85018, 85022, 85069, 85301, 85302, 85303, 86100,
        86101, 86102, 89019, 89020, 89021, 89022, 89029, 89231, 9_410_013, 9_410_016, 9_420_000,
        9_420_001, 9_420_002,
    ]
    .into()
}

/// Codes without a stable English text.
const NO_WORDS: &[i64] = &[0, 85015, 85018, 86101, 86102, 9_410_013, 9_410_016];

fn setup(word: &str) -> serde_json::Value {
    let spent =
        |path: &str| json!({"account": MINI, "path": path, "period": "2031-11", "used": 50});
    let https = |n: usize| format!("https://m{n}.example.cn");
    match word {
        "spent" => json!({"state": {"counters": [spent(WAY_TWO), spent(NAMES)]}}),
        "many" => json!({
            "platform": {"domains": {"business": {"published": ["example.cn"]}}},
            "mini": {"miniProgram": {"domains": {
                "server": {"direct": {"requestdomain": (0..200).map(https).collect::<Vec<_>>()}},
                "business": {"third": (0..300).map(https).collect::<Vec<_>>()},
            }}},
        }),
        FAULT => json!({}),
        over => serde_json::from_str(over).unwrap(),
    }
}

#[test]
fn every_documented_code_can_be_had() {
    assert_eq!(
        CASES.iter().map(|case| case.0).collect::<BTreeSet<_>>(),
        documented()
    );
    let world = World::start();
    world.control(
        "POST",
        "/_sim/clock",
        &json!({"set": "2031-11-15T12:00:00+08:00"}),
    );
    let token = world.token(MINI);
    let mut base = world.control("GET", "/_sim/state", &json!({}));
    base.as_object_mut().unwrap().remove("clock");
    for (code, path, how, body) in CASES {
        let over = setup(how);
        let mut state = base.clone();
        for (key, value) in over["state"].as_object().into_iter().flatten() {
            state[key] = value.clone();
        }
        world.control("PUT", "/_sim/state", &state);
        world.change(MINI, &over.get("mini").cloned().unwrap_or(json!({})));
        let console = over.get("platform").cloned().unwrap_or(json!({}));
        world.control("PATCH", &format!("/_sim/platforms/{PLATFORM}"), &console);
        let switches = over.get("switches").cloned().unwrap_or(json!({}));
        world.control("PATCH", "/_sim/switches", &switches);
        world.control("DELETE", "/_sim/faults", &json!({}));
        if *how == FAULT {
            world.fault(json!({"endpoint": path, "kind": "errcode", "code": code}));
        }
        let answer = world.raw("POST", path, &token, body).json();
        assert_eq!(answer["errcode"], *code, "{path} {how}");
        let errmsg = answer["errmsg"].as_str().unwrap();
        let known = !errmsg.starts_with("system error") || NO_WORDS.contains(code);
        assert!(known, "{code} has words of its own: {errmsg}");
    }
}
