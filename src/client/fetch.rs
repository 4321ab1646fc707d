//! Fetches a file that a manifest names by address: from whom does not matter, since its digest is known.

use std::time::Duration;

use url::Url;

use crate::wechat::address::is_loopback;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A few MiB over a slow line.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Why a file could not be fetched. Without its address, which may hold what is nobody's business.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// HTTPS cannot be set up, or the request failed.
    #[error("{0}")]
    Failed(String),
    /// Something else than 200 was answered.
    #[error("HTTP status {0}")]
    Status(u16),
    /// It is larger than any file that is wanted.
    #[error("it is larger than {0} bytes")]
    TooLarge(usize),
}

/// Fetches a file of at most `most` bytes, within a minute, without following redirects.
///
/// # Errors
/// [`FetchError`].
pub async fn fetch(url: &Url, most: usize) -> Result<Vec<u8>, FetchError> {
    // Whoever came first has chosen the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TIMEOUT)
        .user_agent(super::transport::USER_AGENT);
    if is_loopback(url) {
        builder = builder.no_proxy();
    } else {
        builder = builder.https_only(true);
    }
    let client = builder.build().map_err(failed)?;
    let mut response = client.get(url.clone()).send().await.map_err(failed)?;
    let status = response.status().as_u16();
    if status != 200 {
        return Err(FetchError::Status(status));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if bytes.len() + chunk.len() > most {
            return Err(FetchError::TooLarge(most));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn failed(error: reqwest::Error) -> FetchError {
    FetchError::Failed(super::transport::describe(&error.without_url()))
}
