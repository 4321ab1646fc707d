//! A mini-program under a platform, from outside: what its pages document, refusals included.

mod audits;
mod avatar;
mod basic_info;
mod cases;
mod categories;
mod codes;
mod follow;
mod names;
mod rows;
mod service;

pub use rows::rows;

use serde_json::{Value, json};

use super::world::{MINI, World};

/// A world, and the token of a mini-program that was made through the API.
pub struct Mini {
    pub world: World,
    pub token: String,
}

impl Mini {
    pub fn start() -> Self {
        let world = World::start();
        let token = world.token(MINI);
        Self { world, token }
    }

    pub fn post(&self, path: &str, body: &Value) -> Value {
        self.world.post(path, &self.token, body)
    }

    pub fn get(&self, path: &str) -> Value {
        self.world.get(path, &self.token)
    }

    /// The errcode of a POST.
    pub fn code(&self, path: &str, body: &Value) -> i64 {
        let answer = self.post(path, body);
        answer["errcode"].as_i64().unwrap_or(0)
    }

    pub fn basic_info(&self) -> Value {
        self.get("/cgi-bin/account/getaccountbasicinfo")
    }

    /// The owner's hand in the console.
    pub fn change(&self, change: Value) {
        self.world.change(MINI, &change);
    }

    pub fn switch(&self, name: &str, value: Value) {
        let mut change = json!({});
        change[name] = value;
        self.world.control("PATCH", "/_sim/switches", &change);
    }

    /// Goes to this time, with a token that lives.
    pub fn at(&mut self, time: &str) {
        self.world
            .control("POST", "/_sim/clock", &json!({"set": time}));
        self.token = self.world.token(MINI);
    }
}
