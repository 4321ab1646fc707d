//! From an authorization code to stored tokens.
//!
//! A code works once and dies after ten minutes. It is stored before it is sent, and what it brings before anything
//! else happens. Sending it twice does no harm: WeChat refuses the second time. If the first answer was lost, the
//! tokens are fetched back from WeChat's list of authorized accounts.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::client::backoff;
use crate::client::core::Client;
use crate::client::token::{TokenError, read};
use crate::store::documents::{CodeDoc, CredDoc, Token};
use crate::store::{Key, StoreError};
use crate::wechat::authorization::{
    Authorized, QUERY_AUTH, QueryAuth, granted_sets, query_auth_request,
};
use crate::wechat::secret::Secret;
use crate::wechat::token::{CREATE_PREAUTHCODE, PreAuthCode, create_preauthcode_request};
use crate::wechat::{ApiError, Appid, Lost};

/// How long an authorization code works, where nobody says.
const CODE_LIFE: SignedDuration = SignedDuration::from_secs(600);
/// How often a code is sent when there is no answer.
const TRIES: u32 = 3;
/// A code's document is kept this long after its death, so that a late copy of its push finds it.
const KEPT: SignedDuration = SignedDuration::from_hours(48);

/// Why a code was not exchanged.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    /// WeChat refused it: used, expired or unknown.
    #[error("exchange the authorization code")]
    Refused(#[source] ApiError),
    /// WeChat did not answer.
    #[error("exchange the authorization code")]
    Lost(#[source] Lost),
    /// There is no platform token.
    #[error("exchange the authorization code")]
    Token(#[source] TokenError),
    /// The store could not be used.
    #[error("store what the authorization code was exchanged for")]
    Store(#[from] StoreError),
}

impl From<TokenError> for ExchangeError {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::Lost(lost) => Self::Lost(lost),
            TokenError::Store(error) => Self::Store(error),
            error @ (TokenError::NoTicket { .. }
            | TokenError::Revoked(_)
            | TokenError::NeedsAuthorization(_)
            | TokenError::Refused(_)) => Self::Token(error),
        }
    }
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

    /// Stores an authorization code, durably, before it is exchanged. A push also says for which account it is.
    ///
    /// # Errors
    /// [`StoreError`]: then the push that brought it must not be acknowledged.
    pub async fn keep_code(
        &self,
        code: &Secret,
        account: Option<&Appid>,
        expires_at: Option<Timestamp>,
    ) -> Result<(), StoreError> {
        let now = self.core.clock.now();
        let key = Key::code(&self.platform().appid, code.expose());
        let doc = CodeDoc {
            platform: self.platform().appid.clone(),
            account: account.cloned(),
            code: code.expose().into(),
            received_at: now,
            expires_at: expires_at.unwrap_or(now + CODE_LIFE),
            exchanged: false,
        };
        match self.core.store.create(&key, &doc).await {
            Err(error) if error.is_conflict() => {}
            other => return other.map(drop),
        }
        // The browser was faster than the push.
        self.core
            .store
            .amend::<CodeDoc, ()>(&key, |held| {
                if held.account.is_none() {
                    held.account = account.cloned();
                }
            })
            .await
            .map(drop)
    }

    /// Exchanges an authorization code, once, and stores the tokens. Called again for the same code (redirect and
    /// push both bring it, and a push may be doubled), it answers the same account.
    ///
    /// # Errors
    /// [`ExchangeError`].
    pub async fn exchange(&self, code: &Secret) -> Result<Appid, ExchangeError> {
        self.keep_code(code, None, None).await?;
        let key = Key::code(&self.platform().appid, code.expose());
        let _seat = self.core.exchanges.board(key.as_str()).await;
        if let Some(account) = self.exchanged(&key).await? {
            return Ok(account);
        }
        match self.query_auth(code).await {
            Ok((account, got)) => {
                self.keep_tokens(&account, &got).await?;
                self.settle_code(&key, &account).await?;
                Ok(account)
            }
            Err(error) => self.after_failure(&key, error).await,
        }
    }

    /// Exchanges what an earlier process stored and did not get to, and forgets codes long dead. Answers the accounts
    /// whose tokens are now stored.
    ///
    /// # Errors
    /// [`StoreError`]. A code that WeChat refuses is no error.
    pub async fn exchange_pending(&self) -> Result<Vec<Appid>, StoreError> {
        let now = self.core.clock.now();
        let prefix = format!("code/{}/", self.platform().appid);
        let mut accounts = Vec::new();
        for key in self.core.store.list(&prefix).await? {
            let Some(stored) = self.core.store.get::<CodeDoc>(&key).await? else {
                continue;
            };
            let doc = stored.value;
            if now.duration_since(doc.expires_at) > KEPT {
                self.forget(&key, &stored.version).await?;
            } else if !doc.exchanged && doc.expires_at > now {
                match self.exchange(&Secret::new(doc.code.expose())).await {
                    Ok(account) => accounts.push(account),
                    Err(error) => tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "an authorization code of an earlier run was not exchanged"
                    ),
                }
            }
        }
        Ok(accounts)
    }

    async fn query_auth(&self, code: &Secret) -> Result<(Appid, Authorized), ExchangeError> {
        let body = query_auth_request(&self.platform().appid, code);
        let mut tried = 0;
        loop {
            let outcome = match self.core.send_secret(&QUERY_AUTH, body.expose()).await {
                Ok(answer) => read::<QueryAuth>(&QUERY_AUTH, answer),
                Err(error) => Err(error),
            };
            tried += 1;
            match outcome {
                Ok(QueryAuth { authorization_info }) => {
                    let account = authorization_info.authorizer_appid.parse();
                    let account = account.map_err(|_| ExchangeError::Lost(unreadable()))?;
                    return Ok((account, authorization_info));
                }
                Err(TokenError::Lost(_)) if tried < TRIES => {}
                Err(TokenError::Refused(error))
                    if tried < TRIES && backoff::again(&error, tried) => {}
                Err(TokenError::Refused(error)) => return Err(ExchangeError::Refused(error)),
                Err(error) => return Err(error.into()),
            }
            self.core.clock.sleep(backoff::wait(tried)).await;
        }
    }

    /// Another process was faster, or the code was spent and its answer lost: if it is known for which account it
    /// is, WeChat says whether that account has authorized us, and with which tokens.
    async fn after_failure(&self, key: &Key, error: ExchangeError) -> Result<Appid, ExchangeError> {
        if !matches!(error, ExchangeError::Refused(_)) {
            return Err(error);
        }
        if let Some(account) = self.exchanged(key).await? {
            return Ok(account);
        }
        let stored = self.core.store.get::<CodeDoc>(key).await?;
        let Some(account) = stored.and_then(|stored| stored.value.account) else {
            return Err(error);
        };
        match self.core.tokens.recover(&account).await {
            Ok(()) => {
                self.settle_code(key, &account).await?;
                Ok(account)
            }
            Err(TokenError::Store(store)) => Err(store.into()),
            Err(
                TokenError::NoTicket { .. }
                | TokenError::Revoked(_)
                | TokenError::NeedsAuthorization(_)
                | TokenError::Refused(_)
                | TokenError::Lost(_),
            ) => Err(error),
        }
    }

    async fn exchanged(&self, key: &Key) -> Result<Option<Appid>, StoreError> {
        let stored = self.core.store.get::<CodeDoc>(key).await?;
        Ok(stored
            .map(|stored| stored.value)
            .filter(|doc| doc.exchanged)
            .and_then(|doc| doc.account))
    }

    async fn settle_code(&self, key: &Key, account: &Appid) -> Result<(), StoreError> {
        self.core
            .store
            .amend::<CodeDoc, ()>(key, |doc| {
                doc.exchanged = true;
                doc.account = Some(account.clone());
            })
            .await
            .map(drop)
    }

    async fn keep_tokens(&self, account: &Appid, got: &Authorized) -> Result<(), StoreError> {
        let now = self.core.clock.now();
        let expires_in =
            Duration::from_secs(u64::try_from(got.expires_in.unwrap_or(0)).unwrap_or(0));
        let fresh = CredDoc {
            platform: self.platform().appid.clone(),
            refresh_token: got
                .authorizer_refresh_token
                .as_ref()
                .map(|token| token.expose().into()),
            access_token: got.authorizer_access_token.as_ref().map(|token| Token {
                value: token.expose().into(),
                expires_at: now.saturating_add(expires_in).unwrap_or(Timestamp::MAX),
                obtained_at: now,
            }),
            claim: None,
            func_info: granted_sets(got.func_info.as_ref())
                .into_iter()
                .flatten()
                .collect(),
            authorized_at: Some(now),
            revoked_at: None,
            reauthorized: false,
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
                    ..fresh.clone()
                };
            })
            .await
            .map(drop)
    }

    async fn forget(&self, key: &Key, version: &crate::store::Version) -> Result<(), StoreError> {
        match self.core.store.delete(key, version).await {
            Err(error) if !error.is_conflict() => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

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
            platform: self.platform().appid.clone(),
            refresh_token: None,
            access_token: None,
            claim: None,
            func_info: Vec::new(),
            authorized_at: None,
            revoked_at: Some(now),
            reauthorized: false,
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

fn unreadable() -> Lost {
    Lost::unreadable(&QUERY_AUTH, "it names no appid")
}
