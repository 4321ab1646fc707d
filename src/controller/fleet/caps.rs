//! How many costly steps may be made in an hour, by platform: what was in force last counts where no look has judged the
//! platform yet, also while its manifest cannot be read.

use std::collections::BTreeSet;

use super::Fleet;
use crate::controller::Platforms;
use crate::reconcile::{Cap, Remembered, Watched};
use crate::store::StoreError;

impl Fleet {
    /// Takes the caps from what the store remembers, of platforms that no look has judged yet.
    pub(super) async fn remember_caps(&mut self, platforms: &Platforms) -> Result<(), StoreError> {
        let loaded = platforms.loaded();
        if loaded.keys().all(|name| self.caps.contains_key(name)) {
            return Ok(());
        }
        let remembered = Remembered::load(&self.store).await?;
        for (name, platform) in loaded {
            if self.caps.contains_key(&name) {
                continue;
            }
            let watched = Watched {
                appid: &platform.spec.app_id,
                name: &name,
                written: platform.spec.limits(),
            };
            let members = self.members(&name);
            let revision = remembered.compared(&watched, &members, BTreeSet::new());
            let cap = Cap {
                platform: platform.spec.app_id.to_string(),
                limits: revision.guarded.in_force(),
                written: revision.guarded.written.clone(),
                revision: revision.shown(),
                audit_reserve: platform.spec.audit_reserve.unwrap_or(0),
            };
            self.caps.insert(name, cap);
        }
        Ok(())
    }

    /// The tenants of a platform that a cap holds back.
    pub(super) fn capped(&self, platform: &str) -> Vec<String> {
        let capped = self.in_force().filter(|(_, row)| {
            let admitted = row.admitted.as_ref();
            row.is_capped && admitted.is_some_and(|one| one.platform == platform)
        });
        capped.map(|(name, _)| name.to_owned()).collect()
    }
}
