//! Answers that are not what the pages show, each on order: damaged texts, fields gone, half an answer.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};
use wxops::simulator::State;

use super::world::{MINI, OFFICIAL, OTHER, PLATFORM, World, text};

const MENU: &str = "/cgi-bin/menu/get";
const INFO: &str = "/cgi-bin/component/api_get_authorizer_info";
const LIST: &str = "/cgi-bin/component/api_get_authorizer_list";
const OPEN: &str = "/cgi-bin/open/get";

/// A world whose official account has a menu, and its token.
fn with_menu() -> (World, String) {
    let world = World::start();
    let token = world.token(OFFICIAL);
    let menu = json!({"button": [{"type": "click", "name": "今日", "key": "K"}, {"type": "click", "name": "明日", "key": "L"}]});
    world.post("/cgi-bin/menu/create", &token, &menu);
    (world, token)
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn last_fault(world: &World) -> Value {
    world.calls("?last=1")["last"][0]["fault"].clone()
}

#[test]
fn texts_are_damaged_as_the_field_has_seen_it() {
    let (world, token) = with_menu();
    for (kind, part) in [
        ("rawControl", &b"\xe4\xbb\x8a\x0b\xe6\x97\xa5"[..]),
        ("brokenUtf8", b"\xe4\xbb\x8a\xe5\x8f\xe6\x97\xa5"),
        ("halfSurrogate", b"\xe4\xbb\x8a\\ud83d\xe6\x97\xa5"),
        ("bomInText", b"\xe4\xbb\x8a\xef\xbb\xbf\xe6\x97\xa5"),
    ] {
        world.fault(json!({"endpoint": MENU, "kind": kind, "count": 1}));
        let odd = world.raw("GET", MENU, &token, "");
        assert!(holds(&odd.bytes, part), "{kind}: {}", odd.body);
        assert_eq!(
            odd.header("content-length"),
            Some(odd.bytes.len().to_string().as_str())
        );
        assert_eq!(last_fault(&world), kind);
        let plain = world.raw("GET", MENU, &token, "");
        assert!(plain.json()["menu"].is_object(), "once only");
    }
    world.fault(
        json!({"endpoint": MENU, "kind": "rawControl", "at": "/menu/button/1/key", "count": 1}),
    );
    assert!(holds(
        &world.raw("GET", MENU, &token, "").bytes,
        b"\"L\x0b\""
    ));
}

#[test]
fn a_name_is_damaged_for_one_account_alone() {
    let world = World::start();
    let cat = world.component_token();
    for account in [OFFICIAL, OTHER] {
        world.authorized(&cat, account, None);
    }
    world.fault(json!({"endpoint": INFO, "kind": "brokenUtf8", "at": "/authorizer_info/*", "account": OFFICIAL}));
    let info = |account: &str| {
        let body = json!({"component_appid": PLATFORM, "authorizer_appid": account});
        world.raw("POST", INFO, &cat, body.to_string()).bytes
    };
    assert!(String::from_utf8(info(OFFICIAL)).is_err());
    assert!(String::from_utf8(info(OTHER)).is_ok());
}

#[test]
fn fields_are_gone_null_or_something_else() {
    let world = World::start();
    let cat = world.component_token();
    world.authorized(&cat, OFFICIAL, None);
    let body = json!({"component_appid": PLATFORM, "authorizer_appid": OFFICIAL});
    let func_info = || {
        let info = world.post(INFO, &cat, &body)["authorization_info"].clone();
        info.get("func_info").cloned()
    };
    let at = "/authorization_info/func_info";
    world.fault(json!([
        {"endpoint": INFO, "kind": "fieldGone", "at": at, "count": 1},
        {"endpoint": INFO, "kind": "fieldNull", "at": at, "count": 2},
        {"endpoint": INFO, "kind": "fieldValue", "at": at, "value": {"x": [1]}, "count": 3},
    ]));
    // They follow one another: the last word counts, and what changes nothing is not used up.
    assert_eq!(func_info(), Some(json!({"x": [1]})));
    let left = world.control("GET", "/_sim/faults", &json!({}));
    assert_eq!(left.as_array().unwrap().len(), 2);
    assert_eq!(left[0]["count"], 1);
    world.control("DELETE", "/_sim/faults", &json!({}));
    world.fault(json!({"endpoint": INFO, "kind": "fieldGone", "at": at}));
    assert_eq!(func_info(), None);
    world.control("DELETE", "/_sim/faults", &json!({}));
    world.fault(json!({"endpoint": INFO, "kind": "fieldNull", "at": at}));
    assert_eq!(func_info(), Some(Value::Null));
}

#[test]
fn a_place_that_is_not_there_uses_nothing_up() {
    let (world, token) = with_menu();
    world.fault(json!({"endpoint": "*", "kind": "fieldGone", "at": "/menu/button/-", "count": 1}));
    assert_eq!(world.post(OPEN, &token, &json!({}))["errcode"], 89002);
    assert_eq!(last_fault(&world), Value::Null);
    let buttons = || {
        world.get(MENU, &token)["menu"]["button"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!((buttons(), buttons()), (1, 2));
}

#[test]
fn a_success_comes_without_what_was_asked_for() {
    let (world, token) = with_menu();
    world.fault(json!({"endpoint": "*", "kind": "noPayload", "count": 1}));
    assert_eq!(
        world.post(OPEN, &token, &json!({}))["errcode"],
        89002,
        "a refusal has none to lose"
    );
    assert_eq!(
        world.get(MENU, &token),
        json!({"errcode": 0, "errmsg": "ok"})
    );
    assert!(world.get(MENU, &token)["menu"].is_object());
}

#[test]
fn an_answer_is_cut_short_or_cut_off() {
    let (world, token) = with_menu();
    let whole = world.raw("GET", MENU, &token, "").bytes;
    world.fault(json!({"endpoint": MENU, "kind": "cutShort", "count": 1}));
    let half = world.raw("GET", MENU, &token, "").bytes;
    assert_eq!(half, whole[..whole.len() / 2]);

    world.fault(json!({"endpoint": MENU, "kind": "cutOnTheWire", "count": 1}));
    let mut stream = TcpStream::connect(world.wechat).unwrap();
    let request = format!("GET {MENU}?access_token={token} HTTP/1.1\r\nHost: x\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut got = Vec::new();
    // Whether the end is a reset or merely an end is the system's.
    let _ = stream.read_to_end(&mut got);
    let announced = format!("content-length: {}\r\n", whole.len());
    assert!(
        holds(&got, announced.as_bytes()),
        "{}",
        String::from_utf8_lossy(&got)
    );
    assert!(!holds(&got, &whole));

    world.fault(json!({"endpoint": MENU, "kind": "fieldGone", "at": "", "count": 1}));
    let empty = world.raw("GET", MENU, &token, "");
    assert_eq!((empty.status, empty.bytes.len()), (200, 0));
    world.fault(json!({"endpoint": MENU, "kind": "bomBefore", "count": 1}));
    let with_mark = world.raw("GET", MENU, &token, "").bytes;
    assert_eq!(with_mark, [&b"\xef\xbb\xbf"[..], &whole].concat());
}

#[test]
fn html_comes_with_200_and_nothing_done() {
    let (world, token) = with_menu();
    world.fault(
        json!({"endpoint": "/cgi-bin/menu/delete", "kind": "notJsonBeforeEffect", "count": 1}),
    );
    let html = world.raw("GET", "/cgi-bin/menu/delete", &token, "");
    assert_eq!(html.status, 200);
    assert!(html.body.starts_with("<html>"));
    assert!(world.get(MENU, &token)["menu"].is_object());
}

#[test]
fn the_errcode_is_text_or_has_a_fraction() {
    let (world, token) = with_menu();
    world.fault(json!({"endpoint": MENU, "kind": "errcodeAsText", "count": 1}));
    assert_eq!(world.get(MENU, &token)["errcode"], "0");
    world.fault(json!([
        {"endpoint": MENU, "kind": "errcode", "code": -1, "count": 2},
        {"endpoint": MENU, "kind": "errcodeAsText", "count": 1},
    ]));
    assert_eq!(world.get(MENU, &token)["errcode"], "-1");
    assert_eq!(world.get(MENU, &token)["errcode"], -1);
    world.fault(json!({"endpoint": OPEN, "kind": "errcodeAsFloat"}));
    let refused = world.raw("POST", OPEN, &token, "{}");
    assert!(
        refused.body.contains("\"errcode\":89002.0"),
        "{}",
        refused.body
    );
}

#[test]
fn appids_come_in_capitals() {
    let world = World::start();
    let cat = world.component_token();
    world.authorized(&cat, MINI, None);
    let body = json!({"component_appid": PLATFORM, "offset": 0, "count": 10});
    let listed = || text(&world.post(LIST, &cat, &body)["list"][0]["authorizer_appid"]);
    world.fault(json!({"endpoint": LIST, "kind": "capitalAppids", "count": 1}));
    assert_eq!(listed(), MINI.to_uppercase());
    assert_eq!(listed(), MINI);
}

#[test]
fn the_platforms_token_is_refused_with_wechats_words() {
    let world = World::start();
    let path = "/cgi-bin/component/api_component_token";
    for code in [61004, 40125, 61006, 45009, -1] {
        world.fault(json!({"endpoint": path, "kind": "errcode", "code": code, "count": 1}));
        let refused = world.post(path, "", &json!({"component_appid": PLATFORM}));
        assert_eq!(refused["errcode"], code);
        let words = text(&refused["errmsg"]);
        assert_eq!(
            words.contains(" requestIP: 127.0.0.1 rid: "),
            code == 61004,
            "{words}"
        );
    }
    let words = "access clientip is not registered requestIP: 203.0.113.7";
    world.fault(json!({"endpoint": path, "kind": "errcode", "code": 61004, "errmsg": words}));
    let refused = text(&world.post(path, "", &json!({}))["errmsg"]);
    assert!(refused.starts_with(&format!("{words} rid: ")), "{refused}");
    let body = json!({"ipAllowList": ["192.0.2.1"]});
    world.control("DELETE", "/_sim/faults", &json!({}));
    world.control("PATCH", &format!("/_sim/platforms/{PLATFORM}"), &body);
    let refused = world.post(path, "", &json!({"component_appid": PLATFORM}));
    assert!(
        text(&refused["errmsg"]).contains("requestIP: 127.0.0.1"),
        "{refused}"
    );
}

#[test]
fn a_state_file_brings_its_faults_along() {
    let yaml = "faults: [{endpoint: /cgi-bin/menu/get, kind: errcode, code: 45011, count: 1}]";
    let world = World::of(State::from_yaml(yaml).unwrap());
    let in_force = || world.control("GET", "/_sim/faults", &json!({}));
    assert_eq!(in_force()[0]["code"], 45011);
    let state = world.control("GET", "/_sim/state", &json!({}));
    world.control("PUT", "/_sim/state", &state);
    assert_eq!(
        in_force().as_array().unwrap().len(),
        1,
        "a state without faults leaves them"
    );
    let mut other = state;
    other["faults"] = json!([{"endpoint": "*", "kind": "cutShort"}]);
    world.control("PUT", "/_sim/state", &other);
    assert_eq!(in_force()[0]["kind"], "cutShort");
    other["faults"] = json!([{"endpoint": "*", "kind": "fieldGone"}]);
    assert_eq!(world.refused("PUT", "/_sim/state", &other), 400);
    assert_eq!(in_force()[0]["kind"], "cutShort");
}

#[test]
fn orders_that_make_no_sense_are_refused_whole() {
    let world = World::start();
    for order in [
        json!({"endpoint": "*", "kind": "fieldGone"}),
        json!({"endpoint": "*", "kind": "fieldGone", "at": "menu"}),
        json!({"endpoint": "*", "kind": "fieldValue", "at": "/menu"}),
        json!({"endpoint": "*", "kind": "cutShort", "at": "/menu"}),
        json!({"endpoint": "*", "kind": "keptOtherwise"}),
        json!({"endpoint": "*", "kind": "keptOtherwise", "how": "shouting"}),
        json!({"endpoint": "*", "kind": "resetBefore", "seconds": 5}),
        json!({"endpoint": "*", "kind": "noPayload", "errmsg": "x"}),
        json!({"endpoint": "/cgi-bin/menu/create", "kind": "saysAbsent"}),
        json!([{"endpoint": "*", "kind": "cutShort"}, {"endpoint": "*", "kind": "fieldNull"}]),
        json!("cutShort"),
        json!(null),
    ] {
        assert_eq!(
            world.refused("POST", "/_sim/faults", &order),
            400,
            "{order}"
        );
    }
    assert_eq!(world.control("GET", "/_sim/faults", &json!({})), json!([]));
    let many = vec![json!({"endpoint": "/x", "kind": "cutShort"}); 10_001];
    assert_eq!(world.refused("POST", "/_sim/faults", &json!(many)), 400);
}
