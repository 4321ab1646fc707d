//! No older manifests over newer ones: which state of them a tenant's last pass went by.
//!
//! Times are of one machine, since the store is; a moment that is still to come was written under a clock that has been
//! set back since, and counts for nothing.

use super::{Actor, Desired, PassError};
use crate::plan::Digest;
use crate::store::Key;
use crate::store::documents::{ManifestsRead, TenantDoc};

/// Stops a run whose manifests were read before those that the tenant's last pass went by, unless they say the same.
pub(super) async fn must_be_newest(actor: &Actor, desired: &Desired) -> Result<(), PassError> {
    let Some(ours) = ours(actor, desired) else {
        return Ok(());
    };
    let observer = &actor.observer;
    let stored = observer
        .store
        .get::<TenantDoc>(&Key::tenant(&desired.tenant))
        .await
        .map_err(|error| desired.store_error(error))?;
    let Some(last) = stored.and_then(|stored| stored.value.manifests_read) else {
        return Ok(());
    };
    let is_newer = last.at > ours.at && last.at <= observer.clock.now();
    if is_newer && Digest::from_hex(last.declared) != Digest::from_hex(ours.declared) {
        return Err(PassError::Stale {
            tenant: desired.tenant.clone(),
            read_at: ours.at,
            newer_at: last.at,
        });
    }
    Ok(())
}

/// Writes it down, before the first write at WeChat: after a crash it counts all the same.
pub(super) async fn note(actor: &Actor, desired: &Desired) -> Result<(), PassError> {
    let Some(ours) = ours(actor, desired) else {
        return Ok(());
    };
    actor
        .observer
        .store
        .update::<TenantDoc>(&Key::tenant(&desired.tenant), |doc| {
            doc.manifests_read = Some(ours.clone());
        })
        .await
        .map(drop)
        .map_err(|error| desired.store_error(error))
}

/// What this pass goes by.
pub(super) fn ours(actor: &Actor, desired: &Desired) -> Option<ManifestsRead> {
    Some(ManifestsRead {
        at: actor.passes.read_at?,
        declared: desired.declared().to_string(),
    })
}
