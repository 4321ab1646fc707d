//! An actor on a store in memory, before a simulated WeChat that has one authorized account.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};
use wxops::client::{Client, PlatformAccess, SystemClock};
use wxops::reconcile::{Actor, Author, Desired, Mandate, Observer, Passes};
use wxops::resource::Files;
use wxops::simulator::{Config, Running, Simulator, State};
use wxops::store::documents::{PlatformDoc, Ticket};
use wxops::store::{Journal, Key, Store};
use wxops::wechat::Appid;
use wxops::wechat::secret::Secret;

use super::control::Control;

const PLATFORM: &str = "wx0000000000000001";
pub const ACCOUNT: &str = "wx1111111111111111";
const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

/// A simulated WeChat, and what a process needs to work on it.
pub struct World {
    pub wechat: Running,
    pub control: Control,
    access: PlatformAccess,
    ticket: Secret,
}

/// One tenant, `sunrise`, that wants a menu and an open account.
pub async fn world() -> (Running, Actor, Desired) {
    let world = World::of(json!({"nickName": "日出舞蹈"})).await;
    let actor = world.actor(&world.store().await, "test");
    let spec = json!({
        "openAccount": {"create": true},
        "officialAccount": {"menu": {"buttons": [{"name": "课程", "click": "K"}]}},
    });
    (world.wechat, actor, desired(spec))
}

/// The tenant `sunrise` with this spec for the account.
pub fn desired(mut spec: Value) -> Desired {
    spec["officialAccount"]["appId"] = ACCOUNT.into();
    Desired {
        platform: "main".to_owned(),
        mandate: Mandate::default(),
        tenant: "sunrise".to_owned(),
        files: Files::new(),
        spec: serde_json::from_value(spec).unwrap(),
    }
}

impl World {
    /// A WeChat with one account that has authorized everything, and is as these fields say.
    pub async fn of(mut account: Value) -> Self {
        account["appId"] = ACCOUNT.into();
        account["kind"] = "officialAccount".into();
        let state = json!({
            "platforms": [{"appId": PLATFORM, "appSecret": "s", "token": "t", "encodingAesKey": AES_KEY}],
            "accounts": [account],
            "authorizations": [{
                "platform": PLATFORM, "account": ACCOUNT, "permissionSets": [1, 3, 7, 15, 24],
                "refreshToken": "r@@@1", "authTime": "2026-10-01T08:00:00Z",
            }],
            "credentials": {"tickets": []},
        });
        let wechat = Simulator::start(Config {
            listen: ([127, 0, 0, 1], 0).into(),
            control: ([127, 0, 0, 1], 0).into(),
            state: State::from_yaml(&state.to_string()).unwrap(),
            clock_file: None,
        })
        .await
        .unwrap();
        let control = Control::at(&format!("http://{}", wechat.control));
        let path = format!("/_sim/platforms/{PLATFORM}/ticket");
        let ask = Control::at(&format!("http://{}", wechat.control));
        let answer = tokio::task::spawn_blocking(move || ask.send("POST", &path, &json!({})))
            .await
            .unwrap();
        let access = PlatformAccess {
            appid: Appid::parse(PLATFORM).unwrap(),
            api_base: format!("http://{}", wechat.listen).parse().unwrap(),
            app_secret: Secret::new("s"),
            push_token: Secret::new("t"),
            encoding_aes_key: Secret::new(AES_KEY),
            previous_encoding_aes_key: None,
            link_key: None,
        };
        Self {
            wechat,
            control,
            access,
            ticket: Secret::new(answer["ticket"].as_str().unwrap()),
        }
    }

    /// A store in memory that has the ticket.
    pub async fn store(&self) -> Store {
        let store = Store::in_memory();
        self.keep_ticket(&store).await;
        store
    }

    pub async fn keep_ticket(&self, store: &Store) {
        let doc = PlatformDoc {
            ticket: Some(Ticket {
                value: self.ticket.expose().into(),
                created_at: Timestamp::now(),
            }),
            ..PlatformDoc::default()
        };
        let key = Key::platform(&self.access.appid);
        store.create(&key, &doc).await.unwrap();
    }

    /// Whoever works on a store under a name of its own.
    pub fn actor(&self, store: &Store, owner: &str) -> Actor {
        let clock = Arc::new(SystemClock);
        let (access, named) = (self.access.clone(), owner.to_owned());
        let client = Client::new(access, store.clone(), clock.clone(), named).unwrap();
        Actor {
            observer: Observer {
                reader: client.reader(),
                store: store.clone(),
                journal: Journal::new(store.clone(), owner),
                clock,
            },
            writer: client.writer(),
            author: Author::default(),
            passes: Passes::default(),
        }
    }

    pub fn fault(&self, fault: Value) {
        self.control.send("POST", "/_sim/faults", &fault);
    }

    pub fn received(&self, path: &str) -> u64 {
        self.control.count(path).received
    }
}
