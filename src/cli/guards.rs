//! What the manifests and the store say yes to: approvals by tenant, and whether a platform's revision is held.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::manifest::{Approves, Loaded, LoadedTenant};
use crate::plan::Hold;
use crate::plan::approval::Approval;
use crate::plan::fleet::Revision;
use crate::reconcile::{Cap, Mandate, hold_revision, revision};
use crate::store::{Store, StoreError};

/// The guards of every platform, as they stand when a command begins.
pub(super) struct Guards {
    platforms: BTreeMap<String, Guard>,
    approvals: BTreeMap<String, Vec<Approval>>,
}

/// One platform's.
pub(super) struct Guard {
    pub(super) revision: Revision,
    pub(super) hold: Option<Hold>,
    cap: Cap,
}

impl Guards {
    /// Looks every platform's tenants up in the store, whatever is selected.
    pub(super) async fn load(
        loaded: &Loaded,
        store: &Store,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let mut platforms = BTreeMap::new();
        for (name, platform) in &loaded.platforms {
            let tenants = loaded
                .tenants
                .iter()
                .filter(|tenant| tenant.platform == *name)
                .map(|tenant| (tenant.name.as_str(), &tenant.spec));
            let revision = revision(store, name, tenants).await?;
            let yes = loaded
                .approvals
                .iter()
                .filter_map(|loaded| match &loaded.approves {
                    Approves::Revision { platform, approval } if platform == name => {
                        Some(approval.clone())
                    }
                    Approves::Revision { .. } | Approves::Steps { .. } => None,
                });
            let share = platform.spec.changed_share();
            let hold = hold_revision(store, &revision, share, yes.collect(), now).await?;
            let cap = Cap {
                platform: platform.spec.app_id.to_string(),
                per_hour: platform.spec.irreversible_per_hour(),
            };
            platforms.insert(
                name.clone(),
                Guard {
                    revision,
                    hold,
                    cap,
                },
            );
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
            approvals,
        })
    }

    /// What a tenant's pass may do beyond what costs nothing.
    pub(super) fn mandate(&self, tenant: &LoadedTenant) -> Mandate {
        let guard = self.platforms.get(&tenant.platform);
        let fleet = guard
            .filter(|guard| guard.revision.changed.contains(&tenant.name))
            .and_then(|guard| guard.hold.clone());
        Mandate {
            approvals: self
                .approvals
                .get(&tenant.name)
                .cloned()
                .unwrap_or_default(),
            fleet,
            cap: guard.map(|guard| guard.cap.clone()),
        }
    }

    /// The guards by the name of their platform.
    pub(super) fn platforms(&self) -> impl Iterator<Item = (&String, &Guard)> {
        self.platforms.iter()
    }
}
