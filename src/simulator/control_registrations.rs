//! Orders about registrations: what was made, to be compared with somebody's ledger, and the hand of the person who is
//! to agree.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use serde::Deserialize;
use serde_json::json;

use super::app::App;
use super::control_answer::{Answer, bad, missing, parse};
use super::delivery;
use super::registration::{Ending, Registration, RegistrationTask};

/// Everything registered, or what came of one official account's entity; and how many of each official account.
pub(super) async fn list(
    Shared(app): Shared<Arc<App>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    if let Some(strange) = query.keys().find(|key| *key != "account") {
        return Err(bad(format!("there is no filter `{strange}`")));
    }
    let mut world = app.world();
    world.settle(app.clock.now());
    let is_asked = |account: Option<&String>| query.values().all(|one| account == Some(one));
    let registrations = &world.state.registrations;
    let made: Vec<&Registration> = registrations
        .made
        .iter()
        .filter(|one| is_asked(one.official_account.as_ref()))
        .collect();
    let tasks: Vec<&RegistrationTask> = registrations
        .tasks
        .values()
        .filter(|task| is_asked(task.account.as_ref()))
        .collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for official_account in made
        .iter()
        .filter_map(|one| one.official_account.as_deref())
    {
        *counts.entry(official_account).or_default() += 1;
    }
    Ok(Json(
        json!({"counts": counts, "made": made, "tasks": tasks}),
    ))
}

/// What comes of a task; without an outcome only the `status` that a query shows is another one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Order {
    #[serde(default)]
    outcome: Option<Ending>,
    #[serde(default)]
    status: Option<i64>,
    #[serde(default)]
    msg: Option<String>,
}

pub(super) async fn answer(
    Shared(app): Shared<Arc<App>>,
    Path(task_id): Path<String>,
    body: Bytes,
) -> Answer {
    let order: Order = parse(&body)?;
    let (task, pushes) = {
        let mut world = app.world();
        let now = app.clock.now();
        world.settle(now);
        let state = &mut world.state;
        let Some(task) = state.registrations.tasks.get_mut(&task_id) else {
            return Err(missing(format!("there is no task `{task_id}`")));
        };
        if !task.is_running() {
            return Err(bad(format!("task `{task_id}` is over")));
        }
        match (order.outcome, order.status) {
            (None, Some(status)) => task.status = status,
            (None, None) => return Err(bad("an order has an `outcome` or a `status`")),
            (Some(Ending::Agreed | Ending::Refused | Ending::TimedOut), Some(_)) => {
                return Err(bad("`status` goes with `failed`"));
            }
            (Some(outcome), status) => state.end_task(&task_id, outcome, status, order.msg, now),
        }
        let task = state.registrations.tasks.get(&task_id).cloned();
        (task, std::mem::take(&mut state.outbox))
    };
    let deliveries = delivery::deliver_all(&app, pushes).await;
    Ok(Json(json!({"task": task, "pushes": deliveries})))
}
