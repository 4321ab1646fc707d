//! How the control API takes an order and answers it.

use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(super) type Answer = Result<Json<Value>, Refused>;

/// A refused order: HTTP status and a sentence.
#[derive(Debug)]
pub(super) struct Refused(pub(super) StatusCode, pub(super) String);

impl IntoResponse for Refused {
    fn into_response(self) -> axum::response::Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}

pub(super) fn bad(why: impl ToString) -> Refused {
    Refused(StatusCode::BAD_REQUEST, why.to_string())
}

pub(super) fn missing(why: impl ToString) -> Refused {
    Refused(StatusCode::NOT_FOUND, why.to_string())
}

pub(super) fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(body).map_err(bad)
}

pub(super) fn plain<T: Serialize + ?Sized>(value: &T) -> Answer {
    serde_json::to_value(value).map(Json).map_err(bad)
}
