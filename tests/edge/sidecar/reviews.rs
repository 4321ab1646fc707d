//! Ends of reviews that come among users' messages: stored before they are acknowledged, and passed on. Of everything else
//! nothing is stored.

use wxops::store::documents::ReviewDoc;
use wxops::store::{Key, Store};

use super::passing::{Bot, send, setup};
use super::place::{Place, wait_for};
use crate::flaky::Flaky;
use crate::world::{OFFICIAL, OTHER, appid, cred};

fn event(to: &str, created: i64, status: i64, reason: &str) -> String {
    format!(
        "<xml><ToUserName>{to}</ToUserName><FromUserName>o1</FromUserName><CreateTime>{created}</CreateTime>\
         <MsgType>event</MsgType><Event>wxa_nickname_audit</Event><ret>{status}</ret>\
         <nickname>日出舞蹈</nickname><reason>{reason}</reason></xml>"
    )
}

async fn stored(store: &Store, account: &str, kind: &str) -> Option<ReviewDoc> {
    let key = Key::review(&appid(account), kind);
    let stored = store.get::<ReviewDoc>(&key).await.unwrap();
    stored.map(|stored| stored.value)
}

/// A place whose official account is known, and its original id.
async fn known(store: &Store, place: &Place) -> String {
    place.push_ticket();
    place.world.authorize(OFFICIAL);
    wait_for(async || {
        let held = cred(store, OFFICIAL).await;
        held.is_some_and(|held| held.original_id.is_some())
    })
    .await;
    cred(store, OFFICIAL).await.unwrap().original_id.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_last_end_of_a_review_of_each_kind_is_stored() {
    let bot = Bot::start(1_000).await;
    let store = Store::in_memory();
    let place = Place::with(setup(&store, &bot)).await;
    let ours = known(&store, &place).await;
    let answered = (200, "<xml>from the bot</xml>".to_owned());
    let refused = event(&ours, 100, 2, "与主体无关");
    assert_eq!(send(&place, OFFICIAL, "1", &refused).await, answered);
    assert_eq!(bot.heard(), 1, "passed on as it came");
    let told = stored(&store, OFFICIAL, "nickname").await.unwrap();
    assert_eq!((told.of.as_str(), told.status), ("日出舞蹈", 2));
    assert_eq!(told.reason.as_deref(), Some("与主体无关"));
    assert!(place.heard_of(OFFICIAL));
    // One that comes late does not count.
    send(&place, OFFICIAL, "2", &event(&ours, 99, 3, "")).await;
    assert_eq!(stored(&store, OFFICIAL, "nickname").await.unwrap(), told);
    send(&place, OFFICIAL, "3", &event(&ours, 101, 3, "")).await;
    let newer = stored(&store, OFFICIAL, "nickname").await.unwrap();
    assert_eq!((newer.status, newer.reason), (3, None));
    let category = format!(
        "<xml><ToUserName>{ours}</ToUserName><CreateTime>5</CreateTime><MsgType>event</MsgType>\
         <Event>wxa_category_audit</Event><ret>2</ret><first>8</first><second>39</second><reason>r</reason></xml>"
    );
    send(&place, OFFICIAL, "4", &category).await;
    let category = stored(&store, OFFICIAL, "category").await.unwrap();
    assert_eq!((category.of.as_str(), category.status), ("8-39", 2));
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p11_the_end_of_a_review_that_cannot_be_stored_is_not_acknowledged() {
    let bot = Bot::start(1_000).await;
    let (flaky, store) = Flaky::store();
    let place = Place::with(setup(&store, &bot)).await;
    let ours = known(&store, &place).await;
    let refused = event(&ours, 100, 2, "与主体无关");
    flaky.fail_writes_of("review");
    assert_eq!(send(&place, OFFICIAL, "1", &refused).await.0, 503);
    assert_eq!(bot.heard(), 0);
    flaky.heal();
    // WeChat sends it again as it was.
    assert_eq!(send(&place, OFFICIAL, "1", &refused).await.0, 200);
    assert_eq!(bot.heard(), 1);
    assert!(stored(&store, OFFICIAL, "nickname").await.is_some());
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_other_messages_and_of_accounts_that_are_not_named_nothing_is_stored() {
    let bot = Bot::start(1_000).await;
    let store = Store::in_memory();
    let place = Place::with(setup(&store, &bot)).await;
    let ours = known(&store, &place).await;
    let good = event(&ours, 100, 2, "r");
    for (nonce, account, text) in [
        (
            "1",
            OFFICIAL,
            good.replace("wxa_nickname_audit", "wxa_media_check"),
        ),
        ("2", OFFICIAL, good.replace("<ret>2</ret>", "")),
        ("3", OFFICIAL, good.replace(&ours, "gh_of_another")),
        (
            "4",
            OFFICIAL,
            good.replace(&format!("<ToUserName>{ours}</ToUserName>"), ""),
        ),
        // A path that another account's event was put under.
        ("5", OTHER, good.clone()),
    ] {
        assert_eq!(send(&place, account, nonce, &text).await.0, 200, "{nonce}");
    }
    assert_eq!(store.list("review/").await.unwrap(), []);
    place.stop().await;
}
