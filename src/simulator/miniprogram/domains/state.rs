//! The domains of a mini-program and of a platform as the state file has them.
//!
//! Plain data. An app has four stores of each sort, which WeChat keeps apart; names are those of the wire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What a server domain is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DomainClass {
    /// `https://`
    RequestDomain,
    /// `wss://`
    WsRequestDomain,
    /// `https://`
    UploadDomain,
    /// `https://`
    DownloadDomain,
    /// `udp://`
    UdpDomain,
    /// `tcp://`
    TcpDomain,
}

impl DomainClass {
    /// In the order of WeChat's pages.
    pub const ALL: [Self; 6] = [
        Self::RequestDomain,
        Self::WsRequestDomain,
        Self::UploadDomain,
        Self::DownloadDomain,
        Self::UdpDomain,
        Self::TcpDomain,
    ];

    /// Its field on the wire.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::RequestDomain => "requestdomain",
            Self::WsRequestDomain => "wsrequestdomain",
            Self::UploadDomain => "uploaddomain",
            Self::DownloadDomain => "downloaddomain",
            Self::UdpDomain => "udpdomain",
            Self::TcpDomain => "tcpdomain",
        }
    }

    /// What its domains begin with.
    pub(super) fn scheme(self) -> &'static str {
        match self {
            Self::RequestDomain | Self::UploadDomain | Self::DownloadDomain => "https",
            Self::WsRequestDomain => "wss",
            Self::UdpDomain => "udp",
            Self::TcpDomain => "tcp",
        }
    }
}

/// Server domains, by class, with their schemes.
pub type ServerDomains = BTreeMap<DomainClass, Vec<String>>;

/// The four stores of one app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Stores<T> {
    /// Set by the owner in the console.
    pub mp: T,
    /// Set through the platform (way one).
    pub third: T,
    /// Set directly (way two).
    pub direct: T,
    /// What users get, since the last release.
    pub effective: T,
}

/// The domains of one mini-program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AppDomains {
    /// 服务器域名
    pub server: Stores<ServerDomains>,
    /// 业务域名, with their scheme.
    pub business: Stores<Vec<String>>,
    /// Domains that are resolved ahead, without a scheme.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dns_prefetch: Vec<String>,
    /// How many of those there may be; absent: five.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns_prefetch_limit: Option<usize>,
    /// The file that proves a business domain; absent: made from the appid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm_file: Option<ConfirmFile>,
}

impl AppDomains {
    /// As left out of a state file.
    pub(in crate::simulator) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// A verification file (校验文件).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfirmFile {
    /// `abc123.txt`
    pub name: String,
    /// What is in it.
    pub content: String,
}

impl ConfirmFile {
    /// The one of an app or a platform that has no other: the same in every run.
    pub(in crate::simulator) fn of(app_id: &str) -> Self {
        let digits = |what: &str| {
            let digest = Sha256::digest(format!("{what} {app_id}"));
            digest.iter().map(|byte| format!("{byte:02x}")).collect()
        };
        let (name, content): (String, String) = (digits("name"), digits("content"));
        let part = |text: &str, length| text.chars().take(length).collect::<String>();
        Self {
            name: format!("{}.txt", part(&name, 10)),
            content: part(&content, 32),
        }
    }
}

/// The domains of a platform, without schemes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PlatformDomains {
    /// 服务器域名
    pub server: PlatformList,
    /// 业务域名
    pub business: PlatformList,
    /// The file that proves a business domain; absent: made from the appid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm_file: Option<ConfirmFile>,
}

impl PlatformDomains {
    /// As left out of a state file.
    pub(in crate::simulator) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

/// The two lists that a platform has of each sort.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PlatformList {
    /// Of its testing version (测试版).
    pub testing: Vec<String>,
    /// Of its published version (全网发布版).
    pub published: Vec<String>,
}
