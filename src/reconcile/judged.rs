//! Judges a platform's revision by what somebody said yes to, and remembers what was let in and what is held.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::spending::{self, Yes};
use crate::plan::Hold;
use crate::plan::changes::MarkSet;
use crate::plan::fleet::{Member, REVISION_PREFIX, Revision, RevisionApproval};
use crate::store::documents::{AdmittedDoc, ApprovalDoc, HeldDoc};
use crate::store::{Key, Store, StoreError};

/// Whether a revision may be applied.
#[derive(Debug, Clone)]
pub struct Judged {
    /// It.
    pub whole: Revision,
    /// What is left of it once what somebody said yes to is let in.
    pub rest: Revision,
    /// The hold on the changed tenants of that, if it is held.
    pub hold: Option<Hold>,
    /// Whether somebody said yes to it, so that the limits it raises count at once.
    pub approved: bool,
    /// What says yes, and to what of it.
    pub(super) yes: Vec<Yes>,
}

/// Judges a revision: `yes` and what was approved at the command line count. `is_whole`: nothing of the manifests is
/// unreadable, so that whatever is a change is among the revision's.
///
/// # Errors
/// [`StoreError`].
pub async fn judge(
    store: &Store,
    revision: Revision,
    mut yes: Vec<RevisionApproval>,
    is_whole: bool,
    now: Timestamp,
) -> Result<Judged, StoreError> {
    yes.extend(approved(store, &revision.platform).await?);
    if yes
        .iter()
        .any(|yes| yes.set.is_none() && yes.revision != revision.digest.as_str())
    {
        recall(store, &revision.platform, &mut yes).await?;
    }
    let mut known = spending::look_up(store, &revision, &mut yes, is_whole).await?;
    let mut counts = yes.iter().map(|yes| yes.counts(now));
    known.retain(|_| counts.next() == Some(true));
    let rest = revision.rest(&yes, now);
    let said_yes = |revision: &Revision| revision.approved(&yes, now).is_ok();
    Ok(Judged {
        hold: rest.hold(&yes, now),
        approved: said_yes(&revision) || said_yes(&rest),
        rest,
        whole: revision,
        yes: known,
    })
}

/// What was approved of a platform's revisions at the command line.
async fn approved(store: &Store, platform: &str) -> Result<Vec<RevisionApproval>, StoreError> {
    let mut yes = Vec::new();
    for key in store.list(&Key::approvals("platform", platform)).await? {
        let Some(doc) = store.get::<ApprovalDoc>(&key).await? else {
            continue;
        };
        let ApprovalDoc {
            revision,
            changed_tenants,
            changes,
            expires,
            ..
        } = doc.value;
        let digest = revision
            .as_deref()
            .and_then(|name| name.strip_prefix(REVISION_PREFIX));
        let Some(digest) = digest else { continue };
        yes.push(RevisionApproval {
            name: key.segments().split_off(1).join("/"),
            revision: digest.to_owned(),
            changed_tenants,
            expires,
            set: set(&changes),
            used: None,
        });
    }
    Ok(yes)
}

/// A yes in a manifest names a revision by its digest alone: which changes it had is known where it was held.
async fn recall(
    store: &Store,
    platform: &str,
    yes: &mut [RevisionApproval],
) -> Result<(), StoreError> {
    for key in store.list(&Key::all_held(platform)).await? {
        let Some(held) = store.get::<HeldDoc>(&key).await? else {
            continue;
        };
        let held = held.value;
        let its = |one: &&mut RevisionApproval| one.set.is_none() && one.revision == held.revision;
        for one in yes.iter_mut().filter(its) {
            one.set = set(&held.changes).filter(|set| set.len() <= one.changed_tenants);
        }
    }
    Ok(())
}

fn set(changes: &str) -> Option<MarkSet> {
    changes.parse().ok().filter(|_| !changes.is_empty())
}

/// Remembers what a held revision changes, and forgets those that are held no more.
///
/// # Errors
/// [`StoreError`].
pub async fn remember_held(
    store: &Store,
    platform: &str,
    held: Option<&Revision>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let known = store.list(&Key::all_held(platform)).await?;
    let Some(held) = held else {
        for key in known {
            store
                .modify(&key, |doc: &mut Option<HeldDoc>| *doc = None)
                .await?;
        }
        return Ok(());
    };
    let key = Key::held(platform, held.digest.as_str());
    let Some(set) = held.changes.to_set().filter(|_| !known.contains(&key)) else {
        return Ok(());
    };
    let doc = HeldDoc {
        revision: held.digest.to_string(),
        changes: set.to_string(),
        at: now,
    };
    store
        .modify(&key, |known| *known = Some(doc.clone()))
        .await?;
    forget_oldest(store, known).await
}

/// So many held revisions of a platform are remembered.
const REMEMBERED: usize = 8;

async fn forget_oldest(store: &Store, known: Vec<Key>) -> Result<(), StoreError> {
    let mut all = Vec::new();
    for key in known {
        if let Some(doc) = store.get::<HeldDoc>(&key).await? {
            all.push((doc.value.at, key));
        }
    }
    all.sort();
    let most = all.len().saturating_sub(REMEMBERED - 1);
    for (_, key) in all.into_iter().take(most) {
        store
            .modify(&key, |doc: &mut Option<HeldDoc>| *doc = None)
            .await?;
    }
    Ok(())
}

impl Judged {
    /// The changed tenants that are not held.
    #[must_use]
    pub fn let_in(&self, members: &BTreeMap<String, Member>) -> BTreeSet<String> {
        let is_held = |name: &str| self.hold.is_some() && self.rest.concerns(name);
        let changed = members.iter().filter(|(_, member)| member.changed());
        let let_in = changed.map(|(name, _)| name.clone());
        let_in.filter(|name| !is_held(name)).collect()
    }
}

/// Notes that the changed tenants of a revision that are not held were let in: until they are applied they count as
/// changed no more.
///
/// # Errors
/// [`StoreError`].
pub async fn note_admitted(
    store: &Store,
    judged: &Judged,
    members: &BTreeMap<String, Member>,
    now: Timestamp,
) -> Result<(), StoreError> {
    for name in judged.let_in(members) {
        let Some(member) = members.get(&name) else {
            continue;
        };
        let digest = member.now.to_string();
        store
            .modify(&Key::admitted(&name), |doc: &mut Option<AdmittedDoc>| {
                let known = doc.get_or_insert_with(|| AdmittedDoc {
                    digest: digest.clone(),
                    at: now,
                    noted: None,
                    platform: judged.rest.platform.clone(),
                    text: None,
                    class: None,
                    files: BTreeMap::new(),
                });
                known.noted = (known.digest != digest).then(|| digest.clone());
            })
            .await?;
    }
    Ok(())
}
