//! From an authorization code to stored tokens.
//!
//! A code works once and dies after ten minutes. It is stored before it is sent, and what it brings before anything
//! else happens.
//!
//! ```text
//! sent ──► tokens ──► stored
//!   ├─► refused, but not for the code's sake (busy, a token, a quota) ──► later, until the code dies
//!   ├─► no answer, or one that may have had an effect ──► asked for the account's tokens without the code, then later
//!   └─► dead ──► spent: the account's tokens are asked for without it, and it is never sent again
//! ```
//!
//! In doubt it is not sent again before WeChat was asked what came of it. Where nobody knows yet for which account it
//! is, it is: a code that was spent is refused, and so settled, and never spent twice.

use std::sync::PoisonError;
use std::time::Duration;

use jiff::Timestamp;

use crate::client::backoff;
use crate::client::handle::Client;
use crate::client::token::{TokenError, read};
use crate::store::documents::{CredDoc, Token};
use crate::store::{Key, StoreError};
use crate::wechat::authorization::{
    Authorized, QUERY_AUTH, QueryAuth, granted_sets, query_auth_request,
};
use crate::wechat::errcode::names_code;
use crate::wechat::secret::Secret;
use crate::wechat::token::{CREATE_PREAUTHCODE, PreAuthCode, create_preauthcode_request};
use crate::wechat::{Answer, ApiError, Appid, Effect, Lost};

/// How often a code is sent at once, while somebody waits for it.
const TRIES: u32 = 3;

/// Why a code was not exchanged.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// WeChat refused it.
    #[error("the authorization code could not be exchanged")]
    Refused(#[source] ApiError),
    /// WeChat did not answer.
    #[error("the authorization code could not be exchanged")]
    Lost(#[source] Lost),
    /// There is no platform token.
    #[error("the authorization code could not be exchanged")]
    Token(#[source] TokenError),
    /// The store could not be used.
    #[error("what the authorization code was exchanged for could not be stored")]
    Store(#[from] StoreError),
}

impl ExchangeError {
    /// Whether WeChat called the code itself dead: used, expired or unknown. Everything else may pass.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Refused(error) if names_code(error))
    }
}

impl From<TokenError> for ExchangeError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Lost(lost) => Self::Lost(lost),
            TokenError::Store(error) => Self::Store(error),
            error @ (TokenError::Platform(_)
            | TokenError::Revoked(_)
            | TokenError::NeedsAuthorization(_)
            | TokenError::Refused(_)) => Self::Token(error),
        }
    }
}

/// What came of sending a code once.
enum Sent {
    Got(Appid, Authorized),
    /// Not exchanged. `doubt`: it may have been, and the answer was lost.
    Not {
        error: ExchangeError,
        doubt: bool,
    },
}

/// What WeChat knows of an account without the code.
enum Known {
    /// Its tokens are stored.
    Tokens,
    /// It has not authorized us.
    Nothing,
    /// WeChat did not say.
    Silence,
}

impl Client {
    /// A code for one authorization attempt; made when the owner clicks, since it lives for minutes.
    ///
    /// # Errors
    /// [`TokenError`] where there is no platform token or WeChat refuses.
    pub async fn pre_auth_code(&self) -> Result<PreAuthCode, TokenError> {
        let body = create_preauthcode_request(&self.platform().appid);
        let answer = self
            .core
            .send_secret(&CREATE_PREAUTHCODE, body.expose())
            .await?;
        read(&CREATE_PREAUTHCODE, answer)
    }

    /// Exchanges an authorization code, once, and stores the tokens; tries a few times, for somebody who waits.
    /// Called again for the same code (redirect and push both bring it, and a push may be doubled), it answers the
    /// same account.
    ///
    /// # Errors
    /// [`ExchangeError`]. Unless [`ExchangeError::is_final`], it is worth calling again until the code dies.
    pub async fn exchange(&self, code: &Secret) -> Result<Appid, ExchangeError> {
        self.exchange_within(code, TRIES).await
    }

    /// As [`Client::exchange`], with one try.
    ///
    /// # Errors
    /// As [`Client::exchange`].
    pub async fn exchange_once(&self, code: &Secret) -> Result<Appid, ExchangeError> {
        self.exchange_within(code, 1).await
    }

    async fn exchange_within(&self, code: &Secret, tries: u32) -> Result<Appid, ExchangeError> {
        self.keep_code(code, None, None).await?;
        let key = Key::code(&self.platform().appid, code.expose());
        let _seat = self.core.exchanges.board(key.as_str()).await;
        let mut tried = 0;
        loop {
            let outcome = self.exchange_alone(&key, code).await;
            tried += 1;
            match outcome {
                Err(error) if tried < tries && soon(&error, tried) => {}
                other => return other,
            }
            self.core.clock.sleep(backoff::wait(tried)).await;
        }
    }

    async fn exchange_alone(&self, key: &Key, code: &Secret) -> Result<Appid, ExchangeError> {
        if let Some(account) = self.exchanged(key).await? {
            return Ok(account);
        }
        if let Some((account, got)) = self.gained(key) {
            return self.store_gained(key, account, got).await;
        }
        let doc = self.code(key).await?;
        let dead = doc.is_some_and(|doc| doc.spent || self.named_and_expired(&doc));
        if dead {
            return self.make_good(key, dead_code()).await;
        }
        match self.query_auth(code).await {
            Sent::Got(account, got) => self.store_gained(key, account, got).await,
            Sent::Not { error, .. } if error.is_final() => {
                // Another process was faster, or it was spent and the answer lost.
                self.settle_code(key, |doc| doc.spent = true).await?;
                self.make_good(key, error).await
            }
            Sent::Not { error, doubt: true } => match self.known_without(key).await? {
                Some((account, Known::Tokens)) => self.settled(key, account).await,
                Some((_, Known::Nothing | Known::Silence)) | None => Err(error),
            },
            Sent::Not { error, .. } => Err(error),
        }
    }

    /// One that WeChat would refuse need not be sent where its account is known.
    fn named_and_expired(&self, doc: &crate::store::CodeDoc) -> bool {
        doc.account.is_some() && doc.is_dead(self.core.clock.now())
    }

    async fn query_auth(&self, code: &Secret) -> Sent {
        let body = query_auth_request(&self.platform().appid, code);
        let answer = match self.core.send_secret(&QUERY_AUTH, body.expose()).await {
            Ok(answer) => answer,
            // It was not sent.
            Err(error) => {
                let (error, doubt) = (error.into(), false);
                return Sent::Not { error, doubt };
            }
        };
        let doubt = match &answer {
            // What cannot be read may say anything.
            Answer::Done(_) => true,
            Answer::Refused(error) => error.effect != Effect::None,
            Answer::Lost(lost) => lost.sent,
        };
        let error = match read::<QueryAuth>(&QUERY_AUTH, answer) {
            Ok(QueryAuth { authorization_info }) => {
                match authorization_info.authorizer_appid.parse() {
                    Ok(account) => return Sent::Got(account, authorization_info),
                    Err(_) => ExchangeError::Lost(unreadable()),
                }
            }
            Err(TokenError::Refused(error) | TokenError::Revoked(error)) => {
                ExchangeError::Refused(error)
            }
            Err(error) => error.into(),
        };
        Sent::Not { error, doubt }
    }

    /// A dead code for an account that is known: its tokens can be had without it.
    async fn make_good(&self, key: &Key, error: ExchangeError) -> Result<Appid, ExchangeError> {
        if let Some(account) = self.exchanged(key).await? {
            return Ok(account);
        }
        match self.known_without(key).await? {
            Some((account, Known::Tokens)) => self.settled(key, account).await,
            Some((_, Known::Nothing)) => {
                self.settle_code(key, |doc| doc.over = true).await?;
                Err(error)
            }
            Some((_, Known::Silence)) | None => Err(error),
        }
    }

    /// Asks WeChat for the tokens of the account that a push named; nothing where none has.
    async fn known_without(&self, key: &Key) -> Result<Option<(Appid, Known)>, ExchangeError> {
        let Some(account) = self.code(key).await?.and_then(|doc| doc.account) else {
            return Ok(None);
        };
        let known = match self.core.tokens.recover(&account).await {
            Ok(true) => Known::Tokens,
            Ok(false) | Err(TokenError::Revoked(_) | TokenError::NeedsAuthorization(_)) => {
                Known::Nothing
            }
            Err(TokenError::Store(error)) => return Err(error.into()),
            Err(TokenError::Platform(_) | TokenError::Refused(_) | TokenError::Lost(_)) => {
                Known::Silence
            }
        };
        Ok(Some((account, known)))
    }

    async fn exchanged(&self, key: &Key) -> Result<Option<Appid>, StoreError> {
        let doc = self.code(key).await?.filter(|doc| doc.exchanged);
        Ok(doc.and_then(|doc| doc.account))
    }

    async fn settled(&self, key: &Key, account: Appid) -> Result<Appid, ExchangeError> {
        self.settle_code(key, |doc| {
            doc.exchanged = true;
            doc.account = Some(account.clone());
        })
        .await?;
        Ok(account)
    }

    /// What a spent code brought and a full store did not take.
    fn gained(&self, key: &Key) -> Option<(Appid, Authorized)> {
        let gained = &self.core.gained;
        let gained = gained.lock().unwrap_or_else(PoisonError::into_inner);
        gained.get(key).cloned()
    }

    /// Stores what a code brought. As long as it cannot be stored it is remembered: the code is spent.
    async fn store_gained(
        &self,
        key: &Key,
        account: Appid,
        got: Authorized,
    ) -> Result<Appid, ExchangeError> {
        let remembered = || {
            self.core
                .gained
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
        };
        if let Err(error) = self.keep_tokens(&account, &got).await {
            remembered().insert(key.clone(), (account, got));
            return Err(error.into());
        }
        let settled = self.settled(key, account.clone()).await;
        if settled.is_ok() {
            remembered().remove(key);
        } else {
            remembered().insert(key.clone(), (account, got));
        }
        settled
    }

    async fn keep_tokens(&self, account: &Appid, got: &Authorized) -> Result<(), StoreError> {
        let now = self.core.clock.now();
        let expires_in =
            Duration::from_secs(u64::try_from(got.expires_in.unwrap_or(0)).unwrap_or(0));
        let fresh = CredDoc {
            refresh_token: got
                .authorizer_refresh_token
                .as_ref()
                .map(|token| token.expose().into()),
            access_token: got.authorizer_access_token.as_ref().map(|token| Token {
                value: token.expose().into(),
                expires_at: now.saturating_add(expires_in).unwrap_or(Timestamp::MAX),
                obtained_at: now,
            }),
            func_info: granted_sets(got.func_info.as_ref())
                .into_iter()
                .flatten()
                .collect(),
            authorized_at: Some(now),
            ..CredDoc::of(self.platform().appid.clone())
        };
        let key = Key::cred(account);
        match self.core.store.create(&key, &fresh).await {
            Err(error) if error.is_conflict() => {}
            other => return other.map(drop),
        }
        self.core
            .store
            .amend::<CredDoc, ()>(&key, |doc| {
                let reauthorized = doc.reauthorized || doc.revoked_at.is_some();
                *doc = CredDoc {
                    reauthorized,
                    claim: doc.claim.take(),
                    original_id: doc.original_id.take(),
                    from_backup: false,
                    ..fresh.clone()
                };
            })
            .await
            .map(drop)
    }
}

/// Whether the next try is worth making at once.
fn soon(error: &ExchangeError, tried: u32) -> bool {
    match error {
        ExchangeError::Lost(_) => true,
        ExchangeError::Refused(error) | ExchangeError::Token(TokenError::Refused(error)) => {
            backoff::again(error, tried)
        }
        ExchangeError::Token(_) | ExchangeError::Store(_) => false,
    }
}

/// What WeChat would say of a code that is not sent any more.
fn dead_code() -> ExchangeError {
    ExchangeError::Refused(crate::wechat::errcode::dead_code())
}

fn unreadable() -> Lost {
    Lost::unreadable(&QUERY_AUTH, "it names no appid")
}
