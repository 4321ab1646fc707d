//! The private port: whoever holds it open, the loop goes on and ends.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::house::{House, asked};

/// More than the port holds at once.
const CROWD: usize = 60;

fn sent(address: &str, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    // It may have been closed by now.
    let _ = stream.write_all(request.as_bytes());
    stream
}

#[test]
fn a_crowd_with_half_a_request_each_is_waited_for_by_nobody() {
    let mut house = House::running(1);
    house.until_all_looked_at(1);
    let (address, word) = house.private();
    let half = |_| sent(&address, "GET /healthz HTTP/1.1\r\nHost: loc");
    let crowd: Vec<TcpStream> = (0..CROWD).map(half).collect();
    let (status, _) = asked(&address, "/v1/loop", Some(&word));
    assert_eq!(status, 200);
    let held: Vec<TcpStream> = (0..3).map(half).collect();
    let began = Instant::now();
    house.stage.signal_sidecar("TERM");
    let (code, said) = house.stage.sidecar_ends();
    assert_eq!(code, Some(0), "{said}");
    let took = began.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
    drop((crowd, held));
}

#[test]
fn what_holds_no_secret_is_told_by_whatever_name_the_port_is_asked() {
    let house = House::running(1);
    let (address, word) = house.private();
    let status = |path: &str| {
        let mut stream = sent(
            &address,
            &format!(
                "GET {path} HTTP/1.1\r\nHost: wxops.example.com\r\nAuthorization: Bearer {word}\r\nConnection: close\r\n\r\n"
            ),
        );
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    house.until("it is ready", || status("/readyz") == "200");
    assert_eq!(status("/healthz"), "200");
    assert_eq!(status("/metrics"), "200");
    assert_eq!(status("/v1/loop"), "403");
}
