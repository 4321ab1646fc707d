//! A yes to a revision lets each of its changes in once: what goes back and comes again is asked about again.
//!
//! ```text
//! left ──begin, before tenants are noted as let in──► begun ──spend, once they are──► gone from it
//!   ▲                                                   │
//!   └──────────────── not noted after all ──────────────┘
//! ```
//!
//! After a crash in between, what is begun and still a change was not let in, and may be; what is none any more was, or was
//! taken back since.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Judged;
use crate::plan::changes::{Changes, MarkSet};
use crate::plan::fleet::{Revision, RevisionApproval};
use crate::store::documents::UsedDoc;
use crate::store::{Key, Store, StoreError};

/// A yes that says something of a revision.
#[derive(Debug, Clone)]
pub(super) struct Yes {
    key: Key,
    approval: String,
    revision: String,
    /// What it has not let in.
    left: MarkSet,
    /// What it let in before a crash: begun, and no change any more.
    over: MarkSet,
    /// Whether it is a yes to raised limits alone.
    is_bare: bool,
}

/// Looks up what was let in by each yes: from then on it is one to the rest of its changes. `is_whole`: whatever is a
/// change is among the revision's, since nothing is unreadable.
pub(super) async fn look_up(
    store: &Store,
    revision: &Revision,
    yes: &mut [RevisionApproval],
    is_whole: bool,
) -> Result<Vec<Yes>, StoreError> {
    let mut all = Vec::new();
    let changes = revision.changes.to_marks();
    for one in yes {
        let key = Key::used(&revision.platform, &one.name, &one.revision);
        let mut over = MarkSet::default();
        if let Some(used) = store.get::<UsedDoc>(&key).await? {
            let used = used.value;
            let begun = marks(&used.begun);
            if is_whole {
                over = begun.without(&changes);
            }
            one.set = Some(marks(&used.left).and(&begun).without(&over));
            one.used = Some(used.at);
        } else if one.set.is_none() && one.revision == revision.digest.as_str() {
            let set = revision.changes.to_set();
            one.set = set.filter(|set| set.len() <= one.changed_tenants);
        }
        all.push(Yes {
            key,
            approval: one.name.clone(),
            revision: one.revision.clone(),
            left: one.set.clone().unwrap_or_default(),
            over,
            is_bare: one.used.is_none()
                && one.revision == revision.digest.as_str()
                && changes.is_empty(),
        });
    }
    Ok(all)
}

impl Judged {
    /// Writes down that tenants are going to be let in, before they are.
    ///
    /// # Errors
    /// [`StoreError`]; then none of them may be.
    pub async fn begin(
        &self,
        store: &Store,
        tenants: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for yes in &self.yes {
            let begun = yes.of(&self.whole.changes, tenants);
            if begun.is_empty() && yes.over.is_empty() {
                continue;
            }
            let change = |doc: &mut Option<UsedDoc>| {
                let doc = doc.get_or_insert_with(|| yes.fresh(now));
                doc.left = marks(&doc.left).without(&begun).to_string();
                doc.begun = marks(&doc.begun).without(&yes.over).and(&begun).to_string();
                if !begun.is_empty() {
                    doc.at = now;
                }
            };
            store.modify(&yes.key, change).await?;
        }
        Ok(())
    }

    /// Writes down which of them were let in. A yes to limits alone is spent as well: they are in force by now.
    ///
    /// # Errors
    /// [`StoreError`]; what was let in is told from the rest the next time.
    pub async fn spend(
        &self,
        store: &Store,
        begun: &BTreeSet<String>,
        let_in: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let raises = self.approved && !self.whole.raised().is_empty();
        for yes in &self.yes {
            let tried = yes.of(&self.whole.changes, begun);
            let made = yes.of(&self.whole.changes, let_in);
            let is_bare = raises && yes.is_bare;
            if tried.is_empty() && !is_bare {
                continue;
            }
            let change = |doc: &mut Option<UsedDoc>| {
                let doc = doc.get_or_insert_with(|| yes.fresh(now));
                doc.left = marks(&doc.left).and(&tried.without(&made)).to_string();
                doc.begun = marks(&doc.begun).without(&tried).to_string();
            };
            store.modify(&yes.key, change).await?;
        }
        Ok(())
    }
}

impl Yes {
    /// The changes of tenants that it lets in.
    fn of(&self, changes: &Changes, tenants: &BTreeSet<String>) -> MarkSet {
        changes.of(tenants).both(&self.left)
    }

    /// Nothing was let in by it yet.
    fn fresh(&self, now: Timestamp) -> UsedDoc {
        UsedDoc {
            approval: self.approval.clone(),
            revision: self.revision.clone(),
            left: self.left.to_string(),
            begun: String::new(),
            at: now,
        }
    }
}

/// A set as it is kept. One that is damaged says yes to nothing.
fn marks(kept: &str) -> MarkSet {
    kept.parse().unwrap_or_default()
}

#[cfg(test)]
#[path = "spending_tests.rs"]
mod tests;
