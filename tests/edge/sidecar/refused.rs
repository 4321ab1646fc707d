//! What is not from WeChat, or not for us: refused without a word of what was wrong.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use wxops::wechat::push::BODY_LIMIT;

use super::place::{Place, cipher, cipher_with, query, seal, ticket};
use crate::world::{AES_KEY, PLATFORM, PUSH_TOKEN, platform_doc};

const NOTICES: &str = "/wechat/notices";
const MESSAGES: &str = "/wechat/messages/wx1111111111111111";
const OTHER_KEY: &str = "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_forged_push_gets_in() {
    let place = Place::set().await;
    let xml = ticket(place.world.now().as_second(), "ticket@@@forged");
    let good = seal(&cipher(), "n", &xml);
    let envelope = good.notice_xml(PLATFORM);
    let plain_signature = wxops::wechat::push::plain_signature(PUSH_TOKEN, "1763848800", "n");
    let with = |cipher: &wxops::wechat::push::PushCipher| {
        let sealed = seal(cipher, "n", &xml);
        (query(&sealed), sealed.notice_xml(PLATFORM))
    };
    let mut cases = vec![
        ("no query", (String::new(), envelope.clone())),
        (
            "another signature",
            (
                query(&good).replace(&good.msg_signature, &"0".repeat(40)),
                envelope.clone(),
            ),
        ),
        (
            "another nonce",
            (query(&good).replace("nonce=n", "nonce=m"), envelope.clone()),
        ),
        (
            "another timestamp",
            (
                query(&good).replace("1763848800", "1763848801"),
                envelope.clone(),
            ),
        ),
        (
            "only the signature that does not cover the body",
            (
                format!(
                    "timestamp=1763848800&nonce=n&encrypt_type=aes&signature={plain_signature}&msg_signature={plain_signature}"
                ),
                envelope.clone(),
            ),
        ),
        (
            "another token",
            with(&cipher_with("another token", PLATFORM, AES_KEY)),
        ),
        (
            "another key",
            with(&cipher_with(PUSH_TOKEN, PLATFORM, OTHER_KEY)),
        ),
        (
            "another platform",
            with(&cipher_with(PUSH_TOKEN, "wx00000000000000bb", AES_KEY)),
        ),
        ("in clear", (query(&good), xml.clone())),
        (
            "in clear, and said so",
            (query(&good).replace("aes", "raw"), xml.clone()),
        ),
        (
            "encrypted, and said not to be",
            (query(&good).replace("aes", "raw"), envelope.clone()),
        ),
        ("empty", (query(&good), String::new())),
        (
            "a document type",
            (
                query(&good),
                format!("<!DOCTYPE x [<!ENTITY e 'e'>]>{envelope}"),
            ),
        ),
    ];
    // One character of the ciphertext.
    let at = envelope.find(&good.encrypt).unwrap() + 40;
    let other = if &envelope[at..=at] == "A" { "B" } else { "A" };
    let mut tampered = envelope.clone();
    tampered.replace_range(at..=at, other);
    cases.push(("tampered", (query(&good), tampered)));

    for path in [NOTICES, MESSAGES] {
        for (what, (query, body)) in &cases {
            let (status, answer) = place.push(path, query, body.clone()).await;
            assert_eq!((status, answer.as_str()), (403, ""), "{path}: {what}");
        }
    }
    assert_eq!(platform_doc(&place.store).await.ticket, None);
    assert_eq!(
        place.health().await["pushes"]["refused"],
        2 * cases.len() as u64
    );
    // The same, untouched, gets in.
    assert_eq!(
        place.push(NOTICES, &query(&good), envelope).await.1,
        "success"
    );
    assert!(platform_doc(&place.store).await.ticket.is_some());
    // With real ones beside them.
    place.push_ticket();
    place.client.pre_auth_code().await.unwrap();
    place.world.assert_no_secret_in(&[]);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn bodies_are_bounded() {
    let place = Place::set().await;
    for path in [NOTICES, MESSAGES] {
        let (status, _) = place.push(path, "", "x".repeat(BODY_LIMIT + 1)).await;
        assert_eq!(status, 413, "{path}");
        let (status, _) = place.push(path, "", "x".repeat(BODY_LIMIT)).await;
        assert_eq!(status, 403, "{path}");
    }
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_body_that_never_ends_is_cut_off() {
    let place = Place::set().await;
    let mut slow = tokio::net::TcpStream::connect(place.sidecar.addr)
        .await
        .unwrap();
    let head = format!("POST {NOTICES} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n<xml>");
    slow.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    let heard = tokio::time::timeout(Duration::from_secs(30), slow.read_exact(&mut answer)).await;
    heard
        .expect("an answer, though the body is not whole")
        .unwrap();
    assert_eq!(&answer, b"HTTP/1.1 408");
    drop(slow);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_else_is_served() {
    let place = Place::set().await;
    for path in [
        "/",
        "/wechat",
        "/wechat/notices/x",
        "/wechat/messages/",
        "/wechat/messages/wx1",
        "/authorize",
    ] {
        let answer = place.http.post(place.url(path)).send().await.unwrap();
        assert_eq!(answer.status(), 404, "{path}");
    }
    for path in [NOTICES, MESSAGES] {
        assert_eq!(
            place
                .http
                .put(place.url(path))
                .send()
                .await
                .unwrap()
                .status(),
            405
        );
        assert_eq!(
            place
                .http
                .get(place.url(path))
                .send()
                .await
                .unwrap()
                .status(),
            403
        );
    }
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_check_of_the_url_is_answered_to_wechat_alone() {
    let place = Place::set().await;
    let signature = wxops::wechat::push::plain_signature(PUSH_TOKEN, "1", "n");
    let ask = async |query: String| {
        let url = place.url(&format!("{NOTICES}?{query}"));
        let answer = place.http.get(url).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let good = format!("timestamp=1&nonce=n&signature={signature}&echostr=4711");
    assert_eq!(ask(good.clone()).await, (200, "4711".to_owned()));
    for bad in [
        good.replace("nonce=n", "nonce=m"),
        good.replace("4711", "%3Cscript%3E"),
        good.replace("4711", &"4".repeat(129)),
    ] {
        assert_eq!(ask(bad).await, (403, String::new()));
    }
    place.stop().await;
}
