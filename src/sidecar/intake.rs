//! What every push goes through before anything of it is read: bounded in size and time, its signature checked over
//! the raw bytes, decrypted, seen before or not. Refusals say nothing about what was wrong.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures::StreamExt as _;

use super::platform::Platform;
use super::shared::Shared;
use super::trouble;
use crate::wechat::push::{BODY_LIMIT, PushQuery, PushTrouble, plain_signature_matches};

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

/// Why a push goes no further.
pub(super) struct Refusal<'a> {
    pub(super) trouble: PushTrouble,
    /// The platforms it may have been for.
    pub(super) platforms: Vec<&'a Platform>,
}

impl Refusal<'_> {
    /// Notes it, and answers without a word of what was wrong.
    pub(super) async fn answer(self, shared: &Shared) -> Response {
        trouble::note(shared, &self.platforms, self.trouble, None).await;
        let status = match self.trouble {
            PushTrouble::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            PushTrouble::TooSlow => StatusCode::REQUEST_TIMEOUT,
            PushTrouble::Path => StatusCode::NOT_FOUND,
            PushTrouble::Signature
            | PushTrouble::Decrypt
            | PushTrouble::Appid
            | PushTrouble::Plain
            | PushTrouble::Malformed
            | PushTrouble::MessageAtNotices
            | PushTrouble::NoticeAtMessages
            | PushTrouble::OtherAccount => StatusCode::FORBIDDEN,
        };
        status.into_response()
    }
}

/// Reads a push whole.
///
/// # Errors
/// It is too large, too slow, or breaks off.
pub(super) async fn receive(
    raw_query: String,
    headers: HeaderMap,
    body: Body,
) -> Result<Push, PushTrouble> {
    let body = match tokio::time::timeout(BODY_DEADLINE, whole(body)).await {
        Ok(body) => body?,
        Err(_) => return Err(PushTrouble::TooSlow),
    };
    Ok(Push {
        query: read_query(&raw_query),
        raw_query,
        headers,
        body,
    })
}

async fn whole(body: Body) -> Result<Bytes, PushTrouble> {
    let mut chunks = body.into_data_stream();
    let mut whole = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| PushTrouble::Malformed)?;
        if whole.len() + chunk.len() > BODY_LIMIT {
            return Err(PushTrouble::TooLarge);
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(Bytes::from(whole))
}

/// Verifies and decrypts with the first of the platforms whose token and key fit; several may share a path.
///
/// # Errors
/// What was wrong, for the platforms whose check it came furthest in: that says most.
pub(super) fn open<'a>(
    platforms: impl Iterator<Item = &'a Platform>,
    push: &Push,
) -> Result<(&'a Platform, Vec<u8>), Refusal<'a>> {
    let mut refusal = Refusal {
        trouble: PushTrouble::Signature,
        platforms: Vec::new(),
    };
    for platform in platforms {
        let trouble = match platform.cipher.open(&push.query, &push.body) {
            Ok(opened) => return Ok((platform, opened.plaintext)),
            Err(error) => PushTrouble::from(error),
        };
        if refusal.trouble == PushTrouble::Signature && trouble != PushTrouble::Signature {
            refusal.platforms.clear();
            refusal.trouble = trouble;
        }
        if trouble == refusal.trouble {
            refusal.platforms.push(platform);
        }
    }
    Err(refusal)
}

/// Answers a check of the URL (a GET with `echostr`), which platforms' consoles are not known to make and which
/// costs nothing to answer rightly.
pub(super) async fn echo(shared: &Shared, method: &Method, raw_query: &str) -> Response {
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
    let ours = shared.platforms.iter().any(|platform| {
        let token = &platform.served.client.platform().push_token;
        plain_signature_matches(token.expose(), &timestamp, &nonce, &signature)
    });
    let plain = echo.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !ours || !plain || echo.len() > LONGEST_ECHO {
        // Whoever has no signature at all is a person with a browser.
        if !signature.is_empty() && !ours {
            let platforms: Vec<&Platform> = shared.platforms.iter().map(Arc::as_ref).collect();
            trouble::note(shared, &platforms, PushTrouble::Signature, None).await;
        }
        return StatusCode::FORBIDDEN.into_response();
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
