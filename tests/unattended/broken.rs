//! Pushes are taken, checked, stored and acknowledged with not one manifest that can be read.

use std::fs;

use serde_json::json;
use wxops::store::documents::ReviewDoc;
use wxops::store::{CodeDoc, CredDoc, Key, PlatformDoc, Sealing, Store, open};
use wxops::wechat::Appid;
use wxops::wechat::push::{EncodingAesKey, PushCipher};

use super::house::{House, asked};
use crate::support::control::request;
use crate::support::fleet::appid;

const PLATFORM: &str = "wx0000000000000001";
const TOKEN: &str = "demo-push-token";
const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
/// So many pushes come at once.
const AT_ONCE: usize = 8;
/// Of each kind: tickets, authorizations, cancellations, ends of reviews.
const EACH: usize = 250;

/// Sends a notice as WeChat would, and says what the answer was.
fn push(address: &str, text: &str) -> (u16, String) {
    let key = EncodingAesKey::parse(KEY).unwrap();
    let cipher = PushCipher::new(TOKEN, PLATFORM, key, None);
    let sealed = cipher.seal(text.as_bytes(), "1763848800", text, [7; 16]);
    let nonce: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let path = format!(
        "/wechat/notices?timestamp=1763848800&nonce={nonce}&encrypt_type=aes&msg_signature={}",
        sealed.msg_signature
    );
    request(address, "POST", &path, &sealed.notice_xml(PLATFORM))
}

fn notice(at: i64, kind: &str, rest: &str) -> String {
    format!(
        "<xml><AppId>{PLATFORM}</AppId><CreateTime>{at}</CreateTime><InfoType>{kind}</InfoType>{rest}</xml>"
    )
}

fn account(nth: usize) -> Appid {
    Appid::parse(&appid(0x1000 + nth)).unwrap()
}

/// A thousand pushes of all kinds. Each must be answered `success`.
fn push_all(house: &House, life: &str) {
    // Later than every ticket that WeChat has pushed, and it pushes none meanwhile.
    let silent = json!({"pushTickets": false});
    let platform = format!("/_sim/platforms/{PLATFORM}");
    house.stage.control.send("PATCH", &platform, &silent);
    house.advance(2 * i64::try_from(EACH).unwrap());
    let now = house.now().as_second();
    let address = house.stage.sidecar_url.trim_start_matches("http://");
    let some = |of: usize| {
        for nth in (0..EACH).skip(of).step_by(AT_ONCE) {
            push_four(address, now, nth, life);
        }
    };
    std::thread::scope(|threads| {
        (0..AT_ONCE).for_each(|of| {
            threads.spawn(move || some(of));
        });
    });
}

fn push_four(address: &str, now: i64, nth: usize, life: &str) {
    let at = now - i64::try_from(EACH - nth).unwrap();
    let (of, left) = (account(nth), account(EACH + nth));
    let ticket = format!("<ComponentVerifyTicket>ticket@@@{life}{nth}</ComponentVerifyTicket>");
    let grant = format!(
        "<AuthorizerAppid>{of}</AuthorizerAppid><AuthorizationCode>code@@@{life}{nth}</AuthorizationCode>\
         <AuthorizationCodeExpiredTime>3600</AuthorizationCodeExpiredTime><PreAuthCode>p</PreAuthCode>"
    );
    let leaves = format!("<AuthorizerAppid>{left}</AuthorizerAppid>");
    let review = format!(
        "<appid>{of}</appid><ret>2</ret><nickname>名{nth}</nickname><reason>{life}{nth}</reason>"
    );
    for (kind, rest) in [
        ("component_verify_ticket", &ticket),
        ("authorized", &grant),
        ("unauthorized", &leaves),
        ("wxa_nickname_audit", &review),
    ] {
        let answer = push(address, &notice(at, kind, rest));
        assert_eq!(answer, (200, "success".to_owned()), "{kind} {nth}");
    }
}

/// All of them are in the store of a process that was killed.
fn all_stored(house: &House, life: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let opened = open(&house.stage.store(), Sealing::Plain).await.unwrap();
        let store: Store = opened.store;
        let platform = Appid::parse(PLATFORM).unwrap();
        let doc = store.get::<PlatformDoc>(&Key::platform(&platform)).await;
        let ticket = doc.unwrap().unwrap().value.ticket.unwrap();
        let newest = format!("ticket@@@{life}{}", EACH - 1);
        assert_eq!(ticket.value.expose(), newest);
        for nth in 0..EACH {
            let code = format!("code@@@{life}{nth}");
            let stored = store.get::<CodeDoc>(&Key::code(&platform, &code)).await;
            let stored = stored.unwrap().unwrap_or_else(|| panic!("no {code}"));
            assert_eq!(stored.value.account, Some(account(nth)));
            let review = Key::review(&account(nth), "nickname");
            let review = store.get::<ReviewDoc>(&review).await.unwrap().unwrap();
            assert_eq!(review.value.reason, Some(format!("{life}{nth}")));
            let left = store.get::<CredDoc>(&Key::cred(&account(EACH + nth))).await;
            assert!(left.unwrap().unwrap().value.revoked_at.is_some(), "{nth}");
        }
    });
}

fn break_all(house: &House, but_the_platform: bool) {
    for entry in fs::read_dir(house.path("")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".yaml") && !(but_the_platform && name == "platform.yaml") {
            house.write(&name, "kind: [");
        }
    }
}

/// What both ports say of readiness.
fn ready(house: &House) -> [(u16, String); 2] {
    let lock = fs::read_to_string(house.stage.store().join("loop.lock")).unwrap();
    let lock: serde_json::Value = serde_json::from_str(&lock).unwrap();
    let private = lock["private"].as_str().unwrap();
    let public = house.stage.sidecar_url.trim_start_matches("http://");
    [
        asked(public, "/readyz", None),
        asked(private, "/readyz", None),
    ]
}

fn nothing_but_pushes(house: &House) {
    // WeChat answers nothing, so that what is stored stays as it came.
    house.fault(&json!({"endpoint": "*", "kind": "errcode", "code": -1}));
}

#[test]
fn with_every_manifest_broken_at_the_start_pushes_are_taken_by_what_was_served_last() {
    let mut house = House::running(2);
    house.until_all_looked_at(2);
    house.stage.kill_sidecar();
    nothing_but_pushes(&house);
    break_all(&house, false);
    house.stage.start_loop();
    house.until("the loop has begun", || ready(&house)[1].0 == 200);
    let ok = (200, "ok".to_owned());
    assert_eq!(ready(&house), [ok.clone(), ok]);
    push_all(&house, "filled");
    // What was in force is so still.
    assert_eq!(
        house.ask("/v1/loop")["tenants"].as_object().unwrap().len(),
        2
    );
    house.stage.kill_sidecar();
    all_stored(&house, "filled");
}

#[test]
fn with_an_empty_store_and_no_tenant_that_can_be_read_pushes_are_taken_all_the_same() {
    let mut house = House::of(2);
    nothing_but_pushes(&house);
    break_all(&house, true);
    house.stage.start_loop();
    assert_eq!(ready(&house)[0], (200, "ok".to_owned()));
    push_all(&house, "empty");
    house.stage.kill_sidecar();
    all_stored(&house, "empty");
}

#[test]
fn with_an_empty_store_and_no_platform_that_can_be_read_it_says_that_nothing_can_be_checked() {
    let house = House::of(2);
    break_all(&house, false);
    let ended = house.stage.wxops(&[
        "run",
        "--listen",
        "127.0.0.1:0",
        "--private-listen",
        "127.0.0.1:0",
    ]);
    assert_eq!(ended.code, 9, "{ended:?}");
    assert!(
        ended
            .stderr
            .contains("there is nothing to take pushes with"),
        "{ended:?}"
    );
    assert!(ended.stderr.contains("platform.yaml"), "{ended:?}");
}

#[test]
fn with_every_manifest_broken_while_it_runs_pushes_are_taken_as_before() {
    let mut house = House::running(2);
    house.until_all_looked_at(2);
    nothing_but_pushes(&house);
    break_all(&house, false);
    house.until("the mistakes are told", || {
        house.ask("/v1/loop")["mistakes"].as_array().unwrap().len() >= 4
    });
    let ok = (200, "ok".to_owned());
    assert_eq!(ready(&house), [ok.clone(), ok]);
    push_all(&house, "later");
    house.stage.kill_sidecar();
    all_stored(&house, "later");
}

#[test]
fn a_mistake_in_a_class_is_said_once_with_whom_it_concerns() {
    let house = House::running(4);
    house.until_all_looked_at(4);
    house.edit("class.yaml", "view:", "viw:");
    let said = || house.ask("/v1/loop")["mistakes"].clone();
    house.until("it is said", || said() != serde_json::json!([]));
    let said = said();
    let [one] = said.as_array().unwrap().as_slice() else {
        panic!("{said}");
    };
    let one = one.as_str().unwrap();
    let whom = "(4 tenants: `tenant-000`, `tenant-001`, `tenant-002` and 1 more)";
    assert!(one.contains("`viw`") && one.ends_with(whom), "{one}");
    let log = house.stage.transcripts();
    assert_eq!(log.matches("unknown field `viw`").count(), 1, "{log}");
    // One tenant's own is told as its own.
    let told = house.ask("/v1/tenants/tenant-003");
    assert!(
        told["mistake"].as_str().unwrap().contains("`viw`"),
        "{told}"
    );
}
