//! What is stored each way, and what users really get since the last release.

use std::collections::BTreeSet;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::Way;
use super::endpoint::{EFFECTIVE, EFFECTIVE_WEBVIEW};
use super::server::{Given, domains};
use crate::wechat::call::Call;
use crate::wechat::id::Appid;

/// Asks for the server domains of `account`.
#[must_use]
pub fn effective_request(account: &Appid) -> Call {
    Call::bare(&EFFECTIVE, account.clone())
}

/// Asks for the webview domains of `account`.
#[must_use]
pub fn effective_webview_request(account: &Appid) -> Call {
    Call::bare(&EFFECTIVE_WEBVIEW, account.clone())
}

/// The answer of [`EFFECTIVE`]. Lists that it lacks are not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Effective {
    /// Set in WeChat's console.
    pub console: Given,
    /// Stored through the platform.
    pub platform: Given,
    /// Stored directly.
    pub direct: Given,
    /// What users get.
    pub in_force: Given,
}

impl Effective {
    /// What is stored one way.
    #[must_use]
    pub fn stored(&self, way: Way) -> &Given {
        match way {
            Way::Platform => &self.platform,
            Way::Direct => &self.direct,
        }
    }
}

impl<'de> Deserialize<'de> for Effective {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let body = Map::deserialize(deserializer)?;
        let part = |name: &str| {
            let part = body.get(name).map(Given::deserialize);
            part.and_then(Result::ok).unwrap_or_default()
        };
        Ok(Self {
            console: part("mp_domain"),
            platform: part("third_domain"),
            direct: part("direct_domain"),
            in_force: part("effective_domain"),
        })
    }
}

/// The answer of [`EFFECTIVE_WEBVIEW`]. `None`: not known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EffectiveWebview {
    /// Set in WeChat's console.
    pub console: Option<BTreeSet<String>>,
    /// Stored through the platform.
    pub platform: Option<BTreeSet<String>>,
    /// Stored directly.
    pub direct: Option<BTreeSet<String>>,
    /// What users get.
    pub in_force: Option<BTreeSet<String>>,
}

impl EffectiveWebview {
    /// What is stored one way.
    #[must_use]
    pub fn stored(&self, way: Way) -> Option<&BTreeSet<String>> {
        match way {
            Way::Platform => self.platform.as_ref(),
            Way::Direct => self.direct.as_ref(),
        }
    }
}

impl<'de> Deserialize<'de> for EffectiveWebview {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let body: Map<String, Value> = Map::deserialize(deserializer)?;
        let part = |name: &str| domains(body.get(name)?);
        Ok(Self {
            console: part("mp_webviewdomain"),
            platform: part("third_webviewdomain"),
            direct: part("direct_webviewdomain"),
            in_force: part("effective_webviewdomain"),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wechat::domain::Class;

    #[test]
    fn each_part_is_known_or_not_by_itself() {
        let body = json!({
            "errcode": 0, "mp_domain": {"requestdomain": ["https://m.example.com"]}, "third_domain": null,
            "effective_domain": {"requestdomain": []},
        });
        let read = Effective::deserialize(&body).unwrap();
        assert_eq!(read.console.0[&Class::Request].len(), 1);
        assert!(read.stored(Way::Platform).0.is_empty() && read.stored(Way::Direct).0.is_empty());
        assert_eq!(read.in_force.0.len(), 1);
    }

    #[test]
    fn webview_domains_lose_their_slashes() {
        let body = json!({
            "direct_webviewdomain": ["https://a.example.com/", "https://b.example.com"], "effective_webviewdomain": [],
            "third_webviewdomain": [null],
        });
        let read = EffectiveWebview::deserialize(&body).unwrap();
        let direct = ["https://a.example.com", "https://b.example.com"].map(str::to_owned);
        assert_eq!(read.stored(Way::Direct), Some(&direct.into()));
        assert_eq!(read.in_force, Some(BTreeSet::new()));
        assert!(read.stored(Way::Platform).is_none() && read.console.is_none());
    }
}
