//! A connection to WeChat for one write: direct or through the proxy that the environment names, under TLS or, to a
//! simulator, without.
//!
//! Everything here happens before the first byte of a request.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::select_ok;
use hyper::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use url::Url;

/// A proxy that answers more than this to `CONNECT` is none.
const MAX_PROXY_ANSWER: usize = 16 * 1024;
/// How long an address of a name is tried before the next one is tried beside it.
const HEAD_START: Duration = Duration::from_millis(250);
/// HTTP/1.1 and no other: what is a last byte there is one frame among many in HTTP/2.
const PROTOCOL: &[u8] = b"http/1.1";

/// A stream of bytes both ways.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// Makes connections to one address.
#[derive(Clone)]
pub(super) struct Connect {
    tls: TlsConnector,
    /// `None`: no proxy, whatever the environment says.
    proxies: Option<Arc<Matcher>>,
    /// After so long without an acknowledgement the kernel gives a connection up, so that nothing of a request that is
    /// over for us is delivered later.
    patience: Duration,
}

impl Connect {
    /// # Errors
    /// Where TLS cannot be set up.
    pub(super) fn new(with_proxies: bool, patience: Duration) -> Result<Self, rustls::Error> {
        let mut config = ClientConfig::builder()
            .with_platform_verifier()?
            .with_no_client_auth();
        config.alpn_protocols = vec![PROTOCOL.to_vec()];
        Ok(Self {
            tls: TlsConnector::from(Arc::new(config)),
            proxies: with_proxies.then(|| Arc::new(Matcher::from_env())),
            patience,
        })
    }

    /// Connects. Nothing of a request is sent.
    pub(super) async fn to(&self, url: &Url) -> io::Result<Box<dyn Stream>> {
        let (host, port) = place(url)?;
        let uri: Uri = url.origin().ascii_serialization().parse().map_err(other)?;
        let proxy = self.proxies.as_ref().and_then(|all| all.intercept(&uri));
        let stream = match proxy {
            None => self.tcp(&host, port).await?,
            Some(proxy) => self.tunnel(&proxy, &host, port).await?,
        };
        if url.scheme() == "https" {
            self.secured(stream, &host).await
        } else {
            Ok(stream)
        }
    }

    async fn tcp(&self, host: &str, port: u16) -> io::Result<Box<dyn Stream>> {
        // An IPv6 address is bracketed in a URL and nowhere else.
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let stream = first_of(tokio::net::lookup_host((host, port)).await?).await?;
        // A last byte that waits for the acknowledgement of the others would be late.
        stream.set_nodelay(true)?;
        #[cfg(target_os = "linux")]
        {
            let millis = u32::try_from(self.patience.as_millis()).unwrap_or(u32::MAX);
            rustix::net::sockopt::set_tcp_user_timeout(&stream, millis)?;
        }
        Ok(Box::new(stream))
    }

    async fn secured(&self, stream: Box<dyn Stream>, host: &str) -> io::Result<Box<dyn Stream>> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(host.to_owned()).map_err(other)?;
        Ok(Box::new(self.tls.connect(name, stream).await?))
    }

    async fn tunnel(
        &self,
        proxy: &Intercept,
        host: &str,
        port: u16,
    ) -> io::Result<Box<dyn Stream>> {
        let at = proxy.uri();
        let named = at
            .host()
            .ok_or_else(|| io::Error::other("the proxy has no host"))?;
        let usual = if at.scheme_str() == Some("https") {
            443
        } else {
            80
        };
        let mut stream = self.tcp(named, at.port_u16().unwrap_or(usual)).await?;
        if at.scheme_str() == Some("https") {
            stream = self.secured(stream, named).await?;
        }
        let mut ask = format!("CONNECT {host}:{port} HTTP/1.1\r\nhost: {host}:{port}\r\n");
        if let Some(auth) = proxy.basic_auth().and_then(|auth| auth.to_str().ok()) {
            ask.push_str(&format!("proxy-authorization: {auth}\r\n"));
        }
        ask.push_str("\r\n");
        stream.write_all(ask.as_bytes()).await?;
        stream.flush().await?;
        agreed(&mut stream).await?;
        Ok(stream)
    }
}

/// Whichever address answers first; each is given a head start over the next one, and none keeps the others waiting.
async fn first_of(addresses: impl Iterator<Item = SocketAddr>) -> io::Result<TcpStream> {
    let mut start = Duration::ZERO;
    let tries: Vec<_> = addresses
        .map(|address| {
            let after = start;
            start += HEAD_START;
            async move {
                tokio::time::sleep(after).await;
                TcpStream::connect(address).await
            }
            .boxed()
        })
        .collect();
    if tries.is_empty() {
        return Err(io::Error::other("WeChat's name has no address"));
    }
    Ok(select_ok(tries).await?.0)
}

/// Reads a proxy's answer to `CONNECT`. Whoever is behind it speaks second, so nothing of theirs follows.
async fn agreed(stream: &mut Box<dyn Stream>) -> io::Result<()> {
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut some = [0; 1024];
        let n = stream.read(&mut some).await?;
        if n == 0 || answer.len() > MAX_PROXY_ANSWER {
            return Err(io::Error::other("the proxy gave no answer"));
        }
        answer.extend_from_slice(some.get(..n).unwrap_or_default());
    }
    let status = answer.split(|byte| *byte == b' ').nth(1);
    match status {
        Some(b"200") => Ok(()),
        Some(_) | None => Err(io::Error::other("the proxy refused")),
    }
}

fn place(url: &Url) -> io::Result<(String, u16)> {
    let host = url
        .host_str()
        .ok_or_else(|| io::Error::other("no host in WeChat's address"))?;
    let port = url
        .port_or_known_default()
        .ok_or_else(|| io::Error::other("no port in WeChat's address"))?;
    Ok((host.to_owned(), port))
}

fn other(error: impl std::error::Error + Send + Sync + 'static) -> io::Error {
    io::Error::other(error)
}

impl std::fmt::Debug for Connect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connect").finish_non_exhaustive()
    }
}
