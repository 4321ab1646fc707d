//! An actor on a store in memory, before a simulated WeChat that has one authorized account.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;
use wxops::client::{Client, PlatformAccess, SystemClock};
use wxops::reconcile::{Actor, Author, Desired, Mandate, Observer, Passes};
use wxops::simulator::{Config, Running, Simulator, State};
use wxops::store::documents::{PlatformDoc, Ticket};
use wxops::store::{Journal, Key, Store};
use wxops::wechat::Appid;
use wxops::wechat::secret::Secret;

use super::control::Control;

const PLATFORM: &str = "wx0000000000000001";
pub const ACCOUNT: &str = "wx1111111111111111";
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

/// One tenant, `sunrise`, that wants a menu and an open account.
pub async fn world() -> (Running, Actor, Desired) {
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
        author: Author::default(),
        passes: Passes::default(),
    };
    let spec = json!({
        "openAccount": {"create": true},
        "officialAccount": {"appId": ACCOUNT, "menu": {"buttons": [{"name": "课程", "click": "K"}]}},
    });
    let desired = Desired {
        platform: "main".to_owned(),
        mandate: Mandate::default(),
        tenant: "sunrise".to_owned(),
        spec: serde_json::from_value(spec).unwrap(),
    };
    (wechat, actor, desired)
}
