//! What a manifest says of a mini-program's domains.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::wechat::domain::{
    Class, Lists, MOST, MOST_WEBVIEW, NotAHost, Way, authority, read_host,
};

/// The lists that `hosts` fills.
const BY_HOSTS: [Class; 4] = [
    Class::Request,
    Class::Socket,
    Class::Upload,
    Class::Download,
];

/// The domains (域名) of a mini-program: the servers it may talk to, and the pages it may show.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DomainsSpec {
    /// The way they are set: `platform`, with each host on the platform's own list first, or `direct`. Never both for one
    /// mini-program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<Via>,
    /// Hosts, each with a port if need be, for `request`, `upload`, `download` (`https://`) and `socket` (`wss://`), where
    /// these are not given alone.
    #[schemars(extend("x-limit" = "200 in a list"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosts: Option<Vec<String>>,
    /// Hosts for requests (`https://`).
    #[schemars(extend("x-wire" = "requestdomain", "x-limit" = "200"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<Vec<String>>,
    /// Hosts for sockets (`wss://`).
    #[schemars(extend("x-wire" = "wsrequestdomain", "x-limit" = "200"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub socket: Option<Vec<String>>,
    /// Hosts for uploads (`https://`).
    #[schemars(extend("x-wire" = "uploaddomain", "x-limit" = "200"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload: Option<Vec<String>>,
    /// Hosts for downloads (`https://`).
    #[schemars(extend("x-wire" = "downloaddomain", "x-limit" = "200"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub download: Option<Vec<String>>,
    /// Hosts for UDP (`udp://`).
    #[schemars(extend("x-wire" = "udpdomain", "x-limit" = "200"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub udp: Option<Vec<String>>,
    /// Hosts for TCP (`tcp://`).
    #[schemars(extend("x-wire" = "tcpdomain", "x-limit" = "200"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp: Option<Vec<String>>,
    /// Hosts of pages that it may show (业务域名, `https://`), without ports. Directly set, each must serve the confirm
    /// file (校验文件) first.
    #[schemars(extend("x-wire" = "webviewdomain", "x-limit" = "300", "x-calls" = ["setwebviewdomain add", "setwebviewdomain delete", "setwebviewdomain_directly set", "get_effective_webviewdomain", "get_webviewdomain_confirmfile"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webview: Option<Vec<String>>,
}

/// The way domains are set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Via {
    /// Each host stands on the platform's own list first.
    Platform,
    /// Without the platform's list; one host serves at most 100 principals.
    Direct,
}

impl Via {
    /// The way on the wire.
    #[must_use]
    pub fn way(self) -> Way {
        match self {
            Self::Platform => Way::Platform,
            Self::Direct => Way::Direct,
        }
    }

    /// The word in a manifest.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Direct => "direct",
        }
    }
}

impl DomainsSpec {
    /// What is stored, as a manifest would say it: lists that are empty are left out.
    #[must_use]
    pub(super) fn of(via: Via, server: &Lists, webview: &BTreeSet<String>) -> Self {
        let hosts = |class: Class| {
            let domains = server.get(&class).into_iter().flatten();
            let hosts: Vec<String> = domains.map(|one| authority(one).to_owned()).collect();
            Some(hosts).filter(|hosts| !hosts.is_empty())
        };
        let [request, socket, upload, download, udp, tcp] = Class::ALL.map(hosts);
        let webview: Vec<String> = webview
            .iter()
            .map(|one| authority(one).to_owned())
            .collect();
        let rest = Self {
            via: Some(via),
            udp,
            tcp,
            webview: Some(webview).filter(|hosts| !hosts.is_empty()),
            ..Self::default()
        };
        if request == socket && request == upload && request == download {
            return Self {
                hosts: request,
                ..rest
            };
        }
        Self {
            request,
            socket,
            upload,
            download,
            ..rest
        }
    }

    /// Every list as it was written, by its field.
    #[must_use]
    pub fn written(&self) -> Vec<(&'static str, &[String])> {
        let all = [
            ("hosts", &self.hosts),
            ("request", &self.request),
            ("socket", &self.socket),
            ("upload", &self.upload),
            ("download", &self.download),
            ("udp", &self.udp),
            ("tcp", &self.tcp),
            ("webview", &self.webview),
        ];
        let given = all
            .into_iter()
            .filter_map(|(field, hosts)| Some((field, hosts.as_deref()?)));
        given.collect()
    }

    fn own(&self, class: Class) -> Option<&Vec<String>> {
        match class {
            Class::Request => self.request.as_ref(),
            Class::Socket => self.socket.as_ref(),
            Class::Upload => self.upload.as_ref(),
            Class::Download => self.download.as_ref(),
            Class::Udp => self.udp.as_ref(),
            Class::Tcp => self.tcp.as_ref(),
        }
    }

    /// The server lists that are declared, as domains with their schemes. What the check refuses is left out.
    #[must_use]
    pub fn server(&self) -> Lists {
        let declared = Class::ALL.into_iter().filter_map(|class| {
            let filled = self.hosts.as_ref().filter(|_| BY_HOSTS.contains(&class));
            let list = self.own(class).or(filled)?;
            let scheme = class.scheme();
            let hosts = list.iter();
            let hosts = hosts.filter_map(|one| read_host(one, Some(scheme)).ok());
            let domains = hosts.map(|host| format!("{scheme}://{host}"));
            Some((class, domains.collect()))
        });
        declared.collect()
    }

    /// The webview domains that are declared, with their scheme.
    #[must_use]
    pub fn webview(&self) -> Option<BTreeSet<String>> {
        let hosts = self.webview.as_ref()?.iter();
        let hosts = hosts.filter_map(|one| read_host(one, Some("https")).ok());
        Some(hosts.map(|host| format!("https://{host}")).collect())
    }

    /// Everything that needs no network.
    pub(super) fn check(&self, path: &SpecPath, found: &mut Diagnostics) {
        if self.via.is_none() {
            found.error(
                "WX1293",
                path.clone(),
                "the domains do not say which way they are set",
                "`via` is missing",
                Some("write `via: platform` (each host stands on the platform's own list first) or `via: direct`"),
            );
        }
        let lists = [
            ("hosts", None, self.hosts.as_ref()),
            ("webview", Some("https"), self.webview.as_ref()),
        ];
        let own = Class::ALL.map(|class| (class.as_str(), Some(class.scheme()), self.own(class)));
        for (field, scheme, list) in lists.into_iter().chain(own) {
            if let Some(list) = list {
                check_list(list, scheme, &path.field(field), found);
            }
        }
    }
}

fn check_list(list: &[String], scheme: Option<&str>, path: &SpecPath, found: &mut Diagnostics) {
    let webview = path.to_string().ends_with("webview");
    let most = if webview { MOST_WEBVIEW } else { MOST };
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for (index, text) in list.iter().enumerate() {
        let host = match read_host(text, scheme) {
            Ok(host) => host,
            Err(why) => {
                refuse(text, scheme, why, path.index(index), found);
                continue;
            }
        };
        if webview && host.contains(':') {
            found.error(
                "WX1295",
                path.index(index),
                format!("`{text}` has a port"),
                "a webview domain has none",
                Some("take the port out: WeChat shows pages on the usual one alone"),
            );
        }
        if let Some(before) = first.insert(host, index) {
            found.error(
                "WX1296",
                path.index(index),
                format!("`{text}` is listed twice"),
                format!("item {} is the same host", before + 1),
                Some("capitals make no difference; take one of them out"),
            );
        }
    }
    if list.len() > most {
        found.error(
            "WX1297",
            path.clone(),
            format!("{} hosts in one list", list.len()),
            format!("at most {most}"),
            Some("WeChat takes no more of a mini-program"),
        );
    }
}

/// Says why a text is no host.
fn refuse(
    text: &str,
    scheme: Option<&str>,
    why: NotAHost,
    path: SpecPath,
    found: &mut Diagnostics,
) {
    let shown: String = text.chars().take(80).collect();
    let (code, label, help) = match why {
        NotAHost::Scheme => (
            "WX1294",
            match scheme {
                Some(scheme) => format!("only `{scheme}://` can stand here"),
                None => "no scheme can stand here".to_owned(),
            },
            "write the host alone, as in api.example.com",
        ),
        NotAHost::Path => (
            "WX1294",
            "more than a host".to_owned(),
            "a domain is a host, with a port if need be: no path, no query, no name before an `@`",
        ),
        NotAHost::Address => (
            "WX1294",
            "an IP address".to_owned(),
            "WeChat takes none: give the host a name that is filed (域名备案)",
        ),
        NotAHost::Wechats => (
            "WX1294",
            "WeChat's own API".to_owned(),
            "no mini-program may call it: its token must stay on a server of yours",
        ),
        NotAHost::Name => (
            "WX1294",
            "no name of a host".to_owned(),
            "letters, digits, `-` and dots, as in api.example.com; other letters in their `xn--` form",
        ),
        NotAHost::Port => (
            "WX1295",
            "no port".to_owned(),
            "a port is a number from 1 to 65535",
        ),
    };
    found.error(
        code,
        path,
        format!("`{shown}` is no host that WeChat takes"),
        label,
        Some(help),
    );
}
