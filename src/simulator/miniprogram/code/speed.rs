//! A platform's reviews of a month (提审额度), and having one sped up.
//!
//! developers.weixin.qq.com: 第三方平台 / 加急代码审核, 查询服务商审核额度. The quota is the platform's, whichever
//! mini-program's token asks.

use jiff::SignedDuration;
use serde_json::json;

use super::audits::audit_id;
use super::state::CodeAudit;
use crate::simulator::answer::{Outcome, Refusal, fields, ok, refuse};
use crate::simulator::credential::after;
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::{Audit, Reviewed};
use crate::simulator::quota as counters;

/// How soon one that is sped up is over; by the page within two to twelve hours.
const SOON: SignedDuration = SignedDuration::from_hours(2);

/// `wxa/queryquota`
pub(in crate::simulator) fn quota(call: &mut Call<'_>) -> Outcome {
    let switches = &call.state.switches;
    let month = counters::rolling_month(call.now, switches);
    let platform = call.state.platforms.get(&call.platform);
    let quota = &platform.ok_or(Refusal(40013))?.audit_quota;
    let (rest, speedups) = quota.left(&month);
    let known = u64::from(!switches.audit_quota_reads_zero);
    let mut answer = ok();
    answer.extend(fields([
        ("rest", json!(rest * known)),
        ("limit", json!(quota.limit * known)),
        ("speedup_rest", json!(speedups * known)),
        ("speedup_limit", json!(quota.speedup_limit * known)),
    ]));
    Ok(answer)
}

/// `wxa/speedupaudit`
pub(in crate::simulator) fn speed_up(call: &mut Call<'_>) -> Outcome {
    const NOT_WAITING: Refusal = Refusal(89402);
    let asked = audit_id(&call.body).ok_or(NOT_WAITING)?;
    let mut audits = call.state.code_audits(&call.account);
    let found = audits.find(|(audit, _)| audit.audit_id == asked && audit.is_running());
    let (_, code): (&Audit, &CodeAudit) = found.ok_or(NOT_WAITING)?;
    if code.sped_up {
        return refuse(89404);
    }
    if code.not_to_be_sped_up {
        return refuse(89403);
    }
    drop(audits);
    let month = counters::rolling_month(call.now, &call.state.switches);
    let platform = call.state.platforms.get_mut(&call.platform);
    if !platform.is_some_and(|one| one.audit_quota.take_speedup(&month)) {
        return refuse(89405);
    }
    if let Some(audit) = call.state.audits.get_mut(&asked) {
        let soon = after(call.now, SOON);
        audit.due_at = audit.due_at.map(|due| due.min(soon));
        if let Reviewed::Code(code) = &mut audit.of {
            code.sped_up = true;
        }
    }
    call.effect = true;
    Ok(ok())
}
