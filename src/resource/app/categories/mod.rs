//! The service categories (服务类目) of a mini-program: what it may offer, and so what its code is reviewed for.
//!
//! Names are looked up among the categories that its principal may have. What needs documents is reviewed; of what was
//! rejected the reason is said, and it is not handed in again by itself. A category that the manifest does not list is
//! deleted only when somebody says yes: code that is submitted under it could not be submitted any more.

mod due;
mod journal;
mod spec;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

pub use due::rejected;
pub use spec::CategorySpec;

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Digest, Observation, Verdict, Waiting};
use crate::resource::{At, AtMostOnce, Kind, Resource, TenantSpec, View, only, payload};
use crate::wechat::category::{self, Allowed, CategoryId, OwnCategories};
use crate::wechat::{Call, Endpoint};

/// The resource.
pub struct Categories;

/// Categories by what the manifest, or WeChat, calls them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CategoriesState {
    /// First and second level; `None`: a name that is not found.
    pub by_label: BTreeMap<String, Option<(i64, i64)>>,
}

impl Resource for Categories {
    const NAME: &'static str = "categories";
    const OF: &'static [Kind] = &[Kind::App];
    const SETS: &'static [u16] = category::ADD.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&category::OWN];
    type Spec = Vec<CategorySpec>;
    type State = CategoriesState;

    fn path(at: &At) -> SpecPath {
        at.root().field(Self::NAME)
    }

    fn spec<'a>(tenant: &'a TenantSpec, at: &At) -> Option<&'a Vec<CategorySpec>> {
        at.item(tenant)?.categories.as_ref()
    }

    fn check(spec: &Vec<CategorySpec>, at: &At, found: &mut Diagnostics) {
        spec::check(spec, &Self::path(at), found);
    }

    fn needs(spec: Option<&Vec<CategorySpec>>, view: &View<'_>) -> Vec<Call> {
        if !due::through_api(view) {
            return Vec::new();
        }
        let own = category::own_request(view.account());
        if !view.seen.contains_key(&own) {
            return vec![own];
        }
        // The list of all is long: it is read where a name is none of its own, and before something is added.
        let (Some(spec), Ok(live)) = (spec, live(view)) else {
            return Vec::new();
        };
        let has = |one: &CategorySpec| one.among(&live).is_some();
        let allowed = category::allowed_request(view.account());
        if spec.iter().all(has) || view.seen.contains_key(&allowed) {
            Vec::new()
        } else {
            vec![allowed]
        }
    }

    fn observe(view: &View<'_>) -> Observation<CategoriesState> {
        if let Some(why) = due::not_shown(view) {
            return Observation::Unknown(why);
        }
        match live(view) {
            Err(why) => Observation::Unknown(why),
            Ok(live) => {
                let all = live.categories.iter();
                let by_label = all.map(|one| (spec::label_of(one), Some(numbers(one.id()))));
                Observation::Present(CategoriesState {
                    by_label: by_label.collect(),
                })
            }
        }
    }

    fn desire(spec: &Vec<CategorySpec>, view: &View<'_>) -> Result<CategoriesState, Box<Waiting>> {
        if let Some(waiting) = due::not_through_api(view) {
            return Err(Box::new(waiting));
        }
        let live = live(view).ok();
        let allowed = allowed(view).ok();
        let id = |one: &CategorySpec| {
            let own = live.as_ref().and_then(|live| one.among(live));
            own.or_else(|| one.id())
                .or_else(|| one.named_in(allowed.as_ref()?))
        };
        let all = spec.iter();
        let by_label = all.map(|one| (one.label(), id(one).map(numbers)));
        Ok(CategoriesState {
            by_label: by_label.collect(),
        })
    }

    fn diff(
        spec: &Vec<CategorySpec>,
        desired: &CategoriesState,
        _observed: &Observation<CategoriesState>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict> {
        match live(view) {
            Err(why) => only(Verdict::Unknown(why)),
            Ok(live) => due::verdicts(spec, desired, &live, view),
        }
    }

    fn digests(desired: &CategoriesState) -> BTreeMap<String, Digest> {
        let known = desired.by_label.iter();
        let known = known.filter_map(|(label, id)| Some((label.clone(), Digest::of(&(*id)?))));
        known.collect()
    }

    /// A category is this one or another, in whatever spelling.
    fn shown(_: &CategoriesState, _: &CategoriesState) -> BTreeMap<String, Digest> {
        BTreeMap::new()
    }

    fn export(observed: &CategoriesState) -> Option<Vec<CategorySpec>> {
        let all = observed.by_label.iter();
        all.map(|(label, id)| CategorySpec::of(label, (*id)?))
            .collect()
    }

    fn is_nothing(observed: &CategoriesState) -> bool {
        observed.by_label.is_empty()
    }

    fn nothing() -> Option<Vec<CategorySpec>> {
        Some(Vec::new())
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&Categories)
    }
}

fn numbers(CategoryId { first, second }: CategoryId) -> (i64, i64) {
    (first, second)
}

fn live(view: &View<'_>) -> Result<OwnCategories, crate::plan::Why> {
    let read = category::own_request(view.account());
    payload(&category::OWN, view.seen.get(&read))
}

fn allowed(view: &View<'_>) -> Result<Allowed, crate::plan::Why> {
    let read = category::allowed_request(view.account());
    payload(&category::ALLOWED, view.seen.get(&read))
}
