//! `wxops run` is killed while pushes come in: what it acknowledged stands in the store.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use wxops::store::{CredDoc, Key, Sealing, open};
use wxops::wechat::Appid;
use wxops::wechat::push::{EncodingAesKey, PushCipher};

use super::house::House;

const PLATFORM: &str = "wx0000000000000001";
const TOKEN: &str = "demo-push-token";
const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
/// How often it is killed, and after how long.
const LIVES: usize = 3;
const LIFE: Duration = Duration::from_millis(500);
/// As many push at once, so that writes share commits.
const SENDERS: usize = 8;

#[test]
fn no_push_that_was_acknowledged_is_lost_when_the_process_is_killed() {
    let mut house = House::of(1);
    let mut acknowledged = Vec::new();
    for life in 0..LIVES {
        house.stage.start_loop();
        let address = house.stage.sidecar_url.trim_start_matches("http://");
        let senders: Vec<_> = (0..SENDERS)
            .map(|sender| {
                let address = address.to_owned();
                thread::spawn(move || send(&address, life * SENDERS + sender))
            })
            .collect();
        thread::sleep(LIFE);
        house.stage.kill_sidecar();
        acknowledged.extend(
            senders
                .into_iter()
                .flat_map(|sender| sender.join().unwrap()),
        );
    }
    assert!(acknowledged.len() > LIVES * SENDERS, "{acknowledged:?}");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let opened = open(&house.stage.store(), Sealing::Plain).await.unwrap();
        for account in &acknowledged {
            let key = Key::cred(&Appid::parse(account).unwrap());
            let cred = opened.store.get::<CredDoc>(&key).await.unwrap();
            let cred = cred.unwrap_or_else(|| panic!("{account} is lost"));
            assert!(cred.value.revoked_at.is_some(), "{account}: {cred:?}");
        }
    });
}

/// Tells of one account after the other that it has left, until nobody answers; those of which that was acknowledged.
fn send(address: &str, sender: usize) -> Vec<String> {
    let account = |n: usize| format!("wx{sender:08x}{n:08x}");
    let accounts = (0..).map(account);
    accounts
        .take_while(|account| push(address, account).is_some())
        .collect()
}

fn push(address: &str, account: &str) -> Option<()> {
    let notice = format!(
        "<xml><AppId>{PLATFORM}</AppId><CreateTime>1763848800</CreateTime><InfoType>unauthorized</InfoType>\
         <AuthorizerAppid>{account}</AuthorizerAppid></xml>"
    );
    let cipher = PushCipher::new(TOKEN, PLATFORM, EncodingAesKey::parse(KEY).unwrap(), None);
    let sealed = cipher.seal(notice.as_bytes(), "1763848800", account, [7; 16]);
    let body = sealed.notice_xml(PLATFORM);
    let mut stream = TcpStream::connect(address).ok()?;
    write!(
        stream,
        "POST /wechat/notices?timestamp=1763848800&nonce={account}&encrypt_type=aes&msg_signature={} HTTP/1.1\r\n\
         Host: {address}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        sealed.msg_signature,
        body.len()
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    (answer.starts_with("HTTP/1.1 200") && answer.ends_with("success")).then_some(())
}
