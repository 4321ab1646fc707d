//! Two processes on one tenant: what an old one must not do after a newer one.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use wxops::reconcile::{Actor, Consent, Desired, PassError, apply_tenant};
use wxops::simulator::Running;
use wxops::store::{Journal, Key, PassDoc};

use crate::support::actor::world;
use crate::support::control::Control;

const MENU_CREATE: &str = "/cgi-bin/menu/create";

async fn with_control<T: Send + 'static>(
    wechat: &Running,
    ask: impl FnOnce(Control) -> T + Send + 'static,
) -> T {
    let control = Control::at(&format!("http://{}", wechat.control));
    tokio::task::spawn_blocking(move || ask(control))
        .await
        .unwrap()
}

async fn received(wechat: &Running, path: &'static str) -> u64 {
    with_control(wechat, move |control| control.count(path).received).await
}

fn call_it(desired: &mut Desired, name: &str) {
    let menu = desired.spec.official_account.as_mut().unwrap();
    menu.menu.as_mut().unwrap().buttons[0].name = name.to_owned();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_the_pass_while_reading_writes_nothing() {
    let (wechat, actor, desired) = world().await;
    let slow =
        json!({"endpoint": "/cgi-bin/get_current_selfmenu_info", "kind": "latency", "ms": 1_000});
    with_control(&wechat, move |control| {
        control.send("POST", "/_sim/faults", &slow)
    })
    .await;
    let key = Key::pass("sunrise");
    let store = actor.observer.store.clone();
    let taking_over = async {
        loop {
            if let Some(held) = store.get::<PassDoc>(&key).await.unwrap() {
                let theirs = PassDoc {
                    owner: "another process".to_owned(),
                    ..held.value
                };
                if store.replace(&key, &theirs, &held.version).await.is_ok() {
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let (applied, ()) = tokio::join!(
        apply_tenant(&actor, &desired, &Consent::Everything),
        taking_over
    );
    let applied = applied.unwrap();
    assert_eq!(applied.reports.len(), 2);
    for report in &applied.reports {
        assert!(report.outcome.moved(), "{report:?}");
    }
    for path in [MENU_CREATE, "/cgi-bin/open/create"] {
        assert_eq!(received(&wechat, path).await, 0, "{path}");
    }
    // And it took nothing away from the other one.
    let held = store.get::<PassDoc>(&key).await.unwrap().unwrap();
    assert_eq!(held.value.owner, "another process");
    wechat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn manifests_read_before_those_that_were_applied_last_change_nothing() {
    let (wechat, mut actor, mut desired) = world().await;
    let read = Timestamp::now();
    let later = read + SignedDuration::from_millis(5);
    tokio::time::sleep(Duration::from_millis(20)).await;

    let older = desired.clone();
    call_it(&mut desired, "新");
    actor.passes.read_at = Some(later);
    let _ = apply_tenant(&actor, &desired, &Consent::Everything)
        .await
        .unwrap();
    let puts = received(&wechat, MENU_CREATE).await;

    let mut stale: Actor = actor.clone();
    stale.passes.read_at = Some(read);
    stale.observer.journal = Journal::new(actor.observer.store.clone(), "an older run");
    let came = apply_tenant(&stale, &older, &Consent::Everything).await;
    let error = came.unwrap_err();
    assert!(matches!(error, PassError::Stale { .. }), "{error}");
    assert_eq!(received(&wechat, MENU_CREATE).await, puts);
    // The same words read earlier are no older.
    let same = apply_tenant(&stale, &desired, &Consent::Everything).await;
    assert_eq!(same.unwrap().reports.len(), 0);
    // And what is read anew may well be what it was before.
    stale.passes.read_at = Some(Timestamp::now());
    let back = apply_tenant(&stale, &older, &Consent::Everything).await;
    assert!(back.unwrap().reports[0].outcome.done());
    assert_eq!(received(&wechat, MENU_CREATE).await, puts + 1);
    wechat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn manifests_read_under_a_clock_that_was_set_back_since_stop_nobody() {
    let (wechat, mut actor, mut desired) = world().await;
    actor.passes.read_at = Some(Timestamp::now() + SignedDuration::from_hours(24));
    let _ = apply_tenant(&actor, &desired, &Consent::Everything)
        .await
        .unwrap();
    call_it(&mut desired, "新");
    actor.passes.read_at = Some(Timestamp::now());
    let applied = apply_tenant(&actor, &desired, &Consent::Everything).await;
    assert!(applied.unwrap().reports[0].outcome.done());
    wechat.stop().await;
}
