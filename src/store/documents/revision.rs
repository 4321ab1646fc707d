//! Which revision of its manifests is in force, and the texts of it: what goes on when a file breaks or vanishes.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::doc::Doc;
use crate::store::secret::Secret;
use crate::wechat::FileDigest;

/// `admitted/<tenant>`: the revision of one tenant that is in force: its document and its class's, as they stood when
/// they were admitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AdmittedDoc {
    /// The digest of what the tenant declares in it, files included.
    pub digest: String,
    /// When it was admitted.
    pub at: Timestamp,
    /// The digest of a revision that a command let in since, which keeps no texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noted: Option<String>,
    /// The name of its platform.
    pub platform: String,
    /// Its own document. `None`: admitted by a command that keeps no texts.
    pub text: Option<TextRef>,
    /// Its class's document, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<TextRef>,
    /// The digests of the files that it refers to, by where it does.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, FileDigest>,
}

/// One document of a manifest, kept under the digest of its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextRef {
    /// The digest: the name of its `text/<digest>`.
    pub digest: String,
    /// The file it stood in.
    pub path: String,
    /// The line on which it began there, from 1.
    pub line: u32,
}

/// `text/<digest>`: a document of a manifest, deflated and in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextDoc {
    /// The text.
    pub deflated: String,
}

/// `served/<appid>`: a platform as it was served last, with everything that pushes are taken with. It goes on when its
/// manifest or its credentials cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServedDoc {
    /// Its name.
    pub name: String,
    /// Its manifest.
    pub text: String,
    /// The file it stood in.
    pub path: String,
    /// The line on which it began there, from 1.
    pub line: u32,
    /// AppSecret.
    pub app_secret: Secret,
    /// 消息校验Token.
    pub push_token: Secret,
    /// 消息加解密Key.
    pub encoding_aes_key: Secret,
    /// The one before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_encoding_aes_key: Option<Secret>,
    /// Since when it is served so: of two platforms that had one name, the newer one has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// `paused/tenant/<name>` or `paused/platform/<name>`: nothing is written for it at WeChat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PausedDoc {
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None`: until somebody resumes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Who paused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What a platform was called then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl PausedDoc {
    /// Whether it holds at a time.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// `held/<platform>/<digest>`: the changes of a revision that its guard held, so that a yes to it counts for them also when
/// others have come by then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldDoc {
    /// The digest, whole.
    pub revision: String,
    /// Its changes, 16 hex digits each.
    pub changes: String,
    /// Since when it is held.
    pub at: Timestamp,
}

/// `used/<platform>/<which>`: what a yes to a revision has let in, so that it lets it in once. Outlives the yes: one that
/// stands in the manifests may vanish for a while and come again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedDoc {
    /// The name of the yes.
    pub approval: String,
    /// The digest of its revision, whole.
    pub revision: String,
    /// Its changes that it has not let in, 16 hex digits each. Empty: it is spent.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub left: String,
    /// Its changes that were being let in when this was written. After a crash those that are changes still were not.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub begun: String,
    /// When it let something in last.
    pub at: Timestamp,
}

impl Doc for UsedDoc {}
impl Doc for HeldDoc {}
impl Doc for PausedDoc {}
impl Doc for AdmittedDoc {}
impl Doc for TextDoc {}
impl Doc for ServedDoc {}
