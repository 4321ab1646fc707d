//! Accounts that authorized before we knew them.

use axum::response::Response;
use futures::future::join_all;
use serde_json::{Value, json};
use wxops::store::Store;
use wxops::store::documents::CredDoc;
use wxops::store::{Key, documents::Token};
use wxops::wechat::ErrorClass;

use super::script::{Received, Script, ok, token};
use super::tokens::NO_MENU;
use crate::world::{MINI, OFFICIAL, OTHER, World, appid, cred, errcode, info, menu_get};

const LIST: &str = "/cgi-bin/component/api_get_authorizer_list";
const MENU_OK: &str = "menu/get";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn accounts_are_adopted_from_the_list_once_for_all() {
    let world = World::authorized(&[OFFICIAL, OTHER, MINI]).await;
    let (client, store) = world.client_with_ticket().await;
    let reader = client.reader();
    let calls = [menu_get(OFFICIAL), menu_get(OTHER)];
    let answers = join_all(calls.iter().map(|call| reader.read(call))).await;
    assert!(
        answers
            .iter()
            .all(|answer| errcode(answer) == Some(NO_MENU))
    );
    assert_eq!(world.count(LIST).received, 1);
    for account in [OFFICIAL, OTHER, MINI] {
        let doc = cred(&store, account).await.unwrap();
        assert!(
            doc.refresh_token.is_some() && doc.authorized_at.is_some(),
            "{account}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_account_that_never_authorized_is_told_apart_without_reading_the_list() {
    let world = World::authorized(&[OTHER]).await;
    let (client, store) = world.client_with_ticket().await;
    assert_eq!(
        errcode(&client.reader().read(&menu_get(OFFICIAL)).await),
        Some(61003)
    );
    assert_eq!(world.count(LIST).received, 0);
    assert!(cred(&store, OFFICIAL).await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_list_without_refresh_tokens_is_made_good_by_info() {
    let world = World::authorized(&[OFFICIAL, OTHER]).await;
    world.switch("listOmitsRefreshToken", json!(true));
    let (client, store) = world.client_with_ticket().await;
    for account in [OFFICIAL, OTHER] {
        assert_eq!(
            errcode(&client.reader().read(&menu_get(account)).await),
            Some(NO_MENU)
        );
        assert!(cred(&store, account).await.unwrap().refresh_token.is_some());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_page_of_the_list_counts_and_each_account_once() {
    let script = Script::answering(|received| {
        let path = received.path.as_str();
        if path.ends_with("api_get_authorizer_info") {
            return Some(info_answer(received, Some("refreshtoken@@@sentinel")));
        }
        if path.ends_with("api_get_authorizer_list") {
            let offset = received.json()["offset"].as_u64().unwrap();
            // The list grew while it was paged through, so that one account stands on both pages.
            let page: Vec<Value> = match offset {
                0 => (0..500).map(listed).collect(),
                _ => (499..502).map(listed).collect(),
            };
            return Some(ok(&json!({"total_count": 503, "list": page})));
        }
        path.ends_with(MENU_OK)
            .then(|| ok(&json!({"menu": {"button": []}})))
    })
    .await;
    let store = Store::in_memory();
    let client = script.client(&store).await;
    client.reader().read(&menu_get(&numbered(501))).await;
    let offsets: Vec<Value> = script
        .received("api_get_authorizer_list")
        .iter()
        .map(|one| one.json()["offset"].clone())
        .collect();
    assert_eq!(offsets, [json!(0), json!(500)]);
    assert_eq!(store.list("cred/").await.unwrap().len(), 502);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn when_nobody_knows_a_refresh_token_the_owner_must_scan() {
    for known in [Some("refreshtoken@@@dead"), None] {
        let script = Script::answering(|received| {
            let path = received.path.as_str();
            if path.ends_with("api_get_authorizer_info") {
                return Some(info_answer(received, None));
            }
            if path.ends_with("api_get_authorizer_list") {
                return Some(ok(&json!({"total_count": 0, "list": []})));
            }
            path.ends_with("api_authorizer_token")
                .then(|| ok(&json!({"errcode": 61023, "errmsg": "refresh_token is invalid"})))
        })
        .await;
        let store = Store::in_memory();
        let client = script.client(&store).await;
        let doc = CredDoc {
            refresh_token: known.map(Into::into),
            ..stored(&store).await
        };
        store
            .create(&Key::cred(&appid(OFFICIAL)), &doc)
            .await
            .unwrap();
        let answer = client.reader().read(&menu_get(OFFICIAL)).await;
        let wxops::wechat::Answer::Refused(error) = &answer else {
            panic!("{answer:?}");
        };
        assert_eq!((error.errcode, error.class), (61023, ErrorClass::Human));
        assert!(error.zh.contains("重新扫码") && error.en.contains("scan again"));
        assert_eq!(
            script.received("api_authorizer_token").len(),
            usize::from(known.is_some())
        );
        assert!(script.received(MENU_OK).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tokens_of_a_new_authorization_are_not_overwritten_by_a_refresh_that_was_under_way() {
    let store = Store::in_memory();
    let newer = store.clone();
    let script = Script::start(move |received: Received| {
        let store = newer.clone();
        Box::pin(async move {
            if received.path.ends_with("api_authorizer_token") {
                // While WeChat answers, the owner authorizes anew and the code is exchanged.
                store
                    .amend::<CredDoc, ()>(&Key::cred(&appid(OFFICIAL)), |doc| {
                        doc.refresh_token = Some("refreshtoken@@@newest".into());
                    })
                    .await
                    .unwrap();
            }
            token(&received).unwrap_or_else(|| ok(&json!({"menu": {"button": []}})))
        })
    })
    .await;
    let client = script.client(&store).await;
    let doc = CredDoc {
        refresh_token: Some("refreshtoken@@@old".into()),
        ..stored(&store).await
    };
    store
        .create(&Key::cred(&appid(OFFICIAL)), &doc)
        .await
        .unwrap();
    client.reader().read(&menu_get(OFFICIAL)).await;
    let doc = cred(&store, OFFICIAL).await.unwrap();
    assert_eq!(doc.refresh_token.unwrap().expose(), "refreshtoken@@@newest");
    assert_eq!(doc.access_token, None::<Token>);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tokens_of_another_platform_are_not_used_and_its_cancellation_takes_none_of_ours() {
    let script = Script::answering(|received| {
        let path = received.path.as_str();
        if path.ends_with("api_get_authorizer_info") {
            return Some(info_answer(received, Some("refreshtoken@@@ours")));
        }
        path.ends_with(MENU_OK)
            .then(|| ok(&json!({"menu": {"button": []}})))
    })
    .await;
    let store = Store::in_memory();
    let client = script.client(&store).await;
    let theirs = CredDoc {
        platform: appid("wx00000000000000bb"),
        refresh_token: Some("refreshtoken@@@theirs".into()),
        access_token: Some(Token {
            value: "62_theirs".into(),
            expires_at: jiff::Timestamp::MAX,
            obtained_at: jiff::Timestamp::UNIX_EPOCH,
        }),
        ..stored(&store).await
    };
    let key = Key::cred(&appid(OFFICIAL));
    store.create(&key, &theirs).await.unwrap();
    // The account moved to the other platform and now leaves us: that is not news for the other.
    client
        .keep_revocation(&appid(OFFICIAL), None)
        .await
        .unwrap();
    assert_eq!(cred(&store, OFFICIAL).await.unwrap(), theirs);

    client.reader().read(&menu_get(OFFICIAL)).await;
    let asked = script.received("api_authorizer_token").remove(0);
    assert_eq!(
        asked.json()["authorizer_refresh_token"],
        "refreshtoken@@@ours"
    );
    let used = script.received(MENU_OK).remove(0).query;
    assert!(
        !used.iter().any(|(_, token)| token == "62_theirs"),
        "{used:?}"
    );
    let doc = cred(&store, OFFICIAL).await.unwrap();
    assert_eq!(doc.platform, client.platform().appid);
    assert_eq!(doc.refresh_token.unwrap().expose(), "refreshtoken@@@ours");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_platform_call_names_the_platform() {
    let script = Script::answering(|received| {
        received
            .path
            .ends_with("api_get_authorizer_info")
            .then(|| info_answer(received, None))
    })
    .await;
    let client = script.client(&Store::in_memory()).await;
    client.reader().read(&info(OFFICIAL)).await;
    let asked = script.received("api_get_authorizer_info").remove(0);
    assert_eq!(
        asked.json(),
        json!({"authorizer_appid": OFFICIAL, "component_appid": crate::world::PLATFORM})
    );
    let token = (
        "component_access_token".to_owned(),
        "61_component_sentinel".to_owned(),
    );
    assert_eq!(asked.query, [token]);
}

async fn stored(store: &Store) -> CredDoc {
    assert!(cred(store, OFFICIAL).await.is_none());
    CredDoc::of(appid(crate::world::PLATFORM))
}

fn numbered(n: usize) -> String {
    format!("wx{n:016}")
}

fn listed(n: usize) -> Value {
    json!({"authorizer_appid": numbered(n), "refresh_token": format!("refreshtoken@@@{n}"), "auth_time": 1_700_000_000})
}

fn info_answer(received: &Received, refresh_token: Option<&str>) -> Response {
    let account = received.json()["authorizer_appid"].clone();
    ok(&json!({
        "authorizer_info": {
            "nick_name": "n", "user_name": "gh_0", "service_type_info": {"id": 2}, "verify_type_info": {"id": 0},
        },
        "authorization_info": {
            "authorizer_appid": account,
            "authorizer_refresh_token": refresh_token.unwrap_or_default(),
            "func_info": [],
        },
    }))
}
