//! Pushes that come and cannot be used: counted by reason, where other processes find them, at a pace that no flood
//! changes.

use std::collections::BTreeMap;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use wxops::client::troubles;
use wxops::store::Store;
use wxops::store::documents::PushTally;
use wxops::wechat::push::{BODY_LIMIT, PushTrouble};

use super::place::{Place, Setup, cipher, cipher_with, notice, query, seal, ticket, wait_for};
use crate::flaky::Flaky;
use crate::world::{AES_KEY, OFFICIAL, PLATFORM, PUSH_TOKEN, appid, platform_doc};

const NOTICES: &str = "/wechat/notices";
const OTHER_KEY: &str = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz";
const TEXT: &str = "<xml><ToUserName>gh_0</ToUserName><FromUserName>o1</FromUserName><CreateTime>1</CreateTime>\
    <MsgType>text</MsgType><Content>hi</Content><MsgId>1</MsgId></xml>";

async fn noted(store: &Store) -> BTreeMap<PushTrouble, PushTally> {
    troubles(store, &appid(PLATFORM)).await.unwrap()
}

async fn counts(store: &Store) -> Vec<(PushTrouble, u64)> {
    let noted = noted(store).await;
    noted
        .iter()
        .map(|(trouble, tally)| (*trouble, tally.count))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_reason_is_counted_by_itself_before_the_push_is_answered() {
    let xml = ticket(1_763_848_800, "ticket@@@x");
    let sealed = |cipher: &wxops::wechat::push::PushCipher| {
        let sealed = seal(cipher, "n", &xml);
        (query(&sealed), sealed.notice_xml(PLATFORM))
    };
    let (good, body) = sealed(&cipher());
    for (trouble, status, path, (query, body)) in [
        (
            PushTrouble::Signature,
            403,
            NOTICES,
            sealed(&cipher_with("another", PLATFORM, AES_KEY)),
        ),
        (
            PushTrouble::Decrypt,
            403,
            NOTICES,
            sealed(&cipher_with(PUSH_TOKEN, PLATFORM, OTHER_KEY)),
        ),
        (
            PushTrouble::Appid,
            403,
            NOTICES,
            sealed(&cipher_with(PUSH_TOKEN, "wx00000000000000bb", AES_KEY)),
        ),
        (
            PushTrouble::Plain,
            403,
            NOTICES,
            (good.clone(), xml.clone()),
        ),
        (
            PushTrouble::Plain,
            403,
            NOTICES,
            (good.replace("aes", "raw"), body.clone()),
        ),
        (
            PushTrouble::Malformed,
            403,
            NOTICES,
            (good.clone(), "<xml>".to_owned()),
        ),
        (
            PushTrouble::TooLarge,
            413,
            NOTICES,
            (good.clone(), "x".repeat(BODY_LIMIT + 1)),
        ),
        (
            PushTrouble::Path,
            404,
            "/wechat/notices/",
            (good.clone(), body.clone()),
        ),
        (
            PushTrouble::Path,
            404,
            "//Wechat/Notices",
            (String::new(), body.clone()),
        ),
        (
            PushTrouble::Path,
            404,
            "/elsewhere",
            (good.clone(), body.clone()),
        ),
        (
            PushTrouble::Path,
            404,
            "/wechat/messages/$APPID$",
            (String::new(), body.clone()),
        ),
    ] {
        let place = Place::set().await;
        let (answered, said) = place.push(path, &query, body).await;
        assert_eq!((answered, said.as_str()), (status, ""), "{trouble:?}");
        assert_eq!(counts(&place.store).await, [(trouble, 1)], "{path} {query}");
        let health = place.health().await;
        assert_eq!(health["troubles"][trouble.name()], 1);
        assert_eq!(
            health["pushes"]["refused"],
            u64::from(trouble != PushTrouble::Path)
        );
        place.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_body_that_is_too_slow_is_counted() {
    let place = Place::set().await;
    let mut slow = tokio::net::TcpStream::connect(place.sidecar.addr)
        .await
        .unwrap();
    let head = format!("POST {NOTICES} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<xml>");
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    slow.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    assert_eq!(counts(&place.store).await, [(PushTrouble::TooSlow, 1)]);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stray_push_is_kept_with_its_path_and_a_strangers_request_is_not() {
    let place = Place::set().await;
    let sealed = seal(&cipher(), "n", &ticket(1, "t"));
    let path = "/wechat/notice\u{202e}s/";
    let url = format!("{path}?{}", query(&sealed));
    for url in ["/favicon.ico", "/wechat/notices/", "/robots.txt?nonce=1"] {
        let answer = place.http.get(place.url(url)).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{url}");
    }
    assert_eq!(counts(&place.store).await, []);
    let answer = place.http.post(place.url(&url)).send().await.unwrap();
    assert_eq!(answer.status(), 404);
    let kept = noted(&place.store).await[&PushTrouble::Path]
        .detail
        .clone()
        .unwrap();
    assert!(
        kept.starts_with("/wechat/notice") && kept.is_ascii(),
        "{kept}"
    );
    let logged = crate::logs::all();
    assert!(
        logged.contains("a push could not be used") && logged.contains(&kept),
        "{kept}"
    );
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_flood_is_counted_and_written_down_at_leisure() {
    let (flaky, store) = Flaky::store();
    let place = Place::with(Setup {
        store: Some(store.clone()),
        ..Setup::default()
    })
    .await;
    let before = flaky.writes_of("pushes");
    for _ in 0..300 {
        place
            .push(
                NOTICES,
                "msg_signature=0",
                "<xml><Encrypt>a</Encrypt></xml>",
            )
            .await;
    }
    let written = flaky.writes_of("pushes") - before;
    // One at once; each ten seconds that pass allow one by a push and one by the watch.
    assert!((1..=5).contains(&written), "{written}");
    place.stop().await;
    assert_eq!(counts(&store).await, [(PushTrouble::Signature, 300)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn where_nothing_can_be_written_pushes_are_refused_all_the_same_and_counted_later() {
    let (flaky, store) = Flaky::store();
    let place = Place::with(Setup {
        store: Some(store.clone()),
        ..Setup::default()
    })
    .await;
    flaky.fail_writes_of("pushes");
    for _ in 0..3 {
        let (status, _) = place.push(NOTICES, "", "x").await;
        assert_eq!(status, 403);
    }
    assert_eq!(counts(&store).await, []);
    flaky.heal();
    place.stop().await;
    assert_eq!(counts(&store).await, [(PushTrouble::Malformed, 3)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn messages_at_the_notices_url_are_noted_and_leave_the_user_in_peace() {
    let place = Place::set().await;
    let json = r#"{"ToUserName": "gh_0", "MsgType": "text", "Content": "hi"}"#;
    for (nonce, text) in [("1", TEXT), ("2", json)] {
        assert_eq!(place.notice(nonce, text).await, (200, "success".to_owned()));
    }
    wait_for(async || place.health().await["troubles"]["messageAtNotices"] == 2).await;
    assert!(
        noted(&place.store)
            .await
            .contains_key(&PushTrouble::MessageAtNotices)
    );
    // A notice of a kind that nobody knows is none of them.
    let odd = notice("something_new", 1, "<MsgType>x</MsgType>");
    assert_eq!(place.notice("3", &odd).await.0, 200);
    assert_eq!(place.health().await["troubles"]["messageAtNotices"], 2);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn notices_at_the_messages_url_are_taken_and_noted() {
    let (flaky, store) = Flaky::store();
    let place = Place::with(Setup {
        store: Some(store.clone()),
        ..Setup::default()
    })
    .await;
    let sealed = seal(&cipher(), "n", &ticket(1_763_848_800, "ticket@@@astray"));
    let path = format!("/wechat/messages/{OFFICIAL}");
    let send = async || {
        place
            .push(&path, &query(&sealed), sealed.notice_xml(PLATFORM))
            .await
    };
    flaky.fail_writes_of("platform");
    assert_eq!(send().await.0, 503, "what is acknowledged is stored");
    flaky.heal();
    assert_eq!(send().await, (200, "success".to_owned()));
    let kept = platform_doc(&store).await.ticket.unwrap();
    assert_eq!(kept.value.expose(), "ticket@@@astray");
    assert!(
        noted(&store)
            .await
            .contains_key(&PushTrouble::NoticeAtMessages)
    );
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn why_there_is_no_ticket_is_told_to_whoever_needs_a_token() {
    let place = Place::set().await;
    let silent = place.client.pre_auth_code().await.unwrap_err().to_string();
    assert!(silent.contains("WeChat has pushed no ticket"), "{silent}");
    let wrong = seal(
        &cipher_with("another", PLATFORM, AES_KEY),
        "n",
        &ticket(1, "t"),
    );
    place
        .push(NOTICES, &query(&wrong), wrong.notice_xml(PLATFORM))
        .await;
    let refused = place.client.pre_auth_code().await.unwrap_err().to_string();
    assert!(
        !refused.contains("WeChat has pushed no ticket"),
        "{refused}"
    );
    assert!(refused.contains("消息校验Token"), "{refused}");
    // It is over when a ticket is taken (notices know whole seconds), and what was refused before then explains no later silence.
    place.world.advance(2);
    assert!(place.push_ticket());
    place.world.advance(13 * 3_600);
    let later = place.client.pre_auth_code().await.unwrap_err().to_string();
    assert!(
        later.contains("WeChat has pushed no ticket since"),
        "{later}"
    );
    place.stop().await;
}
