//! What a release does to an app's domains.

use serde_json::{Value, json};

use super::{
    EFFECTIVE, EFFECTIVE_WEBVIEW, WAY_ONE, WAY_TWO, WEBVIEW_DIRECT, file_of, platform_has,
    put_file, release,
};
use crate::simulator::miniprogram::Mini;
use crate::simulator::world::{MINI, PLATFORM};

fn ready() -> Mini {
    let mini = Mini::start();
    mini.switch("webviewDomainsEndWithSlash", json!(false));
    platform_has(
        &mini,
        json!(["a.example.com", "b.example.com"]),
        json!(["example.cn"]),
    );
    mini
}

fn in_force(mini: &Mini) -> Value {
    mini.post(EFFECTIVE, &json!({}))["effective_domain"]["requestdomain"].clone()
}

fn console(mini: &Mini, server: Value, business: Value) {
    let domains =
        json!({"server": {"mp": {"requestdomain": server}}, "business": {"mp": business}});
    mini.change(json!({"miniProgram": {"domains": domains}}));
}

#[test]
fn users_get_what_the_platform_still_has() {
    let mini = ready();
    let body = json!({"action": "add", "requestdomain": ["https://a.example.com", "https://b.example.com"]});
    assert_eq!(mini.code(WAY_ONE, &body), 0);
    let direct = json!({"action": "add", "requestdomain": ["https://direct.example.com"]});
    assert_eq!(mini.code(WAY_TWO, &direct), 0);
    assert_eq!(
        mini.code(
            super::WEBVIEW,
            &json!({"action": "add", "webviewdomain": ["https://m.example.cn"]})
        ),
        0
    );
    console(
        &mini,
        json!(["https://mine.example.com", "https://b.example.com"]),
        json!(["https://mine.example.com", "https://example.cn"]),
    );
    platform_has(&mini, json!(["b.example.com"]), json!(["example.cn"]));
    assert_eq!(in_force(&mini), json!([]));
    release(&mini, Some(PLATFORM));
    let shown = mini.post(EFFECTIVE, &json!({}));
    assert_eq!(
        shown["mp_domain"]["requestdomain"],
        json!(["https://b.example.com"])
    );
    assert_eq!(
        shown["third_domain"]["requestdomain"],
        json!(["https://b.example.com"])
    );
    assert_eq!(
        shown["direct_domain"]["requestdomain"],
        json!(["https://direct.example.com"])
    );
    assert_eq!(
        shown["effective_domain"]["requestdomain"],
        json!(["https://b.example.com", "https://direct.example.com"])
    );
    let shown = mini.post(EFFECTIVE_WEBVIEW, &json!({}));
    assert_eq!(shown["mp_webviewdomain"], json!(["https://example.cn"]));
    assert_eq!(
        shown["effective_webviewdomain"],
        json!(["https://example.cn", "https://m.example.cn"])
    );
    assert_eq!(mini.world.account(MINI)["miniProgram"]["released"], true);
}

#[test]
fn what_is_changed_later_waits_for_the_next_release() {
    let mini = ready();
    let add = json!({"action": "add", "requestdomain": ["https://a.example.com"]});
    assert_eq!(mini.code(WAY_ONE, &add), 0);
    release(&mini, Some(PLATFORM));
    let delete = json!({"action": "delete", "requestdomain": ["https://a.example.com"]});
    assert_eq!(mini.code(WAY_ONE, &delete), 0);
    assert_eq!(in_force(&mini), json!(["https://a.example.com"]));
    release(&mini, Some(PLATFORM));
    assert_eq!(in_force(&mini), json!([]));
}

#[test]
fn what_only_the_testing_list_has_goes() {
    let mini = ready();
    let lists = json!({"domains": {"server": {"testing": ["a.example.com"], "published": []}}});
    let path = format!("/_sim/platforms/{PLATFORM}");
    mini.world.control("PATCH", &path, &lists);
    let add = json!({"action": "add", "requestdomain": ["https://a.example.com"]});
    assert_eq!(mini.code(WAY_ONE, &add), 0);
    release(&mini, Some(PLATFORM));
    assert_eq!(in_force(&mini), json!([]));
    assert_eq!(
        mini.post(WAY_ONE, &json!({"action": "get"}))["requestdomain"],
        json!([])
    );
    mini.world
        .control("PATCH", &path, &json!({"published": false}));
    assert_eq!(mini.code(WAY_ONE, &add), 0);
    release(&mini, Some(PLATFORM));
    assert_eq!(
        in_force(&mini),
        json!(["https://a.example.com"]),
        "it has no other list"
    );
}

#[test]
fn the_owners_own_domains_may_be_left_alone() {
    for (drops, through, left) in [
        (true, Some(PLATFORM), json!([])),
        (false, Some(PLATFORM), json!(["https://mine.example.com"])),
        (true, None, json!(["https://mine.example.com"])),
    ] {
        let mini = ready();
        mini.switch("releaseDropsConsoleDomains", json!(drops));
        console(&mini, json!(["https://mine.example.com"]), json!([]));
        release(&mini, through);
        assert_eq!(in_force(&mini), left);
    }
}

#[test]
fn what_is_set_directly_again_is_out_of_force() {
    for (needs, left) in [(true, json!([])), (false, json!(["https://a.example.com"]))] {
        let mini = ready();
        mini.switch("directSetNeedsRelease", json!(needs));
        let set = json!({"action": "set", "requestdomain": ["https://a.example.com"]});
        assert_eq!(mini.code(WAY_TWO, &set), 0);
        put_file(&mini, "a.example.com", &file_of(&mini));
        let webview = json!({"action": "set", "webviewdomain": ["https://a.example.com"]});
        assert_eq!(mini.code(WEBVIEW_DIRECT, &webview), 0);
        release(&mini, None);
        assert_eq!(in_force(&mini), json!(["https://a.example.com"]));
        let add = json!({"action": "add", "requestdomain": ["https://a.example.com"]});
        assert_eq!(mini.code(WAY_TWO, &add), 0);
        assert_eq!(
            in_force(&mini),
            json!(["https://a.example.com"]),
            "adding does no harm"
        );
        assert_eq!(mini.code(WAY_TWO, &set), 0);
        assert_eq!(in_force(&mini), left);
        assert_eq!(mini.code(WEBVIEW_DIRECT, &webview), 0);
        let shown = mini.post(EFFECTIVE_WEBVIEW, &json!({}));
        assert_eq!(shown["effective_webviewdomain"], left);
        release(&mini, None);
        assert_eq!(in_force(&mini), json!(["https://a.example.com"]));
    }
}

#[test]
fn orders_that_name_nobody_are_refused() {
    let mini = ready();
    let post = |path: &str, body: Value| mini.world.refused("POST", path, &body);
    assert_eq!(post("/_sim/accounts/wx0/release", json!({})), 404);
    let path = format!("/_sim/accounts/{MINI}/release");
    assert_eq!(post(&path, json!({"platform": "wx0"})), 404);
    assert_eq!(post(&path, json!({"through": PLATFORM})), 400);
}
