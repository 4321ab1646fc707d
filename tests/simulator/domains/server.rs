//! Server domains of an app, both ways.

use serde_json::{Value, json};

use super::{EFFECTIVE, WAY_ONE, WAY_TWO, platform_has, state_has};
use crate::simulator::miniprogram::Mini;
use crate::simulator::world::{MINI, OTHER_MINI};

const PLAIN: [&str; 6] = [
    "requestdomain",
    "wsrequestdomain",
    "uploaddomain",
    "downloaddomain",
    "udpdomain",
    "tcpdomain",
];

fn ready() -> Mini {
    let mini = Mini::start();
    let hosts = json!(["api.example.com", "ws.example.com", "up.example.com:8443"]);
    platform_has(&mini, hosts, json!([]));
    mini
}

fn got(mini: &Mini, path: &str) -> Value {
    mini.post(path, &json!({"action": "get"}))
}

#[test]
fn what_the_platform_has_can_be_added_class_by_class() {
    let mini = ready();
    let added = mini.post(
        WAY_ONE,
        &json!({
            "action": "add", "requestdomain": ["https://api.example.com"],
            "wsrequestdomain": ["wss://ws.example.com"], "uploaddomain": ["https://up.example.com:8443"],
            "downloaddomain": ["https://api.example.com:444"], "udpdomain": ["udp://api.example.com"],
            "tcpdomain": ["tcp://api.example.com"],
        }),
    );
    assert_eq!(
        added,
        json!({
            "errcode": 0, "errmsg": "ok", "requestdomain": ["https://api.example.com"],
            "wsrequestdomain": ["wss://ws.example.com"], "uploaddomain": ["https://up.example.com:8443"],
            "downloaddomain": ["https://api.example.com:444"], "udpdomain": ["udp://api.example.com"],
            "tcpdomain": ["tcp://api.example.com"],
            "invalid_requestdomain": [], "invalid_wsrequestdomain": [], "invalid_uploaddomain": [],
            "invalid_downloaddomain": [], "invalid_udpdomain": [], "invalid_tcpdomain": [], "no_icp_domain": [],
        })
    );
    let shown = got(&mini, WAY_ONE);
    for class in PLAIN {
        assert_eq!(shown[class], added[class]);
    }
    assert_eq!(
        shown.as_object().unwrap().len(),
        8,
        "no lists of what is invalid"
    );
    let effective = mini.post(EFFECTIVE, &json!({}));
    assert_eq!(
        effective["third_domain"]["requestdomain"],
        json!(["https://api.example.com"])
    );
    assert_eq!(
        effective["effective_domain"]["requestdomain"],
        json!([]),
        "not before a release"
    );
    assert_eq!(
        got(&mini, WAY_TWO)["requestdomain"],
        json!([]),
        "stores of their own"
    );
    let deleted = mini.post(
        WAY_ONE,
        &json!({"action": "delete", "requestdomain": ["https://api.example.com", "https://b.example.com"]}),
    );
    assert_eq!(deleted["requestdomain"], json!([]));
    assert_eq!(deleted["tcpdomain"], json!(["tcp://api.example.com"]));
}

#[test]
fn what_cannot_be_taken_is_listed_and_the_rest_is_taken() {
    let mini = ready();
    state_has(
        &mini,
        json!({"unfiledHosts": ["unfiled.com"], "forbiddenHosts": ["banned.com"]}),
    );
    let bad = json!([
        "https://api.example.com",
        "http://ws.example.com",
        "api.example.com",
        "https://10.0.0.1",
        "https://api.weixin.qq.com",
        "https://api.example.com/path",
        "https://deep.banned.com",
        "https://api.unfiled.com",
        "https://other.example.com",
        "https://api.example.com:0",
        "https://localhost",
    ]);
    let added = mini.post(WAY_ONE, &json!({"action": "add", "requestdomain": bad}));
    assert_eq!(added["errcode"], 0, "{added}");
    assert_eq!(added["requestdomain"], json!(["https://api.example.com"]));
    assert_eq!(added["no_icp_domain"], json!(["https://api.unfiled.com"]));
    let invalid = added["invalid_requestdomain"].as_array().unwrap();
    assert_eq!(invalid.len(), 9, "{invalid:?}");
}

#[test]
fn when_nothing_is_left_the_reason_is_a_code() {
    let mini = ready();
    state_has(&mini, json!({"unfiledHosts": ["unfiled.com"]}));
    let add =
        |domains: Value| mini.code(WAY_ONE, &json!({"action": "add", "requestdomain": domains}));
    assert_eq!(add(json!([])), 85017);
    assert_eq!(mini.code(WAY_ONE, &json!({"action": "add"})), 85017);
    assert_eq!(add(json!(["https://other.example.com"])), 85017);
    mini.switch("unregisteredDomain", json!(85018));
    assert_eq!(add(json!(["https://other.example.com"])), 85018);
    assert_eq!(add(json!(["https://10.0.0.1"])), 85301);
    assert_eq!(add(json!(["https://a.unfiled.com"])), 85302);
    assert_eq!(
        add(json!(["https://a.unfiled.com", "ftp://x.example.com"])),
        85303
    );
    assert_eq!(add(json!(["https://api.example.com"])), 0);
    assert_eq!(
        add(json!(["https://api.example.com"])),
        85017,
        "nothing new"
    );
    for action in ["set", "delete"] {
        assert_eq!(
            mini.code(WAY_ONE, &json!({"action": action})),
            85017,
            "{action}"
        );
    }
    for strange in [json!("swap"), Value::Null, json!(1)] {
        assert_eq!(mini.code(WAY_ONE, &json!({"action": strange})), 85022);
        assert_eq!(mini.code(WAY_TWO, &json!({"action": strange})), 85022);
    }
    for strange in [json!("https://api.example.com"), json!([1]), json!({})] {
        assert_eq!(add(strange), 47001);
    }
}

#[test]
fn what_is_deleted_but_not_there() {
    let mini = ready();
    let body = json!({"action": "delete", "requestdomain": ["https://api.example.com"]});
    assert_eq!(mini.code(WAY_ONE, &body), 85017);
    mini.switch("unknownDomainDeleted", json!(0));
    assert_eq!(mini.code(WAY_ONE, &body), 0);
    assert_eq!(mini.code(WAY_TWO, &body), 0, "the direct way never minds");
}

#[test]
fn set_overwrites_and_a_switch_says_what_of_classes_left_out() {
    for (clears, left) in [(true, json!([])), (false, json!(["wss://ws.example.com"]))] {
        let mini = ready();
        mini.switch("setClearsOmittedDomains", json!(clears));
        for path in [WAY_ONE, WAY_TWO] {
            let all = json!({
                "action": "set", "requestdomain": ["https://api.example.com", "https://api.example.com"],
                "wsrequestdomain": ["wss://ws.example.com"],
            });
            let set = mini.post(path, &all);
            assert_eq!(
                set["requestdomain"],
                json!(["https://api.example.com"]),
                "once"
            );
            assert_eq!(mini.code(path, &all), 0, "the same again is taken");
            let one = json!({"action": "set", "requestdomain": ["https://ws.example.com"]});
            let set = mini.post(path, &one);
            assert_eq!(set["requestdomain"], json!(["https://ws.example.com"]));
            assert_eq!(set["wsrequestdomain"], left, "{path}");
        }
    }
}

#[test]
fn spellings_are_folded_or_not() {
    for (folds, kept) in [
        (true, json!(["https://api.example.com"])),
        (
            false,
            json!(["HTTPS://Api.Example.com", "https://api.example.com"]),
        ),
    ] {
        let mini = ready();
        mini.switch("domainsFoldCase", json!(folds));
        for path in [WAY_ONE, WAY_TWO] {
            let both = json!(["HTTPS://Api.Example.com", "https://api.example.com"]);
            let added = mini.post(path, &json!({"action": "add", "requestdomain": both}));
            assert_eq!(added["requestdomain"], kept, "{path}");
        }
    }
}

#[test]
fn fifty_changes_a_month() {
    let mut mini = ready();
    mini.at("2031-11-30T23:00:00+08:00");
    let spent = |path: &str, used: u64| json!({"account": MINI, "path": path, "period": "2031-11", "used": used});
    let counters = json!({"counters": [spent(WAY_ONE, 49), spent(WAY_TWO, 50)]});
    state_has(&mini, counters);
    let add = |mini: &Mini, path: &str, host: &str| {
        mini.code(
            path,
            &json!({"action": "add", "requestdomain": [format!("https://{host}")]}),
        )
    };
    assert_eq!(
        add(&mini, WAY_ONE, "nowhere.example.com"),
        85017,
        "is not counted"
    );
    assert_eq!(add(&mini, WAY_ONE, "api.example.com"), 0);
    assert_eq!(add(&mini, WAY_ONE, "ws.example.com"), 86102);
    mini.switch("domainChangesUsedUp", json!(45009));
    assert_eq!(add(&mini, WAY_ONE, "ws.example.com"), 45009);
    assert_eq!(add(&mini, WAY_TWO, "api.example.com"), 86102);
    assert_eq!(got(&mini, WAY_TWO)["errcode"], 0, "reading goes on");
    mini.switch("domainGetCounts", json!(true));
    assert_eq!(got(&mini, WAY_TWO)["errcode"], 86102);
    mini.at("2031-12-01T00:01:00+08:00");
    for _ in 0..50 {
        assert_eq!(got(&mini, WAY_TWO)["errcode"], 0);
    }
    assert_eq!(got(&mini, WAY_TWO)["errcode"], 86102);
    mini.switch("domainGetCounts", json!(false));
    assert_eq!(got(&mini, WAY_TWO)["errcode"], 0);
}

#[test]
fn two_hundred_of_a_class() {
    let mini = ready();
    let many = |from: usize, to: usize| -> Vec<String> {
        (from..to)
            .map(|port| format!("https://api.example.com:{port}"))
            .collect()
    };
    let body = |domains: Vec<String>| json!({"action": "add", "requestdomain": domains});
    assert_eq!(mini.code(WAY_ONE, &body(many(1, 202))), 85016);
    assert_eq!(mini.code(WAY_ONE, &body(many(1, 201))), 0);
    assert_eq!(mini.code(WAY_ONE, &body(many(201, 202))), 85016);
    assert_eq!(mini.code(WAY_TWO, &body(many(1, 202))), 85016);
}

#[test]
fn the_direct_way_takes_all_or_nothing() {
    let mini = Mini::start();
    state_has(&mini, json!({"unfiledHosts": ["unfiled.com"]}));
    let add =
        |domains: Value| mini.code(WAY_TWO, &json!({"action": "add", "requestdomain": domains}));
    assert_eq!(
        add(json!(["https://a.example.com", "http://b.example.com"])),
        86100
    );
    assert_eq!(add(json!(["https://10.0.0.1"])), 86100);
    assert_eq!(add(json!(["https://api.weixin.qq.com"])), 86101);
    assert_eq!(add(json!(["https://unfiled.com"])), 45082);
    assert_eq!(got(&mini, WAY_TWO)["requestdomain"], json!([]));
    let added = mini.post(
        WAY_TWO,
        &json!({"action": "add", "requestdomain": ["https://a.example.com"]}),
    );
    assert_eq!(
        added,
        json!({
            "errcode": 0, "errmsg": "ok", "requestdomain": ["https://a.example.com"], "wsrequestdomain": [],
            "uploaddomain": [], "downloaddomain": [], "udpdomain": [], "tcpdomain": [],
        })
    );
    assert_eq!(got(&mini, WAY_ONE)["requestdomain"], json!([]));
}

#[test]
fn one_domain_serves_so_many_entities() {
    let mini = Mini::start();
    mini.switch("principalsOfADomain", json!(1));
    let body = json!({"action": "add", "requestdomain": ["https://a.example.com"]});
    let stores = json!({"miniProgram": {"domains": {"server": {"direct": {"requestdomain": ["https://a.example.com"]}}}}});
    mini.world.change(OTHER_MINI, &stores);
    assert_eq!(mini.code(WAY_TWO, &body), 85301);
    mini.world
        .change(OTHER_MINI, &json!({"principalName": "日出舞蹈有限公司"}));
    assert_eq!(mini.code(WAY_TWO, &body), 0, "its own entity's app");
}

#[test]
fn answers_to_get_may_lack_the_domains() {
    let mini = ready();
    mini.switch("domainGetOmitsHosts", json!(true));
    for path in [WAY_ONE, WAY_TWO, super::WEBVIEW, super::WEBVIEW_DIRECT] {
        assert_eq!(
            got(&mini, path),
            json!({"errcode": 0, "errmsg": "ok"}),
            "{path}"
        );
    }
    let body = json!({"action": "add", "requestdomain": ["https://api.example.com"]});
    assert_eq!(
        mini.post(WAY_ONE, &body)["requestdomain"],
        body["requestdomain"]
    );
}

#[test]
fn what_only_the_testing_list_has() {
    let mini = ready();
    let console = json!({"domains": {"server": {"testing": ["new.example.com"]}}});
    mini.world
        .control("PATCH", "/_sim/platforms/wx00000000000000aa", &console);
    let body = json!({"action": "add", "requestdomain": ["https://new.example.com"]});
    mini.switch("testingDomainsSuffice", json!(false));
    assert_eq!(mini.code(WAY_ONE, &body), 85017);
    mini.switch("testingDomainsSuffice", json!(true));
    assert_eq!(mini.code(WAY_ONE, &body), 0);
}

#[test]
fn a_read_is_told_from_a_write_by_its_action() {
    let mini = ready();
    let body = json!({"action": "add", "requestdomain": ["https://api.example.com"]});
    assert_eq!(mini.code(WAY_ONE, &body), 0);
    mini.world
        .fault(json!({"endpoint": WAY_ONE, "kind": "staleRead", "count": 1}));
    mini.world
        .fault(json!({"endpoint": WAY_ONE, "kind": "noEffect", "count": 1}));
    let more = json!({"action": "add", "requestdomain": ["https://ws.example.com"]});
    assert_eq!(mini.post(WAY_ONE, &more)["errcode"], 0);
    assert_eq!(got(&mini, WAY_ONE)["requestdomain"], json!([]), "stale");
    assert_eq!(
        got(&mini, WAY_ONE)["requestdomain"],
        body["requestdomain"],
        "without effect"
    );
    let calls = mini.world.calls(&format!("?endpoint={WAY_ONE}&last=0"));
    let counted = &calls["endpoints"][WAY_ONE];
    assert_eq!(
        *counted,
        json!({"received": 4, "refused": 0, "withEffect": 1})
    );
}
