//! The HTTP server: which path is whose, how large and how slow a request may be, starting and stopping.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower_http::timeout::TimeoutLayer;

use super::replay::Replays;
use super::{Served, SidecarConfig, callback, health, messages, notices, pages, ticket};
use crate::client::Clock;
use crate::store::Store;
use crate::wechat::push::{BODY_LIMIT, EncodingAesKey, PushCipher, PushError};

/// WeChat cuts a push after 5 seconds; nothing here may take much longer.
const DEADLINE: Duration = Duration::from_secs(8);

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
    pub(super) gatekeeper: Arc<dyn super::Gatekeeper>,
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) wake: Arc<dyn Fn(&str) + Send + Sync>,
    pub(super) http: reqwest::Client,
    pub(super) replays: Replays,
}

/// A platform with the cipher of its pushes.
pub(super) struct Platform {
    pub(super) served: Served,
    pub(super) cipher: PushCipher,
}

/// A sidecar that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Running {
    /// Stops taking requests and finishes those begun.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
    }
}

/// One request, read whole.
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// Binds and serves.
///
/// # Errors
/// [`SidecarError`].
pub async fn start(mut config: SidecarConfig) -> Result<Running, SidecarError> {
    let bound = |source| SidecarError::Bind {
        address: config.listen,
        source,
    };
    let listener = TcpListener::bind(config.listen).await.map_err(bound)?;
    let addr = listener.local_addr().map_err(bound)?;
    for served in config
        .platforms
        .iter_mut()
        .filter(|served| served.follow_port)
    {
        if let Ok(bound) = format!("http://{addr}").parse() {
            served.public_url = bound;
        }
    }
    let shared = Arc::new(share(config)?);
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    tasks.spawn(serve(listener, Arc::clone(&shared), stopped.clone()));
    tasks.spawn(ticket::watch(Arc::clone(&shared), stopped.clone()));
    tasks.spawn(notices::finish_exchanges(shared));
    Ok(Running { addr, stop, tasks })
}

fn share(config: SidecarConfig) -> Result<Shared, SidecarError> {
    let platforms = config
        .platforms
        .into_iter()
        .map(|served| {
            let cipher = cipher(&served)?;
            Ok(Platform { served, cipher })
        })
        .collect::<Result<_, SidecarError>>()?;
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(messages::DEADLINE)
        .build()
        .map_err(|error| SidecarError::Http(error.without_url()))?;
    Ok(Shared {
        platforms,
        gatekeeper: config.gatekeeper,
        store: config.store,
        clock: config.clock,
        wake: config.wake,
        http,
        replays: Replays::default(),
    })
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
    let app = Router::new()
        .fallback(dispatch)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            DEADLINE,
        ))
        .with_state(shared);
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

/// Paths are the operator's to choose, so they are matched here and not in a static table.
async fn dispatch(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request = Request {
        method,
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers,
        body,
    };
    if request.path == "/healthz" {
        return health::answer(&shared).await;
    }
    if shared
        .platforms
        .iter()
        .any(|platform| platform.served.notices == request.path)
    {
        return notices::take(&shared, &request).await;
    }
    for platform in &shared.platforms {
        if let Some(appid) = messages::appid_of(&platform.served.messages, &request.path) {
            return messages::take(&shared, platform, &appid, &request).await;
        }
        let below = request
            .path
            .strip_prefix(platform.served.authorize.as_str());
        if let Some(link) = below.and_then(|rest| rest.strip_prefix('/')) {
            return match link.strip_suffix("/callback") {
                Some(link) => callback::come_back(&shared, platform, link, &request).await,
                None => pages::answer(&shared, platform, link, &request).await,
            };
        }
    }
    StatusCode::NOT_FOUND.into_response()
}
