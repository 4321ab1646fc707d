//! The administrators' answers to what an official account asked of a mini-program.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State as Shared;
use serde::Deserialize;
use serde_json::json;

use super::app::App;
use super::control_answer::{Answer, bad, missing, parse};

/// The administrator whose turn it is answers.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Confirm {
    account: String,
    mini_program: String,
    #[serde(default = "yes")]
    agree: bool,
}

fn yes() -> bool {
    true
}

pub(super) async fn confirm(Shared(app): Shared<Arc<App>>, body: Bytes) -> Answer {
    let order: Confirm = parse(&body)?;
    let mut world = app.world();
    let now = app.clock.now();
    let Some(account) = world.state.accounts.get_mut(&order.account) else {
        return Err(missing(format!("there is no account `{}`", order.account)));
    };
    let before = account.clone();
    let link = account
        .answer_link(&order.mini_program, order.agree)
        .map_err(bad)?;
    world.past.note(before, now);
    Ok(Json(json!({"link": link})))
}
