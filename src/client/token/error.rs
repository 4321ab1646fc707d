//! Why there is no token, and what a request that wanted one comes to.

use serde::de::DeserializeOwned;

use crate::store::StoreError;
use crate::wechat::answer::read_payload;
use crate::wechat::{Answer, ApiError, Cause, Effect, Endpoint, ErrorClass, Lost, Trouble};

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The platform itself cannot reach WeChat: whatever account is asked about, it is the same.
    #[error("{0}")]
    Platform(Box<Trouble>),
    /// The account has not authorized this platform, or has left; what WeChat said.
    #[error("the account has not authorized the platform")]
    Revoked(#[source] ApiError),
    /// No refresh token works, and neither the account's info nor the list has a newer one: its owner must scan again.
    #[error("the account must be authorized again")]
    NeedsAuthorization(#[source] ApiError),
    /// WeChat refused to give a token.
    #[error("no token")]
    Refused(#[source] ApiError),
    /// No answer to a token request.
    #[error("no token")]
    Lost(#[source] Lost),
    /// The store could not be used.
    #[error("the stored tokens cannot be used")]
    Store(#[source] StoreError),
}

impl TokenError {
    /// What a request that wanted the token comes to: it was never sent.
    #[must_use]
    pub fn answer(self, endpoint: &'static Endpoint) -> Answer {
        let why = match self {
            Self::Platform(trouble) => match trouble.cause {
                Cause::Refused(error) => return without_effect(error),
                Cause::NoTicket { .. } | Cause::Lost(_) => trouble.to_string(),
            },
            Self::Revoked(error) | Self::NeedsAuthorization(error) | Self::Refused(error) => {
                return without_effect(error);
            }
            Self::Lost(lost) => lost.to_string(),
            Self::Store(ref source) => format!("{self}: {source}"),
        };
        Answer::Lost(Lost {
            endpoint: endpoint.name.to_owned(),
            why,
            sent: false,
            answered: false,
        })
    }
}

/// Whatever became of the request for the token, the call that wanted it was never sent.
fn without_effect(error: ApiError) -> Answer {
    Answer::Refused(ApiError {
        effect: Effect::None,
        ..error
    })
}

impl From<StoreError> for TokenError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The typed body of a token answer.
#[expect(
    clippy::result_large_err,
    reason = "one per token request, and read at once"
)]
pub(in crate::client) fn read<T: DeserializeOwned>(
    endpoint: &'static Endpoint,
    answer: Answer,
) -> Result<T, TokenError> {
    match answer {
        Answer::Done(body) => read_payload(endpoint, &body)
            .map_err(|error| TokenError::Lost(Lost::unreadable(endpoint, error.detail()))),
        Answer::Refused(error) if error.class == ErrorClass::Revoked => {
            Err(TokenError::Revoked(error))
        }
        Answer::Refused(error) => Err(TokenError::Refused(error)),
        Answer::Lost(lost) => Err(TokenError::Lost(lost)),
    }
}
