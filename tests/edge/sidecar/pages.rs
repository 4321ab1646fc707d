//! The pages an owner walks through, and every way it can go wrong.

use std::collections::BTreeMap;

use serde_json::json;
use wxops::store::Key;
use wxops::store::documents::{ClaimDoc, TenantDoc};

use super::place::{Place, Setup, Tenant, Tenants, wait_for};
use crate::flaky::Flaky;
use crate::world::{MINI, OFFICIAL, OTHER, PLATFORM, appid, cred};

const QUERY_AUTH: &str = "/cgi-bin/component/api_query_auth";
const PREAUTH: &str = "/cgi-bin/component/api_create_preauthcode";
const IPHONE_WECHAT: &str = "Mozilla/5.0 (iPhone) Mobile/15E148 MicroMessenger/8.0.42";

/// `any` takes any account; `named` only [`OFFICIAL`]; `strict` only accounts of its own company.
fn tenants() -> Tenants {
    let named = Tenant {
        account: Some(OFFICIAL),
        ..Tenant::default()
    };
    let strict = Tenant {
        principal: Some("日出舞蹈有限公司"),
        sets: [15, 24].into(),
        ..Tenant::default()
    };
    Tenants(BTreeMap::from([
        ("any", Tenant::default()),
        ("another", Tenant::default()),
        ("named", named),
        ("strict", strict),
    ]))
}

async fn place() -> Place {
    let place = Place::with(Setup {
        tenants: tenants(),
        ..Setup::default()
    })
    .await;
    place.push_ticket();
    place
}

async fn pin(place: &Place, tenant: &str) -> Option<String> {
    let stored = place
        .store
        .get::<TenantDoc>(&Key::tenant(tenant))
        .await
        .unwrap();
    stored.and_then(|stored| stored.value.pin.map(|pin| pin.to_string()))
}

async fn claim(place: &Place, account: &str) -> Option<String> {
    let stored = place
        .store
        .get::<ClaimDoc>(&Key::claim(&appid(account)))
        .await
        .unwrap();
    stored.map(|stored| stored.value.tenant)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_owner_authorizes_in_a_browser() {
    let place = place().await;
    let opened = place.get(place.link("any"), &[]).await;
    assert_eq!((opened.status, opened.title()), (200, "授权公众号"));
    assert_eq!(
        place.world.count(PREAUTH).received,
        0,
        "the code is made at the click"
    );
    let welcome = place.authorize("any", OFFICIAL).await;
    assert_eq!((welcome.status, welcome.title()), (200, "授权成功"));
    assert!(welcome.text.contains("日出舞蹈"));
    assert_eq!(pin(&place, "any").await.as_deref(), Some(OFFICIAL));
    assert_eq!(claim(&place, OFFICIAL).await.as_deref(), Some("any"));
    assert!(
        cred(&place.store, OFFICIAL)
            .await
            .unwrap()
            .refresh_token
            .is_some()
    );
    assert!(place.heard_of("any"));
    // The push brought the same code, before or after; it was spent once.
    wait_for(async || place.health().await["pushes"]["authorized"] == 1).await;
    assert_eq!(place.world.count(QUERY_AUTH).received, 1);
    // Opened again (a reload), the page says the same.
    let again = place.get(welcome.at.clone(), &[]).await;
    assert_eq!((again.status, again.title()), (200, "授权成功"));
    place
        .world
        .assert_no_secret_in(&[opened.text, welcome.text]);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_owner_whose_browser_is_gone_by_then_is_authorized_all_the_same() {
    let place = place().await;
    place.world.fault(json!([
        {"endpoint": "push:authorized", "kind": "lostPush"},
        {"endpoint": QUERY_AUTH, "kind": "latencyAfterEffect", "ms": 500},
    ]));
    let back = place.authorize_at_wechat("any", OFFICIAL).await;
    let gone = std::time::Duration::from_millis(100);
    tokio::time::timeout(gone, place.get(back, &[]))
        .await
        .unwrap_err();
    wait_for(async || pin(&place, "any").await.is_some()).await;
    assert_eq!(pin(&place, "any").await.as_deref(), Some(OFFICIAL));
    let held = cred(&place.store, OFFICIAL).await.unwrap();
    assert!(held.refresh_token.is_some());
    assert_eq!(place.world.count(QUERY_AUTH).received, 1);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_way_to_wechat_is_a_click_on_our_page() {
    let place = place().await;
    let clicked = place.post(place.link("any"), &[]).await;
    assert_eq!(
        clicked.status, 200,
        "never a redirect: it would have no Referer"
    );
    let target = clicked.link();
    assert_eq!(target.path(), "/cgi-bin/componentloginpage");
    assert_eq!(
        clicked.headers["referrer-policy"],
        "strict-origin-when-cross-origin"
    );
    assert_eq!(clicked.headers["cache-control"], "no-store");
    assert_eq!(clicked.headers["x-content-type-options"], "nosniff");
    let policy = clicked.headers["content-security-policy"].to_str().unwrap();
    let nonce = policy
        .split("script-src 'nonce-")
        .nth(1)
        .unwrap()
        .split('\'')
        .next()
        .unwrap();
    assert!(clicked.text.contains(&format!(
        "<script nonce=\"{nonce}\">document.getElementById('go').click()"
    )));
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    // Every click makes a code of its own.
    assert_ne!(place.post(place.link("any"), &[]).await.link(), target);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_asked_for_comes_from_the_tenant_and_the_device() {
    let place = place().await;
    let asked = async |tenant: &str, agent: &str| {
        let clicked = place
            .post(place.link(tenant), &[("user-agent", agent)])
            .await;
        let target = clicked.link();
        let pairs: BTreeMap<String, String> = target.query_pairs().into_owned().collect();
        (target, pairs)
    };
    let (_, any) = asked("any", "").await;
    assert_eq!(
        (
            any.get("auth_type").map(String::as_str),
            any.get("biz_appid")
        ),
        (Some("1"), None)
    );
    assert_eq!(any.get("category_id_list"), None);
    let (_, named) = asked("named", "").await;
    assert_eq!(
        (
            named.get("auth_type"),
            named.get("biz_appid").map(String::as_str)
        ),
        (None, Some(OFFICIAL))
    );
    let (_, strict) = asked("strict", "").await;
    assert_eq!(strict.get("category_id_list"), None, "nothing is narrowed");
    let (phone, _) = asked("any", IPHONE_WECHAT).await;
    assert_eq!(phone.path(), "/wxaopen/safe/bindcomponent");
    // A tenant that has its account is asked for no other.
    place.authorize("any", OFFICIAL).await;
    let (_, pinned) = asked("any", "").await;
    assert_eq!(pinned["biz_appid"], OFFICIAL);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_speak_english_where_the_browser_does() {
    let place = place().await;
    let english = [("accept-language", "en-US,en;q=0.9")];
    let opened = place.get(place.link("any"), &english).await;
    assert_eq!(opened.title(), "Authorize your official account");
    let back = place.authorize_at_wechat("any", OFFICIAL).await;
    assert_eq!(place.get(back, &english).await.title(), "Authorized");
    let unknown = place
        .get(place.url("/authorize/any.0").parse().unwrap(), &english)
        .await;
    assert_eq!(unknown.title(), "This link is not valid");
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_link_we_did_not_make_leads_nowhere() {
    let place = place().await;
    let good = place.link("any");
    let gone = place.link("a tenant that is gone");
    for url in [
        good.as_str().replace("any.", "named."),
        format!("{good}0"),
        place.url("/authorize/any"),
        place.url("/authorize/any."),
        gone.to_string(),
        format!(
            "{}/callback?auth_code=x",
            good.as_str().replace("any.", "named.")
        ),
    ] {
        let page = place.get(url.parse().unwrap(), &[]).await;
        assert_eq!((page.status, page.title()), (404, "链接无效"), "{url}");
        if !url.contains("callback") {
            assert_eq!(
                place.post(url.parse().unwrap(), &[]).await.status,
                404,
                "{url}"
            );
        }
    }
    assert_eq!(place.world.count(PREAUTH).received, 0);
    assert_eq!(place.world.count(QUERY_AUTH).received, 0);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_account_that_is_not_what_the_tenant_wants_is_refused_with_its_own_page() {
    let place = place().await;
    let mut pages = Vec::new();
    for (tenant, account, change, title) in [
        ("strict", OTHER, json!({}), "账号主体不符"),
        ("strict", OFFICIAL, json!({"verifyType": -1}), "账号未认证"),
    ] {
        place
            .world
            .control
            .send("PATCH", &format!("/_sim/accounts/{account}"), &change);
        let page = place.authorize(tenant, account).await;
        assert_eq!((page.status, page.title()), (409, title));
        assert_eq!(pin(&place, tenant).await, None, "{title}");
        assert_eq!(claim(&place, account).await, None, "{title}");
        pages.push(page.text);
    }
    // WeChat's page offers no mini-program here; a code for one can still come along.
    let code = place.world.authorize(MINI);
    let mut back = place.link("any");
    back.path_segments_mut().unwrap().push("callback");
    back.query_pairs_mut()
        .append_pair("auth_code", code.expose());
    let page = place.get(back.clone(), &[]).await;
    assert_eq!((page.status, page.title()), (409, "账号类型不符"));
    // And for a tenant whose manifest names another account.
    let named = back
        .as_str()
        .replace(place.link("any").path(), place.link("named").path());
    let page = place.get(named.parse().unwrap(), &[]).await;
    assert_eq!((page.status, page.title()), (409, "账号不符"));
    assert!(page.text.contains(OFFICIAL));
    place.world.assert_no_secret_in(&pages);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p12_one_account_one_tenant() {
    let place = place().await;
    assert_eq!(place.authorize("any", OFFICIAL).await.status, 200);
    let taken = place.authorize("another", OFFICIAL).await;
    assert_eq!((taken.status, taken.title()), (409, "账号已绑定其他客户"));
    assert!(!taken.text.contains("any."), "no word about whose it is");
    assert_eq!(pin(&place, "another").await, None);
    assert_eq!(claim(&place, OFFICIAL).await.as_deref(), Some("any"));
    // The tenant may take another one, and then no second.
    assert_eq!(place.authorize("another", OTHER).await.status, 200);
    let code = place.world.authorize(OTHER);
    let mut back = place.link("any");
    back.path_segments_mut().unwrap().push("callback");
    back.query_pairs_mut()
        .append_pair("auth_code", code.expose());
    let second = place.get(back, &[]).await;
    assert_eq!((second.status, second.title()), (409, "已绑定另一个公众号"));
    assert_eq!(pin(&place, "any").await.as_deref(), Some(OFFICIAL));
    assert_eq!(claim(&place, OTHER).await.as_deref(), Some("another"));
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_customers_mini_programs_are_told_apart() {
    let called = Tenant {
        nickname: Some("日出舞蹈课堂"),
        ..Tenant::default()
    };
    let place = Place::with(Setup {
        tenants: Tenants(BTreeMap::from([("any", called)])),
        ..Setup::default()
    })
    .await;
    place.push_ticket();
    let english = [("accept-language", "en")];
    let main = place.get(place.link("any:main"), &[]).await;
    assert!(
        main.text.contains("小程序：main（日出舞蹈课堂）"),
        "{}",
        main.text
    );
    let shop = place.get(place.link("any:shop"), &english).await;
    assert!(
        shop.text.contains("Mini-program: shop (日出舞蹈课堂)"),
        "{}",
        shop.text
    );
    let welcome = place.authorize("any:main", MINI).await;
    assert_eq!(welcome.title(), "授权成功");
    assert!(
        welcome.text.contains("后续设置由服务商进行"),
        "{}",
        welcome.text
    );
    assert!(!welcome.text.contains("菜单"));
    // The same one by the other item's link.
    let code = place.world.authorize(MINI);
    let mut back = place.link("any:shop");
    back.path_segments_mut().unwrap().push("callback");
    back.query_pairs_mut()
        .append_pair("auth_code", code.expose());
    let taken = place.get(back.clone(), &[]).await;
    assert_eq!((taken.status, taken.title()), (409, "选错了小程序"));
    let said = "您选择的小程序已授权为「main」，本链接用于「shop」";
    assert!(taken.text.contains(said), "{}", taken.text);
    let taken = place.get(back, &english).await;
    assert_eq!(taken.title(), "Another mini-program was expected");
    assert!(
        taken.text.contains("choose the other mini-program"),
        "{}",
        taken.text
    );
    assert_eq!(claim(&place, MINI).await.as_deref(), Some("any"));
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn missing_permission_sets_are_named_on_the_welcome_page() {
    let place = place().await;
    let code = place.world.control.send(
        "POST",
        "/_sim/authorize",
        &json!({"platform": PLATFORM, "account": OFFICIAL, "permissionSets": [15]}),
    );
    let mut back = place.link("strict");
    back.path_segments_mut().unwrap().push("callback");
    back.query_pairs_mut()
        .append_pair("auth_code", code["authorizationCode"].as_str().unwrap());
    let page = place.get(back, &[]).await;
    assert_eq!((page.status, page.title()), (200, "授权成功"));
    assert!(
        page.text.contains("24") && page.text.contains("还缺少"),
        "{}",
        page.text
    );
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_expired_or_missing_code_has_its_page() {
    let place = place().await;
    let mut callback = place.link("any");
    callback.path_segments_mut().unwrap().push("callback");
    let too_long = format!("auth_code={}", "x".repeat(513));
    for (query, title) in [
        ("", "没有完成授权"),
        ("auth_code=", "没有完成授权"),
        (&*too_long, "地址不完整"),
    ] {
        callback.set_query(Some(query));
        let page = place.get(callback.clone(), &[]).await;
        assert_eq!((page.status, page.title()), (400, title), "{query}");
    }
    callback.set_query(Some("auth_code=queryauthcode@@@made-up&expires_in=600"));
    let page = place.get(callback, &[]).await;
    assert_eq!((page.status, page.title()), (410, "授权已过期"));
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn when_wechat_does_not_answer_the_owner_is_told_to_come_back() {
    let place = place().await;
    // The push is lost too, so only the browser brings the code.
    place.world.fault(json!([
        {"endpoint": "push:*", "kind": "lostPush"},
        {"endpoint": PREAUTH, "kind": "http502", "count": 1},
    ]));
    let clicked = place.post(place.link("any"), &[]).await;
    assert_eq!((clicked.status, clicked.title()), (503, "微信暂时没有应答"));
    let back = place.authorize_at_wechat("any", OFFICIAL).await;
    place
        .world
        .fault(json!({"endpoint": QUERY_AUTH, "kind": "http502"}));
    let page = place.get(back.clone(), &[]).await;
    assert_eq!((page.status, page.title()), (503, "微信暂时没有应答"));
    assert_eq!(pin(&place, "any").await, None);
    place.world.no_faults();
    assert_eq!(place.get(back, &[]).await.title(), "授权成功");
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn when_our_store_fails_nothing_is_pinned_by_halves() {
    let (flaky, store) = Flaky::store();
    let place = Place::with(Setup {
        store: Some(store),
        tenants: tenants(),
        ..Setup::default()
    })
    .await;
    place.push_ticket();
    // Before the owner confirms: the push's code is exchanged at once, and would be stored ahead of the browser.
    flaky.fail_writes_of("cred");
    let back = place.authorize_at_wechat("any", OFFICIAL).await;
    wait_for(async || place.health().await["pushes"]["authorized"] == 1).await;
    for kind in ["cred", "claim", "tenant"] {
        flaky.fail_writes_of(kind);
        let page = place.get(back.clone(), &[]).await;
        assert_eq!(
            (page.status, page.title()),
            (503, "服务暂时不可用"),
            "{kind}"
        );
        assert_eq!(pin(&place, "any").await, None, "{kind}");
        flaky.heal();
    }
    assert_eq!(place.get(back, &[]).await.title(), "授权成功");
    assert_eq!(pin(&place, "any").await.as_deref(), Some(OFFICIAL));
    place.stop().await;
}
