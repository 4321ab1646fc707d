//! Makes reads. Cannot write: it takes no other call.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::backoff::{self, Tries};
use super::core::Core;
use super::memo::Memo;
use super::reach;
use super::token::TokenError;
use crate::wechat::endpoint::Method;
use crate::wechat::{Answer, Appid, Call, CallClass, Lost, Trouble, domain};

/// Makes reads, repeating them with backoff where that can help.
#[derive(Debug, Clone)]
pub struct Reader {
    core: Arc<Core>,
    /// Nothing is tried after this. Real time: it bounds how long people wait.
    until: Option<Instant>,
    /// A person has said that every host serves its confirm file.
    assume_reachable: bool,
    /// The trouble of the platform that its reads met.
    met: Arc<Mutex<Option<Trouble>>>,
    /// Where those who made this reader look for it.
    above: Option<Arc<Mutex<Option<Trouble>>>>,
}

impl Reader {
    /// The platform that it reads as.
    #[must_use]
    pub fn platform(&self) -> &Appid {
        &self.core.platform.appid
    }

    pub(super) fn new(core: Arc<Core>) -> Self {
        Self {
            core,
            until: None,
            assume_reachable: false,
            met: Arc::default(),
            above: None,
        }
    }

    /// The same reader, which looks at no host for its confirm file and takes it to be there.
    #[must_use]
    pub fn assuming_reachable(self) -> Self {
        Self {
            assume_reachable: true,
            ..self
        }
    }

    /// The same reader, which tries nothing again, and nothing new, once this much time is over. What is under way
    /// then is waited for: a token that WeChat has given must be stored.
    #[must_use]
    pub fn within(&self, time: Duration) -> Self {
        Self {
            core: Arc::clone(&self.core),
            until: Some(Instant::now() + time),
            assume_reachable: self.assume_reachable,
            met: Arc::default(),
            above: Some(Arc::clone(&self.met)),
        }
    }

    /// What kept its reads from WeChat, or those of readers made from it, if it was no account's matter but the
    /// platform's.
    #[must_use]
    pub fn met(&self) -> Option<Trouble> {
        let met = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        met.clone()
    }

    /// Makes one read. A call that is no read is not sent.
    pub async fn read(&self, call: &Call) -> Answer {
        if call.endpoint.class != CallClass::Read || call.endpoint.method == Method::Upload {
            return not_sent(call, "it is no read, and this is a reader");
        }
        if self.is_over_after(Duration::ZERO) {
            return not_sent(call, "the other reads of this tenant took too long");
        }
        if Memo::keeps(call) {
            let now = self.core.clock.now();
            return self.core.memo.or_read(call, now, self.tried(call)).await;
        }
        if call.endpoint == &domain::REACH {
            return if self.assume_reachable {
                reach::assumed()
            } else {
                reach::reach(&self.core.platform.api_base, call).await
            };
        }
        self.tried(call).await
    }

    /// Waits until nobody else of this process makes a call of this name for the platform, and keeps others waiting as long as
    /// what is given is held.
    pub async fn turn(&self, name: &str) -> impl Drop + Send + use<> {
        self.core.turns.board(name).await
    }

    /// Reads anew what is the platform's own.
    pub fn forget(&self) {
        self.core.memo.forget();
    }

    async fn tried(&self, call: &Call) -> Answer {
        let mut tries = Tries::default();
        loop {
            let started = Instant::now();
            let outcome = self.core.send(call).await;
            tries.count(started.elapsed());
            let wait = backoff::wait(tries.all).max(self.core.rate.wait(call));
            if let Err(TokenError::Platform(trouble)) = &outcome {
                for met in std::iter::once(&self.met).chain(&self.above) {
                    let mut met = met.lock().unwrap_or_else(PoisonError::into_inner);
                    *met = Some(trouble.as_ref().clone());
                }
            }
            if !worth_another_try(&outcome, tries) || self.is_over_after(wait) {
                if let Ok(Answer::Done(body)) = &outcome {
                    self.core.note_original_id(call, body).await;
                }
                return outcome.unwrap_or_else(|error| error.answer(call.endpoint));
            }
            self.core.clock.sleep(wait).await;
        }
    }

    fn is_over_after(&self, wait: Duration) -> bool {
        self.until
            .is_some_and(|until| Instant::now() + wait >= until)
    }
}

fn not_sent(call: &Call, why: &str) -> Answer {
    Answer::Lost(Lost {
        endpoint: call.endpoint.name.to_owned(),
        why: why.to_owned(),
        sent: false,
        answered: false,
    })
}

/// What comes of a call that had no token is decided by what became of the token request.
fn worth_another_try(outcome: &Result<Answer, TokenError>, tries: Tries) -> bool {
    match outcome {
        Ok(Answer::Done(_)) => false,
        Ok(Answer::Refused(error)) => backoff::again(error, tries.all),
        Ok(Answer::Lost(_)) | Err(TokenError::Lost(_)) => tries.again_after_silence(),
        Err(TokenError::Refused(error)) => backoff::again(error, tries.all),
        Err(
            TokenError::Platform(_)
            | TokenError::Revoked(_)
            | TokenError::NeedsAuthorization(_)
            | TokenError::Store(_),
        ) => false,
    }
}
