//! Web servers of others, as the state file has them: where WeChat looks for verification files.
//!
//! Plain data, and what WeChat finds there. Asking and serving are in `host_serve.rs`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How long WeChat waits for a verification file.
pub(super) const PATIENCE_MS: u64 = 5000;

/// A web server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Host {
    /// What lies at its root, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// `http://127.0.0.1:8080`: what is not among the files is fetched from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// It sends everybody there (302).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
    /// It takes so long to answer.
    #[serde(skip_serializing_if = "is_none")]
    pub delay_ms: u64,
    /// Connections to it break.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unreachable: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "what serde's skip_serializing_if passes"
)]
fn is_none(number: &u64) -> bool {
    *number == 0
}

impl Host {
    /// Whether what it has gets to WeChat at all: a redirect is not followed.
    pub(super) fn answers(&self) -> bool {
        !self.unreachable && self.redirect.is_none() && self.delay_ms <= PATIENCE_MS
    }
}

/// What was fetched from behind proxies for one call, by host and file.
#[derive(Clone, Debug, Default)]
pub(super) struct Fetched(pub(super) BTreeMap<(String, String), String>);

/// What WeChat finds under that name at the host's root. Of a host that is not declared nothing.
pub(super) fn file_at<'a>(
    hosts: &'a BTreeMap<String, Host>,
    fetched: &'a Fetched,
    host: &str,
    name: &str,
) -> Option<&'a str> {
    let found = hosts.get(host).filter(|host| host.answers())?;
    let fetched = || fetched.0.get(&(host.to_owned(), name.to_owned()));
    let text = found.files.get(name).or_else(fetched)?;
    Some(text)
}

/// What is wrong with the name of a host or with where it leads, if anything is.
pub(super) fn problem(name: &str, host: &Host) -> Option<String> {
    let spelled = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let is_name = name.contains('.')
        && name
            .bytes()
            .all(|byte| spelled(byte) || byte == b'.' || byte == b'-')
        && name.bytes().any(|byte| byte.is_ascii_lowercase());
    if !is_name {
        return Some(format!(
            "host `{name}`: a name in small letters with a dot, without scheme or port"
        ));
    }
    let leads = |url: &String| url::Url::parse(url).is_ok_and(|url| url.has_host());
    if !host.proxy.as_ref().is_none_or(leads) {
        return Some(format!("host `{name}`: `proxy` is no address"));
    }
    None
}
