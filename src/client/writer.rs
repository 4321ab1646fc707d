//! Makes writes: what may be repeated, and what the journal armed. Never repeats by itself.

use std::sync::Arc;

use super::core::Core;
use crate::store::Armed;
use crate::wechat::{Answer, Call, CallClass, Lost};

/// Changes accounts.
#[derive(Debug, Clone)]
pub struct Writer {
    core: Arc<Core>,
}

impl Writer {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Puts a whole value. A call of another class is not sent.
    pub async fn put(&self, call: &Call) -> Answer {
        if call.endpoint.class != CallClass::Put {
            return not_sent(call, "it is not repeatable and was not armed");
        }
        self.core.send(call).await
    }

    /// Gets the token a call will need, so that nothing but the call itself happens after it was armed.
    ///
    /// # Errors
    /// The answer the call would come to: it was not sent.
    pub async fn prepare(&self, call: &Call) -> Result<(), Answer> {
        match self.core.token(call, None).await {
            Ok(_) => Ok(()),
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

    /// Sends what the journal armed: one request, or none when too much time has passed since.
    pub async fn send_armed(&self, armed: Armed) -> Answer {
        if armed.may_send(self.core.clock.since_boot()) {
            self.core.send_once(armed.call()).await
        } else {
            not_sent(armed.call(), "it was armed too long ago")
        }
    }
}

fn not_sent(call: &Call, why: &str) -> Answer {
    Answer::Lost(Lost {
        endpoint: call.endpoint.name.to_owned(),
        why: why.to_owned(),
        sent: false,
    })
}
