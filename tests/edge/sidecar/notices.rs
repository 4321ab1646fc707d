//! 授权事件接收URL: what is acknowledged is stored.

use serde_json::json;
use wxops::store::documents::CodeDoc;
use wxops::store::{Key, Store};
use wxops::wechat::Secret;

use super::place::{PREVIOUS_KEY, Tenants};
use super::place::{Place, Setup, cipher, cipher_with, notice, query, seal, ticket, wait_for};
use crate::flaky::Flaky;
use crate::world::{OFFICIAL, OTHER, PLATFORM, World, appid, cred, platform_doc};

const NOTICES: &str = "/wechat/notices";
const QUERY_AUTH: &str = "/cgi-bin/component/api_query_auth";

async fn stored_ticket(store: &Store) -> Option<String> {
    let ticket = platform_doc(store).await.ticket;
    ticket.map(|ticket| ticket.value.expose().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p11_an_acknowledged_ticket_is_stored() {
    let place = Place::set().await;
    assert!(place.push_ticket());
    let state = place.world.control.state();
    let made = stored_ticket(&place.store).await.unwrap();
    assert!(state["credentials"]["tickets"].to_string().contains(&made));
    assert!(place.heard_of(PLATFORM));
    place.world.count(NOTICES);
    place.world.advance(600);
    assert!(place.push_ticket());
    assert_ne!(stored_ticket(&place.store).await.unwrap(), made);
    // With it the chain works.
    place.client.pre_auth_code().await.unwrap();
    place.world.assert_no_secret_in(&[]);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn p11_what_cannot_be_stored_is_not_acknowledged() {
    let (flaky, store) = Flaky::store();
    let setup = Setup {
        store: Some(store.clone()),
        ..Setup::default()
    };
    let place = Place::with(setup).await;
    let now = place.world.now().as_second();
    let grant = "<AuthorizerAppid>wx1111111111111111</AuthorizerAppid>\
                 <AuthorizationCode>queryauthcode@@@x</AuthorizationCode>\
                 <AuthorizationCodeExpiredTime>600</AuthorizationCodeExpiredTime><PreAuthCode>p</PreAuthCode>";
    for (kind, xml) in [
        ("platform", ticket(now, "ticket@@@x")),
        ("code", notice("authorized", now, grant)),
        (
            "code",
            notice("updateauthorized", now, &grant.replace("@@@x", "@@@y")),
        ),
        (
            "cred",
            notice(
                "unauthorized",
                now,
                "<AuthorizerAppid>wx1111111111111111</AuthorizerAppid>",
            ),
        ),
    ] {
        flaky.fail_writes_of(kind);
        let (status, body) = place
            .notice(&format!("1 {xml}").replace(['<', '>'], ""), &xml)
            .await;
        assert_eq!((status, body.contains("success")), (503, false), "{xml}");
        assert_eq!(store.list(&format!("{kind}/")).await.unwrap(), [], "{xml}");
        flaky.heal();
        // The very same push, sent again: it was not taken for a replay.
        let (status, body) = place
            .notice(&format!("1 {xml}").replace(['<', '>'], ""), &xml)
            .await;
        assert_eq!((status, body.as_str()), (200, "success"), "{xml}");
        assert!(
            !store.list(&format!("{kind}/")).await.unwrap().is_empty(),
            "{xml}"
        );
        // Documents of the next round are not there yet.
        for key in store.list(&format!("{kind}/")).await.unwrap() {
            if kind == "code" {
                let stored = store.get::<CodeDoc>(&key).await.unwrap().unwrap();
                store.delete(&key, &stored.version).await.ok();
            }
        }
    }
    assert_eq!(place.health().await["pushes"]["notStored"], 4);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_authorization_is_exchanged_at_once() {
    let place = Place::set().await;
    place.push_ticket();
    place.world.authorize(OFFICIAL);
    wait_for(async || cred(&place.store, OFFICIAL).await.is_some()).await;
    wait_for(async || place.heard_of(OFFICIAL)).await;
    let doc = cred(&place.store, OFFICIAL).await.unwrap();
    assert!(doc.refresh_token.is_some() && doc.access_token.is_some());
    assert_eq!(place.world.count(QUERY_AUTH).received, 1);
    // Other permission sets: WeChat says so, and the tokens are new.
    let order = json!({"platform": PLATFORM, "account": OFFICIAL, "permissionSets": [15]});
    let answer = place.world.control.send("POST", "/_sim/authorize", &order);
    assert_eq!(answer["event"], "updateauthorized");
    wait_for(async || cred(&place.store, OFFICIAL).await.unwrap().func_info == [15]).await;
    assert_ne!(
        cred(&place.store, OFFICIAL).await.unwrap().refresh_token,
        doc.refresh_token
    );
    place.world.assert_no_secret_in(&[]);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_doubled_push_spends_its_code_once() {
    let place = Place::set().await;
    place.push_ticket();
    place
        .world
        .fault(json!({"endpoint": "push:*", "kind": "doubledPush"}));
    place.world.authorize(OFFICIAL);
    wait_for(async || cred(&place.store, OFFICIAL).await.is_some()).await;
    let pushes = place.health().await["pushes"].clone();
    assert_eq!(
        pushes["authorized"].as_u64().unwrap() + pushes["replayed"].as_u64().unwrap(),
        2
    );
    place.sidecar.stop().await;
    assert_eq!(place.world.control.count(QUERY_AUTH).received, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_an_earlier_sidecar_acknowledged_is_finished_by_the_next() {
    let world = World::start().await;
    let store = Store::in_memory();
    let earlier = world.client(&store, "an earlier sidecar");
    world.ticket(&earlier).await;
    let code = world.authorize(OFFICIAL);
    earlier
        .keep_code(&code, Some(&appid(OFFICIAL)), None)
        .await
        .unwrap();
    let place = Place::beside(world, store, Setup::default()).await;
    wait_for(async || cred(&place.store, OFFICIAL).await.is_some()).await;
    wait_for(async || place.heard_of(OFFICIAL)).await;
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn stopping_waits_for_an_exchange_that_has_begun() {
    let place = Place::set().await;
    place.push_ticket();
    place
        .world
        .fault(json!({"endpoint": QUERY_AUTH, "kind": "latency", "ms": 300}));
    place.world.authorize(OFFICIAL);
    let store = place.store.clone();
    place.stop().await;
    assert!(
        cred(&store, OFFICIAL)
            .await
            .unwrap()
            .refresh_token
            .is_some()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cancellation_is_kept_and_an_older_one_is_history() {
    let place = Place::set().await;
    place.push_ticket();
    place.world.authorize(OFFICIAL);
    wait_for(async || cred(&place.store, OFFICIAL).await.is_some()).await;
    let now = place.world.now().as_second();
    let whose = format!("<AuthorizerAppid>{OFFICIAL}</AuthorizerAppid>");
    let late = notice("unauthorized", now - 3_600, &whose);
    assert_eq!(place.notice("late", &late).await.1, "success");
    assert!(
        cred(&place.store, OFFICIAL)
            .await
            .unwrap()
            .revoked_at
            .is_none()
    );
    place.world.revoke(OFFICIAL);
    assert!(
        cred(&place.store, OFFICIAL)
            .await
            .unwrap()
            .revoked_at
            .is_some()
    );
    // Also of an account that is not known here.
    let other = notice(
        "unauthorized",
        now,
        &format!("<AuthorizerAppid>{OTHER}</AuthorizerAppid>"),
    );
    assert_eq!(place.notice("other", &other).await.1, "success");
    assert!(
        cred(&place.store, OTHER)
            .await
            .unwrap()
            .revoked_at
            .is_some()
    );
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_replay_changes_nothing_and_a_late_notice_is_taken() {
    let place = Place::set().await;
    let now = place.world.now().as_second();
    let sealed = seal(&cipher(), "n1", &ticket(now, "ticket@@@one"));
    let (query_one, body_one) = (query(&sealed), sealed.notice_xml(PLATFORM));
    assert_eq!(
        place.push(NOTICES, &query_one, body_one.clone()).await.1,
        "success"
    );
    assert_eq!(
        place.notice("n2", &ticket(now, "ticket@@@two")).await.1,
        "success"
    );
    assert_eq!(
        stored_ticket(&place.store).await.as_deref(),
        Some("ticket@@@two")
    );
    // Replayed: acknowledged, so that WeChat would be content, and without effect.
    assert_eq!(
        place.push(NOTICES, &query_one, body_one).await,
        (200, "success".to_owned())
    );
    assert_eq!(
        stored_ticket(&place.store).await.as_deref(),
        Some("ticket@@@two")
    );
    assert_eq!(place.health().await["pushes"]["replayed"], 1);
    // An hour late, and newer than what is there all the same: the sidecar was away.
    place.world.advance(2 * 3_600);
    assert_eq!(
        place
            .notice("n3", &ticket(now + 3_600, "ticket@@@late"))
            .await
            .1,
        "success"
    );
    assert_eq!(
        stored_ticket(&place.store).await.as_deref(),
        Some("ticket@@@late")
    );
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_rotation_loses_no_push() {
    let place = Place::set().await;
    let now = place.world.now().as_second();
    let previous = cipher_with(crate::world::PUSH_TOKEN, PLATFORM, PREVIOUS_KEY);
    let sealed = seal(&previous, "n", &ticket(now, "ticket@@@previous-key"));
    let answer = place
        .push(NOTICES, &query(&sealed), sealed.notice_xml(PLATFORM))
        .await;
    assert_eq!(answer, (200, "success".to_owned()));
    assert_eq!(
        stored_ticket(&place.store).await.as_deref(),
        Some("ticket@@@previous-key")
    );
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_not_used_here_is_acknowledged_and_counted() {
    let place = Place::set().await;
    for (nonce, xml) in [
        (
            "1",
            notice(
                "notify_3rd_wxa_wxverify",
                1,
                "<appid>wx2</appid><expired>0</expired>",
            ),
        ),
        (
            "2",
            notice("unauthorized", 1, "<AuthorizerAppid>odd</AuthorizerAppid>"),
        ),
        ("3", notice("component_verify_ticket", 1, "")),
        ("4", ticket(1, "t").replace(PLATFORM, "wx00000000000000bb")),
        ("5", "not even XML".to_owned()),
    ] {
        assert_eq!(
            place.notice(nonce, &xml).await,
            (200, "success".to_owned()),
            "{xml}"
        );
    }
    assert_eq!(place.health().await["pushes"]["unknown"], 5);
    assert_eq!(stored_ticket(&place.store).await, None);
    place.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn notices_are_read_in_either_language_in_either_envelope() {
    let account = format!(r#""AuthorizerAppid": "{OFFICIAL}""#);
    let in_json = |info_type: &str, created: i64, rest: &str| {
        format!(
            r#"{{"AppId": "{PLATFORM}", "CreateTime": {created}, "InfoType": "{info_type}", {rest}}}"#
        )
    };
    for envelope in ["xml", "json"] {
        let place = Place::set().await;
        let now = place.world.now().as_second();
        let send = async |nonce: &str, text: &str| {
            let sealed = seal(&cipher(), nonce, text);
            let body = match envelope {
                "xml" => sealed.notice_xml(PLATFORM),
                // As some writers of JSON do.
                _ => json!({"AppId": PLATFORM, "Encrypt": sealed.encrypt})
                    .to_string()
                    .replace('/', "\\/"),
            };
            let answer = place.push(NOTICES, &query(&sealed), body).await;
            assert_eq!(answer, (200, "success".to_owned()), "{envelope}: {text}");
        };
        let told = r#""ComponentVerifyTicket": "ticket@@@json""#;
        send("1", &in_json("component_verify_ticket", now, told)).await;
        assert_eq!(
            stored_ticket(&place.store).await.as_deref(),
            Some("ticket@@@json")
        );
        send("2", &ticket(now, "ticket@@@xml")).await;
        assert_eq!(
            stored_ticket(&place.store).await.as_deref(),
            Some("ticket@@@xml")
        );
        for (n, info_type) in ["authorized", "updateauthorized"].iter().enumerate() {
            let code = format!(
                r#"{account}, "AuthorizationCode": "queryauthcode@@@{n}", "AuthorizationCodeExpiredTime": "600""#
            );
            send(info_type, &in_json(info_type, now, &code)).await;
            assert_eq!(place.store.list("code/").await.unwrap().len(), n + 1);
        }
        send("5", &in_json("unauthorized", now, &account)).await;
        let left = cred(&place.store, OFFICIAL).await.unwrap();
        assert!(left.revoked_at.is_some());
        for (n, info_type) in [
            "notify_icpfiling_verify_result",
            "notify_apply_icpfiling_result",
        ]
        .iter()
        .enumerate()
        {
            send(
                &format!("j{n}"),
                &in_json(info_type, now, r#""task_id": "t", "result": 3"#),
            )
            .await;
            send(
                &format!("x{n}"),
                &notice(info_type, now, "<task_id>t</task_id><result>3</result>"),
            )
            .await;
        }
        let pushes = place.health().await["pushes"].clone();
        assert_eq!(
            (&pushes["tickets"], &pushes["unknown"]),
            (&json!(2), &json!(4))
        );
        place.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_platforms_may_share_one_path() {
    let world = World::start().await;
    let (mine, theirs) = (Store::in_memory(), Store::in_memory());
    let mut access = world.access();
    access.appid = appid("wx00000000000000bb");
    access.push_token = Secret::new("another-push-token");
    let other = wxops::client::Client::new(access, theirs.clone(), world.clock.clone(), "o".into())
        .unwrap();
    let served = |client| wxops::sidecar::Served {
        client,
        public_url: "http://127.0.0.1:1".parse().unwrap(),
        follow_port: true,
        notices: NOTICES.into(),
        messages: "/wechat/messages/$APPID$".into(),
        authorize: "/authorize".into(),
        register: "/register".into(),
        forward_messages: None,
    };
    let sidecar = wxops::sidecar::start(wxops::sidecar::SidecarConfig {
        listen: "127.0.0.1:0".parse().unwrap(),
        platforms: vec![served(world.client(&mine, "m")), served(other)],
        gatekeeper: std::sync::Arc::new(Tenants::default()),
        store: mine.clone(),
        clock: world.clock.clone(),
        wake: std::sync::Arc::new(|_| {}),
    })
    .await
    .unwrap();
    let now = world.now().as_second();
    let xml = ticket(now, "ticket@@@theirs").replace(PLATFORM, "wx00000000000000bb");
    let key = crate::world::AES_KEY;
    let sealed = seal(
        &cipher_with("another-push-token", "wx00000000000000bb", key),
        "n",
        &xml,
    );
    let url = format!("http://{}{NOTICES}?{}", sidecar.addr, query(&sealed));
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = http
        .post(url)
        .body(sealed.notice_xml("x"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.text().await.unwrap(), "success");
    let key = Key::platform(&appid("wx00000000000000bb"));
    let doc = theirs
        .get::<wxops::store::documents::PlatformDoc>(&key)
        .await
        .unwrap();
    assert!(doc.unwrap().value.ticket.is_some());
    assert_eq!(stored_ticket(&mine).await, None);
    sidecar.stop().await;
}
