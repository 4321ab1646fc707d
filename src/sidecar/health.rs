//! `/healthz`: alive, the store answers, and how old each platform's ticket is.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::server::Shared;
use crate::store::Key;
use crate::store::documents::PlatformDoc;

/// Answers 200 while the store can be read; a missing ticket is WeChat's silence, not ill health of this process.
pub(super) async fn answer(shared: &Shared) -> Response {
    let now = shared.clock.now();
    let mut platforms = Vec::new();
    for platform in &shared.platforms {
        let appid = &platform.served.client.platform().appid;
        let Ok(stored) = shared.store.get::<PlatformDoc>(&Key::platform(appid)).await else {
            return (
                StatusCode::SERVICE_UNAVAILABLE,
                Json(json!({"status": "store"})),
            )
                .into_response();
        };
        let age = stored
            .and_then(|stored| stored.value.ticket)
            .map(|ticket| now.duration_since(ticket.created_at).as_secs().max(0));
        platforms.push(json!({"appId": appid, "ticketAgeSeconds": age}));
    }
    Json(json!({"status": "ok", "platforms": platforms})).into_response()
}
