//! The forms a push can have: XML and JSON, notices of every kind, messages and events of accounts.

use serde_json::{Value, json};

use super::pushes::{authorize, listening, push_ticket};
use super::sink::Sink;
use super::world::{OFFICIAL, PLATFORM, World, text};

fn platform(world: &World, change: Value) {
    world.control("PATCH", &format!("/_sim/platforms/{PLATFORM}"), &change);
}

fn heard() -> (World, Sink) {
    let world = World::start();
    let sink = Sink::answering("success");
    listening(&world, &sink);
    (world, sink)
}

#[test]
fn envelope_and_content_are_written_as_the_platform_is_switched() {
    let (world, sink) = heard();
    for (envelope, content) in [
        ("json", "xml"),
        ("json", "json"),
        ("xml", "json"),
        ("xml", "xml"),
    ] {
        platform(
            &world,
            json!({"pushEnvelope": envelope, "pushContent": content}),
        );
        let ticket = text(&push_ticket(&world)["ticket"]);
        let got = sink.next();
        if envelope == "json" {
            let outside: Value = serde_json::from_str(&got.body).unwrap();
            assert_eq!(outside["AppId"], PLATFORM);
        } else {
            assert!(got.body.starts_with("<xml><AppId><![CDATA["));
        }
        let plain = got.opened();
        if content == "json" {
            let inside: Value = serde_json::from_str(&plain).unwrap();
            assert_eq!(inside["InfoType"], "component_verify_ticket");
            assert_eq!(inside["ComponentVerifyTicket"], ticket);
            assert!(inside["CreateTime"].is_i64());
            assert!(plain.starts_with(r#"{"AppId":"#), "{plain}");
        } else {
            assert!(
                plain.starts_with("<xml><AppId>") && plain.contains(&ticket),
                "{plain}"
            );
        }
    }
}

#[test]
fn notices_about_filing_come_as_xml_though_documented_as_json() {
    let (world, sink) = heard();
    platform(&world, json!({"pushContent": "json"}));
    let tell = |more: Value| {
        let mut order = json!({
            "platform": PLATFORM, "infoType": "notify_apply_icpfiling_result",
            "fields": {"authorizer_appid": OFFICIAL, "beian_status": 6},
        });
        order
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let told = world.control("POST", "/_sim/notices", &order);
        assert_eq!(told["push"]["acknowledged"], true);
        sink.next().opened()
    };
    let xml = tell(json!({}));
    let beginning = format!("<xml><AppId><![CDATA[{PLATFORM}]]></AppId><CreateTime>");
    assert!(xml.starts_with(&beginning), "{xml}");
    assert!(xml.contains("<beian_status>6</beian_status>"), "{xml}");
    let face_check = json!({"infoType": "notify_icpfiling_verify_result", "fields": {"result": 3}});
    assert!(tell(face_check.clone()).contains("<result>3</result>"));
    assert!(tell(json!({"pushContent": "json"})).contains(r#""beian_status":6"#));
    world.switch("filingNoticesAsDocumented", json!(true));
    assert!(tell(face_check).contains(r#""result":3"#));
    let other = tell(
        json!({"infoType": "notify_third_fasteregister", "fields": {"info": {"name": "示例"}}}),
    );
    assert!(other.ends_with(r#""info":{"name":"示例"}}"#), "{other}");
}

#[test]
fn messages_and_events_say_whose_they_are() {
    let (world, sink) = heard();
    authorize(&world, &[1]);
    sink.next();
    let say = |more: Value| {
        let mut order = json!({"platform": PLATFORM, "account": OFFICIAL, "fromUser": "oUser1"});
        order
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        world.control("POST", "/_sim/messages", &order);
        let got = sink.next();
        assert!(
            got.target
                .starts_with(&format!("POST /messages/{OFFICIAL}?"))
        );
        (got.opened(), got.body)
    };
    let (event, envelope) = say(json!({"event": "CLICK", "fields": {"EventKey": "TODAY"}}));
    let parties = "<xml><ToUserName><![CDATA[gh_1111111111111111]]></ToUserName><FromUserName><![CDATA[oUser1]]></FromUserName>";
    assert!(event.starts_with(parties), "{event}");
    assert!(event.ends_with("<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[CLICK]]></Event><EventKey><![CDATA[TODAY]]></EventKey></xml>"), "{event}");
    assert!(envelope.starts_with("<xml><ToUserName><![CDATA[gh_1111111111111111]]></ToUserName>"));
    let (image, _) = say(json!({"msgType": "image", "fields": {"MediaId": "M"}}));
    assert!(
        image.contains("<MediaId><![CDATA[M]]></MediaId><MsgId>"),
        "{image}"
    );
    let (strayed, envelope) = say(json!({"content": "hello", "toUser": "gh_other"}));
    assert!(strayed.contains("<ToUserName><![CDATA[gh_other]]></ToUserName>"));
    assert!(envelope.contains("gh_other"));
    let long = "长".repeat(64 * 1024 / 3);
    let said = json!({"platform": PLATFORM, "account": OFFICIAL, "content": long});
    let said = world.control("POST", "/_sim/messages", &said);
    assert_eq!(said["push"]["acknowledged"], true);
    assert!(
        sink.next().body.len() > 64 * 1024 * 4 / 3,
        "sealed, and in base64"
    );
}

#[test]
fn orders_that_say_nothing_or_two_things_are_refused() {
    let (world, _sink) = heard();
    authorize(&world, &[1]);
    for (more, status) in [
        (json!({}), 400),
        (json!({"content": "x", "event": "CLICK"}), 400),
        (json!({"event": "CLICK", "fields": {"a b": 1}}), 400),
        (json!({"event": "CLICK", "pushContent": "yaml"}), 400),
        (json!({"content": "x", "account": "wx0"}), 404),
    ] {
        let mut order = json!({"platform": PLATFORM, "account": OFFICIAL});
        order
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        assert_eq!(
            world.refused("POST", "/_sim/messages", &order),
            status,
            "{order}"
        );
    }
    let nobody = json!({"platform": "wx0", "infoType": "x"});
    assert_eq!(world.refused("POST", "/_sim/notices", &nobody), 404);
    assert_eq!(
        world.refused("POST", "/_sim/notices", &json!({"platform": PLATFORM})),
        400
    );
}

#[test]
fn appids_in_a_push_can_be_in_capitals() {
    let (world, sink) = heard();
    world.fault(json!([
        {"endpoint": "push:authorized", "kind": "capitalAppids", "count": 1},
        {"endpoint": "push:message", "kind": "capitalAppids", "count": 1},
    ]));
    authorize(&world, &[1]);
    let capitals = OFFICIAL.to_uppercase();
    let notice = sink.next().opened();
    assert!(
        notice.contains(&format!("<AuthorizerAppid><![CDATA[{capitals}]]>")),
        "{notice}"
    );
    assert!(notice.contains(PLATFORM), "the platform's own is as it was");
    let say = json!({"platform": PLATFORM, "account": OFFICIAL, "content": "x"});
    world.control("POST", "/_sim/messages", &say);
    assert!(
        sink.next()
            .target
            .starts_with(&format!("POST /messages/{capitals}?"))
    );
}
