//! One HTTP request to WeChat and what came of it. Knows nothing of tokens but where they go.
//!
//! HTTP status is 200 even for errors; anything else, a body that is not JSON, a lost connection or a timeout says
//! nothing about the effect: [`Answer::Lost`]. No error text holds a URL, since URLs hold tokens.

use std::error::Error as _;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use url::Url;

use super::clock::Clock;
use super::connect::Connect;
use super::form::Form;
use super::gate::Look;
use super::meter::Meter;
use super::scrub::{scrub, secrets_of};
use super::wording::{CONTENT_TYPE, USER_AGENT, words};
use super::write_once::{self, Outgoing, Patience, Unheard};
use crate::wechat::answer::read_answer;
use crate::wechat::endpoint::{CallClass, Endpoint, Method, TokenKind};
use crate::wechat::json::read_object;
use crate::wechat::picture::{LARGEST, Picture};
use crate::wechat::secret::Secret;
use crate::wechat::{Answer, Lost};

/// How long most requests may take as a whole; each endpoint says its own ([`Endpoint::timeout`]).
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// The largest answers are lists of 500 accounts, some 100 KiB.
const MAX_ANSWER: usize = 1 << 20;

/// The only status that says anything.
const OK: u16 = 200;

/// What a request carries beside its token.
#[derive(Debug, Clone, Copy)]
pub(super) enum Body<'a> {
    /// JSON; of a GET its fields go into the query.
    Json(&'a str),
    /// A form with one file; the fields of the JSON go into the query.
    File(&'a str, &'a Form),
}

impl<'a> Body<'a> {
    /// What the call says, as JSON.
    fn said(self) -> &'a str {
        match self {
            Self::Json(said) | Self::File(said, _) => said,
        }
    }
}

/// Sends requests to one WeChat: reads over a pool of connections, each write over one of its own.
#[derive(Debug, Clone)]
pub struct Transport {
    http: reqwest::Client,
    connect: Connect,
    base: Url,
    clock: Arc<dyn Clock>,
    meter: Meter,
}

/// Why no transport could be made.
#[derive(Debug, thiserror::Error)]
#[error("HTTPS cannot be set up")]
pub enum NoTransport {
    /// For reads.
    Reads(#[source] reqwest::Error),
    /// For writes.
    Writes(#[source] rustls::Error),
}

impl Transport {
    /// A transport to an address.
    ///
    /// # Errors
    /// [`NoTransport`] where TLS cannot be set up.
    pub fn new(base: Url, clock: Arc<dyn Clock>) -> Result<Self, NoTransport> {
        // Whoever came first has chosen the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(REQUEST_TIMEOUT)
            // One request is one request, also where HTTP/2 would allow another try.
            .retry(reqwest::retry::never())
            .user_agent(USER_AGENT);
        let is_loopback = crate::wechat::address::is_loopback(&base);
        if is_loopback {
            builder = builder.no_proxy();
        }
        let http = builder
            .build()
            .map_err(|error| NoTransport::Reads(error.without_url()))?;
        let connect = Connect::new(!is_loopback, REQUEST_TIMEOUT).map_err(NoTransport::Writes)?;
        Ok(Self {
            http,
            connect,
            base,
            clock,
            meter: Meter::default(),
        })
    }

    /// Counts into these counters.
    pub(super) fn counting(self, meter: Meter) -> Self {
        Self { meter, ..self }
    }

    /// What it counts into.
    pub(super) fn meter(&self) -> &Meter {
        &self.meter
    }

    /// Sends one request, once.
    pub(super) async fn send(
        &self,
        endpoint: &'static Endpoint,
        token: Option<&Secret>,
        body: Body<'_>,
    ) -> Answer {
        let started = Instant::now();
        let answer = match self.request(endpoint, token, body) {
            Ok(request) => self.execute(endpoint, request).await,
            Err(why) => lost(endpoint, why, false),
        };
        self.meter.count(endpoint, &answer, started.elapsed());
        said(answer, endpoint, token, body.said())
    }

    /// Sends one write, once, that may take no longer than `timeout`. When all but its last byte is out, `look` is asked
    /// whether it may leave at all; if not, the answer says that it was not sent, and that is so.
    pub(super) async fn write(
        &self,
        timeout: Duration,
        endpoint: &'static Endpoint,
        token: Option<&Secret>,
        body: &str,
        look: Look,
    ) -> Answer {
        let (started, sent_at) = (self.clock.since_boot(), Instant::now());
        let url = match self.url(endpoint, token, body) {
            Ok(url) => url,
            Err(why) => return lost(endpoint, why, false),
        };
        let (method, content) = match endpoint.method {
            Method::Get => (hyper::Method::GET, None),
            Method::Post => (hyper::Method::POST, Some(body)),
            Method::Upload => return lost(endpoint, "an upload is no write".to_owned(), false),
        };
        let outgoing = Outgoing {
            method,
            url: &url,
            body: content,
        };
        let patience = Patience {
            connect: CONNECT_TIMEOUT,
            whole: timeout.min(endpoint.timeout()),
        };
        let heard = write_once::send(&self.connect, &outgoing, look, patience, MAX_ANSWER).await;
        let answer = match heard {
            Ok(heard) => self::heard(endpoint, heard.status, &heard.body),
            Err(Unheard { why, sent: false }) => lost(endpoint, why, false),
            Err(Unheard { why, sent: true }) => {
                let took = self.clock.since_boot().saturating_sub(started);
                lost(
                    endpoint,
                    format!("{why} after {:.1} s", took.as_secs_f32()),
                    true,
                )
            }
        };
        self.meter.count(endpoint, &answer, sent_at.elapsed());
        said(answer, endpoint, token, body)
    }

    async fn execute(&self, endpoint: &'static Endpoint, request: reqwest::Request) -> Answer {
        let started = self.clock.since_boot();
        let response = match self.http.execute(request).await {
            Ok(response) => response,
            Err(error) => return self.failed(endpoint, &error, started),
        };
        let status = response.status().as_u16();
        let kind = response.headers().get(reqwest::header::CONTENT_TYPE);
        let kind = kind
            .and_then(|kind| kind.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        let is_picture = status == OK && Picture::is_answer_of(endpoint, &kind);
        let most = if is_picture { LARGEST } else { MAX_ANSWER };
        match read_bounded(response, most).await {
            Ok(bytes) if is_picture => Answer::Done(Picture { kind, bytes }.to_answer()),
            Ok(bytes) => heard(endpoint, status, &bytes),
            Err(ReadError::TooLarge) => Answer::Lost(Lost::unreadable(endpoint, "it is too large")),
            Err(ReadError::Broken(error)) => self.failed(endpoint, &error, started),
        }
    }

    fn url(
        &self,
        endpoint: &'static Endpoint,
        token: Option<&Secret>,
        said: &str,
    ) -> Result<Url, String> {
        let mut url = self
            .base
            .join(endpoint.path)
            .map_err(|error| format!("its address cannot be made: {error}"))?;
        let name = match endpoint.token {
            TokenKind::None => None,
            // Both names are in use for component endpoints; this one is understood everywhere.
            TokenKind::Component => Some("component_access_token"),
            TokenKind::ComponentAsAccess | TokenKind::Authorizer => Some("access_token"),
        };
        if let (Some(name), Some(token)) = (name, token) {
            url.query_pairs_mut().append_pair(name, token.expose());
        }
        match endpoint.method {
            Method::Post => {}
            Method::Get | Method::Upload => {
                for (name, value) in query(said) {
                    url.query_pairs_mut().append_pair(&name, &value);
                }
            }
        }
        Ok(url)
    }

    fn request(
        &self,
        endpoint: &'static Endpoint,
        token: Option<&Secret>,
        body: Body<'_>,
    ) -> Result<reqwest::Request, String> {
        let url = self.url(endpoint, token, body.said())?;
        let builder = match (endpoint.method, body) {
            (Method::Get, _) => self.http.get(url),
            (Method::Post, _) => self
                .http
                .post(url)
                .header("content-type", CONTENT_TYPE)
                .body(body.said().to_owned()),
            (Method::Upload, Body::File(_, form)) => self
                .http
                .post(url)
                .header("content-type", form.content_type())
                .body(form.bytes()),
            (Method::Upload, Body::Json(_)) => return Err("there is no file to upload".to_owned()),
        };
        builder
            .timeout(endpoint.timeout())
            .build()
            .map_err(|error| describe(&error.without_url()))
    }

    fn failed(
        &self,
        endpoint: &'static Endpoint,
        error: &reqwest::Error,
        started: Duration,
    ) -> Answer {
        let took = self.clock.since_boot().saturating_sub(started);
        // Only a connection that was never made proves that nothing was sent.
        let sent = !error.is_connect();
        lost(
            endpoint,
            format!("{} after {:.1} s", describe(error), took.as_secs_f32()),
            sent,
        )
    }
}

/// What an answer says.
fn heard(endpoint: &'static Endpoint, status: u16, bytes: &[u8]) -> Answer {
    if status != OK {
        return lost(endpoint, format!("HTTP status {status}"), true);
    }
    match read_object(bytes) {
        Ok(body) => read_answer(endpoint, body),
        Err(error) => Answer::Lost(Lost::unreadable(endpoint, error.to_string())),
    }
}

/// The answer without secrets, logged.
fn said(answer: Answer, endpoint: &'static Endpoint, token: Option<&Secret>, body: &str) -> Answer {
    let answer = scrubbed(answer, endpoint, token, body);
    tracing::debug!(call.endpoint = endpoint.name, answer = ?answer, "called WeChat");
    answer
}

/// WeChat sometimes quotes what it refuses.
fn scrubbed(
    answer: Answer,
    endpoint: &'static Endpoint,
    token: Option<&Secret>,
    body: &str,
) -> Answer {
    match answer {
        Answer::Refused(mut error) => {
            let mut secrets = match endpoint.class {
                CallClass::OneShot => secrets_of(body),
                CallClass::Read
                | CallClass::Put
                | CallClass::NaturalKey
                | CallClass::AtMostOnce => Vec::new(),
            };
            secrets.extend(token.cloned());
            error.errmsg = scrub(&error.errmsg, &secrets);
            Answer::Refused(error)
        }
        answer @ (Answer::Done(_) | Answer::Lost(_)) => answer,
    }
}

/// The fields of a call that has no JSON body, as they stand in the query.
fn query(said: &str) -> Vec<(String, String)> {
    let Ok(Value::Object(fields)) = serde_json::from_str(said) else {
        return Vec::new();
    };
    let text = |value: Value| match value {
        Value::String(text) => text,
        value @ (Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Array(_)
        | Value::Object(_)) => value.to_string(),
    };
    let pairs = fields.into_iter().map(|(name, value)| (name, text(value)));
    pairs.collect()
}

fn lost(endpoint: &'static Endpoint, why: String, sent: bool) -> Answer {
    Answer::Lost(Lost {
        endpoint: endpoint.name.to_owned(),
        why,
        sent,
        answered: false,
    })
}

enum ReadError {
    TooLarge,
    Broken(reqwest::Error),
}

async fn read_bounded(mut response: reqwest::Response, most: usize) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(ReadError::Broken)? {
        if bytes.len() + chunk.len() > most {
            return Err(ReadError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// What went wrong in words, never with the URL that `reqwest::Error` would print.
pub(super) fn describe(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "timed out".to_owned();
    }
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            return words(io);
        }
        source = cause.source();
    }
    if error.is_connect() {
        "cannot connect".to_owned()
    } else {
        "connection closed".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_call_without_a_body_says_goes_into_the_query() {
        let pairs = query(r#"{"action": "get", "id": 7, "all": true}"#);
        let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let mut expected = vec![text("action", "get"), text("all", "true"), text("id", "7")];
        expected.sort();
        let mut pairs = pairs;
        pairs.sort();
        assert_eq!(pairs, expected);
        assert_eq!(query("{}"), []);
    }
}
