//! What a manifest says of the platform's lists. Offline.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::wechat::domain::{normal, read_host};
use crate::wechat::platform_domain::{List, MOST, MOST_WEBVIEW};

/// The platform's own domain lists (第三方平台域名). Each is the whole list, testing and published: what is not in it is
/// taken away.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct PlatformDomainsSpec {
    /// Hosts of servers, without a scheme: what mini-programs `via: platform` may talk to.
    #[schemars(extend("x-wire" = "wxa_server_domain", "x-limit" = "1000, and 50 changes a month", "x-calls" = ["modify_wxa_server_domain get", "modify_wxa_server_domain add", "modify_wxa_server_domain delete"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosts: Option<Vec<String>>,
    /// Hosts of pages (业务域名), without a scheme; those below them may be shown too. Each must serve the platform's confirm
    /// file first.
    #[schemars(extend("x-wire" = "wxa_jump_h5_domain", "x-limit" = "300", "x-calls" = ["modify_wxa_jump_domain get", "modify_wxa_jump_domain add", "modify_wxa_jump_domain delete", "get_domain_confirmfile"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webview: Option<Vec<String>>,
}

impl PlatformDomainsSpec {
    /// The lists that are declared, in small letters.
    #[must_use]
    pub fn lists(&self) -> BTreeMap<List, BTreeSet<String>> {
        let both = [(List::Server, &self.hosts), (List::Webview, &self.webview)];
        let given = both
            .into_iter()
            .filter_map(|(list, hosts)| Some((list, hosts.as_ref()?)));
        given
            .map(|(list, hosts)| {
                let hosts = hosts.iter().map(|host| host.trim().to_ascii_lowercase());
                (list, hosts.collect())
            })
            .collect()
    }

    /// Checks the hosts.
    pub fn check(&self, path: &SpecPath, found: &mut Diagnostics) {
        let both = [
            ("hosts", &self.hosts, MOST),
            ("webview", &self.webview, MOST_WEBVIEW),
        ];
        for (name, hosts, most) in both {
            let (path, hosts) = (path.field(name), hosts.as_deref().unwrap_or_default());
            let mut first: BTreeMap<String, usize> = BTreeMap::new();
            for (index, host) in hosts.iter().enumerate() {
                if let Some(before) = first.insert(normal(host), index) {
                    found.error(
                        "WX1343",
                        path.index(index),
                        format!("`{host}` stands twice in the list"),
                        format!("item {} is the same host", before + 1),
                        Some("capitals make no difference; take one of them out"),
                    );
                    continue;
                }
                // A port belongs to a mini-program's list, and none stands here.
                if read_host(host, None).is_err() || host.contains(':') {
                    found.error(
                        "WX1341",
                        path.index(index),
                        format!("`{host}` cannot stand in a platform's list"),
                        "a host is expected, without a scheme, a port or a path",
                        Some("write it as `api.example.com`"),
                    );
                }
            }
            if hosts.len() > most {
                found.error(
                    "WX1341",
                    path,
                    format!("{} hosts are more than a platform may have", hosts.len()),
                    format!("at most {most} are expected"),
                    Some("remove those that no mini-program needs any more"),
                );
            }
        }
    }
}
