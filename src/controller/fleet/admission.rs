//! Puts what the folder says in force: each platform's tenants as a set, judged by its guard once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use futures::stream::{self, StreamExt as _};
use jiff::Timestamp;

use super::declared::{Declares, Said};
use super::leaving::{Leaving, Moving};
use super::row::Row;
use super::{Fleet, keeping, texts};
use crate::manifest::{Approves, LoadedApproval, LoadedPlatform, LoadedTenant, subject_of};
use crate::plan::fleet::{Member, Revision, RevisionApproval};
use crate::plan::text::shell_word;
use crate::plan::{Digest, Hold};
use crate::reconcile::{Cap, Raised, Remembered, Watched, judge, remember_held};
use crate::store::documents::{AdmittedDoc, TenantDoc, TextDoc};
use crate::store::{Key, StoreError};

/// How many tenants are put in force at once: a few tenths of a second.
const PART: usize = 200;
/// How many of them are written down at once: a store commits what waits together.
const AT_ONCE: usize = 64;

/// What an admission did.
#[derive(Debug, Default)]
pub struct Admission {
    /// Tenants of which another revision is in force now, or one for the first time.
    pub admitted: BTreeSet<String>,
    /// Tenants that are let go: nobody declares them any more.
    pub left: BTreeSet<String>,
    /// Tenants whose revision could not be written down, and why: what was in force of them stays so.
    pub failed: BTreeMap<String, String>,
    /// Tenants that a cap held back which is another one now.
    pub uncapped: BTreeSet<String>,
    /// Tenants that were looked at, whatever came of it.
    tried: BTreeSet<String>,
    /// Whether there are more than were taken at once.
    pub more: bool,
}

impl Admission {
    /// Adds what the next part of it did.
    pub fn add(&mut self, next: Self) {
        self.admitted.extend(next.admitted);
        self.left.extend(next.left);
        self.failed.extend(next.failed);
        self.uncapped.extend(next.uncapped);
        self.tried.extend(next.tried);
        self.more = next.more;
    }
}

/// A revision that its guard holds.
#[derive(Debug, Clone)]
pub struct Held {
    /// It.
    pub revision: Revision,
    /// Why, and what would let it in.
    pub hold: Hold,
}

impl Held {
    /// What a person types to let it in, wherever that is.
    #[must_use]
    pub fn command(&self, manifests: &Path) -> Option<String> {
        let command = self.hold.command.as_ref()?;
        let manifests = shell_word(&manifests.display().to_string());
        Some(format!("{command} -f {manifests}"))
    }
}

/// One platform's part of an admission.
struct Share {
    /// Tenants whose revision is to be put in force.
    due: BTreeSet<String>,
    gone: BTreeSet<String>,
}

impl Fleet {
    /// Puts in force what may be, and says what is: so many tenants at once that whoever waits for the fleet waits for a
    /// moment. `before` is what the parts before this one did.
    ///
    /// # Errors
    /// [`StoreError`]; what was written down by then is in force.
    pub async fn admit(
        &mut self,
        before: &Admission,
        now: Timestamp,
    ) -> Result<Admission, StoreError> {
        self.remember().await?;
        let remembered = Remembered::load(&self.store).await?;
        let library = Arc::clone(self.declared.library());
        let mut done = Admission::default();
        let (mut held, mut lists) = (Vec::new(), BTreeMap::new());
        let leaving = self.kept_from_leaving(&remembered, &mut held, now).await?;
        let Leaving { kept, moves } = leaving;
        for (name, platform) in &library.platforms {
            let watched = Watched {
                appid: &platform.spec.app_id,
                name,
                written: platform.spec.limits(),
            };
            let names = remembered.names(&watched);
            let members = self.members(name);
            let (gone, counted) = self.gone(name, &names);
            let revision = remembered.compared(&watched, &members, counted);
            let yes = yes(&library.approvals, platform);
            let is_whole = self.is_known();
            let judged = judge(&self.store, revision, yes, is_whole, now).await?;
            let revision = &judged.rest;
            let is_held = judged.hold.is_some();
            let living = self.living_by(platform, &names).await;
            let subject = subject_of(name);
            let due = members.iter().filter(|(name, member)| {
                let row = self.rows.get(*name);
                let waits = kept.contains(*name) || !living.is_empty() && **name == subject;
                let free = (!is_held || !revision.concerns(name)) && !waits;
                free && !row.is_some_and(|row| row.has(member)) && !before.tried.contains(*name)
            });
            let due: Vec<String> = due.map(|(name, _)| name.clone()).collect();
            let part = due.len().min(PART.saturating_sub(done.tried.len()));
            done.more |= part < due.len();
            if !living.is_empty() {
                // Those that give the host up now come first; whoever has it still keeps the list as it is.
                let gives_up = |one: &String| due.contains(one) || !is_held && gone.contains(one);
                done.more |= living.keys().any(gives_up);
                lists.insert(subject, keeping::said(&living));
            }
            // A commit cannot raise a cap for the sake of what it asks for itself.
            let raised = if is_held {
                Raised::Nothing
            } else if judged.approved || due.is_empty() && self.needs_no_cap(name) {
                Raised::All
            } else {
                Raised::Share
            };
            let in_force = match raised {
                Raised::All => revision.guarded.written.clone(),
                Raised::Nothing | Raised::Share => revision.guarded.in_force(),
            };
            let cap = Cap {
                platform: platform.spec.app_id.to_string(),
                limits: in_force,
                written: revision.guarded.written.clone(),
                revision: revision.shown(),
                audit_reserve: platform.spec.audit_reserve.unwrap_or(0),
            };
            let before = self.caps.insert(name.clone(), cap.clone());
            if before.is_some_and(|before| before.limits != cap.limits) {
                done.uncapped.extend(self.capped(name));
            }
            let share = Share {
                due: due.into_iter().take(part).collect(),
                gone: if is_held { BTreeSet::new() } else { gone },
            };
            let begun: BTreeSet<String> = share.due.union(&share.gone).cloned().collect();
            judged.begin(&self.store, &begun, now).await?;
            let held_now = is_held.then_some(revision);
            remember_held(&self.store, name, held_now, now).await?;
            if let Some(hold) = judged.hold.clone() {
                let revision = revision.clone();
                held.push(Held { revision, hold });
                self.put_in_force(share, now, &mut done).await?;
                let let_in = self.now_in_force(&begun, &members);
                judged.spend(&self.store, &begun, &let_in, now).await?;
                continue;
            }
            let (store, guarded) = (self.store.clone(), &revision.guarded);
            remembered
                .remember(&store, &watched, guarded, Raised::Nothing)
                .await?;
            self.put_in_force(share, now, &mut done).await?;
            // The next revision is judged by what this one says, now that it is in force itself.
            remembered
                .remember(&store, &watched, guarded, raised)
                .await?;
            let let_in = self.now_in_force(&begun, &members);
            judged.spend(&store, &begun, &let_in, now).await?;
        }
        for moving in moves {
            let let_in = self.moved(&moving);
            let Moving { judged, moved, .. } = moving;
            judged.spend(&self.store, &moved, &let_in, now).await?;
        }
        self.held = held;
        self.kept = lists;
        self.failed.clone_from(&before.failed);
        self.failed.extend(done.failed.clone());
        let any = |one: &Admission| !one.admitted.is_empty() || !one.left.is_empty();
        if !done.more
            && (any(before) || any(&done))
            && let Err(error) = self.forget_texts().await
        {
            // They are removed with the next revision.
            tracing::warn!(%error, "texts that nobody needs any more could not be removed");
        }
        Ok(done)
    }

    /// A platform's tenants as its guard counts them. One whose manifest has a mistake stays as it is, and is one of those
    /// that the others are a share of: a slip that breaks most of a fleet must not make it a small one.
    pub(super) fn members(&self, platform: &str) -> BTreeMap<String, Member> {
        let none = Row::default();
        let member = |(name, said): (&str, &Said)| match said {
            Said::Good(one) if one.platform == platform => {
                let row = self.rows.get(name).unwrap_or(&none);
                Some((name.to_owned(), row.member(one)))
            }
            Said::Good(_) => None,
            Said::Wrong(_) => {
                let row = self.rows.get(name)?;
                Some((name.to_owned(), row.unchanged(platform)?))
            }
        };
        self.declared.tenants().filter_map(member).collect()
    }

    /// Those of some tenants of which is in force what the folder says, or nothing where it says nothing.
    fn now_in_force(
        &self,
        of: &BTreeSet<String>,
        members: &BTreeMap<String, Member>,
    ) -> BTreeSet<String> {
        let is_so = |name: &&String| {
            let row = self.rows.get(*name);
            members.get(*name).map_or_else(
                || row.is_none_or(|row| row.admitted.is_none()),
                |member| row.is_some_and(|row| row.has(member)),
            )
        };
        of.iter().filter(is_so).cloned().collect()
    }

    async fn put_in_force(
        &mut self,
        share: Share,
        now: Timestamp,
        done: &mut Admission,
    ) -> Result<(), StoreError> {
        let this = &*self;
        done.tried.extend(share.due.iter().cloned());
        let whole = this.declared.whole(&share.due);
        let written: Vec<(String, Result<Option<AdmittedDoc>, StoreError>)> = stream::iter(whole)
            .map(|(name, tenant)| async move {
                let written = this.write_down(&name, &tenant, now).await;
                (name, written)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for (name, written) in written {
            match written {
                Ok(Some(admitted)) => {
                    let row = self.rows.entry(name.clone()).or_default();
                    let before = row.admitted.replace(admitted.clone());
                    // Its texts may only have been missing.
                    if before.is_none_or(|before| before.digest != admitted.digest) {
                        (row.was_tried, row.is_capped) = (false, false);
                        done.admitted.insert(name);
                    }
                }
                // It has changed since it was looked at: the next look finds it.
                Ok(None) => {}
                Err(error) => {
                    done.failed.insert(name, crate::controller::chain(&error));
                }
            }
        }
        for name in share.gone {
            self.let_go(&name).await?;
            done.left.insert(name);
        }
        Ok(())
    }

    /// Writes one tenant's revision down, with its texts.
    async fn write_down(
        &self,
        name: &str,
        tenant: &LoadedTenant,
        now: Timestamp,
    ) -> Result<Option<AdmittedDoc>, StoreError> {
        let Some(Said::Good(said)) = self.declared.said(name) else {
            return Ok(None);
        };
        if Declares::of(tenant).digest != said.digest {
            return Ok(None);
        }
        let text = texts::keep(&self.store, &tenant.places.excerpt()).await?;
        let class = match &said.class {
            Some(class) => match self.declared.library().class(class) {
                Some(excerpt) => Some(texts::keep(&self.store, &excerpt).await?),
                None => return Ok(None),
            },
            None => None,
        };
        let admitted = AdmittedDoc {
            digest: said.digest.to_string(),
            at: now,
            noted: None,
            platform: said.platform.clone(),
            text: Some(text),
            class,
            files: tenant
                .files
                .iter()
                .map(|(path, facts)| (path.to_string(), facts.sha256.clone()))
                .collect(),
        };
        self.store
            .modify(&Key::admitted(name), |doc| *doc = Some(admitted.clone()))
            .await?;
        Ok(Some(admitted))
    }

    /// Leaves a tenant alone from now on. Nothing of it is changed at WeChat; its pins and records stay.
    async fn let_go(&mut self, name: &str) -> Result<(), StoreError> {
        let nothing = |doc: &mut Option<AdmittedDoc>| *doc = None;
        self.store.modify(&Key::admitted(name), nothing).await?;
        self.store
            .amend::<TenantDoc, ()>(&Key::tenant(name), |doc| doc.platform = None)
            .await?;
        if let Some(row) = self.rows.get_mut(name) {
            row.admitted = None;
            row.platform = None;
        }
        Ok(())
    }

    /// Removes texts that no revision in force needs.
    async fn forget_texts(&self) -> Result<(), StoreError> {
        let needed = self.needed();
        for key in self.store.list("text/").await? {
            if !needed.contains(key.segments().join("/").as_str()) {
                let nothing = |doc: &mut Option<TextDoc>| *doc = None;
                self.store.modify(&key, nothing).await?;
            }
        }
        Ok(())
    }
}

/// What the manifests say yes to, of a platform.
pub(super) fn yes(approvals: &[LoadedApproval], of: &LoadedPlatform) -> Vec<RevisionApproval> {
    let yes = approvals
        .iter()
        .filter_map(|loaded| match &loaded.approves {
            Approves::Revision { platform, approval } if *platform == of.name => {
                Some(approval.clone())
            }
            Approves::Revision { .. } | Approves::Steps { .. } => None,
        });
    yes.collect()
}

impl Row {
    /// Whether what a tenant declares is in force, with its texts.
    fn has(&self, member: &Member) -> bool {
        let admitted = self.admitted.as_ref();
        admitted.is_some_and(|one| one.text.is_some() && one.digest == member.now.as_str())
    }

    /// A tenant of a platform that is left as it is.
    fn unchanged(&self, platform: &str) -> Option<Member> {
        let admitted = self.admitted.as_ref()?;
        let now = Digest::from_hex(admitted.digest.clone());
        (admitted.platform == platform).then(|| Member {
            admitted: Some(now.clone()),
            now,
            applied: self.applied.clone(),
            has_account: self.is_pinned || self.has_records,
            in_force: self.has_records,
        })
    }

    fn member(&self, said: &Declares) -> Member {
        let admitted = self.admitted.as_ref();
        Member {
            now: said.digest.clone(),
            applied: self.applied.clone(),
            admitted: admitted
                .map(|one| Digest::from_hex(one.noted.as_ref().unwrap_or(&one.digest).clone())),
            has_account: self.is_pinned || said.accounts.iter().any(|(_, appid)| appid.is_some()),
            in_force: self.has_records,
        }
    }
}
