//! Makes writes: what may be repeated, and what the journal armed. Never repeats by itself, but for the one case
//! in which WeChat itself says that it looked at nothing but a stale token.

use std::sync::Arc;

use tokio::time::Instant;

use super::authorize::{Addressee, ExchangeError};
use super::backoff::{self, Tries};
use super::core::{Core, not_sent};
use super::fence::{Fence, Open};
use super::form::Form;
use super::handle::Client;
use crate::store::{Armed, StoreError};
use crate::wechat::{Answer, Appid, Call, CallClass, Fillings, Secret, media};

/// A file to upload.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'a> {
    /// The usual ending of its format: `png`.
    pub ending: &'static str,
    /// Its content type: `image/png`.
    pub kind: &'static str,
    /// The file.
    pub bytes: &'a [u8],
}

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
        self.put_filled(call, &Fillings::new()).await
    }

    /// The same where the call's body has holes, which are filled with these; where one is missing it is not sent.
    pub async fn put_filled(&self, call: &Call, with: &Fillings) -> Answer {
        if call.endpoint.class != CallClass::Put {
            return not_sent(call, "it is not repeatable and was not armed");
        }
        self.core
            .put(call, (&self.fence, with))
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
        self.send_filled(armed, &Fillings::new()).await
    }

    /// The same where the call's body has holes, which are filled with these; where one is missing it is not sent.
    pub async fn send_filled(&self, armed: Armed, with: &Fillings) -> Answer {
        let call = armed.call();
        let token = match self.core.token(call, None).await {
            Ok(token) => token,
            Err(error) => return error.answer(call.endpoint),
        };
        self.core
            .send_armed(&armed, token.as_ref(), &self.fence, with)
            .await
    }

    /// Stores the code of a mini-program that was registered for somebody, durably, before anything else happens.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn keep_code_for(&self, code: &Secret, to: &Addressee) -> Result<(), StoreError> {
        self.client().keep_code_for(code, to).await
    }

    /// The stored code of an account that is to become theirs, while something may still come of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn code_for(&self, to: &Addressee) -> Result<Option<Secret>, StoreError> {
        let client = self.client();
        for code in client.open_codes().await? {
            if client.addressee_of_code(&code).await?.as_ref() == Some(to) {
                return Ok(Some(code));
            }
        }
        Ok(None)
    }

    /// Exchanges a code that was stored for the account's tokens.
    ///
    /// # Errors
    /// [`ExchangeError`]; the code stays stored, and is tried again as long as it lives.
    pub async fn exchange(&self, code: &Secret) -> Result<Appid, ExchangeError> {
        self.client().exchange(code).await
    }

    /// Notes that the account behind a code has become theirs.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn code_decided(&self, code: &Secret, to: &Addressee) -> Result<(), StoreError> {
        self.client().code_decided(code, to).await
    }

    fn client(&self) -> Client {
        Client {
            core: Arc::clone(&self.core),
        }
    }

    /// Uploads a file for an account. Lost uploads are made again: nobody sees an id that nobody uses.
    pub async fn upload(&self, call: &Call, file: &Upload<'_>) -> Answer {
        let Some(part) = media::part(call.endpoint) else {
            return not_sent(call, "it is no upload");
        };
        let form = Form::of(part, (file.ending, file.kind), file.bytes);
        let mut tries = Tries::default();
        loop {
            let started = Instant::now();
            let outcome = self.core.upload(call, &form).await;
            tries.count(started.elapsed());
            let again = match &outcome {
                Ok(Answer::Lost(_)) => tries.again_after_silence(),
                Ok(Answer::Refused(error)) => backoff::again(error, tries.all),
                Ok(Answer::Done(_)) | Err(_) => false,
            };
            if !again {
                return outcome.unwrap_or_else(|error| error.answer(call.endpoint));
            }
            let wait = backoff::wait(tries.all).max(self.core.rate.wait(call));
            self.core.clock.sleep(wait).await;
        }
    }
}
