//! One API call from the wire to the answer: log, fault, gate, handler, fault, answer.
//!
//! A call that has begun runs in a task of its own, so it finishes though its client is gone.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of some thirty kinds of fault each place is about a few"
)]

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, State as Shared};
use axum::http::{Response, header};
use jiff::Timestamp;
use serde_json::Value;

use super::answer::{self, Bytes, Fields, File, Outcome, Refusal};
use super::app::{App, World};
use super::calls::{CallLog, Ending};
use super::endpoint::{Call, Endpoint, Method};
use super::fault::{Kind, wait};
use super::fault_book::{Mishap, Target};
use super::gate::{self, Admitted, Request};
use super::host::Fetched;
use super::odd_answer::Draft;
use super::state::State;
use super::wire::Wire;
use super::{endpoints, host_serve, media};

/// Largest body taken that is no upload; WeChat's own limit is not published.
const MAX_BODY: usize = 1 << 20;

/// The handler behind every API path.
pub(super) async fn call(
    Shared(app): Shared<Arc<App>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: axum::extract::Request,
) -> Response<Body> {
    let Some(request) = read(request, &wire).await else {
        return answer::bad_gateway();
    };
    let begun = tokio::spawn(carry_out(app, wire, request));
    begun.await.unwrap_or_else(|_| answer::bad_gateway())
}

async fn read(request: axum::extract::Request, wire: &Wire) -> Option<Request> {
    let (head, body) = request.into_parts();
    let query = head.uri.query().unwrap_or_default();
    let takes_form = endpoints::find(head.uri.path()).is_some_and(|endpoint| endpoint.form);
    let largest = if takes_form { media::LARGEST } else { MAX_BODY };
    let content_type = head.headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|kind| kind.to_str().ok());
    let host = head.headers.get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok());
    Some(Request {
        method: match head.method {
            axum::http::Method::POST => Method::Post,
            _ => Method::Get,
        },
        path: head.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        content_type: content_type.unwrap_or_default().to_owned(),
        host: host.unwrap_or_default().to_owned(),
        body: to_bytes(body, largest).await.ok()?,
        peer: wire.peer().ip(),
        fetched: Fetched::default(),
    })
}

/// A call in the log, and what is to go wrong with it.
struct Begun {
    seq: u64,
    endpoint: Option<&'static Endpoint>,
    reads: bool,
    account: String,
    peer: IpAddr,
    mishap: Mishap,
}

impl Begun {
    fn target(&self, now: Timestamp) -> Target<'_> {
        Target {
            endpoint: name(self.endpoint),
            account: &self.account,
            row: self.endpoint,
            reads: self.reads,
            now,
        }
    }
}

fn name(endpoint: Option<&Endpoint>) -> &'static str {
    endpoint.map_or("unknown", |endpoint| endpoint.path)
}

/// What came of it.
struct Done {
    errcode: i64,
    effect: bool,
    rid: String,
    body: Fields,
    /// In place of the body.
    file: Option<File>,
    /// So much later it is answered.
    late: Duration,
}

impl Done {
    fn refused(begun: &Begun, code: i64, words: Option<&str>) -> Self {
        let rid = answer::new_rid();
        Self {
            errcode: code,
            effect: false,
            body: answer::refusal_fields(code, &rid, begun.peer, words),
            rid,
            file: None,
            late: Duration::ZERO,
        }
    }
}

async fn carry_out(app: Arc<App>, wire: Wire, mut request: Request) -> Response<Body> {
    let begun = begin(&app, &request);
    wait(begun.mishap.latency).await;
    if let Some(response) = fail_before(&app, &wire, &begun) {
        return response;
    }
    if begun.endpoint.is_some_and(|endpoint| endpoint.asks_hosts) {
        request.fetched = host_serve::fetched(&app, &begun.account, &request.body).await;
    }
    let mut done = perform(&app, &begun, &request);
    wait(done.late).await;
    if let Some((Kind::ErrcodeAfterEffect, code)) = begun.mishap.kind {
        let words = begun.mishap.errmsg.as_deref();
        done.errcode = code;
        done.body = answer::refusal_fields(code, &done.rid, begun.peer, words);
        done.file = None;
    }
    let bytes = end_answered(&app, &begun, done);
    wait(begun.mishap.latency_after).await;
    match begun.mishap.kind {
        Some((Kind::ResetAfter, _)) => {
            wire.cut();
            answer::bad_gateway()
        }
        Some((Kind::Http502AfterEffect, _)) => answer::bad_gateway(),
        Some((Kind::NotJson, _)) => answer::not_json(),
        _ => answer::respond(bytes),
    }
}

fn begin(app: &App, request: &Request) -> Begun {
    let endpoint = endpoints::find(&request.path);
    let reads = endpoint.is_some_and(|endpoint| endpoint.is_read(&request.body, &request.query));
    let mut world = app.world();
    // Read under the lock, so that the log is in the order of its times.
    let now = app.clock.now();
    let World {
        state,
        faults,
        calls,
        ..
    } = &mut *world;
    let account = gate::subject(state, request);
    let mishap = faults.strike(&Target {
        endpoint: name(endpoint),
        account: &account,
        row: endpoint,
        reads,
        now,
    });
    Begun {
        seq: calls.begin(now, name(endpoint), account.clone()),
        endpoint,
        reads,
        account,
        peer: request.peer,
        mishap,
    }
}

/// The faults that come before any effect.
fn fail_before(app: &App, wire: &Wire, begun: &Begun) -> Option<Response<Body>> {
    let (kind, code) = begun.mishap.kind?;
    match kind {
        Kind::Http502 => {
            end_unanswered(app, begun);
            Some(answer::bad_gateway())
        }
        Kind::NotJsonBeforeEffect => {
            end_unanswered(app, begun);
            Some(answer::not_json())
        }
        Kind::ResetBefore => {
            end_unanswered(app, begun);
            wire.cut();
            Some(answer::bad_gateway())
        }
        Kind::Errcode | Kind::MinuteLimit | Kind::SaysAbsent | Kind::SaysPresent => {
            let done = Done::refused(begun, code, begun.mishap.errmsg.as_deref());
            Some(answer::respond(end_answered(app, begun, done)))
        }
        _ => None,
    }
}

/// Enters a call whose answer never came to be.
fn end_unanswered(app: &App, begun: &Begun) {
    let ending = Ending {
        fault: begun.mishap.name(),
        ..Ending::default()
    };
    let mut world = app.world();
    world.calls.end(begun.seq, app.clock.now(), ending);
}

/// Enters the call's outcome, and gives the answer the shape that is ordered for it.
fn end_answered(app: &App, begun: &Begun, done: Done) -> Bytes {
    let mut world = app.world();
    let now = app.clock.now();
    let mut answer = match done.file {
        Some(file) => Draft::of_file(file),
        None => Draft::new(Value::Object(done.body)),
    };
    let odd = if begun.mishap.hides_answer() {
        None
    } else {
        world.faults.shape(&begun.target(now), &mut answer)
    };
    let ending = Ending {
        errcode: Some(done.errcode),
        effect: done.effect,
        fault: begun.mishap.name().or(odd.map(Kind::name)),
        rid: Some(done.rid),
    };
    world.calls.end(begun.seq, now, ending);
    drop(world);
    answer.bytes()
}

fn perform(app: &App, begun: &Begun, request: &Request) -> Done {
    let mut world = app.world();
    let now = app.clock.now();
    world.settle(now);
    let handled = match begun.endpoint {
        Some(endpoint) => run(&mut world, endpoint, request, now, &begun.mishap),
        None => Handled::refused(Refusal(40066)),
    };
    match handled.outcome {
        Ok(success) => Done {
            errcode: 0,
            effect: handled.effect,
            rid: answer::new_rid(),
            body: answer::dress(success, &world.state.switches),
            file: handled.file,
            late: handled.late,
        },
        Err(Refusal(code)) => Done {
            effect: handled.effect,
            late: handled.late,
            ..Done::refused(begun, code, None)
        },
    }
}

/// What a handler made of a call.
struct Handled {
    outcome: Outcome,
    effect: bool,
    file: Option<File>,
    late: Duration,
}

impl Handled {
    fn refused(refusal: Refusal) -> Self {
        Self {
            outcome: Err(refusal),
            effect: false,
            file: None,
            late: Duration::ZERO,
        }
    }
}

/// Gate and handler, under the lock.
fn run(
    world: &mut World,
    endpoint: &Endpoint,
    request: &Request,
    now: Timestamp,
    mishap: &Mishap,
) -> Handled {
    let mut admitted = match gate::admit(endpoint, &mut world.state, now, request) {
        Ok(admitted) => admitted,
        Err(refusal) => return Handled::refused(refusal),
    };
    for spelling in &mishap.kept {
        admitted
            .body
            .values_mut()
            .for_each(|value| spelling.keep(value));
    }
    if mishap.is(Kind::NoEffect) {
        return run_for_nothing(world, endpoint, admitted, now);
    }
    let about = match admitted.account.as_str() {
        "" => admitted
            .body
            .get("authorizer_appid")
            .and_then(|app_id| app_id.as_str())
            .unwrap_or_default()
            .to_owned(),
        account => account.to_owned(),
    };
    let current = world.state.accounts.get(&about).cloned();
    let stale = mishap.is(Kind::StaleRead);
    if stale && let Some(before) = world.past.of(&about, now, mishap.lag) {
        world.state.accounts.insert(about.clone(), before.clone());
    }
    let handled = handle(&mut world.state, &world.calls, endpoint, admitted, now);
    if let Some(current) = current {
        if stale {
            world.state.accounts.insert(about, current);
        } else if handled.effect {
            world.past.note(current, now);
        }
    }
    handled
}

/// The answer of a call that does nothing, its place in the day's quota aside.
fn run_for_nothing(
    world: &mut World,
    endpoint: &Endpoint,
    admitted: Admitted,
    now: Timestamp,
) -> Handled {
    let mut elsewhere = world.state.clone();
    Handled {
        effect: false,
        ..handle(&mut elsewhere, &world.calls, endpoint, admitted, now)
    }
}

fn handle(
    state: &mut State,
    calls: &CallLog,
    endpoint: &Endpoint,
    admitted: Admitted,
    now: Timestamp,
) -> Handled {
    let mut call = Call {
        state,
        now,
        platform: admitted.platform,
        account: admitted.account,
        body: admitted.body,
        parts: admitted.parts,
        query: admitted.query,
        fetched: admitted.fetched,
        host: admitted.host,
        api: endpoints::find,
        calls,
        effect: false,
        late: Duration::ZERO,
        file: None,
    };
    let outcome = (endpoint.run)(&mut call);
    Handled {
        outcome,
        effect: call.effect,
        file: call.file,
        late: call.late,
    }
}
