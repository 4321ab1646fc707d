//! The pages that a mini-program may show (业务域名).

use std::collections::BTreeSet;

#[cfg(test)]
use serde::Serialize;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::Way;
use super::endpoint::{
    WEBVIEW_ADD, WEBVIEW_DELETE, WEBVIEW_GET, WEBVIEW_GET_DIRECTLY, WEBVIEW_SET_DIRECTLY,
};
use super::server;
use crate::wechat::call::Call;
use crate::wechat::endpoint::Endpoint;
use crate::wechat::id::Appid;

/// Asks for the webview domains of `account` that are stored this way.
#[must_use]
pub fn webview_get_request(account: &Appid, way: Way) -> Call {
    let endpoint = match way {
        Way::Platform => &WEBVIEW_GET,
        Way::Direct => &WEBVIEW_GET_DIRECTLY,
    };
    Call::new(endpoint, account.clone(), &json!({"action": "get"}))
}

/// Adds webview domains through the platform. Refused with 89021 where one is neither on the platform's list nor below one that
/// is, with 89029 (too many), with 89231 (a person's mini-program). `action` always stands in it: without one WeChat copies
/// the platform's whole list.
#[must_use]
pub fn webview_add_request(account: &Appid, add: &BTreeSet<String>) -> Call {
    request(&WEBVIEW_ADD, account, "add", add)
}

/// Deletes webview domains through the platform. Refused with 89022 where one is not there.
#[must_use]
pub fn webview_delete_request(account: &Appid, delete: &BTreeSet<String>) -> Call {
    request(&WEBVIEW_DELETE, account, "delete", delete)
}

/// Puts the whole list, directly. Each new host must serve the confirm file first.
#[must_use]
pub fn webview_set_request(account: &Appid, all: &BTreeSet<String>) -> Call {
    request(&WEBVIEW_SET_DIRECTLY, account, "set", all)
}

fn request(
    endpoint: &'static Endpoint,
    account: &Appid,
    action: &str,
    domains: &BTreeSet<String>,
) -> Call {
    let body = json!({"action": action, "webviewdomain": domains});
    Call::new(endpoint, account.clone(), &body)
}

/// The domains that a request of this module names.
#[must_use]
pub fn webview_of(call: &Call) -> BTreeSet<String> {
    let body: Value = serde_json::from_str(call.body()).unwrap_or_default();
    body.get("webviewdomain")
        .and_then(server::domains)
        .unwrap_or_default()
}

/// The answer of a read. Its absence is not "none".
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct WebviewDomains {
    /// All of them, as they are compared.
    #[serde(deserialize_with = "domains")]
    pub webviewdomain: BTreeSet<String>,
}

fn domains<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<String>, D::Error> {
    server::domains(&Value::deserialize(deserializer)?)
        .ok_or_else(|| serde::de::Error::custom("expected a list of texts"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_says_what_it_does_and_reads_back() {
        let account = Appid::parse("wx2222222222222222").unwrap();
        let one = BTreeSet::from(["https://h5.example.com".to_owned()]);
        let add = webview_add_request(&account, &one);
        assert_eq!(
            add.body(),
            r#"{"action":"add","webviewdomain":["https://h5.example.com"]}"#
        );
        assert_eq!(webview_of(&add), one);
        let set = webview_set_request(&account, &BTreeSet::new());
        assert_eq!(set.body(), r#"{"action":"set","webviewdomain":[]}"#);
    }

    #[test]
    fn an_answer_without_its_list_is_unreadable() {
        let read = |body: Value| serde_json::from_value::<WebviewDomains>(body);
        let two =
            read(json!({"webviewdomain": ["https://A.example.com/", "https://b.example.com"]}));
        assert_eq!(two.unwrap().webviewdomain.len(), 2);
        for odd in [
            json!({}),
            json!({"webviewdomain": null}),
            json!({"webviewdomain": {}}),
            json!({"webviewdomain": ["a.example.com"]}),
        ] {
            assert!(read(odd).is_err());
        }
    }
}
