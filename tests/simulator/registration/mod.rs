//! Mini-programs made through the API, from outside: what their pages document, refusals included.

mod cases;
mod enterprise;
mod forms;
mod official;
mod page;
mod person;
mod rows;
mod task_cases;
mod trial;

pub use rows::rows;

use serde_json::{Value, json};

use super::http::{Reply, request};
use super::world::{OFFICIAL, PLATFORM, World, text};

pub const REGISTER: &str = "/cgi-bin/account/fastregister";
pub const FROM_OURS: (&str, &str) = ("Referer", "http://127.0.0.1:8080/register/x");

/// A world, a component token and one of the official account.
pub struct Registrar {
    pub world: World,
    pub component: String,
    pub token: String,
}

impl Registrar {
    pub fn start() -> Self {
        let world = World::start();
        let component = world.component_token();
        let token = text(&world.authorized(&component, OFFICIAL, None)["authorizer_access_token"]);
        Self {
            world,
            component,
            token,
        }
    }

    pub fn turn(&self, switch: &str, value: Value) {
        let change = json!({switch: value});
        self.world.control("PATCH", "/_sim/switches", &change);
    }

    pub fn platform(&self, change: Value) {
        let path = format!("/_sim/platforms/{PLATFORM}");
        self.world.control("PATCH", &path, &change);
    }

    pub fn confirm(&self, link: &str) -> Reply {
        let form = ("Content-Type", "application/x-www-form-urlencoded");
        let path = "/cgi-bin/fastregisterauth/confirm";
        request(self.world.wechat, "POST", path, &[form], link).unwrap()
    }

    /// The administrator confirms the page.
    pub fn ticket(&self, copy_wx_verify: u8) -> String {
        let done = self.confirm(&link(copy_wx_verify));
        let location = done.header("location").unwrap();
        location.split_once("&ticket=").unwrap().1.to_owned()
    }

    pub fn register(&self, ticket: &str) -> Value {
        let body = json!({"ticket": ticket});
        self.world.post(REGISTER, &self.token, &body)
    }

    /// Confirms and registers.
    pub fn registered(&self) -> Value {
        let answer = self.register(&self.ticket(1));
        assert_eq!(answer["errcode"], 0, "{answer}");
        answer
    }

    pub fn links(&self) -> Vec<Value> {
        let path = "/cgi-bin/wxopen/wxamplinkget";
        let answer = self.world.post(path, &self.token, &json!({}));
        answer["wxopens"]["items"].as_array().unwrap().clone()
    }

    /// Appids of the authorizer list.
    pub fn authorizers(&self) -> Vec<String> {
        let body = json!({"component_appid": PLATFORM, "offset": 0, "count": 500});
        let path = "/cgi-bin/component/api_get_authorizer_list";
        let answer = self.world.post(path, &self.component, &body);
        let list = answer["list"].as_array().unwrap();
        list.iter()
            .map(|one| text(&one["authorizer_appid"]))
            .collect()
    }

    pub fn count(&self) -> Value {
        let path = format!("/_sim/registrations?account={OFFICIAL}");
        self.world.control("GET", &path, &json!({}))["counts"][OFFICIAL].clone()
    }

    /// Goes to this time, with tokens that live.
    pub fn at(&mut self, time: &str) {
        let order = json!({"set": time});
        self.world.control("POST", "/_sim/clock", &order);
        self.component = self.world.component_token();
        let again = self.world.authorized(&self.component, OFFICIAL, None);
        self.token = text(&again["authorizer_access_token"]);
    }
}

/// What a platform's page links to.
pub fn link(copy_wx_verify: u8) -> String {
    let back = "http%3A%2F%2F127.0.0.1%3A8080%2Fback%3Fstate%3Dabc";
    format!(
        "appid={OFFICIAL}&component_appid={PLATFORM}&copy_wx_verify={copy_wx_verify}&redirect_uri={back}"
    )
}
