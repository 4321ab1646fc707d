//! Authorization codes: stored before they are spent, what they bring before anything else.

use futures::future::join_all;
use serde_json::json;
use wxops::client::ExchangeError;
use wxops::store::documents::CodeDoc;
use wxops::store::{Key, Store};
use wxops::wechat::Secret;

use super::tokens::NO_MENU;
use crate::flaky::Flaky;
use crate::world::{OFFICIAL, PLATFORM, World, appid, cred, errcode, menu_get};

const QUERY_AUTH: &str = "/cgi-bin/component/api_query_auth";
const LIST: &str = "/cgi-bin/component/api_get_authorizer_list";

async fn code_doc(store: &Store, code: &Secret) -> Option<CodeDoc> {
    let key = Key::code(&appid(PLATFORM), code.expose());
    let stored = store.get::<CodeDoc>(&key).await.unwrap();
    stored.map(|stored| stored.value)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn redirect_and_push_spend_a_code_once() {
    let world = World::start().await;
    let (client, store) = world.client_with_ticket().await;
    let code = world.authorize(OFFICIAL);
    let account = appid(OFFICIAL);
    client.keep_code(&code, Some(&account), None).await.unwrap();
    let all = join_all((0..10).map(|_| client.exchange(&code))).await;
    assert!(all.iter().all(|one| one.as_ref().ok() == Some(&account)));
    assert_eq!(world.count(QUERY_AUTH).received, 1);
    let doc = cred(&store, OFFICIAL).await.unwrap();
    assert!(doc.refresh_token.is_some() && doc.access_token.is_some() && !doc.func_info.is_empty());
    assert!(!doc.reauthorized && doc.authorized_at.is_some());
    // The tokens work, without the list.
    assert_eq!(
        errcode(&client.reader().read(&menu_get(OFFICIAL)).await),
        Some(NO_MENU)
    );
    assert_eq!(world.count(LIST).received, 0);
    world.assert_no_secret_in(&[format!("{:?}", code_doc(&store, &code).await)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_is_stored_before_it_is_spent() {
    let world = World::start().await;
    let (flaky, store) = Flaky::store();
    let client = world.client(&store, "this process");
    world.ticket(&client).await;
    let code = world.authorize(OFFICIAL);
    flaky.fail_writes_of("code");
    let refused = client.exchange(&code).await;
    assert!(
        matches!(refused, Err(ExchangeError::Store(_))),
        "{refused:?}"
    );
    assert_eq!(world.count(QUERY_AUTH).received, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_whose_answer_was_lost_is_made_good_for_the_account_the_push_named() {
    let world = World::start().await;
    let (client, store) = world.client_with_ticket().await;
    let code = world.authorize(OFFICIAL);
    world.fault(json!({"endpoint": QUERY_AUTH, "kind": "resetAfter", "count": 1}));
    client
        .keep_code(&code, Some(&appid(OFFICIAL)), None)
        .await
        .unwrap();
    assert_eq!(client.exchange(&code).await.unwrap(), appid(OFFICIAL));
    assert!(
        cred(&store, OFFICIAL)
            .await
            .unwrap()
            .refresh_token
            .is_some()
    );
    assert!(code_doc(&store, &code).await.unwrap().exchanged);
    assert_eq!(
        errcode(&client.reader().read(&menu_get(OFFICIAL)).await),
        Some(NO_MENU)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_is_sent_again_where_wechat_never_saw_it() {
    let world = World::start().await;
    let (client, _) = world.client_with_ticket().await;
    let code = world.authorize(OFFICIAL);
    world.fault(json!({"endpoint": QUERY_AUTH, "kind": "resetBefore", "count": 2}));
    assert_eq!(client.exchange(&code).await.unwrap(), appid(OFFICIAL));
    assert_eq!(world.count(QUERY_AUTH).received, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_that_wechat_refuses_brings_nothing() {
    let world = World::start().await;
    let (client, store) = world.client_with_ticket().await;
    let made_up = Secret::new("queryauthcode@@@made-up-sentinel");
    let refused = client.exchange(&made_up).await.unwrap_err();
    assert!(matches!(refused, ExchangeError::Refused(_)));
    let expired = world.authorize(OFFICIAL);
    world.advance(601);
    let refused_too = client.exchange(&expired).await.unwrap_err();
    assert!(matches!(refused_too, ExchangeError::Refused(_)));
    assert!(cred(&store, OFFICIAL).await.is_none());
    let said = format!("{refused:?} {refused_too:?}");
    assert!(!said.contains("made-up-sentinel"));
    world.assert_no_secret_in(&[said]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_earlier_runs_codes_are_exchanged_and_dead_ones_forgotten() {
    let world = World::start().await;
    let (flaky, store) = Flaky::store();
    let client = world.client(&store, "an earlier process");
    world.ticket(&client).await;
    // It stored a code and died; it spent another one and could not store what came out.
    let waiting = world.authorize(OFFICIAL);
    client
        .keep_code(&waiting, Some(&appid(OFFICIAL)), None)
        .await
        .unwrap();
    let spent = world.authorize(crate::world::OTHER);
    let other = appid(crate::world::OTHER);
    client.keep_code(&spent, Some(&other), None).await.unwrap();
    flaky.fail_writes_of("cred");
    assert!(matches!(
        client.exchange(&spent).await,
        Err(ExchangeError::Store(_))
    ));
    flaky.heal();

    let client = world.client(&store, "the next process");
    let open = client.open_codes().await.unwrap();
    let exchanged = join_all(open.iter().map(|code| client.exchange_once(code))).await;
    let mut accounts: Vec<_> = exchanged.into_iter().map(Result::unwrap).collect();
    accounts.sort();
    assert_eq!(accounts, [appid(OFFICIAL), other]);
    assert_eq!(client.open_codes().await.unwrap(), []);
    for account in [OFFICIAL, crate::world::OTHER] {
        assert!(
            cred(&store, account).await.unwrap().refresh_token.is_some(),
            "{account}"
        );
    }
    world.advance(3 * 24 * 3_600);
    client.open_codes().await.unwrap();
    assert_eq!(store.list("code/").await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_code_brought_is_stored_when_there_is_room_again() {
    let world = World::start().await;
    let (flaky, store) = Flaky::store();
    let client = world.client(&store, "this process");
    world.ticket(&client).await;
    // Nobody has named the account: were the answer forgotten, nothing could bring it back.
    let code = world.authorize(OFFICIAL);
    flaky.fail_writes_of("cred");
    for _ in 0..2 {
        let full = client.exchange(&code).await;
        assert!(matches!(full, Err(ExchangeError::Store(_))), "{full:?}");
    }
    flaky.heal();
    assert_eq!(client.exchange(&code).await.unwrap(), appid(OFFICIAL));
    assert_eq!(world.count(QUERY_AUTH).received, 1);
    assert!(
        cred(&store, OFFICIAL)
            .await
            .unwrap()
            .refresh_token
            .is_some()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_in_doubt_is_asked_about_before_it_is_sent_again() {
    for kind in [
        "resetAfter",
        "http502AfterEffect",
        "errcodeAfterEffect",
        "notJson",
    ] {
        let world = World::start().await;
        let (client, _) = world.client_with_ticket().await;
        let code = world.authorize(OFFICIAL);
        world.fault(json!({"endpoint": QUERY_AUTH, "kind": kind, "code": (kind == "errcodeAfterEffect").then_some(-1)}));
        let account = appid(OFFICIAL);
        client.keep_code(&code, Some(&account), None).await.unwrap();
        assert_eq!(
            client.exchange_once(&code).await.unwrap(),
            account,
            "{kind}"
        );
        assert_eq!(world.count(QUERY_AUTH).received, 1, "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_code_that_wechat_called_dead_is_not_sent_again_and_made_good_once_its_account_is_named()
{
    let world = World::start().await;
    let (client, store) = world.client_with_ticket().await;
    let code = world.authorize(OFFICIAL);
    world.fault(json!({"endpoint": QUERY_AUTH, "kind": "resetAfter", "count": 1}));
    let lost = client.exchange(&code).await.unwrap_err();
    assert!(lost.is_final(), "{lost:?}");
    assert!(code_doc(&store, &code).await.unwrap().spent);
    assert_eq!(client.open_codes().await.unwrap(), []);
    let sent = world.count(QUERY_AUTH).received;
    // The push comes after all.
    let account = appid(OFFICIAL);
    client.keep_code(&code, Some(&account), None).await.unwrap();
    assert_eq!(
        client.open_codes().await.unwrap(),
        std::slice::from_ref(&code)
    );
    assert_eq!(client.exchange_once(&code).await.unwrap(), account);
    assert_eq!(world.count(QUERY_AUTH).received, sent);
    assert!(
        cred(&store, OFFICIAL)
            .await
            .unwrap()
            .refresh_token
            .is_some()
    );
    // And one whose account has left is settled for good.
    let other = appid(crate::world::OTHER);
    let code = world.authorize(crate::world::OTHER);
    client.keep_code(&code, Some(&other), None).await.unwrap();
    world.revoke(crate::world::OTHER);
    world.advance(601);
    assert!(client.exchange_once(&code).await.unwrap_err().is_final());
    assert_eq!(client.open_codes().await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_wechat_refuses_for_another_reason_leaves_the_code_open() {
    for errcode in [-1, 45009, 40001, 61004] {
        let world = World::start().await;
        let (client, store) = world.client_with_ticket().await;
        let code = world.authorize(OFFICIAL);
        world.fault(json!({"endpoint": QUERY_AUTH, "kind": "errcode", "code": errcode}));
        let refused = client.exchange(&code).await.unwrap_err();
        assert!(!refused.is_final(), "{errcode}: {refused:?}");
        assert!(!code_doc(&store, &code).await.unwrap().spent, "{errcode}");
        assert_eq!(
            client.open_codes().await.unwrap(),
            std::slice::from_ref(&code),
            "{errcode}"
        );
        world.no_faults();
        // What this process was told of the platform it believes for a while; another one has not been told.
        let next = world.client(&store, "the next process");
        assert_eq!(
            next.exchange(&code).await.unwrap(),
            appid(OFFICIAL),
            "{errcode}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn coming_back_is_remembered_until_somebody_has_looked() {
    let world = World::start().await;
    let (client, store) = world.client_with_ticket().await;
    let account = appid(OFFICIAL);
    client.exchange(&world.authorize(OFFICIAL)).await.unwrap();
    let left = world.now().as_second();
    world.revoke(OFFICIAL);
    client.keep_revocation(&account, Some(left)).await.unwrap();
    let doc = cred(&store, OFFICIAL).await.unwrap();
    assert!(doc.revoked_at.is_some() && doc.refresh_token.is_none() && doc.access_token.is_none());
    world.advance(60);
    client.exchange(&world.authorize(OFFICIAL)).await.unwrap();
    let doc = cred(&store, OFFICIAL).await.unwrap();
    assert!(doc.revoked_at.is_none() && doc.reauthorized);
    // The old cancellation comes a second time, late: WeChat is asked, and nothing is forgotten.
    client.keep_revocation(&account, Some(left)).await.unwrap();
    let doc = cred(&store, OFFICIAL).await.unwrap();
    assert!(doc.revoked_at.is_none() && doc.refresh_token.is_some() && doc.access_token.is_none());
    assert_eq!(
        errcode(&client.reader().read(&menu_get(OFFICIAL)).await),
        Some(NO_MENU)
    );
}
