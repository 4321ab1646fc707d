//! The control API (`/_sim/…`, on a port of its own): the hands of the owner, the clock and chance.
//!
//! Documented in docs/simulator.md; stable.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, State as Shared};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, patch, post, put};
use axum::{Json, Router};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};

use super::app::App;
use super::calls::Wanted;
use super::control_answer::{Answer, Refused, bad, missing, parse, plain};
use super::delivery::{self, Delivery};
use super::endpoint::Method;
use super::fault::Fault;
use super::miniprogram::{addons, code};
use super::state::{ClockOffset, State};
use super::{
    control_audit, control_hosts, control_links, control_push, control_registrations, control_scan,
    endpoints, grant,
};

/// A state of thousands of tenants is some megabytes.
const MAX_BODY: usize = 256 << 20;

/// All control routes.
pub(super) fn routes(app: Arc<App>) -> Router {
    Router::new()
        .route("/_sim/platforms/{appid}/ticket", post(control_push::ticket))
        .route("/_sim/platforms/{appid}", patch(change_platform))
        .route("/_sim/accounts/{appid}", patch(change_account))
        .route("/_sim/authorize", post(authorize))
        .route("/_sim/scan", post(control_scan::scan))
        .route("/_sim/revoke", post(revoke))
        .route("/_sim/messages", post(control_push::message))
        .route("/_sim/notices", post(control_push::notice))
        .route("/_sim/audits", get(control_audit::list))
        .route(
            "/_sim/audits/{id}",
            get(control_audit::one).post(control_audit::decide),
        )
        .route("/_sim/links", post(control_links::confirm))
        .route("/_sim/registrations", get(control_registrations::list))
        .route("/_sim/plugins", post(addons::decide_plugin))
        .route("/_sim/hosts", get(control_hosts::list))
        .route(
            "/_sim/hosts/{host}",
            put(control_hosts::put).delete(control_hosts::delete),
        )
        .route(
            "/_sim/hosts/{host}/files/{name}",
            put(control_hosts::put_file).delete(control_hosts::delete_file),
        )
        .route("/_sim/accounts/{appid}/code", post(code::order))
        .route(
            "/_sim/accounts/{appid}/release",
            post(control_hosts::release),
        )
        .route(
            "/_sim/registrations/{id}",
            post(control_registrations::answer),
        )
        .route("/_sim/endpoints", get(list_endpoints))
        .route("/_sim/clock", get(tell_time).post(move_clock))
        .route(
            "/_sim/faults",
            get(list_faults).post(order_faults).delete(clear_faults),
        )
        .route("/_sim/switches", get(tell_switches).patch(turn_switches))
        .route("/_sim/calls", get(calls).delete(reset_calls))
        .route("/_sim/state", get(tell_state).put(replace_state))
        .fallback(async || missing("there is no such order; docs/simulator.md lists them"))
        .method_not_allowed_fallback(async || {
            let why = "this order has another method; docs/simulator.md lists them";
            Refused(StatusCode::METHOD_NOT_ALLOWED, why.to_owned())
        })
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(app)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Authorize {
    platform: String,
    account: String,
    #[serde(default)]
    permission_sets: Option<BTreeSet<u32>>,
}

async fn authorize(Shared(app): Shared<Arc<App>>, body: Bytes) -> Answer {
    let order: Authorize = parse(&body)?;
    let now = app.clock.now();
    let grant = grant::authorize(
        &mut app.world().state,
        now,
        &order.platform,
        &order.account,
        order.permission_sets.as_ref(),
        None,
    )
    .map_err(bad)?;
    let event = grant.push.as_ref().map(|push| push.event.info_type());
    let delivery = match grant.push {
        Some(push) => delivery::deliver(app, push).await,
        None => None,
    };
    Ok(Json(json!({
        "authorizationCode": grant.code,
        "event": event,
        "push": delivery,
    })))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Revoke {
    platform: String,
    account: String,
}

async fn revoke(Shared(app): Shared<Arc<App>>, body: Bytes) -> Answer {
    let order: Revoke = parse(&body)?;
    let now = app.clock.now();
    let revoked = grant::revoke(&mut app.world().state, now, &order.platform, &order.account);
    let delivery: Option<Delivery> = delivery::deliver(app, revoked.map_err(missing)?).await;
    Ok(Json(json!({"push": delivery})))
}

async fn change_account(
    Shared(app): Shared<Arc<App>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let change: Value = parse(&body)?;
    let (answer, notices) = {
        let mut world = app.world();
        let now = app.clock.now();
        world.settle(now);
        let Some(current) = world.state.accounts.get(&appid).cloned() else {
            return Err(missing(format!("there is no account `{appid}`")));
        };
        let mut changed = current.changed_by_owner(&change, now).map_err(bad)?;
        changed
            .settle_templates(world.state.library())
            .map_err(bad)?;
        world.past.note(current.clone(), now);
        world.state.accounts.insert(appid.clone(), changed);
        world.state.give_menu_ids(&appid);
        world.state.adopt_open_account(&appid);
        let notices = world.state.filing_notices(&current, now);
        (plain(&world.state.accounts.get(&appid)), notices)
    };
    delivery::deliver_all(&app, notices).await;
    answer
}

async fn change_platform(
    Shared(app): Shared<Arc<App>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let change: Value = parse(&body)?;
    let mut world = app.world();
    let Some(platform) = world.state.platforms.get_mut(&appid) else {
        return Err(missing(format!("there is no platform `{appid}`")));
    };
    *platform = platform.changed_by_console(&change).map_err(bad)?;
    plain(platform)
}

async fn tell_time(Shared(app): Shared<Arc<App>>) -> Answer {
    Ok(time(&app))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum MoveClock {
    Set(Timestamp),
    Advance(i64),
}

async fn move_clock(Shared(app): Shared<Arc<App>>, body: Bytes) -> Answer {
    let moved = match parse(&body)? {
        MoveClock::Set(to) => app.clock.set(to),
        MoveClock::Advance(seconds) => {
            let span = SignedDuration::from_secs(seconds);
            let ahead = i64::try_from(span.as_millis())
                .map_err(|_| bad("the clock has no room for so many seconds"))?;
            let offset = app.clock.offset_ms().saturating_add(ahead);
            app.clock.set_offset_ms(offset)
        }
    };
    moved.map_err(|error| Refused(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    Ok(time(&app))
}

fn time(app: &App) -> Json<Value> {
    let now = format!("{:.3}", app.clock.now());
    Json(json!({"now": now, "offsetMs": app.clock.offset_ms()}))
}

async fn list_faults(Shared(app): Shared<Arc<App>>) -> Answer {
    plain(app.world().faults.list())
}

async fn order_faults(Shared(app): Shared<Arc<App>>, body: Bytes) -> Answer {
    let order: Value = parse(&body)?;
    let orders: Vec<Fault> = if order.is_array() {
        serde_json::from_value(order).map_err(bad)?
    } else {
        vec![serde_json::from_value(order).map_err(bad)?]
    };
    let mut world = app.world();
    world.faults.add(orders).map_err(bad)?;
    plain(world.faults.list())
}

async fn clear_faults(Shared(app): Shared<Arc<App>>) -> Answer {
    app.world().faults.clear();
    Ok(Json(json!({})))
}

async fn tell_switches(Shared(app): Shared<Arc<App>>) -> Answer {
    plain(&app.world().state.switches)
}

async fn turn_switches(Shared(app): Shared<Arc<App>>, body: Bytes) -> Answer {
    let change: Value = parse(&body)?;
    let mut world = app.world();
    let switches = world.state.switches.turned(&change).map_err(bad)?;
    world.state.switches = switches;
    plain(&world.state.switches)
}

async fn list_endpoints() -> Json<Value> {
    let rows = endpoints::all().map(|row| {
        let method = match row.method {
            Method::Get => "GET",
            Method::Post => "POST",
        };
        json!({"method": method, "path": row.path})
    });
    Json(rows.collect())
}

async fn calls(
    Shared(app): Shared<Arc<App>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Result<impl IntoResponse, Refused> {
    let mut wanted = Wanted::default();
    for (key, value) in &query {
        match key.as_str() {
            "account" => wanted.account = Some(value),
            "endpoint" => wanted.endpoint = Some(value),
            "since" => wanted.since = Some(value.parse().map_err(bad)?),
            "last" => wanted.last = Some(value.parse().map_err(bad)?),
            strange => return Err(bad(format!("there is no filter `{strange}`"))),
        }
    }
    // Straight to text: of a hundred thousand entries no tree is built while everybody waits for the lock.
    let text = serde_json::to_vec(&app.world().calls.report(&wanted)).map_err(bad)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text))
}

async fn reset_calls(Shared(app): Shared<Arc<App>>) -> Answer {
    app.world().calls.reset();
    Ok(Json(json!({})))
}

async fn tell_state(Shared(app): Shared<Arc<App>>) -> Answer {
    let offset_ms = app.clock.offset_ms();
    let mut world = app.world();
    world.settle(app.clock.now());
    world.state.clock = ClockOffset { offset_ms };
    plain(&world.state)
}

async fn replace_state(Shared(app): Shared<Arc<App>>, body: Bytes) -> Answer {
    let given: Value = parse(&body)?;
    let moves_clock = given.get("clock").is_some();
    let state: State = serde_json::from_value(given).map_err(bad)?;
    let state = state.settled().map_err(bad)?;
    if moves_clock {
        app.clock
            .set_offset_ms(state.clock.offset_ms)
            .map_err(|error| Refused(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    }
    app.world().replace(state);
    Ok(Json(json!({})))
}
