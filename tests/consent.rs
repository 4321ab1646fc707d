//! What a person says yes to is what is done: a step that moved between the prompt and its turn is left undone.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;
use support::control::Control;
use wxops::client::{Client, PlatformAccess, SystemClock};
use wxops::plan::Digest;
use wxops::reconcile::{Actor, Consent, Desired, Observer, apply_tenant, plan_tenant};
use wxops::simulator::{Config, Running, Simulator, State};
use wxops::store::documents::{PlatformDoc, Ticket};
use wxops::store::{Journal, Key, Store};
use wxops::wechat::Appid;
use wxops::wechat::secret::Secret;

const PLATFORM: &str = "wx0000000000000001";
const ACCOUNT: &str = "wx1111111111111111";
const WECHAT: &str = r#"
platforms:
  - {appId: wx0000000000000001, appSecret: s, token: t, encodingAesKey: abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG}
accounts:
  - {appId: wx1111111111111111, kind: officialAccount, nickName: 日出舞蹈}
authorizations:
  - {platform: wx0000000000000001, account: wx1111111111111111, permissionSets: [1, 15, 24], refreshToken: "r@@@1", authTime: "2026-10-01T08:00:00Z"}
credentials:
  tickets: []
"#;

async fn world() -> (Running, Actor, Desired) {
    let wechat = Simulator::start(Config {
        listen: ([127, 0, 0, 1], 0).into(),
        control: ([127, 0, 0, 1], 0).into(),
        state: State::from_yaml(WECHAT).unwrap(),
        clock_file: None,
    })
    .await
    .unwrap();
    let control = Control::at(&format!("http://{}", wechat.control));
    let answer = tokio::task::spawn_blocking(move || {
        control.send(
            "POST",
            &format!("/_sim/platforms/{PLATFORM}/ticket"),
            &json!({}),
        )
    })
    .await
    .unwrap();
    let store = Store::in_memory();
    let appid = Appid::parse(PLATFORM).unwrap();
    let ticket = Ticket {
        value: answer["ticket"].as_str().unwrap().into(),
        created_at: Timestamp::now(),
    };
    let doc = PlatformDoc {
        ticket: Some(ticket),
        ..PlatformDoc::default()
    };
    store.create(&Key::platform(&appid), &doc).await.unwrap();
    let access = PlatformAccess {
        appid,
        api_base: format!("http://{}", wechat.listen).parse().unwrap(),
        app_secret: Secret::new("s"),
        push_token: Secret::new("t"),
        encoding_aes_key: Secret::new("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"),
        previous_encoding_aes_key: None,
    };
    let clock = Arc::new(SystemClock);
    let client = Client::new(access, store.clone(), clock.clone(), "test".to_owned()).unwrap();
    let actor = Actor {
        observer: Observer {
            reader: client.reader(),
            store: store.clone(),
            journal: Journal::new(store, "test"),
            clock,
        },
        writer: client.writer(),
    };
    let spec = json!({
        "openAccount": {"create": true},
        "officialAccount": {"appId": ACCOUNT, "menu": {"buttons": [{"name": "课程", "click": "K"}]}},
    });
    let desired = Desired {
        tenant: "sunrise".to_owned(),
        spec: serde_json::from_value(spec).unwrap(),
    };
    (wechat, actor, desired)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_nobody_said_yes_to_is_not_made() {
    let (wechat, actor, desired) = world().await;
    let planned = plan_tenant(&actor.observer, &desired).await.unwrap();
    let menu_alone: BTreeSet<Digest> = planned
        .plan
        .steps()
        .filter(|(entry, _)| entry.resource == "menu")
        .map(|(entry, step)| step.digest("sunrise", entry.resource))
        .collect();
    assert_eq!(planned.plan.steps().count(), 2);

    let applied = apply_tenant(&actor, &desired, &Consent::Steps(menu_alone))
        .await
        .unwrap();
    let came: Vec<(&str, bool, bool)> = applied
        .reports
        .iter()
        .map(|report| {
            (
                report.resource,
                report.outcome.done(),
                report.outcome.moved(),
            )
        })
        .collect();
    assert_eq!(came, [("menu", true, false), ("openAccount", false, true)]);

    let control = Control::at(&format!("http://{}", wechat.control));
    let creates = tokio::task::spawn_blocking(move || control.count("/cgi-bin/open/create"))
        .await
        .unwrap();
    assert_eq!(creates.received, 0);
    wechat.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn yes_to_an_older_plan_is_no_yes_to_this_one() {
    let (wechat, actor, mut desired) = world().await;
    let planned = plan_tenant(&actor.observer, &desired).await.unwrap();
    let seen: BTreeSet<Digest> = planned
        .plan
        .steps()
        .map(|(entry, step)| step.digest("sunrise", entry.resource))
        .collect();
    if let Some(oa) = &mut desired.spec.official_account
        && let Some(menu) = &mut oa.menu
    {
        menu.buttons[0].name = "别的".to_owned();
    }
    let applied = apply_tenant(&actor, &desired, &Consent::Steps(seen))
        .await
        .unwrap();
    let menu = applied
        .reports
        .iter()
        .find(|report| report.resource == "menu")
        .unwrap();
    assert!(menu.outcome.moved(), "{menu:?}");
    let everything = apply_tenant(&actor, &desired, &Consent::Everything)
        .await
        .unwrap();
    assert!(
        everything
            .reports
            .iter()
            .all(|report| report.outcome.done())
    );
    wechat.stop().await;
}
