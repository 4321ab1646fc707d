//! Orders about what others decide for an app.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Shared;
use serde::Deserialize;
use serde_json::json;

use super::plugin_owner::NotApplying;
use super::state::PluginStatus;
use crate::simulator::app::App;
use crate::simulator::control_answer::{Answer, bad, missing, parse};

/// The plugin's owner answers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Decide {
    account: String,
    plugin: String,
    #[serde(default)]
    outcome: PluginStatus,
}

pub(in crate::simulator) async fn decide_plugin(
    Shared(app): Shared<Arc<App>>,
    body: Bytes,
) -> Answer {
    let order: Decide = parse(&body)?;
    if order.outcome == PluginStatus::Applying {
        return Err(bad("an outcome is `passed`, `refused` or `timedOut`"));
    }
    let mut world = app.world();
    let now = app.clock.now();
    let Some(before) = world.state.accounts.get(&order.account).cloned() else {
        return Err(missing(format!("there is no account `{}`", order.account)));
    };
    let answered = world
        .state
        .answer_plugin(&order.account, &order.plugin, order.outcome);
    let plugin = answered.map_err(|why| match why {
        NotApplying::NoApplication => missing(why),
        NotApplying::Decided => bad(why),
    })?;
    world.past.note(before, now);
    Ok(Json(json!({"plugin": plugin})))
}
