//! The chain ticket → component token → authorizer token.
//!
//! ```text
//! push ──► ticket (12 h) ──► component token (2 h) ──► authorizer token (2 h) ◄── refresh token (until cancelled)
//!          platform/<appid>                            cred/<appid>                 heals from info, then list
//! ```
//!
//! One flight per token in a process; across processes a refresh is claimed in the token's document first. Tokens are
//! refreshed when needed, not on a timer, and stored before they are used.

mod adopt;
mod authorizer;
mod component;
mod cut;
mod error;
mod losses;
mod refusal;
mod store_tokens;
#[cfg(test)]
mod store_tokens_tests;

use futures::future::BoxFuture;

pub use error::TokenError;
pub(in crate::client) use error::read;
pub use store_tokens::StoreTokens;

use crate::wechat::Appid;
use crate::wechat::secret::Secret;

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

    /// Fetches back the tokens of an account whose authorization code was spent without an answer; answers whether
    /// WeChat told any.
    fn recover<'a>(&'a self, account: &'a Appid) -> BoxFuture<'a, Result<bool, TokenError>>;
}
