//! The real sidecar on a disk that is full: when it starts, and while it runs. It listens, answers 503, acknowledges
//! nothing it did not store, and goes on by itself when there is room again.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use wxops::store::documents::PlatformDoc;
use wxops::store::{Key, Sealing, open};
use wxops::wechat::Appid;
use wxops::wechat::push::{EncodingAesKey, PushCipher};

use super::shim::{Disk, How, NEVER};
use crate::support::control::request;
use crate::support::process::{Background, WXOPS};

const PLATFORM: &str = "wx0000000000000001";
const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

fn manifests(folder: &Path) {
    fs::create_dir_all(folder.join("credentials")).unwrap();
    for (name, secret) in [
        ("appSecret", "s"),
        ("token", "t"),
        ("encodingAesKey", AES_KEY),
    ] {
        fs::write(folder.join("credentials").join(name), secret).unwrap();
    }
    let platform = format!(
        "apiVersion: wxops.io/v1alpha1\nkind: Platform\nmetadata: {{name: main}}\nspec:\n  appId: {PLATFORM}\n  \
         apiBase: http://127.0.0.1:9\n  credentials: {{path: credentials}}\n  callback: {{url: http://127.0.0.1:9}}\n"
    );
    fs::write(folder.join("platform.yaml"), platform).unwrap();
}

fn start(disk: &Disk, manifests: &Path) -> (Background, String) {
    let mut command = Command::new(WXOPS);
    disk.under(&mut command);
    let sidecar = Background::start(
        command
            .args(["sidecar", "--listen", "127.0.0.1:0", "-f"])
            .arg(manifests)
            .env("WXOPS_STORE", disk.store()),
    );
    let address = sidecar.expect("listening on http://");
    (sidecar, address)
}

/// Pushes a ticket; the status of the answer.
fn push(address: &str, n: u32) -> u16 {
    let key = EncodingAesKey::parse(AES_KEY).unwrap();
    let cipher = PushCipher::new("t", PLATFORM, key, None);
    let now = jiff::Timestamp::now().as_second();
    let notice = format!(
        "<xml><AppId>{PLATFORM}</AppId><CreateTime>{now}</CreateTime><InfoType>component_verify_ticket</InfoType><ComponentVerifyTicket>ticket@@@{n}</ComponentVerifyTicket></xml>"
    );
    let sealed = cipher.seal(notice.as_bytes(), &now.to_string(), &n.to_string(), [7; 16]);
    let path = format!(
        "/wechat/notices?timestamp={}&nonce={}&encrypt_type=aes&signature=0&msg_signature={}",
        sealed.timestamp, sealed.nonce, sealed.msg_signature
    );
    request(address, "POST", &path, &sealed.notice_xml(PLATFORM)).0
}

/// Pushes until one is taken.
fn taken(address: &str, from: u32) {
    let until = Instant::now() + Duration::from_secs(20);
    for n in from.. {
        match push(address, n) {
            200 => return,
            503 => assert!(Instant::now() < until, "it does not go on"),
            other => panic!("{other}"),
        }
        thread::sleep(Duration::from_millis(100));
    }
}

fn has_a_ticket(disk: &Disk) -> bool {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let opened = open(&disk.store(), Sealing::Plain).await.unwrap();
        let platform = Key::platform(&Appid::parse(PLATFORM).unwrap());
        let stored = opened.store.get::<PlatformDoc>(&platform).await.unwrap();
        stored.is_some_and(|stored| stored.value.ticket.is_some())
    })
}

#[test]
fn a_sidecar_that_starts_on_a_full_disk_takes_nothing_until_there_is_room() {
    let disk = Disk::new();
    let folder = tempfile::tempdir().unwrap();
    manifests(folder.path());
    disk.order(1, How::NoSpace, NEVER);
    let (sidecar, address) = start(&disk, folder.path());
    assert_eq!((push(&address, 1), push(&address, 2)), (503, 503));
    disk.release();
    taken(&address, 3);
    let said = sidecar.drain();
    assert!(said.contains("No space left"), "{said}");
    assert!(said.contains("a new, empty store"), "{said}");
    drop(sidecar);
    let _again = start(&disk, folder.path());
    assert!(has_a_ticket(&disk), "what was acknowledged is there");
}

#[test]
fn a_disk_that_fills_while_a_sidecar_runs_loses_nothing() {
    for how in [How::NoSpace, How::InputOutput] {
        let disk = Disk::new();
        let folder = tempfile::tempdir().unwrap();
        manifests(folder.path());
        let (sidecar, address) = start(&disk, folder.path());
        disk.order(1, how, NEVER);
        assert_eq!(push(&address, 1), 503);
        assert!(!has_a_ticket(&disk), "what was refused is not there");
        disk.release();
        taken(&address, 2);
        drop(sidecar);
        let _again = start(&disk, folder.path());
        assert!(has_a_ticket(&disk));
    }
}
