//! An account's token, from its refresh token; where that is dead, from what WeChat itself still knows.

use tokio::time::Instant;

use super::store_tokens::{StoreTokens, token, usable};
use super::{TokenError, adopt, cut, read};
use crate::store::Key;
use crate::store::documents::CredDoc;
use crate::wechat::Appid;
use crate::wechat::authorization::{AUTHORIZER_TOKEN, AuthorizerToken, authorizer_token_request};
use crate::wechat::errcode::{names_refresh_token, needs_scan};
use crate::wechat::secret::Secret;

/// What a refresh brought: the token, and the refresh token from now on.
struct Refreshed {
    got: AuthorizerToken,
    refresh: Secret,
    /// Whether the refresh token that we had was dead, though nobody told us of a newer one.
    healed: bool,
}

impl StoreTokens {
    pub(super) async fn authorizer_token(
        &self,
        account: &Appid,
        stale: Option<&Secret>,
    ) -> Result<Secret, TokenError> {
        let asked = Instant::now();
        let _seat = self.flights.board(account.as_str()).await;
        if let Some(lost) = self.losses.since(account.as_str(), asked) {
            return Err(TokenError::Lost(lost));
        }
        let outcome = self.authorizer_token_alone(account, stale).await;
        self.losses.note(account.as_str(), &outcome);
        outcome
    }

    async fn authorizer_token_alone(
        &self,
        account: &Appid,
        stale: Option<&Secret>,
    ) -> Result<Secret, TokenError> {
        let key = Key::cred(account);
        loop {
            let now = self.clock.now();
            let stored = self.store.get::<CredDoc>(&key).await?;
            let Some(doc) = stored.map(|stored| stored.value) else {
                adopt::adopt(self, account).await?;
                continue;
            };
            if doc.platform != self.platform.appid {
                adopt::take_over(self, account).await?;
                continue;
            }
            if doc.revoked_at.is_some() {
                adopt::welcome_back(self, account).await?;
                continue;
            }
            if let Some(token) = usable(doc.access_token.as_ref(), stale, now) {
                return Ok(token);
            }
            if self.taken(doc.claim.as_ref(), now) {
                self.look_again().await;
                continue;
            }
            let ours = self
                .store
                .amend::<CredDoc, bool>(&key, |doc| self.take(&mut doc.claim, now))
                .await?;
            if ours == Some(true) {
                let cut = cut::is_cut(doc.access_token.as_ref(), stale, now);
                return self.refresh_authorizer(&key, account, doc, cut).await;
            }
        }
    }

    /// After a code was spent without an answer: what WeChat knows replaces what we have, if we have anything.
    /// Answers whether WeChat told a refresh token.
    pub(super) async fn recover_account(&self, account: &Appid) -> Result<bool, TokenError> {
        let _seat = self.flights.board(account.as_str()).await;
        let key = Key::cred(account);
        match self.store.get::<CredDoc>(&key).await? {
            None => {
                adopt::adopt(self, account).await?;
                let stored = self.store.get::<CredDoc>(&key).await?;
                Ok(stored.is_some_and(|stored| stored.value.refresh_token.is_some()))
            }
            Some(stored) if stored.value.platform != self.platform.appid => {
                adopt::take_over(self, account).await
            }
            Some(_) => adopt::welcome_back(self, account).await,
        }
    }

    async fn refresh_authorizer(
        &self,
        key: &Key,
        account: &Appid,
        doc: CredDoc,
        cut: bool,
    ) -> Result<Secret, TokenError> {
        let known = doc.refresh_token.map(|token| Secret::new(token.expose()));
        let newer = if doc.from_backup {
            adopt::newest_refresh_token(self, account).await?
        } else {
            None
        };
        let outcome = match &newer {
            Some(newer) => self.ask(account, newer).await,
            None => self.refreshed(account, known.as_ref()).await,
        };
        let cut = cut || outcome.as_ref().is_ok_and(|refreshed| refreshed.healed);
        self.count_foreign(cut && outcome.is_ok());
        if self.keep(key, known.as_ref(), &outcome, cut).await? {
            self.note_rival(account).await?;
        }
        outcome.map(|refreshed| refreshed.got.authorizer_access_token)
    }

    /// With the refresh token we know; if WeChat calls it dead or there is none, with the one WeChat knows.
    async fn refreshed(
        &self,
        account: &Appid,
        known: Option<&Secret>,
    ) -> Result<Refreshed, TokenError> {
        let refused = match known {
            None => None,
            Some(known) => match self.ask(account, known).await {
                Err(TokenError::Refused(error)) if names_refresh_token(&error) => Some(error),
                outcome => return outcome,
            },
        };
        tracing::info!(account = %account, "the refresh token is dead; asking WeChat for the one in force");
        match adopt::newest_refresh_token(self, account).await? {
            Some(newest) if Some(&newest) != known => match self.ask(account, &newest).await {
                Err(TokenError::Refused(error)) if names_refresh_token(&error) => {
                    Err(TokenError::NeedsAuthorization(needs_scan(Some(error))))
                }
                outcome => outcome.map(|refreshed| Refreshed {
                    healed: known.is_some(),
                    ..refreshed
                }),
            },
            Some(_) | None => Err(TokenError::NeedsAuthorization(needs_scan(refused))),
        }
    }

    async fn ask(&self, account: &Appid, refresh: &Secret) -> Result<Refreshed, TokenError> {
        let body = authorizer_token_request(&self.platform.appid, account, refresh);
        let answer = self
            .component_call(&AUTHORIZER_TOKEN, account, body.expose())
            .await?;
        let got: AuthorizerToken = read(&AUTHORIZER_TOKEN, answer)?;
        let refresh = got
            .authorizer_refresh_token
            .clone()
            .unwrap_or_else(|| refresh.clone());
        Ok(Refreshed {
            got,
            refresh,
            healed: false,
        })
    }

    /// Stores what came out, token and refresh token in one write, before anything uses them.
    ///
    /// If the owner authorized anew in the meantime, the document holds tokens newer than these: they stay.
    /// `cut`: what was replaced had ended before its time. Answers whether that was so before, within a day.
    async fn keep(
        &self,
        key: &Key,
        known: Option<&Secret>,
        outcome: &Result<Refreshed, TokenError>,
        cut: bool,
    ) -> Result<bool, TokenError> {
        let now = self.clock.now();
        let again = self
            .store
            .amend::<CredDoc, bool>(key, |doc| {
                self.give_back(&mut doc.claim);
                let held = doc.refresh_token.as_ref().map(|held| held.expose());
                if held != known.map(Secret::expose) {
                    return false;
                }
                match outcome {
                    Ok(Refreshed { got, refresh, .. }) => {
                        let access = &got.authorizer_access_token;
                        doc.access_token = Some(token(access, got.expires_in, now));
                        doc.refresh_token = Some(refresh.expose().into());
                        doc.from_backup = false;
                        cut && cut::note(&mut doc.cut_at, now)
                    }
                    Err(TokenError::Revoked(_)) => {
                        doc.revoked_at = Some(now);
                        doc.access_token = None;
                        false
                    }
                    Err(
                        TokenError::Platform(_)
                        | TokenError::NeedsAuthorization(_)
                        | TokenError::Refused(_)
                        | TokenError::Lost(_)
                        | TokenError::Store(_),
                    ) => false,
                }
            })
            .await?;
        Ok(again == Some(true))
    }
}
