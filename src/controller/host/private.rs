//! The private port: for programs and people of the provider. It listens on this machine alone unless told otherwise.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, HOST};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::ServiceExt as _;

use super::{Passed, Shared, lock};
use crate::controller::fleet::{Row, Said};
use crate::manifest::codes::NO_PLATFORM;
use crate::plan::Text;
use crate::sidecar;

/// Why the private port cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address} (--private-listen)")]
pub struct PrivateError {
    address: SocketAddr,
    source: std::io::Error,
}

impl PrivateError {
    /// The same in both languages.
    #[must_use]
    pub fn text(&self) -> Text {
        let zh = format!("无法监听 {}（--private-listen）", self.address);
        Text::new(zh, self.to_string())
    }
}

/// The port, bound.
pub(super) struct Bound {
    listener: TcpListener,
    pub(super) addr: SocketAddr,
}

pub(super) async fn bind(address: SocketAddr) -> Result<Bound, PrivateError> {
    let failed = |source| PrivateError { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let addr = listener.local_addr().map_err(failed)?;
    Ok(Bound { listener, addr })
}

impl Bound {
    /// Answers until it is told to stop.
    pub(super) async fn serve(self, shared: Arc<Shared>, stopped: watch::Receiver<bool>) {
        let behind_the_word = Router::new()
            .route("/v1/loop", get(tell))
            .route("/v1/loop/brief", get(tell_in_brief))
            .route("/v1/intake", get(intake))
            .route("/v1/rescan", post(rescan))
            .route("/v1/wake/{name}", post(wake))
            .route("/v1/platforms/{platform}/reconcile", post(reconcile_all))
            .route("/v1/tenants/{tenant}", get(tenant))
            .route("/v1/tenants/{tenant}/reconcile", post(reconcile))
            .layer(from_fn_with_state(Arc::clone(&shared), knows_the_word))
            .layer(from_fn_with_state(self.addr, asked_by_its_name));
        let app = Router::new()
            .route("/healthz", get(|| async { "ok" }))
            .route("/readyz", get(ready))
            .route("/metrics", get(metrics))
            .merge(behind_the_word)
            .with_state(shared);
        let answer = move |request| {
            let answered = app.clone().oneshot(request);
            async move { answered.await.unwrap_or_else(|never| match never {}) }
        };
        sidecar::serve(self.listener, sidecar::PRIVATE, answer, stopped).await;
    }
}

/// A page of another site that a browser has open may send requests here under a name of its own. What holds no secret is
/// told to whoever asks by whatever name: Prometheus, and the probes of a cluster.
async fn asked_by_its_name(
    State(addr): State<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let host = request
        .headers()
        .get(HOST)
        .and_then(|host| host.to_str().ok());
    let host = host.unwrap_or_default();
    let port = format!(":{}", addr.port());
    let name = host.strip_suffix(&port).unwrap_or(host);
    let is_address = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    if is_address || name == "localhost" {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "ask by its address").into_response()
    }
}

/// Whoever can read the store knows the word.
async fn knows_the_word(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let given = request.headers().get(AUTHORIZATION);
    let given = given.and_then(|given| given.to_str().ok()?.strip_prefix("Bearer "));
    let is_it = |given: &str| bool::from(given.as_bytes().ct_eq(shared.word.as_bytes()));
    if given.is_some_and(is_it) {
        next.run(request).await
    } else {
        let said = "the word stands in loop.lock, in the folder of the store";
        (StatusCode::UNAUTHORIZED, said).into_response()
    }
}

async fn ready(State(shared): State<Arc<Shared>>) -> Response {
    if lock(&shared.looked).is_ready {
        "ok".into_response()
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the manifests have not been read yet",
        )
            .into_response()
    }
}

/// No secret, no appid: whoever reaches the port may read it.
async fn metrics(State(shared): State<Arc<Shared>>) -> Response {
    super::metrics::answer(&shared).await
}

async fn intake(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(shared.running.told().await)
}

async fn rescan(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.rescan.notify_one();
    StatusCode::ACCEPTED
}

async fn tenant(State(shared): State<Arc<Shared>>, Path(tenant): Path<String>) -> Response {
    let fleet = shared.fleet.read().await;
    let row = fleet.row(&tenant).filter(|row| row.admitted.is_some());
    let declared = fleet.declared().said(&tenant);
    if row.is_none() && declared.is_none() {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mistake = match declared {
        Some(Said::Wrong(mistake)) => Some(mistake.to_string()),
        Some(Said::Good(_)) | None => None,
    };
    let passed = lock(&shared.passes).get(&tenant).cloned();
    let mut told = row.map_or(json!({}), |row| json!(told(row, passed.as_ref())));
    if let Some(told) = told.as_object_mut() {
        told.insert("mistake".to_owned(), json!(mistake));
    }
    Json(told).into_response()
}

/// How a tenant stands. Ten thousand of these are told at once, so nothing is copied for it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    platform: Option<&'a str>,
    revision: Option<&'a str>,
    admitted_at: Option<Timestamp>,
    pass: Option<u64>,
    pass_began: Option<Timestamp>,
    last_pass: Option<Timestamp>,
    result: Option<&'static str>,
    next: Option<Timestamp>,
}

fn told<'a>(row: &'a Row, passed: Option<&Passed>) -> Told<'a> {
    let admitted = row.admitted.as_ref();
    Told {
        platform: admitted.map(|admitted| admitted.platform.as_str()),
        revision: admitted.map(|admitted| admitted.digest.as_str()),
        admitted_at: admitted.map(|admitted| admitted.at),
        pass: passed.map(|passed| passed.number),
        pass_began: passed.map(|passed| passed.begun_at),
        last_pass: passed.map(|passed| passed.at),
        result: passed.map(|passed| passed.result),
        next: passed.map(|passed| passed.next),
    }
}

async fn wake(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> StatusCode {
    shared.woken.wake(&name);
    StatusCode::ACCEPTED
}

/// How long a look at the folder may take that somebody waits for.
const LOOK: Duration = Duration::from_secs(10);

/// Looks at the folder, and then at a tenant: what a person has just written counts.
async fn reconcile(State(shared): State<Arc<Shared>>, Path(tenant): Path<String>) -> Response {
    let next = lock(&shared.looked).begun + 1;
    shared.rescan.notify_one();
    let deadline = Instant::now() + LOOK;
    while lock(&shared.looked).done < next && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let fleet = shared.fleet.read().await;
    let admitted = fleet.row(&tenant).and_then(|row| row.admitted.as_ref());
    let Some(platform) = admitted.map(|admitted| admitted.platform.clone()) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    drop(fleet);
    try_anew(&shared, &platform).await;
    // Whatever pass begins from now on goes by what the folder says now, unless the folder could not be looked at.
    let after = shared.begun.load(Ordering::Relaxed);
    shared.woken.wake(&tenant);
    let looked = lock(&shared.looked).clone();
    let not_followed = (looked.done < next).then(|| looked.obstacle());
    Json(json!({"after": after, "notFollowed": not_followed})).into_response()
}

async fn reconcile_all(
    State(shared): State<Arc<Shared>>,
    Path(platform): Path<String>,
) -> StatusCode {
    try_anew(&shared, &platform).await;
    super::wake_all(&shared, &platform).await;
    StatusCode::ACCEPTED
}

/// A person wants it now: a platform that is left alone for a while is asked, and its library and lists are read anew.
async fn try_anew(shared: &Shared, platform: &str) {
    if let Some(queue) = shared.queues().get_mut(platform) {
        queue.lift();
    }
    let platforms = Arc::clone(&*shared.platforms.read().await);
    if let Some(client) = platforms.clients.of(platform) {
        client.reader().forget();
    }
}

/// How the loop stands, with every tenant.
#[derive(Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    brief: &'a Value,
    tenants: BTreeMap<&'a str, Told<'a>>,
}

async fn tell(State(shared): State<Arc<Shared>>) -> Response {
    let Json(brief) = tell_in_brief(State(Arc::clone(&shared))).await;
    let fleet = shared.fleet.read().await;
    let passes = lock(&shared.passes);
    let rows = fleet.in_force();
    let tenants = rows.map(|(name, row)| (name, told(row, passes.get(name))));
    let whole = Whole {
        brief: &brief,
        tenants: tenants.collect(),
    };
    Json(whole).into_response()
}

async fn tell_in_brief(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let now = shared.clock.now();
    let looked = lock(&shared.looked).clone();
    let fleet = shared.fleet.read().await;
    let held: Vec<Value> = fleet
        .held()
        .iter()
        .map(|held| {
            json!({
                "platform": held.revision.platform,
                "revision": held.revision.name(),
                "tenants": held.revision.count(),
                "text": held.hold.text.en,
                "command": held.command(&shared.manifests),
            })
        })
        .collect();
    let mistakes = fleet.declared().mistakes();
    // One that cannot be seen may stand where something else is wrong; that tenants miss it says that it is gone.
    let is_plain = mistakes.iter().all(|one| one.code == NO_PLATFORM);
    let mistakes: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    let (failed, kept) = (fleet.failed().clone(), fleet.kept().clone());
    let library = Arc::clone(fleet.declared().library());
    let is_declared = |name: &String| {
        let mut names = library.platform_names();
        !is_plain || names.any(|known| known == name)
    };
    drop(fleet);
    let platforms = Arc::clone(&*shared.platforms.read().await);
    let stale: BTreeMap<&str, &str> = platforms.stale().collect();
    let platforms: Vec<Value> = platforms
        .loaded()
        .keys()
        .map(|name| {
            let declared = is_declared(name);
            let appid = platforms.clients.access(name).map(|access| &access.appid);
            json!({
                "name": name,
                "appId": appid,
                "stale": stale.get(name.as_str()),
                "declared": declared,
            })
        })
        .collect();
    let queues: Vec<Value> = shared
        .queues()
        .iter()
        .map(|(platform, queue)| {
            let ([swift, drift], oldest) = queue.depth(now);
            json!({
                "platform": platform,
                "due": {"swift": swift, "drift": drift},
                "oldest": oldest,
                "underWay": queue.under_way(),
                "stoppedUntil": queue.stopped(),
            })
        })
        .collect();
    Json(json!({
        "manifests": shared.manifests,
        "unreadable": looked.trouble,
        "notFollowed": looked.not_followed,
        "lookedAt": looked.at,
        "commit": looked.commit.as_ref().map(|revision| &revision.commit),
        "admittedAt": looked.admitted_at,
        "held": held,
        "mistakes": mistakes,
        "notInForce": failed,
        "kept": kept,
        "platforms": platforms,
        "queues": queues,
    }))
}
