//! The table of resources, in the order in which their steps are made.

use std::collections::{BTreeMap, BTreeSet};

use super::menu::Menu;
use super::open_account::OpenAccount;
use super::{AtMostOnce, Facts, Observation, Outputs, Resource, Seen, TenantSpec};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Digest, Verdict, WhyKind};
use crate::wechat::Call;

/// A resource without its types, so that all of them stand in one table.
pub trait Managed: Sync {
    /// The name in manifests, plans and records.
    fn name(&self) -> &'static str;
    /// Permission sets, one of which must be granted.
    fn sets(&self) -> &'static [u16];
    /// Where the spec stands in a tenant's spec.
    fn path(&self) -> SpecPath;
    /// Whether the tenant declares it.
    fn declared(&self, tenant: &TenantSpec) -> bool;
    /// Offline checks.
    fn check(&self, tenant: &TenantSpec, found: &mut Diagnostics);
    /// Reads that are still missing.
    fn needs(&self, facts: &Facts, seen: &Seen) -> Vec<Call>;
    /// Compares desired and observed.
    fn compare(&self, tenant: &TenantSpec, facts: &Facts, seen: &Seen) -> Compared;
    /// How its doubtful calls are settled.
    fn at_most_once(&self) -> Option<&'static dyn AtMostOnce>;
}

/// What comparing one resource gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Compared {
    /// Empty: in sync.
    pub verdicts: BTreeMap<String, Verdict>,
    /// Digest of the desired state, where it is known.
    pub desired: Option<Digest>,
    /// What business code may ask for.
    pub outputs: Outputs,
}

impl<R: Resource + Sync> Managed for R {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn sets(&self) -> &'static [u16] {
        R::SETS
    }

    fn path(&self) -> SpecPath {
        R::path()
    }

    fn declared(&self, tenant: &TenantSpec) -> bool {
        R::spec(tenant).is_some()
    }

    fn check(&self, tenant: &TenantSpec, found: &mut Diagnostics) {
        if let Some(spec) = R::spec(tenant) {
            R::check(spec, found);
        }
    }

    fn needs(&self, facts: &Facts, seen: &Seen) -> Vec<Call> {
        R::needs(facts, seen)
    }

    fn compare(&self, tenant: &TenantSpec, facts: &Facts, seen: &Seen) -> Compared {
        let Some(spec) = R::spec(tenant) else {
            return Compared::default();
        };
        let observed = R::observe(facts, seen);
        let mut outputs = Outputs::new();
        if let Observation::Present(state) = &observed {
            R::outputs(state, &mut outputs);
        }
        match R::desire(spec, facts) {
            Err(waiting) => Compared {
                verdicts: super::only(Verdict::Waiting(*waiting)),
                desired: None,
                outputs,
            },
            Ok(desired) => Compared {
                verdicts: R::diff(spec, &desired, &observed, facts),
                desired: Some(Digest::of(&desired)),
                outputs,
            },
        }
    }

    fn at_most_once(&self) -> Option<&'static dyn AtMostOnce> {
        R::at_most_once()
    }
}

/// Every resource, in the order in which their steps are made.
pub static RESOURCES: &[&dyn Managed] = &[&Menu, &OpenAccount];

/// Checks everything a tenant declares, and that its policy names resources that exist.
pub fn check_all(tenant: &TenantSpec, found: &mut Diagnostics) {
    for resource in RESOURCES {
        resource.check(tenant, found);
    }
    let names: Vec<&str> = RESOURCES.iter().map(|resource| resource.name()).collect();
    for name in tenant.policy.resources.keys() {
        if !names.contains(&name.as_str()) {
            found.error(
                "WX1220",
                SpecPath::root()
                    .field("policy")
                    .field("resources")
                    .field(name),
                format!("`{name}` is no resource"),
                "unknown resource",
                Some(format!("the resources are {}", names.join(", "))),
            );
        }
    }
}

/// The permission sets a tenant needs: of each resource it declares the first of those that would do.
#[must_use]
pub fn needed_sets(tenant: &TenantSpec) -> BTreeSet<u16> {
    RESOURCES
        .iter()
        .filter(|resource| resource.declared(tenant))
        .filter_map(|resource| resource.sets().first().copied())
        .collect()
}

/// The resource that settles a doubtful call.
#[must_use]
pub fn settles(call: &Call) -> Option<&'static dyn AtMostOnce> {
    RESOURCES
        .iter()
        .filter_map(|resource| resource.at_most_once())
        .find(|resource| resource.knows(call))
}

impl Compared {
    /// Whether desired and observed agree.
    #[must_use]
    pub fn in_sync(&self) -> bool {
        self.verdicts.is_empty() && self.desired.is_some()
    }

    /// Whether a read failed.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.verdicts.values().any(
            |verdict| matches!(verdict, Verdict::Unknown(why) if why.kind == WhyKind::ReadFailed),
        )
    }
}
