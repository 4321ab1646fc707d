//! The chain a platform goes: ticket, component token, authorization, account token, calls.

use serde_json::{Value, json};

use super::world::{MINI, OFFICIAL, PLATFORM, SUBSCRIPTION, World, text};

#[test]
fn from_a_ticket_to_a_menu_and_back() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    assert_eq!(world.get("/cgi-bin/menu/get", &token)["errcode"], 46003);

    let menu = json!({"button": [
        {"type": "click", "name": "今日", "key": "T_1"},
        {"name": "更多", "sub_button": [{"type": "view", "name": "官网", "url": "https://www.example.cn/"}]},
    ]});
    let created = world.post("/cgi-bin/menu/create", &token, &menu);
    assert_eq!(created, json!({"errcode": 0, "errmsg": "ok"}));

    let shown = world.get("/cgi-bin/menu/get", &token);
    assert_eq!(
        shown,
        json!({"menu": {"button": [
            {"type": "click", "name": "今日", "key": "T_1", "sub_button": []},
            {"name": "更多", "sub_button": [
                {"type": "view", "name": "官网", "url": "https://www.example.cn/", "sub_button": []},
            ]},
        ]}})
    );
    let in_force = world.get("/cgi-bin/get_current_selfmenu_info", &token);
    assert_eq!(in_force["is_menu_open"], 1);
    assert_eq!(
        in_force["selfmenu_info"]["button"][1]["sub_button"],
        json!({"list": [{"type": "view", "name": "官网", "url": "https://www.example.cn/"}]})
    );
    assert!(
        in_force["selfmenu_info"]["button"][0]
            .get("sub_button")
            .is_none()
    );

    assert_eq!(world.get("/cgi-bin/menu/delete", &token)["errcode"], 0);
    assert_eq!(world.get("/cgi-bin/menu/get", &token)["errcode"], 46003);
}

#[test]
fn open_accounts_bind_what_one_owner_has() {
    let world = World::start();
    let official = world.token(OFFICIAL);
    let mini = world.token(MINI);
    assert_eq!(
        world.post("/cgi-bin/open/get", &official, &json!({}))["errcode"],
        89002
    );
    let made = world.post(
        "/cgi-bin/open/create",
        &official,
        &json!({"appid": OFFICIAL}),
    );
    let open = text(&made["open_appid"]);
    assert_eq!(
        world.post("/cgi-bin/open/create", &official, &json!({}))["errcode"],
        89000
    );
    let bound = world.post("/cgi-bin/open/bind", &mini, &json!({"open_appid": open}));
    assert_eq!(bound["errcode"], 0);
    assert_eq!(
        world.post("/cgi-bin/open/get", &mini, &json!({}))["open_appid"],
        open
    );
    assert_eq!(world.get("/cgi-bin/open/have", &mini)["have_open"], true);
    let unbound = world.post("/cgi-bin/open/unbind", &mini, &json!({"open_appid": open}));
    assert_eq!(unbound["errcode"], 0);
    assert_eq!(world.get("/cgi-bin/open/have", &mini)["have_open"], false);
}

#[test]
fn the_list_is_paged_and_names_its_refresh_token_oddly() {
    let world = World::start();
    let cat = world.component_token();
    world.authorized(&cat, OFFICIAL, None);
    let info = world.authorized(&cat, MINI, None);
    let page = |offset: u32, count: u32| {
        let body = json!({"component_appid": PLATFORM, "offset": offset, "count": count});
        world.post("/cgi-bin/component/api_get_authorizer_list", &cat, &body)
    };
    assert_eq!(page(0, 1)["total_count"], 2);
    assert_eq!(page(0, 1)["list"][0]["authorizer_appid"], OFFICIAL);
    assert_eq!(
        page(1, 500)["list"][0]["refresh_token"],
        info["authorizer_refresh_token"]
    );
    assert_eq!(page(2, 10)["list"], json!([]));
    assert_eq!(page(0, 501)["errcode"], 40097);
}

#[test]
fn menus_are_for_service_accounts_and_verified_subscriptions() {
    let world = World::start();
    let menu = json!({"button": [{"type": "click", "name": "今日", "key": "K"}]});
    for account in [SUBSCRIPTION, MINI] {
        let token = world.token(account);
        let created = world.post("/cgi-bin/menu/create", &token, &menu);
        assert_eq!(created["errcode"], 48001, "{account}");
    }
    let path = format!("/_sim/accounts/{SUBSCRIPTION}");
    world.control("PATCH", &path, &json!({"verifyType": 0}));
    let token = world.token(SUBSCRIPTION);
    assert_eq!(
        world.post("/cgi-bin/menu/create", &token, &menu)["errcode"],
        0
    );
}

#[test]
fn conditional_menus_name_their_ids_and_tags_two_ways() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    let buttons = |name: &str| json!([{"type": "click", "name": name, "key": "K"}]);
    let add = |rule: Value| {
        let body = json!({"button": buttons("some"), "matchrule": rule});
        world.post("/cgi-bin/menu/addconditional", &token, &body)
    };
    assert_eq!(
        add(json!({"tag_id": "2"}))["errcode"],
        65303,
        "a default menu comes first"
    );
    world.post(
        "/cgi-bin/menu/create",
        &token,
        &json!({"button": buttons("all")}),
    );
    assert_eq!(add(json!({"sex": "1"}))["errcode"], 65320);
    assert_eq!(add(json!({"tag_id": ""}))["errcode"], 65304);
    let id = text(&add(json!({"tag_id": "2"}))["menuid"]);
    let shown = world.get("/cgi-bin/menu/get", &token);
    assert_eq!(
        shown["conditionalmenu"][0]["menuid"].to_string(),
        id,
        "a number here, text there"
    );
    assert_eq!(
        shown["conditionalmenu"][0]["matchrule"],
        json!({"group_id": "2"})
    );
    assert!(shown["menu"]["menuid"].is_number());

    let users = json!({"users": {"oA": {"tagIds": [2]}, "oB": {}}});
    world.control("PATCH", &format!("/_sim/accounts/{OFFICIAL}"), &users);
    let sees = |user: &str| {
        let body = json!({"user_id": user});
        world.post("/cgi-bin/menu/trymatch", &token, &body)["button"][0]["name"].clone()
    };
    assert_eq!((sees("oA"), sees("oB")), (json!("some"), json!("all")));

    let delete = || {
        world.post(
            "/cgi-bin/menu/delconditional",
            &token,
            &json!({"menuid": id}),
        )
    };
    assert_eq!(delete()["errcode"], 0);
    assert_eq!(delete()["errcode"], 65301);
    assert!(
        world
            .get("/cgi-bin/menu/get", &token)
            .get("conditionalmenu")
            .is_none()
    );
    add(json!({"tag_id": "2"}));
    world.get("/cgi-bin/menu/delete", &token);
    assert_eq!(
        add(json!({"tag_id": "2"}))["errcode"],
        65303,
        "deleting takes everything"
    );
}

#[test]
fn open_accounts_have_their_rules() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    let mut state = world.control("GET", "/_sim/state", &json!({}));
    let open = |id: &str, principal: &str, by: &str, verified: bool, others: u32| json!({"openAppId": id, "principalName": principal, "createdBy": by, "verified": verified, "otherMembers": others});
    let ours = "日出舞蹈有限公司";
    state["openAccounts"] = json!([
        open("wxother", "别人", "api", false, 1),
        open("wxfull", ours, "api", false, 5),
        open("wxsite", ours, "site", false, 1),
        open("wxbig", ours, "site", true, 99),
    ]);
    world.control("PUT", "/_sim/state", &state);
    let ask = |what: &str, open: &str| {
        world.post(
            &format!("/cgi-bin/open/{what}"),
            &token,
            &json!({"open_appid": open}),
        )["errcode"]
            .clone()
    };
    assert_eq!(ask("bind", "wxnowhere"), 40013);
    assert_eq!(ask("bind", "wxother"), 89001);
    assert_eq!(ask("bind", "wxfull"), 89004);
    assert_eq!(ask("bind", "wxsite"), 89036);
    assert_eq!(ask("unbind", "wxbig"), 89002);
    assert_eq!(ask("bind", "wxbig"), 0);
    assert_eq!(ask("bind", "wxbig"), 89000);
    assert_eq!(ask("unbind", "wxfull"), 40013);
    assert_eq!(ask("unbind", "wxbig"), 89003);
    assert_eq!(
        world.get("/cgi-bin/open/sameentity", &token)["same_entity"],
        true
    );

    world.control(
        "PATCH",
        &format!("/_sim/accounts/{MINI}"),
        &json!({"registerType": 13}),
    );
    let trial = world.token(MINI);
    assert_eq!(
        world.post("/cgi-bin/open/create", &trial, &json!({}))["errcode"],
        48001
    );
}

#[test]
fn only_a_mini_program_has_mini_program_info() {
    let world = World::start();
    let cat = world.component_token();
    let info = |appid: &str| {
        let body = json!({"component_appid": PLATFORM, "authorizer_appid": appid});
        world.post("/cgi-bin/component/api_get_authorizer_info", &cat, &body)
    };
    assert_eq!(info(MINI)["errcode"], 61003);
    world.authorized(&cat, MINI, None);
    world.authorized(&cat, OFFICIAL, Some(&[15]));
    let mini = info(MINI);
    assert_eq!(
        mini["authorizer_info"]["MiniProgramInfo"]["network"]["RequestDomain"],
        json!([])
    );
    let official = info(OFFICIAL);
    assert!(official["authorizer_info"].get("MiniProgramInfo").is_none());
    assert!(official.get("errcode").is_none());
    let sets = &official["authorization_info"]["func_info"];
    assert_eq!(*sets, json!([{"funcscope_category": {"id": 15}}]));
}

#[test]
fn options_are_asked_for_with_either_token() {
    let world = World::start();
    let cat = world.component_token();
    let token = text(&world.authorized(&cat, OFFICIAL, None)["authorizer_access_token"]);
    let set = json!({"option_name": "location_report", "option_value": "2"});
    let path = "/cgi-bin/component/set_authorizer_option";
    assert_eq!(world.post(path, &token, &set)["errcode"], 0);
    assert_eq!(world.post(path, &cat, &set)["errcode"], 40013, "whose?");
    let number = json!({"option_name": "location_report", "option_value": 2});
    assert_eq!(world.post(path, &token, &number)["errcode"], 61013);
    let ask = json!({"option_name": "location_report", "authorizer_appid": OFFICIAL, "component_appid": PLATFORM});
    let answer = world.post("/cgi-bin/component/api_get_authorizer_option", &cat, &ask);
    let expected = json!({"authorizer_appid": OFFICIAL, "option_name": "location_report", "option_value": "2"});
    assert_eq!(answer, expected);
}

#[test]
fn a_mini_program_has_an_open_account_of_its_own_with_set_25() {
    let world = World::start();
    let cat = world.component_token();
    let with =
        |sets: &[u32]| text(&world.authorized(&cat, MINI, Some(sets))["authorizer_access_token"]);
    let token = with(&[18, 30]);
    assert_eq!(
        world.post("/cgi-bin/open/get", &token, &json!({}))["errcode"],
        61007
    );
    assert_eq!(world.get("/cgi-bin/open/have", &token)["have_open"], false);
    let token = with(&[25, 30]);
    let ask = |what: &str, body: Value| world.post(&format!("/cgi-bin/open/{what}"), &token, &body);
    let open = text(&ask("create", json!({"appid": MINI}))["open_appid"]);
    assert_eq!(ask("create", json!({}))["errcode"], 89000);
    assert_eq!(ask("get", json!({}))["open_appid"], open);
    assert_eq!(world.get("/cgi-bin/open/have", &token)["have_open"], true);
    let named = json!({"open_appid": open});
    assert_eq!(ask("unbind", named.clone())["errcode"], 0);
    assert_eq!(ask("get", json!({}))["errcode"], 89002);
    assert_eq!(ask("bind", named.clone())["errcode"], 0);
    assert_eq!(ask("unbind", named)["errcode"], 0);
    world.change(MINI, &json!({"registerType": 13}));
    assert_eq!(
        ask("create", json!({}))["errcode"],
        48001,
        "a trial one has none"
    );
}

#[test]
fn an_option_can_be_read_only() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    let path = "/cgi-bin/component/set_authorizer_option";
    let option = json!({"option_name": "voice_recognize", "option_value": "1"});
    let only = json!({"readOnlyOptions": ["voice_recognize"]});
    world.control("PATCH", "/_sim/switches", &only);
    assert_eq!(world.post(path, &token, &option)["errcode"], 61025);
    let other = json!({"option_name": "location_report", "option_value": "1"});
    assert_eq!(world.post(path, &token, &other)["errcode"], 0);
}
