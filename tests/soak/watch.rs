//! What is noted while it runs: every call that had an effect, and every secret that WeChat gave out.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::control::Control;

/// What was seen of WeChat so far.
#[derive(Default)]
pub struct Watch {
    /// Up to which call it was looked at.
    seq: u64,
    /// Calls that had an effect, by endpoint and account: when, and what befell them.
    pub effects: BTreeMap<(String, String), Vec<Value>>,
    /// Every `open/create` and `open/get`, by account.
    pub creates: BTreeMap<String, Vec<Value>>,
    pub received: u64,
    /// What befell calls, and how often.
    pub faults: BTreeMap<String, u64>,
    pub secrets: BTreeSet<String>,
}

pub const CREATE: &str = "/cgi-bin/open/create";
pub const GET: &str = "/cgi-bin/open/get";
/// How long a call may take to end at WeChat.
const PATIENCE: Duration = Duration::from_secs(60);

impl Watch {
    /// Looks at what was called since, up to the first call that has not ended.
    pub fn look(&mut self, control: &Control) {
        let path = format!("/_sim/calls?since={}", self.seq);
        let calls = control.send("GET", &path, &Value::Null);
        for call in calls["last"].as_array().unwrap() {
            if call["endedAt"].is_null() {
                break;
            }
            let seq = call["seq"].as_u64().unwrap();
            if seq <= self.seq {
                continue;
            }
            self.seq = seq;
            self.received += 1;
            if let Some(fault) = call["fault"].as_str() {
                *self.faults.entry(fault.to_owned()).or_default() += 1;
            }
            let endpoint = call["endpoint"].as_str().unwrap_or_default();
            if [CREATE, GET].contains(&endpoint) {
                let account = call["account"].as_str().unwrap_or_default();
                let of_it = self.creates.entry(account.to_owned()).or_default();
                of_it.push(call.clone());
            }
            if call["effect"] == true {
                let of = |name: &str| call[name].as_str().unwrap_or_default().to_owned();
                let key = (of("endpoint"), of("account"));
                self.effects.entry(key).or_default().push(call.clone());
            }
        }
        self.note_secrets(&control.state());
    }

    /// Waits until no call is under way at WeChat.
    pub fn await_quiet(&self, control: &Control) {
        let deadline = Instant::now() + PATIENCE;
        let path = format!("/_sim/calls?since={}", self.seq);
        loop {
            // What was sent and is not read yet is read now.
            std::thread::sleep(Duration::from_millis(30));
            let calls = control.send("GET", &path, &Value::Null);
            let calls = calls["last"].as_array().unwrap();
            if calls.iter().all(|call| !call["endedAt"].is_null()) {
                return;
            }
            assert!(Instant::now() < deadline, "a call never ended");
        }
    }

    fn note_secrets(&mut self, state: &Value) {
        for given_out in state["credentials"].as_object().unwrap() {
            for one in given_out.1.as_array().unwrap() {
                self.secrets
                    .extend(one["value"].as_str().map(str::to_owned));
            }
        }
        for one in state["authorizations"].as_array().unwrap() {
            for name in ["refreshToken", "previousRefreshToken"] {
                self.secrets.extend(one[name].as_str().map(str::to_owned));
            }
        }
    }
}
