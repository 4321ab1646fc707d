//! The chain ticket → component token → authorizer token.
//!
//! One flight per token in a process; across processes a refresh is claimed in the token's document first. Tokens are
//! refreshed when needed, not on a timer.

mod adopt;
mod store_tokens;

use futures::future::BoxFuture;
use jiff::Timestamp;

pub use store_tokens::StoreTokens;
pub(in crate::client) use store_tokens::read;

use crate::store::StoreError;
use crate::wechat::secret::Secret;
use crate::wechat::{Answer, ApiError, Appid, Endpoint, Lost};

/// Where tokens come from. A provider's own token service would be a second implementation.
pub trait TokenSource: std::fmt::Debug + Send + Sync {
    /// The platform's token. `stale` is one that WeChat refused: another one is wanted.
    fn component<'a>(
        &'a self,
        stale: Option<&'a Secret>,
    ) -> BoxFuture<'a, Result<Secret, TokenError>>;

    /// An account's token. `stale` is one that WeChat refused: another one is wanted.
    fn authorizer<'a>(
        &'a self,
        account: &'a Appid,
        stale: Option<&'a Secret>,
    ) -> BoxFuture<'a, Result<Secret, TokenError>>;
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// WeChat has not pushed a ticket, or not for so long that it has expired.
    #[error("WeChat has pushed no ticket{}", since(.0))]
    NoTicket(Option<Timestamp>),
    /// The account has not authorized this platform, or has left; what WeChat said.
    #[error("the account has not authorized the platform")]
    NotAuthorized(#[source] ApiError),
    /// WeChat refused to give a token.
    #[error("no token")]
    Refused(#[source] ApiError),
    /// No answer to a token request.
    #[error("no token")]
    Lost(#[source] Lost),
    /// The store could not be used.
    #[error("read tokens from the store")]
    Store(#[source] StoreError),
}

fn since(last: &Option<Timestamp>) -> String {
    last.map(|at| format!(" since {}", at.strftime("%Y-%m-%d %H:%M UTC")))
        .unwrap_or_default()
}

impl TokenError {
    /// What a request that wanted the token comes to: it was never sent.
    #[must_use]
    pub fn answer(self, endpoint: &'static Endpoint) -> Answer {
        match self {
            Self::NotAuthorized(error) | Self::Refused(error) => Answer::Refused(error),
            Self::Lost(lost) => Answer::Lost(Lost {
                sent: false,
                ..lost
            }),
            error @ (Self::NoTicket(_) | Self::Store(_)) => Answer::Lost(Lost {
                endpoint: endpoint.name.to_owned(),
                why: match &error {
                    Self::Store(source) => format!("{error}: {source}"),
                    Self::NoTicket(_)
                    | Self::NotAuthorized(_)
                    | Self::Refused(_)
                    | Self::Lost(_) => error.to_string(),
                },
                sent: false,
            }),
        }
    }
}
