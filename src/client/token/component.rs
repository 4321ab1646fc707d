//! The platform's own token, from the newest ticket.
//!
//! Everything waits for it, and each request for it is one of a few thousand a day: a refusal is the platform's, is
//! remembered, and is not asked for again by each tenant ([`super::refusal`]).

use std::sync::PoisonError;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::store_tokens::{StoreTokens, token, usable};
use super::{TokenError, cut, read, refusal};
use crate::client::backoff::{self, Tries};
use crate::client::transport::Body;
use crate::client::{pushes, ticket};
use crate::store::documents::{PlatformDoc, Token};
use crate::store::ledger::Demand;
use crate::store::{Key, Ledger};
use crate::wechat::secret::Secret;
use crate::wechat::token::{COMPONENT_TOKEN, ComponentToken, component_token_request};
use crate::wechat::{Cause, ErrorClass, Trouble};

/// All accounts wait for the one. The name is no appid, so it is never a flight that is boarded already.
const FLIGHT: &str = "platform";
/// How long no answer at all is taken for how it is: the other tenants of this run need not find out each by itself.
const SILENT: Duration = Duration::from_secs(10);
/// WeChat counts by the minute where it answers that there were too many.
const MINUTE: Duration = Duration::from_secs(60);

impl StoreTokens {
    pub(super) async fn component_token(
        &self,
        stale: Option<&Secret>,
    ) -> Result<Secret, TokenError> {
        if let Some(token) = self.seen_just_now(stale) {
            return Ok(token);
        }
        let _seat = self.flights.board(FLIGHT).await;
        let outcome = self.component_token_alone(stale).await;
        if let Err(TokenError::Platform(trouble)) = &outcome
            && let Cause::Lost(lost) = &trouble.cause
        {
            self.losses.keep(FLIGHT, lost);
        }
        outcome
    }

    async fn component_token_alone(&self, stale: Option<&Secret>) -> Result<Secret, TokenError> {
        let key = Key::platform(&self.platform.appid);
        let mut tries = Tries::default();
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
            let last = doc.ticket.as_ref().map(|ticket| ticket.created_at);
            let Some(ticket) = doc.ticket.as_ref().filter(|one| one.is_alive(now)) else {
                if last.is_some() {
                    ticket::mind(&self.platform, &self.store, &self.transport, now, None).await?;
                }
                let refused =
                    pushes::refused_since(&self.store, &self.platform.appid, last).await?;
                return Err(self.trouble(Cause::NoTicket { last, refused }, None));
            };
            let ticket = Secret::new(ticket.value.expose());
            if tries.all == 0
                && let Some(trouble) = self.known(&doc, &ticket, now)
            {
                return last_drop(&doc, stale, now).ok_or(TokenError::Platform(trouble));
            }
            let mut ours = false;
            self.store
                .update::<PlatformDoc>(&key, |doc| ours = self.take(&mut doc.claim, now))
                .await?;
            if !ours {
                continue;
            }
            let started = self.clock.since_boot();
            let cut = cut::is_cut(doc.component_token.as_ref(), stale, now);
            let answer = self.ask_for_token(&ticket).await;
            tries.count(self.clock.since_boot().saturating_sub(started));
            match self.keep_answer(&key, &ticket, answer, tries, cut).await? {
                Kept::Token(token) => return Ok(token),
                Kept::Again(wait) => self.clock.sleep(wait).await,
                Kept::Trouble(trouble) => {
                    return last_drop(&doc, stale, now).ok_or(TokenError::Platform(trouble));
                }
            }
        }
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

    /// What this process or another was told so recently that asking again would only cost a call.
    fn known(&self, doc: &PlatformDoc, ticket: &Secret, now: Timestamp) -> Option<Box<Trouble>> {
        if let Some(lost) = self.losses.within(FLIGHT, SILENT) {
            return Some(Box::new(self.trouble_of(Cause::Lost(lost), None)));
        }
        let secret = &self.platform.app_secret;
        let held = refusal::holds(doc.refused.as_ref()?, &self.owner, secret, ticket, now)?;
        Some(Box::new(self.trouble_of(
            Cause::Refused(held.error.clone()),
            held.again.filter(|again| *again > now),
        )))
    }

    /// One request, counted before it is sent: WeChat counts those it refuses as well.
    async fn ask_for_token(&self, ticket: &Secret) -> Result<ComponentToken, TokenError> {
        if let Some(demand) = self.demand() {
            Ledger::new(self.store.clone()).count(&demand).await?;
        }
        let body = component_token_request(&self.platform.appid, &self.platform.app_secret, ticket);
        let answer = self
            .transport
            .send(&COMPONENT_TOKEN, None, Body::Json(body.expose()))
            .await;
        read::<ComponentToken>(&COMPONENT_TOKEN, answer)
    }

    fn demand(&self) -> Option<Demand> {
        let (appid, now) = (self.platform.appid.as_str(), self.clock.now());
        let quota = COMPONENT_TOKEN.quota()?;
        Some(Demand::new(appid, COMPONENT_TOKEN.name, quota, now))
    }

    /// Gives the claim back, and stores what came: the token, or what WeChat said instead. `cut`: the token that is
    /// replaced had ended before its time.
    async fn keep_answer(
        &self,
        key: &Key,
        ticket: &Secret,
        answer: Result<ComponentToken, TokenError>,
        tries: Tries,
        cut: bool,
    ) -> Result<Kept, TokenError> {
        let now = self.clock.now();
        let (kept, refused) = match answer {
            Ok(got) => {
                let held = token(&got.component_access_token, got.expires_in, now);
                self.count_foreign(cut);
                self.give_back_with(key, |doc| {
                    doc.component_token = Some(held.clone());
                    doc.refused = None;
                    if cut && cut::note(&mut doc.cut_at, now) {
                        doc.rival = Some(cut::rival(&self.platform.appid, now));
                    }
                })
                .await?;
                return Ok(Kept::Token(got.component_access_token));
            }
            Err(TokenError::Refused(error) | TokenError::Revoked(error)) => {
                if error.class == ErrorClass::Throttled && tries.all < 2 {
                    (Kept::Again(MINUTE), None)
                } else if error.class != ErrorClass::Throttled && backoff::again(&error, tries.all)
                {
                    (Kept::Again(backoff::wait(tries.all)), None)
                } else {
                    (
                        Kept::Trouble(Box::new(
                            self.trouble_of(Cause::Refused(error.clone()), None),
                        )),
                        Some(error),
                    )
                }
            }
            Err(TokenError::Lost(lost)) if tries.again_after_silence() => {
                tracing::debug!(why = lost.why, "no answer to the request for a token");
                (Kept::Again(backoff::wait(tries.all)), None)
            }
            Err(TokenError::Lost(lost)) => (
                Kept::Trouble(Box::new(self.trouble_of(Cause::Lost(lost), None))),
                None,
            ),
            Err(
                error @ (TokenError::Platform(_)
                | TokenError::NeedsAuthorization(_)
                | TokenError::Store(_)),
            ) => {
                self.give_back_with(key, |_| {}).await?;
                return Err(error);
            }
        };
        let secret = &self.platform.app_secret;
        let doc = self
            .give_back_with(key, |doc| {
                if let Some(error) = &refused {
                    let before = doc.refused.take();
                    doc.refused = Some(refusal::noted(
                        error,
                        before.as_ref(),
                        &self.owner,
                        secret,
                        ticket,
                        now,
                    ));
                }
            })
            .await?;
        if let (Some(error), Some(demand)) = (&refused, self.demand())
            && error.class == ErrorClass::Quota
        {
            Ledger::new(self.store.clone()).exhausted(&demand).await?;
        }
        if let (Kept::Trouble(trouble), true) = (&kept, refused.is_some()) {
            tracing::info!(platform = %self.platform.appid, %trouble, "WeChat gives the platform no token");
            let again = doc.refused.and_then(|refused| refused.again);
            let cause = trouble.cause.clone();
            return Ok(Kept::Trouble(Box::new(self.trouble_of(cause, again))));
        }
        Ok(kept)
    }

    async fn give_back_with(
        &self,
        key: &Key,
        mut change: impl FnMut(&mut PlatformDoc) + Send,
    ) -> Result<PlatformDoc, TokenError> {
        let doc = self
            .store
            .update::<PlatformDoc>(key, |doc| {
                self.give_back(&mut doc.claim);
                change(doc);
            })
            .await?;
        Ok(doc)
    }

    fn trouble_of(&self, cause: Cause, again: Option<Timestamp>) -> Trouble {
        Trouble {
            platform: self.platform.appid.clone(),
            cause,
            again,
        }
    }

    fn trouble(&self, cause: Cause, again: Option<Timestamp>) -> TokenError {
        TokenError::Platform(Box::new(self.trouble_of(cause, again)))
    }
}

/// What became of one request for the token.
enum Kept {
    Token(Secret),
    /// It may pass by itself: once more, after a while.
    Again(Duration),
    Trouble(Box<Trouble>),
}

/// How long what was read from the store is taken for what is there.
const A_MOMENT: Duration = Duration::from_secs(1);

/// A token is renewed ahead of its end; where no new one can be had, the old one serves until then.
fn last_drop(doc: &PlatformDoc, stale: Option<&Secret>, now: Timestamp) -> Option<Secret> {
    let Token {
        value, expires_at, ..
    } = doc.component_token.as_ref()?;
    let value = Secret::new(value.expose());
    (*expires_at > now && stale != Some(&value)).then_some(value)
}
