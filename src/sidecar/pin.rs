//! One account, one tenant: claims the account for the tenant and pins it there.

use super::server::Shared;
use crate::client::Addressee;
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

/// The account that is pinned.
pub(super) async fn pinned(shared: &Shared, to: &Addressee) -> Result<Option<Appid>, StoreError> {
    let key = Key::tenant(&to.tenant);
    let stored = shared.store.get::<TenantDoc>(&key).await?;
    Ok(stored.and_then(|stored| stored.value.pin_of(to.item.as_deref()).cloned()))
}

/// Claims the account, then pins it. What was claimed in vain is given back.
pub(super) async fn pin(
    shared: &Shared,
    to: &Addressee,
    account: &Appid,
) -> Result<Pinned, StoreError> {
    let item = to.item.as_deref();
    if pinned(shared, to).await?.is_some_and(|pin| pin != *account) {
        return Ok(Pinned::HasAnother);
    }
    let claim = ClaimDoc::of(&to.tenant, item);
    let key = Key::claim(account);
    let ours = match shared.store.create(&key, &claim).await {
        Ok(version) => Some(version),
        Err(error) if error.is_conflict() => {
            let holder = shared.store.get::<ClaimDoc>(&key).await?;
            if holder.is_none_or(|holder| holder.value != claim) {
                return Ok(Pinned::ClaimedByAnother);
            }
            None
        }
        Err(error) => return Err(error),
    };
    let doc = shared
        .store
        .update::<TenantDoc>(&Key::tenant(&to.tenant), |doc| {
            if doc.pin_of(item).is_none() {
                doc.set_pin(item, account.clone());
            }
        })
        .await?;
    if doc.pin_of(item) == Some(account) {
        return Ok(Pinned::Yes);
    }
    // Another scan was faster.
    if let Some(version) = ours {
        shared.store.delete(&key, &version).await?;
    }
    Ok(Pinned::HasAnother)
}
