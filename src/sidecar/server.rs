//! Starting and stopping: the listener, and what runs beside it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use prometheus_client::metrics::histogram::Histogram;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

use super::error::SidecarError;
use super::platform::Platform;
use super::shared::{Current, Shared};
use super::{Served, SidecarConfig, exchange, health, messages, route, serve, ticket, trouble};
use crate::wechat::address::is_loopback;

/// How long stopping waits for connections that do not end by themselves.
const PATIENCE: Duration = Duration::from_secs(15);

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
        shared.window.open(&shared.platforms, &shared.replays).await;
        self.current.set(shared);
    }

    /// What only the provider is told: platforms, how old their tickets are, and what came of pushes since the start.
    pub async fn told(&self) -> serde_json::Value {
        health::told(&self.current.get()).await
    }

    /// What came of pushes since the start: kind, result, how many. What was refused has its reason for a result.
    #[must_use]
    pub fn counted(&self) -> Vec<(&'static str, &'static str, u64)> {
        let shared = self.current.get();
        let taken = shared.counts.all();
        let troubles = shared.tally.all();
        let troubles = troubles.map(|(trouble, count)| ("any", trouble.label(), count));
        taken.chain(troubles).collect()
    }

    /// How long it took to store notices, in seconds.
    #[must_use]
    pub fn stored_seconds(&self) -> Histogram {
        self.current.get().counts.stored.clone()
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
    let current = Current::new(Arc::clone(&shared));
    // Before the first message: a replay of one that was passed on before the last stop must not be faster.
    shared.window.open(&shared.platforms, &shared.replays).await;
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let asked = current.clone();
    let answer = move |request| route::answer(State(asked.clone()), request);
    tasks.spawn(serve::serve(
        listener,
        serve::room(),
        answer,
        stopped.clone(),
    ));
    tasks.spawn(ticket::watch(current.clone(), stopped.clone()));
    tasks.spawn(trouble::watch(current.clone(), stopped.clone()));
    tasks.spawn(exchange::work(current.clone(), stopped));
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
        clicks: Arc::default(),
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
