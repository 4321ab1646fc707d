//! Why there is no token, and what a request that wanted one comes to.

use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::store::StoreError;
use crate::wechat::answer::read_payload;
use crate::wechat::{Answer, ApiError, Endpoint, ErrorClass, Lost};

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// WeChat has not pushed a ticket, or not for so long that it has expired.
    #[error("WeChat has pushed no ticket{}", words(.since))]
    NoTicket {
        /// When the last one was made, if there ever was one.
        since: Option<Timestamp>,
    },
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
    #[error("use the stored tokens")]
    Store(#[source] StoreError),
}

fn words(last: &Option<Timestamp>) -> String {
    let since = last
        .map(|at| format!(" since {}", at.strftime("%Y-%m-%d %H:%M UTC")))
        .unwrap_or_default();
    // A read made again does not help: what is missing comes by push.
    format!(
        "{since}: the sidecar must run where the notices URL of WeChat's console points; the next one comes within 10 minutes"
    )
}

impl TokenError {
    /// What a request that wanted the token comes to: it was never sent.
    #[must_use]
    pub fn answer(self, endpoint: &'static Endpoint) -> Answer {
        let why = match self {
            Self::Revoked(error) | Self::NeedsAuthorization(error) | Self::Refused(error) => {
                return Answer::Refused(error);
            }
            Self::Lost(lost) => lost.to_string(),
            Self::Store(ref source) => format!("{self}: {source}"),
            Self::NoTicket { .. } => self.to_string(),
        };
        Answer::Lost(Lost {
            endpoint: endpoint.name.to_owned(),
            why,
            sent: false,
            answered: false,
        })
    }
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
