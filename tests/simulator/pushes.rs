//! Pushes: sealed as WeChat seals them, at WeChat's pace, with faults of their own.

use serde_json::{Value, json};
use wxops::wechat::push::{EncodingAesKey, PushCipher, plain_signature};

use super::faults::until;
use super::sink::Sink;
use super::world::{OFFICIAL, PLATFORM, World, text};

pub fn listening(world: &World, sink: &Sink) {
    let urls = json!({
        "pushTickets": false,
        "noticesUrl": format!("http://{}/notices", sink.address),
        "messagesUrl": format!("http://{}/messages/$APPID$", sink.address),
    });
    world.control("PATCH", &format!("/_sim/platforms/{PLATFORM}"), &urls);
}

pub fn push_ticket(world: &World) -> Value {
    world.control(
        "POST",
        &format!("/_sim/platforms/{PLATFORM}/ticket"),
        &json!({}),
    )
}

pub fn authorize(world: &World, sets: &[u32]) -> Value {
    let order = json!({"platform": PLATFORM, "account": OFFICIAL, "permissionSets": sets});
    world.control("POST", "/_sim/authorize", &order)
}

#[test]
fn a_ticket_comes_sealed_and_signed() {
    let world = World::start();
    let sink = Sink::answering("success");
    listening(&world, &sink);
    let pushed = push_ticket(&world);
    assert_eq!(pushed["push"]["acknowledged"], true);
    let got = sink.next();
    assert!(got.target.starts_with("POST /notices?"), "{}", got.target);
    assert_eq!(got.query("encrypt_type"), "aes");
    let signature = plain_signature(
        "platform-token",
        &got.query("timestamp"),
        &got.query("nonce"),
    );
    assert_eq!(got.query("signature"), signature);
    assert!(
        got.body
            .starts_with("<xml><AppId><![CDATA[wx00000000000000aa]]></AppId><Encrypt>")
    );
    let plain = got.opened();
    let ticket = format!(
        "<ComponentVerifyTicket><![CDATA[{}]]></ComponentVerifyTicket>",
        text(&pushed["ticket"])
    );
    assert!(
        plain.contains("<InfoType><![CDATA[component_verify_ticket]]></InfoType>"),
        "{plain}"
    );
    assert!(plain.contains(&ticket), "{plain}");
}

#[test]
fn tickets_come_every_ten_minutes_of_simulated_time() {
    let world = World::start();
    let sink = Sink::answering("success");
    listening(&world, &sink);
    let start = json!({"component_appid": PLATFORM, "component_secret": "platform-secret"});
    let started = world.post("/cgi-bin/component/api_start_push_ticket", "", &start);
    assert_eq!(started["errmsg"], "ok");
    let first = sink.next().opened();
    world.advance(601);
    let second = sink.next().opened();
    assert_ne!(first, second);
    until(|| world.calls("")["pushes"]["push:ticket"]["acknowledged"] == 2);
}

#[test]
fn one_ticket_is_pushed_several_times_when_switched() {
    let world = World::start();
    world.switch("freshTicketEachPush", json!(false));
    let first = push_ticket(&world)["ticket"].clone();
    world.advance(600);
    assert_eq!(push_ticket(&world)["ticket"], first);
    world.advance(6 * 3600);
    assert_ne!(push_ticket(&world)["ticket"], first);
}

#[test]
fn authorizing_says_what_changed_and_is_silent_when_nothing_did() {
    let world = World::start();
    let sink = Sink::answering("success");
    listening(&world, &sink);
    let first = authorize(&world, &[15]);
    assert_eq!(first["event"], "authorized");
    let plain = sink.next().opened();
    for part in [
        "<InfoType><![CDATA[authorized]]></InfoType>".to_owned(),
        format!("<AuthorizerAppid><![CDATA[{OFFICIAL}]]></AuthorizerAppid>"),
        format!(
            "<AuthorizationCode><![CDATA[{}]]></AuthorizationCode>",
            text(&first["authorizationCode"])
        ),
        "<PreAuthCode><![CDATA[preauthcode@@@".to_owned(),
    ] {
        assert!(plain.contains(&part), "{plain}");
    }
    assert_eq!(authorize(&world, &[15])["event"], Value::Null);
    assert_eq!(sink.rest(), 0);
    assert_eq!(authorize(&world, &[15, 24])["event"], "updateauthorized");
    assert!(sink.next().opened().contains("[updateauthorized]"));
    let order = json!({"platform": PLATFORM, "account": OFFICIAL});
    world.control("POST", "/_sim/revoke", &order);
    assert!(sink.next().opened().contains("[unauthorized]"));
    assert_eq!(world.refused("POST", "/_sim/revoke", &order), 404);
}

#[test]
fn pushes_get_lost_and_doubled() {
    let world = World::start();
    let sink = Sink::answering("success");
    listening(&world, &sink);
    world.fault(json!({"endpoint": "push:authorized", "kind": "lostPush", "count": 1}));
    assert_eq!(authorize(&world, &[15])["push"]["lost"], true);
    assert_eq!(sink.rest(), 0);
    world.fault(json!({"endpoint": "push:ticket", "kind": "doubledPush", "count": 1}));
    push_ticket(&world);
    assert_eq!(sink.next().opened(), sink.next().opened());
    let pushes = world.calls("")["pushes"].clone();
    assert_eq!(
        pushes["push:authorized"],
        json!({"sent": 0, "acknowledged": 0, "lost": 1})
    );
    assert_eq!(
        pushes["push:ticket"],
        json!({"sent": 2, "acknowledged": 2, "lost": 0})
    );
}

#[test]
fn a_message_goes_out_with_the_platforms_appid_inside() {
    let world = World::start();
    let sink = Sink::answering("success");
    listening(&world, &sink);
    let say =
        json!({"platform": PLATFORM, "account": OFFICIAL, "fromUser": "oUser1", "content": "你好"});
    assert_eq!(
        world.refused("POST", "/_sim/messages", &say),
        404,
        "not authorized yet"
    );
    authorize(&world, &[1]);
    sink.next();
    let said = world.control("POST", "/_sim/messages", &say);
    assert_eq!(said["push"]["acknowledged"], true);
    let got = sink.next();
    assert!(
        got.target
            .starts_with(&format!("POST /messages/{OFFICIAL}?openid=oUser1&")),
        "{}",
        got.target
    );
    assert!(got.body.starts_with("<xml><ToUserName><![CDATA[gh_"));
    assert!(got.opened().contains("<Content><![CDATA[你好]]></Content>"));
}

#[test]
fn only_a_message_is_sent_again_when_the_answer_is_wrong() {
    let world = World::start();
    let sink = Sink::answering("{\"ok\":true}");
    listening(&world, &sink);
    assert_eq!(authorize(&world, &[1])["push"]["acknowledged"], false);
    sink.next();
    assert_eq!(sink.rest(), 0);
    let say = json!({"platform": PLATFORM, "account": OFFICIAL, "content": "hello"});
    let said = world.control("POST", "/_sim/messages", &say);
    assert_eq!(said["push"]["answer"], "{\"ok\":true}");
    let tries = [sink.next(), sink.next(), sink.next()].map(|got| got.opened());
    assert_eq!(tries.first(), tries.last());
    assert_eq!(sink.rest(), 0);
}

#[test]
fn a_reply_is_an_answer_only_when_it_is_sealed() {
    let cipher = |token| {
        let key = EncodingAesKey::parse("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG").unwrap();
        PushCipher::new(token, PLATFORM, key, None)
    };
    let reply = "<xml><MsgType><![CDATA[text]]></MsgType></xml>";
    let sealed = |token| {
        let sealed = cipher(token).seal(reply.as_bytes(), "1763848801", "nonce", [7; 16]);
        sealed.reply_xml()
    };
    for (answer, taken) in [
        (sealed("platform-token"), true),
        (String::new(), true),
        (sealed("another-token"), false),
        (reply.to_owned(), false),
    ] {
        let world = World::start();
        let sink = Sink::answering(&answer);
        listening(&world, &sink);
        authorize(&world, &[1]);
        sink.next();
        let say = json!({"platform": PLATFORM, "account": OFFICIAL, "content": "hello"});
        let said = world.control("POST", "/_sim/messages", &say);
        assert_eq!(said["push"]["acknowledged"], taken, "{answer}");
        let tries = if taken { 1 } else { 3 };
        (0..tries).for_each(|_| drop(sink.next()));
        assert_eq!(sink.rest(), 0);
    }
}
