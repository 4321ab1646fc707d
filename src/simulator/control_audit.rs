//! Orders about what WeChat's reviewers decide.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;

use super::app::App;
use super::control_answer::{Answer, Refused, bad, missing, parse, plain};
use super::credential::after;
use super::delivery;
use super::miniprogram::{Audit, AuditOutcome, Reviewed};
use super::state::State;

/// What is decided, and when it comes into force; absent: at once, if an outcome is given.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Decide {
    #[serde(default)]
    outcome: Option<Outcome>,
    /// Of code that is refused: ids of pictures.
    #[serde(default)]
    screenshots: Option<Vec<String>>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    after_seconds: Option<u32>,
}

/// What a reviewer says: it is over, or takes longer.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Outcome {
    #[serde(alias = "approved")]
    Passed,
    Refused,
    Delayed,
}

impl Outcome {
    fn end(self) -> Option<AuditOutcome> {
        match self {
            Self::Passed => Some(AuditOutcome::Passed),
            Self::Refused => Some(AuditOutcome::Refused),
            Self::Delayed => None,
        }
    }
}

pub(super) async fn list(
    Shared(app): Shared<Arc<App>>,
    Query(query): Query<BTreeMap<String, String>>,
) -> Answer {
    if let Some(strange) = query.keys().find(|key| *key != "account") {
        return Err(bad(format!("there is no filter `{strange}`")));
    }
    let mut world = app.world();
    world.settle(app.clock.now());
    let wanted = |audit: &&Audit| query.values().all(|account| audit.account == *account);
    let audits: Vec<&Audit> = world.state.audits.values().filter(wanted).collect();
    plain(&audits)
}

pub(super) async fn one(Shared(app): Shared<Arc<App>>, Path(audit_id): Path<u64>) -> Answer {
    let mut world = app.world();
    world.settle(app.clock.now());
    plain(find(&mut world.state, audit_id)?)
}

pub(super) async fn decide(
    Shared(app): Shared<Arc<App>>,
    Path(audit_id): Path<u64>,
    body: Bytes,
) -> Answer {
    let order: Decide = parse(&body)?;
    let (audit, pushes) = {
        let mut world = app.world();
        let now = app.clock.now();
        world.settle(now);
        let review_seconds = world.state.switches.audit_seconds;
        let audit = find(&mut world.state, audit_id)?;
        if !audit.is_running() {
            return Err(bad(format!("audit {audit_id} has been decided")));
        }
        let delayed = order.outcome == Some(Outcome::Delayed);
        match &mut audit.of {
            Reviewed::Code(code) => {
                code.delayed_at = if delayed { Some(now) } else { code.delayed_at };
                let pictures = std::mem::take(&mut code.screenshots);
                code.screenshots = order.screenshots.unwrap_or(pictures);
            }
            Reviewed::Name(_)
            | Reviewed::Category { .. }
            | Reviewed::LocationApi(_)
            | Reviewed::OrderPath
                if delayed || order.screenshots.is_some() =>
            {
                return Err(bad("only reviews of code are delayed or have screenshots"));
            }
            Reviewed::Name(_)
            | Reviewed::Category { .. }
            | Reviewed::LocationApi(_)
            | Reviewed::OrderPath => {}
        }
        let seconds = order.after_seconds.map(i64::from);
        // One that is delayed takes as long again.
        let from_now = order.outcome.map(|outcome| match outcome {
            Outcome::Delayed => i64::from(review_seconds),
            Outcome::Passed | Outcome::Refused => 0,
        });
        if let Some(seconds) = seconds.or(from_now) {
            audit.due_at = Some(after(now, SignedDuration::from_secs(seconds)));
        }
        let end = order.outcome.and_then(Outcome::end);
        audit.outcome = end.unwrap_or(audit.outcome);
        audit.reason = order.reason.unwrap_or(std::mem::take(&mut audit.reason));
        world.settle(now);
        let mut pushes = world.state.untold_audits();
        if delayed {
            pushes.extend(world.state.events_of(audit_id));
        }
        (find(&mut world.state, audit_id)?.clone(), pushes)
    };
    let deliveries = delivery::deliver_all(&app, pushes).await;
    Ok(Json(
        json!({"audit": audit, "push": deliveries.into_iter().next()}),
    ))
}

fn find(state: &mut State, audit_id: u64) -> Result<&mut Audit, Refused> {
    let found = state.audits.get_mut(&audit_id);
    found.ok_or_else(|| missing(format!("there is no audit {audit_id}")))
}
