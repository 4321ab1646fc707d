//! Every API against every way of not being let in, with the code WeChat's documents give for it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::rows::{Row, Takes, rows};
use super::world::{MINI, OFFICIAL, OTHER, OTHER_MINI, PLATFORM, World, text};

/// A world in which everything but the thing under test is in order.
struct Ready {
    world: World,
    component: String,
    account: String,
    mini: String,
    other_account: String,
    other_mini: String,
    other_component: String,
}

fn ready(sets: Option<&[u32]>) -> Ready {
    ready_with(sets, sets)
}

/// The official account grants the one, the mini-program the other.
fn ready_with(sets: Option<&[u32]>, mini_sets: Option<&[u32]>) -> Ready {
    let world = World::start();
    let component = world.component_token();
    let account = text(&world.authorized(&component, OFFICIAL, sets)["authorizer_access_token"]);
    let mini = text(&world.authorized(&component, MINI, mini_sets)["authorizer_access_token"]);
    let other_account = text(&world.authorized(&component, OTHER, None)["authorizer_access_token"]);
    let other_mini =
        text(&world.authorized(&component, OTHER_MINI, None)["authorizer_access_token"]);
    let other_component = world.component_token_of("wx00000000000000bb", "second-secret");
    let menu =
        json!({"menu": {"default": {"button": [{"type": "click", "name": "今日", "key": "K"}]}}});
    world.control("PATCH", &format!("/_sim/accounts/{OFFICIAL}"), &menu);
    Ready {
        world,
        component,
        account,
        mini,
        other_account,
        other_mini,
        other_component,
    }
}

impl Ready {
    fn ask(&self, row: &Row, token: &str) -> i64 {
        self.ask_with(row, token, &row.body.to_string())
    }

    fn ask_with(&self, row: &Row, token: &str, body: &str) -> i64 {
        let body = if row.method == "GET" { "" } else { body };
        let reply = self.world.raw(row.method, row.path, token, body);
        assert_eq!(reply.status, 200, "{}", row.path);
        let kind = reply.header("content-type").unwrap();
        assert_eq!(kind, "application/json; encoding=utf-8", "{}", row.path);
        let answer = reply.json();
        let code = answer
            .get("errcode")
            .map_or(0, |code| code.as_i64().unwrap());
        if code != 0 {
            let errmsg = text(&answer["errmsg"]);
            let rid = errmsg.split_once(" rid: ").expect("a rid").1;
            let parts: Vec<usize> = rid.split('-').map(str::len).collect();
            assert_eq!(parts, [8, 8, 8], "{errmsg}");
            assert!(
                rid.bytes()
                    .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
            );
        }
        code
    }

    fn right_token(&self, row: &Row) -> &str {
        match row.takes {
            Takes::Secret => "",
            Takes::Component => &self.component,
            Takes::Account | Takes::Either if row.of == MINI => &self.mini,
            Takes::Account | Takes::Either => &self.account,
        }
    }
}

#[test]
fn every_api_is_in_the_table() {
    let world = World::start();
    let served = world.control("GET", "/_sim/endpoints", &json!({}));
    let served: BTreeSet<(String, String)> = served
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (text(&row["method"]), text(&row["path"])))
        .collect();
    let tested = rows()
        .iter()
        .map(|row| (row.method.to_owned(), row.path.to_owned()))
        .collect();
    assert_eq!(served, tested);
}

#[test]
fn without_a_token_nobody_is_let_in() {
    let ready = ready(None);
    for row in rows() {
        let expected = if row.takes == Takes::Secret {
            40125
        } else {
            41001
        };
        assert_eq!(ready.ask(&row, ""), expected, "{}", row.path);
    }
}

#[test]
fn a_token_dies_after_two_hours() {
    let ready = ready(None);
    ready.world.advance(7100);
    for row in rows().iter().filter(|row| row.takes != Takes::Secret) {
        assert_ne!(
            ready.ask(row, ready.right_token(row)),
            42001,
            "{}",
            row.path
        );
    }
    ready.world.advance(200);
    for row in rows().iter().filter(|row| row.takes != Takes::Secret) {
        assert_eq!(
            ready.ask(row, ready.right_token(row)),
            42001,
            "{}",
            row.path
        );
    }
}

#[test]
fn made_up_tokens_are_malformed_or_unknown() {
    let ready = ready(None);
    for row in rows().iter().filter(|row| row.takes != Takes::Secret) {
        assert_eq!(ready.ask(row, "nonsense"), 40014, "{}", row.path);
        let unknown = format!("62_{}", "A".repeat(96));
        assert_eq!(ready.ask(row, &unknown), 40001, "{}", row.path);
    }
}

#[test]
fn the_other_kind_of_token_is_refused() {
    let ready = ready(None);
    for row in rows() {
        match row.takes {
            Takes::Component => {
                assert_eq!(ready.ask(&row, &ready.account), 61014, "{}", row.path);
            }
            Takes::Account => assert_eq!(ready.ask(&row, &ready.component), 61015, "{}", row.path),
            Takes::Secret | Takes::Either => {}
        }
    }
}

#[test]
fn another_tenants_token_never_reaches_this_tenant() {
    for row in rows() {
        let ready = ready(None);
        let before = ready.world.account(row.of);
        let token = match row.takes {
            Takes::Component => &ready.other_component,
            _ if row.of == MINI => &ready.other_mini,
            Takes::Account | Takes::Either | Takes::Secret => &ready.other_account,
        };
        assert_eq!(ready.ask(&row, token), row.stranger, "{}", row.path);
        assert_eq!(ready.world.account(row.of), before, "{}", row.path);
    }
}

#[test]
fn a_permission_set_that_is_missing_is_named_as_such() {
    let only_mini = [17, 18, 19, 20, 21, 25, 30, 31, 36, 40];
    let only_official = [24, 27, 33, 35];
    let unknown = [28, 29, 32, 38, 39, 42, 43, 50, 53, 55, 56, 58, 59];
    for row in rows().iter().filter(|row| row.set != 0) {
        // Some are opened by several: get_current_selfmenu_info by 1, 3 and 15, open/have by 3 or 30.
        let opening = [row.set, 1, 3, 8, 9, 11, 19, 24, 25, 30, 31, 60, 100];
        let foreign = if row.of == MINI {
            &only_official[..]
        } else {
            &only_mini
        };
        let sets: Vec<u32> = (1..=60)
            .filter(|set| ![&opening[..], &unknown, foreign].concat().contains(set))
            .collect();
        let granting = |sets: &[u32]| match row.of {
            MINI => ready_with(None, Some(sets)),
            _ => ready_with(Some(sets), None),
        };
        let ready = granting(&sets);
        assert_eq!(
            ready.ask(row, ready.right_token(row)),
            61007,
            "{}",
            row.path
        );
        let only = granting(&[row.set]);
        assert_ne!(only.ask(row, only.right_token(row)), 61007, "{}", row.path);
    }
}

#[test]
fn an_empty_body_is_refused() {
    let ready = ready(None);
    let json = |row: &&Row| row.method == "POST" && !row.form;
    for row in rows().iter().filter(json) {
        let token = ready.right_token(row);
        if !row.bodiless {
            assert_eq!(ready.ask_with(row, token, ""), 44002, "{}", row.path);
        }
        assert_eq!(ready.ask_with(row, token, "[1]"), 47001, "{}", row.path);
        // An escaped keyword is none of the template's.
        let escaped = match row.path {
            "/cgi-bin/template/api_add_template" => 40246,
            "/cgi-bin/account/modifysignature" => 53204,
            "/wxa/setnickname" => 91004,
            "/cgi-bin/component/setprivacysetting" => 86072,
            _ => 40033,
        };
        assert_eq!(
            ready.ask_with(row, token, r#"{"x":"\u4eca"}"#),
            escaped,
            "{}",
            row.path
        );
    }
}

#[test]
fn the_wrong_method_is_refused() {
    let ready = ready(None);
    for row in rows().into_iter().filter(|row| !row.either) {
        let (method, code) = match row.method {
            "GET" => ("POST", 43001),
            _ => ("GET", 43002),
        };
        let body = if method == "POST" { "{}" } else { "" };
        let reply = ready
            .world
            .raw(method, row.path, ready.right_token(&row), body);
        assert_eq!(reply.json()["errcode"], code, "{}", row.path);
    }
}

#[test]
fn a_quota_that_is_gone_stays_gone_until_midnight_in_shanghai() {
    let ready = ready(None);
    let world = &ready.world;
    world.control(
        "POST",
        "/_sim/clock",
        &json!({"set": "2031-11-30T23:00:00+08:00"}),
    );
    let component = world.component_token();
    let again = world.authorized(&component, OFFICIAL, None);
    let account = text(&again["authorizer_access_token"]);
    let again = world.authorized(&component, MINI, None);
    let mini = text(&again["authorizer_access_token"]);
    let mut state = world.control("GET", "/_sim/state", &json!({}));
    let limits: serde_json::Map<String, Value> = rows()
        .iter()
        .map(|row| (row.path.to_owned(), json!(7)))
        .collect();
    state["switches"]["dailyQuotas"] = Value::Object(limits);
    let spent = |row: &Row| {
        [PLATFORM, OFFICIAL, MINI].map(
            |appid| json!({"account": appid, "path": row.path, "period": "2031-11-30", "used": 7}),
        )
    };
    state["counters"] = rows().iter().flat_map(spent).collect();
    world.control("PUT", "/_sim/state", &state);

    let token = |row: &Row| match row.takes {
        Takes::Secret => "",
        Takes::Component => component.as_str(),
        _ if row.of == MINI => mini.as_str(),
        Takes::Account | Takes::Either => account.as_str(),
    };
    for row in rows() {
        assert_eq!(ready.ask(&row, token(&row)), 45009, "{}", row.path);
    }
    world.advance(3660);
    for row in rows() {
        assert_ne!(ready.ask(&row, token(&row)), 45009, "{}", row.path);
    }
}
