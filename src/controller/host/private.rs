//! The private port: for programs and people of the provider. It listens on this machine alone unless told otherwise.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::{Shared, lock};

/// Why the private port cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("listen on {address}")]
pub struct PrivateError {
    address: SocketAddr,
    source: std::io::Error,
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
    pub(super) async fn serve(self, shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
        let app = Router::new()
            .route("/healthz", get(|| async { "ok" }))
            .route("/readyz", get(ready))
            .route("/v1/loop", get(tell))
            .route("/v1/rescan", post(rescan))
            .route("/v1/tenants/{tenant}/reconcile", post(reconcile))
            .with_state(shared);
        let ended = async move {
            let _ = stopped.wait_for(|stop| *stop).await;
        };
        let served = axum::serve(self.listener, app).with_graceful_shutdown(ended);
        if let Err(error) = served.await {
            tracing::error!(%error, "the private port stopped serving");
        }
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

async fn rescan(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.rescan.notify_one();
    StatusCode::ACCEPTED
}

async fn reconcile(State(shared): State<Arc<Shared>>, Path(tenant): Path<String>) -> StatusCode {
    let fleet = shared.fleet.read().await;
    if fleet.row(&tenant).is_none_or(|row| row.admitted.is_none()) {
        return StatusCode::NOT_FOUND;
    }
    drop(fleet);
    shared.woken.wake(&tenant);
    StatusCode::ACCEPTED
}

async fn tell(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let now = shared.clock.now();
    let looked = lock(&shared.looked).clone();
    let fleet = shared.fleet.read().await;
    let passes = lock(&shared.passes).clone();
    let tenants: serde_json::Map<String, Value> = fleet
        .in_force()
        .map(|(name, row)| {
            let passed = passes.get(name);
            let told = json!({
                "revision": row.admitted.as_ref().map(|admitted| &admitted.digest),
                "admittedAt": row.admitted.as_ref().map(|admitted| admitted.at),
                "lastPass": passed.map(|passed| passed.at),
                "result": passed.map(|passed| passed.result),
                "next": passed.map(|passed| passed.next),
            });
            (name.to_owned(), told)
        })
        .collect();
    let held: Vec<Value> = fleet
        .held()
        .iter()
        .map(|held| {
            json!({
                "platform": held.revision.platform,
                "revision": held.revision.name(),
                "tenants": held.revision.count(),
                "text": held.hold.text.en,
            })
        })
        .collect();
    let mistakes: Vec<String> = fleet
        .declared()
        .mistakes()
        .iter()
        .map(ToString::to_string)
        .collect();
    drop(fleet);
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
        "lookedAt": looked.at,
        "admittedAt": looked.admitted_at,
        "held": held,
        "mistakes": mistakes,
        "queues": queues,
        "tenants": tenants,
    }))
}
