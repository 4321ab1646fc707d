//! `wxa/release`: what the last review has let through goes online.
//!
//! developers.weixin.qq.com: 第三方平台 / 发布已通过审核的小程序. A mini-program that is not filed (小程序备案) cannot go
//! online.

use super::audits::{APPROVED, number};
use crate::simulator::answer::{Outcome, Refusal, ok, refuse};
use crate::simulator::code_templates::CodeFlaw;
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::own::own;

/// `wxa/release`
pub(in crate::simulator) fn release(call: &mut Call<'_>) -> Outcome {
    let latest = call.state.latest_code_audit(&call.account);
    let (audit, code) = latest.ok_or(Refusal(85019))?;
    if number(audit, code) != APPROVED {
        return refuse(85020);
    }
    if code.released {
        return refuse(85052);
    }
    if code.version.code.has(CodeFlaw::LiveBroadcast) {
        return refuse(9_400_001);
    }
    let newer = call.state.switches.release_after_newer_commit;
    let trial = own(call)?.mini_program.code.trial.as_ref();
    let is_newer = trial.is_some_and(|trial| trial.committed_at > audit.submitted_at);
    if newer != 0 && is_newer {
        return refuse(newer);
    }
    let audit_id = audit.audit_id;
    check_filing(call)?;
    let (account, platform) = (call.account.clone(), call.platform.clone());
    call.state
        .release_audited(&account, Some(&platform), audit_id, call.now);
    call.effect = true;
    Ok(ok())
}

/// Whether it may go online as far as its filing goes.
pub(super) fn check_filing(call: &Call<'_>) -> Result<(), Refusal> {
    let unfiled = call.state.switches.unfiled_release;
    let filed = own(call)?.mini_program.filing.is_filed();
    match !filed && unfiled != 0 {
        true => refuse(unfiled),
        false => Ok(()),
    }
}
