//! Reader and Writer are different types, and what may happen at most once goes only through the journal.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::json;
use wxops::client::{Client, Clock, Fence, REQUEST_TIMEOUT};
use wxops::store::journal::{Arming, Intent, Op, OpKey, Reserved};
use wxops::store::{Armed, Journal, Store};
use wxops::wechat::{Answer, Call, menu, open_account};

use super::tokens::{AUTHORIZER_TOKEN, MENU_GET};
use crate::world::{OFFICIAL, World, appid, errcode, lost, menu_get};

const OPEN_CREATE: &str = "/cgi-bin/open/create";

fn create() -> Call {
    Call::bare(&open_account::CREATE, appid(OFFICIAL))
}

async fn armed(client: &Client, store: &Store) -> (Journal, Op, Armed) {
    let journal = Journal::new(store.clone(), "this process");
    let clock = client.clock();
    let key = OpKey {
        action: "open/create".into(),
        appid: appid(OFFICIAL),
    };
    let look = journal.recover(&key, clock.now()).await.unwrap();
    let intent = Intent {
        tenant: "t".into(),
        call: create(),
        step: "s".into(),
        wanted: "w1".into(),
        evidence: serde_json::Value::Null,
        observed_at: clock.now(),
    };
    let mut op = journal.open(look, intent, clock.now()).await.unwrap();
    let reserved = journal
        .reserve(&mut op, Vec::new(), clock.now())
        .await
        .unwrap();
    assert!(matches!(reserved, Reserved::Yes), "{reserved:?}");
    let arming = Arming {
        approval: None,
        request_timeout: REQUEST_TIMEOUT,
    };
    let armed = journal
        .arm(&mut op, &arming, clock.now(), clock.since_boot())
        .await
        .unwrap();
    (journal, op, armed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_sends_no_write_and_a_writer_nothing_that_was_not_armed() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (client, _) = world.client_with_ticket().await;
    for call in [create(), Call::bare(&menu::DELETE, appid(OFFICIAL))] {
        assert!(!lost(&client.reader().read(&call).await).0);
    }
    for call in [create(), menu_get(OFFICIAL)] {
        assert!(!lost(&client.writer().put(&call).await).0);
    }
    for path in [OPEN_CREATE, "/cgi-bin/menu/delete", MENU_GET] {
        assert_eq!(world.count(path).received, 0, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_armed_is_sent_once_whatever_becomes_of_it() {
    for kind in [
        "resetBefore",
        "resetAfter",
        "http502",
        "http502AfterEffect",
        "notJson",
    ] {
        let world = World::authorized(&[OFFICIAL]).await;
        let (client, store) = world.client_with_ticket().await;
        client.writer().prepare(&create()).await.unwrap();
        world.fault(json!({"endpoint": OPEN_CREATE, "kind": kind}));
        let (_, _, armed) = armed(&client, &store).await;
        let answer = client.writer().send_armed(armed).await;
        assert!(lost(&answer).0, "{kind}: doubt");
        assert_eq!(world.count(OPEN_CREATE).received, 1, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_armed_too_long_ago_is_not_sent() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (client, store) = world.client_with_ticket().await;
    client.writer().prepare(&create()).await.unwrap();
    let (_, _, armed) = armed(&client, &store).await;
    world.advance(5);
    let answer = client.writer().send_armed(armed).await;
    assert_eq!(lost(&answer), (false, "it was armed too long ago"));
    assert_eq!(world.count(OPEN_CREATE).received, 0);
}

/// A clock whose machine goes to sleep for six seconds after it was looked at so many times.
#[derive(Debug)]
struct Sleeper {
    inner: Arc<dyn Clock>,
    looks: AtomicI64,
}

impl Sleeper {
    fn slept(&self) -> Duration {
        let left = self.looks.load(Ordering::SeqCst);
        Duration::from_secs(if left < 0 { 6 } else { 0 })
    }
}

impl Clock for Sleeper {
    fn now(&self) -> jiff::Timestamp {
        self.inner.now() + self.slept()
    }

    fn since_boot(&self) -> Duration {
        self.looks.fetch_sub(1, Ordering::SeqCst);
        self.inner.since_boot() + self.slept()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        self.inner.sleep(time)
    }
}

/// Falls when it has been looked at so many times.
#[derive(Debug)]
struct Falls(AtomicI64);

impl Fence for Falls {
    fn holds(&self) -> Result<(), &'static str> {
        let left = self.0.fetch_sub(1, Ordering::SeqCst);
        if left > 0 {
            Ok(())
        } else {
            Err("the pass is over")
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_held_up_before_its_last_byte_is_not_sent() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (ready, store) = world.client_with_ticket().await;
    ready.writer().prepare(&create()).await.unwrap();
    // Asleep at every place between the last look before anything is sent and the one that counts, and past it.
    let (mut held, mut sent) = (0, 0);
    for looks in 0.. {
        let clock = Arc::new(Sleeper {
            inner: ready.clock().clone(),
            looks: AtomicI64::new(i64::MAX),
        });
        let client =
            Client::new(world.access(), store.clone(), clock.clone(), "me".into()).unwrap();
        let (journal, mut op, armed) = armed(&client, &store).await;
        clock.looks.store(looks, Ordering::SeqCst);
        let before = world.count(OPEN_CREATE).received;
        let answer = client.writer().send_armed(armed).await;
        let received = world.count(OPEN_CREATE).received - before;
        clock.looks.store(i64::MAX, Ordering::SeqCst);
        if received == 1 {
            assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
            sent += 1;
            break;
        }
        assert_eq!(
            lost(&answer),
            (false, "it was armed too long ago"),
            "{looks}"
        );
        held += 1;
        journal
            .disarm(&mut op, "asleep", clock.now())
            .await
            .unwrap();
        journal
            .abandon(&mut op, "asleep", clock.now())
            .await
            .unwrap();
        world.advance(1);
    }
    assert!(held > 1 && sent == 1, "held {held} times");

    let put = Call::new(
        &menu::CREATE,
        appid(OFFICIAL),
        &json!({"button": [{"type": "click", "name": "课程", "key": "C"}]}),
    );
    let writer = ready.writer().behind(Arc::new(Falls(AtomicI64::new(0))));
    assert_eq!(lost(&writer.put(&put).await), (false, "the pass is over"));
    // A write without a body: the last byte of its head is what is withheld.
    let delete = Call::bare(&menu::DELETE, appid(OFFICIAL));
    assert_eq!(
        lost(&writer.put(&delete).await),
        (false, "the pass is over")
    );
    for path in ["/cgi-bin/menu/create", "/cgi-bin/menu/delete"] {
        assert_eq!(world.count(path).received, 0, "{path}");
    }
    let writer = ready.writer().behind(Arc::new(Falls(AtomicI64::new(9))));
    for call in [put, delete] {
        let answer = writer.put(&call).await;
        assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn getting_the_token_uses_up_the_time_too() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (client, store) = world.client_with_ticket().await;
    let (_, _, armed) = armed(&client, &store).await;
    // Nobody prepared: the token is got after arming, and its three requests wait for a shared clock that moves.
    world.fault(json!({"endpoint": AUTHORIZER_TOKEN, "kind": "latency", "ms": 300}));
    let writer = client.writer();
    let sending = tokio::spawn(async move { writer.send_armed(armed).await });
    super::tokens::wait_for(|| world.count(AUTHORIZER_TOKEN).received == 1).await;
    world.advance(5);
    let answer = sending.await.unwrap();
    assert_eq!(lost(&answer), (false, "it was armed too long ago"));
    assert_eq!(world.count(OPEN_CREATE).received, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_refused_to_what_was_armed_is_answered_and_not_healed_behind_the_journals_back() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (client, store) = world.client_with_ticket().await;
    let writer = client.writer();
    writer.prepare(&create()).await.unwrap();
    world.fault(json!({"endpoint": OPEN_CREATE, "kind": "errcode", "code": 40001, "count": 1}));
    let (journal, mut op, armed) = armed(&client, &store).await;
    assert_eq!(errcode(&writer.send_armed(armed).await), Some(40001));
    assert_eq!(world.count(OPEN_CREATE).received, 1);
    journal
        .token_error(&mut op, client.clock().now())
        .await
        .unwrap();
    let before = world.count(AUTHORIZER_TOKEN).received;
    writer.renew_token(&create()).await.unwrap();
    assert_eq!(world.count(AUTHORIZER_TOKEN).received, before + 1);
    let arming = Arming {
        approval: None,
        request_timeout: Duration::from_secs(5),
    };
    let (now, since_boot) = (client.clock().now(), client.clock().since_boot());
    let armed = journal
        .arm(&mut op, &arming, now, since_boot)
        .await
        .unwrap();
    assert!(matches!(writer.send_armed(armed).await, Answer::Done(_)));
    assert_eq!(world.count(OPEN_CREATE).received, 2);
    world.assert_no_secret_in(&[]);
}
