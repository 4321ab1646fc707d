//! What other processes write into the store for the loop: a yes to a step, a pause that ends. Whoever writes it tells the
//! loop too; this is for what could not be told.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::Shared;
use crate::store::documents::PausedDoc;
use crate::store::{Key, StoreError};
use crate::wechat::Appid;

/// What was there at the last look.
#[derive(Debug, Default)]
pub(super) struct Heard {
    approvals: BTreeSet<Key>,
    paused: BTreeSet<Key>,
}

impl Heard {
    /// Asks for looks at the tenants that something has changed for.
    pub(super) async fn listen(
        &mut self,
        shared: &Shared,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let approvals: BTreeSet<Key> = shared
            .store
            .list("approval/tenant/")
            .await?
            .into_iter()
            .collect();
        for key in approvals.difference(&self.approvals) {
            if let [_, tenant, ..] = key.segments().as_slice() {
                shared.woken.wake(tenant);
            }
        }
        self.approvals = approvals;
        let mut paused = BTreeSet::new();
        for key in shared.store.list("paused/").await? {
            let stored = shared.store.get::<PausedDoc>(&key).await?;
            if stored.is_some_and(|stored| stored.value.holds(now)) {
                paused.insert(key);
            }
        }
        for key in self.paused.difference(&paused) {
            match key.segments().as_slice() {
                [scope, name] if scope == "tenant" => shared.woken.wake(name),
                [_, platform] => {
                    let platforms = std::sync::Arc::clone(&*shared.platforms.read().await);
                    let appid = Appid::parse(platform).ok();
                    let name = appid.and_then(|appid| platforms.name_of(&appid));
                    super::wake_all(shared, name.unwrap_or(platform)).await;
                }
                _ => {}
            }
        }
        self.paused = paused;
        Ok(())
    }
}
