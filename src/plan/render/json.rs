//! A plan for programs. The shape is stable within a `formatVersion`; `docs/plan.schema.json` says it field by field.

use serde_json::{Value, json};

use super::Context;
use crate::plan::{AccountPlan, Change, Entry, Plan, Step, TenantPlan, Verdict, WhyKind};
use crate::wechat::Call;

/// The version of the shape; raised when a field changes its meaning or goes away.
const FORMAT_VERSION: u32 = 1;

/// The JSON Schema of [`json`], as published in `docs/plan.schema.json`.
#[must_use]
pub fn schema() -> &'static str {
    include_str!("../../../docs/plan.schema.json")
}

/// The plan as one JSON object.
#[must_use]
pub fn json(plan: &Plan, context: &Context<'_>) -> Value {
    let counts = plan.counts();
    json!({
        "formatVersion": FORMAT_VERSION,
        "digest": plan.digest(),
        "reads": plan.reads,
        "counts": {
            "tenants": plan.tenants.len(),
            "changing": counts.changing,
            "steps": counts.steps,
            "held": counts.held,
            "waiting": counts.waiting,
            "suppressed": counts.suppressed,
            "notComparable": counts.not_comparable,
            "failed": counts.failed,
            "broken": counts.broken,
            "troubled": counts.troubled,
            "inSync": counts.in_sync,
        },
        "platforms": plan.troubles().iter().map(|(troubled, tenants)| json!({
            "name": troubled.platform,
            "appId": troubled.trouble.platform,
            "why": troubled.what(),
            "who": troubled.trouble.who(),
            "act": troubled.who(),
            "until": troubled.trouble.again,
            "tenants": tenants.iter().map(|tenant| &tenant.tenant).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "tenants": plan.tenants.iter().map(|tenant| tenant_json(tenant, context)).collect::<Vec<_>>(),
        "budget": context.budget.iter().map(|row| json!({
            "endpoint": row.endpoint.name,
            "account": row.account,
            "thisPlan": row.this_plan,
            "used": row.used,
            "limit": row.limit,
            "after": row.after(),
            "resets": row.resets(context.now),
        })).collect::<Vec<_>>(),
    })
}

fn tenant_json(tenant: &TenantPlan, context: &Context<'_>) -> Value {
    let mut lists: [Vec<Value>; 5] = Default::default();
    let [steps, waiting, left_alone, not_comparable, errors] = &mut lists;
    errors.extend(
        tenant
            .error
            .iter()
            .map(|error| json!({"app": null, "resource": null, "key": null, "why": error})),
    );
    errors.extend(
        tenant
            .trouble
            .iter()
            .map(|one| json!({"app": null, "resource": null, "key": null, "why": one.headline()})),
    );
    for entry in &tenant.entries {
        match &entry.verdict {
            Verdict::Step(step) => steps.push(step_json(tenant, entry, step, context)),
            Verdict::Waiting(wait) => waiting.push(json!({
                "app": entry.address.whose.item(),
                "resource": entry.address.resource,
                "key": entry.address.key,
                "reason": wait.reason.as_str(),
                "who": wait.who,
                "text": wait.text,
                "link": wait.link,
                "until": wait.until,
                "then": wait.then,
            })),
            Verdict::Rejected { payload, why } => left_alone.push(json!({
                "app": entry.address.whose.item(),
                "resource": entry.address.resource,
                "key": entry.address.key,
                "why": why,
                "changes": [],
                "rejectedPayload": payload,
            })),
            Verdict::Suppressed { why, changes } => left_alone.push(json!({
                "app": entry.address.whose.item(),
                "resource": entry.address.resource,
                "key": entry.address.key,
                "why": why,
                "changes": changes_json(tenant, changes, context),
                "rejectedPayload": null,
            })),
            Verdict::Unknown(why) => {
                let row = json!({"app": entry.address.whose.item(),
                "resource": entry.address.resource, "key": entry.address.key, "why": why.text});
                match why.kind {
                    WhyKind::ReadFailed | WhyKind::Refused { .. } => errors.push(row),
                    WhyKind::NotComparable => not_comparable.push(row),
                }
            }
        }
    }
    let [steps, waiting, left_alone, not_comparable, errors] = lists;
    let official = tenant.official().cloned().unwrap_or_default();
    json!({
        "name": tenant.tenant,
        // As before there were several: the official account's.
        "account": official.appid,
        "nickName": official.nick_name,
        "observeOnly": official.observe_only,
        "accounts": tenant.accounts.iter().map(account_json).collect::<Vec<_>>(),
        "file": context.places.file(&tenant.tenant),
        "steps": steps,
        "waiting": waiting,
        "leftAlone": left_alone,
        "notComparable": not_comparable,
        "errors": errors,
    })
}

fn account_json(account: &AccountPlan) -> Value {
    json!({
        "app": account.whose.item(),
        "account": account.appid,
        "nickName": account.nick_name,
        "observeOnly": account.observe_only,
    })
}

fn step_json(tenant: &TenantPlan, entry: &Entry, step: &Step, context: &Context<'_>) -> Value {
    json!({
        "app": entry.address.whose.item(),
                "resource": entry.address.resource,
        "key": entry.address.key,
        "action": step.action,
        "digest": format!("s{}", entry.digest(&tenant.tenant, step)),
        "changes": changes_json(tenant, &step.changes, context),
        "calls": step.calls.iter().map(call_json).collect::<Vec<_>>(),
        "drift": step.drift,
        "notes": step.notes,
        "costly": step.costly.map(crate::plan::Costly::as_str),
        "after": step.after,
        "approval": step.approval,
        "hold": step.hold,
    })
}

fn changes_json(tenant: &TenantPlan, changes: &[Change], context: &Context<'_>) -> Vec<Value> {
    changes
        .iter()
        .map(|change| {
            let place = context.places.place(&tenant.tenant, &change.path);
            json!({
                "path": change.path,
                "from": change.from,
                "to": change.to,
                "source": place.map(|place| json!({
                    "file": place.file,
                    "line": place.line,
                    "column": place.column,
                    "class": context.places.class(&tenant.tenant, &change.path),
                })),
            })
        })
        .collect()
}

fn call_json(call: &Call) -> Value {
    json!({
        "endpoint": call.endpoint.name,
        "class": call.endpoint.class.as_str(),
        "quota": call.endpoint.quota().map(|quota| json!({"limit": quota.limit, "period": quota.period.as_str()})),
    })
}
