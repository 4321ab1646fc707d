//! One account, one place: claims the account for one of a tenant's and pins it there.

use super::Addressee;
use crate::store::documents::{ClaimDoc, TenantDoc};
use crate::store::{Key, Store, StoreError};
use crate::wechat::Appid;

/// What came of pinning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pinned {
    /// The two belong to each other.
    Yes,
    /// The account has another place.
    ClaimedByAnother,
    /// The place has another account.
    HasAnother,
}

/// The account that is pinned.
///
/// # Errors
/// [`StoreError`].
pub async fn pinned(store: &Store, to: &Addressee) -> Result<Option<Appid>, StoreError> {
    let key = Key::tenant(&to.tenant);
    let stored = store.get::<TenantDoc>(&key).await?;
    Ok(stored.and_then(|stored| stored.value.pin_of(to.item.as_deref()).cloned()))
}

/// Claims the account, then pins it. What was claimed in vain is given back.
///
/// # Errors
/// [`StoreError`]; calling it again ends the same.
pub async fn pin(store: &Store, to: &Addressee, account: &Appid) -> Result<Pinned, StoreError> {
    let item = to.item.as_deref();
    if pinned(store, to).await?.is_some_and(|pin| pin != *account) {
        return Ok(Pinned::HasAnother);
    }
    let claim = ClaimDoc::of(&to.tenant, item);
    let key = Key::claim(account);
    let ours = match store.create(&key, &claim).await {
        Ok(version) => Some(version),
        Err(error) if error.is_conflict() => {
            let holder = store.get::<ClaimDoc>(&key).await?;
            if holder.is_none_or(|holder| holder.value != claim) {
                return Ok(Pinned::ClaimedByAnother);
            }
            None
        }
        Err(error) => return Err(error),
    };
    let doc = store
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
        store.delete(&key, &version).await?;
    }
    Ok(Pinned::HasAnother)
}
