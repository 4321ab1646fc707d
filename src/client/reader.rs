//! Makes reads. Cannot write: it takes no other call.

use std::sync::Arc;

use super::backoff;
use super::core::Core;
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
            let answer = self.core.send(call).await;
            tried += 1;
            let throttled = match &answer {
                Answer::Done(_) => return answer,
                Answer::Refused(error) => match error.class {
                    ErrorClass::Transient => false,
                    ErrorClass::Throttled => true,
                    ErrorClass::Quota
                    | ErrorClass::Token
                    | ErrorClass::Permission
                    | ErrorClass::Revoked
                    | ErrorClass::Invalid
                    | ErrorClass::AlreadyDone
                    | ErrorClass::NotFound
                    | ErrorClass::Human
                    | ErrorClass::Unknown => return answer,
                },
                // Without a token the same would happen again.
                Answer::Lost(lost) if !lost.sent && lost.endpoint != call.endpoint.name => {
                    return answer;
                }
                Answer::Lost(_) => false,
            };
            if tried >= backoff::TRIES {
                return answer;
            }
            self.core.clock.sleep(backoff::wait(tried, throttled)).await;
        }
    }
}
