//! A simulated WeChat in the test's own process, sharing its clock with our side.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};
use tempfile::TempDir;
use url::Url;
use wxops::client::{Client, Clock, PlatformAccess, SharedClock};
use wxops::simulator::{Config, Running, Simulator, State};
use wxops::store::documents::{CredDoc, PlatformDoc};
use wxops::store::{Key, Store};
use wxops::wechat::{Answer, Appid, Call, Secret, authorizer, menu};

use super::control::{Control, Count};
use super::logs;

pub const PLATFORM: &str = "wx00000000000000aa";
pub const OFFICIAL: &str = "wx1111111111111111";
pub const OTHER: &str = "wx2222222222222222";
pub const MINI: &str = "wx3333333333333333";

/// Every secret of the platform is a sentinel.
pub const APP_SECRET: &str = "sentinel-app-secret";
pub const PUSH_TOKEN: &str = "sentinel-push-token";
pub const AES_KEY: &str = "sentinel0aes0key0abcdefghijklmnopqrstuvwxyz";

pub struct World {
    pub simulator: Running,
    pub control: Control,
    pub api: String,
    pub clock: Arc<SharedClock>,
    _folder: TempDir,
}

pub fn appid(text: &str) -> Appid {
    Appid::parse(text).unwrap()
}

impl World {
    /// One platform, three accounts, nothing authorized, no push URL.
    pub async fn start() -> Self {
        logs::record();
        let state = json!({
            "platforms": [{
                "appId": PLATFORM, "appSecret": APP_SECRET, "token": PUSH_TOKEN,
                "encodingAesKey": AES_KEY, "redirectHost": "127.0.0.1", "pushTickets": false,
            }],
            "accounts": [
                {"appId": OFFICIAL, "kind": "officialAccount", "nickName": "日出舞蹈", "principalName": "日出舞蹈有限公司"},
                {"appId": OTHER, "kind": "officialAccount", "nickName": "月落书店", "principalName": "月落书店有限公司"},
                {"appId": MINI, "kind": "miniProgram", "nickName": "日出小程序", "principalName": "日出舞蹈有限公司"},
            ],
        });
        let folder = tempfile::tempdir().unwrap();
        let clock_file: PathBuf = folder.path().join("clock");
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let simulator = Simulator::start(Config {
            listen: any,
            control: any,
            state: State::from_yaml(&state.to_string()).unwrap(),
            clock_file: Some(clock_file.clone()),
        })
        .await
        .unwrap();
        Self {
            control: Control::at(&format!("http://{}", simulator.control)),
            api: format!("http://{}", simulator.listen),
            clock: Arc::new(SharedClock::file(&clock_file)),
            simulator,
            _folder: folder,
        }
    }

    /// As [`World::start`], with these accounts authorized, in WeChat's list.
    pub async fn authorized(accounts: &[&str]) -> Self {
        let world = Self::start().await;
        for account in accounts {
            world.authorize(account);
        }
        world
    }

    /// As if the owner scanned; answers the code.
    pub fn authorize(&self, account: &str) -> Secret {
        let order = json!({"platform": PLATFORM, "account": account});
        let answer = self.control.send("POST", "/_sim/authorize", &order);
        Secret::new(answer["authorizationCode"].as_str().unwrap())
    }

    pub fn revoke(&self, account: &str) {
        let order = json!({"platform": PLATFORM, "account": account});
        self.control.send("POST", "/_sim/revoke", &order);
    }

    pub fn fault(&self, fault: Value) {
        self.control.send("POST", "/_sim/faults", &fault);
    }

    pub fn no_faults(&self) {
        self.control.send("DELETE", "/_sim/faults", &Value::Null);
    }

    pub fn switch(&self, name: &str, value: Value) {
        let mut state = self.control.state();
        state["switches"][name] = value;
        self.control.put_state(&state);
    }

    pub fn advance(&self, seconds: i64) {
        self.control
            .send("POST", "/_sim/clock", &json!({"advance": seconds}));
    }

    pub fn now(&self) -> jiff::Timestamp {
        self.clock.now()
    }

    pub fn count(&self, path: &str) -> Count {
        self.control.count(path)
    }

    pub fn access(&self) -> PlatformAccess {
        PlatformAccess {
            appid: appid(PLATFORM),
            api_base: Url::parse(&self.api).unwrap(),
            app_secret: Secret::new(APP_SECRET),
            push_token: Secret::new(PUSH_TOKEN),
            encoding_aes_key: Secret::new(AES_KEY),
            previous_encoding_aes_key: None,
            link_key: None,
        }
    }

    /// A client on a store; `owner` is the process it plays.
    pub fn client(&self, store: &Store, owner: &str) -> Client {
        let clock: Arc<dyn Clock> = self.clock.clone();
        Client::new(self.access(), store.clone(), clock, owner.to_owned()).unwrap()
    }

    /// A client on a store of its own that has a ticket.
    pub async fn client_with_ticket(&self) -> (Client, Store) {
        let store = Store::in_memory();
        let client = self.client(&store, "this process");
        self.ticket(&client).await;
        (client, store)
    }

    /// Makes a ticket at WeChat and keeps it, as the push would.
    pub async fn ticket(&self, client: &Client) {
        let path = format!("/_sim/platforms/{PLATFORM}/ticket");
        let made = self.control.send("POST", &path, &json!({}));
        let ticket = Secret::new(made["ticket"].as_str().unwrap());
        let now = self.clock.now().as_second();
        client.keep_ticket(&ticket, Some(now)).await.unwrap();
    }

    /// Nothing that was logged, and none of these texts, holds a secret of ours or one that WeChat gave out.
    pub fn assert_no_secret_in(&self, texts: &[String]) {
        let state = self.control.state();
        let mut secrets = vec![APP_SECRET.to_owned(), PUSH_TOKEN.into(), AES_KEY.into()];
        collect(&state["credentials"], &mut secrets);
        for authorization in state["authorizations"].as_array().unwrap() {
            secrets.extend(authorization["refreshToken"].as_str().map(str::to_owned));
        }
        assert!(secrets.len() > 3, "WeChat gave nothing out");
        let logged = logs::all();
        assert!(logged.contains("called WeChat"), "nothing was recorded");
        for text in texts.iter().chain([&logged]) {
            for secret in &secrets {
                if let Some(at) = text.find(secret.as_str()) {
                    let from = text[..at].rfind('\n').unwrap_or(0);
                    panic!("a secret is in: {}", &text[from..at]);
                }
            }
        }
    }
}

/// Names and texts that are long enough to be secrets and are no appids or times.
fn collect(value: &Value, secrets: &mut Vec<String>) {
    let mut take = |text: &str| {
        let plain = Appid::parse(text).is_ok() || text.parse::<jiff::Timestamp>().is_ok();
        if text.len() > 20 && !plain {
            secrets.push(text.to_owned());
        }
    };
    match value {
        Value::String(text) => take(text),
        Value::Object(fields) => {
            fields.keys().for_each(|name| take(name));
            fields.values().for_each(|value| collect(value, secrets));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, secrets)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

pub fn menu_get(account: &str) -> Call {
    Call::bare(&menu::GET, appid(account))
}

pub fn info(account: &str) -> Call {
    authorizer::info_request(&appid(account))
}

pub async fn cred(store: &Store, account: &str) -> Option<CredDoc> {
    let stored = store.get::<CredDoc>(&Key::cred(&appid(account))).await;
    stored.unwrap().map(|stored| stored.value)
}

pub async fn platform_doc(store: &Store) -> PlatformDoc {
    let stored = store
        .get::<PlatformDoc>(&Key::platform(&appid(PLATFORM)))
        .await;
    stored
        .unwrap()
        .map(|stored| stored.value)
        .unwrap_or_default()
}

/// The answer's errcode, if it is a refusal.
pub fn errcode(answer: &Answer) -> Option<i64> {
    match answer {
        Answer::Refused(error) => Some(error.errcode),
        Answer::Done(_) | Answer::Lost(_) => None,
    }
}

/// Whether a request may have reached WeChat, and what is said of it.
pub fn lost(answer: &Answer) -> (bool, &str) {
    match answer {
        Answer::Lost(lost) => (lost.sent, lost.why.as_str()),
        other @ (Answer::Done(_) | Answer::Refused(_)) => panic!("{other:?}"),
    }
}
