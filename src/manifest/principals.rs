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

#[cfg(test)]
mod tests {
    use crate::manifest::{Source, codes, load};
    use crate::wechat::domain::MOST_PRINCIPALS;

    /// How often so many tenants of a principal each, with these domains, are said to be too many.
    fn said(tenants: usize, domains: &str) -> usize {
        let each = |n: usize| {
            format!(
                "---\n{{apiVersion: wxops.io/v1alpha1, kind: Tenant, metadata: {{name: t{n}}}, spec: {{platformRef: {{name: main}}, \
                 principal: {{name: 第{n}舞蹈有限公司}}, miniPrograms: [{{name: main, domains: {{{domains}}}}}]}}}}\n"
            )
        };
        let text: String = (0..tenants).map(each).collect();
        let problems = load(vec![Source::new("all.yaml", text)]).problems;
        let of_it = problems.iter();
        of_it
            .filter(|problem| problem.code == codes::DOMAIN_PRINCIPALS)
            .count()
    }

    #[test]
    fn pages_that_are_set_directly_have_the_limit_of_servers() {
        for domains in [
            "via: direct, webview: [h5.example.com]",
            "via: direct, udp: [u.example.com]",
        ] {
            assert_eq!(said(MOST_PRINCIPALS, domains), 0, "{domains}");
            assert_eq!(said(MOST_PRINCIPALS + 2, domains), 1, "{domains}");
        }
    }

    #[test]
    fn through_the_platform_a_host_serves_any_number_of_principals() {
        let domains = "via: platform, hosts: [api.example.com], webview: [h5.example.com]";
        assert_eq!(said(MOST_PRINCIPALS + 2, domains), 0);
    }
}
