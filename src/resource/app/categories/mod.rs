//! The service categories (服务类目) of a mini-program: what it may offer, and so what its code is reviewed for.
//!
//! Names are looked up among the categories that its principal may have, and so are the documents that each needs. A
//! category that the manifest does not list is deleted only when somebody says yes: code that is submitted under it could
//! not be submitted any more.
//!
//! ```text
//!   not there, documents missing      what is missing is said, and nothing is sent
//!   not there                         added, with its documents
//!   under review                      waited for
//!   rejected, as it was handed in     WeChat's reason; not handed in again before the documents change
//!   rejected, other documents now     these are handed in, once
//!   approved, other documents now     said: WeChat takes them in its console alone
//!   approved, a document ends soon    said
//! ```

mod certificate;
mod due;
mod journal;
mod papers;
mod review;
mod spec;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

pub use certificate::CertificateSpec;
pub use review::told_rejected;
pub use spec::CategorySpec;

use jiff::Timestamp;

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Digest, Observation, Text, Verdict, Waiting};
use crate::resource::{
    Assumption, At, AtMostOnce, Kind, Resource, TenantSpec, View, only, payload,
};
use crate::wechat::category::{self, Allowed, CategoryId, OwnCategories};
use crate::wechat::{Call, Endpoint};

/// The resource.
pub struct Categories;

/// Categories by what the manifest, or WeChat, calls them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct CategoriesState {
    /// First and second level; `None`: a name that is not found.
    pub by_label: BTreeMap<String, Option<(i64, i64)>>,
    /// Digests of the documents that are to be handed in, where there are any. What was handed in is never shown.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub papers: BTreeMap<String, Digest>,
}

impl Resource for Categories {
    const NAME: &'static str = "categories";
    const OF: &'static [Kind] = &[Kind::App];
    const SETS: &'static [u16] = category::ADD.sets;
    const SHOWN_BY: &'static [&'static Endpoint] = &[&category::OWN];
    const RECALLS: &'static [&'static Endpoint] = &[&category::ADD, &category::MODIFY];
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
        // The list of all is long: it is read where a name is none of its own, and before something is handed in.
        let (Some(spec), Ok(live)) = (spec, live(view)) else {
            return Vec::new();
        };
        let has = |one: &CategorySpec| match one.among(&live) {
            None => false,
            Some(id) => {
                let mut there = live.categories.iter().filter(|there| there.id() == id);
                !there.any(|there| review::asks_for_papers(one, there))
            }
        };
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
                    papers: BTreeMap::new(),
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
            papers: papers::digests(spec, &Self::path(view.at), view.files),
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
        let digest = |(label, id): (&String, &Option<(i64, i64)>)| {
            let id = (*id)?;
            let digest = match desired.papers.get(label) {
                None => Digest::of(&id),
                Some(papers) => Digest::of(&(id, papers)),
            };
            Some((label.clone(), digest))
        };
        desired.by_label.iter().filter_map(digest).collect()
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

    /// Which categories there are WeChat shows; which documents they have, it does not.
    fn assume(
        spec: &Vec<CategorySpec>,
        view: &View<'_>,
        _key: &str,
        same: bool,
    ) -> Result<Option<Assumption>, Text> {
        let live = live(view).ok().filter(|_| same);
        Ok(live.and_then(|live| review::assumed(spec, &live, view)))
    }

    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        Some(&Categories)
    }
}

/// When each of the documents that a tenant declares ends, by the place that says so.
#[must_use]
pub fn certificates_end(tenant: &TenantSpec) -> Vec<(SpecPath, Timestamp)> {
    let mut found = Vec::new();
    for (index, item) in tenant.mini_programs.iter().enumerate() {
        let path = Categories::path(&At::app(&item.name, index));
        for (n, one) in item.categories.iter().flatten().enumerate() {
            let ends = one
                .certificates
                .iter()
                .map(CertificateSpec::ends)
                .enumerate();
            found.extend(ends.filter_map(|(m, ends)| {
                let at = spec::certificate_path(&path.index(n), m).field("expires");
                Some((at, ends?))
            }));
        }
    }
    found
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
