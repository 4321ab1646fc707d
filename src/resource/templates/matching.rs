//! Which template at WeChat is which of the manifest's. Pure, and never a guess.
//!
//! ```text
//!   the item's own `id`        it is there                                        that one
//!   the id we remember         it is there and looks as declared, or was
//!                              added for exactly what is declared now              that one
//!   title and labels           one template looks so, and no other item does      that one
//!                              several look so, or several items                   unclear
//!                              none                                                missing
//! ```

use std::collections::{BTreeMap, BTreeSet};

use super::output;
use super::spec::{TemplateSpec, TemplatesSpec};
use super::state::TemplatesState;
use crate::plan::{Address, Digest};
use crate::resource::View;

/// Items and templates, put together.
#[derive(Debug, Default, PartialEq)]
pub(in crate::resource) struct Matching<'a> {
    /// Ids of the items that are there, by name.
    pub(in crate::resource) in_force: BTreeMap<&'a str, &'a str>,
    /// Items that could be several templates, or that share one with another item, with those templates' ids.
    pub(in crate::resource) unclear: BTreeMap<&'a str, Vec<&'a str>>,
    /// Items that are not there, with their place in the manifest.
    pub(in crate::resource) missing: Vec<(usize, &'a TemplateSpec)>,
    /// What a missing item was until the manifest changed, by the item's name: in use until its successor is there.
    pub(in crate::resource) predecessors: BTreeMap<&'a str, &'a str>,
    /// Ids of templates that nobody declared.
    pub(in crate::resource) foreign: Vec<&'a str>,
}

/// Puts them together, for the resource `of`. `desired` is the state of `spec`.
pub(in crate::resource) fn matching<'a>(
    of: &'static str,
    spec: &'a TemplatesSpec,
    desired: &TemplatesState,
    live: &'a TemplatesState,
    view: &View<'_>,
) -> Matching<'a> {
    let mut found = Matching::default();
    let mut open: Vec<(usize, &TemplateSpec)> = spec.items.iter().enumerate().collect();
    open.retain(|(_, item)| !found.claim(item, live, item.id.as_ref()));
    open.retain(|(_, item)| {
        let id = remembered(of, item, desired, live, view);
        !found.claim(item, live, id)
    });
    found.by_looks(&open, desired, live);
    found.predecessors = predecessors(of, &found, live, view);
    let used: BTreeSet<&str> = found
        .in_force
        .values()
        .chain(found.predecessors.values())
        .chain(found.unclear.values().flatten())
        .copied()
        .collect();
    found.foreign = live
        .templates
        .iter()
        .filter(|(_, template)| !template.built_in)
        .map(|(id, _)| id.as_str())
        .filter(|id| !used.contains(id))
        .collect();
    found
}

impl<'a> Matching<'a> {
    /// Gives a template to an item, if it is there and nobody has it.
    fn claim(
        &mut self,
        item: &'a TemplateSpec,
        live: &'a TemplatesState,
        id: Option<&String>,
    ) -> bool {
        let Some((id, _)) = id.and_then(|id| live.templates.get_key_value(id)) else {
            return false;
        };
        if self.in_force.values().any(|taken| *taken == id.as_str()) {
            return false;
        }
        self.in_force.insert(&item.name, id);
        true
    }

    /// What no id decides, title and labels do.
    fn by_looks(
        &mut self,
        open: &[(usize, &'a TemplateSpec)],
        desired: &TemplatesState,
        live: &'a TemplatesState,
    ) {
        let taken: BTreeSet<&str> = self.in_force.values().copied().collect();
        let mut candidates: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut wanted: BTreeMap<&str, usize> = BTreeMap::new();
        for (_, item) in open {
            let ids: Vec<&str> = live
                .templates
                .iter()
                .filter(|(id, _)| !taken.contains(id.as_str()))
                .filter(|(_, template)| {
                    let desired = desired.templates.get(&item.name);
                    desired.is_some_and(|desired| desired.is_shown_as(template))
                })
                .map(|(id, _)| id.as_str())
                .collect();
            for id in &ids {
                *wanted.entry(*id).or_default() += 1;
            }
            candidates.insert(&item.name, ids);
        }
        for (index, item) in open {
            let ids = candidates.remove(item.name.as_str()).unwrap_or_default();
            match ids.as_slice() {
                [] => self.missing.push((*index, *item)),
                [id] if wanted.get(id) == Some(&1) => {
                    self.in_force.insert(&item.name, id);
                }
                _ => {
                    self.unclear.insert(&item.name, ids);
                }
            }
        }
    }
}

/// The id we remember for an item, if it is there and still the item's.
fn remembered<'v>(
    of: &'static str,
    item: &TemplateSpec,
    desired: &TemplatesState,
    live: &TemplatesState,
    view: &'v View<'_>,
) -> Option<&'v String> {
    let id = view.outputs.get(&output(of, &item.name))?;
    let template = live.templates.get(id)?;
    let desired = desired.templates.get(&item.name)?;
    let added_for_this = || {
        let record = view
            .records
            .get(&Address::of(of).with_key(item.name.as_str()));
        let digest = Digest::of(desired);
        let unseen = record.and_then(|record| record.unseen.as_ref());
        if unseen.is_some_and(|unseen| unseen.sent.as_ref() == Some(&digest)) {
            return true;
        }
        match record.and_then(|record| record.applied.as_ref()) {
            Some(applied) => applied.digest == digest,
            // Its add was settled, and the pass died before it wrote what for, or a person settled it.
            None => desired.labels.is_empty() || desired.labels == template.labels,
        }
    };
    (desired.is_shown_as(template) || added_for_this()).then_some(id)
}

/// What the missing items were before.
fn predecessors<'a>(
    of: &'static str,
    found: &Matching<'a>,
    live: &'a TemplatesState,
    view: &View<'_>,
) -> BTreeMap<&'a str, &'a str> {
    found
        .missing
        .iter()
        .filter_map(|(_, item)| {
            let id = view.outputs.get(&output(of, &item.name))?;
            let (id, _) = live.templates.get_key_value(id)?;
            let taken = found.in_force.values().any(|taken| *taken == id.as_str());
            (!taken).then_some((item.name.as_str(), id.as_str()))
        })
        .collect()
}
