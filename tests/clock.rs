//! A clock that was wrong once and has been set back: nobody waits for the time it showed.

use std::time::Duration;

use crate::support::actor::{ACCOUNT, world};
use crate::support::control::Control;
use jiff::{SignedDuration, Timestamp};
use wxops::client::REQUEST_TIMEOUT;
use wxops::reconcile::{Consent, apply_tenant, op_key};
use wxops::store::Key;
use wxops::store::documents::PassDoc;
use wxops::store::journal::{Arming, Intent, Reserved};
use wxops::wechat::{Appid, open_account};

/// Long enough for any pass, and far shorter than the clock was wrong by.
const PATIENCE: Duration = Duration::from_secs(30);

fn a_day_ahead() -> Timestamp {
    Timestamp::now() + SignedDuration::from_hours(24)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pass_begun_in_the_future_holds_nobody_up() {
    let (wechat, actor, desired) = world().await;
    let theirs = PassDoc {
        owner: "a process that died".to_owned(),
        expires_at: a_day_ahead(),
        ..PassDoc::default()
    };
    let store = &actor.observer.store;
    store
        .create(&Key::pass(&desired.tenant), &theirs)
        .await
        .unwrap();
    let applying = apply_tenant(&actor, &desired, &Consent::Everything);
    let applied = tokio::time::timeout(PATIENCE, applying)
        .await
        .unwrap()
        .unwrap();
    assert!(applied.reports.iter().all(|report| report.outcome.done()));
    assert_eq!(applied.reports.len(), 2);
    wechat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_armed_in_the_future_stays_in_doubt_and_is_not_waited_for() {
    let (wechat, actor, desired) = world().await;
    let appid = Appid::parse(ACCOUNT).unwrap();
    let key = op_key(&open_account::create_request(&appid));
    let journal = &actor.observer.journal;
    let then = a_day_ahead();
    let look = journal.look(&key).await.unwrap();
    let intent = Intent {
        tenant: desired.tenant.clone(),
        call: open_account::create_request(&appid),
        step: "s1".to_owned(),
        wanted: "w1".to_owned(),
        evidence: serde_json::Value::Null,
        observed_at: then,
    };
    let mut op = journal.open(look, intent, then).await.unwrap();
    let Reserved::Yes = journal.reserve(&mut op, Vec::new(), then).await.unwrap() else {
        panic!("no quota is asked for");
    };
    let arming = Arming {
        approval: None,
        request_timeout: REQUEST_TIMEOUT,
    };
    let armed = journal.arm(&mut op, &arming, then, Duration::ZERO).await;
    drop(armed.unwrap());

    let applying = apply_tenant(&actor, &desired, &Consent::Everything);
    let applied = tokio::time::timeout(PATIENCE, applying)
        .await
        .unwrap()
        .unwrap();
    assert!(applied.outcome_unknown());
    let said = applied
        .notes
        .iter()
        .any(|note| note.en.contains("set back"));
    assert!(said, "{:?}", applied.notes);
    let control = Control::at(&format!("http://{}", wechat.control));
    let creates = tokio::task::spawn_blocking(move || control.count("/cgi-bin/open/create"))
        .await
        .unwrap();
    assert_eq!(creates.received, 0);
    wechat.stop().await;
}
