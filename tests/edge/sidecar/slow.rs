//! Clients that are slow, or click again and again.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::place::{Place, Setup, Tenant, Tenants};

/// Sends, and answers what comes until the other side ends it, and after how long.
fn until_ended(place: &Place, sent: &str) -> (String, Duration) {
    let began = Instant::now();
    let mut stream = TcpStream::connect(place.sidecar.addr).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    stream.write_all(sent.as_bytes()).unwrap();
    let mut answer = String::new();
    // A reset is an end as well.
    let _ = stream.read_to_string(&mut answer);
    (answer, began.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_slow_header_and_a_slow_body_end() {
    let place = Place::set().await;
    let (answer, took) = until_ended(&place, "POST /wechat/notices HTTP/1.1\r\nHost: a");
    assert_eq!(answer, "");
    assert!(
        (Duration::from_secs(4)..Duration::from_secs(9)).contains(&took),
        "{took:?}"
    );
    let slow = "POST /wechat/notices HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n<xml>";
    let (answer, took) = until_ended(&place, slow);
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(took < Duration::from_secs(9), "{took:?}");
    assert!(place.push_ticket());
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn stopping_waits_for_nobody_who_says_nothing() {
    let place = Place::set().await;
    let _silent = TcpStream::connect(place.sidecar.addr).unwrap();
    assert!(place.push_ticket());
    let began = Instant::now();
    place.stop().await;
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_clicks_again_and_again_is_asked_to_wait() {
    let tenants = Tenants([("any", Tenant::default()), ("other", Tenant::default())].into());
    let place = Place::with(Setup {
        tenants,
        ..Setup::default()
    })
    .await;
    place.push_ticket();
    for _ in 0..5 {
        assert_eq!(place.post(place.link("any"), &[]).await.status, 200);
    }
    let made = || {
        place
            .world
            .count("/cgi-bin/component/api_create_preauthcode")
            .received
    };
    assert_eq!(made(), 5);
    let page = place.post(place.link("any"), &[]).await;
    assert_eq!((page.status, page.title()), (429, "点击过于频繁"));
    let english = [("accept-language", "en")];
    let page = place.post(place.link("any"), &english).await;
    assert_eq!(page.title(), "Too many tries in a short time");
    assert_eq!(made(), 5);
    assert_eq!(place.post(place.link("other"), &[]).await.status, 200);
    place.world.advance(61);
    assert_eq!(place.post(place.link("any"), &[]).await.status, 200);
    place.stop().await;
}
