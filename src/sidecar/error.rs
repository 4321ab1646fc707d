//! Why a sidecar does not start.

use std::net::SocketAddr;

use crate::wechat::push::PushError;

/// Why a sidecar did not start.
#[derive(Debug, thiserror::Error)]
pub enum SidecarError {
    /// The address cannot be used.
    #[error("cannot listen on {address} (--listen)")]
    Bind {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A platform's EncodingAESKey is none.
    #[error("the EncodingAESKey of platform {appid} cannot be used")]
    Key {
        /// Whose.
        appid: String,
        /// What is wrong with it.
        #[source]
        source: PushError,
    },
    /// The client that passes messages on could not be made.
    #[error("HTTPS cannot be set up")]
    Http(#[source] reqwest::Error),
}
