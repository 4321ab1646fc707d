//! One account, one tenant: claims the account for the tenant and pins it there.

use super::server::Shared;
use crate::store::documents::{ClaimDoc, TenantDoc};
use crate::store::{Key, StoreError};
use crate::wechat::Appid;

/// What came of pinning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pinned {
    /// Tenant and account belong to each other.
    Yes,
    /// The account is another tenant's.
    ClaimedByAnother,
    /// The tenant has another account.
    HasAnother,
}

/// The account that is pinned to a tenant.
pub(super) async fn pinned(shared: &Shared, tenant: &str) -> Result<Option<Appid>, StoreError> {
    let stored = shared.store.get::<TenantDoc>(&Key::tenant(tenant)).await?;
    Ok(stored.and_then(|stored| stored.value.pin))
}

/// Claims the account, then pins it. What was claimed in vain is given back.
pub(super) async fn pin(
    shared: &Shared,
    tenant: &str,
    account: &Appid,
) -> Result<Pinned, StoreError> {
    if pinned(shared, tenant)
        .await?
        .is_some_and(|pin| pin != *account)
    {
        return Ok(Pinned::HasAnother);
    }
    let claim = ClaimDoc {
        tenant: tenant.to_owned(),
    };
    let key = Key::claim(account);
    let ours = match shared.store.create(&key, &claim).await {
        Ok(version) => Some(version),
        Err(error) if error.is_conflict() => {
            let holder = shared.store.get::<ClaimDoc>(&key).await?;
            if holder.is_none_or(|holder| holder.value.tenant != tenant) {
                return Ok(Pinned::ClaimedByAnother);
            }
            None
        }
        Err(error) => return Err(error),
    };
    let doc = shared
        .store
        .update::<TenantDoc>(&Key::tenant(tenant), |doc| {
            if doc.pin.is_none() {
                doc.pin = Some(account.clone());
            }
        })
        .await?;
    if doc.pin.as_ref() == Some(account) {
        return Ok(Pinned::Yes);
    }
    // Another scan was faster.
    if let Some(version) = ours {
        shared.store.delete(&key, &version).await?;
    }
    Ok(Pinned::HasAnother)
}
