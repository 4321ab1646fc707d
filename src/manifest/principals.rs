//! A host that is set directly (via: direct) serves the mini-programs of at most 100 principals (主体): counted over all
//! tenants, by the principals that they name.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::codes;
use super::problem::Problem;
use super::tree::Node;
use crate::plan::diagnostic::On;
use crate::plan::path::SpecPath;
use crate::resource::app::domains::Via;
use crate::resource::at::accounts;
use crate::resource::{At, TenantSpec};
use crate::wechat::domain::{MOST_PRINCIPALS, host};

/// The principals that each host serves.
pub(super) type Served = HashMap<String, BTreeSet<String>>;

/// Reports, once, each host that serves one principal too many with this tenant.
pub(super) fn check(
    spec: &TenantSpec,
    tree: &Node,
    served: &mut Served,
    problems: &mut Vec<Problem>,
) {
    let principal = spec.principal.as_ref();
    let Some(principal) = principal.and_then(|principal| principal.name.as_ref()) else {
        return;
    };
    for (host, path) in direct(spec) {
        let known = served.entry(host.clone()).or_default();
        if known.insert(principal.clone()) && known.len() == MOST_PRINCIPALS + 1 {
            let span = tree.locate(&path).span(On::Value);
            problems.push(
                Problem::error(
                    codes::DOMAIN_PRINCIPALS,
                    span,
                    format!("`{host}` is set directly for more than {MOST_PRINCIPALS} principals"),
                )
                .label("one too many here")
                .help("a host serves no more of them by `via: direct`: put it on the platform's list and write `via: platform`, or give some of them another host"),
            );
        }
    }
}

/// The principal that a tenant names, and the hosts that it sets directly; empty without a principal.
#[must_use]
pub fn served_directly(spec: &TenantSpec) -> Vec<(String, String)> {
    let principal = spec.principal.as_ref();
    let principal = principal.and_then(|principal| principal.name.as_ref());
    let each = |name: &String| {
        let hosts = direct(spec).into_keys();
        hosts.map(|host| (host, name.clone())).collect()
    };
    principal.map(each).unwrap_or_default()
}

/// The hosts that a tenant sets directly, each with the place that says so first.
fn direct(spec: &TenantSpec) -> BTreeMap<String, SpecPath> {
    let mut hosts = BTreeMap::new();
    for at in accounts(spec) {
        let declared = at.item(spec).and_then(|item| item.domains.as_ref());
        let Some(domains) = declared.filter(|one| one.via == Some(Via::Direct)) else {
            continue;
        };
        let server = domains.server().into_values().flatten();
        for domain in server.chain(domains.webview().unwrap_or_default()) {
            let path = via(&at);
            hosts.entry(host(&domain).to_owned()).or_insert(path);
        }
    }
    hosts
}

fn via(at: &At) -> SpecPath {
    at.root().field("domains").field("via")
}
