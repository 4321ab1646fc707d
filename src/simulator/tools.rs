//! Quota tools: `clear_quota`, `openapi/quota/…`, `openapi/rid/get`.
//!
//! developers.weixin.qq.com: 第三方平台 / API调用额度管理. All ways to reset an appid's daily counters draw on
//! one pool of ten a month.

use serde_json::{Value, json};

use super::answer::{Outcome, Refusal, fields, ok, refuse};
use super::endpoint::{Call, Endpoint};
use super::quota;

const CLEAR_QUOTA: &str = "/cgi-bin/clear_quota";
const CLEARS_A_MONTH: u64 = 10;
const CLEAR_ONE: &str = "/cgi-bin/openapi/quota/clear";
const SINGLE_CLEARS_A_MONTH: u64 = 50;

/// `clear_quota`: the token's own appid only.
pub(super) fn clear_quota(call: &mut Call<'_>) -> Outcome {
    let own = caller(call);
    match call.text("appid") {
        Some(app_id) if app_id == own => {}
        Some(_) | None => return refuse(40013),
    }
    clear_all(call, &own)
}

/// `component/clear_quota/v2`: by the platform's secret, for itself or a tenant.
pub(super) fn clear_quota_by_secret(call: &mut Call<'_>) -> Outcome {
    let Some(platform) = call.state.platforms.get(&call.platform) else {
        return refuse(40013);
    };
    match call.text("appsecret") {
        None => return refuse(41004),
        Some(secret) if secret != platform.app_secret => return refuse(40125),
        Some(_) => {}
    }
    let app_id = call.text("appid").unwrap_or(&call.platform).to_owned();
    if app_id != call.platform && call.state.authorization(&call.platform, &app_id).is_none() {
        return refuse(61003);
    }
    clear_all(call, &app_id)
}

/// `openapi/quota/get`
pub(super) fn get_quota(call: &mut Call<'_>) -> Outcome {
    let path = cgi_path(call)?.path;
    let limit = (call.api)(path).and_then(|found| quota::daily_limit(call.state, found));
    let own = caller(call);
    let used = quota::counter(call.state, &own, path, quota::day(call.now)).used;
    let daily_limit = limit.unwrap_or(0);
    let mut answer = ok();
    answer.extend(fields([
        (
            "quota",
            json!({
                "daily_limit": daily_limit,
                "used": used,
                "remain": daily_limit.saturating_sub(used),
            }),
        ),
        ("rate_limit", json!({"call_count": 0, "refresh_second": 0})),
        (
            "component_rate_limit",
            json!({"call_count": 0, "refresh_second": 0}),
        ),
    ]));
    Ok(answer)
}

/// `openapi/quota/clear`: one API of the caller.
pub(super) fn clear_one(call: &mut Call<'_>) -> Outcome {
    let path = cgi_path(call)?.path;
    let own = caller(call);
    spend(call, &own, CLEAR_ONE, SINGLE_CLEARS_A_MONTH)?;
    quota::counter(call.state, &own, path, quota::day(call.now)).used = 0;
    call.effect = true;
    Ok(ok())
}

/// `openapi/rid/get`: a call by the request id it was answered with. Bodies are not kept.
pub(super) fn get_rid(call: &mut Call<'_>) -> Outcome {
    let own = caller(call);
    let entry = call.text("rid").and_then(|rid| call.calls.by_rid(rid));
    let Some(entry) = entry.filter(|entry| entry.account == own) else {
        return refuse(76001);
    };
    let ended = entry.ended_at.unwrap_or(entry.at);
    let mut answer = ok();
    answer.insert(
        "request".to_owned(),
        json!({
            "invoke_time": entry.at.as_second(),
            "cost_in_ms": i64::try_from(ended.duration_since(entry.at).as_millis()).unwrap_or(0),
            "request_url": entry.endpoint,
            "request_body": "",
            "response_body": "",
            "client_ip": "127.0.0.1",
        }),
    );
    Ok(answer)
}

/// Whom calls are charged to: the token's account, else the platform itself.
fn caller(call: &Call<'_>) -> String {
    match call.account.as_str() {
        "" => call.platform.clone(),
        account => account.to_owned(),
    }
}

fn cgi_path(call: &Call<'_>) -> Result<&'static Endpoint, Refusal> {
    let path = call.body.get("cgi_path").and_then(Value::as_str);
    match path {
        Some(path) if path.starts_with('/') => (call.api)(path).ok_or(Refusal(76021)),
        Some(_) | None => refuse(76003),
    }
}

fn clear_all(call: &mut Call<'_>, app_id: &str) -> Outcome {
    spend(call, app_id, CLEAR_QUOTA, CLEARS_A_MONTH)?;
    let today = quota::day(call.now);
    call.state
        .counters
        .retain(|(account, _, period), _| account != app_id || *period != today);
    call.effect = true;
    Ok(ok())
}

fn spend(call: &mut Call<'_>, app_id: &str, path: &str, limit: u64) -> Result<(), Refusal> {
    let pool = quota::counter(call.state, app_id, path, quota::month(call.now));
    if pool.used >= limit {
        return refuse(48006);
    }
    pool.used += 1;
    Ok(())
}
