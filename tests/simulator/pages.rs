//! The authorization pages as a browser walks through them.

use serde_json::{Value, json};

use super::faults::until;
use super::http::{Reply, request};
use super::world::{MINI, OFFICIAL, OTHER, PLATFORM, World, text};

const FROM_OURS: (&str, &str) = ("Referer", "http://127.0.0.1:8080/authorize/x");
const BACK: &str = "http%3A%2F%2F127.0.0.1%3A8080%2Fback%3Fstate%3Dabc";

fn pre_auth_code(world: &World, cat: &str) -> String {
    let body = json!({"component_appid": PLATFORM});
    let answer = world.post("/cgi-bin/component/api_create_preauthcode", cat, &body);
    assert_eq!(answer["expires_in"], 600);
    text(&answer["pre_auth_code"])
}

fn link(code: &str, extra: &str) -> String {
    let code = code.replace('@', "%40");
    format!("component_appid={PLATFORM}&pre_auth_code={code}&redirect_uri={BACK}{extra}")
}

fn open(world: &World, link: &str, headers: &[(&str, &str)]) -> String {
    let target = format!("/cgi-bin/componentloginpage?{link}");
    let reply = request(world.wechat, "GET", &target, headers, "").unwrap();
    assert_eq!(reply.status, 200);
    reply.body
}

fn click(world: &World, step: &str, link: &str, account: &str) -> Reply {
    let target = format!("/cgi-bin/componentloginpage/{step}");
    let form = ("Content-Type", "application/x-www-form-urlencoded");
    let body = format!("{link}&account={account}");
    request(world.wechat, "POST", &target, &[form], &body).unwrap()
}

/// `name` of every account that can be chosen.
fn choices(page: &str) -> Vec<&str> {
    page.split("name=\"account\" value=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}

#[test]
fn an_owner_chooses_confirms_and_is_sent_back() {
    let world = World::start();
    let cat = world.component_token();
    let link = link(&pre_auth_code(&world, &cat), "&auth_type=1");
    let page = open(&world, &link, &[FROM_OURS]);
    assert!(choices(&page).contains(&OFFICIAL) && !choices(&page).contains(&MINI));
    let confirm = click(&world, "choose", &link, OFFICIAL);
    assert!(
        confirm.body.contains("日出舞蹈有限公司"),
        "{}",
        confirm.body
    );

    let done = click(&world, "confirm", &link, OFFICIAL);
    assert_eq!(done.status, 302);
    let location = done.header("location").unwrap();
    let (before, code) = location.split_once("&auth_code=").expect("a code");
    assert_eq!(before, "http://127.0.0.1:8080/back?state=abc");
    let (code, expires) = code.split_once("&expires_in=").unwrap();
    assert_eq!(expires, "600");
    assert!(code.starts_with("queryauthcode%40%40%40"));

    let body = json!({"component_appid": PLATFORM, "authorization_code": code.replace("%40", "@")});
    let answer = world.post("/cgi-bin/component/api_query_auth", &cat, &body);
    assert_eq!(answer["authorization_info"]["authorizer_appid"], OFFICIAL);
    let again = click(&world, "confirm", &link, OFFICIAL);
    assert!(again.body.contains("预授权码已被使用"), "one page per code");
}

#[test]
fn the_page_is_reached_by_a_click_on_the_configured_domain() {
    let world = World::start();
    let cat = world.component_token();
    let link = link(&pre_auth_code(&world, &cat), "");
    assert!(open(&world, &link, &[]).contains("授权入口页所在域名: 空"));
    let elsewhere = open(&world, &link, &[("Referer", "https://evil.example/x")]);
    assert!(elsewhere.contains("授权入口页所在域名: evil.example"));
    let by_name = open(&world, &link, &[("Referer", "http://localhost:9/x")]);
    assert!(
        choices(&by_name).contains(&OFFICIAL),
        "names of this machine are one"
    );
}

#[test]
fn a_link_that_is_not_in_order_ends_on_an_error_page() {
    let world = World::start();
    let cat = world.component_token();
    let code = pre_auth_code(&world, &cat);
    let page = |link: &str| open(&world, link, &[FROM_OURS]);
    assert!(page(&link("preauthcode@@@x", "")).contains("预授权码无效"));
    let elsewhere = link(&code, "").replace("127.0.0.1", "evil.example");
    assert!(page(&elsewhere).contains("回调地址域名与配置不一致"));
    assert!(page(&link(&code, "").replace(PLATFORM, "wx0")).contains("第三方平台不存在"));
    assert!(page(&link(&code, "&auth_type=5")).contains("没有可以授权的账号"));
    world.advance(601);
    assert!(page(&link(&code, "")).contains("预授权码已过期"));
}

#[test]
fn a_pinned_account_is_the_only_choice_whatever_the_type() {
    let world = World::start();
    let cat = world.component_token();
    let extra = format!("&auth_type=2&biz_appid={OTHER}");
    let link = link(&pre_auth_code(&world, &cat), &extra);
    assert_eq!(choices(&open(&world, &link, &[FROM_OURS])), [OTHER]);
    let other = click(&world, "confirm", &link, OFFICIAL);
    assert!(other.body.contains("没有可以授权的账号"));
}

#[test]
fn the_phone_page_is_at_two_addresses() {
    let world = World::start();
    let cat = world.component_token();
    let link = link(
        &pre_auth_code(&world, &cat),
        "&action=bindcomponent&no_scan=1",
    );
    for path in ["/wxaopen/safe/bindcomponent", "/safe/bindcomponent"] {
        let target = format!("{path}?{link}");
        let reply = request(world.wechat, "GET", &target, &[FROM_OURS], "").unwrap();
        assert!(choices(&reply.body).contains(&OFFICIAL), "{path}");
    }
}

#[test]
fn an_unpublished_platform_is_for_its_test_list() {
    let world = World::start();
    let path = format!("/_sim/platforms/{PLATFORM}");
    let change = json!({"published": false, "testAccounts": [OTHER]});
    world.control("PATCH", &path, &change);
    let cat = world.component_token();
    let link = link(&pre_auth_code(&world, &cat), "");
    assert_eq!(choices(&open(&world, &link, &[FROM_OURS])), [OTHER]);
    let order = json!({"platform": PLATFORM, "account": OFFICIAL});
    assert_eq!(world.refused("POST", "/_sim/authorize", &order), 400);
}

#[test]
fn the_category_list_narrows_what_is_granted() {
    let world = World::start();
    let cat = world.component_token();
    let link = link(
        &pre_auth_code(&world, &cat),
        "&category_id_list=15%7C24%7C999",
    );
    click(&world, "confirm", &link, OFFICIAL);
    let granted = || -> Value {
        let state = world.control("GET", "/_sim/state", &json!({}));
        state["authorizations"][0]["permissionSets"].clone()
    };
    until(|| granted() == json!([15, 24]));
}
