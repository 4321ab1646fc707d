//! The key that a platform's authorization links are signed with: random, made once, kept in the store. It has nothing to
//! do with the AppSecret, so that a new AppSecret does not kill links that customers were sent.

use crate::store::documents::LinkDoc;
use crate::store::{Key, Store, StoreError};
use crate::wechat::Appid;
use crate::wechat::secret::Secret;

/// The platform's key; makes one where there is none. Several processes that do so at once get the same.
///
/// # Errors
/// [`StoreError`].
pub async fn key(store: &Store, platform: &Appid) -> Result<Secret, StoreError> {
    let key = Key::link(platform);
    if let Some(LinkDoc { key: Some(known) }) = store.get(&key).await?.map(|doc| doc.value) {
        return Ok(Secret::new(known.expose()));
    }
    let new: String = rand::random::<[u8; 32]>()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let first = |doc: &mut Option<LinkDoc>| {
        let made = || new.as_str().into();
        let doc = doc.get_or_insert_default();
        doc.key.get_or_insert_with(made).clone()
    };
    let kept = store.modify(&key, first).await?;
    Ok(Secret::new(kept.expose()))
}
