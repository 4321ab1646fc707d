//! Codes are not lost: an owner scans once, and whatever stands in the way of the exchange, it is made as soon as that
//! is gone, by itself.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;
use wxops::client::Addressee;
use wxops::store::documents::{CodeDoc, TenantDoc};
use wxops::store::{Key, Store};

use super::place::{Place, Setup, Tenant, Tenants, wait_for};
use crate::flaky::Flaky;
use crate::world::{OFFICIAL, OTHER, World, appid, cred};

const QUERY_AUTH: &str = "/cgi-bin/component/api_query_auth";
const INFO: &str = "/cgi-bin/component/api_get_authorizer_info";

fn setup(store: &Store) -> Setup {
    Setup {
        store: Some(store.clone()),
        tenants: Tenants(BTreeMap::from([("any", Tenant::default())])),
        ..Setup::default()
    }
}

async fn pinned(store: &Store) -> bool {
    let stored = store.get::<TenantDoc>(&Key::tenant("any")).await.unwrap();
    stored.is_some_and(|stored| stored.value.pin == Some(appid(OFFICIAL)))
}

/// The owner comes back from WeChat while something is in the way; answers what she is told.
async fn comes_back(place: &Place) -> String {
    let back = place.authorize_at_wechat("any", OFFICIAL).await;
    let page = place.get(back, &[]).await;
    assert_eq!(page.status, 503, "{}", page.text);
    page.text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_wechat_does_not_answer_is_asked_again_until_it_does() {
    // Not 45009: whoever was told that the platform's calls of the day are used up asks no more on that day.
    for fault in [
        json!({"kind": "http502"}),
        json!({"kind": "resetBefore"}),
        json!({"kind": "errcode", "code": -1}),
        json!({"kind": "errcode", "code": 40001}),
    ] {
        let store = Store::in_memory();
        let place = Place::with(setup(&store)).await;
        place.push_ticket();
        for endpoint in [QUERY_AUTH, INFO] {
            let mut fault = fault.clone();
            fault["endpoint"] = endpoint.into();
            place.world.fault(fault);
        }
        let told = comes_back(&place).await;
        assert!(told.contains("无需再次扫码"), "{told}");
        let asked = place.world.count(QUERY_AUTH).received;
        // Nobody does anything, and it is asked again all the same.
        wait_for(async || place.world.count(QUERY_AUTH).received > asked).await;
        assert!(!pinned(&store).await);
        place.world.no_faults();
        place.world.advance(30);
        wait_for(async || pinned(&store).await).await;
        // Whoever waits is woken right after the pin is stored.
        wait_for(async || place.heard_of("any")).await;
        let held = cred(&store, OFFICIAL).await.unwrap();
        assert!(held.refresh_token.is_some(), "{fault}");
        // It is settled: nothing more is asked.
        let asked = place.world.count(QUERY_AUTH).received;
        place.world.advance(300);
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(place.world.count(QUERY_AUTH).received, asked, "{fault}");
        place.world.assert_no_secret_in(&[told]);
        place.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_that_came_before_the_first_ticket_is_exchanged_when_one_comes() {
    let place = Place::with(setup(&Store::in_memory())).await;
    place.world.authorize(OFFICIAL);
    wait_for(async || place.health().await["pushes"]["authorized"] == 1).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(cred(&place.store, OFFICIAL).await.is_none());
    assert!(place.push_ticket());
    wait_for(async || cred(&place.store, OFFICIAL).await.is_some()).await;
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_full_store_holds_a_code_up_and_loses_none() {
    for kind in ["code", "cred", "claim", "tenant"] {
        let (flaky, store) = Flaky::store();
        let place = Place::with(setup(&store)).await;
        place.push_ticket();
        // The browser alone brings the code: nobody else can bring it again.
        place
            .world
            .fault(json!({"endpoint": "push:*", "kind": "lostPush"}));
        flaky.fail_writes_of(kind);
        comes_back(&place).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(!pinned(&store).await, "{kind}");
        flaky.heal();
        place.world.advance(30);
        wait_for(async || pinned(&store).await).await;
        assert_eq!(place.world.count(QUERY_AUTH).received, 1, "{kind}");
        place.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_next_sidecar_goes_on_where_this_one_stopped() {
    // Before the exchange, and between the exchange and the answer whose account it is.
    for endpoint in [QUERY_AUTH, INFO] {
        let store = Store::in_memory();
        let place = Place::with(setup(&store)).await;
        place.push_ticket();
        place.world.fault(json!([
            {"endpoint": "push:*", "kind": "lostPush"},
            {"endpoint": endpoint, "kind": "http502"},
        ]));
        comes_back(&place).await;
        place.sidecar.stop().await;
        place.world.no_faults();
        assert!(!pinned(&store).await, "{endpoint}");
        let next = Place::beside(place.world, store.clone(), setup(&store)).await;
        wait_for(async || pinned(&store).await).await;
        next.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_is_tried_until_it_dies_and_no_longer() {
    let store = Store::in_memory();
    let place = Place::with(setup(&store)).await;
    place.push_ticket();
    place.world.fault(json!([
        {"endpoint": "push:*", "kind": "lostPush"},
        {"endpoint": QUERY_AUTH, "kind": "http502"},
    ]));
    comes_back(&place).await;
    // Half a minute before its death it is still tried.
    place.world.advance(570);
    let asked = place.world.count(QUERY_AUTH).received;
    wait_for(async || place.world.count(QUERY_AUTH).received > asked).await;
    place.world.advance(60);
    tokio::time::sleep(Duration::from_millis(600)).await;
    let asked = place.world.count(QUERY_AUTH).received;
    place.world.advance(60);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(place.world.count(QUERY_AUTH).received, asked);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_dead_code_is_refused_once_and_left_alone() {
    let place = Place::with(setup(&Store::in_memory())).await;
    place.push_ticket();
    let mut back = place.link("any");
    back.path_segments_mut().unwrap().push("callback");
    back.set_query(Some("auth_code=queryauthcode@@@made-up"));
    assert_eq!(place.get(back, &[]).await.title(), "授权已过期");
    place.world.advance(30);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(place.world.count(QUERY_AUTH).received, 1);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn codes_that_others_stored_are_found_and_settled_ones_left() {
    let world = World::start().await;
    let store = Store::in_memory();
    let earlier = world.client(&store, "an earlier process");
    world.ticket(&earlier).await;
    let settled = world.authorize(OTHER);
    earlier.exchange(&settled).await.unwrap();
    let code = world.authorize(OFFICIAL);
    let any = Addressee::of("any", None);
    earlier.keep_code_for(&code, &any).await.unwrap();
    let place = Place::beside(world, store.clone(), setup(&store)).await;
    wait_for(async || pinned(&store).await).await;
    assert_eq!(place.world.count(QUERY_AUTH).received, 2);
    wait_for(async || {
        let key = Key::code(&appid(crate::world::PLATFORM), code.expose());
        let stored = store.get::<CodeDoc>(&key).await.unwrap().unwrap();
        stored.value.tenant.is_none() && stored.value.exchanged
    })
    .await;
    place.stop().await;
}
