//! What is known when there is no good answer, and what is repeated.

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde_json::json;
use wxops::client::{Client, PlatformAccess};
use wxops::store::Store;
use wxops::wechat::{Answer, Call, ErrorClass, menu};

use super::script::{Script, ok};
use super::tokens::{MENU_GET, NO_MENU};
use crate::world::{OFFICIAL, World, appid, errcode, lost, menu_get};

const MENU_CREATE: &str = "/cgi-bin/menu/create";

fn put() -> Call {
    let body = json!({"button": [{"type": "click", "name": "课程", "key": "C"}]});
    Call::new(&menu::CREATE, appid(OFFICIAL), &body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reads_are_repeated_and_come_through() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (client, _) = world.client_with_ticket().await;
    for (kind, sent) in [
        (json!({"kind": "http502", "count": 3}), 4),
        (json!({"kind": "notJson", "count": 2}), 3),
        (json!({"kind": "resetBefore", "count": 1}), 2),
        (json!({"kind": "resetAfter", "count": 3}), 4),
        (json!({"kind": "errcode", "code": -1, "count": 2}), 3),
        (json!({"kind": "errcode", "code": 45011, "count": 3}), 4),
    ] {
        let mut fault = kind.clone();
        fault["endpoint"] = json!(MENU_GET);
        world.fault(fault);
        let before = world.count(MENU_GET).received;
        let answer = client.reader().read(&menu_get(OFFICIAL)).await;
        assert_eq!(errcode(&answer), Some(NO_MENU), "{kind}");
        assert_eq!(world.count(MENU_GET).received - before, sent, "{kind}");
    }
    world.assert_no_secret_in(&[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reads_are_not_repeated_for_ever() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (client, _) = world.client_with_ticket().await;
    let mut said = Vec::new();
    for (kind, sent, why) in [
        (json!({"kind": "http502"}), 4, "HTTP status 502"),
        (
            json!({"kind": "notJson"}),
            4,
            "it is no JSON (something does not belong there, line 1 column 1)",
        ),
        (json!({"kind": "resetBefore"}), 4, "connection reset"),
        (json!({"kind": "errcode", "code": -1}), 3, ""),
        (json!({"kind": "errcode", "code": 45009}), 1, ""),
        (json!({"kind": "errcode", "code": 48001}), 1, ""),
        (json!({"kind": "errcode", "code": 987_654}), 1, ""),
    ] {
        let mut fault = kind.clone();
        fault["endpoint"] = json!(MENU_GET);
        world.fault(fault);
        let before = world.count(MENU_GET).received;
        let answer = client.reader().read(&menu_get(OFFICIAL)).await;
        assert_eq!(world.count(MENU_GET).received - before, sent, "{kind}");
        if let Answer::Lost(lost) = &answer {
            assert!(lost.sent && lost.why.contains(why), "{kind}: {lost}");
        } else {
            assert_eq!(errcode(&answer), kind["code"].as_i64());
        }
        said.push(format!("{answer:?}"));
        world.no_faults();
    }
    world.assert_no_secret_in(&said);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_put_is_sent_once_whatever_becomes_of_it() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (client, _) = world.client_with_ticket().await;
    for kind in [
        json!({"kind": "http502"}),
        json!({"kind": "http502AfterEffect"}),
        json!({"kind": "resetBefore"}),
        json!({"kind": "resetAfter"}),
        json!({"kind": "notJson"}),
        json!({"kind": "errcode", "code": -1}),
        json!({"kind": "errcode", "code": 45011}),
    ] {
        let mut fault = kind.clone();
        fault["endpoint"] = json!(MENU_CREATE);
        world.fault(fault);
        let before = world.count(MENU_CREATE).received;
        let answer = client.writer().put(&put()).await;
        assert!(!matches!(answer, Answer::Done(_)), "{kind}");
        if let Answer::Lost(lost) = answer {
            assert!(lost.sent, "{kind}");
        }
        assert_eq!(world.count(MENU_CREATE).received - before, 1, "{kind}");
        world.no_faults();
    }
    let answer = client.writer().put(&put()).await;
    assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_put_whose_token_is_refused_is_repeated_once_with_another() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (client, _) = world.client_with_ticket().await;
    world.fault(json!({"endpoint": MENU_CREATE, "kind": "errcode", "code": 42001, "count": 1}));
    assert!(matches!(client.writer().put(&put()).await, Answer::Done(_)));
    let count = world.count(MENU_CREATE);
    assert_eq!((count.received, count.with_effect), (2, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_was_never_connected_was_not_sent() {
    let world = World::authorized(&[OFFICIAL]).await;
    let (client, store) = world.client_with_ticket().await;
    client.reader().read(&menu_get(OFFICIAL)).await;
    // The same tokens, and a port that nobody listens on any more.
    let free = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let nowhere = PlatformAccess {
        api_base: format!("http://{free}").parse().unwrap(),
        ..world.access()
    };
    let clock = client.clock().clone();
    let client = Client::new(nowhere, store, clock, "this process".into()).unwrap();
    let answer = client.writer().put(&put()).await;
    let (sent, why) = lost(&answer);
    assert!(!sent && why.contains("connection refused"), "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn answers_are_bounded_and_redirects_not_followed() {
    let script = Script::answering(|received| {
        let page = received.query.iter().any(|(_, token)| token.contains("sentinel"));
        match (received.path.as_str(), page) {
            ("/cgi-bin/menu/get", true) => Some("x".repeat(2 << 20).into_response()),
            ("/cgi-bin/get_current_selfmenu_info", true) => Some(
                (StatusCode::FOUND, [("location", "/elsewhere")], "").into_response(),
            ),
            ("/elsewhere", _) => Some(ok(&json!({}))),
            ("/cgi-bin/component/api_get_authorizer_info", _) => Some(ok(&json!({
                "authorizer_info": {"user_name": "g", "service_type_info": {"id": 2}, "verify_type_info": {"id": 0}},
                "authorization_info": {"authorizer_appid": OFFICIAL, "authorizer_refresh_token": "refreshtoken@@@s"},
            }))),
            ("/cgi-bin/component/api_get_authorizer_list", _) => {
                Some(ok(&json!({"total_count": 0, "list": []})))
            }
            _ => None,
        }
    })
    .await;
    let client = script.client(&Store::in_memory()).await;
    let answer = client.reader().read(&menu_get(OFFICIAL)).await;
    assert_eq!(lost(&answer), (true, "it is too large"));
    let call = Call::bare(&menu::CURRENT_SELFMENU_INFO, appid(OFFICIAL));
    let answer = client.reader().read(&call).await;
    assert_eq!(lost(&answer), (true, "HTTP status 302"));
    assert!(script.received("/elsewhere").is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_list_of_accounts_that_cannot_be_read_sends_nobody_to_scan() {
    for (list, readable) in [
        (json!({"total_count": 0, "list": []}), true),
        (json!({"total_count": 0}), false),
        (json!({"total_count": 33, "list": []}), false),
        (json!({"total_count": 33, "list": null}), false),
        (json!({"total_count": null, "list": []}), false),
        (
            json!({"total_count": 1, "list": [{"refresh_token": "refreshtoken@@@x"}]}),
            false,
        ),
        (json!({"errcode": null}), false),
    ] {
        let said = list.clone();
        let script = Script::answering(move |received| match received.path.as_str() {
            "/cgi-bin/component/api_get_authorizer_info" => Some(ok(&json!({
                "authorizer_info": {"user_name": "g", "service_type_info": {"id": 2}, "verify_type_info": {"id": 0}},
                "authorization_info": {"authorizer_appid": OFFICIAL, "func_info": null},
            }))),
            "/cgi-bin/component/api_get_authorizer_list" => Some(ok(&said)),
            _ => None,
        })
        .await;
        let client = script.client(&Store::in_memory()).await;
        let answer = client.reader().read(&menu_get(OFFICIAL)).await;
        match &answer {
            Answer::Refused(error) => {
                assert!(readable && error.class == ErrorClass::Human, "{list}")
            }
            Answer::Lost(lost) => {
                assert!(
                    !readable && lost.why.contains("cannot be read"),
                    "{list}: {lost}"
                );
            }
            Answer::Done(_) => panic!("{list}: there was no token"),
        }
    }
}
