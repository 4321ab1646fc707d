//! The page `fastregisterauth` as a browser walks through it.

use serde_json::json;

use super::{FROM_OURS, Registrar, link};
use crate::simulator::http::request;
use crate::simulator::world::{MINI, OFFICIAL, PLATFORM};

impl Registrar {
    fn open(&self, link: &str, headers: &[(&str, &str)]) -> String {
        let target = format!("/cgi-bin/fastregisterauth?{link}");
        let reply = request(self.world.wechat, "GET", &target, headers, "").unwrap();
        assert_eq!(reply.status, 200);
        reply.body
    }
}

#[test]
fn an_administrator_confirms_and_is_sent_back_with_a_ticket() {
    let registrar = Registrar::start();
    let page = registrar.open(&link(1), &[FROM_OURS]);
    assert!(page.contains("日出舞蹈有限公司") && page.contains("复用公众号的认证"));
    let done = registrar.confirm(&link(1));
    assert_eq!(done.status, 302);
    let location = done.header("location").unwrap();
    let (before, ticket) = location.split_once("&ticket=").expect("a ticket");
    assert_eq!(before, "http://127.0.0.1:8080/back?state=abc");
    assert!(ticket.len() > 20 && !ticket.contains('&'));
    assert_ne!(ticket, registrar.ticket(1), "every scan has its own");
}

#[test]
fn the_page_is_reached_by_a_click_on_the_configured_domain() {
    let registrar = Registrar::start();
    assert!(
        registrar
            .open(&link(1), &[])
            .contains("授权入口页所在域名: 空")
    );
    let elsewhere = [("Referer", "https://evil.example/x")];
    let page = registrar.open(&link(1), &elsewhere);
    assert!(page.contains("授权入口页所在域名: evil.example"));
}

#[test]
fn every_stop_has_its_own_text() {
    let registrar = Registrar::start();
    let world = &registrar.world;
    let usual = link(1);
    let mut seen = Vec::new();
    let mut stops = |link: &str, text: &str| {
        let page = registrar.open(link, &[FROM_OURS]);
        assert!(page.contains(text), "{text}: {page}");
        let done = registrar.confirm(link);
        assert_eq!(done.status, 200, "{text}");
        assert!(done.body.contains(text), "{text}");
        let title = page.split("<h1>").nth(1).unwrap();
        seen.push(title.split("</h1>").next().unwrap().to_owned());
    };
    stops(&usual.replace(PLATFORM, "wx0"), "第三方平台不存在");
    stops(&usual.replace(OFFICIAL, "wx0"), "公众号不存在");
    let wrong_host = usual.replace("127.0.0.1", "evil.example");
    stops(&wrong_host, "61060");
    stops(&link(2), "copy_wx_verify 只能为 0 或 1");
    for (change, text) in [
        (json!({"verifyType": -1}), "61052"),
        (
            json!({"verifyType": 0, "basicInfo": {"principalType": 0}}),
            "61051",
        ),
        (
            json!({"basicInfo": {"principalType": 1, "registeredCountry": 1}}),
            "61061",
        ),
        (
            json!({"basicInfo": {"registeredCountry": 1017}, "accountStatus": 16}),
            "已被封禁",
        ),
    ] {
        world.change(OFFICIAL, &change);
        stops(&usual, text);
    }
    world.change(OFFICIAL, &json!({"accountStatus": 1}));
    world.authorized(&registrar.component, OFFICIAL, Some(&[3, 15]));
    stops(&usual, "未将快速注册小程序权限（27）授权");
    let order = json!({"platform": PLATFORM, "account": OFFICIAL});
    world.control("POST", "/_sim/revoke", &order);
    stops(&usual, "未授权给此第三方平台");
    seen.sort();
    let all = seen.len();
    seen.dedup();
    assert_eq!((all, seen.len()), (10, 10), "{seen:?}");
    world.authorized(&registrar.component, MINI, None);
    let of_mini = usual.replace(OFFICIAL, MINI);
    let page = registrar.open(&of_mini, &[FROM_OURS]);
    assert!(page.contains("公众号不存在"), "a mini-program is none");
}

#[test]
fn a_page_that_says_nothing_of_the_verification_does_not_reuse_it() {
    let registrar = Registrar::start();
    let silent = link(1).replace("&copy_wx_verify=1", "");
    let page = registrar.open(&silent, &[FROM_OURS]);
    assert!(page.contains("不复用公众号的认证"));
    assert_eq!(registrar.confirm(&silent).status, 302);
}
