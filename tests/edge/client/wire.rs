//! What a request looks like, and that no secret comes back out of one.

use axum::response::IntoResponse as _;
use serde_json::json;
use wxops::store::{Key, Store, documents::CredDoc};
use wxops::wechat::{Answer, Call, menu};

use super::script::{Received, Script, ok};
use crate::logs;
use crate::world::{APP_SECRET, OFFICIAL, PLATFORM, appid, menu_get};

async fn known(store: &Store) {
    let doc = CredDoc {
        platform: appid(PLATFORM),
        refresh_token: Some("refreshtoken@@@sentinel".into()),
        access_token: None,
        claim: None,
        func_info: Vec::new(),
        authorized_at: None,
        revoked_at: None,
        reauthorized: false,
        original_id: None,
    };
    store
        .create(&Key::cred(&appid(OFFICIAL)), &doc)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn bodies_are_raw_utf8_and_never_empty() {
    let script = Script::answering(|received| {
        received
            .path
            .contains("/menu/")
            .then(|| ok(&json!({"errcode": 0, "errmsg": "ok"})))
    })
    .await;
    let store = Store::in_memory();
    known(&store).await;
    let client = script.client(&store).await;
    let body = json!({"button": [{"type": "view", "name": "官网/🏠", "url": "https://例子.cn/a"}]});
    let answer = client
        .writer()
        .put(&Call::new(&menu::CREATE, appid(OFFICIAL), &body))
        .await;
    assert!(matches!(answer, Answer::Done(_)), "{answer:?}");
    client
        .writer()
        .put(&Call::bare(&menu::CREATE, appid(OFFICIAL)))
        .await;
    let sent: Vec<Received> = script.received("menu/create");
    assert!(
        sent[0].body.contains("官网/🏠") && !sent[0].body.contains('\\'),
        "{}",
        sent[0].body
    );
    assert_eq!(sent[1].body, "{}");
    let token = (
        "access_token".to_owned(),
        "62_authorizer_sentinel".to_owned(),
    );
    assert!(sent.iter().all(|one| one.query == [token.clone()]));
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
