//! Tokens kept in the store, shared by all processes on it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};

use super::{TokenError, TokenSource, adopt};
use crate::client::clock::Clock;
use crate::client::platform::PlatformAccess;
use crate::client::transport::Transport;
use crate::store::documents::{CredDoc, PlatformDoc, RefreshClaim, Token};
use crate::store::{Key, Store};
use crate::wechat::answer::read_payload;
use crate::wechat::authorization::{AUTHORIZER_TOKEN, AuthorizerToken, authorizer_token_request};
use crate::wechat::errcode::names_refresh_token;
use crate::wechat::secret::Secret;
use crate::wechat::token::{COMPONENT_TOKEN, ComponentToken, component_token_request};
use crate::wechat::{Answer, Appid, Endpoint, ErrorClass, Lost};

/// A token is replaced this long before WeChat would refuse it.
const MARGIN: SignedDuration = SignedDuration::from_secs(300);
/// A refresh that was claimed and not finished counts for nothing after this.
const CLAIM: SignedDuration = SignedDuration::from_secs(20);
/// How often another process's refresh is looked at. Real time: it is a real process that is waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// A ticket works for 12 hours.
const TICKET_LIFE: SignedDuration = SignedDuration::from_hours(12);

/// Tokens of one platform and its accounts.
#[derive(Debug)]
pub struct StoreTokens {
    pub(super) platform: PlatformAccess,
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) transport: Transport,
    owner: String,
    flights: Mutex<BTreeMap<Appid, Arc<tokio::sync::Mutex<()>>>>,
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
            platform,
            store,
            clock,
            transport,
            owner,
            flights: Mutex::new(BTreeMap::new()),
        }
    }

    /// One flight per token: whoever holds the lock asks, the others find the answer in the store.
    fn flight(&self, appid: &Appid) -> Arc<tokio::sync::Mutex<()>> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(flights.entry(appid.clone()).or_default())
    }

    fn claim(&self, now: Timestamp) -> RefreshClaim {
        RefreshClaim {
            owner: self.owner.clone(),
            until: now + CLAIM,
        }
    }

    /// Whether another process is refreshing right now.
    fn taken(&self, claim: Option<&RefreshClaim>, now: Timestamp) -> bool {
        claim.is_some_and(|claim| claim.owner != self.owner && claim.until > now)
    }

    async fn component_token(&self, stale: Option<&Secret>) -> Result<Secret, TokenError> {
        let flight = self.flight(&self.platform.appid);
        let _guard = flight.lock().await;
        let key = Key::platform(&self.platform.appid);
        loop {
            let now = self.clock.now();
            let stored = self
                .store
                .get::<PlatformDoc>(&key)
                .await
                .map_err(TokenError::Store)?;
            let doc = stored.map(|stored| stored.value).unwrap_or_default();
            if let Some(token) = usable(doc.component_token.as_ref(), stale, now) {
                return Ok(token);
            }
            if self.taken(doc.claim.as_ref(), now) {
                tokio::time::sleep(LOOK_AGAIN).await;
                continue;
            }
            let ticket = doc.ticket.ok_or(TokenError::NoTicket(None))?;
            if now.duration_since(ticket.created_at) > TICKET_LIFE {
                return Err(TokenError::NoTicket(Some(ticket.created_at)));
            }
            if self.claimed_platform(&key, now).await? {
                return self
                    .refresh_component(&key, &Secret::new(ticket.value.expose()))
                    .await;
            }
        }
    }

    /// Claims the refresh; false when another process was faster.
    async fn claimed_platform(&self, key: &Key, now: Timestamp) -> Result<bool, TokenError> {
        let doc = self
            .store
            .update::<PlatformDoc>(key, |doc| {
                if !self.taken(doc.claim.as_ref(), now) {
                    doc.claim = Some(self.claim(now));
                }
            })
            .await
            .map_err(TokenError::Store)?;
        Ok(doc.claim.is_some_and(|claim| claim.owner == self.owner))
    }

    async fn refresh_component(&self, key: &Key, ticket: &Secret) -> Result<Secret, TokenError> {
        let body = component_token_request(&self.platform.appid, &self.platform.app_secret, ticket);
        let answer = self
            .transport
            .send(&COMPONENT_TOKEN, None, body.expose())
            .await;
        let got = read::<ComponentToken>(&COMPONENT_TOKEN, answer);
        let now = self.clock.now();
        let token = got.as_ref().ok().map(|got| Token {
            value: got.component_access_token.expose().into(),
            expires_at: now + SignedDuration::from_secs(got.expires_in),
            obtained_at: now,
        });
        self.store
            .update::<PlatformDoc>(key, |doc| {
                doc.claim = None;
                if token.is_some() {
                    doc.component_token.clone_from(&token);
                }
            })
            .await
            .map_err(TokenError::Store)?;
        got.map(|got| got.component_access_token)
    }

    async fn authorizer_token(
        &self,
        account: &Appid,
        stale: Option<&Secret>,
    ) -> Result<Secret, TokenError> {
        let flight = self.flight(account);
        let _guard = flight.lock().await;
        let key = Key::cred(account);
        loop {
            let now = self.clock.now();
            let stored = self
                .store
                .get::<CredDoc>(&key)
                .await
                .map_err(TokenError::Store)?;
            let Some(doc) = stored.map(|stored| stored.value) else {
                adopt::adopt(self, account).await?;
                continue;
            };
            if doc.revoked_at.is_some() {
                adopt::welcome_back(self, account).await?;
                continue;
            }
            if let Some(token) = usable(doc.access_token.as_ref(), stale, now) {
                return Ok(token);
            }
            if self.taken(doc.claim.as_ref(), now) {
                tokio::time::sleep(LOOK_AGAIN).await;
                continue;
            }
            if self.claimed_account(&key, now).await? {
                return self.refresh_authorizer(&key, account, doc).await;
            }
        }
    }

    async fn claimed_account(&self, key: &Key, now: Timestamp) -> Result<bool, TokenError> {
        self.store
            .amend::<CredDoc, bool>(key, |doc| {
                let free = !self.taken(doc.claim.as_ref(), now);
                if free {
                    doc.claim = Some(self.claim(now));
                }
                free
            })
            .await
            .map(|claimed| claimed == Some(true))
            .map_err(TokenError::Store)
    }

    async fn refresh_authorizer(
        &self,
        key: &Key,
        account: &Appid,
        doc: CredDoc,
    ) -> Result<Secret, TokenError> {
        let known = doc.refresh_token.map(|token| Secret::new(token.expose()));
        let mut got = match &known {
            Some(refresh) => self.ask_authorizer(account, refresh).await,
            None => Err(TokenError::NoTicket(None)),
        };
        let dead = match &got {
            Err(TokenError::Refused(error)) => {
                matches!(error.class, ErrorClass::Token | ErrorClass::Human)
            }
            Err(TokenError::NoTicket(_)) => known.is_none(),
            Ok(_)
            | Err(TokenError::NotAuthorized(_) | TokenError::Lost(_) | TokenError::Store(_)) => {
                false
            }
        };
        if dead {
            // The refresh token is not valid any more (61023): WeChat itself still knows the newest one.
            got = match adopt::newest_refresh_token(self, account).await? {
                Some(newest) if Some(&newest) != known.as_ref() => {
                    self.ask_authorizer(account, &newest).await
                }
                Some(_) | None => got,
            };
        }
        self.keep(key, got).await
    }

    /// Asks for an authorizer token; a component token that WeChat refuses is replaced once.
    async fn ask_authorizer(
        &self,
        account: &Appid,
        refresh: &Secret,
    ) -> Result<AuthorizerToken, TokenError> {
        let body = authorizer_token_request(&self.platform.appid, account, refresh);
        let answer = self
            .component_call(&AUTHORIZER_TOKEN, body.expose())
            .await?;
        read(&AUTHORIZER_TOKEN, answer)
    }

    /// A component call with a token, repeated once with a fresh one where WeChat refuses the token.
    pub(super) async fn component_call(
        &self,
        endpoint: &'static Endpoint,
        body: &str,
    ) -> Result<Answer, TokenError> {
        let token = self.component_token(None).await?;
        let answer = self.transport.send(endpoint, Some(&token), body).await;
        match &answer {
            Answer::Refused(error)
                if error.class == ErrorClass::Token && !names_refresh_token(error) => {}
            Answer::Done(_) | Answer::Refused(_) | Answer::Lost(_) => return Ok(answer),
        }
        let token = self.component_token(Some(&token)).await?;
        Ok(self.transport.send(endpoint, Some(&token), body).await)
    }

    /// Stores what came out, tokens and a rotated refresh token in one write, before anything uses them.
    async fn keep(
        &self,
        key: &Key,
        got: Result<AuthorizerToken, TokenError>,
    ) -> Result<Secret, TokenError> {
        let now = self.clock.now();
        let left = matches!(&got, Err(TokenError::NotAuthorized(_)));
        self.store
            .amend::<CredDoc, ()>(key, |doc| {
                doc.claim = None;
                if let Ok(got) = &got {
                    doc.access_token = Some(Token {
                        value: got.authorizer_access_token.expose().into(),
                        expires_at: now + SignedDuration::from_secs(got.expires_in),
                        obtained_at: now,
                    });
                    if let Some(rotated) = &got.authorizer_refresh_token {
                        doc.refresh_token = Some(rotated.expose().into());
                    }
                }
                if left {
                    doc.revoked_at = Some(now);
                    doc.access_token = None;
                }
            })
            .await
            .map_err(TokenError::Store)?;
        got.map(|got| got.authorizer_access_token)
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
}

/// The stored token, unless it is about to expire or is the one that WeChat refused.
fn usable(token: Option<&Token>, stale: Option<&Secret>, now: Timestamp) -> Option<Secret> {
    let token = token?;
    let fresh = token.expires_at > now + MARGIN;
    let value = Secret::new(token.value.expose());
    (fresh && stale != Some(&value)).then_some(value)
}

/// The typed body of a token answer.
pub(in crate::client) fn read<T: serde::de::DeserializeOwned>(
    endpoint: &'static Endpoint,
    answer: Answer,
) -> Result<T, TokenError> {
    match answer {
        Answer::Done(body) => read_payload(endpoint, &body).map_err(|error| {
            TokenError::Lost(Lost {
                endpoint: endpoint.name.to_owned(),
                why: error.to_string(),
                sent: true,
            })
        }),
        Answer::Refused(error) if error.class == ErrorClass::Revoked => {
            Err(TokenError::NotAuthorized(error))
        }
        Answer::Refused(error) => Err(TokenError::Refused(error)),
        Answer::Lost(lost) => Err(TokenError::Lost(lost)),
    }
}
