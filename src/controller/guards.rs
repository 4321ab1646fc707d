//! What the manifests and the store say yes to: approvals by tenant, and whether a platform's revision is held.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::manifest::{Approves, Loaded, LoadedPlatform, LoadedTenant};
use crate::plan::approval::Approval;
use crate::plan::fleet::Member;
use crate::reconcile::{Cap, Judged, Mandate, Raised, Remembered, Watched, judge, note_admitted};
use crate::store::documents::TenantDoc;
use crate::store::{Store, StoreError};

/// The guards of every platform, as they stand when a command begins.
pub struct Guards {
    platforms: BTreeMap<String, Guard>,
    /// Those of platforms that let tenants go and stand in the manifests no more.
    left: Vec<Guard>,
    approvals: BTreeMap<String, Vec<Approval>>,
    remembered: Remembered,
}

/// One platform's.
pub struct Guard {
    members: BTreeMap<String, Member>,
    /// Whether its manifests may be applied.
    pub judged: Judged,
}

fn watched(platform: &LoadedPlatform) -> Watched<'_> {
    Watched {
        appid: &platform.spec.app_id,
        name: &platform.name,
        written: platform.spec.limits(),
    }
}

impl Guards {
    /// Looks every platform's tenants up in the store, whatever is selected.
    pub async fn load(loaded: &Loaded, store: &Store, now: Timestamp) -> Result<Self, StoreError> {
        Self::load_beside(&BTreeMap::new(), loaded, store, now).await
    }

    /// As [`load`](Self::load), where some tenants' documents have been read already.
    pub async fn load_beside(
        known: &BTreeMap<&str, &TenantDoc>,
        loaded: &Loaded,
        store: &Store,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let remembered = Remembered::load(store).await?;
        let mut platforms = BTreeMap::new();
        for (name, platform) in &loaded.platforms {
            let tenants = loaded
                .tenants
                .iter()
                .filter(|tenant| tenant.platform == *name)
                .map(|tenant| {
                    let known = known.get(tenant.name.as_str()).copied();
                    ((tenant.name.as_str(), &tenant.spec, &tenant.files), known)
                });
            let (revision, members) = remembered
                .revision(store, &watched(platform), tenants)
                .await?;
            let yes = loaded
                .approvals
                .iter()
                .filter_map(|loaded| match &loaded.approves {
                    Approves::Revision { platform, approval } if platform == name => {
                        Some(approval.clone())
                    }
                    Approves::Revision { .. } | Approves::Steps { .. } => None,
                });
            let judged = judge(store, revision, yes.collect(), true, now).await?;
            platforms.insert(name.clone(), Guard { members, judged });
        }
        let there: Vec<Watched<'_>> = loaded.platforms.values().map(watched).collect();
        let is_there = |name: &str| loaded.tenant(name).is_some();
        let mut left = Vec::new();
        for revision in remembered.left(store, &there, is_there).await? {
            let judged = judge(store, revision, Vec::new(), true, now).await?;
            left.push(Guard {
                members: BTreeMap::new(),
                judged,
            });
        }
        let mut approvals: BTreeMap<String, Vec<Approval>> = BTreeMap::new();
        for loaded in &loaded.approvals {
            if let Approves::Steps { tenant, approval } = &loaded.approves {
                let of_tenant = approvals.entry(tenant.clone()).or_default();
                of_tenant.push(approval.clone());
            }
        }
        Ok(Self {
            platforms,
            left,
            approvals,
            remembered,
        })
    }

    /// What a tenant's pass may do beyond what costs nothing.
    pub fn mandate(&self, tenant: &LoadedTenant, loaded: &Loaded) -> Mandate {
        let fleet = self
            .all()
            .filter(|guard| guard.judged.rest.concerns(&tenant.name))
            .find_map(|guard| guard.judged.hold.clone());
        let platform = loaded.platforms.get(&tenant.platform);
        let guard = self.platforms.get(&tenant.platform);
        Mandate {
            approvals: self
                .approvals
                .get(&tenant.name)
                .cloned()
                .unwrap_or_default(),
            fleet,
            cap: platform
                .zip(guard)
                .map(|(platform, guard)| guard.cap(platform)),
        }
    }

    /// The guards of all platforms.
    pub fn all(&self) -> impl Iterator<Item = &Guard> {
        self.platforms.values().chain(&self.left)
    }

    /// Writes down what a revision that is not held begins with: whom it lets go, and which limits were in force.
    pub async fn begin(
        &self,
        loaded: &Loaded,
        store: &Store,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for (name, guard) in &self.platforms {
            let judged = &guard.judged;
            let platform = loaded.platforms.get(name);
            let free = platform.filter(|_| judged.hold.is_none());
            let is_there = |name: &str| loaded.tenant(name).is_some();
            let mut let_in = judged.let_in(&guard.members);
            if free.is_some() {
                let gone = judged.whole.gone.iter();
                let_in.extend(gone.filter(|name| !is_there(name)).cloned());
            }
            judged.begin(store, &let_in, now).await?;
            note_admitted(store, judged, &guard.members, now).await?;
            if let Some(platform) = free {
                let (watched, guarded) = (watched(platform), &judged.rest.guarded);
                let remembered = &self.remembered;
                // A yes is good once, also where the cap that it raises ends this run before its end.
                let raised = if judged.approved {
                    Raised::All
                } else {
                    Raised::Nothing
                };
                remembered
                    .remember(store, &watched, guarded, raised)
                    .await?;
                if !judged.whole.gone.is_empty() {
                    remembered.let_go(store, &watched, is_there).await?;
                }
            }
            judged.spend(store, &let_in, &let_in, now).await?;
        }
        Ok(())
    }

    /// Writes down that what a revision that was not held raises is in force from now on.
    pub async fn end(&self, loaded: &Loaded, store: &Store) -> Result<(), StoreError> {
        for (platform, guard) in self.free(loaded) {
            if !guard.judged.rest.raised().is_empty() {
                let (watched, guarded) = (watched(platform), &guard.judged.rest.guarded);
                let remembered = &self.remembered;
                remembered
                    .remember(store, &watched, guarded, Raised::All)
                    .await?;
            }
        }
        Ok(())
    }

    /// Platforms whose revision is not held.
    fn free<'a>(
        &'a self,
        loaded: &'a Loaded,
    ) -> impl Iterator<Item = (&'a LoadedPlatform, &'a Guard)> {
        self.platforms
            .iter()
            .filter(|(_, guard)| guard.judged.hold.is_none())
            .filter_map(|(name, guard)| Some((loaded.platforms.get(name)?, guard)))
    }
}

impl Guard {
    /// The cap on costly steps: a higher one counts once it is in force, or somebody said yes to it.
    fn cap(&self, platform: &LoadedPlatform) -> Cap {
        let guarded = &self.judged.rest.guarded;
        let in_force = if self.judged.approved {
            guarded.written.clone()
        } else {
            guarded.in_force()
        };
        Cap {
            platform: platform.spec.app_id.to_string(),
            limits: in_force,
            written: guarded.written.clone(),
            revision: self.judged.rest.shown(),
            audit_reserve: platform.spec.audit_reserve.unwrap_or(0),
        }
    }
}
