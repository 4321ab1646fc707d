//! Starting and stopping: the listener, what every handler sees, and what runs in the background.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

use super::codes::{self, Codes};
use super::counts::Counts;
use super::originals::Originals;
use super::passing::Passing;
use super::replay::Replays;
use super::tally::{self, Tally};
use super::window::Windows;
use super::{Gatekeeper, Served, SidecarConfig, messages, route, ticket};
use crate::client::Clock;
use crate::store::Store;
use crate::wechat::Appid;
use crate::wechat::address::is_loopback;
use crate::wechat::push::{EncodingAesKey, PushCipher, PushError};

/// How long stopping waits for connections that do not end by themselves.
const PATIENCE: Duration = Duration::from_secs(15);

/// Why a sidecar did not start.
#[derive(Debug, thiserror::Error)]
pub enum SidecarError {
    /// The address cannot be used.
    #[error("listen on {address}")]
    Bind {
        /// Which.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A platform's EncodingAESKey is none.
    #[error("read the push key of platform {appid}")]
    Key {
        /// Whose.
        appid: String,
        /// What is wrong with it.
        #[source]
        source: PushError,
    },
    /// The client that passes messages on could not be made.
    #[error("set up HTTPS")]
    Http(#[source] reqwest::Error),
}

/// What every handler sees.
pub(super) struct Shared {
    pub(super) platforms: Vec<Platform>,
    pub(super) gatekeeper: Arc<dyn Gatekeeper>,
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) wake: Arc<dyn Fn(&str) + Send + Sync>,
    pub(super) http: reqwest::Client,
    pub(super) replays: Replays,
    pub(super) window: Windows,
    pub(super) passing: Passing,
    pub(super) originals: Originals,
    pub(super) codes: Codes,
    pub(super) counts: Counts,
    pub(super) tally: Tally,
    background: Mutex<JoinSet<()>>,
}

/// A platform with the cipher of its pushes.
pub(super) struct Platform {
    pub(super) served: Served,
    pub(super) cipher: PushCipher,
    /// Where owners' browsers reach this sidecar.
    pub(super) public: Url,
}

impl Platform {
    /// Which platform.
    pub(super) fn appid(&self) -> &Appid {
        &self.served.client.platform().appid
    }
}

/// A sidecar that runs until it is stopped or dropped.
#[must_use = "a sidecar that is dropped stops at once"]
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl std::fmt::Debug for Running {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Running")
            .field("addr", &self.addr)
            .finish_non_exhaustive()
    }
}

impl Running {
    /// Stops taking requests and finishes what was begun.
    pub async fn stop(mut self) {
        // Nobody listens any more: then everything has ended by itself.
        let _ = self.stop.send(true);
        let mut begun = self.shared.take_background();
        let ended = async {
            while self.tasks.join_next().await.is_some() {}
            while begun.join_next().await.is_some() {}
        };
        if tokio::time::timeout(PATIENCE, ended).await.is_err() {
            tracing::warn!(
                "something did not end in time; what was acknowledged is stored all the same"
            );
        }
    }
}

impl Shared {
    /// Runs something that no answer waits for, but the end of the sidecar does.
    pub(super) fn background(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self
            .background
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(work);
    }

    fn take_background(&self) -> JoinSet<()> {
        let mut tasks = self
            .background
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *tasks)
    }
}

/// Binds and serves.
///
/// # Errors
/// [`SidecarError`].
pub async fn start(config: SidecarConfig) -> Result<Running, SidecarError> {
    let bound = |source| SidecarError::Bind {
        address: config.listen,
        source,
    };
    let listener = TcpListener::bind(config.listen).await.map_err(bound)?;
    let addr = listener.local_addr().map_err(bound)?;
    let shared = Arc::new(share(config, addr)?);
    // Before the first message: a replay of one that was passed on before the last stop must not be faster.
    shared.window.open(&shared).await;
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    tasks.spawn(serve(listener, Arc::clone(&shared), stopped.clone()));
    tasks.spawn(ticket::watch(Arc::clone(&shared), stopped.clone()));
    tasks.spawn(tally::watch(Arc::clone(&shared), stopped.clone()));
    tasks.spawn(codes::work(Arc::clone(&shared), stopped));
    Ok(Running {
        addr,
        shared,
        stop,
        tasks,
    })
}

fn share(config: SidecarConfig, addr: SocketAddr) -> Result<Shared, SidecarError> {
    let here = config
        .platforms
        .iter()
        .filter_map(|served| Url::parse(served.forward_messages.as_deref()?).ok())
        .any(|target| is_loopback(&target));
    let platforms = readable(config.platforms, addr)?;
    // Whoever came first has chosen the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .timeout(messages::DEADLINE);
    if here {
        http = http.no_proxy();
    }
    Ok(Shared {
        platforms,
        gatekeeper: config.gatekeeper,
        store: config.store,
        clock: config.clock,
        wake: config.wake,
        http: http
            .build()
            .map_err(|error| SidecarError::Http(error.without_url()))?,
        replays: Replays::default(),
        window: Windows::default(),
        passing: Passing::default(),
        originals: Originals::default(),
        codes: Codes::default(),
        counts: Counts::default(),
        tally: Tally::default(),
        background: Mutex::new(JoinSet::new()),
    })
}

/// The platforms whose push keys can be read; one without must not keep the pushes of the others out.
fn readable(all: Vec<Served>, addr: SocketAddr) -> Result<Vec<Platform>, SidecarError> {
    let (mut readable, mut first) = (Vec::new(), None);
    for served in all {
        match cipher(&served) {
            Ok(cipher) => readable.push(Platform {
                cipher,
                public: public(&served, addr),
                served,
            }),
            Err(error) => {
                tracing::error!(
                    error = super::chain(&error),
                    "a platform's pushes cannot be taken"
                );
                first = first.or(Some(error));
            }
        }
    }
    match first {
        Some(error) if readable.is_empty() => Err(error),
        Some(_) | None => Ok(readable),
    }
}

/// Where owners' browsers come back to.
fn public(served: &Served, addr: SocketAddr) -> Url {
    let bound = Url::parse(&format!("http://{addr}")).ok();
    bound
        .filter(|_| served.follow_port)
        .unwrap_or_else(|| served.public_url.clone())
}

fn cipher(served: &Served) -> Result<PushCipher, SidecarError> {
    let access = served.client.platform();
    let key = |source| SidecarError::Key {
        appid: access.appid.to_string(),
        source,
    };
    let current = EncodingAesKey::parse(access.encoding_aes_key.expose()).map_err(key)?;
    let previous = access
        .previous_encoding_aes_key
        .as_ref()
        .map(|previous| EncodingAesKey::parse(previous.expose()))
        .transpose()
        .map_err(key)?;
    Ok(PushCipher::new(
        access.push_token.expose(),
        access.appid.as_str(),
        current,
        previous,
    ))
}

async fn serve(listener: TcpListener, shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    let app = Router::new().fallback(route::answer).with_state(shared);
    let ended = async move {
        let _ = stopped.wait_for(|stop| *stop).await;
    };
    if let Err(error) = axum::serve(listener, app)
        .with_graceful_shutdown(ended)
        .await
    {
        tracing::error!(error = %error, "the sidecar stopped serving");
    }
}
