//! Makes writes: what may be repeated, and what the journal armed. Never repeats by itself, but for the one case
//! in which WeChat itself says that it looked at nothing but a stale token.

use std::sync::Arc;

use super::core::{Core, not_sent};
use super::fence::{Fence, Open};
use crate::store::Armed;
use crate::wechat::{Answer, Call, CallClass};

/// Changes accounts.
#[derive(Debug, Clone)]
pub struct Writer {
    core: Arc<Core>,
    fence: Arc<dyn Fence>,
}

impl Writer {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            fence: Arc::new(Open),
        }
    }

    /// The same writer behind a fence: what this stops is not sent, and answered so.
    #[must_use]
    pub fn behind(&self, fence: Arc<dyn Fence>) -> Self {
        Self {
            core: Arc::clone(&self.core),
            fence,
        }
    }

    /// Puts a whole value. A call of another class is not sent.
    pub async fn put(&self, call: &Call) -> Answer {
        if call.endpoint.class != CallClass::Put {
            return not_sent(call, "it is not repeatable and was not armed");
        }
        self.core
            .put(call, &self.fence)
            .await
            .unwrap_or_else(|error| error.answer(call.endpoint))
    }

    /// Gets the token a call will need and waits until our own rate allows it, so that nothing but the call itself
    /// happens after it was armed.
    ///
    /// # Errors
    /// The answer the call would come to: it was not sent.
    pub async fn prepare(&self, call: &Call) -> Result<(), Answer> {
        match self.core.token(call, None).await {
            Ok(_) => {
                self.core.rate.ready(call).await;
                Ok(())
            }
            Err(error) => Err(error.answer(call.endpoint)),
        }
    }

    /// Replaces a token that WeChat refused.
    ///
    /// # Errors
    /// The answer the call would come to: it was not sent.
    pub async fn renew_token(&self, call: &Call) -> Result<(), Answer> {
        self.core
            .renew(call)
            .await
            .map_err(|error| error.answer(call.endpoint))
    }

    /// Sends what the journal armed: one request, or none when too much time has passed since, by a clock that
    /// counts suspension, which is looked at when all but the last byte is out. A refused token is answered as such, so that the journal can go back to reserved.
    pub async fn send_armed(&self, armed: Armed) -> Answer {
        let call = armed.call();
        let token = match self.core.token(call, None).await {
            Ok(token) => token,
            Err(error) => return error.answer(call.endpoint),
        };
        self.core
            .send_armed(&armed, token.as_ref(), &self.fence)
            .await
    }
}
