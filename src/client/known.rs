//! What the store knows of a platform's trouble, for those who ask without asking WeChat.

use super::handle::Client;
use super::pushes;
use crate::store::documents::PlatformDoc;
use crate::store::{Key, StoreError};
use crate::wechat::{Cause, Trouble};

impl Client {
    /// Why the platform has no token, if it has none: what WeChat refused last, or that there is no ticket.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn known_trouble(&self) -> Result<Option<Trouble>, StoreError> {
        let (platform, now) = (&self.platform().appid, self.core.clock.now());
        let stored = self
            .core
            .store
            .get::<PlatformDoc>(&Key::platform(platform))
            .await?;
        let doc = stored.map(|stored| stored.value).unwrap_or_default();
        if doc
            .component_token
            .is_some_and(|token| token.expires_at > now)
        {
            return Ok(None);
        }
        let of = |cause, again| Trouble {
            platform: platform.clone(),
            cause,
            again,
        };
        let last = doc.ticket.as_ref().map(|ticket| ticket.created_at);
        if !doc.ticket.is_some_and(|ticket| ticket.is_alive(now)) {
            let refused = pushes::refused_since(&self.core.store, platform, last).await?;
            return Ok(Some(of(Cause::NoTicket { last, refused }, None)));
        }
        Ok(doc.refused.map(|refused| {
            let again = refused.again.filter(|again| *again > now);
            of(Cause::Refused(refused.error), again)
        }))
    }
}
