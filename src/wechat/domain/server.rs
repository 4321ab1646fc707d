//! The six lists of servers that a mini-program may talk to.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use super::Way;
use super::endpoint::{ADD, ADD_DIRECTLY, DELETE, DELETE_DIRECTLY, GET, GET_DIRECTLY};
use super::host::{authority, host, normal};
use crate::wechat::call::Call;
use crate::wechat::endpoint::Endpoint;
use crate::wechat::id::Appid;

/// One of the lists, in WeChat's order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Class {
    /// Requests over HTTPS.
    Request,
    /// Sockets (WebSocket).
    Socket,
    /// Uploads.
    Upload,
    /// Downloads.
    Download,
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
}

/// Domains with their schemes, by the list they stand in.
pub type Lists = BTreeMap<Class, BTreeSet<String>>;

impl Class {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Request,
        Self::Socket,
        Self::Upload,
        Self::Download,
        Self::Udp,
        Self::Tcp,
    ];

    /// The name in manifests and plans.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Socket => "socket",
            Self::Upload => "upload",
            Self::Download => "download",
            Self::Udp => "udp",
            Self::Tcp => "tcp",
        }
    }

    /// The scheme that each of its domains begins with.
    #[must_use]
    pub fn scheme(self) -> &'static str {
        match self {
            Self::Request | Self::Upload | Self::Download => "https",
            Self::Socket => "wss",
            Self::Udp => "udp",
            Self::Tcp => "tcp",
        }
    }

    /// The name on the wire.
    #[must_use]
    pub fn wire(self) -> &'static str {
        match self {
            Self::Request => "requestdomain",
            Self::Socket => "wsrequestdomain",
            Self::Upload => "uploaddomain",
            Self::Download => "downloaddomain",
            Self::Udp => "udpdomain",
            Self::Tcp => "tcpdomain",
        }
    }
}

fn endpoint(way: Way, platform: &'static Endpoint, direct: &'static Endpoint) -> &'static Endpoint {
    match way {
        Way::Platform => platform,
        Way::Direct => direct,
    }
}

/// Asks for the lists of `account` that are stored this way.
#[must_use]
pub fn get_request(account: &Appid, way: Way) -> Call {
    let endpoint = endpoint(way, &GET, &GET_DIRECTLY);
    Call::new(endpoint, account.clone(), &json!({"action": "get"}))
}

/// Adds domains. Whatever WeChat does not take is left out, which a success says ([`Dropped`]); 85017 and 85301 to 85303 where
/// nothing is left, directly also 45082 and 86100 to 86102.
#[must_use]
pub fn add_request(account: &Appid, way: Way, add: &Lists) -> Call {
    let endpoint = endpoint(way, &ADD, &ADD_DIRECTLY);
    Call::new(endpoint, account.clone(), &body("add", add))
}

/// Deletes domains. To delete what is not there is a success.
#[must_use]
pub fn delete_request(account: &Appid, way: Way, delete: &Lists) -> Call {
    let endpoint = endpoint(way, &DELETE, &DELETE_DIRECTLY);
    Call::new(endpoint, account.clone(), &body("delete", delete))
}

/// All six lists, since WeChat's page wants them all.
fn body(action: &str, lists: &Lists) -> Value {
    let mut body = Map::from_iter([("action".to_owned(), json!(action))]);
    for class in Class::ALL {
        let domains = lists.get(&class).cloned().unwrap_or_default();
        body.insert(class.wire().to_owned(), json!(domains));
    }
    Value::Object(body)
}

/// The domains that a request of this module names, by their lists.
#[must_use]
pub fn lists_of(call: &Call) -> Lists {
    let body: Value = serde_json::from_str(call.body()).unwrap_or_default();
    Given::deserialize(&body)
        .map(|given| given.0)
        .unwrap_or_default()
}

/// The lists that an answer has; one that it lacks, or that is none, is not empty but not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Given(pub Lists);

impl<'de> Deserialize<'de> for Given {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let body = Map::deserialize(deserializer)?;
        let lists = Class::ALL.into_iter();
        let lists = lists.filter_map(|class| Some((class, domains(body.get(class.wire())?)?)));
        Ok(Self(lists.collect()))
    }
}

#[cfg(test)]
impl Serialize for Given {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(class, list)| (class.wire(), list)))
    }
}

/// A list of texts, as they are compared. `None` where it is anything else.
fn list(value: &Value) -> Option<BTreeSet<String>> {
    let items = value.as_array()?.iter();
    items.map(|item| item.as_str().map(normal)).collect()
}

/// A list of domains, each with its scheme. `None` where one of them is anything else: it would be taken for another one.
pub(super) fn domains(value: &Value) -> Option<BTreeSet<String>> {
    let has_scheme = |domain: &String| !authority(domain).is_empty() && domain.contains("://");
    list(value).filter(|list| list.iter().all(has_scheme))
}

/// What WeChat left out of a change that it answered with success.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dropped {
    /// What breaks its rules, or stands on no list of the platform, by list.
    pub invalid: Lists,
    /// The hosts without filing (域名备案).
    pub unfiled: BTreeSet<String>,
}

impl Dropped {
    /// What an answer says of it.
    #[must_use]
    pub fn of(body: &Value) -> Self {
        let invalid = Class::ALL.into_iter().filter_map(|class| {
            let domains = list(body.get(format!("invalid_{}", class.wire()))?)?;
            Some((class, domains)).filter(|(_, domains)| !domains.is_empty())
        });
        let unfiled = body.get("no_icp_domain").and_then(list).unwrap_or_default();
        Self {
            invalid: invalid.collect(),
            unfiled: unfiled
                .iter()
                .map(|domain| host(domain).to_owned())
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Appid {
        Appid::parse("wx2222222222222222").unwrap()
    }

    fn of(class: Class, domains: &[&str]) -> Lists {
        let domains = domains.iter().map(|domain| (*domain).to_owned());
        Lists::from([(class, domains.collect())])
    }

    #[test]
    fn a_change_names_all_six_lists_and_reads_back() {
        let add = of(Class::Socket, &["wss://a.example.com"]);
        let call = add_request(&account(), Way::Direct, &add);
        assert_eq!(call.endpoint.name, "modify_domain_directly add");
        let body: Value = serde_json::from_str(call.body()).unwrap();
        let expected = json!({
            "action": "add", "requestdomain": [], "wsrequestdomain": ["wss://a.example.com"], "uploaddomain": [],
            "downloaddomain": [], "udpdomain": [], "tcpdomain": [],
        });
        assert_eq!(body, expected);
        assert_eq!(lists_of(&call)[&Class::Socket], add[&Class::Socket]);
        let get = get_request(&account(), Way::Platform);
        assert_eq!(
            (get.endpoint.name, get.body()),
            ("modify_domain get", r#"{"action":"get"}"#)
        );
    }

    #[test]
    fn a_list_that_an_answer_lacks_is_not_empty() {
        let body = json!({
            "errcode": 0, "requestdomain": ["HTTPS://A.example.com/"], "wsrequestdomain": [], "uploaddomain": null,
            "downloaddomain": "https://a.example.com", "udpdomain": [7],
            "tcpdomain": ["t.example.com"],
        });
        let Given(lists) = Given::deserialize(&body).unwrap();
        let mut expected = of(Class::Request, &["https://a.example.com"]);
        expected.insert(Class::Socket, BTreeSet::new());
        assert_eq!(lists, expected);
    }

    #[test]
    fn what_was_left_out_is_told_from_an_answer_of_success() {
        let body = json!({
            "errcode": 0, "invalid_requestdomain": ["https://b.example.com"], "invalid_udpdomain": [],
            "no_icp_domain": ["https://c.example.com", "d.example.com:8443"],
        });
        let Dropped { invalid, unfiled } = Dropped::of(&body);
        assert_eq!(invalid, of(Class::Request, &["https://b.example.com"]));
        assert_eq!(
            unfiled,
            ["c.example.com", "d.example.com"].map(str::to_owned).into()
        );
        assert_eq!(Dropped::of(&json!({"errcode": 0})), Dropped::default());
    }
}
