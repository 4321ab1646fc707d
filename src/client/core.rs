//! One platform's client: what its Reader and its Writer share.

use std::sync::Arc;

use serde_json::Value;

use super::clock::Clock;
use super::platform::PlatformAccess;
use super::rate::Rate;
use super::reader::Reader;
use super::token::{StoreTokens, TokenError, TokenSource};
use super::transport::{NoTransport, Transport};
use super::writer::Writer;
use crate::store::Store;
use crate::wechat::endpoint::TokenKind;
use crate::wechat::secret::Secret;
use crate::wechat::token::{START_PUSH_TICKET, start_push_ticket_request};
use crate::wechat::{Answer, Appid, Call, Endpoint, ErrorClass};

/// A client for one platform.
#[derive(Debug, Clone)]
pub struct Client {
    pub(super) core: Arc<Core>,
}

#[derive(Debug)]
pub(super) struct Core {
    platform: PlatformAccess,
    transport: Transport,
    tokens: Arc<dyn TokenSource>,
    rate: Rate,
    /// One exchange at a time: redirect and push bring the same code.
    pub(super) exchanging: tokio::sync::Mutex<()>,
    pub(super) clock: Arc<dyn Clock>,
}

impl Client {
    /// A client whose tokens live in a store. `owner` names this process where only one may work at a time.
    ///
    /// # Errors
    /// [`NoTransport`] where TLS cannot be set up.
    pub fn new(
        platform: PlatformAccess,
        store: Store,
        clock: Arc<dyn Clock>,
        owner: String,
    ) -> Result<Self, NoTransport> {
        let transport = Transport::new(platform.api_base.clone(), Arc::clone(&clock))?;
        let tokens = StoreTokens::new(
            platform.clone(),
            store,
            Arc::clone(&clock),
            transport.clone(),
            owner,
        );
        Ok(Self::with_tokens(
            platform,
            transport,
            Arc::new(tokens),
            clock,
        ))
    }

    /// A client whose tokens come from elsewhere.
    #[must_use]
    pub fn with_tokens(
        platform: PlatformAccess,
        transport: Transport,
        tokens: Arc<dyn TokenSource>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            core: Arc::new(Core {
                platform,
                transport,
                tokens,
                rate: Rate::new(Arc::clone(&clock)),
                exchanging: tokio::sync::Mutex::new(()),
                clock,
            }),
        }
    }

    /// What observes. It cannot write.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(Arc::clone(&self.core))
    }

    /// What changes accounts.
    #[must_use]
    pub fn writer(&self) -> Writer {
        Writer::new(Arc::clone(&self.core))
    }

    /// The platform.
    #[must_use]
    pub fn platform(&self) -> &PlatformAccess {
        &self.core.platform
    }

    /// Asks WeChat to push tickets again (`api_start_push_ticket`). The next push comes at its usual time.
    pub async fn start_push_ticket(&self) -> Answer {
        self.core.start_push_ticket().await
    }

    /// The platform's own calls.
    pub(super) fn core(&self) -> &Core {
        &self.core
    }
}

impl Core {
    /// Sends a call once; where WeChat refuses the token, once more with a fresh one. A token error has no effect, so
    /// this is safe for writes too.
    pub(super) async fn send(&self, call: &Call) -> Answer {
        let first = match self.token(call, None).await {
            Ok(token) => token,
            Err(error) => return error.answer(call.endpoint),
        };
        let answer = self.send_with(call, first.as_ref()).await;
        if !token_refused(&answer) {
            return answer;
        }
        match self.token(call, first.as_ref()).await {
            Ok(second) => self.send_with(call, second.as_ref()).await,
            Err(error) => error.answer(call.endpoint),
        }
    }

    /// A component call whose body holds a secret; repeated once where WeChat refuses the token.
    pub(super) async fn send_secret(
        &self,
        endpoint: &'static Endpoint,
        body: &str,
    ) -> Result<Answer, TokenError> {
        let token = self.tokens.component(None).await?;
        let answer = self.transport.send(endpoint, Some(&token), body).await;
        if !token_refused(&answer) {
            return Ok(answer);
        }
        let token = self.tokens.component(Some(&token)).await?;
        Ok(self.transport.send(endpoint, Some(&token), body).await)
    }

    /// Asks WeChat to push tickets again.
    pub(super) async fn start_push_ticket(&self) -> Answer {
        let body = start_push_ticket_request(&self.platform.appid, &self.platform.app_secret);
        self.transport
            .send(&START_PUSH_TICKET, None, body.expose())
            .await
    }

    /// Sends a call once, with a token that is there already or is got first; never a second time.
    pub(super) async fn send_once(&self, call: &Call) -> Answer {
        match self.token(call, None).await {
            Ok(token) => self.send_with(call, token.as_ref()).await,
            Err(error) => error.answer(call.endpoint),
        }
    }

    /// Replaces a token that WeChat has refused.
    pub(super) async fn renew(&self, call: &Call) -> Result<(), TokenError> {
        let current = self.token(call, None).await?;
        self.token(call, current.as_ref()).await.map(drop)
    }

    pub(super) async fn token(
        &self,
        call: &Call,
        stale: Option<&Secret>,
    ) -> Result<Option<Secret>, TokenError> {
        match call.endpoint.token {
            TokenKind::None => Ok(None),
            TokenKind::Component => self.tokens.component(stale).await.map(Some),
            TokenKind::Authorizer => self.tokens.authorizer(&call.subject, stale).await.map(Some),
        }
    }

    async fn send_with(&self, call: &Call, token: Option<&Secret>) -> Answer {
        self.rate.pass(&call.subject).await;
        match call.endpoint.token {
            TokenKind::Component => {
                let body = with_component(call.body(), &self.platform.appid);
                self.transport.send(call.endpoint, token, &body).await
            }
            TokenKind::None | TokenKind::Authorizer => {
                self.transport.send(call.endpoint, token, call.body()).await
            }
        }
    }
}

pub(super) fn token_refused(answer: &Answer) -> bool {
    matches!(answer, Answer::Refused(error) if error.class == ErrorClass::Token)
}

/// A component call's body names the platform; resources do not know it.
pub(super) fn with_component(body: &str, platform: &Appid) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(Value::Object(mut fields)) => {
            fields.insert("component_appid".to_owned(), Value::from(platform.as_str()));
            Value::Object(fields).to_string()
        }
        Ok(_) | Err(_) => body.to_owned(),
    }
}
