//! Starting and stopping: the listener, what every handler sees, and what runs in the background.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
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

/// What every handler sees, as it is when a request comes: platforms may change while the sidecar runs.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) platforms: Arc<[Arc<Platform>]>,
    pub(super) gatekeeper: Arc<dyn Gatekeeper>,
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) wake: Arc<dyn Fn(&str) + Send + Sync>,
    pub(super) http: reqwest::Client,
    pub(super) replays: Arc<Replays>,
    pub(super) window: Arc<Windows>,
    pub(super) passing: Arc<Passing>,
    pub(super) originals: Arc<Originals>,
    pub(super) codes: Arc<Codes>,
    pub(super) counts: Arc<Counts>,
    pub(super) tally: Arc<Tally>,
    background: Arc<Mutex<JoinSet<()>>>,
}

/// What handlers see now.
#[derive(Clone)]
pub(super) struct Current(Arc<RwLock<Arc<Shared>>>);

impl Current {
    pub(super) fn get(&self) -> Arc<Shared> {
        let shared = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&shared)
    }

    fn set(&self, shared: Shared) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *held = Arc::new(shared);
    }
}

/// A platform with the cipher of its pushes.
pub(super) struct Platform {
    pub(super) served: Served,
    pub(super) cipher: PushCipher,
    /// Where owners' browsers reach this sidecar.
    pub(super) public: Url,
}

impl Platform {
    fn of(served: Served, addr: SocketAddr) -> Result<Self, SidecarError> {
        Ok(Self {
            cipher: cipher(&served)?,
            public: public(&served, addr),
            served,
        })
    }

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
    current: Current,
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
    /// Serves these platforms from now on. One whose push key cannot be read goes on as it was served before.
    pub async fn serve(&self, platforms: Vec<Served>) {
        let before = self.current.get();
        let mut now = Vec::new();
        for served in platforms {
            let appid = served.client.platform().appid.clone();
            let known = before.platforms.iter().find(|one| *one.appid() == appid);
            match Platform::of(served, self.addr) {
                Ok(platform) => now.push(Arc::new(platform)),
                Err(error) => {
                    tracing::error!(
                        error = super::chain(&error),
                        "a platform's pushes cannot be taken by its new key"
                    );
                    now.extend(known.cloned());
                }
            }
        }
        let shared = Shared {
            platforms: now.into(),
            ..(*before).clone()
        };
        shared.window.open(&shared).await;
        self.current.set(shared);
    }

    /// Stops taking requests and finishes what was begun.
    pub async fn stop(mut self) {
        // Nobody listens any more: then everything has ended by itself.
        let _ = self.stop.send(true);
        let mut begun = self.current.get().take_background();
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
    let current = Current(Arc::new(RwLock::new(Arc::clone(&shared))));
    // Before the first message: a replay of one that was passed on before the last stop must not be faster.
    shared.window.open(&shared).await;
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    tasks.spawn(serve(listener, current.clone(), stopped.clone()));
    tasks.spawn(ticket::watch(current.clone(), stopped.clone()));
    tasks.spawn(tally::watch(current.clone(), stopped.clone()));
    tasks.spawn(codes::work(current.clone(), stopped));
    Ok(Running {
        addr,
        current,
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
        platforms: platforms.into(),
        gatekeeper: config.gatekeeper,
        store: config.store,
        clock: config.clock,
        wake: config.wake,
        http: http
            .build()
            .map_err(|error| SidecarError::Http(error.without_url()))?,
        replays: Arc::default(),
        window: Arc::default(),
        passing: Arc::default(),
        originals: Arc::default(),
        codes: Arc::default(),
        counts: Arc::default(),
        tally: Arc::default(),
        background: Arc::default(),
    })
}

/// The platforms whose push keys can be read; one without must not keep the pushes of the others out.
fn readable(all: Vec<Served>, addr: SocketAddr) -> Result<Vec<Arc<Platform>>, SidecarError> {
    let (mut readable, mut first) = (Vec::new(), None);
    for served in all {
        match Platform::of(served, addr) {
            Ok(platform) => readable.push(Arc::new(platform)),
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

async fn serve(listener: TcpListener, current: Current, mut stopped: watch::Receiver<bool>) {
    let app = Router::new().fallback(route::answer).with_state(current);
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
