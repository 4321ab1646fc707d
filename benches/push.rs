//! Push intake: verify the signature, decrypt, check the appid, parse the notice. One thread, operations per second.
//!
//! Run with `cargo bench --bench push`. The figures of record are in docs/benchmarks.md.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark prints, and stops when its own set-up is wrong"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use wxops::wechat::push::{EncodingAesKey, Notice, PushCipher, PushQuery};

const APPID: &str = "wx1111222233334444";
const TICKET: &str = "<xml><AppId><![CDATA[wx1111222233334444]]></AppId><CreateTime>1763848800</CreateTime><InfoType><![CDATA[component_verify_ticket]]></InfoType><ComponentVerifyTicket><![CDATA[ticket@@@simulated-ticket-0001]]></ComponentVerifyTicket></xml>";
const AUTHORIZED: &str = "<xml><AppId>wx1111222233334444</AppId><CreateTime>1763848800</CreateTime><InfoType>authorized</InfoType><AuthorizerAppid>wxaaaabbbbccccdddd</AuthorizerAppid><AuthorizationCode>queryauthcode@@@sim01</AuthorizationCode><AuthorizationCodeExpiredTime>1763849400</AuthorizationCodeExpiredTime><PreAuthCode>preauthcode@@@sim01</PreAuthCode></xml>";

const WARM_UP: Duration = Duration::from_millis(300);
const ROUND: Duration = Duration::from_millis(500);
const ROUNDS: usize = 7;

fn main() {
    let key = EncodingAesKey::parse("0123456789abcdefghijklmnopqrstuvwxyzABCDEFA").unwrap();
    let cipher = PushCipher::new("tok_sim_2026", APPID, key, None);
    for (name, message) in [("ticket", TICKET), ("authorized", AUTHORIZED)] {
        let sealed = cipher.seal(
            message.as_bytes(),
            "1763848800",
            "sim-nonce-1",
            *b"abcdef0123456789",
        );
        let body = sealed.notice_xml(APPID).into_bytes();
        let query = PushQuery {
            timestamp: sealed.timestamp,
            nonce: sealed.nonce,
            msg_signature: sealed.msg_signature,
            encrypt_type: Some("aes".to_owned()),
        };
        let intake = || {
            let opened = cipher.open(black_box(&query), black_box(&body)).unwrap();
            black_box(Notice::parse(&opened.plaintext).unwrap());
        };
        let open = || {
            black_box(cipher.open(black_box(&query), black_box(&body)).unwrap());
        };
        report(&format!("push intake, {name}"), intake);
        report(&format!("  of which open, {name}"), open);
    }
}

/// Prints the median of several rounds, which one busy moment of the machine does not move.
fn report(name: &str, mut operation: impl FnMut()) {
    rate(&mut operation, WARM_UP);
    let mut rates: Vec<f64> = (0..ROUNDS).map(|_| rate(&mut operation, ROUND)).collect();
    rates.sort_by(f64::total_cmp);
    let median = rates.get(ROUNDS / 2).copied().unwrap();
    println!(
        "{name:<32} {median:>12.0} ops/s   {:>8.2} µs each",
        1e6 / median
    );
}

fn rate(operation: &mut impl FnMut(), time: Duration) -> f64 {
    let start = Instant::now();
    let mut done = 0_u32;
    while start.elapsed() < time {
        for _ in 0..64 {
            operation();
        }
        done += 64;
    }
    f64::from(done) / start.elapsed().as_secs_f64()
}
