//! `POST /_sim/accounts/{appid}/code`: what the owner, or a colleague in a console, does with the code. Nothing of it is
//! told to the platform, but what it does to a review.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::json;

use super::audits::{APPROVED, number};
use super::state::{CodeAudit, CodeVersion};
use crate::simulator::app::App;
use crate::simulator::code_templates::CodeContent;
use crate::simulator::control_answer::{Answer, bad, missing, parse};
use crate::simulator::credential::after;
use crate::simulator::quota;
use crate::simulator::state::State;

/// What is done.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
enum Order {
    /// Somebody uploads a version.
    Commit(Upload),
    /// The trial version is handed in, at the cost of this platform if one is named.
    Submit(Through),
    /// The review that is under way is taken back.
    Withdraw {},
    /// What a review let through goes online.
    Release(Through),
    /// WeChat is done with looking at the code.
    EndDetection {},
    /// A commit of somebody else's is under way.
    Committing { seconds: u32 },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Upload {
    user_version: String,
    #[serde(default)]
    user_desc: String,
    #[serde(default)]
    code: CodeContent,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Through {
    platform: Option<String>,
}

pub(in crate::simulator) async fn order(
    Shared(app): Shared<Arc<App>>,
    Path(appid): Path<String>,
    body: Bytes,
) -> Answer {
    let order: Order = parse(&body)?;
    let mut world = app.world();
    let now = app.clock.now();
    world.settle(now);
    let Some(before) = world.state.accounts.get(&appid).cloned() else {
        return Err(missing(format!("there is no account `{appid}`")));
    };
    if let Order::Submit(Through { platform }) | Order::Release(Through { platform }) = &order
        && let Some(platform) = platform
        && !world.state.platforms.contains_key(platform)
    {
        return Err(missing(format!("there is no platform `{platform}`")));
    }
    carry_out(&mut world.state, &appid, order, now).map_err(bad)?;
    world.past.note(before, now);
    let account = world.state.accounts.get(&appid);
    let code = account.map(|account| &account.mini_program.code);
    let audit = world.state.latest_code_audit(&appid);
    Ok(Json(
        json!({"code": code, "audit": audit.map(|(audit, _)| audit)}),
    ))
}

fn carry_out(state: &mut State, appid: &str, order: Order, now: Timestamp) -> Result<(), String> {
    let seconds = |seconds: u32| after(now, SignedDuration::from_secs(seconds.into()));
    let detection_ends_at = seconds(state.switches.detection_seconds);
    let account = state.accounts.get_mut(appid);
    let code = account.map(|account| &mut account.mini_program.code);
    match (order, code) {
        (Order::Commit(upload), Some(code)) => {
            code.trial = Some(CodeVersion {
                user_version: upload.user_version,
                user_desc: upload.user_desc,
                committed_at: now,
                code: upload.code,
                ..CodeVersion::default()
            });
            code.detection_ends_at = Some(detection_ends_at);
        }
        (Order::EndDetection {}, Some(code)) => code.detection_ends_at = None,
        (Order::Committing { seconds: lasts }, Some(code)) => {
            code.committing_until = Some(seconds(lasts));
        }
        (Order::Submit(through), Some(code)) => {
            let version = code.trial.clone().ok_or("nothing was uploaded")?;
            if state.is_code_under_review(appid) {
                return Err("a version is under review".to_owned());
            }
            let month = quota::rolling_month(now, &state.switches);
            let platform = through.platform.and_then(|id| state.platforms.get_mut(&id));
            if platform.is_some_and(|platform| !platform.audit_quota.take(&month)) {
                return Err("the platform has no review left".to_owned());
            }
            let audit = CodeAudit {
                version,
                ..CodeAudit::default()
            };
            state.hand_code_in(appid, audit, now);
        }
        (Order::Withdraw {}, _) => {
            if !state.withdraw_code(appid, now) {
                return Err("no version is under review".to_owned());
            }
        }
        (Order::Release(through), _) => {
            let latest = state.latest_code_audit(appid);
            let passed =
                latest.filter(|(audit, code)| number(audit, code) == APPROVED && !code.released);
            let audit_id = passed.map(|(audit, _)| audit.audit_id);
            let audit_id = audit_id.ok_or("no version has passed and waits to go online")?;
            state.release_audited(appid, through.platform.as_deref(), audit_id, now);
        }
        (
            Order::Commit(_) | Order::Submit(_) | Order::EndDetection {} | Order::Committing { .. },
            None,
        ) => {}
    }
    Ok(())
}
