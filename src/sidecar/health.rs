//! `/healthz`: alive, the store answers, and how old each platform's ticket is.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::shared::Shared;
use crate::client::SILENCE;

/// Answers 200 while the store can be read; a missing ticket is WeChat's silence, not ill health of this process.
pub(super) async fn answer(shared: &Shared) -> Response {
    let now = shared.clock.now();
    let mut platforms = Vec::new();
    for platform in shared.platforms.iter() {
        let client = &platform.served.client;
        let Ok(made) = client.ticket_made_at().await else {
            let sick = Json(json!({"status": "the store cannot be read"}));
            return (StatusCode::SERVICE_UNAVAILABLE, sick).into_response();
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
    Json(json!({
        "status": "ok",
        "platforms": platforms,
        "pushes": pushes,
        "troubles": shared.tally.json(),
    }))
    .into_response()
}
