//! Equal changes of many tenants, said once.
//!
//! Two entries are equal when a reader could not tell them apart but by the tenant: the same thing, the same action,
//! the same fields from and to, from the same place where a class says so, held for the same reason. What a
//! `$(values.…)` fills in is part of the text, so it must be equal too. A command that names a tenant, a link that is
//! a tenant's own, a text with an appid in it keep their entries apart by themselves.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};

use super::{Context, Place};
use crate::plan::{Change, Entry, Step, TenantPlan, Verdict};

/// From this many tenants on an equal change is said once. Two are read quicker one below the other, each with its
/// own place; of three and more a reader asks in what they differ, and the answer is: in nothing.
const MANY: usize = 3;

/// A plan as it is shown.
pub(super) struct Folded<'a> {
    /// Tenants that have something of their own.
    pub(super) alone: Vec<Alone<'a>>,
    /// What many tenants have in common.
    pub(super) blocks: Vec<Block<'a>>,
}

/// A tenant and what is shown of it.
pub(super) struct Alone<'a> {
    pub(super) tenant: &'a TenantPlan,
    pub(super) entries: Vec<&'a Entry>,
    /// How many of its entries are in blocks.
    pub(super) elsewhere: usize,
}

/// Tenants with the same entries.
pub(super) struct Block<'a> {
    pub(super) tenants: Vec<&'a TenantPlan>,
    pub(super) entries: Vec<&'a Entry>,
    /// The class that all of it comes from, and the first place there.
    pub(super) class: Option<(String, Place)>,
}

/// Folds a plan. One pass over its entries, whatever their number.
pub(super) fn fold<'a>(
    tenants: impl Iterator<Item = &'a TenantPlan>,
    context: &Context<'_>,
) -> Folded<'a> {
    let tenants: Vec<&TenantPlan> = tenants.collect();
    let groups = groups(&tenants, context);
    // Entries that the very same tenants have are told in one block.
    let mut blocks: BTreeMap<(usize, Vec<usize>), Vec<&Entry>> = BTreeMap::new();
    let mut folded: Vec<Vec<bool>> = tenants
        .iter()
        .map(|tenant| vec![false; tenant.entries.len()])
        .collect();
    for members in groups.into_iter().filter(|members| members.len() >= MANY) {
        let mut names = Vec::with_capacity(members.len());
        let mut first = None;
        for Member { tenant, entry, at } in members {
            names.push(tenant);
            first.get_or_insert(entry);
            if let Some(flag) = folded.get_mut(tenant).and_then(|flags| flags.get_mut(at)) {
                *flag = true;
            }
        }
        let begin = names.first().copied().unwrap_or_default();
        blocks.entry((begin, names)).or_default().extend(first);
    }
    let alone = tenants
        .iter()
        .zip(&folded)
        .filter_map(|(tenant, folded)| alone(tenant, folded, context))
        .collect();
    let blocks = blocks
        .into_iter()
        .map(|((_, names), entries)| block(&tenants, &names, entries, context))
        .collect();
    Folded { alone, blocks }
}

struct Member<'a> {
    /// Which tenant.
    tenant: usize,
    entry: &'a Entry,
    /// Which of the tenant's entries.
    at: usize,
}

/// Equal entries, in the order in which the first of each was met.
fn groups<'a>(tenants: &[&'a TenantPlan], context: &Context<'_>) -> Vec<Vec<Member<'a>>> {
    let mut groups: Vec<Vec<Member<'a>>> = Vec::new();
    if context.all {
        return groups;
    }
    let mut by_key: HashMap<String, usize> = HashMap::new();
    for (n, tenant) in tenants.iter().enumerate() {
        for (at, entry) in tenant.entries.iter().enumerate() {
            let group = *by_key
                .entry(key(tenant, entry, context))
                .or_insert_with(|| {
                    groups.push(Vec::new());
                    groups.len() - 1
                });
            let Some(group) = groups.get_mut(group) else {
                continue;
            };
            // A tenant that has the same twice counts once, and keeps the second for itself.
            if group.last().is_none_or(|last| last.tenant != n) {
                group.push(Member {
                    tenant: n,
                    entry,
                    at,
                });
            }
        }
    }
    groups
}

fn alone<'a>(tenant: &'a TenantPlan, folded: &[bool], context: &Context<'_>) -> Option<Alone<'a>> {
    let entries: Vec<&Entry> = tenant
        .entries
        .iter()
        .zip(folded)
        .filter(|(_, folded)| !**folded)
        .map(|(entry, _)| entry)
        .collect();
    let elsewhere = folded.iter().filter(|folded| **folded).count();
    // Said once, of its platform.
    let unseen = tenant.trouble.is_some() && entries.is_empty();
    let shown = !unseen
        && (!entries.is_empty() || tenant.error.is_some() || (context.all && elsewhere == 0));
    shown.then_some(Alone {
        tenant,
        entries,
        elsewhere,
    })
}

fn block<'a>(
    tenants: &[&'a TenantPlan],
    names: &[usize],
    entries: Vec<&'a Entry>,
    context: &Context<'_>,
) -> Block<'a> {
    let tenants: Vec<&TenantPlan> = names
        .iter()
        .filter_map(|n| tenants.get(*n).copied())
        .collect();
    let class = tenants
        .first()
        .and_then(|tenant| common_class(tenant, &entries, context));
    Block {
        tenants,
        entries,
        class,
    }
}

/// The class that every change of these entries comes from.
fn common_class(
    tenant: &TenantPlan,
    entries: &[&Entry],
    context: &Context<'_>,
) -> Option<(String, Place)> {
    let mut changes = entries.iter().flat_map(|entry| changes(entry));
    let first = &changes.next()?.path;
    let class = context.places.class(&tenant.tenant, first)?;
    let place = context.places.place(&tenant.tenant, first)?;
    changes
        .all(|change| {
            context
                .places
                .class(&tenant.tenant, &change.path)
                .is_some_and(|other| other == class)
        })
        .then_some((class, place))
}

/// What an entry would change.
pub(super) fn changes(entry: &Entry) -> &[Change] {
    match &entry.verdict {
        Verdict::Step(step) => &step.changes,
        Verdict::Suppressed { changes, .. } => changes,
        Verdict::Waiting(_) | Verdict::Rejected { .. } | Verdict::Unknown(_) => &[],
    }
}

/// Everything a reader is told of an entry. Equal keys, equal entries.
fn key(tenant: &TenantPlan, entry: &Entry, context: &Context<'_>) -> String {
    let told = match &entry.verdict {
        Verdict::Step(step) => told_of_step(tenant, step),
        Verdict::Waiting(waiting) => json!(["waiting", waiting]),
        Verdict::Rejected { payload: _, why } => json!(["rejected", why]),
        Verdict::Suppressed { why, changes: _ } => json!(["suppressed", why]),
        Verdict::Unknown(why) => json!(["unknown", why]),
    };
    let changes: Vec<Value> = changes(entry)
        .iter()
        .map(|change| json!([change, class_place(tenant, change, context)]))
        .collect();
    json!([entry.address, tenant.observes(entry), told, changes]).to_string()
}

fn told_of_step(tenant: &TenantPlan, step: &Step) -> Value {
    let Step {
        action,
        account: _,
        changes: _,
        basis: _,
        calls,
        drift,
        notes,
        costly,
        after: _,
        rank: _,
        evidence: _,
        awaits: _,
        approval,
        hold,
    } = step;
    let endpoints: Vec<&str> = calls.iter().map(|call| call.endpoint.name).collect();
    json!([
        "step",
        action,
        endpoints,
        // Each of them was applied at a time of its own; that they drifted is what they have in common.
        drift.is_some(),
        notes,
        costly,
        after(tenant, step),
        approval,
        hold
    ])
}

/// A value of the tenant's own file has a place of its own, which does not make it another change.
fn class_place(tenant: &TenantPlan, change: &Change, context: &Context<'_>) -> Option<Value> {
    context.places.class(&tenant.tenant, &change.path)?;
    let place = context.places.place(&tenant.tenant, &change.path)?;
    Some(json!([place.file, place.line, place.column]))
}

/// What a step comes after and that this plan does too.
pub(super) fn after(tenant: &TenantPlan, step: &Step) -> Vec<String> {
    let mut others = tenant.steps().map(|(entry, _)| &entry.address);
    let mut first: Vec<String> = others
        .by_ref()
        .filter(|address| step.comes_after(address))
        .map(ToString::to_string)
        .collect();
    first.sort();
    first
}
