//! The control API and the state file.

use std::fmt::Write;

use serde_json::{Value, json};
use wxops::simulator::State;

use super::world::{MINI, OFFICIAL, PLATFORM, World, text};

fn account(world: &World, change: Value) -> Value {
    world.control("PATCH", &format!("/_sim/accounts/{OFFICIAL}"), &change)
}

#[test]
fn the_state_that_is_read_can_be_put_back() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    let menu = json!({"button": [{"type": "click", "name": "今日", "key": "K"}]});
    world.post("/cgi-bin/menu/create", &token, &menu);
    let conditional = json!({"button": menu["button"], "matchrule": {"tag_id": "2"}});
    world.post("/cgi-bin/menu/addconditional", &token, &conditional);
    world.post("/cgi-bin/open/create", &token, &json!({}));
    world.advance(86_400);
    let state = world.control("GET", "/_sim/state", &json!({}));
    world.control("PUT", "/_sim/state", &state);
    assert_eq!(world.control("GET", "/_sim/state", &json!({})), state);

    let elsewhere = World::of(State::from_yaml(&state.to_string()).unwrap());
    assert_eq!(elsewhere.control("GET", "/_sim/state", &json!({})), state);
    elsewhere.control("POST", "/_sim/clock", &json!({"advance": -86_400}));
    assert!(elsewhere.get("/cgi-bin/menu/get", &token)["conditionalmenu"].is_array());
}

#[test]
fn a_state_that_contradicts_itself_is_refused() {
    let world = World::start();
    let state = world.control("GET", "/_sim/state", &json!({}));
    let mut unknown = state.clone();
    unknown["accounts"][0]["colour"] = json!("red");
    let mut twice = state.clone();
    let first = twice["accounts"][0].clone();
    twice["accounts"].as_array_mut().unwrap().push(first);
    let mut stray = state;
    stray["accounts"][0]["openAccount"] = json!("wxnowhere");
    for wrong in [unknown, twice, stray] {
        assert_eq!(world.refused("PUT", "/_sim/state", &wrong), 400);
    }
}

#[test]
fn the_owners_own_menu_shows_only_where_users_look() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    let api = json!({"button": [{"type": "click", "name": "ours", "key": "K"}]});
    world.post("/cgi-bin/menu/create", &token, &api);
    let own = json!({"button": [{"type": "text", "name": "own", "value": "hello"}]});
    account(&world, json!({"menu": {"websiteMenu": own}}));
    assert_eq!(world.get("/cgi-bin/menu/get", &token)["errcode"], 46003);
    let in_force = || world.get("/cgi-bin/get_current_selfmenu_info", &token);
    assert_eq!(in_force(), json!({"is_menu_open": 1, "selfmenu_info": own}));

    account(&world, json!({"menu": {"isMenuOpen": false}}));
    assert_eq!(in_force()["is_menu_open"], 0);
    world.post("/cgi-bin/menu/create", &token, &api);
    assert_eq!(in_force()["is_menu_open"], 1);
    assert_eq!(
        in_force()["selfmenu_info"]["button"][0]["name"],
        "ours",
        "the owner's own is gone"
    );
}

#[test]
fn the_owners_hand_changes_what_is_seen() {
    let world = World::start();
    let cat = world.component_token();
    let token = text(&world.authorized(&cat, OFFICIAL, None)["authorizer_access_token"]);
    account(
        &world,
        json!({"principalName": "新主体", "openAccount": "wxsiteopen"}),
    );
    assert_eq!(
        world.post("/cgi-bin/open/get", &token, &json!({}))["open_appid"],
        "wxsiteopen"
    );
    let unbind = world.post(
        "/cgi-bin/open/unbind",
        &token,
        &json!({"open_appid": "wxsiteopen"}),
    );
    assert_eq!(
        unbind["errcode"], 89003,
        "made on the site, so the platform may not touch it"
    );
    let body = json!({"component_appid": PLATFORM, "authorizer_appid": OFFICIAL});
    let info = world.post("/cgi-bin/component/api_get_authorizer_info", &cat, &body);
    assert_eq!(info["authorizer_info"]["principal_name"], "新主体");
    assert!(info["authorizer_info"].get("MiniProgramInfo").is_none());
    account(&world, json!({"accountStatus": 16}));
    assert_eq!(
        world.post("/cgi-bin/open/get", &token, &json!({}))["errcode"],
        50002
    );

    let strange = json!({"appId": "wx5"});
    let path = format!("/_sim/accounts/{OFFICIAL}");
    assert_eq!(world.refused("PATCH", &path, &strange), 400);
    assert_eq!(
        world.refused("PATCH", &path, &json!({"nickname": "typo"})),
        400
    );
    assert_eq!(
        world.refused("PATCH", "/_sim/accounts/wx0", &json!({})),
        404
    );
}

#[test]
fn the_clock_can_be_set_and_advanced() {
    let world = World::start();
    let set = world.control(
        "POST",
        "/_sim/clock",
        &json!({"set": "2031-01-31T23:59:00+08:00"}),
    );
    assert!(text(&set["now"]).starts_with("2031-01-31T15:59:0"), "{set}");
    let moved = world.control("POST", "/_sim/clock", &json!({"advance": 120}));
    assert!(
        text(&moved["now"]).starts_with("2031-01-31T16:01:0"),
        "{moved}"
    );
    assert_eq!(
        world.control("GET", "/_sim/clock", &json!({}))["offsetMs"],
        moved["offsetMs"]
    );
}

#[test]
fn the_clock_is_shared_through_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("clock");
    let world = World::with_clock(State::default(), Some(file.clone()));
    let offset = || world.control("GET", "/_sim/clock", &json!({}))["offsetMs"].clone();
    assert_eq!(offset(), 0, "no file yet");
    std::fs::write(&file, "60000\n").unwrap();
    assert_eq!(offset(), 60_000);
    world.advance(1);
    assert_eq!(std::fs::read_to_string(&file).unwrap().trim(), "61000");
    world.control("PUT", "/_sim/state", &json!({"platforms": []}));
    assert_eq!(
        offset(),
        61_000,
        "a state that says nothing of the clock leaves it alone"
    );
}

#[test]
fn a_stopped_simulator_leaves_no_port_behind() {
    let world = World::start();
    let ports = [world.wechat, world.control];
    drop(world);
    for port in ports {
        assert!(std::net::TcpStream::connect(port).is_err(), "{port}");
    }
}

#[test]
fn quotas_are_shown_and_cleared_ten_times_a_month() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    world.switch("dailyQuotas", json!({"/cgi-bin/menu/get": 2}));
    let ask = || world.get("/cgi-bin/menu/get", &token)["errcode"].clone();
    let quota = || {
        let body = json!({"cgi_path": "/cgi-bin/menu/get"});
        world.post("/cgi-bin/openapi/quota/get", &token, &body)["quota"].clone()
    };
    let clear = || world.post("/cgi-bin/clear_quota", &token, &json!({"appid": OFFICIAL}));
    assert_eq!(
        [ask(), ask(), ask()],
        [json!(46003), json!(46003), json!(45009)]
    );
    assert_eq!(quota(), json!({"daily_limit": 2, "used": 2, "remain": 0}));
    for _ in 0..10 {
        assert_eq!(clear()["errcode"], 0);
    }
    assert_eq!(ask(), 46003);
    assert_eq!(clear()["errcode"], 48006);
}

#[test]
fn a_request_id_can_be_looked_up() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    let errmsg = text(&world.get("/cgi-bin/menu/get", &token)["errmsg"]);
    let rid = errmsg.split_once("rid: ").unwrap().1;
    let found = world.post("/cgi-bin/openapi/rid/get", &token, &json!({"rid": rid}));
    assert_eq!(found["request"]["request_url"], "/cgi-bin/menu/get");
}

#[test]
fn exclusive_sets_are_granted_to_one_platform() {
    let world = World::start();
    world.token(OFFICIAL);
    let second = "wx00000000000000bb";
    world.control(
        "PATCH",
        &format!("/_sim/platforms/{second}"),
        &json!({"published": true}),
    );
    let order = json!({"platform": second, "account": OFFICIAL, "permissionSets": [15, 24]});
    world.control("POST", "/_sim/authorize", &order);
    let state = world.control("GET", "/_sim/state", &json!({}));
    let authorizations = state["authorizations"].as_array().unwrap();
    let theirs = authorizations
        .iter()
        .find(|one| one["platform"] == second)
        .unwrap();
    assert_eq!(theirs["permissionSets"], json!([15]));
}

#[test]
fn links_wait_for_their_administrators() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    let list = || {
        world.post("/cgi-bin/wxopen/wxamplinkget", &token, &json!({}))["wxopens"]["items"].clone()
    };
    let link = || {
        world.post("/cgi-bin/wxopen/wxamplink", &token, &json!({"appid": MINI}))["errcode"].clone()
    };
    assert_eq!(list(), json!([]));
    assert_eq!([link(), link()], [json!(0), json!(89010)]);
    assert_eq!(list()[0]["status"], 12);
    assert!(
        list()[0].get("appid").is_none(),
        "no appid while it is not linked"
    );
    let button = json!({"type": "miniprogram", "name": "go", "url": "https://a.cn", "appid": MINI, "pagepath": "p"});
    let menu = json!({"button": [button]});
    assert_eq!(
        world.post("/cgi-bin/menu/create", &token, &menu)["errcode"],
        85005
    );
    account(&world, json!({"links": [{"appId": MINI, "status": 1}]}));
    assert_eq!(list()[0]["appid"], MINI);
    assert_eq!(link(), 89015);
    assert_eq!(
        world.post("/cgi-bin/menu/create", &token, &menu)["errcode"],
        0
    );
}

#[test]
fn the_log_of_hundreds_of_tenants_is_cheap_to_ask() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    for _ in 0..50 {
        world.get("/cgi-bin/menu/get", &token);
    }
    let counts = world.calls("?last=0");
    assert_eq!(counts["last"], json!([]));
    assert_eq!(counts["endpoints"]["/cgi-bin/menu/get"]["received"], 50);
    let newest = world.calls("?last=1&endpoint=/cgi-bin/menu/get");
    let seq = newest["last"][0]["seq"].as_u64().unwrap();
    world.get("/cgi-bin/get_current_selfmenu_info", &token);
    let since = world.calls(&format!("?since={}", seq + 1));
    assert_eq!(since["last"].as_array().unwrap().len(), 1);
    assert_eq!(
        world.refused("GET", "/_sim/calls?last=many", &json!({})),
        400
    );
}

#[test]
fn thousands_of_tenants_fit() {
    let mut yaml = String::from(
        "platforms: [{appId: wx00000000000000aa, appSecret: platform-secret, token: t, encodingAesKey: abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG}]\naccounts:\n",
    );
    for number in 0..5000 {
        writeln!(yaml, "  - {{appId: wx{number:016}, kind: officialAccount}}").unwrap();
    }
    let world = World::of(State::from_yaml(&yaml).unwrap());
    let mut state = world.control("GET", "/_sim/state", &json!({}));
    state["authorizations"] = (0..5000)
        .map(|number| {
            json!({
                "platform": PLATFORM, "account": format!("wx{number:016}"), "permissionSets": [15],
                "refreshToken": format!("refreshtoken@@@{number}"), "authTime": "2026-01-01T00:00:00Z",
            })
        })
        .collect();
    world.control("PUT", "/_sim/state", &state);
    let cat = world.component_token();
    let body = json!({"component_appid": PLATFORM, "offset": 4999, "count": 500});
    let page = world.post("/cgi-bin/component/api_get_authorizer_list", &cat, &body);
    assert_eq!(page["total_count"], 5000);
    assert_eq!(page["list"][0]["authorizer_appid"], "wx0000000000004999");
    assert_eq!(page["list"][0]["auth_time"], 1_767_225_600);
}
