//! A platform that declares lists of its own is looked after like a tenant, under the name `@` and its own: so its steps are
//! planned, approved, journaled and remembered like all others. No tenant can be called so.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::codes;
use super::document::Document;
use super::loaded::{LoadedPlatform, LoadedTenant, Places};
use super::problem::Problem;
use super::source::Sources;
use super::tree::{Node, Value};
use crate::plan::diagnostic::On;
use crate::plan::path::SpecPath;
use crate::resource::app::domains::Via;
use crate::resource::at::accounts;
use crate::resource::spec::NameRef;
use crate::resource::{Files, PlatformDomainsSpec, TenantSpec};
use crate::wechat::domain::{host, normal};

/// What the name of a platform begins with where it stands among the tenants.
const SIGN: char = '@';

/// The name under which a platform stands among the tenants.
#[must_use]
pub fn subject_of(platform: &str) -> String {
    format!("{SIGN}{platform}")
}

/// Whether a name among the tenants is a platform's.
#[must_use]
pub fn is_platform(tenant: &str) -> bool {
    platform_among(tenant).is_some()
}

/// The platform that a name among the tenants is the one of, if it is.
#[must_use]
pub fn platform_among(tenant: &str) -> Option<&str> {
    tenant.strip_prefix(SIGN)
}

/// The platforms that declare lists of their own.
pub(super) fn subjects(
    platforms: &BTreeMap<String, LoadedPlatform>,
    documents: &BTreeMap<String, Document>,
    sources: &Arc<Sources>,
) -> Vec<LoadedTenant> {
    let with_lists = platforms.values().filter_map(|platform| {
        let lists = platform.spec.domains.clone()?;
        let document = documents.get(&platform.name)?;
        Some(LoadedTenant {
            name: subject_of(&platform.name),
            namespace: platform.namespace.clone(),
            labels: BTreeMap::new(),
            platform: platform.name.clone(),
            spec: TenantSpec {
                platform_ref: Some(NameRef {
                    name: platform.name.clone(),
                }),
                platform_domains: Some(lists),
                ..TenantSpec::default()
            },
            files: Files::new(),
            places: Places {
                sources: Arc::clone(sources),
                tree: Arc::new(document.spec.clone()),
                name: document.name_span,
                document: document.span,
                class: None,
            },
        })
    });
    with_lists.collect()
}

/// A host that a mini-program has through the platform must be on the platform's list: the next release drops it otherwise.
pub(super) fn check_hosts(
    spec: &TenantSpec,
    tree: &Node,
    platforms: &BTreeMap<String, Document>,
    problems: &mut Vec<Problem>,
) {
    let name = spec.platform_ref.as_ref().map(|platform| &platform.name);
    let Some(platform) = name.and_then(|name| platforms.get(name)) else {
        return;
    };
    let [server, webview] = LISTS.map(|list| listed(platform, list));
    for through in through(spec) {
        let known = if through.list == SERVER {
            &server
        } else {
            &webview
        };
        if known.as_ref().is_some_and(|known| !through.is_among(known)) {
            problems.push(not_listed(tree, &platform.name, &through));
        }
    }
}

/// The first host that a tenant's mini-programs have through the platform and that a platform's lists would lack.
#[must_use]
pub fn missed_host(tenant: &TenantSpec, platform: &PlatformDomainsSpec) -> Option<String> {
    let given = |hosts: &Option<Vec<String>>| {
        let hosts = hosts.as_ref()?.iter();
        Some(hosts.map(|host| normal(host)).collect::<Vec<_>>())
    };
    let (server, webview) = (given(&platform.hosts), given(&platform.webview));
    let mut all = through(tenant).into_iter();
    let missed = all.find(|through| {
        let known = if through.list == SERVER {
            &server
        } else {
            &webview
        };
        known.as_ref().is_some_and(|known| !through.is_among(known))
    });
    missed.map(|through| through.host)
}

/// The platform's list of servers' hosts, as its manifest calls it.
const SERVER: &str = "hosts";
/// That of pages' hosts.
const WEBVIEW: &str = "webview";
/// Both.
pub(super) const LISTS: [&str; 2] = [SERVER, WEBVIEW];

/// A host that a mini-program has through the platform.
struct Through {
    path: SpecPath,
    host: String,
    /// The one of the platform's lists that must have it.
    list: &'static str,
}

impl Through {
    /// Whether a list has it; of pages those below a host may be shown too.
    fn is_among(&self, known: &[String]) -> bool {
        let below = |known: &String| {
            let rest = self.host.strip_suffix(known.as_str());
            self.list == WEBVIEW && rest.is_some_and(|rest| rest.ends_with('.'))
        };
        known
            .iter()
            .any(|known| *known == self.host || below(known))
    }
}

fn through(spec: &TenantSpec) -> Vec<Through> {
    let mut all = Vec::new();
    for at in accounts(spec) {
        let declared = at.item(spec).and_then(|item| item.domains.as_ref());
        let Some(domains) = declared.filter(|one| one.via == Some(Via::Platform)) else {
            continue;
        };
        for (field, hosts) in domains.written() {
            let list = if field == WEBVIEW { WEBVIEW } else { SERVER };
            all.extend(hosts.iter().enumerate().map(|(index, written)| Through {
                path: at.root().field("domains").field(field).index(index),
                host: host(&normal(written)).to_owned(),
                list,
            }));
        }
    }
    all
}

fn not_listed(tree: &Node, platform: &str, through: &Through) -> Problem {
    let Through { path, host, list } = through;
    Problem::error(
        codes::HOST_NOT_LISTED,
        tree.locate(path).span(On::Value),
        format!("`{host}` is not among the hosts of platform `{platform}`"),
    )
    .label("the next release would take it from the mini-program")
    .help(format!(
        "add it to `domains.{list}` of the Platform, or remove it here before it is removed there"
    ))
}

/// What a platform's document lists, whatever else is wrong with it. `None`: it declares no such list.
pub(super) fn listed(platform: &Document, list: &str) -> Option<Vec<String>> {
    let node = platform.spec.get("domains")?.get(list)?;
    match &node.value {
        Value::Seq(items) => {
            let hosts = items.iter().filter_map(|item| item.scalar());
            Some(hosts.map(|scalar| normal(&scalar.text)).collect())
        }
        Value::Scalar(_) | Value::Map(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The host that a platform with this list lacks, of a mini-program with these domains.
    fn missed(domains: serde_json::Value, lists: serde_json::Value) -> Option<String> {
        let tenant = json!({"miniPrograms": [{"name": "main", "domains": domains}]});
        let tenant: TenantSpec = serde_json::from_value(tenant).unwrap();
        missed_host(&tenant, &serde_json::from_value(lists).unwrap())
    }

    #[test]
    fn a_page_may_be_below_a_listed_host_and_a_server_may_not() {
        let lists = json!({"hosts": ["Example.com"], "webview": ["Example.com"]});
        for host in ["example.com", "EXAMPLE.com", "h5.example.com"] {
            let pages = json!({"via": "platform", "webview": [host]});
            assert_eq!(missed(pages, lists.clone()), None, "{host}");
        }
        for host in ["notexample.com", "example.com.cn"] {
            let pages = json!({"via": "platform", "webview": [host]});
            assert_eq!(missed(pages, lists.clone()).as_deref(), Some(host));
        }
        for (host, lacks) in [
            ("example.com:8443", None),
            ("h5.example.com", Some("h5.example.com")),
        ] {
            let servers = json!({"via": "platform", "hosts": [host]});
            assert_eq!(missed(servers, lists.clone()).as_deref(), lacks);
            let directly = json!({"via": "direct", "hosts": [host]});
            assert_eq!(missed(directly, lists.clone()), None);
        }
        // What a platform does not declare it does not take away.
        let servers = json!({"via": "platform", "hosts": ["h5.example.com"]});
        assert_eq!(missed(servers, json!({"webview": []})), None);
    }
}
