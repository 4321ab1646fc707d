//! Tickets, tokens and codes: how long they live and what takes their place.

use serde_json::{Value, json};

use super::world::{OFFICIAL, PLATFORM, World, text};

const MENU: &str = "/cgi-bin/menu/get";

fn component_token(world: &World, ticket: &str) -> Value {
    let body = json!({
        "component_appid": PLATFORM,
        "component_appsecret": "platform-secret",
        "component_verify_ticket": ticket,
    });
    world.post("/cgi-bin/component/api_component_token", "", &body)
}

fn refresh(world: &World, cat: &str, refresh_token: &Value) -> Value {
    let body = json!({
        "component_appid": PLATFORM,
        "authorizer_appid": OFFICIAL,
        "authorizer_refresh_token": refresh_token,
    });
    world.post("/cgi-bin/component/api_authorizer_token", cat, &body)
}

fn exchange(world: &World, cat: &str, code: &Value) -> Value {
    let body = json!({"component_appid": PLATFORM, "authorization_code": code});
    world.post("/cgi-bin/component/api_query_auth", cat, &body)
}

fn authorize(world: &World) -> Value {
    let order = json!({"platform": PLATFORM, "account": OFFICIAL});
    world.control("POST", "/_sim/authorize", &order)["authorizationCode"].clone()
}

fn revoke(world: &World) {
    let order = json!({"platform": PLATFORM, "account": OFFICIAL});
    world.control("POST", "/_sim/revoke", &order);
}

#[test]
fn a_ticket_works_for_twelve_hours() {
    let world = World::start();
    let pushed = world.control(
        "POST",
        &format!("/_sim/platforms/{PLATFORM}/ticket"),
        &json!({}),
    );
    let ticket = text(&pushed["ticket"]);
    world.advance(12 * 3600 - 60);
    let answer = component_token(&world, &ticket);
    assert_eq!(answer["expires_in"], 7200);
    assert!(
        answer.get("errcode").is_none(),
        "successes of this family carry no errcode"
    );
    world.advance(120);
    assert_eq!(component_token(&world, &ticket)["errcode"], 61005);
    assert_eq!(component_token(&world, "ticket@@@other")["errcode"], 61006);
}

#[test]
fn the_secret_is_asked_for_by_two_names() {
    let world = World::start();
    let start = |body: Value| world.post("/cgi-bin/component/api_start_push_ticket", "", &body);
    let right = json!({"component_appid": PLATFORM, "component_secret": "platform-secret"});
    assert_eq!(start(right)["errmsg"], "in a normal state");
    let wrong_name = json!({"component_appid": PLATFORM, "component_appsecret": "platform-secret"});
    assert_eq!(start(wrong_name)["errcode"], 41004);
    assert_eq!(start(json!({}))["errcode"], 41018);
    assert_eq!(start(json!({"component_appid": "wx0"}))["errcode"], 40013);
}

#[test]
fn a_new_account_token_leaves_the_old_one_five_minutes() {
    let world = World::start();
    let cat = world.component_token();
    let info = world.authorized(&cat, OFFICIAL, None);
    let old = text(&info["authorizer_access_token"]);
    let renewed = refresh(&world, &cat, &info["authorizer_refresh_token"]);
    assert_eq!(
        renewed["authorizer_refresh_token"],
        info["authorizer_refresh_token"]
    );
    let new = text(&renewed["authorizer_access_token"]);
    world.advance(290);
    assert_eq!(world.get(MENU, &old)["errcode"], 46003);
    world.advance(20);
    assert_eq!(world.get(MENU, &old)["errcode"], 40001);
    assert_eq!(world.get(MENU, &new)["errcode"], 46003);
}

#[test]
fn overlap_is_a_switch() {
    let world = World::start();
    world.switch("aatOverlapSeconds", json!(0));
    let cat = world.component_token();
    let info = world.authorized(&cat, OFFICIAL, None);
    refresh(&world, &cat, &info["authorizer_refresh_token"]);
    let old = text(&info["authorizer_access_token"]);
    assert_eq!(world.get(MENU, &old)["errcode"], 40001);
}

#[test]
fn several_component_tokens_live_unless_switched() {
    let world = World::start();
    let (first, second) = (world.component_token(), world.component_token());
    let list = json!({"component_appid": PLATFORM, "offset": 0, "count": 1});
    let ask = |token: &str| world.post("/cgi-bin/component/api_get_authorizer_list", token, &list);
    assert_eq!(ask(&first)["total_count"], 0);
    world.switch("onlyNewestComponentToken", json!(true));
    assert_eq!(ask(&first)["errcode"], 40001);
    assert_eq!(ask(&second)["total_count"], 0);
}

#[test]
fn an_authorization_code_is_exchanged_once_within_ten_minutes() {
    let world = World::start();
    let cat = world.component_token();
    let code = authorize(&world);
    assert!(exchange(&world, &cat, &code)["authorization_info"]["func_info"].is_array());
    assert_eq!(exchange(&world, &cat, &code)["errcode"], 61010);
    world.switch("reusedAuthCode", json!(61009));
    assert_eq!(exchange(&world, &cat, &code)["errcode"], 61009);
    assert_eq!(
        exchange(&world, &cat, &json!("queryauthcode@@@x"))["errcode"],
        61009
    );
    let code = authorize(&world);
    world.advance(601);
    assert_eq!(exchange(&world, &cat, &code)["errcode"], 61010);
}

#[test]
fn cancelling_kills_every_token_and_authorizing_again_gives_new_ones() {
    let world = World::start();
    let cat = world.component_token();
    let info = world.authorized(&cat, OFFICIAL, None);
    let aat = text(&info["authorizer_access_token"]);
    revoke(&world);
    assert_eq!(world.get(MENU, &aat)["errcode"], 40001);
    world.switch("cancelledAat", json!(61003));
    assert_eq!(world.get(MENU, &aat)["errcode"], 61003);
    assert_eq!(
        refresh(&world, &cat, &info["authorizer_refresh_token"])["errcode"],
        61003
    );

    let again = world.authorized(&cat, OFFICIAL, None);
    assert_ne!(
        again["authorizer_refresh_token"],
        info["authorizer_refresh_token"]
    );
    assert_eq!(
        refresh(&world, &cat, &info["authorizer_refresh_token"])["errcode"],
        61023
    );
    assert_eq!(
        world.get(MENU, &aat)["errcode"],
        61003,
        "the old token stays dead"
    );
    let renewed = refresh(&world, &cat, &again["authorizer_refresh_token"]);
    assert_eq!(
        world.get(MENU, &text(&renewed["authorizer_access_token"]))["errcode"],
        46003
    );
}

#[test]
fn authorizing_again_replaces_the_refresh_token_with_or_without_grace() {
    let world = World::start();
    let cat = world.component_token();
    let first = world.authorized(&cat, OFFICIAL, None)["authorizer_refresh_token"].clone();
    let second = world.authorized(&cat, OFFICIAL, None)["authorizer_refresh_token"].clone();
    assert_ne!(first, second);
    assert_eq!(refresh(&world, &cat, &first)["errcode"], 61023);
    world.switch("refreshTokenGraceSeconds", json!(300));
    assert!(refresh(&world, &cat, &first)["authorizer_access_token"].is_string());
    world.switch("reauthorizingReplacesRefreshToken", json!(false));
    let third = world.authorized(&cat, OFFICIAL, None)["authorizer_refresh_token"].clone();
    assert_eq!(second, third);
}

#[test]
fn a_rotated_refresh_token_takes_the_place_of_the_one_used() {
    let world = World::start();
    world.switch("rotateRefreshTokenOnUse", json!(true));
    let cat = world.component_token();
    let first = world.authorized(&cat, OFFICIAL, None)["authorizer_refresh_token"].clone();
    let second = refresh(&world, &cat, &first)["authorizer_refresh_token"].clone();
    assert_eq!(refresh(&world, &cat, &first)["errcode"], 61023);
    assert!(refresh(&world, &cat, &second)["expires_in"].is_number());
}

#[test]
fn only_listed_addresses_are_let_in() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    let only = |list: Value| {
        let path = format!("/_sim/platforms/{PLATFORM}");
        world.control("PATCH", &path, &json!({"ipAllowList": list}));
    };
    only(json!(["10.0.0.1"]));
    assert_eq!(world.get(MENU, &token)["errcode"], 61004);
    assert_eq!(component_token(&world, "x")["errcode"], 61004);
    only(json!(["10.0.0.1", "127.0.0.1"]));
    assert_eq!(world.get(MENU, &token)["errcode"], 46003);
}

#[test]
fn odd_types_come_when_switched_on() {
    let world = World::start();
    world.switch("numbersAsStrings", json!(true));
    world.switch("listOmitsRefreshToken", json!(true));
    world.switch("unknownFields", json!(true));
    let cat = world.component_token();
    let info = world.authorized(&cat, OFFICIAL, None);
    assert_eq!(info["expires_in"], "7200");
    let body = json!({"component_appid": PLATFORM, "offset": 0, "count": 10});
    let list = world.post("/cgi-bin/component/api_get_authorizer_list", &cat, &body);
    assert_eq!(list["total_count"], "1");
    assert!(list["list"][0].get("refresh_token").is_none());
    assert!(list["reserved_ext"].is_string());
}

#[test]
fn a_strict_wechat_takes_a_token_under_its_own_name_only() {
    let world = World::start();
    let (cat, aat) = (world.component_token(), world.token(OFFICIAL));
    let body = json!({
        "component_appid": PLATFORM, "authorizer_appid": OFFICIAL, "option_name": "voice_recognize",
        "cgi_path": MENU,
    });
    let code = |path: &str, name: &str, token: &str| {
        let target = format!("{path}?{name}={token}");
        let answer = world.raw("POST", &target, "", body.to_string()).json();
        answer["errcode"].as_i64().unwrap_or(0)
    };
    let (plain, component) = ("access_token", "component_access_token");
    let cases = [
        (
            "/cgi-bin/component/api_create_preauthcode",
            &cat,
            component,
            plain,
        ),
        (
            "/cgi-bin/component/api_get_authorizer_option",
            &cat,
            component,
            plain,
        ),
        (
            "/cgi-bin/component/get_authorizer_option",
            &aat,
            plain,
            component,
        ),
        ("/cgi-bin/openapi/quota/get", &cat, plain, component),
        ("/cgi-bin/openapi/quota/get", &aat, plain, component),
    ];
    for (strict, refused) in [(false, 0), (true, 41001)] {
        world.control(
            "PATCH",
            "/_sim/switches",
            &json!({"strictTokenName": strict}),
        );
        for (path, token, right, wrong) in cases {
            assert_eq!(code(path, right, token), 0, "{path} {right}");
            assert_eq!(code(path, wrong, token), refused, "{path} {wrong}");
        }
    }
}
