//! Ticket → component token → authorizer token.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::json;
use wxops::store::documents::{CredDoc, PlatformDoc, RefreshClaim};
use wxops::store::{Key, Store};
use wxops::wechat::{Answer, Secret};

use crate::flaky::Flaky;
use crate::world::{OFFICIAL, World, appid, cred, errcode, lost, menu_get, platform_doc};

pub const COMPONENT_TOKEN: &str = "/cgi-bin/component/api_component_token";
pub const AUTHORIZER_TOKEN: &str = "/cgi-bin/component/api_authorizer_token";
pub const START_PUSH: &str = "/cgi-bin/component/api_start_push_ticket";
pub const MENU_GET: &str = "/cgi-bin/menu/get";
/// No menu was made through the API.
pub const NO_MENU: i64 = 46003;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_callers_share_one_flight_per_token() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (client, _) = world.client_with_ticket().await;
    let reader = client.reader();
    let call = menu_get(OFFICIAL);
    let answers = join_all((0..20).map(|_| reader.read(&call))).await;
    assert!(
        answers
            .iter()
            .all(|answer| errcode(answer) == Some(NO_MENU))
    );
    assert_eq!(world.count(COMPONENT_TOKEN).received, 1);
    assert_eq!(world.count(AUTHORIZER_TOKEN).received, 1);
    assert_eq!(world.count(MENU_GET).received, 20);
    world.assert_no_secret_in(&[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_on_one_store_refresh_once() {
    let world = World::authorized(&[OFFICIAL]).await;
    let store = Store::in_memory();
    let processes: Vec<_> = (0..5)
        .map(|n| world.client(&store, &format!("process {n}")))
        .collect();
    world.ticket(&processes[0]).await;
    world.fault(json!([
        {"endpoint": COMPONENT_TOKEN, "kind": "latency", "ms": 200},
        {"endpoint": AUTHORIZER_TOKEN, "kind": "latency", "ms": 200},
    ]));
    let call = menu_get(OFFICIAL);
    let readers: Vec<_> = processes.iter().map(|client| client.reader()).collect();
    let answers = join_all(readers.iter().map(|reader| reader.read(&call))).await;
    assert!(
        answers
            .iter()
            .all(|answer| errcode(answer) == Some(NO_MENU))
    );
    assert_eq!(world.count(COMPONENT_TOKEN).received, 1);
    assert_eq!(world.count(AUTHORIZER_TOKEN).received, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refresh_that_a_dead_process_claimed_is_taken_over_when_its_time_is_up() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (client, store) = world.client_with_ticket().await;
    client.reader().read(&menu_get(OFFICIAL)).await;
    let until = world.now() + jiff::SignedDuration::from_secs(20);
    store
        .amend::<CredDoc, ()>(&Key::cred(&appid(OFFICIAL)), |doc| {
            doc.access_token = None;
            doc.claim = Some(RefreshClaim {
                owner: "a process that died".into(),
                until,
            });
        })
        .await
        .unwrap();
    let before = world.count(AUTHORIZER_TOKEN).received;
    let reader = client.reader();
    let reading = tokio::spawn(async move { reader.read(&menu_get(OFFICIAL)).await });
    // It is not taken before: the dead process might be a slow one.
    tokio::time::timeout(Duration::from_millis(200), async {
        while !reading.is_finished() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap_err();
    assert_eq!(world.count(AUTHORIZER_TOKEN).received, before);
    world.advance(21);
    assert_eq!(errcode(&reading.await.unwrap()), Some(NO_MENU));
    assert_eq!(world.count(AUTHORIZER_TOKEN).received, before + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tokens_are_refreshed_when_needed_and_not_before() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (client, _) = world.client_with_ticket().await;
    let reader = client.reader();
    reader.read(&menu_get(OFFICIAL)).await;
    world.advance(7_200 - 310);
    reader.read(&menu_get(OFFICIAL)).await;
    assert_eq!(world.count(AUTHORIZER_TOKEN).received, 1);
    // Inside the margin: replaced before WeChat refuses it.
    world.advance(20);
    assert_eq!(
        errcode(&reader.read(&menu_get(OFFICIAL)).await),
        Some(NO_MENU)
    );
    assert_eq!(world.count(AUTHORIZER_TOKEN).received, 2);
    assert_eq!(world.count(COMPONENT_TOKEN).received, 2);
    assert_eq!(world.count(MENU_GET).received, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refused_token_is_replaced_once_and_the_call_repeated_once() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (client, _) = world.client_with_ticket().await;
    let reader = client.reader();
    reader.read(&menu_get(OFFICIAL)).await;
    for code in [40001, 40014, 42001] {
        let before = (
            world.count(MENU_GET).received,
            world.count(AUTHORIZER_TOKEN).received,
        );
        world.fault(json!({"endpoint": MENU_GET, "kind": "errcode", "code": code, "count": 1}));
        assert_eq!(
            errcode(&reader.read(&menu_get(OFFICIAL)).await),
            Some(NO_MENU)
        );
        let after = (
            world.count(MENU_GET).received,
            world.count(AUTHORIZER_TOKEN).received,
        );
        assert_eq!(after, (before.0 + 2, before.1 + 1), "{code}");
    }
    let before = world.count(MENU_GET).received;
    world.fault(json!({"endpoint": MENU_GET, "kind": "errcode", "code": 40001}));
    assert_eq!(
        errcode(&reader.read(&menu_get(OFFICIAL)).await),
        Some(40001)
    );
    assert_eq!(world.count(MENU_GET).received, before + 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refused_component_token_is_replaced_too() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (client, _) = world.client_with_ticket().await;
    world
        .fault(json!({"endpoint": AUTHORIZER_TOKEN, "kind": "errcode", "code": 42001, "count": 1}));
    let answer = client.reader().read(&menu_get(OFFICIAL)).await;
    assert_eq!(errcode(&answer), Some(NO_MENU));
    assert_eq!(world.count(COMPONENT_TOKEN).received, 2);
    assert_eq!(world.count(AUTHORIZER_TOKEN).received, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_dead_refresh_token_is_healed_from_what_wechat_knows() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (client, store) = world.client_with_ticket().await;
    client.reader().read(&menu_get(OFFICIAL)).await;
    let before = cred(&store, OFFICIAL).await.unwrap().refresh_token;
    // The owner authorizes again; the push is lost, and with it the code.
    world.authorize(OFFICIAL);
    world.advance(7_200);
    assert_eq!(
        errcode(&client.reader().read(&menu_get(OFFICIAL)).await),
        Some(NO_MENU)
    );
    assert_eq!(world.count(AUTHORIZER_TOKEN).refused, 1);
    assert_eq!(world.count(AUTHORIZER_TOKEN).received, 3);
    // A dead refresh token is no reason to spend another component token.
    assert_eq!(world.count(COMPONENT_TOKEN).received, 2);
    let after = cred(&store, OFFICIAL).await.unwrap().refresh_token;
    assert!(after.is_some() && after != before);
    world.assert_no_secret_in(&[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_rotated_refresh_token_is_stored_before_the_token_is_used() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (flaky, store) = Flaky::store();
    let client = world.client(&store, "this process");
    world.ticket(&client).await;
    client.reader().read(&menu_get(OFFICIAL)).await;
    world.switch("rotateRefreshTokenOnUse", json!(true));
    world.advance(7_200);
    world.fault(
        json!({"endpoint": AUTHORIZER_TOKEN, "kind": "latencyAfterEffect", "ms": 300, "count": 1}),
    );
    let reader = client.reader();
    let used = world.count(MENU_GET).received;
    let reading = tokio::spawn(async move { reader.read(&menu_get(OFFICIAL)).await });
    wait_for(|| world.count(AUTHORIZER_TOKEN).received == 2).await;
    flaky.fail_writes_of("cred");
    let answer = reading.await.unwrap();
    let (sent, why) = lost(&answer);
    assert!(!sent && why.contains("the disk is full"), "{why}");
    assert_eq!(
        world.count(MENU_GET).received,
        used,
        "used before it was stored"
    );
    flaky.heal();
    // What was rotated away is lost, but WeChat knows it.
    world.advance(21);
    assert_eq!(
        errcode(&client.reader().read(&menu_get(OFFICIAL)).await),
        Some(NO_MENU)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_account_that_left_is_told_apart_and_welcomed_back() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (client, store) = world.client_with_ticket().await;
    let reader = client.reader();
    reader.read(&menu_get(OFFICIAL)).await;
    world.revoke(OFFICIAL);
    // The push about it is lost.
    let answer = reader.read(&menu_get(OFFICIAL)).await;
    assert_eq!(errcode(&answer), Some(61003));
    let doc = cred(&store, OFFICIAL).await.unwrap();
    assert!(doc.revoked_at.is_some() && doc.access_token.is_none() && !doc.reauthorized);
    let used = world.count(MENU_GET).received;
    assert_eq!(
        errcode(&reader.read(&menu_get(OFFICIAL)).await),
        Some(61003)
    );
    assert_eq!(
        world.count(MENU_GET).received,
        used,
        "asked for an account that left"
    );
    world.authorize(OFFICIAL);
    assert_eq!(
        errcode(&reader.read(&menu_get(OFFICIAL)).await),
        Some(NO_MENU)
    );
    let doc = cred(&store, OFFICIAL).await.unwrap();
    assert!(doc.revoked_at.is_none() && doc.reauthorized);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_a_ticket_nothing_is_sent_and_it_is_said_since_when() {
    let world = World::authorized(&[OFFICIAL]).await;
    let store = Store::in_memory();
    let client = world.client(&store, "this process");
    let answer = client.reader().read(&menu_get(OFFICIAL)).await;
    let (sent, why) = lost(&answer);
    assert!(
        !sent && why.starts_with("WeChat has pushed no ticket: the sidecar must run"),
        "{why}"
    );
    assert_eq!(world.count(COMPONENT_TOKEN).received, 0);
    assert_eq!(world.count(START_PUSH).received, 0);
    world.ticket(&client).await;
    world.advance(12 * 3_600);
    let answer = client.reader().read(&menu_get(OFFICIAL)).await;
    let (sent, why) = lost(&answer);
    assert!(
        !sent && why.starts_with("WeChat has pushed no ticket since "),
        "{why}"
    );
    assert_eq!(world.count(COMPONENT_TOKEN).received, 0);
    // The silence is long enough to ask WeChat to go on; once, not with every call.
    client.reader().read(&menu_get(OFFICIAL)).await;
    assert_eq!(world.count(START_PUSH).received, 1);
    let restart = platform_doc(&store).await.ticket_restart;
    assert_eq!(
        (restart.attempts, restart.last_answer.as_deref()),
        (1, Some("ok"))
    );
    world.advance(20 * 60);
    client.reader().read(&menu_get(OFFICIAL)).await;
    client.reader().read(&menu_get(OFFICIAL)).await;
    assert_eq!(world.count(START_PUSH).received, 2);
    world.ticket(&client).await;
    assert_eq!(platform_doc(&store).await.ticket_restart.attempts, 0);
    assert!(matches!(
        client.reader().read(&menu_get(OFFICIAL)).await,
        Answer::Refused(_)
    ));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_newest_ticket_stays_whatever_comes_late() {
    let world = World::start().await;
    let (client, store) = world.client_with_ticket().await;
    let newest = platform_doc(&store).await.ticket.unwrap();
    let earlier = newest.created_at.as_second() - 600;
    let late = wxops::wechat::Secret::new("ticket@@@late");
    client.keep_ticket(&late, Some(earlier)).await.unwrap();
    assert_eq!(platform_doc(&store).await.ticket.unwrap(), newest);
    // A clock that runs ahead at WeChat does not keep later tickets out.
    client.keep_ticket(&late, Some(i64::MAX)).await.unwrap();
    client
        .keep_ticket(&late, Some(world.now().as_second() + 3_600))
        .await
        .unwrap();
    assert!(platform_doc(&store).await.ticket.unwrap().created_at <= world.now());
}

/// Looks until something is so, for at most ten seconds.
pub async fn wait_for(so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !so() {
        assert!(Instant::now() < deadline, "it never came to be");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refresh_claimed_under_a_clock_that_was_set_back_is_not_waited_for() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (client, store) = world.client_with_ticket().await;
    client.reader().read(&menu_get(OFFICIAL)).await;
    let until = world.now() + jiff::SignedDuration::from_hours(24);
    store
        .amend::<CredDoc, ()>(&Key::cred(&appid(OFFICIAL)), |doc| {
            doc.access_token = None;
            doc.claim = Some(RefreshClaim {
                owner: "a process that died".into(),
                until,
            });
        })
        .await
        .unwrap();
    let reader = client.reader();
    let call = menu_get(OFFICIAL);
    let answer = tokio::time::timeout(Duration::from_secs(20), reader.read(&call))
        .await
        .unwrap();
    assert_eq!(errcode(&answer), Some(NO_MENU));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_ticket_kept_under_a_clock_that_was_set_back_keeps_no_later_one_out() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (client, store) = world.client_with_ticket().await;
    let key = Key::platform(&client.platform().appid);
    let ahead = world.now() + jiff::SignedDuration::from_hours(24);
    store
        .amend::<PlatformDoc, ()>(&key, |doc| {
            if let Some(ticket) = &mut doc.ticket {
                ticket.created_at = ahead;
            }
        })
        .await
        .unwrap();
    let next = Secret::new("ticket@@@next");
    let made = world.now().as_second();
    client.keep_ticket(&next, Some(made)).await.unwrap();
    let held = store.get::<PlatformDoc>(&key).await.unwrap().unwrap().value;
    assert_eq!(held.ticket.unwrap().value.expose(), next.expose());
}
