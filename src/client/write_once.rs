//! One write on a connection of its own, whose last byte is held back (`gate.rs`).

use std::io;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use url::{Position, Url};

use super::connect::{Connect, Stream};
use super::gate::{Fate, Gate, Look};
use super::wording::{self, words};

/// A request, made but for its connection.
pub(super) struct Outgoing<'a> {
    pub(super) method: hyper::Method,
    /// With its query, which holds the token.
    pub(super) url: &'a Url,
    pub(super) body: Option<&'a str>,
}

/// What was answered.
pub(super) struct Heard {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// Why nothing was answered.
pub(super) struct Unheard {
    /// Without the address, which holds a token.
    pub(super) why: String,
    /// Whether the server may have got the whole request.
    pub(super) sent: bool,
}

/// How long it may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    pub(super) connect: Duration,
    pub(super) whole: Duration,
}

/// Sends one request, once, if `look` still says yes when only its last byte is left.
pub(super) async fn send(
    connect: &Connect,
    request: &Outgoing<'_>,
    look: Look,
    patience: Patience,
    max_answer: usize,
) -> Result<Heard, Unheard> {
    let began = tokio::time::Instant::now();
    let connecting = connect.to(request.url);
    let stream = match tokio::time::timeout(patience.connect, connecting).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(not_sent(words(&error))),
        Err(_) => return Err(not_sent("timed out".to_owned())),
    };
    let length = request.body.map_or(0, str::len);
    let (gate, fate) = Gate::before(stream, length, look);
    let left = patience.whole.saturating_sub(began.elapsed());
    let exchanged = tokio::time::timeout(left, exchange(gate, request, max_answer)).await;
    let why = match exchanged {
        Ok(Ok(heard)) => return Ok(heard),
        Ok(Err(why)) => why,
        Err(_) => "timed out".to_owned(),
    };
    Err(unheard(&fate, why))
}

fn not_sent(why: String) -> Unheard {
    Unheard { why, sent: false }
}

fn unheard(fate: &Fate, why: String) -> Unheard {
    let why = match fate.withheld() {
        Some(withheld) => withheld.to_owned(),
        None => why,
    };
    Unheard {
        why,
        sent: fate.is_out(),
    }
}

async fn exchange(
    gate: Gate<Box<dyn Stream>>,
    request: &Outgoing<'_>,
    max_answer: usize,
) -> Result<Heard, String> {
    let request = build(request).map_err(|error| format!("it cannot be made: {error}"))?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(gate)).await.map_err(said)?;
    let answer = async {
        let mut response = sender.send_request(request).await.map_err(said)?;
        let mut body = Vec::new();
        while let Some(frame) = response.body_mut().frame().await {
            let Ok(data) = frame.map_err(said)?.into_data() else {
                continue;
            };
            if body.len() + data.len() > max_answer {
                return Err("the answer is too large".to_owned());
            }
            body.extend_from_slice(&data);
        }
        Ok(Heard {
            status: response.status().as_u16(),
            body,
        })
    };
    // Driven here and not in a task of its own: whoever stops waiting closes the connection with it.
    let driven = async {
        let _ = connection.await;
        std::future::pending::<()>().await;
    };
    tokio::select! {
        answer = answer => answer,
        () = driven => Err("connection closed".to_owned()),
    }
}

fn build(outgoing: &Outgoing<'_>) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
    let Outgoing { method, url, body } = outgoing;
    let target: Uri = url[Position::BeforePath..Position::AfterQuery].parse()?;
    let mut request = Request::builder()
        .method(method.clone())
        .uri(target)
        .header(HOST, &url[Position::BeforeHost..Position::AfterPort])
        .header(ACCEPT, "*/*")
        .header(USER_AGENT, wording::USER_AGENT);
    if let Some(body) = body {
        request = request
            .header(CONTENT_TYPE, wording::CONTENT_TYPE)
            .header(CONTENT_LENGTH, body.len());
    }
    let body = Bytes::from(body.map(str::to_owned).unwrap_or_default());
    request.body(Full::new(body))
}

/// What hyper says, never with an address.
fn said(error: hyper::Error) -> String {
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            return words(io);
        }
        source = cause.source();
    }
    "connection closed".to_owned()
}
