//! The table of resources, in the order in which their steps are made.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::app::{
    Avatar, Categories, Code, DataPrefetch, DnsPrefetch, Domains, FollowComponent, LocationApis,
    MinBaseLibrary, Nickname, OrderPath, Plugins, Privacy, Searchable, Serving, Signature, Testers,
    Turned,
};
use super::apps;
use super::at::accounts;
use super::compared::Compared;
use super::industry::Industry;
use super::links::Links;
use super::menu::Menu;
use super::open_account::OpenAccount;
use super::options::Options;
use super::personal_registration::PersonalRegistration;
use super::platform_domains::PlatformDomains;
use super::policy;
use super::refs;
use super::registration::{self, Registration};
use super::spec;
use super::subscribe_messages::SubscribeMessages;
use super::tags::Tags;
use super::templates::Templates;
use super::windows;
use super::{
    Assumption, At, AtMostOnce, Facts, Kind, Observation, Outputs, Part, Resource, TenantSpec,
    View, kept,
};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Text, Verdict, Why};
use crate::wechat::{Appid, Call, Endpoint};

/// A resource without its types, so that all of them stand in one table.
pub trait Managed: Sync {
    /// The name in manifests, plans and records.
    fn name(&self) -> &'static str;
    /// Whether accounts of a kind have it.
    fn is_of(&self, kind: Kind) -> bool;
    /// Permission sets, one of which an account of a kind must grant.
    fn sets(&self, kind: Kind) -> &'static [u16];
    /// Where an account's spec of it stands in a tenant's spec.
    fn path(&self, at: &At) -> SpecPath;
    /// Whether the tenant asks for something of it for an account.
    fn declared(&self, tenant: &TenantSpec, at: &At) -> bool;
    /// Whether the things of two keys stand in one list at WeChat.
    fn in_one_list(&self, key: &str, other: &str) -> bool;
    /// Offline checks.
    fn check(&self, tenant: &TenantSpec, found: &mut Diagnostics);
    /// Reads that are still missing before [`Managed::compare`] can tell.
    fn needs(&self, tenant: &TenantSpec, view: &View<'_>) -> Vec<Call>;
    /// Reads that are still missing before [`Managed::export`] can tell.
    fn needs_to_export(&self, view: &View<'_>) -> Vec<Call>;
    /// The reads that show what a write of it did.
    fn shown_by(&self) -> &'static [&'static Endpoint];
    /// Other reads that a refusal may rest on.
    fn rests_on(&self, account: &Appid) -> Vec<Call>;
    /// Whether it makes the account that it is declared of.
    fn makes_the_account(&self) -> bool;
    /// Whether WeChat never gives back what is there.
    fn never_shown(&self) -> bool;
    /// The endpoints whose last operation it has to know.
    fn recalls(&self) -> &'static [&'static Endpoint];
    /// The operations themselves, by their actions.
    fn recalled(
        &self,
        tenant: &TenantSpec,
        at: &At,
        app_id: &dyn Fn(&str) -> Option<Appid>,
    ) -> Vec<String>;
    /// Why WeChat may accept a write of it and show nothing, where there is more to say than that.
    fn not_shown_because(&self) -> Option<Text>;
    /// Compares desired and observed.
    fn compare(&self, tenant: &TenantSpec, view: &View<'_>) -> Compared;
    /// What is there, as a manifest would say it below [`Managed::path`]; `None` where there is nothing to declare.
    ///
    /// # Errors
    /// [`Why`] where it is not known, or no manifest can say it.
    fn export(&self, view: &View<'_>) -> Result<Option<Value>, Why>;
    /// How a manifest says that there must be none, below [`Managed::path`].
    fn nothing(&self) -> Option<Value>;
    /// What would be remembered had wxops made what is there.
    fn assume(
        &self,
        tenant: &TenantSpec,
        view: &View<'_>,
        key: &str,
        same: bool,
    ) -> Result<Option<Assumption>, Text>;
    /// What WeChat left out of a call that it answered with success.
    fn partly(&self, call: &Call, body: &Value) -> BTreeMap<String, Part>;
    /// What a call names, where a refusal of it does not tell which of it is meant.
    fn about(&self, call: &Call) -> Option<Text>;
    /// How its doubtful calls are settled.
    fn at_most_once(&self) -> Option<&'static dyn AtMostOnce>;
}

impl<R: Resource + Sync> Managed for R {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn sets(&self, kind: Kind) -> &'static [u16] {
        R::sets_of(kind)
    }

    fn is_of(&self, kind: Kind) -> bool {
        R::OF.contains(&kind)
    }

    fn path(&self, at: &At) -> SpecPath {
        R::path(at)
    }

    fn in_one_list(&self, key: &str, other: &str) -> bool {
        R::in_one_list(key, other)
    }

    fn declared(&self, tenant: &TenantSpec, at: &At) -> bool {
        spec_of::<R>(tenant, at).is_some_and(|spec| !R::asks_nothing(spec))
    }

    fn check(&self, tenant: &TenantSpec, found: &mut Diagnostics) {
        // What belongs to the tenant is declared once, and every account has it.
        let mut checked = BTreeSet::new();
        for at in accounts(tenant) {
            if let Some(spec) = spec_of::<R>(tenant, &at)
                && checked.insert(R::path(&at))
            {
                R::check(spec, &at, found);
            }
        }
    }

    fn needs(&self, tenant: &TenantSpec, view: &View<'_>) -> Vec<Call> {
        spec_of::<R>(tenant, view.at).map_or_else(Vec::new, |spec| R::needs(Some(spec), view))
    }

    fn needs_to_export(&self, view: &View<'_>) -> Vec<Call> {
        if R::EXPORTED {
            R::needs(None, view)
        } else {
            Vec::new()
        }
    }

    fn compare(&self, tenant: &TenantSpec, view: &View<'_>) -> Compared {
        let Some(spec) = spec_of::<R>(tenant, view.at) else {
            return Compared::default();
        };
        let observed = R::observe(view);
        let mut outputs = Outputs::new();
        let mut live = None;
        if let Observation::Present(state) = &observed {
            R::outputs(spec, state, view, &mut outputs);
            live = exported::<R>(state);
        }
        let compared = match R::desire(spec, view) {
            Err(waiting) => Compared {
                verdicts: super::only(Verdict::Waiting(*waiting)),
                ..Compared::default()
            },
            Ok(desired) => kept::compare::<R>(spec, &desired, &observed, view),
        };
        Compared {
            outputs,
            live,
            sign: R::sign(view),
            ..compared
        }
    }

    fn shown_by(&self) -> &'static [&'static Endpoint] {
        R::SHOWN_BY
    }

    fn rests_on(&self, account: &Appid) -> Vec<Call> {
        R::rests_on(account)
    }

    fn makes_the_account(&self) -> bool {
        R::MAKES_THE_ACCOUNT
    }

    fn never_shown(&self) -> bool {
        R::NEVER_SHOWN
    }

    fn recalls(&self) -> &'static [&'static Endpoint] {
        R::RECALLS
    }

    fn recalled(
        &self,
        tenant: &TenantSpec,
        at: &At,
        app_id: &dyn Fn(&str) -> Option<Appid>,
    ) -> Vec<String> {
        let Some(spec) = spec_of::<R>(tenant, at) else {
            return Vec::new();
        };
        let things = R::recalled_things(spec, app_id);
        let of = |endpoint: &Endpoint| match &things {
            None => vec![endpoint.action(None)],
            Some(things) => {
                let each = things.iter();
                each.map(|thing| endpoint.action(Some(thing))).collect()
            }
        };
        R::RECALLS
            .iter()
            .flat_map(|endpoint| of(endpoint))
            .collect()
    }

    fn not_shown_because(&self) -> Option<Text> {
        R::not_shown_because()
    }

    fn export(&self, view: &View<'_>) -> Result<Option<Value>, Why> {
        if !R::EXPORTED {
            return Ok(None);
        }
        match R::observe(view) {
            Observation::Present(state) if R::is_nothing(&state) => Ok(None),
            Observation::Present(state) => exported::<R>(&state)
                .map(Some)
                .ok_or_else(|| Why::not_writable(R::NAME)),
            Observation::Absent => Ok(None),
            Observation::Unknown(why) => Err(why),
        }
    }

    fn nothing(&self) -> Option<Value> {
        serde_json::to_value(R::nothing()?).ok()
    }

    fn assume(
        &self,
        tenant: &TenantSpec,
        view: &View<'_>,
        key: &str,
        same: bool,
    ) -> Result<Option<Assumption>, Text> {
        match spec_of::<R>(tenant, view.at) {
            Some(spec) => R::assume(spec, view, key, same),
            None => Ok(None),
        }
    }

    fn partly(&self, call: &Call, body: &Value) -> BTreeMap<String, Part> {
        R::partly(call, body)
    }

    fn about(&self, call: &Call) -> Option<Text> {
        R::about(call)
    }

    fn at_most_once(&self) -> Option<&'static dyn AtMostOnce> {
        R::at_most_once()
    }
}

/// What a tenant declares of a resource for an account of a kind that has it.
fn spec_of<'a, R: Resource>(tenant: &'a TenantSpec, at: &At) -> Option<&'a R::Spec> {
    R::OF
        .contains(&at.kind())
        .then(|| R::spec(tenant, at))
        .flatten()
}

fn exported<R: Resource>(state: &R::State) -> Option<Value> {
    serde_json::to_value(R::export(state)?).ok()
}

/// Every resource, in the order in which their steps are made.
pub static RESOURCES: &[&dyn Managed] = &[
    &PlatformDomains,
    &Tags,
    &Menu,
    &Registration,
    &PersonalRegistration,
    &OpenAccount,
    &Links,
    &Industry,
    &Templates,
    &SubscribeMessages,
    &Options,
    &Nickname,
    &Signature,
    &Avatar,
    &Categories,
    &Turned(Searchable),
    &Turned(Serving),
    &MinBaseLibrary,
    &Domains,
    &DnsPrefetch,
    &DataPrefetch,
    &FollowComponent,
    &Plugins,
    &LocationApis,
    &OrderPath,
    &Testers,
    &Privacy,
    &Code,
];

/// The names of all resources.
#[must_use]
pub fn names() -> Vec<&'static str> {
    RESOURCES.iter().map(|resource| resource.name()).collect()
}

/// Checks everything a tenant declares, and that its policy names resources that exist.
pub fn check_all(tenant: &TenantSpec, found: &mut Diagnostics) {
    apps::check(tenant, found);
    refs::check(tenant, found);
    licence(tenant, found);
    windows::check(tenant, found);
    for resource in RESOURCES {
        resource.check(tenant, found);
    }
    policy::check(&tenant.policy, &names(), found);
}

/// The principal's licence is no resource: it is handed in where WeChat asks for it.
fn licence(tenant: &TenantSpec, found: &mut Diagnostics) {
    let principal = tenant.principal.as_ref();
    if let Some(licence) = principal.and_then(|principal| principal.license.as_ref()) {
        licence.check(&spec::licence_path(), found);
    }
}

/// The permission sets that one of a tenant's accounts must grant: of each resource that is declared for it the first of
/// those that would do.
#[must_use]
pub fn needed_sets(tenant: &TenantSpec, at: &At) -> BTreeSet<u16> {
    RESOURCES
        .iter()
        .filter(|resource| resource.declared(tenant, at))
        .filter_map(|resource| resource.sets(at.kind()).first().copied())
        .chain(registration::needed_sets(tenant, at))
        .collect()
}

/// The operations that must be known of an account before what is declared for it can be compared, by their actions.
/// `app_id` tells the appid of one of the tenant's mini-programs by its name.
#[must_use]
pub fn recalled(
    tenant: &TenantSpec,
    at: &At,
    app_id: &dyn Fn(&str) -> Option<Appid>,
) -> Vec<String> {
    let all = RESOURCES.iter();
    all.flat_map(|resource| resource.recalled(tenant, at, app_id))
        .collect()
}

/// The resource of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static dyn Managed> {
    RESOURCES.iter().copied().find(|one| one.name() == name)
}

/// The reads that a refusal of a resource's step may rest on.
#[must_use]
pub fn rests_on(resource: &str, account: &Appid) -> Vec<Call> {
    named(resource).map_or_else(Vec::new, |one| one.rests_on(account))
}

/// The resource that settles a doubtful call.
#[must_use]
pub fn settles(call: &Call) -> Option<&'static dyn AtMostOnce> {
    RESOURCES
        .iter()
        .filter_map(|resource| resource.at_most_once())
        .find(|resource| resource.knows(call))
}

/// What the tenant declares of an account and its policy leaves to us.
pub(super) fn managed<'a>(
    spec: &'a TenantSpec,
    at: &At,
) -> impl Iterator<Item = &'static dyn Managed> + use<'a> {
    let at = at.clone();
    RESOURCES.iter().copied().filter(move |resource| {
        let policy = spec.policy.resources.get(resource.name());
        resource.declared(spec, &at) && policy.is_none_or(|policy| policy.manage != Some(false))
    })
}

/// Whether an account grants one of the permission sets that a resource needs.
pub(super) fn granted(resource: &dyn Managed, facts: &Facts) -> bool {
    facts.grants(resource.sets(facts.kind))
}
