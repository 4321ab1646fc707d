//! A simulator in the test's own process, and short ways to talk to it.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde_json::{Value, json};
use wxops::simulator::{Config, Running, Simulator, State};

use super::http::{Reply, request};

pub const PLATFORM: &str = "wx00000000000000aa";
pub const OFFICIAL: &str = "wx1111111111111111";
pub const OTHER: &str = "wx2222222222222222";
pub const MINI: &str = "wx3333333333333333";
pub const OTHER_MINI: &str = "wx5555555555555555";
pub const SUBSCRIPTION: &str = "wx4444444444444444";

const STATE: &str = r#"
platforms:
  - appId: wx00000000000000aa
    appSecret: platform-secret
    token: platform-token
    encodingAesKey: abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG
    redirectHost: 127.0.0.1
  - appId: wx00000000000000bb
    appSecret: second-secret
    token: second-token
    encodingAesKey: abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG
    published: false
    testAccounts: [wx2222222222222222]
accounts:
  - {appId: wx1111111111111111, kind: officialAccount, nickName: 日出舞蹈, principalName: 日出舞蹈有限公司}
  - {appId: wx2222222222222222, kind: officialAccount, nickName: 月落, principalName: 月落有限公司}
  - {appId: wx3333333333333333, kind: miniProgram, registerType: 2, nickName: 日出小程序, principalName: 日出舞蹈有限公司}
  - {appId: wx4444444444444444, kind: officialAccount, serviceType: 0, verifyType: -1, nickName: 订阅号}
  - {appId: wx5555555555555555, kind: miniProgram, registerType: 6, nickName: 月落小程序, principalName: 月落有限公司}
"#;

pub struct World {
    runtime: tokio::runtime::Runtime,
    running: Option<Running>,
    pub wechat: SocketAddr,
    pub control: SocketAddr,
}

impl World {
    pub fn start() -> Self {
        Self::of(State::from_yaml(STATE).expect("the test's state"))
    }

    pub fn of(state: State) -> Self {
        Self::with_clock(state, None)
    }

    /// A world whose clock's offset lies in a file.
    pub fn with_clock(state: State, clock_file: Option<PathBuf>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let config = Config {
            listen: any,
            control: any,
            state,
            clock_file,
        };
        let running = runtime
            .block_on(Simulator::start(config))
            .expect("the simulator starts");
        Self {
            wechat: running.listen,
            control: running.control,
            runtime,
            running: Some(running),
        }
    }

    /// A POST to WeChat with a JSON body.
    pub fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        self.raw("POST", path, token, body.to_string()).json()
    }

    pub fn get(&self, path: &str, token: &str) -> Value {
        self.raw("GET", path, token, "").json()
    }

    pub fn raw(&self, method: &str, path: &str, token: &str, body: impl AsRef<[u8]>) -> Reply {
        self.try_raw(method, path, token, body)
            .expect("an HTTP answer")
    }

    pub fn try_raw(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: impl AsRef<[u8]>,
    ) -> std::io::Result<Reply> {
        let target = match token {
            "" => path.to_owned(),
            token => format!("{path}?access_token={token}"),
        };
        request(self.wechat, method, &target, &[], body)
    }

    /// An order to the control API, which must take it.
    pub fn control(&self, method: &str, path: &str, body: &Value) -> Value {
        let reply = request(self.control, method, path, &[], body.to_string()).expect("an answer");
        assert_eq!(reply.status, 200, "{method} {path}: {}", reply.body);
        reply.json()
    }

    /// An order the control API must refuse, and the status it does so with.
    pub fn refused(&self, method: &str, path: &str, body: &Value) -> u16 {
        let reply = request(self.control, method, path, &[], body.to_string()).expect("an answer");
        assert!(reply.json()["error"].is_string(), "{}", reply.body);
        reply.status
    }

    /// The owner's hand in the console.
    pub fn change(&self, account: &str, change: &Value) -> Value {
        self.control("PATCH", &format!("/_sim/accounts/{account}"), change)
    }

    /// The account as the state has it.
    pub fn account(&self, account: &str) -> Value {
        let state = self.control("GET", "/_sim/state", &json!({}));
        let accounts = state["accounts"].as_array().expect("accounts").clone();
        let found = accounts.into_iter().find(|one| one["appId"] == account);
        found.expect("the account")
    }

    pub fn calls(&self, filter: &str) -> Value {
        self.control("GET", &format!("/_sim/calls{filter}"), &json!({}))
    }

    pub fn fault(&self, fault: Value) {
        self.control("POST", "/_sim/faults", &fault);
    }

    pub fn switch(&self, name: &str, value: Value) {
        let mut state = self.control("GET", "/_sim/state", &json!({}));
        state["switches"][name] = value;
        self.control("PUT", "/_sim/state", &state);
    }

    pub fn advance(&self, seconds: i64) {
        self.control("POST", "/_sim/clock", &json!({"advance": seconds}));
    }

    /// A component access token, from a ticket on.
    pub fn component_token(&self) -> String {
        self.component_token_of(PLATFORM, "platform-secret")
    }

    pub fn component_token_of(&self, platform: &str, secret: &str) -> String {
        let path = format!("/_sim/platforms/{platform}/ticket");
        let ticket = self.control("POST", &path, &json!({}));
        let body = json!({
            "component_appid": platform,
            "component_appsecret": secret,
            "component_verify_ticket": ticket["ticket"],
        });
        let answer = self.post("/cgi-bin/component/api_component_token", "", &body);
        text(&answer["component_access_token"])
    }

    /// Authorizes the account and exchanges the code; answers what `api_query_auth` did.
    pub fn authorized(&self, cat: &str, account: &str, sets: Option<&[u32]>) -> Value {
        let mut order = json!({"platform": PLATFORM, "account": account});
        if let Some(sets) = sets {
            order["permissionSets"] = json!(sets);
        }
        let code = self.control("POST", "/_sim/authorize", &order);
        let body =
            json!({"component_appid": PLATFORM, "authorization_code": code["authorizationCode"]});
        let answer = self.post("/cgi-bin/component/api_query_auth", cat, &body);
        assert!(answer["authorization_info"].is_object(), "{answer}");
        answer["authorization_info"].clone()
    }

    /// An authorizer access token of the account.
    pub fn token(&self, account: &str) -> String {
        let cat = self.component_token();
        text(&self.authorized(&cat, account, None)["authorizer_access_token"])
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.stop());
        }
    }
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("text, not {value}"))
        .to_owned()
}
