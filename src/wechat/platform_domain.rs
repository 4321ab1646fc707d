//! The platform's own lists of hosts. Before a mini-program gets a host through the platform it stands here, and at a release
//! whatever the mini-program has and these lists lack is deleted, the merchant's own hosts included.
//!
//! Hosts stand here without a scheme and joined by `;`, at the mini-program with one and in a list. What is changed is
//! changed in the published list too: the testing one alone counts for nothing that users see.
//! WeChat's pages: developers.weixin.qq.com, `api_modifythirdpartyserverdomain`, `api_modifythirdpartyjumpdomain`.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use super::call::Call;
use super::domain::normal;
use super::endpoint::{CallClass, Endpoint, Method, Payer, Period, Quota, TokenKind};
use super::id::Appid;

/// How many server hosts a platform may have.
pub const MOST: usize = 1000;
/// How many webview hosts; an older page says 200.
pub const MOST_WEBVIEW: usize = 300;

const SERVER: &str = "/cgi-bin/component/modify_wxa_server_domain";
const WEBVIEW: &str = "/cgi-bin/component/modify_wxa_jump_domain";

const fn read(name: &'static str, path: &'static str) -> Endpoint {
    Endpoint {
        name,
        path,
        method: Method::Post,
        class: CallClass::Read,
        token: TokenKind::ComponentAsAccess,
        sets: &[],
        quotas: &[],
    }
}

/// To delete what is not there is a success. The page of webview hosts names no limit of a month; it is counted as the other.
const fn change(name: &'static str, path: &'static str) -> Endpoint {
    Endpoint {
        class: CallClass::Put,
        quotas: &[Quota {
            limit: 50,
            period: Period::Month,
            scarce: true,
            payer: Payer::Platform,
        }],
        ..read(name, path)
    }
}

/// `modifyThirdpartyServerDomain`, reading.
pub static GET: Endpoint = read("modify_wxa_server_domain get", SERVER);
/// `modifyThirdpartyServerDomain`, adding.
pub static ADD: Endpoint = change("modify_wxa_server_domain add", SERVER);
/// `modifyThirdpartyServerDomain`, deleting.
pub static DELETE: Endpoint = change("modify_wxa_server_domain delete", SERVER);
/// `modifyThirdpartyJumpDomain`, reading.
pub static WEBVIEW_GET: Endpoint = read("modify_wxa_jump_domain get", WEBVIEW);
/// `modifyThirdpartyJumpDomain`, adding. Each host must serve the platform's confirm file first.
pub static WEBVIEW_ADD: Endpoint = change("modify_wxa_jump_domain add", WEBVIEW);
/// `modifyThirdpartyJumpDomain`, deleting.
pub static WEBVIEW_DELETE: Endpoint = change("modify_wxa_jump_domain delete", WEBVIEW);

/// `getDomainConfirmFile`: the confirm file of the platform, which each host of its webview list must serve.
pub static CONFIRM_FILE: Endpoint = read(
    "get_domain_confirmfile",
    "/cgi-bin/component/get_domain_confirmfile",
);

/// Whether a call is about the platform's own lists, and so about no account.
#[must_use]
pub fn is_about(endpoint: &Endpoint) -> bool {
    [SERVER, WEBVIEW, CONFIRM_FILE.path].contains(&endpoint.path)
}

/// Asks for the platform's confirm file.
#[must_use]
pub fn confirm_request(platform: &Appid) -> Call {
    Call::bare(&CONFIRM_FILE, platform.clone())
}

/// The list that a call adds to, if it does.
#[must_use]
pub fn added_to(call: &Call) -> Option<List> {
    let adds = [&ADD, &WEBVIEW_ADD].contains(&call.endpoint);
    adds.then(|| List::of(call.endpoint))
}

/// The list that a call deletes from, and the hosts, if it does.
#[must_use]
pub fn deleted_by(call: &Call) -> Option<(List, BTreeSet<String>)> {
    if ![&DELETE, &WEBVIEW_DELETE].contains(&call.endpoint) {
        return None;
    }
    let list = List::of(call.endpoint);
    let body: Value = serde_json::from_str(call.body()).ok()?;
    Some((list, split(body.get(list.wire())?.as_str()?)))
}

/// Which of the platform's two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum List {
    /// Servers.
    Server,
    /// Pages.
    Webview,
}

impl List {
    /// The field that a change names its hosts in.
    fn wire(self) -> &'static str {
        match self {
            Self::Server => "wxa_server_domain",
            Self::Webview => "wxa_jump_h5_domain",
        }
    }

    /// How many hosts it may have.
    #[must_use]
    pub fn most(self) -> usize {
        match self {
            Self::Server => MOST,
            Self::Webview => MOST_WEBVIEW,
        }
    }

    fn of(endpoint: &Endpoint) -> Self {
        if endpoint.path == WEBVIEW {
            Self::Webview
        } else {
            Self::Server
        }
    }
}

/// Asks for a list of the platform's.
#[must_use]
pub fn get_request(platform: &Appid, list: List) -> Call {
    let endpoint = match list {
        List::Server => &GET,
        List::Webview => &WEBVIEW_GET,
    };
    let body = json!({"action": "get", "is_modify_published_together": true});
    Call::new(endpoint, platform.clone(), &body)
}

/// Adds hosts to a list of the platform's.
#[must_use]
pub fn add_request(platform: &Appid, list: List, hosts: &BTreeSet<String>) -> Call {
    let endpoint = match list {
        List::Server => &ADD,
        List::Webview => &WEBVIEW_ADD,
    };
    change_request(platform, endpoint, "add", hosts)
}

/// Deletes hosts of a list of the platform's.
#[must_use]
pub fn delete_request(platform: &Appid, list: List, hosts: &BTreeSet<String>) -> Call {
    let endpoint = match list {
        List::Server => &DELETE,
        List::Webview => &WEBVIEW_DELETE,
    };
    change_request(platform, endpoint, "delete", hosts)
}

fn change_request(
    platform: &Appid,
    endpoint: &'static Endpoint,
    action: &str,
    hosts: &BTreeSet<String>,
) -> Call {
    let joined: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let mut body = json!({"action": action, "is_modify_published_together": true});
    if let Some(fields) = body.as_object_mut() {
        let field = List::of(endpoint).wire();
        fields.insert(field.to_owned(), json!(joined.join(";")));
    }
    Call::new(endpoint, platform.clone(), &body)
}

/// A list of the platform's, as an answer tells it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hosts {
    /// What counts at a release. `None`: the platform was never published, and the testing list counts.
    pub published: Option<BTreeSet<String>>,
    /// What counts for versions under test.
    pub testing: BTreeSet<String>,
}

impl Hosts {
    /// The list that counts at a release.
    #[must_use]
    pub fn in_force(&self) -> &BTreeSet<String> {
        self.published.as_ref().unwrap_or(&self.testing)
    }

    /// Whether a host is on both lists.
    #[must_use]
    pub fn stands_everywhere(&self, host: &str) -> bool {
        self.testing.contains(host) && self.in_force().contains(host)
    }

    /// What stands on either.
    #[must_use]
    pub fn all(&self) -> BTreeSet<String> {
        self.testing.union(self.in_force()).cloned().collect()
    }

    /// What a change named and WeChat did not take, whatever else the answer tells.
    #[must_use]
    pub fn invalid_in(body: &Value) -> BTreeSet<String> {
        let lists = [List::Server, List::Webview].into_iter();
        let named = lists.filter_map(|list| body.get(format!("invalid_{}", list.wire()))?.as_str());
        named.flat_map(split).collect()
    }

    /// Whether a host is on the published list, with or without its port.
    #[must_use]
    pub fn has(&self, host: &str, authority: &str) -> bool {
        self.in_force().contains(host) || self.in_force().contains(authority)
    }

    /// Whether a host is on the published list, or below one that is.
    #[must_use]
    pub fn covers(&self, host: &str) -> bool {
        let below = |known: &String| {
            host.strip_suffix(known)
                .is_some_and(|rest| rest.ends_with('.'))
        };
        self.in_force().contains(host) || self.in_force().iter().any(below)
    }
}

impl<'de> Deserialize<'de> for Hosts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let body: Map<String, Value> = Map::deserialize(deserializer)?;
        let one = |part: &str| {
            let lists = [List::Server, List::Webview].into_iter();
            let mut found = lists.filter_map(|list| body.get(&format!("{part}_{}", list.wire())));
            match found.next() {
                None => Ok(None),
                Some(Value::String(joined)) => Ok(Some(split(joined))),
                Some(_) => Err(serde::de::Error::custom("expected hosts joined by `;`")),
            }
        };
        // The published list is left out where there never was one, both where the answer tells nothing.
        match (one("published")?, one("testing")?) {
            (None, None) => Err(serde::de::Error::custom("neither list is in it")),
            (published, testing) => Ok(Self {
                published,
                testing: testing.unwrap_or_default(),
            }),
        }
    }
}

fn split(joined: &str) -> BTreeSet<String> {
    let hosts = joined.split(';').map(normal);
    hosts.filter(|host| !host.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_joined_and_published_along() {
        let platform = Appid::parse("wx0000000000000001").unwrap();
        let hosts = ["b.example.com", "a.example.com"].map(str::to_owned).into();
        let body = |call: Call| -> Value { serde_json::from_str(call.body()).unwrap() };
        assert_eq!(
            body(add_request(&platform, List::Server, &hosts)),
            json!({"action": "add", "wxa_server_domain": "a.example.com;b.example.com", "is_modify_published_together": true})
        );
        assert_eq!(
            body(delete_request(&platform, List::Webview, &hosts)),
            json!({"action": "delete", "wxa_jump_h5_domain": "a.example.com;b.example.com", "is_modify_published_together": true})
        );
    }

    #[test]
    fn a_list_that_was_never_published_is_empty_and_a_silent_answer_is_none() {
        let read = |body: Value| serde_json::from_value::<Hosts>(body);
        let both = read(json!({
            "errcode": 0, "published_wxa_server_domain": "a.example.com;B.example.com;", "testing_wxa_server_domain": "",
        }));
        let both = both.unwrap();
        assert!(
            both.has("b.example.com", "b.example.com:8443")
                && !both.has("c.example.com", "c.example.com")
        );
        let testing = read(json!({"testing_wxa_jump_h5_domain": "a.example.com"})).unwrap();
        assert!(testing.published.is_none() && testing.has("a.example.com", "a.example.com"));
        assert!(read(json!({"errcode": 0})).is_err());
        assert!(read(json!({"published_wxa_server_domain": ["a.example.com"]})).is_err());
    }

    #[test]
    fn a_page_may_lie_below_a_host_of_the_list() {
        let hosts = Hosts {
            published: Some(BTreeSet::from(["example.com".to_owned()])),
            ..Hosts::default()
        };
        assert!(hosts.covers("example.com") && hosts.covers("h5.example.com"));
        assert!(!hosts.covers("notexample.com") && !hosts.covers("com"));
    }
}
