//! The history over a process that dies between a request and its answer.

use std::time::Duration;

use crate::support::actor::world;
use crate::support::control::Control;
use serde_json::json;
use wxops::reconcile::{Actor, Consent, Desired, apply_tenant};
use wxops::simulator::Running;
use wxops::store::history::{Before, History, HistoryDoc, How};
use wxops::store::{Journal, Key, PassDoc};

/// WeChat takes longer to answer a path than anybody here waits.
async fn slow(wechat: &Running, endpoint: &str) {
    let control = Control::at(&format!("http://{}", wechat.control));
    let fault = json!({"endpoint": endpoint, "kind": "latencyAfterEffect", "ms": 20_000});
    tokio::task::spawn_blocking(move || control.send("POST", "/_sim/faults", &fault))
        .await
        .unwrap();
}

async fn no_faults(wechat: &Running) {
    let control = Control::at(&format!("http://{}", wechat.control));
    tokio::task::spawn_blocking(move || {
        control.send("DELETE", "/_sim/faults", &serde_json::Value::Null)
    })
    .await
    .unwrap();
}

/// Begins an apply and drops it while it waits for an answer, as a crash would.
async fn crash(actor: &Actor, desired: &Desired) {
    let apply = apply_tenant(actor, desired, &Consent::Everything);
    let died = tokio::time::timeout(Duration::from_secs(3), apply).await;
    assert!(died.is_err(), "it ended before it was to die");
}

async fn entry(actor: &Actor, number: u64) -> HistoryDoc {
    let history = History::new(actor.observer.store.clone());
    history.get("sunrise", number).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_cut_off_is_there_and_completed_by_the_next_pass() {
    let (wechat, mut actor, desired) = world().await;
    slow(&wechat, "/cgi-bin/menu/create").await;
    crash(&actor, &desired).await;
    let left = entry(&actor, 1).await;
    assert_eq!((left.resource.as_str(), &left.outcome), ("menu", &None));
    assert_eq!(left.before, Before::Nothing);

    no_faults(&wechat).await;
    let store = actor.observer.store.clone();
    let pass = Key::pass("sunrise");
    let held = store.get::<PassDoc>(&pass).await.unwrap().unwrap();
    store.delete(&pass, &held.version).await.unwrap();
    actor.observer.journal = Journal::new(store, "a later process");
    let _ = apply_tenant(&actor, &desired, &Consent::Everything)
        .await
        .unwrap();
    let found = entry(&actor, 1).await.outcome.unwrap();
    assert_eq!(
        (found.result, found.en.as_str()),
        (How::Done, "found in force by a later pass")
    );
    // Its number is not given again.
    assert_eq!(entry(&actor, 2).await.resource, "openAccount");
    wechat.stop().await;
}
