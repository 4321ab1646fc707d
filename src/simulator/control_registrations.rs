//! What was registered, to be compared with somebody's ledger.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State as Shared};
use serde_json::json;

use super::app::App;
use super::control_answer::{Answer, bad};
use super::registration::Registration;

/// Everything registered, or what came of one official account's entity; and how many of each official account.
pub(super) async fn list(
    Shared(app): Shared<Arc<App>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    if let Some(strange) = query.keys().find(|key| *key != "account") {
        return Err(bad(format!("there is no filter `{strange}`")));
    }
    let world = app.world();
    let wanted = |one: &&Registration| {
        let mut asked = query.values();
        asked.all(|account| one.official_account.as_ref() == Some(account))
    };
    let made: Vec<&Registration> = world
        .state
        .registrations
        .made
        .iter()
        .filter(wanted)
        .collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for official_account in made
        .iter()
        .filter_map(|one| one.official_account.as_deref())
    {
        *counts.entry(official_account).or_default() += 1;
    }
    Ok(Json(json!({"counts": counts, "made": made})))
}
