//! Menus where WeChat's pages are silent or easily read otherwise: domains, a menu the owner closed, ids that do not last.

use serde_json::{Value, json};

use super::world::{OFFICIAL, SUBSCRIPTION, World, text};

const CREATE: &str = "/cgi-bin/menu/create";
const ADD: &str = "/cgi-bin/menu/addconditional";
const IN_FORCE: &str = "/cgi-bin/get_current_selfmenu_info";

fn views(hosts: &[&str]) -> Value {
    let views = hosts
        .iter()
        .map(|host| json!({"type": "view", "name": "n", "url": format!("https://{host}/x")}));
    json!([{"name": "more", "sub_button": views.collect::<Vec<_>>()}])
}

fn owner(world: &World, change: Value) {
    world.control("PATCH", &format!("/_sim/accounts/{OFFICIAL}"), &change);
}

#[test]
fn conditional_menus_together_lead_to_three_domains() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    let default = json!({"button": views(&["a.cn", "b.cn", "c.cn", "d.cn", "e.cn"])});
    assert_eq!(world.post(CREATE, &token, &default)["errcode"], 0);
    let add = |tag: &str, hosts: &[&str]| {
        let body = json!({"button": views(hosts), "matchrule": {"tag_id": tag}});
        world.post(ADD, &token, &body)
    };
    let first = text(&add("100", &["f.cn", "g.cn"])["menuid"]);
    assert_eq!(add("101", &["h.cn", "i.cn"])["errcode"], 65316);
    assert!(add("101", &["h.cn", "g.cn", "mp.weixin.qq.com"])["menuid"].is_string());
    assert_eq!(add("102", &["i.cn"])["errcode"], 65316);
    world.post(
        "/cgi-bin/menu/delconditional",
        &token,
        &json!({"menuid": first}),
    );
    assert!(add("102", &["i.cn"])["menuid"].is_string());
}

#[test]
fn a_default_menu_has_a_limit_of_domains_when_switched() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    world.switch("defaultMenuDomains", json!(3));
    let create = |hosts: &[&str]| {
        world.post(CREATE, &token, &json!({"button": views(hosts)}))["errcode"].clone()
    };
    assert_eq!(create(&["a.cn", "b.cn", "c.cn", "a.cn"]), 0);
    assert_eq!(create(&["a.cn", "b.cn", "c.cn", "d.cn"]), 65316);
}

#[test]
fn a_menu_the_owner_closed_is_still_answered_and_may_stay_closed() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    let menu = |name: &str| json!({"button": [{"type": "click", "name": name, "key": "K"}]});
    world.post(CREATE, &token, &menu("one"));
    owner(&world, json!({"menu": {"isMenuOpen": false}}));
    let name = || world.get("/cgi-bin/menu/get", &token)["menu"]["button"][0]["name"].clone();
    let open = || world.get(IN_FORCE, &token)["is_menu_open"].clone();
    assert_eq!((name(), open()), (json!("one"), json!(0)));

    world.switch("menuCreateOpensMenu", json!(false));
    assert_eq!(world.post(CREATE, &token, &menu("two"))["errcode"], 0);
    assert_eq!((name(), open()), (json!("two"), json!(0)));

    world.switch("menuCreateOpensMenu", json!(true));
    world.post(CREATE, &token, &menu("three"));
    assert_eq!((name(), open()), (json!("three"), json!(1)));
}

#[test]
fn media_of_the_owners_own_menu_have_another_id_at_every_read() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    let own = json!({"button": [
        {"type": "img", "name": "a", "value": "picture"},
        {"name": "b", "sub_button": {"list": [
            {"type": "voice", "name": "c", "value": "voice"},
            {"type": "text", "name": "d", "value": "text"},
        ]}},
    ]});
    owner(&world, json!({"menu": {"websiteMenu": own}}));
    let values = || {
        let menu = world.get(IN_FORCE, &token)["selfmenu_info"].clone();
        let at = ["/button/0/value", "/button/1/sub_button/list/0/value"];
        assert_eq!(
            menu.pointer("/button/1/sub_button/list/1/value"),
            Some(&json!("text"))
        );
        at.map(|at| text(menu.pointer(at).unwrap()))
    };
    let (first, second) = (values(), values());
    for (one, other) in first.iter().zip(&second) {
        assert!(one.len() == 64 && one != other, "{one} {other}");
    }
    world.switch("temporaryMediaIds", json!(false));
    assert_eq!(values(), ["picture", "voice"]);
}

#[test]
fn a_subscription_account_without_verification_has_no_menus_at_all() {
    let world = World::start();
    let token = world.token(SUBSCRIPTION);
    for path in ["/cgi-bin/menu/get", "/cgi-bin/menu/delete", IN_FORCE] {
        assert_eq!(world.get(path, &token)["errcode"], 48001, "{path}");
    }
}

#[test]
fn a_body_that_is_not_utf8_is_refused() {
    let world = World::start();
    let token = world.token(OFFICIAL);
    // 菜单 in GBK.
    let gbk = b"{\"button\":[{\"type\":\"click\",\"name\":\"\xb2\xcb\xb5\xa5\",\"key\":\"K\"}]}";
    let refused = world.raw("POST", CREATE, &token, gbk).json();
    assert_eq!(refused["errcode"], 65318);
    assert!(text(&refused["errmsg"]).starts_with("must use utf-8 charset"));
}
