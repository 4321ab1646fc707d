//! 消息与事件接收URL: a message goes where messages went before wxops came, byte by byte.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::place::{Place, Setup, cipher, query, seal};
use crate::world::{OFFICIAL, PLATFORM};

type Received = Arc<Mutex<Vec<(String, String, Vec<u8>)>>>;

const TEXT: &str = "<xml><ToUserName>gh_0</ToUserName><FromUserName>oSentinelUser</FromUserName>\
    <CreateTime>1</CreateTime><MsgType>text</MsgType><Content>sentinel-content</Content><MsgId>1</MsgId></xml>";

/// A provider's bot that answers always the same.
async fn bot(status: StatusCode, reply: &'static str) -> (String, Received) {
    let received: Received = Arc::default();
    let heard = received.clone();
    let take = move |uri: Uri, headers: HeaderMap, body: Bytes| {
        let heard = heard.clone();
        async move {
            let content_type = headers["content-type"].to_str().unwrap().to_owned();
            heard
                .lock()
                .unwrap()
                .push((uri.to_string(), content_type, body.to_vec()));
            let headers = [("content-type", "application/xml; charset=utf-8")];
            let response: Response = (status, headers, reply).into_response();
            response
        }
    };
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(take)).await });
    (url, received)
}

async fn place(forward: Option<String>) -> Place {
    Place::with(Setup {
        forward,
        ..Setup::default()
    })
    .await
}

async fn send(place: &Place, nonce: &str) -> (u16, String, String) {
    let sealed = seal(&cipher(), nonce, TEXT);
    let path = format!("/wechat/messages/{OFFICIAL}?openid=oX&{}", query(&sealed));
    let answer = place
        .http
        .post(place.url(&path))
        .header("content-type", "text/xml; charset=utf-8")
        .body(sealed.message_xml("gh_0"))
        .send()
        .await
        .unwrap();
    let content_type = answer.headers()["content-type"]
        .to_str()
        .unwrap()
        .to_owned();
    (
        answer.status().as_u16(),
        content_type,
        answer.text().await.unwrap(),
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_message_is_passed_on_raw_and_its_answer_passed_back() {
    let (url, received) = bot(StatusCode::OK, "<xml><Encrypt>bot</Encrypt></xml>").await;
    let place = place(Some(format!("{url}/in/$APPID$?key=1"))).await;
    let answer = send(&place, "n").await;
    let xml = "application/xml; charset=utf-8".to_owned();
    assert_eq!(
        answer,
        (200, xml, "<xml><Encrypt>bot</Encrypt></xml>".to_owned())
    );
    let sealed = seal(&cipher(), "n", TEXT);
    let (target, content_type, body) = received.lock().unwrap()[0].clone();
    assert_eq!(
        target,
        format!("/in/{OFFICIAL}?key=1&openid=oX&{}", query(&sealed))
    );
    assert_eq!(content_type, "text/xml; charset=utf-8");
    assert_eq!(body, sealed.message_xml("gh_0").into_bytes());
    // The very same again is a replay; WeChat's own retries have another nonce.
    assert_eq!(send(&place, "n").await.2, "success");
    assert_eq!(
        send(&place, "m").await.2,
        "<xml><Encrypt>bot</Encrypt></xml>"
    );
    assert_eq!(received.lock().unwrap().len(), 2);
    assert_no_message_is_kept(&place).await;
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wechats_own_push_of_a_message_is_answered_by_the_bot() {
    let (url, received) = bot(StatusCode::OK, "success").await;
    let place = place(Some(url)).await;
    place.push_ticket();
    place.world.authorize(OFFICIAL);
    let message = json!({"platform": PLATFORM, "account": OFFICIAL, "content": "你好"});
    let pushed = place.world.control.send("POST", "/_sim/messages", &message);
    assert_eq!(pushed["push"]["acknowledged"], true, "{pushed}");
    assert_eq!(received.lock().unwrap().len(), 1);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_a_bot_or_with_a_broken_one_the_user_is_left_in_peace() {
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let (broken, _) = bot(StatusCode::INTERNAL_SERVER_ERROR, "stack trace").await;
    let (moved, _) = bot(StatusCode::FOUND, "elsewhere").await;
    let huge: &'static str = Box::leak("x".repeat(70 * 1024).into_boxed_str());
    let (endless, _) = bot(StatusCode::OK, huge).await;
    for (forward, lost) in [
        (None, 0),
        (Some(format!("http://{free}/")), 1),
        (Some(broken), 1),
        (Some(moved), 1),
        (Some(endless), 1),
    ] {
        let place = place(forward.clone()).await;
        let (status, _, body) = send(&place, "n").await;
        assert_eq!((status, body.as_str()), (200, "success"), "{forward:?}");
        assert_eq!(place.health().await["pushes"]["messagesNotForwarded"], lost);
        assert_no_message_is_kept(&place).await;
        place.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_bot_that_never_answers_costs_wechat_less_than_its_five_seconds() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    // Connections are taken by the system, and nobody reads them.
    let place = place(Some(format!("http://{}/", listener.local_addr().unwrap()))).await;
    place.push_ticket();
    place.world.authorize(OFFICIAL);
    let message = json!({"platform": PLATFORM, "account": OFFICIAL, "content": "在吗"});
    let pushed = place.world.control.send("POST", "/_sim/messages", &message);
    // WeChat is the judge: it cuts a push off after five seconds.
    assert_eq!(pushed["push"]["acknowledged"], true, "{pushed}");
    assert_eq!(pushed["push"]["answer"], "success");
    place.stop().await;
}

/// Users' messages are personal: not stored, not logged, and neither is who sent them.
async fn assert_no_message_is_kept(place: &Place) {
    for key in place.store.list("").await.unwrap() {
        assert!(!key.as_str().contains("message"), "{key:?}");
    }
    let logged = crate::logs::all();
    assert!(!logged.contains("sentinel-content") && !logged.contains("oSentinelUser"));
}
