//! Registering a tenant's mini-programs with the principal of its official account (复用公众号主体快速注册小程序).
//!
//! It acts through the official account, once for each item that asks for it and has no account yet. The account's
//! administrator scans, and the ticket of that scan is spent by one call. What this room promises: nothing is registered
//! while a mini-program is about that may be the one, whoever made it: linked to the official account, or authorized to
//! the platform and of the same principal, and not known to be another. A person says what it is.
//!
//! WeChat's page: developers.weixin.qq.com, `registerMiniprogramByOffiaccount`.

mod backdrop;
mod candidate;
pub(super) mod due;
mod journal;
mod spec;

use std::collections::BTreeMap;

use serde::Serialize;

pub use backdrop::{AskedBefore, Backdrop};
pub(super) use spec::check_refs;
pub use spec::{RegistrationSpec, ReuseSpec};

use self::due::Due;
use super::personal_registration::earlier;
use super::spec::MiniProgramSpec;
use super::{At, AtMostOnce, Facts, Kind, Observation, Resource, TenantSpec, View, same_principal};
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Digest, Verdict, Waiting, Whose, Why};
use crate::wechat::{Appid, Call, Endpoint, basic_info, link, registration};

/// The permission set that registering takes, which one platform alone may hold.
const SET: u16 = 27;

/// The resource.
pub struct Registration;

/// The mini-programs that wait to be registered, or what is about that may be one of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum RegistrationState {
    /// Desired: these items.
    Items(Vec<String>),
    /// Observed: what is about, and what the official account was linked to.
    About(candidate::About),
}

/// An item that asks for a registration and has no account.
struct Unregistered<'a> {
    index: usize,
    item: &'a MiniProgramSpec,
    how: &'a ReuseSpec,
}

impl Resource for Registration {
    const NAME: &'static str = "registration";
    const OF: &'static [Kind] = &[Kind::Official];
    /// Asked for item by item: what is registered needs it no more.
    const SETS: &'static [u16] = &[];
    const SHOWN_BY: &'static [&'static Endpoint] = &[&link::GET];
    const EXPORTED: bool = false;
    type Spec = Vec<MiniProgramSpec>;
    type State = RegistrationState;

    fn path(_at: &At) -> SpecPath {
        SpecPath::root().field("miniPrograms")
    }

    fn spec<'a>(tenant: &'a TenantSpec, _at: &At) -> Option<&'a Vec<MiniProgramSpec>> {
        let items = &tenant.mini_programs;
        items
            .iter()
            .any(MiniProgramSpec::reuses_official_account)
            .then_some(items)
    }

    /// The items are checked with what they refer to, whether the tenant has an official account or not.
    fn check(_spec: &Vec<MiniProgramSpec>, _at: &At, _found: &mut Diagnostics) {}

    fn needs(spec: Option<&Vec<MiniProgramSpec>>, view: &View<'_>) -> Vec<Call> {
        let Some(items) = spec.filter(|items| !unregistered(items, view).is_empty()) else {
            return Vec::new();
        };
        if due::not_now(view).is_some() {
            return Vec::new();
        }
        let account = view.account();
        let mut reads = vec![link::get_request(account)];
        for one in unregistered(items, view) {
            reads.extend(earlier::needs(&one.item.name, view));
        }
        if view.facts.grants(basic_info::GET.sets) {
            reads.push(basic_info::get_request(account));
        }
        // Only somebody's scan brings a registration near, and the whole list is long.
        if unregistered(items, view)
            .iter()
            .any(|one| view.backdrop.scanned.contains_key(&one.item.name))
        {
            reads.extend(same_principal::needs(view));
        }
        reads.retain(|read| !view.seen.contains_key(read));
        reads
    }

    fn observe(view: &View<'_>) -> Observation<RegistrationState> {
        match candidate::observe(view) {
            Ok(about) => Observation::Present(RegistrationState::About(about)),
            Err(why) => Observation::Unknown(why),
        }
    }

    fn desire(
        spec: &Vec<MiniProgramSpec>,
        view: &View<'_>,
    ) -> Result<RegistrationState, Box<Waiting>> {
        let names = unregistered(spec, view).into_iter();
        let names = names.map(|one| one.item.name.clone()).collect();
        Ok(RegistrationState::Items(names))
    }

    fn diff(
        spec: &Vec<MiniProgramSpec>,
        _desired: &RegistrationState,
        observed: &Observation<RegistrationState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        let not_now = due::not_now(view);
        let each = unregistered(spec, view).into_iter().map(|one| {
            let renamed = view.maybe_renamed(&one.item.name);
            let verdict = match (renamed.or(not_now.clone()), observed) {
                (Some(waiting), _) => Verdict::Waiting(waiting),
                (None, Observation::Present(RegistrationState::About(about))) => Due {
                    one: &one,
                    about,
                    view,
                }
                .verdict(),
                (None, Observation::Unknown(why)) => Verdict::Unknown(why.clone()),
                (None, Observation::Absent | Observation::Present(RegistrationState::Items(_))) => {
                    Verdict::Unknown(Why::not_asked(link::GET.name))
                }
            };
            (one, verdict)
        });
        due::one_at_a_time(each.collect(), view)
    }

    /// What is registered is no part of it any more: that is pinned.
    fn digests(desired: &RegistrationState) -> BTreeMap<String, Digest> {
        match desired {
            RegistrationState::Items(names) => names
                .iter()
                .map(|name| (name.clone(), Digest::of(name)))
                .collect(),
            RegistrationState::About(_) => BTreeMap::new(),
        }
    }

    /// A mini-program is there or not, in whatever spelling.
    fn shown(_: &RegistrationState, _: &RegistrationState) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    fn export(_observed: &RegistrationState) -> Option<Vec<MiniProgramSpec>> {
        None
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&Registration)
    }
}

/// The items that ask for a registration and have no account.
fn unregistered<'a>(items: &'a [MiniProgramSpec], view: &View<'_>) -> Vec<Unregistered<'a>> {
    let asks = items.iter().enumerate().filter_map(|(index, item)| {
        let how = item.registration.as_ref()?;
        let how = how.reuse_official_account.as_ref()?;
        let sibling = view.sibling(&Whose::app(&item.name))?;
        let none = sibling.appid.is_none();
        none.then_some(Unregistered { index, item, how })
    });
    asks.collect()
}

/// A mini-program that is about and may be the item of this name, which has no account, and the wait for a person to say.
pub(super) fn maybe_it(view: &View<'_>, name: &str) -> Option<(Appid, Waiting)> {
    let items = &view.spec.mini_programs;
    let one = unregistered(items, view)
        .into_iter()
        .find(|one| one.item.name == name)?;
    let about = &candidate::observe(view).ok()?;
    let due = Due {
        one: &one,
        about,
        view,
    };
    due.candidate()
}

/// The permission sets that a tenant's official account must grant for what is to be registered through it.
pub(super) fn needed_sets(tenant: &TenantSpec, at: &At) -> Vec<u16> {
    let asks = |item: &MiniProgramSpec| item.reuses_official_account() && item.app_id.is_none();
    if at.kind() == Kind::Official && tenant.mini_programs.iter().any(asks) {
        [&[SET], link::GET.sets].concat()
    } else {
        Vec::new()
    }
}

/// A permission set that registering takes and the official account has not granted, with those that would do as well.
pub(super) fn lacking(facts: &Facts) -> Option<&'static [u16]> {
    let mut needed = [&[SET], link::GET.sets].into_iter();
    needed.find(|sets| !facts.grants(sets))
}

/// Whether WeChat allows the principal one registration a month only: a sole trader (个体户).
#[must_use]
pub fn limit_of(seen: &super::Seen, official: &Appid) -> Option<u32> {
    const SOLE_TRADER: i64 = 12;
    let answer = seen.get(&basic_info::get_request(official));
    let info: basic_info::BasicInfo = super::payload(&basic_info::GET, answer).ok()?;
    (info.customer_type == Some(SOLE_TRADER)).then_some(registration::SOLE_TRADER_LIMIT)
}

#[cfg(test)]
mod tests;
