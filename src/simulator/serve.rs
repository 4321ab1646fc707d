//! One API call from the wire to the answer: log, fault, gate, handler, fault, answer.
//!
//! A call that has begun runs in a task of its own, so it finishes though its client is gone.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, State as Shared};
use axum::http::Response;
use jiff::Timestamp;

use super::answer::{self, Fields, Outcome, Refusal};
use super::app::{App, World};
use super::calls::Ending;
use super::endpoint::{self, Call, Endpoint, Method};
use super::fault::{self, Kind, Mishap, Target};
use super::gate::{self, Request};
use super::wire::Wire;

/// Largest body taken; WeChat's own limit is not published.
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
    Some(Request {
        method: match head.method {
            axum::http::Method::POST => Method::Post,
            _ => Method::Get,
        },
        path: head.uri.path().to_owned(),
        query: url::form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect(),
        body: to_bytes(body, MAX_BODY).await.ok()?,
        peer: wire.peer().ip(),
    })
}

/// A call in the log, and what is to go wrong with it.
struct Begun {
    seq: u64,
    endpoint: Option<&'static Endpoint>,
    mishap: Mishap,
}

/// What came of it.
struct Done {
    errcode: i64,
    effect: bool,
    rid: String,
    body: Fields,
}

async fn carry_out(app: Arc<App>, wire: Wire, request: Request) -> Response<Body> {
    let begun = begin(&app, &request);
    fault::wait(begun.mishap.latency).await;
    if let Some(response) = fail_before(&app, &wire, &begun) {
        return response;
    }
    let mut done = perform(&app, &begun, &request);
    if let Some((Kind::ErrcodeAfterEffect, code)) = begun.mishap.kind {
        done.errcode = code;
        done.body = answer::refusal_fields(code, &done.rid);
    }
    end(&app, &begun, Some(&done));
    fault::wait(begun.mishap.latency_after).await;
    match begun.mishap.kind {
        Some((Kind::ResetAfter, _)) => {
            wire.cut();
            answer::bad_gateway()
        }
        Some((Kind::Http502AfterEffect, _)) => answer::bad_gateway(),
        Some((Kind::NotJson, _)) => answer::not_json(),
        _ => answer::respond(&done.body),
    }
}

fn begin(app: &App, request: &Request) -> Begun {
    let endpoint = endpoint::find(&request.path);
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
    let name = endpoint.map_or("unknown", |endpoint| endpoint.path);
    let mishap = faults.strike(&Target {
        endpoint: name,
        account: &account,
        reads: endpoint.is_some_and(|endpoint| endpoint.reads),
        now,
    });
    Begun {
        seq: calls.begin(now, name, account),
        endpoint,
        mishap,
    }
}

/// The faults that come before any effect.
fn fail_before(app: &App, wire: &Wire, begun: &Begun) -> Option<Response<Body>> {
    let (kind, code) = begun.mishap.kind?;
    match kind {
        Kind::Http502 => {
            end(app, begun, None);
            Some(answer::bad_gateway())
        }
        Kind::ResetBefore => {
            end(app, begun, None);
            wire.cut();
            Some(answer::bad_gateway())
        }
        Kind::Errcode | Kind::MinuteLimit => {
            let rid = answer::new_rid();
            let done = Done {
                errcode: code,
                effect: false,
                body: answer::refusal_fields(code, &rid),
                rid,
            };
            end(app, begun, Some(&done));
            Some(answer::respond(&done.body))
        }
        Kind::Latency
        | Kind::LatencyAfterEffect
        | Kind::ErrcodeAfterEffect
        | Kind::Http502AfterEffect
        | Kind::ResetAfter
        | Kind::NotJson
        | Kind::StaleRead
        | Kind::LostPush
        | Kind::DoubledPush => None,
    }
}

fn end(app: &App, begun: &Begun, done: Option<&Done>) {
    let ending = Ending {
        errcode: done.map(|done| done.errcode),
        effect: done.is_some_and(|done| done.effect),
        fault: begun.mishap.name(),
        rid: done.map(|done| done.rid.clone()),
    };
    let mut world = app.world();
    world.calls.end(begun.seq, app.clock.now(), ending);
}

fn perform(app: &App, begun: &Begun, request: &Request) -> Done {
    let rid = answer::new_rid();
    let mut world = app.world();
    let now = app.clock.now();
    let stale = begun.mishap.is(Kind::StaleRead);
    let (outcome, effect) = match begun.endpoint {
        Some(endpoint) => run(&mut world, endpoint, request, now, stale),
        None => (Err(Refusal(40066)), false),
    };
    match outcome {
        Ok(success) => Done {
            errcode: 0,
            effect,
            rid,
            body: answer::dress(success, &world.state.switches),
        },
        Err(Refusal(code)) => Done {
            errcode: code,
            effect,
            body: answer::refusal_fields(code, &rid),
            rid,
        },
    }
}

/// Gate and handler, under the lock.
fn run(
    world: &mut World,
    endpoint: &Endpoint,
    request: &Request,
    now: Timestamp,
    stale: bool,
) -> (Outcome, bool) {
    let admitted = match gate::admit(endpoint, &mut world.state, now, request) {
        Ok(admitted) => admitted,
        Err(refusal) => return (Err(refusal), false),
    };
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
    if stale && let Some(before) = world.before.get(&about) {
        world.state.accounts.insert(about.clone(), before.clone());
    }
    let mut call = Call {
        state: &mut world.state,
        now,
        platform: admitted.platform,
        account: admitted.account,
        body: admitted.body,
        query: admitted.query,
        calls: &world.calls,
        effect: false,
    };
    let outcome = (endpoint.run)(&mut call);
    let effect = call.effect;
    if let Some(current) = current {
        if stale {
            world.state.accounts.insert(about, current);
        } else if effect {
            world.before.insert(about, current);
        }
    }
    (outcome, effect)
}
