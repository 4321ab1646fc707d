//! What became of a submission, and taking one back.
//!
//! developers.weixin.qq.com: 第三方平台 / 查询审核状态, 撤回代码审核. Withdrawals are counted by the mini-program, five a day
//! and ten a month; what a review cost of the platform's quota is not given back.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::picture;
use super::state::CodeAudit;
use crate::simulator::answer::{Fields, File, Outcome, Refusal, fields, ok, refuse};
use crate::simulator::credential::after;
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::{Audit, AuditOutcome, Reviewed};
use crate::simulator::quota;
use crate::simulator::state::State;

/// Withdrawals of a day and of a month.
const WITHDRAWALS: (u64, u64) = (5, 10);
/// Where they are counted.
const COUNTED: &str = "/wxa/undocodeaudit#withdrawals";

/// `status` on the wire.
pub(super) const APPROVED: i64 = 0;
const REFUSED: i64 = 1;
const RUNNING: i64 = 2;
const WITHDRAWN: i64 = 3;
const DELAYED: i64 = 4;

/// Where a review of code stands.
pub(super) fn number(audit: &Audit, code: &CodeAudit) -> i64 {
    match (audit.settled_at, audit.outcome) {
        (None, _) if code.delayed_at.is_some() => DELAYED,
        (None, _) => RUNNING,
        (Some(_), _) if code.withdrawn => WITHDRAWN,
        (Some(_), AuditOutcome::Passed) => APPROVED,
        (Some(_), AuditOutcome::Refused) => REFUSED,
    }
}

/// Status, reason and pictures, these under a name that differs from API to API.
fn shown(audit: &Audit, code: &CodeAudit, pictures: &str) -> Fields {
    let status = number(audit, code);
    let mut answer = ok();
    answer.insert("status".to_owned(), json!(status));
    if [REFUSED, DELAYED].contains(&status) {
        answer.insert("reason".to_owned(), json!(audit.reason));
    }
    if status == REFUSED {
        let ids = code.screenshots.join("|");
        answer.insert(pictures.to_owned(), json!(ids));
    }
    answer
}

/// `wxa/get_auditstatus`
pub(in crate::simulator) fn status(call: &mut Call<'_>) -> Outcome {
    let asked = audit_id(&call.body).ok_or(Refusal(85012))?;
    let mut audits = call.state.code_audits(&call.account);
    let found = audits.find(|(audit, _)| audit.audit_id == asked);
    let (audit, code) = found.ok_or(Refusal(85012))?;
    Ok(shown(audit, code, "screenshot"))
}

/// `auditid`: a number by the page, text from some callers.
pub(super) fn audit_id(body: &Fields) -> Option<u64> {
    match body.get("auditid") {
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.parse().ok(),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) | None => None,
    }
}

/// `wxa/get_latest_auditstatus`: by report some time behind what was handed in or taken back.
pub(in crate::simulator) fn latest(call: &mut Call<'_>) -> Outcome {
    let switches = &call.state.switches;
    let lag = SignedDuration::from_secs(switches.latest_audit_lag_seconds.into());
    let shows = |at: Timestamp| after(at, lag) <= call.now || lag.is_zero();
    let mut audits = call.state.code_audits(&call.account);
    let found = audits.find(|(audit, _)| shows(audit.submitted_at));
    let (audit, code) = found.ok_or(Refusal(85058))?;
    let pictures = match switches.screenshot_in_small_letters {
        true => "screenshot",
        false => "ScreenShot",
    };
    let mut answer = shown(audit, code, pictures);
    if code.withdrawn && !audit.settled_at.is_some_and(shows) {
        answer.insert("status".to_owned(), json!(RUNNING));
    }
    let id = match switches.audit_id_as_text {
        true => json!(audit.audit_id.to_string()),
        false => json!(audit.audit_id),
    };
    let described = !switches.code_descriptions_omitted;
    let desc = code.version.user_desc.as_str();
    answer.extend(fields([
        ("auditid", id),
        ("user_version", json!(code.version.user_version)),
        ("user_desc", json!(if described { desc } else { "" })),
        ("submit_audit_time", json!(audit.submitted_at.as_second())),
    ]));
    Ok(answer)
}

/// `wxa/undocodeaudit`
pub(in crate::simulator) fn withdraw(call: &mut Call<'_>) -> Outcome {
    if !call.state.is_code_under_review(&call.account) {
        return match call.state.switches.undo_without_audit {
            0 => Ok(ok()),
            code => refuse(code),
        };
    }
    let (now, account) = (call.now, call.account.clone());
    let periods = periods(call.state, now);
    for (period, most) in periods {
        let counter = quota::counter(call.state, &account, COUNTED, period);
        if counter.used >= most {
            return refuse(87013);
        }
    }
    call.state.withdraw_code(&account, now);
    call.effect = true;
    Ok(ok())
}

/// The day and the month, and how many withdrawals each may have.
fn periods(state: &State, now: Timestamp) -> [(String, u64); 2] {
    let month = quota::rolling_month(now, &state.switches);
    [(quota::day(now), WITHDRAWALS.0), (month, WITHDRAWALS.1)]
}

impl State {
    /// Takes the review that is under way back, if there is one, and counts it. No event tells.
    pub(super) fn withdraw_code(&mut self, account: &str, now: Timestamp) -> bool {
        let latest = self.latest_code_audit(account);
        let running = latest.filter(|(audit, _)| audit.is_running());
        let Some(audit_id) = running.map(|(audit, _)| audit.audit_id) else {
            return false;
        };
        for (period, _) in periods(self, now) {
            quota::counter(self, account, COUNTED, period).used += 1;
        }
        if let Some(audit) = self.audits.get_mut(&audit_id) {
            audit.settled_at = Some(now);
            audit.told = true;
            if let Reviewed::Code(code) = &mut audit.of {
                code.withdrawn = true;
            }
        }
        if let Some(account) = self.accounts.get_mut(account) {
            account.mini_program.code_under_review = false;
        }
        true
    }
}

/// `material/get_material`: a picture that shows why code was refused. There is no other permanent material.
pub(in crate::simulator) fn screenshot(call: &mut Call<'_>) -> Outcome {
    let media_id = call.text("media_id").ok_or(Refusal(41006))?.to_owned();
    let mut audits = call.state.code_audits(&call.account);
    let has_it = |code: &CodeAudit| code.screenshots.contains(&media_id);
    if !audits.any(|(audit, code)| number(audit, code) == REFUSED && has_it(code)) {
        return refuse(40007);
    }
    drop(audits);
    let bytes = picture::jpeg(&media_id);
    call.file = Some(File {
        content_type: "image/jpeg",
        name: format!("{media_id}.jpg"),
        bytes,
    });
    Ok(fields([]))
}
