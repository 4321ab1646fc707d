//! What WeChat answers: refusals with their code, text and `rid`, and the odd types of its successes.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use futures::{StreamExt, stream};
use serde_json::{Map, Value};

use super::errmsg;
use super::switches::Switches;

/// A JSON object on its way out.
pub(super) type Fields = Map<String, Value>;

/// An answer of bytes: a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) content_type: &'static str,
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// The bytes of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bytes {
    pub(super) sent: Vec<u8>,
    /// How many were announced, where the connection is cut before that many were sent.
    pub(super) announced: Option<usize>,
    /// Content type and name of a file.
    pub(super) file: Option<(&'static str, String)>,
}

/// A refused call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) i64);

/// What a handler makes of a call.
pub(super) type Outcome = Result<Fields, Refusal>;

/// `Err(Refusal(code))`, to read like a sentence: `return refuse(40013)`.
pub(super) fn refuse<T>(code: i64) -> Result<T, Refusal> {
    Err(Refusal(code))
}

/// `{"errcode":0,"errmsg":"ok"}`
pub(super) fn ok() -> Fields {
    fields([("errcode", Value::from(0)), ("errmsg", Value::from("ok"))])
}

/// An object of these fields.
pub(super) fn fields<const N: usize>(pairs: [(&str, Value); N]) -> Fields {
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

/// `64f69b23-60f73830-19f36488`
pub(super) fn new_rid() -> String {
    let part = || rand::random::<u32>();
    format!("{:08x}-{:08x}-{:08x}", part(), part(), part())
}

/// The body of a refusal: English text and the request id. Two codes tell the caller's address as well.
pub(super) fn refusal_fields(code: i64, rid: &str, peer: IpAddr, words: Option<&str>) -> Fields {
    let usual = errmsg::of(code);
    let text = match (words, code) {
        (Some(words), _) => words.to_owned(),
        (None, 61004) => format!("{usual} requestIP: {peer}"),
        (None, 40164) => format!("invalid ip {peer} ipv6 ::ffff:{peer}, not in whitelist"),
        (None, _) => usual.to_owned(),
    };
    let text = format!("{text} rid: {rid}");
    fields([
        ("errcode", Value::from(code)),
        ("errmsg", Value::from(text)),
    ])
}

/// A success as the switches say it is sent.
pub(super) fn dress(mut success: Fields, switches: &Switches) -> Fields {
    if switches.unknown_fields {
        success.insert("reserved_ext".to_owned(), Value::from("x"));
    }
    if !switches.numbers_as_strings {
        return success;
    }
    success
        .into_iter()
        .map(|(key, value)| match key.as_str() {
            "errcode" => (key, value),
            _ => (key, numbers_as_strings(value)),
        })
        .collect()
}

fn numbers_as_strings(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::String(number.to_string()),
        Value::Array(items) => items.into_iter().map(numbers_as_strings).collect(),
        Value::Object(map) => map
            .into_iter()
            .map(|(key, value)| (key, numbers_as_strings(value)))
            .collect(),
        other @ (Value::Null | Value::Bool(_) | Value::String(_)) => other,
    }
}

/// WeChat says HTTP 200 whatever happened, and writes `encoding` where others write `charset`.
pub(super) fn respond(bytes: Bytes) -> Response<Body> {
    const JSON: &str = "application/json; encoding=utf-8";
    const PAUSE: Duration = Duration::from_millis(20);
    let content_type = bytes.file.as_ref().map_or(JSON, |file| file.0);
    let name = bytes.file.as_ref().map(|file| file.1.clone());
    let Some(announced) = bytes.announced else {
        let response = raw(StatusCode::OK, content_type, bytes.sent.into());
        return with_name(response, name.as_deref());
    };
    let half = stream::once(async { Ok(bytes.sent) });
    // What is ready at once is not sent when an error comes at once as well.
    let cut = stream::once(async {
        tokio::time::sleep(PAUSE).await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    let parts = half.chain(cut);
    let response = raw(StatusCode::OK, content_type, Body::from_stream(parts));
    let mut response = with_name(response, name.as_deref());
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, HeaderValue::from(announced));
    response
}

/// Under which name a file is to be saved.
fn with_name(mut response: Response<Body>, name: Option<&str>) -> Response<Body> {
    let named = name.map(|name| format!("attachment; filename=\"{name}\""));
    if let Some(value) = named.and_then(|named| HeaderValue::from_str(&named).ok()) {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// What a broken gateway in between answers.
pub(super) fn bad_gateway() -> Response<Body> {
    let page = "<html><head><title>502 Bad Gateway</title></head></html>";
    raw(StatusCode::BAD_GATEWAY, "text/html", page.into())
}

/// HTTP 200 with a body that is not JSON.
pub(super) fn not_json() -> Response<Body> {
    raw(StatusCode::OK, "text/html", "<html>busy</html>".into())
}

fn raw(status: StatusCode, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
