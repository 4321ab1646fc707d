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
        .user_agent(super::wording::USER_AGENT);
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

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    /// What is fetched from a server that answers this once.
    async fn fetched(answer: &'static str) -> Result<Vec<u8>, FetchError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/logo.png", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
        });
        fetch(&url.parse().unwrap(), 10).await
    }

    #[tokio::test]
    async fn a_file_is_fetched_whole_and_not_a_byte_beyond_its_bound() {
        let ok = fetched("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123456789").await;
        assert_eq!(ok.unwrap(), b"0123456789");
        let large = fetched("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n0123456789a").await;
        assert!(matches!(large, Err(FetchError::TooLarge(10))));
    }

    #[tokio::test]
    async fn nobody_is_led_elsewhere() {
        let moved =
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        assert!(matches!(fetched(moved).await, Err(FetchError::Status(302))));
        let elsewhere = "http://example.invalid/logo.png".parse().unwrap();
        assert!(matches!(
            fetch(&elsewhere, 10).await,
            Err(FetchError::Failed(_))
        ));
    }
}
