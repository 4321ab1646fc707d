//! What a request looks like, and that no secret comes back out of one.

use axum::response::IntoResponse as _;
use serde_json::{Value, json};
use wxops::client::{Client, REQUEST_TIMEOUT};
use wxops::store::journal::{Arming, Intent, Journal, OpKey, Reserved};
use wxops::store::{Key, Store, documents::CredDoc};
use wxops::wechat::endpoint::{self, Method, TokenKind};
use wxops::wechat::{Answer, Call, CallClass, menu};

use super::script::{Received, Script, ok};
use crate::logs;
use crate::world::{APP_SECRET, OFFICIAL, PLATFORM, appid, menu_get};

async fn known(store: &Store) {
    let doc = CredDoc {
        refresh_token: Some("refreshtoken@@@sentinel".into()),
        ..CredDoc::of(appid(PLATFORM))
    };
    store
        .create(&Key::cred(&appid(OFFICIAL)), &doc)
        .await
        .unwrap();
}

/// Sends a call as its class wants it: read, put, or armed by the journal.
async fn send(client: &Client, store: &Store, call: &Call) -> Answer {
    match call.endpoint.class {
        CallClass::Read => client.reader().read(call).await,
        CallClass::Put => client.writer().put(call).await,
        CallClass::NaturalKey | CallClass::AtMostOnce | CallClass::OneShot => {
            let journal = Journal::new(store.clone(), "this process");
            let now = client.clock().now();
            let key = OpKey {
                action: format!("{} {}", call.endpoint.name, call.body().len()),
                appid: call.subject.clone(),
            };
            let intent = Intent {
                tenant: "sunrise".into(),
                call: call.clone(),
                step: "a step".into(),
                wanted: String::new(),
                evidence: Value::Null,
                observed_at: now,
            };
            let look = journal.look(&key).await.unwrap();
            let mut op = journal.open(look, intent, now).await.unwrap();
            let reserved = journal.reserve(&mut op, Vec::new(), now).await.unwrap();
            assert_eq!(reserved, Reserved::Yes);
            let arming = Arming {
                approval: None,
                request_timeout: REQUEST_TIMEOUT,
            };
            let since_boot = client.clock().since_boot();
            let armed = journal.arm(&mut op, &arming, now, since_boot).await;
            client.writer().send_armed(armed.unwrap()).await
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn bodies_are_raw_utf8_and_never_empty() {
    let script = Script::answering(|received| {
        let token = received.path.ends_with("_token");
        (!token).then(|| ok(&json!({"errcode": 0, "errmsg": "ok"})))
    })
    .await;
    let store = Store::in_memory();
    known(&store).await;
    let client = script.client(&store).await;
    let body = json!({"name": "官网/🏠", "url": "https://例子.cn/a"});
    let raw = "\"name\":\"官网/🏠\",\"url\":\"https://例子.cn/a\"";
    let mut sent = 0;
    for endpoint in endpoint::ALL {
        // A token is asked for with what WeChat gave us, by the token source alone.
        let of_tokens = endpoint.class == CallClass::OneShot || endpoint.token == TokenKind::None;
        if endpoint.method != Method::Post || of_tokens {
            continue;
        }
        let account = appid(OFFICIAL);
        // Several endpoints may share a path.
        let path = endpoint.path.split('?').next().unwrap();
        let before = script.received(path).len();
        send(
            &client,
            &store,
            &Call::new(endpoint, account.clone(), &body),
        )
        .await;
        send(&client, &store, &Call::bare(endpoint, account)).await;
        let received: Vec<Received> = script.received(path).split_off(before);
        let [with_body, bare] = received.as_slice() else {
            panic!("{}: {received:?}", endpoint.name);
        };
        let as_it_is = with_body.body.contains(raw) && !with_body.body.contains('\\');
        assert!(as_it_is, "{}: {}", endpoint.name, with_body.body);
        let (name, token, least) = match endpoint.token {
            TokenKind::Component => (
                "component_access_token",
                "61_component_sentinel",
                json!({"component_appid": PLATFORM}),
            ),
            TokenKind::ComponentAsAccess => ("access_token", "61_component_sentinel", json!({})),
            TokenKind::Authorizer | TokenKind::None => {
                ("access_token", "62_authorizer_sentinel", json!({}))
            }
        };
        assert_eq!(bare.body, least.to_string(), "{}", endpoint.name);
        let said = endpoint.path.split_once('?').map(|(_, said)| said);
        let said = said.and_then(|said| said.split_once('='));
        let said = said.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let token = (name.to_owned(), token.to_owned());
        let query: Vec<(String, String)> = said.into_iter().chain([token]).collect();
        assert!(
            received.iter().all(|one| one.query == query),
            "{received:?}"
        );
        sent += 1;
    }
    assert!(sent >= 12, "{sent} endpoints take a body");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_secret_comes_back_in_any_error() {
    // A WeChat that quotes everything it was given.
    let script = Script::answering(|received| {
        let everything = format!("bad {} {:?}", received.body, received.query);
        Some(match received.path.rsplit('/').next().unwrap() {
            "api_component_token" if received.body.contains("ticket@@@refused") => {
                ok(&json!({"errcode": 61006, "errmsg": everything}))
            }
            "api_authorizer_token" if received.body.contains("refused") => {
                ok(&json!({"errcode": 40013, "errmsg": everything}))
            }
            "get" => ok(&json!({"errcode": 40013, "errmsg": everything})),
            "create" => (axum::http::StatusCode::BAD_GATEWAY, everything).into_response(),
            _ => return None,
        })
    })
    .await;
    let store = Store::in_memory();
    known(&store).await;
    let client = script.client(&store).await;
    let mut said = vec![
        client.reader().read(&menu_get(OFFICIAL)).await,
        client
            .writer()
            .put(&Call::bare(&menu::CREATE, appid(OFFICIAL)))
            .await,
    ];
    store
        .amend::<CredDoc, ()>(&Key::cred(&appid(OFFICIAL)), |doc| {
            doc.access_token = None;
            doc.refresh_token = Some("sentinel-refused".into());
        })
        .await
        .unwrap();
    said.push(client.reader().read(&menu_get(OFFICIAL)).await);
    let empty = Store::in_memory();
    let client = script.client(&empty).await;
    let refused = wxops::wechat::Secret::new("ticket@@@refused-sentinel");
    client.keep_ticket(&refused, None).await.unwrap();
    said.push(client.reader().read(&menu_get(OFFICIAL)).await);
    for answer in &said {
        let text = match answer {
            Answer::Refused(error) => format!("{error} {error:?}"),
            Answer::Lost(lost) => format!("{lost} {lost:?}"),
            Answer::Done(_) => panic!("a refusal was asked for"),
        };
        assert!(!text.contains("sentinel"), "{text}");
    }
    assert_eq!(format!("{client:?}").find("sentinel"), None);
    // The scripts of other tests run beside this one and log nothing of it either.
    let logged = logs::all();
    let leak = logged.lines().find(|line| line.contains("sentinel"));
    assert_eq!(leak, None, "{APP_SECRET}");
}
