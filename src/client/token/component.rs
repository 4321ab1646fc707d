//! The platform's own token, from the newest ticket.

use std::sync::PoisonError;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::store_tokens::{StoreTokens, token, usable};
use super::{TokenError, read};
use crate::client::{pushes, ticket};
use crate::store::Key;
use crate::store::documents::PlatformDoc;
use crate::wechat::secret::Secret;
use crate::wechat::token::{COMPONENT_TOKEN, ComponentToken, component_token_request};

/// A ticket works for 12 hours.
const TICKET_LIFE: SignedDuration = SignedDuration::from_hours(12);

impl StoreTokens {
    pub(super) async fn component_token(
        &self,
        stale: Option<&Secret>,
    ) -> Result<Secret, TokenError> {
        if let Some(token) = self.seen_just_now(stale) {
            return Ok(token);
        }
        let (asked, flight) = (Instant::now(), self.platform.appid.as_str());
        let _seat = self.flights.board(flight).await;
        if let Some(lost) = self.losses.since(flight, asked) {
            return Err(TokenError::Lost(lost));
        }
        let outcome = self.component_token_alone(stale).await;
        self.losses.note(flight, &outcome);
        outcome
    }

    async fn component_token_alone(&self, stale: Option<&Secret>) -> Result<Secret, TokenError> {
        let key = Key::platform(&self.platform.appid);
        loop {
            let now = self.clock.now();
            let stored = self.store.get::<PlatformDoc>(&key).await?;
            let doc = stored.map(|stored| stored.value).unwrap_or_default();
            if let Some(token) = usable(doc.component_token.as_ref(), stale, now) {
                let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
                *seen = doc.component_token.map(|token| (Instant::now(), token));
                return Ok(token);
            }
            if self.taken(doc.claim.as_ref(), now) {
                self.look_again().await;
                continue;
            }
            let Some(ticket) = doc.ticket else {
                return Err(self.no_ticket(None).await?);
            };
            if !alive(ticket.created_at, now) {
                ticket::mind(&self.platform, &self.store, &self.transport, now, None).await?;
                return Err(self.no_ticket(Some(ticket.created_at)).await?);
            }
            let mut ours = false;
            self.store
                .update::<PlatformDoc>(&key, |doc| ours = self.take(&mut doc.claim, now))
                .await?;
            if ours {
                let ticket = Secret::new(ticket.value.expose());
                return self.refresh_component(&key, &ticket).await;
            }
        }
    }

    /// Why there is no ticket: none came, or those that came since the last one were refused.
    async fn no_ticket(&self, since: Option<Timestamp>) -> Result<TokenError, TokenError> {
        let troubles = pushes::troubles(&self.store, &self.platform.appid).await?;
        let refused = troubles
            .into_iter()
            .filter(|(trouble, tally)| trouble.is_refusal() && Some(tally.last_at) > since)
            .max_by_key(|(_, tally)| tally.last_at)
            .map(|(trouble, _)| trouble);
        Ok(TokenError::NoTicket { since, refused })
    }

    /// The token that was in the store a moment ago. One that was replaced since works on, or WeChat refuses it, and
    /// then it is stale.
    fn seen_just_now(&self, stale: Option<&Secret>) -> Option<Secret> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, token) = seen.as_ref()?;
        let fresh = at.elapsed() < A_MOMENT;
        fresh
            .then(|| usable(Some(token), stale, self.clock.now()))
            .flatten()
    }

    async fn refresh_component(&self, key: &Key, ticket: &Secret) -> Result<Secret, TokenError> {
        let body = component_token_request(&self.platform.appid, &self.platform.app_secret, ticket);
        let answer = self
            .transport
            .send(&COMPONENT_TOKEN, None, body.expose())
            .await;
        let got = read::<ComponentToken>(&COMPONENT_TOKEN, answer);
        let now = self.clock.now();
        self.store
            .update::<PlatformDoc>(key, |doc| {
                self.give_back(&mut doc.claim);
                if let Ok(got) = &got {
                    doc.component_token =
                        Some(token(&got.component_access_token, got.expires_in, now));
                }
            })
            .await?;
        got.map(|got| got.component_access_token)
    }
}

/// How long what was read from the store is taken for what is there.
const A_MOMENT: Duration = Duration::from_secs(1);

fn alive(made: Timestamp, now: Timestamp) -> bool {
    now.duration_since(made) < TICKET_LIFE
}
