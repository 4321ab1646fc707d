//! Names that are resolved ahead and data that is fetched ahead.

use serde_json::{Value, json};

use super::state_has;
use crate::simulator::miniprogram::Mini;
use crate::simulator::world::MINI;

const NAMES: &str = "/wxa/get_prefetchdnsdomain";
const SET_NAMES: &str = "/wxa/set_prefetchdnsdomain";
const DATA: &str = "/wxa/fetchdatasetting";

fn names(urls: &[&str]) -> Value {
    let items: Vec<Value> = urls.iter().map(|url| json!({"url": url})).collect();
    json!({"prefetch_dns_domain": items})
}

#[test]
fn names_are_replaced_whole() {
    let mini = Mini::start();
    assert_eq!(
        mini.get(NAMES),
        json!({"errcode": 0, "errmsg": "ok", "prefetch_dns_domain": [], "size_limit": 5})
    );
    assert_eq!(
        mini.code(SET_NAMES, &names(&["d1.com", "d2.com", "d1.com"])),
        0
    );
    assert_eq!(
        mini.get(NAMES)["prefetch_dns_domain"],
        json!([{"url": "d1.com", "status": 0}, {"url": "d2.com", "status": 0}])
    );
    assert_eq!(mini.code(SET_NAMES, &names(&["d3.com"])), 0);
    assert_eq!(
        mini.get(NAMES)["prefetch_dns_domain"],
        json!([{"url": "d3.com", "status": 0}])
    );
    assert_eq!(mini.code(SET_NAMES, &names(&[])), 0);
    assert_eq!(mini.get(NAMES)["prefetch_dns_domain"], json!([]));
}

#[test]
fn names_that_cannot_be_set() {
    let mini = Mini::start();
    state_has(&mini, json!({"unfiledHosts": ["unfiled.com"]}));
    let set = |urls: &[&str]| mini.code(SET_NAMES, &names(urls));
    for strange in [
        "https://d1.com",
        "d1.com/x",
        "10.0.0.1",
        "a.unfiled.com",
        "d1",
        "d1.com:80",
    ] {
        assert_eq!(set(&[strange]), 9_420_001, "{strange}");
    }
    assert_eq!(
        set(&["a.cn", "b.cn", "c.cn", "d.cn", "e.cn", "f.cn"]),
        9_420_002
    );
    mini.change(json!({"miniProgram": {"domains": {"dnsPrefetchLimit": 1}}}));
    assert_eq!(mini.get(NAMES)["size_limit"], 1);
    assert_eq!(set(&["a.cn", "b.cn"]), 9_420_002);
    assert_eq!(mini.code(SET_NAMES, &json!({})), 47001);
    assert_eq!(
        mini.code(SET_NAMES, &json!({"prefetch_dns_domain": ["a.cn"]})),
        47001
    );
}

#[test]
fn fifty_changes_of_names_a_month() {
    let mut mini = Mini::start();
    mini.at("2031-11-30T23:00:00+08:00");
    let counter = json!({"account": MINI, "path": SET_NAMES, "period": "2031-11", "used": 49});
    state_has(&mini, json!({"counters": [counter]}));
    assert_eq!(mini.code(SET_NAMES, &names(&["a.cn"])), 0);
    assert_eq!(mini.code(SET_NAMES, &names(&["b.cn"])), 9_420_000);
    mini.at("2031-12-01T00:01:00+08:00");
    assert_eq!(mini.code(SET_NAMES, &names(&["b.cn"])), 0);
}

#[test]
fn data_comes_from_a_server_or_a_cloud_function() {
    let mini = Mini::start();
    let off = json!({
        "errcode": 0, "errmsg": "ok", "is_pre_fetch_open": false, "pre_fetch_type": 0, "pre_fetch_url": "",
        "pre_env": "", "pre_function_name": "", "is_period_fetch_open": false, "period_fetch_type": 0,
        "period_fetch_url": "", "period_env": "", "period_function_name": "",
    });
    let got = || mini.post(DATA, &json!({"action": "get"}));
    assert_eq!(got(), off);
    let pre = json!({
        "action": "set_pre_fetch", "is_pre_fetch_open": true, "pre_fetch_type": 0,
        "pre_fetch_url": "https://api.example.com/prefetch?x=1",
    });
    assert_eq!(mini.code(DATA, &pre), 0);
    let period = json!({
        "action": "set_period_fetch", "is_period_fetch_open": true, "period_fetch_type": 1, "period_env": "env",
        "period_function_name": "daily",
    });
    assert_eq!(mini.code(DATA, &period), 0);
    let both = got();
    assert_eq!(
        both["pre_fetch_url"],
        "https://api.example.com/prefetch?x=1"
    );
    assert_eq!(
        (&both["is_period_fetch_open"], &both["period_fetch_type"]),
        (&json!(true), &json!(1))
    );
    assert_eq!(both["period_function_name"], "daily");
    for prefix in ["pre", "period"] {
        let mut close = json!({"action": format!("set_{prefix}_fetch")});
        close[format!("is_{prefix}_fetch_open")] = json!(false);
        assert_eq!(mini.code(DATA, &close), 0);
    }
    assert_eq!(got(), off);
}

#[test]
fn data_settings_that_cannot_be_set() {
    let mini = Mini::start();
    state_has(&mini, json!({"unfiledHosts": ["unfiled.com"]}));
    let set = |url: &str| {
        let body =
            json!({"action": "set_pre_fetch", "is_pre_fetch_open": true, "pre_fetch_url": url});
        mini.code(DATA, &body)
    };
    for strange in [
        "",
        "http://api.example.com/",
        "https://10.0.0.1/",
        "https://a.unfiled.com/",
    ] {
        assert_eq!(set(strange), 9_410_016, "{strange}");
    }
    assert_eq!(mini.code(DATA, &json!({"action": "set"})), 9_410_013);
    assert_eq!(mini.code(DATA, &json!({})), 9_410_013);
    assert_eq!(mini.code(DATA, &json!({"action": "set_pre_fetch"})), 47001);
    let function =
        json!({"action": "set_pre_fetch", "is_pre_fetch_open": true, "pre_fetch_type": 1});
    assert_eq!(mini.code(DATA, &function), 40097);
}
