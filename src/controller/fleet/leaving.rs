//! Tenants that leave a platform: those that stand nowhere any more, and those that another platform takes over.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use super::Fleet;
use super::admission::{Held, yes};
use super::declared::Said;
use super::row::Row;
use crate::reconcile::{Judged, Remembered, Watched, judge, remember_held};
use crate::store::StoreError;

/// What becomes of tenants that other platforms take over.
#[derive(Default)]
pub(super) struct Leaving {
    /// Those that the guard of theirs holds back.
    pub(super) kept: BTreeSet<String>,
    /// Those that may go, by the platform that they leave.
    pub(super) moves: Vec<Moving>,
}

/// Tenants that may leave a platform for another one.
pub(super) struct Moving {
    platform: String,
    /// Every name that it had.
    names: BTreeSet<String>,
    /// Its revision.
    pub(super) judged: Judged,
    /// They.
    pub(super) moved: BTreeSet<String>,
}

impl Fleet {
    /// Whether it is known what the folder says of every tenant.
    pub(super) fn is_known(&self) -> bool {
        let mut all = self.declared.tenants();
        self.declared.is_whole() && all.all(|(_, said)| matches!(said, Said::Good(_)))
    }

    /// Tenants that were in force under one of a platform's names: those that stand nowhere any more, and those of them
    /// and of the ones that stand under another platform now that the guard counts.
    pub(super) fn gone(
        &self,
        platform: &str,
        names: &BTreeSet<String>,
    ) -> (BTreeSet<String>, BTreeSet<String>) {
        let is_its = |row: &Row| {
            let admitted = row.admitted.as_ref().map(|admitted| &admitted.platform);
            let platform = admitted.or(row.platform.as_ref());
            platform.is_some_and(|platform| names.contains(platform))
        };
        let (mut gone, mut counted) = (BTreeSet::new(), BTreeSet::new());
        for (name, row) in self.rows.iter().filter(|(_, row)| is_its(row)) {
            let is_gone = match self.declared.said(name) {
                None => self.declared.is_whole(),
                Some(Said::Good(one)) => one.platform != platform,
                Some(Said::Wrong(_)) => false,
            };
            if is_gone && row.has_records {
                counted.insert(name.clone());
            }
            if is_gone && self.declared.said(name).is_none() {
                gone.insert(name.clone());
            }
        }
        (gone, counted)
    }

    /// Tenants that another platform takes over and that the guard of theirs holds back: moving them is no way past it.
    pub(super) async fn kept_from_leaving(
        &self,
        remembered: &Remembered,
        held: &mut Vec<Held>,
        now: Timestamp,
    ) -> Result<Leaving, StoreError> {
        let library = Arc::clone(self.declared.library());
        let mut known = self.appids.clone();
        let declared = library.platforms.iter();
        known.extend(declared.map(|(name, one)| (name.clone(), one.spec.app_id.clone())));
        let mut leaving = Leaving::default();
        for (name, appid) in &known {
            let declared = library.platforms.get(name);
            let written = declared.map(|one| one.spec.limits());
            let watched = Watched {
                appid,
                name,
                written: written.unwrap_or_else(|| remembered.limits(appid)),
            };
            let names = remembered.names(&watched);
            let (gone, counted) = self.gone(name, &names);
            if counted.is_subset(&gone) {
                continue;
            }
            let moved: BTreeSet<String> = counted.difference(&gone).cloned().collect();
            let revision = remembered.compared(&watched, &self.members(name), counted);
            let yes = declared.map_or_else(Vec::new, |one| yes(&library.approvals, one));
            let judged = judge(&self.store, revision, yes, self.is_known(), now).await?;
            let is_kept = |name: &String| judged.hold.is_some() && judged.rest.concerns(name);
            let (kept, moved): (BTreeSet<String>, BTreeSet<String>) =
                moved.into_iter().partition(is_kept);
            leaving.kept.extend(kept);
            judged.begin(&self.store, &moved, now).await?;
            if let (Some(hold), None) = (judged.hold.clone(), declared) {
                // No other part of the admission speaks of a platform that stands nowhere any more.
                let revision = judged.rest.clone();
                remember_held(&self.store, name, Some(&revision), now).await?;
                held.push(Held { revision, hold });
            }
            leaving.moves.push(Moving {
                platform: name.clone(),
                names,
                judged,
                moved,
            });
        }
        Ok(leaving)
    }

    /// Those of them that have left.
    pub(super) fn moved(&self, moving: &Moving) -> BTreeSet<String> {
        let (_, stay) = self.gone(&moving.platform, &moving.names);
        moving.moved.difference(&stay).cloned().collect()
    }
}
