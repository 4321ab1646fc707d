//! An account that left (取消授权), as a push says it.

use jiff::Timestamp;

use crate::client::handle::Client;
use crate::store::documents::CredDoc;
use crate::store::{Key, StoreError};
use crate::wechat::Appid;

impl Client {
    /// Stores that an account left, durably. `at` is the notice's `CreateTime`: one that is older than the account's
    /// newest authorization only makes us ask WeChat again.
    ///
    /// # Errors
    /// [`StoreError`]: then the notice must not be acknowledged.
    pub async fn keep_revocation(
        &self,
        account: &Appid,
        at: Option<i64>,
    ) -> Result<(), StoreError> {
        let now = self.core.clock.now();
        let at = at
            .and_then(|seconds| Timestamp::from_second(seconds).ok())
            .unwrap_or(now);
        let gone = || CredDoc {
            revoked_at: Some(now),
            ..CredDoc::of(self.platform().appid.clone())
        };
        let key = Key::cred(account);
        match self.core.store.create(&key, &gone()).await {
            Err(error) if error.is_conflict() => {}
            other => return other.map(drop),
        }
        self.core
            .store
            .amend::<CredDoc, ()>(&key, |doc| {
                // It left us; the tokens are those of another platform, which it may well have moved to.
                if doc.platform != self.platform().appid {
                    return;
                }
                doc.access_token = None;
                // Notices know whole seconds.
                let older = doc
                    .authorized_at
                    .is_some_and(|authorized| authorized.as_second() > at.as_second());
                if !older {
                    doc.refresh_token = None;
                    doc.revoked_at = doc.revoked_at.or(Some(now));
                }
            })
            .await
            .map(drop)
    }
}
