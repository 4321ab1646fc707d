//! A client that is not ours: a raw call with a token that WeChat has given out to somebody.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::control::{Control, request};
use super::script::holds;

/// One call, and what WeChat must answer.
#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Foreign {
    /// GET where there is no body, else POST; with parameters of its own behind a `?`.
    pub path: String,
    /// `component`, `none`, or the appid of an account.
    pub token: String,
    #[serde(default)]
    pub body: Value,
    /// Fields that matter.
    pub answers: Value,
    /// As a step's `keep`: the word behind a text of the answer.
    #[serde(default)]
    pub keep: BTreeMap<String, String>,
}

impl Foreign {
    /// Makes the call; the answer as it came. `fill_in` knows what earlier steps kept.
    pub fn make(
        &self,
        api: &str,
        control: &Control,
        fill_in: impl Fn(&str) -> String,
        at: &str,
    ) -> String {
        let query = match self.token.as_str() {
            "none" => String::new(),
            "component" => format!("component_access_token={}", token(control, None, at)),
            account => format!("access_token={}", token(control, Some(account), at)),
        };
        let (method, body) = if self.body.is_null() {
            ("GET", String::new())
        } else {
            ("POST", fill_in(&self.body.to_string()))
        };
        let address = api.trim_start_matches("http://").trim_end_matches('/');
        let joint = match (query.is_empty(), self.path.contains('?')) {
            (true, _) => "",
            (false, true) => "&",
            (false, false) => "?",
        };
        let path = format!("{}{joint}{query}", self.path);
        let (status, text) = request(address, method, &path, &body);
        assert_eq!(status, 200, "{at}: {method} {}: {text}", self.path);
        let answer: Value = serde_json::from_str(&text).unwrap();
        let wanted: Value = serde_json::from_str(&fill_in(&self.answers.to_string())).unwrap();
        assert!(
            holds(&answer, &wanted),
            "{at}: {} answered {answer:#}, expected {wanted:#}",
            self.path
        );
        text
    }
}

/// The newest token of an account, or of a platform.
fn token(control: &Control, account: Option<&str>, at: &str) -> String {
    let state = control.state();
    let tokens = state["credentials"]["accessTokens"].as_array().unwrap();
    let newest = tokens
        .iter()
        .filter(|token| token["account"].as_str() == account)
        .filter(|token| token["supersededAt"].is_null())
        .max_by_key(|token| token["expiresAt"].as_str().unwrap().to_owned());
    let newest = newest.unwrap_or_else(|| panic!("{at}: nobody has a token of {account:?} yet"));
    newest["value"].as_str().unwrap().to_owned()
}
