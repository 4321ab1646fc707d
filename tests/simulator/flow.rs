//! The chain a platform goes: ticket, component token, authorization, account token, calls.

use serde_json::json;

use crate::world::{MINI, OFFICIAL, PLATFORM, World, text};

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
