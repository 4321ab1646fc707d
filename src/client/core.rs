//! One platform's client: what its Reader and its Writer share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;

use super::clock::Clock;
use super::fence::Fence;
use super::flights::Flights;
use super::form::Form;
use super::gate::Look;
use super::memo::Memo;
use super::platform::PlatformAccess;
use super::rate::Rate;
use super::scrub::scrub;
use super::tickets::Tickets;
use super::token::{TokenError, TokenSource};
use super::transport::{Body, Transport};
use super::troubles::Troubles;
use crate::store::{Armed, Key, Store};
use crate::wechat::authorization::Authorized;
use crate::wechat::endpoint::TokenKind;
use crate::wechat::secret::Secret;
use crate::wechat::{Answer, Appid, Call, Endpoint, ErrorClass, Fillings, Lost};

/// A request that takes longer does not count as one of those under way.
const SLOW: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Core {
    pub(super) platform: PlatformAccess,
    pub(super) store: Store,
    pub(super) transport: Transport,
    pub(super) tokens: Arc<dyn TokenSource>,
    pub(super) rate: Rate,
    pub(super) troubles: Arc<Troubles>,
    /// Redirect and push bring the same authorization code: one exchange at a time for each.
    pub(super) exchanges: Flights,
    /// What codes brought while the store could not take it, by the code's document: they cannot be spent again.
    pub(super) gained: Mutex<BTreeMap<Key, (Appid, Authorized)>>,
    /// Calls that all take from a count of the platform's own go one at a time: each is counted before the next.
    pub(super) turns: Flights,
    /// What was read of the platform itself.
    pub(super) memo: Memo,
    /// Tickets that came at once share a write.
    pub(super) tickets: Tickets,
    pub(super) clock: Arc<dyn Clock>,
}

impl Core {
    /// Makes a read; where WeChat refuses the token, once more with a fresh one.
    pub(super) async fn send(&self, call: &Call) -> Result<Answer, TokenError> {
        self.made(call, What::Read).await
    }

    /// Makes an upload, like a read: it changes nothing that anybody sees.
    pub(super) async fn upload(&self, call: &Call, form: &Form) -> Result<Answer, TokenError> {
        self.made(call, What::Upload(form)).await
    }

    /// Makes a put behind a fence; where WeChat refuses the token, once more with a fresh one. A token error has no
    /// effect, so this is safe.
    pub(super) async fn put(
        &self,
        call: &Call,
        (fence, with): (&Arc<dyn Fence>, &Fillings),
    ) -> Result<Answer, TokenError> {
        let answer = self.made(call, What::Put(fence, with)).await?;
        Ok(without(answer, with))
    }

    async fn made(&self, call: &Call, what: What<'_>) -> Result<Answer, TokenError> {
        if let Some(trouble) = self.troubles.before(call.endpoint) {
            return Err(TokenError::Platform(trouble));
        }
        let first = self.token(call, None).await?;
        let mut answer = self.send_with(call, first.as_ref(), what).await;
        if token_refused(&answer) {
            let second = self.token(call, first.as_ref()).await?;
            answer = self.send_with(call, second.as_ref(), what).await;
        }
        let about = call.subject.as_str();
        match self.troubles.after(call.endpoint, about, &answer) {
            Some(trouble) => Err(TokenError::Platform(trouble)),
            None => Ok(answer),
        }
    }

    /// Sends what was armed, once, unless it is too late when its last byte is about to leave.
    pub(super) async fn send_armed(
        &self,
        armed: &Armed,
        token: Option<&Secret>,
        fence: &Arc<dyn Fence>,
        with: &Fillings,
    ) -> Answer {
        let call = armed.call();
        let Some(body) = self.body(call, with) else {
            return not_sent(call, NOT_FILLED);
        };
        self.rate.count(call);
        let (clock, until) = (Arc::clone(&self.clock), armed.until());
        let fence = Arc::clone(fence);
        let look: Look = Box::new(move || {
            if !until.may_send(clock.since_boot()) {
                return Err("it was armed too long ago");
            }
            fence.holds()
        });
        // Nothing is begun that could not be ended.
        if let Err(why) = look() {
            return not_sent(call, why);
        }
        let timeout = armed.request_timeout();
        let answer = self
            .transport
            .write(timeout, call.endpoint, token, &body, look)
            .await;
        self.noted(call, without(answer, with))
    }

    /// A component call whose body holds a secret; repeated once where WeChat refuses the token. A code dies within
    /// minutes, so it is sent whatever was refused before: its own backoff bounds how often.
    pub(super) async fn send_secret(
        &self,
        endpoint: &'static Endpoint,
        body: &str,
    ) -> Result<Answer, TokenError> {
        let token = self.tokens.component(None).await?;
        let mut answer = self
            .transport
            .send(endpoint, Some(&token), Body::Json(body))
            .await;
        if token_refused(&answer) {
            let token = self.tokens.component(Some(&token)).await?;
            answer = self
                .transport
                .send(endpoint, Some(&token), Body::Json(body))
                .await;
        }
        let about = self.platform.appid.as_str();
        let _told = self.troubles.after(endpoint, about, &answer);
        Ok(answer)
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
        let token = match call.endpoint.token {
            TokenKind::None => Ok(None),
            TokenKind::Component | TokenKind::ComponentAsAccess => {
                self.tokens.component(stale).await.map(Some)
            }
            TokenKind::Authorizer => self.tokens.authorizer(&call.subject, stale).await.map(Some),
        };
        if matches!(&token, Err(TokenError::Refused(error)) if error.class == ErrorClass::Throttled)
        {
            self.rate.slow_down_tokens(&call.subject);
        }
        token
    }

    async fn send_with(&self, call: &Call, token: Option<&Secret>, what: What<'_>) -> Answer {
        let none = Fillings::new();
        let with = match what {
            What::Read | What::Upload(_) => &none,
            What::Put(_, with) => with,
        };
        let Some(body) = self.body(call, with) else {
            return not_sent(call, NOT_FILLED);
        };
        let leave = self.rate.pass(call).await;
        let (endpoint, transport) = (call.endpoint, &self.transport);
        let request = async {
            match what {
                What::Read => transport.send(endpoint, token, Body::Json(&body)).await,
                What::Upload(form) => {
                    transport
                        .send(endpoint, token, Body::File(&body, form))
                        .await
                }
                What::Put(fence, _) => {
                    let fence = Arc::clone(fence);
                    let look: Look = Box::new(move || fence.holds());
                    let timeout = endpoint.timeout();
                    transport.write(timeout, endpoint, token, &body, look).await
                }
            }
        };
        tokio::pin!(request);
        let answer = match tokio::time::timeout(SLOW, &mut request).await {
            Ok(answer) => answer,
            Err(_) => {
                // Slow accounts must not use up what the others share.
                drop(leave);
                request.await
            }
        };
        self.noted(call, answer)
    }

    /// The body as it is sent; none while a hole of it is not filled.
    fn body(&self, call: &Call, with: &Fillings) -> Option<String> {
        let body = call.filled(with)?;
        Some(match call.endpoint.token {
            TokenKind::Component => with_component(&body, &self.platform.appid),
            TokenKind::None | TokenKind::ComponentAsAccess | TokenKind::Authorizer => body,
        })
    }

    fn noted(&self, call: &Call, answer: Answer) -> Answer {
        if matches!(&answer, Answer::Refused(error) if error.class == ErrorClass::Throttled) {
            self.rate.slow_down(call);
        }
        if call.endpoint.class.writes() && call.subject == self.platform.appid {
            self.memo.forget();
        }
        answer
    }
}

/// How a call is made.
#[derive(Clone, Copy)]
enum What<'a> {
    Read,
    Upload(&'a Form),
    /// Behind a fence, its holes filled with these.
    Put(&'a Arc<dyn Fence>, &'a Fillings),
}

/// What is said of a call that may not leave since something of it is missing.
const NOT_FILLED: &str = "a file that it needs was not uploaded";

/// The answer without the ids that were filled in: what they stood for is in the call.
fn without(answer: Answer, with: &Fillings) -> Answer {
    match answer {
        Answer::Refused(mut error) => {
            let ids: Vec<Secret> = with.values().cloned().collect();
            error.errmsg = scrub(&error.errmsg, &ids);
            Answer::Refused(error)
        }
        answer @ (Answer::Done(_) | Answer::Lost(_)) => answer,
    }
}

/// The answer to what never left.
pub(super) fn not_sent(call: &Call, why: &str) -> Answer {
    Answer::Lost(Lost {
        endpoint: call.endpoint.name.to_owned(),
        why: why.to_owned(),
        sent: false,
        answered: false,
    })
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
