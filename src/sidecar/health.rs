//! How the intake is. The public port says whether it serves, in a word; the rest is the private port's.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value, json};

use super::shared::Shared;
use crate::client::SILENCE;

/// `/healthz`: this process serves.
pub(super) fn alive() -> Response {
    "ok".into_response()
}

/// `/readyz`: pushes can be taken. A missing ticket is WeChat's silence, not ill health of this process.
pub(super) async fn ready(shared: &Shared) -> Response {
    let unready = |word: &'static str| (StatusCode::SERVICE_UNAVAILABLE, word).into_response();
    let Some(platform) = shared.platforms.first() else {
        return unready("platform");
    };
    match platform.served.client.ticket_made_at().await {
        Ok(_) => "ok".into_response(),
        Err(_) => unready("store"),
    }
}

/// Platforms, how old their tickets are, what came of pushes since the start.
pub(super) async fn told(shared: &Shared) -> Value {
    let now = shared.clock.now();
    let mut platforms = Vec::new();
    for platform in shared.platforms.iter() {
        let client = &platform.served.client;
        let Ok(made) = client.ticket_made_at().await else {
            return json!({"status": "the store cannot be read"});
        };
        let age = made.map(|made| now.duration_since(made));
        platforms.push(json!({
            "appId": client.platform().appid,
            "ticketAgeSeconds": age.map(|age| age.as_secs().max(0)),
            "ticketsCome": age.is_some_and(|age| age < SILENCE),
        }));
    }
    let mut pushes = shared.counts.json();
    if let Some(pushes) = pushes.as_object_mut() {
        pushes.insert("refused".to_owned(), json!(shared.tally.refused()));
    }
    json!({
        "status": "ok",
        "platforms": platforms,
        "pushes": pushes,
        "troubles": shared.tally.json(),
    })
}
