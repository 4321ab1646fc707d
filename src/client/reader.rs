//! Makes reads. Cannot write: it takes no other call.

use std::sync::Arc;

use super::backoff;
use super::core::Core;
use super::token::TokenError;
use crate::wechat::{Answer, Call, CallClass, ErrorClass, Lost};

/// Makes reads, repeating them with backoff where that can help.
#[derive(Debug, Clone)]
pub struct Reader {
    core: Arc<Core>,
}

impl Reader {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Makes one read. A call that is no read is not sent.
    pub async fn read(&self, call: &Call) -> Answer {
        if call.endpoint.class != CallClass::Read {
            return Answer::Lost(Lost {
                endpoint: call.endpoint.name.to_owned(),
                why: "it is no read, and this is a reader".to_owned(),
                sent: false,
            });
        }
        let mut tried = 0;
        loop {
            let outcome = self.core.send(call).await;
            tried += 1;
            if !worth_another_try(&outcome, tried) {
                return outcome.unwrap_or_else(|error| error.answer(call.endpoint));
            }
            self.core.clock.sleep(backoff::wait(tried)).await;
        }
    }
}

/// What comes of a call that had no token is decided by what became of the token request.
fn worth_another_try(outcome: &Result<Answer, TokenError>, tried: u32) -> bool {
    match outcome {
        Ok(Answer::Done(_)) => false,
        Ok(Answer::Refused(error)) => backoff::again(error, tried),
        Ok(Answer::Lost(_)) | Err(TokenError::Lost(_)) => backoff::again_after_silence(tried),
        Err(TokenError::Refused(error)) => {
            error.class == ErrorClass::Transient && backoff::again(error, tried)
        }
        Err(
            TokenError::NoTicket { .. }
            | TokenError::Revoked(_)
            | TokenError::NeedsAuthorization(_)
            | TokenError::Store(_),
        ) => false,
    }
}
