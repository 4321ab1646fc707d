//! Tokens kept in the store, shared by all processes on it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::losses::Losses;
use super::{TokenError, TokenSource};
use crate::client::clock::Clock;
use crate::client::flights::Flights;
use crate::client::platform::PlatformAccess;
use crate::client::transport::{Body, Transport};
use crate::client::troubles::Troubles;
use crate::store::Store;
use crate::store::documents::{RefreshClaim, Token};
use crate::wechat::errcode::names_refresh_token;
use crate::wechat::secret::Secret;
use crate::wechat::{Answer, Appid, Endpoint, ErrorClass};

/// A token is replaced this long before WeChat would refuse it.
pub(super) const MARGIN: SignedDuration = SignedDuration::from_secs(300);
/// A refresh that was claimed and not finished counts for nothing after this: longer than a request may take.
const CLAIM: SignedDuration = SignedDuration::from_secs(20);
/// How often another process's refresh is looked at. Real time: it is a real process that is waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Tokens of one platform and its accounts.
#[derive(Debug)]
pub struct StoreTokens {
    pub(super) platform: PlatformAccess,
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) transport: Transport,
    pub(super) flights: Flights,
    pub(super) losses: Losses,
    pub(in crate::client) troubles: Arc<Troubles>,
    /// The platform's token as it was read from the store last: every tenant's first read asks for it.
    pub(super) seen: Mutex<Option<(Instant, Token)>>,
    pub(super) owner: String,
}

impl StoreTokens {
    /// `owner` names this process in claims.
    #[must_use]
    pub fn new(
        platform: PlatformAccess,
        store: Store,
        clock: Arc<dyn Clock>,
        transport: Transport,
        owner: String,
    ) -> Self {
        Self {
            troubles: Arc::new(Troubles::new(platform.appid.clone(), Arc::clone(&clock))),
            platform,
            store,
            clock,
            transport,
            flights: Flights::default(),
            losses: Losses::default(),
            seen: Mutex::default(),
            owner,
        }
    }

    /// Takes a refresh unless another process is at it right now; answers whether it is ours.
    pub(super) fn take(&self, claim: &mut Option<RefreshClaim>, now: Timestamp) -> bool {
        let free = !self.taken(claim.as_ref(), now);
        if free {
            *claim = Some(RefreshClaim {
                owner: self.owner.clone(),
                until: now + CLAIM,
            });
        }
        free
    }

    /// Gives a refresh back, unless it was another process's all along.
    pub(super) fn give_back(&self, claim: &mut Option<RefreshClaim>) {
        if claim
            .as_ref()
            .is_some_and(|claim| claim.owner == self.owner)
        {
            *claim = None;
        }
    }

    /// Whether another process is refreshing right now. A claim that ends later than any made now was made by a
    /// clock that has been set back since: waiting for it could take years.
    pub(super) fn taken(&self, claim: Option<&RefreshClaim>, now: Timestamp) -> bool {
        claim.is_some_and(|claim| {
            claim.owner != self.owner && claim.until > now && claim.until <= now + CLAIM * 4
        })
    }

    /// Waits a moment for another process.
    pub(super) async fn look_again(&self) {
        tokio::time::sleep(LOOK_AGAIN).await;
    }

    /// A component call with a token, repeated once with a fresh one where WeChat refuses the token. `about` is whom
    /// it is about.
    pub(super) async fn component_call(
        &self,
        endpoint: &'static Endpoint,
        about: &Appid,
        body: &str,
    ) -> Result<Answer, TokenError> {
        if let Some(trouble) = self.troubles.before(endpoint) {
            return Err(TokenError::Platform(trouble));
        }
        let token = self.component_token(None).await?;
        let mut answer = self
            .transport
            .send(endpoint, Some(&token), Body::Json(body))
            .await;
        if matches!(&answer, Answer::Refused(error) if error.class == ErrorClass::Token && !names_refresh_token(error))
        {
            let token = self.component_token(Some(&token)).await?;
            answer = self
                .transport
                .send(endpoint, Some(&token), Body::Json(body))
                .await;
        }
        match self.troubles.after(endpoint, about.as_str(), &answer) {
            Some(trouble) => Err(TokenError::Platform(trouble)),
            None => Ok(answer),
        }
    }
}

impl TokenSource for StoreTokens {
    fn component<'a>(
        &'a self,
        stale: Option<&'a Secret>,
    ) -> BoxFuture<'a, Result<Secret, TokenError>> {
        self.component_token(stale).boxed()
    }

    fn authorizer<'a>(
        &'a self,
        account: &'a Appid,
        stale: Option<&'a Secret>,
    ) -> BoxFuture<'a, Result<Secret, TokenError>> {
        self.authorizer_token(account, stale).boxed()
    }

    fn recover<'a>(&'a self, account: &'a Appid) -> BoxFuture<'a, Result<bool, TokenError>> {
        self.recover_account(account).boxed()
    }
}

/// The stored token, unless it is about to expire or is the one that WeChat refused.
pub(super) fn usable(
    token: Option<&Token>,
    stale: Option<&Secret>,
    now: Timestamp,
) -> Option<Secret> {
    let token = token?;
    let fresh = token.expires_at > now + MARGIN;
    let value = Secret::new(token.value.expose());
    (fresh && stale != Some(&value)).then_some(value)
}

/// A token as it is stored.
pub(super) fn token(value: &Secret, expires_in: Option<i64>, now: Timestamp) -> Token {
    // An answer that does not say how long: long enough to work with, short enough to do no harm.
    const UNSAID: i64 = 600;
    const DAY: i64 = 86_400;
    let said = expires_in.filter(|seconds| (1..=DAY).contains(seconds));
    let life = SignedDuration::from_secs(said.unwrap_or(UNSAID));
    Token {
        value: value.expose().into(),
        expires_at: now.saturating_add(life).unwrap_or(Timestamp::MAX),
        obtained_at: now,
    }
}
