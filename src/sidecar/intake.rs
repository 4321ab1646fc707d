//! What every push goes through before anything of it is read: bounded in size and time, its signature checked over
//! the raw bytes, decrypted, seen before or not. Refusals say nothing about what was wrong.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::counts::Counted;
use super::server::{Platform, Shared};
use crate::wechat::push::{BODY_LIMIT, PushError, PushQuery, plain_signature_matches};

/// Exactly this acknowledges a push.
const SUCCESS: &str = "success";
/// WeChat sends a few KiB at once; whoever takes longer is not WeChat.
const BODY_DEADLINE: Duration = Duration::from_secs(3);
/// What is echoed on a verification of the URL is a random number.
const LONGEST_ECHO: usize = 128;

/// A push, whole and not yet believed.
pub(super) struct Push {
    pub(super) raw_query: String,
    pub(super) query: PushQuery,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// The acknowledgement.
pub(super) fn success() -> Response {
    (
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        SUCCESS,
    )
        .into_response()
}

/// Not from WeChat, or not for us.
pub(super) fn forbidden(shared: &Shared) -> Response {
    shared.counts.count(Counted::Refused);
    StatusCode::FORBIDDEN.into_response()
}

/// Reads a push whole.
///
/// # Errors
/// The response: too large or too slow.
pub(super) async fn receive(
    raw_query: String,
    headers: HeaderMap,
    body: Body,
) -> Result<Push, Response> {
    let body = match tokio::time::timeout(BODY_DEADLINE, to_bytes(body, BODY_LIMIT)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return Err(StatusCode::PAYLOAD_TOO_LARGE.into_response()),
        Err(_) => return Err(StatusCode::REQUEST_TIMEOUT.into_response()),
    };
    Ok(Push {
        query: read_query(&raw_query),
        raw_query,
        headers,
        body,
    })
}

/// Verifies and decrypts with the first of the platforms whose token and key fit; several may share a path.
pub(super) fn open<'a>(
    platforms: impl Iterator<Item = &'a Platform>,
    push: &Push,
) -> Option<(&'a Platform, Vec<u8>)> {
    let mut refused = None;
    for platform in platforms {
        match platform.cipher.open(&push.query, &push.body) {
            Ok(opened) => return Some((platform, opened.plaintext)),
            Err(error) => refused = worse(refused, error),
        }
    }
    if let Some(error) = refused {
        tracing::warn!(%error, "a push was refused");
    }
    None
}

/// Of several platforms' refusals, the one that came furthest says most.
fn worse(before: Option<PushError>, now: PushError) -> Option<PushError> {
    match before {
        Some(before) if now == PushError::Signature => Some(before),
        Some(_) | None => Some(now),
    }
}

/// Answers a check of the URL (a GET with `echostr`), which platforms' consoles are not known to make and which
/// costs nothing to answer rightly.
pub(super) fn echo<'a>(
    shared: &Shared,
    mut platforms: impl Iterator<Item = &'a Platform>,
    method: &Method,
    raw_query: &str,
) -> Response {
    if method != Method::GET {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let value = |name: &str| {
        url::form_urlencoded::parse(raw_query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    let (timestamp, nonce) = (value("timestamp"), value("nonce"));
    let (signature, echo) = (value("signature"), value("echostr"));
    let ours = platforms.any(|platform| {
        let token = &platform.served.client.platform().push_token;
        plain_signature_matches(token.expose(), &timestamp, &nonce, &signature)
    });
    let plain = echo.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !ours || !plain || echo.len() > LONGEST_ECHO {
        return forbidden(shared);
    }
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], echo).into_response()
}

/// The query of a push; what is missing is empty, which no signature fits.
fn read_query(query: &str) -> PushQuery {
    let mut read = PushQuery::default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "timestamp" => read.timestamp = value.into_owned(),
            "nonce" => read.nonce = value.into_owned(),
            "msg_signature" => read.msg_signature = value.into_owned(),
            "encrypt_type" => read.encrypt_type = Some(value.into_owned()),
            _ => {}
        }
    }
    read
}
