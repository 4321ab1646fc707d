//! Passing messages on: to nobody else's bot, never twice at once, never again after a restart.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use serde_json::json;
use tokio::sync::Semaphore;
use wxops::client::troubles;
use wxops::store::Store;
use wxops::wechat::push::{MESSAGE_LIMIT, PushTrouble};

use super::place::{Place, Setup, cipher, query, seal, wait_for};
use crate::flaky::Flaky;
use crate::world::{OFFICIAL, OTHER, PLATFORM, appid, cred};

/// A bot that answers when it is let.
pub(super) struct Bot {
    url: String,
    heard: Arc<AtomicUsize>,
    leave: Arc<Semaphore>,
}

impl Bot {
    pub(super) async fn start(leave: usize) -> Self {
        let (heard, leave) = (
            Arc::new(AtomicUsize::new(0)),
            Arc::new(Semaphore::new(leave)),
        );
        let (ears, gate) = (heard.clone(), leave.clone());
        let take = move || {
            let (ears, gate) = (ears.clone(), gate.clone());
            async move {
                ears.fetch_add(1, Ordering::SeqCst);
                gate.acquire().await.unwrap().forget();
                "<xml>from the bot</xml>"
            }
        };
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(take)).await });
        Self { url, heard, leave }
    }

    pub(super) fn heard(&self) -> usize {
        self.heard.load(Ordering::SeqCst)
    }
}

pub(super) fn setup(store: &Store, bot: &Bot) -> Setup {
    Setup {
        store: Some(store.clone()),
        forward: Some(bot.url.clone()),
        ..Setup::default()
    }
}

fn text(to: &str, id: u32) -> String {
    format!(
        "<xml><ToUserName>{to}</ToUserName><FromUserName>o1</FromUserName><CreateTime>1</CreateTime>\
         <MsgType>text</MsgType><Content>hi</Content><MsgId>{id}</MsgId></xml>"
    )
}

pub(super) async fn send(place: &Place, account: &str, nonce: &str, text: &str) -> (u16, String) {
    let sealed = seal(&cipher(), nonce, text);
    let path = format!("/wechat/messages/{account}");
    place
        .push(&path, &query(&sealed), sealed.message_xml("gh_0"))
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_message_that_wechat_repeats_is_worked_on_once_and_both_are_answered() {
    let bot = Bot::start(0).await;
    let place = Place::with(setup(&Store::in_memory(), &bot)).await;
    let message = text("gh_0", 7);
    let release = async {
        wait_for(async || bot.heard() == 1).await;
        // Time for the second one to come in, in vain.
        tokio::time::sleep(Duration::from_millis(300)).await;
        bot.leave.add_permits(10);
    };
    // The same signature, and signed anew as WeChat's repetitions are.
    let (first, same, anew, ()) = tokio::join!(
        send(&place, OFFICIAL, "n", &message),
        send(&place, OFFICIAL, "n", &message),
        send(&place, OFFICIAL, "m", &message),
        release
    );
    assert_eq!(first, (200, "<xml>from the bot</xml>".to_owned()));
    assert_eq!((&same, &anew), (&first, &first));
    assert_eq!(bot.heard(), 1);
    // Others are not held up, and neither is the same message of another account.
    send(&place, OFFICIAL, "o", &text("gh_0", 8)).await;
    send(&place, OTHER, "p", &message).await;
    assert_eq!(bot.heard(), 3);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_passed_on_is_not_passed_on_again_after_a_restart() {
    let bot = Bot::start(1_000).await;
    let store = Store::in_memory();
    let place = Place::with(setup(&store, &bot)).await;
    for n in 0..600 {
        send(&place, OFFICIAL, &format!("n{n}"), &text("gh_0", n)).await;
    }
    assert_eq!(bot.heard(), 600);
    // The process is killed: nothing is written at its end.
    let world = place.world;
    drop(place.sidecar);
    let place = Place::beside(world, store.clone(), setup(&store, &bot)).await;
    for n in [0, 255, 256, 257, 598, 599] {
        let answer = send(&place, OFFICIAL, &format!("n{n}"), &text("gh_0", n)).await;
        assert_eq!(answer, (200, "success".to_owned()), "{n}");
    }
    assert_eq!(bot.heard(), 600);
    assert_eq!(place.health().await["pushes"]["replayed"], 6);
    send(&place, OFFICIAL, "new", &text("gh_0", 601)).await;
    assert_eq!(bot.heard(), 601);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_store_that_is_full_or_away_silences_no_bot() {
    let bot = Bot::start(1_000).await;
    let (flaky, store) = Flaky::store();
    let place = Place::with(setup(&store, &bot)).await;
    for (n, fail) in [true, false].into_iter().enumerate() {
        if fail {
            flaky.fail_writes_of("passed");
        } else {
            flaky.go_down();
        }
        let nonce = format!("n{n}");
        let answer = send(&place, OFFICIAL, &nonce, &text("gh_0", 1)).await;
        assert_eq!(answer.1, "<xml>from the bot</xml>");
        // Known in this process all the same.
        assert_eq!(
            send(&place, OFFICIAL, &nonce, &text("gh_0", 1)).await.1,
            "success"
        );
        flaky.heal();
    }
    assert_eq!(bot.heard(), 2);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_sidecar_that_starts_while_the_store_is_away_passes_on_and_remembers_later() {
    let bot = Bot::start(1_000).await;
    let (flaky, store) = Flaky::store();
    let world = crate::world::World::start().await;
    flaky.go_down();
    let place = Place::beside(world, store.clone(), setup(&store, &bot)).await;
    send(&place, OFFICIAL, "1", &text("gh_0", 1)).await;
    flaky.heal();
    send(&place, OFFICIAL, "2", &text("gh_0", 2)).await;
    assert_eq!(bot.heard(), 2);
    let world = place.world;
    place.sidecar.stop().await;
    let place = Place::beside(world, store.clone(), setup(&store, &bot)).await;
    send(&place, OFFICIAL, "2", &text("gh_0", 2)).await;
    assert_eq!(bot.heard(), 2);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_message_for_another_account_than_its_path_names_is_not_passed_on() {
    let bot = Bot::start(1_000).await;
    let store = Store::in_memory();
    let place = Place::with(setup(&store, &bot)).await;
    place.push_ticket();
    place.world.authorize(OFFICIAL);
    // WeChat is asked for it when the account authorizes.
    wait_for(async || {
        let held = cred(&store, OFFICIAL).await;
        held.is_some_and(|held| held.original_id.is_some())
    })
    .await;
    let ours = cred(&store, OFFICIAL).await.unwrap().original_id.unwrap();
    assert!(ours.starts_with("gh_"));
    send(&place, OFFICIAL, "1", &text(&ours, 1)).await;
    assert_eq!(bot.heard(), 1);
    let json = r#"{"ToUserName": "gh_of_another", "MsgType": "text", "MsgId": 3}"#;
    for (nonce, message) in [("2", text("gh_of_another", 2)), ("3", json.to_owned())] {
        let answer = send(&place, OFFICIAL, nonce, &message).await;
        assert_eq!(
            answer,
            (200, "success".to_owned()),
            "the user is left in peace"
        );
    }
    assert_eq!(bot.heard(), 1);
    let noted = troubles(&store, &appid(PLATFORM)).await.unwrap();
    assert!(noted.contains_key(&PushTrouble::OtherAccount));
    assert_eq!(place.health().await["troubles"]["otherAccount"], 2);
    // Where it belongs it is still taken, and so is what names nobody or an account that is not known.
    send(&place, OTHER, "2", &text("gh_of_another", 2)).await;
    send(&place, OFFICIAL, "4", "<xml><MsgType>text</MsgType></xml>").await;
    assert_eq!(bot.heard(), 3);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_original_id_that_is_not_known_yet_is_asked_for_once_and_holds_nothing_up() {
    const INFO: &str = "/cgi-bin/component/api_get_authorizer_info";
    let bot = Bot::start(1_000).await;
    let store = Store::in_memory();
    let place = Place::with(setup(&store, &bot)).await;
    place.push_ticket();
    let code = place.world.authorize(OFFICIAL);
    place.client.exchange(&code).await.unwrap();
    wait_for(async || cred(&store, OFFICIAL).await.unwrap().original_id.is_some()).await;
    // As a document of an older wxops has it.
    let key = wxops::store::Key::cred(&appid(OFFICIAL));
    let forget = |doc: &mut wxops::store::CredDoc| doc.original_id = None;
    store.amend(&key, forget).await.unwrap();
    place.world.advance(700);
    let asked = place.world.count(INFO).received;
    send(&place, OFFICIAL, "1", &text("gh_of_another", 1)).await;
    assert_eq!(bot.heard(), 1, "not known: passed on");
    wait_for(async || cred(&store, OFFICIAL).await.unwrap().original_id.is_some()).await;
    send(&place, OFFICIAL, "2", &text("gh_of_another", 2)).await;
    assert_eq!(bot.heard(), 1);
    assert_eq!(place.world.count(INFO).received, asked + 1);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_largest_message_is_passed_on_in_either_envelope() {
    let bot = Bot::start(1_000).await;
    let place = Place::with(setup(&Store::in_memory(), &bot)).await;
    let frame = text("gh_0", 1).len() - 2;
    let largest = text("gh_0", 1).replace("hi", &"x".repeat(MESSAGE_LIMIT - frame));
    assert_eq!(largest.len(), MESSAGE_LIMIT);
    assert_eq!(
        send(&place, OFFICIAL, "1", &largest).await.1,
        "<xml>from the bot</xml>"
    );
    let sealed = seal(&cipher(), "2", &largest.replace("<MsgId>1", "<MsgId>2"));
    let escaped = json!({"ToUserName": "gh_0", "Encrypt": sealed.encrypt})
        .to_string()
        .replace('/', "\\/");
    let path = format!("/wechat/messages/{OFFICIAL}");
    let answer = place.push(&path, &query(&sealed), escaped).await;
    assert_eq!(answer, (200, "<xml>from the bot</xml>".to_owned()));
    assert_eq!(bot.heard(), 2);
    place.stop().await;
}
