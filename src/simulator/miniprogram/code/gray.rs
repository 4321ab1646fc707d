//! Going online by degrees (分阶段发布): starting, going on, reading the plan, giving it up.
//!
//! developers.weixin.qq.com: 第三方平台 / 分阶段发布. Whether a hundred per cent is a release is a switch, and so is what is
//! read where there never was a plan.

use serde_json::{Value, json};

use super::audits::{APPROVED, number};
use super::online::online_since;
use super::release::check_filing;
use super::state::{GrayPlan, GrayStatus};
use super::submit::has_profile;
use crate::simulator::answer::{Outcome, Refusal, fields, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::own::{own, own_mut};
use crate::simulator::switches::NoGrayPlan;

const WHOLE: u64 = 100;

/// `wxa/grayrelease`
pub(in crate::simulator) fn start(call: &mut Call<'_>) -> Outcome {
    let account = own(call)?;
    let app = &account.mini_program;
    if !online_since(app) {
        return refuse(85079);
    }
    if !has_profile(account) {
        return refuse(86002);
    }
    let latest = call.state.latest_code_audit(&call.account);
    let unreleased =
        latest.filter(|(audit, code)| number(audit, code) == APPROVED && !code.released);
    let audit_id = unreleased.ok_or(Refusal(85080))?.0.audit_id;
    let flag = |name: &str| call.body.get(name) == Some(&Value::Bool(true));
    let (debuger, experiencer) = (
        flag("support_debuger_first"),
        flag("support_experiencer_first"),
    );
    let asked = call.body.get("gray_percentage").and_then(Value::as_u64);
    let percentage = asked
        .filter(|asked| *asked <= WHOLE)
        .ok_or(Refusal(85081))?;
    if percentage == 0 && !debuger && !experiencer {
        return refuse(85081);
    }
    let running = app.code.running_plan();
    if running.is_some_and(|plan| percentage <= plan.percentage) {
        return refuse(85082);
    }
    check_filing(call)?;
    let created_at = running.map_or(call.now, |plan| plan.created_at);
    let (account, platform) = (call.account.clone(), call.platform.clone());
    let plan = GrayPlan {
        status: GrayStatus::Running,
        created_at,
        percentage,
        debuger_first: debuger,
        experiencer_first: experiencer,
    };
    let app = &mut own_mut(call)?.mini_program;
    app.code.gray = Some(plan);
    app.gray_release = true;
    if percentage == WHOLE && call.state.switches.gray_hundred_releases {
        call.state
            .release_audited(&account, Some(&platform), audit_id, call.now);
    }
    call.effect = true;
    Ok(ok())
}

/// `wxa/getgrayreleaseplan`
pub(in crate::simulator) fn plan(call: &mut Call<'_>) -> Outcome {
    let plan = own(call)?.mini_program.code.gray.as_ref();
    let shown = match (plan, call.state.switches.no_gray_plan) {
        (Some(plan), _) => Some(fields([
            ("status", json!(plan.status.number())),
            ("create_timestamp", json!(plan.created_at.as_second())),
            ("gray_percentage", json!(plan.percentage)),
            ("support_debuger_first", json!(plan.debuger_first)),
            ("support_experiencer_first", json!(plan.experiencer_first)),
        ])),
        (None, NoGrayPlan::Zeros) => Some(fields([
            ("status", json!(0)),
            ("create_timestamp", json!(0)),
            ("gray_percentage", json!(0)),
        ])),
        (None, NoGrayPlan::Empty) => Some(fields([])),
        (None, NoGrayPlan::Absent) => None,
    };
    let mut answer = ok();
    answer.extend(shown.map(|plan| ("gray_release_plan".to_owned(), Value::Object(plan))));
    Ok(answer)
}

/// `wxa/revertgrayrelease`: it changes something though it is asked with GET.
pub(in crate::simulator) fn cancel(call: &mut Call<'_>) -> Outcome {
    let none = call.state.switches.revert_gray_without_plan;
    let app = &mut own_mut(call)?.mini_program;
    let under_way = app.code.running_plan().is_some();
    let Some(plan) = app.code.gray.as_mut().filter(|_| under_way) else {
        return match none {
            0 => Ok(ok()),
            code => refuse(code),
        };
    };
    plan.status = GrayStatus::Deleted;
    app.gray_release = false;
    call.effect = true;
    Ok(ok())
}
