//! Names of documents: `cred/wx1111111111111111`, `op/wx1111111111111111/open%2Fcreate`.
//!
//! A key is a kind and up to four segments. Segments are percent-encoded, so a tenant's name or an action may
//! hold any character and never reaches into another document's name. Keys are not secret and are not encrypted:
//! what is secret (an authorization code) goes in as a digest.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::op_key::OpKey;
use crate::wechat::Appid;

/// The longest key in bytes: what a Kubernetes object can carry in an annotation with room to spare.
const MAX_BYTES: usize = 512;
const MAX_SEGMENTS: usize = 5;

/// The name of one document.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(Arc<str>);

/// Why a text is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not the name of a document")]
pub struct NotAKey {
    text: String,
}

impl Key {
    /// The platform's ticket and token.
    #[must_use]
    pub fn platform(appid: &Appid) -> Self {
        Self::build("platform", &[appid.as_str()])
    }

    /// The limits of one platform that were in force last.
    #[must_use]
    pub fn guard(platform: &Appid) -> Self {
        Self::build("guard", &[platform.as_str()])
    }

    /// The tokens of one authorized account.
    #[must_use]
    pub fn cred(appid: &Appid) -> Self {
        Self::build("cred", &[appid.as_str()])
    }

    /// What is remembered of one tenant.
    #[must_use]
    pub fn tenant(tenant: &str) -> Self {
        Self::build("tenant", &[tenant])
    }

    /// The revision of a tenant's manifests that is in force.
    #[must_use]
    pub fn admitted(tenant: &str) -> Self {
        Self::build("admitted", &[tenant])
    }

    /// A document of a manifest, by the digest of its text.
    #[must_use]
    pub fn text(digest: &str) -> Self {
        Self::build("text", &[digest])
    }

    /// A platform as it was served last.
    #[must_use]
    pub fn served(platform: &Appid) -> Self {
        Self::build("served", &[platform.as_str()])
    }

    /// That a `tenant` by its name, or a `platform` by its appid, is paused; by the platform's name in what an older wxops
    /// wrote.
    #[must_use]
    pub fn paused(scope: &str, name: &str) -> Self {
        Self::build("paused", &[scope, name])
    }

    /// A revision of a platform that its guard holds, by the platform's name.
    #[must_use]
    pub fn held(platform: &str, revision: &str) -> Self {
        let digest = revision.get(..16).unwrap_or(revision);
        Self::build("held", &[platform, digest])
    }

    /// What the names of all held revisions of a platform begin with.
    #[must_use]
    pub fn all_held(platform: &str) -> String {
        format!("{}/", Self::build("held", &[platform]))
    }

    /// Which tenant an appid belongs to.
    #[must_use]
    pub fn claim(appid: &Appid) -> Self {
        Self::build("claim", &[appid.as_str()])
    }

    /// The journal's document of one action on one account. The account comes first, so that a pass lists its own.
    #[must_use]
    pub fn op(op: &OpKey) -> Self {
        Self::build("op", &[op.appid.as_str(), &op.action])
    }

    /// The last scan that did not make an account the tenant's, by the link of an item or of the official account.
    #[must_use]
    pub fn scan(tenant: &str, item: Option<&str>) -> Self {
        Self::build("scan", &[tenant, item.unwrap_or("official")])
    }

    /// The ticket of the scan that confirmed the registration of one of a tenant's mini-programs through its official
    /// account.
    #[must_use]
    pub fn register(official: &Appid, tenant: &str, item: &str) -> Self {
        Self::build("register", &[official.as_str(), tenant, item])
    }

    /// What a platform's authorization links are signed with.
    #[must_use]
    pub fn link(platform: &Appid) -> Self {
        Self::build("link", &[platform.as_str()])
    }

    /// The id that an upload of a file for one account gave.
    #[must_use]
    pub fn media(account: &Appid, endpoint: &str, file: &str) -> Self {
        Self::build("media", &[account.as_str(), endpoint, file])
    }

    /// What WeChat said of a name that an account might take. The name goes in as a digest, since it may be long.
    #[must_use]
    pub fn checked(account: &Appid, kind: &str, name: &str) -> Self {
        let digest = short_digest(name);
        Self::build("checked", &[account.as_str(), kind, &digest])
    }

    /// A confirm file of webview domains, by its name.
    #[must_use]
    pub fn confirm(name: &str) -> Self {
        Self::build("confirm", &[name])
    }

    /// A draft of a platform's that is being made into a template.
    #[must_use]
    pub fn promote(platform: &Appid, draft: i64) -> Self {
        Self::build("promote", &[platform.as_str(), &draft.to_string()])
    }

    /// The end of a review of an account's that WeChat pushed last.
    #[must_use]
    pub fn review(account: &Appid, kind: &str) -> Self {
        Self::build("review", &[account.as_str(), kind])
    }

    /// What was taken from one quota in one period.
    #[must_use]
    pub fn ledger(scope: &str, quota: &str, period: &str) -> Self {
        Self::build("ledger", &[scope, quota, period])
    }

    /// A yes given at the command line, to steps of a `tenant` or to a revision of a `platform`.
    #[must_use]
    pub fn approval(scope: &str, name: &str, id: &str) -> Self {
        Self::build("approval", &[scope, name, id])
    }

    /// What the names of all approvals of one tenant or platform begin with.
    #[must_use]
    pub fn approvals(scope: &str, name: &str) -> String {
        format!("{}/", Self::build("approval", &[scope, name]))
    }

    /// What a yes to a revision of a platform has let in: which yes goes in as a digest, since a manifest names it freely.
    #[must_use]
    pub fn used(platform: &str, approval: &str, revision: &str) -> Self {
        let digest = short_digest(&format!("{approval} {revision}"));
        Self::build("used", &[platform, &digest])
    }

    /// Who works on a tenant right now.
    #[must_use]
    pub fn pass(tenant: &str) -> Self {
        Self::build("pass", &[tenant])
    }

    /// One entry of a tenant's history. Numbers have ten digits, so that keys sort as numbers do.
    #[must_use]
    pub fn history(tenant: &str, number: u64) -> Self {
        Self::build("history", &[tenant, &format!("{number:010}")])
    }

    /// What the keys of a tenant's history begin with.
    pub(super) fn histories(tenant: &str) -> String {
        let key = Self::build("history", &[tenant]);
        format!("{key}/")
    }

    /// An authorization code before its exchange. The code is a secret, so its digest names it.
    #[must_use]
    pub fn code(platform: &Appid, code: &str) -> Self {
        Self::build("code", &[platform.as_str(), &short_digest(code)])
    }

    /// Pushes that came for a platform and could not be used.
    #[must_use]
    pub fn pushes(platform: &Appid) -> Self {
        Self::build("pushes", &[platform.as_str()])
    }

    /// One part of the signatures of messages that were passed on for a platform.
    #[must_use]
    pub fn passed(platform: &Appid, part: usize) -> Self {
        Self::build("passed", &[platform.as_str(), &format!("{part:02}")])
    }

    /// The document that says whether, and under which key, this store is encrypted.
    #[must_use]
    pub(super) fn seal() -> Self {
        Self::build("meta", &["seal"])
    }

    /// The document that says that this store is a backup that was put back.
    #[must_use]
    pub(super) fn restored() -> Self {
        Self::build("meta", &["restored"])
    }

    /// Reads a key as [`Key::as_str`] wrote it.
    ///
    /// # Errors
    /// [`NotAKey`], with at most the first 80 characters of what was given.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'%');
        let segments = text.split('/').count();
        let good = text.len() <= MAX_BYTES
            && (2..=MAX_SEGMENTS).contains(&segments)
            && text
                .split('/')
                .all(|s| !s.is_empty() && s.bytes().all(plain));
        if good {
            Ok(Self(text.into()))
        } else {
            Err(NotAKey {
                text: text.chars().take(80).collect(),
            })
        }
    }

    /// The text that every backend stores.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The kind: the first segment.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// The segments behind the kind, as they were given.
    #[must_use]
    pub fn segments(&self) -> Vec<String> {
        self.0.split('/').skip(1).map(decode).collect()
    }

    fn build(kind: &str, segments: &[&str]) -> Self {
        let mut text = kind.to_owned();
        for segment in segments {
            text.push('/');
            encode(segment, &mut text);
        }
        if text.len() > MAX_BYTES {
            let digest = Sha256::digest(text.as_bytes());
            let name: String = digest.iter().map(|b| format!("{b:02x}")).collect();
            text = format!("{kind}/%{name}");
        }
        Self(text.into())
    }
}

/// The first half of a text's SHA-256, in hexadecimal digits.
fn short_digest(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// Writes one segment so that it holds letters, digits, `.`, `_`, `-` and `%XX` only; an empty one becomes `%`.
fn encode(segment: &str, out: &mut String) {
    if segment.is_empty() {
        out.push('%');
    }
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

fn decode(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let code = tail
            .get(..2)
            .filter(|_| byte == b'%')
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        rest = match code {
            Some(code) => {
                bytes.push(code);
                tail.get(2..).unwrap_or_default()
            }
            None => {
                if byte != b'%' {
                    bytes.push(byte);
                }
                tail
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl FromStr for Key {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        Self::parse(text)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_segment_reaches_into_another_key() {
        let odd = Key::tenant("a/b %日");
        assert_eq!(odd.as_str(), "tenant/a%2Fb%20%25%E6%97%A5");
        assert_eq!(odd.segments(), ["a/b %日"]);
        assert_ne!(Key::ledger("a/b", "c", "d"), Key::ledger("a", "b/c", "d"));
        assert_ne!(Key::tenant(""), Key::tenant("%"));
        assert_eq!(Key::tenant("").segments(), [""]);
    }

    #[test]
    fn a_key_reads_back_as_it_was_written() {
        let long = "长".repeat(400);
        for name in ["sunrise", "team/sunrise", "", "%41", "日出", &long] {
            let key = Key::tenant(name);
            assert_eq!(Key::parse(key.as_str()), Ok(key.clone()), "{name}");
        }
        for bad in [
            "",
            "tenant",
            "tenant/",
            "/x",
            "tenant/a b",
            "a/b/c/d/e/f",
            "tenant/日",
        ] {
            assert!(Key::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_code_is_not_readable_in_its_key() {
        let appid = Appid::parse("wx0000000000000001").unwrap();
        let key = Key::code(&appid, "queryauthcode@@@secret");
        assert!(!key.as_str().contains("secret"));
        assert_ne!(key, Key::code(&appid, "queryauthcode@@@other"));
    }
}
