//! What is fetched before an app runs: names that are resolved ahead (DNS 预解析), and data (数据预拉取, 周期性更新).
//!
//! developers.weixin.qq.com: 第三方平台 / 设置 DNS 预解析域名, 数据预拉取和数据周期性更新.

use serde_json::{Map, Value, json};

use super::address::{Changes, Trouble, behind, merge, spelling};
use crate::simulator::answer::{Fields, Outcome, Refusal, fields, ok, refuse};
use crate::simulator::endpoint::Call;
use crate::simulator::miniprogram::own::{own, own_mut};
use crate::simulator::state::State;

/// How many names there may be, unless the state says otherwise.
const NAMES: usize = 5;

/// `get_prefetchdnsdomain`
pub(in crate::simulator) fn names(call: &mut Call<'_>) -> Outcome {
    let domains = &own(call)?.mini_program.domains;
    let shown = domains.dns_prefetch.iter();
    let shown: Vec<Value> = shown.map(|url| json!({"url": url, "status": 0})).collect();
    let mut answer = ok();
    answer.extend(fields([
        ("prefetch_dns_domain", Value::from(shown)),
        (
            "size_limit",
            json!(domains.dns_prefetch_limit.unwrap_or(NAMES)),
        ),
    ]));
    Ok(answer)
}

/// `set_prefetchdnsdomain`: replaces them all.
pub(in crate::simulator) fn set_names(call: &mut Call<'_>) -> Outcome {
    let changes = Changes {
        path: "/wxa/set_prefetchdnsdomain",
        limit: 50,
        used_up: 9_420_000,
    };
    let given = call
        .body
        .get("prefetch_dns_domain")
        .and_then(Value::as_array);
    let given = given.ok_or(Refusal(47001))?;
    let mut next = Vec::new();
    for one in given {
        let url = one
            .get("url")
            .and_then(Value::as_str)
            .ok_or(Refusal(47001))?;
        let well = spelling(url, false).and_then(|()| call.state.standing(url));
        if well.is_err() {
            return refuse(9_420_001);
        }
        merge(&mut next, vec![call.state.kept(url)]);
    }
    let domains = &own(call)?.mini_program.domains;
    if next.len() > domains.dns_prefetch_limit.unwrap_or(NAMES) {
        return refuse(9_420_002);
    }
    let differs = next != domains.dns_prefetch;
    changes.admit(call)?;
    changes.spend(call);
    own_mut(call)?.mini_program.domains.dns_prefetch = next;
    call.effect = differs;
    Ok(ok())
}

/// The fields of one sort of data, behind its prefix: whether it is on, how it is got, and from where.
const PREFETCH: [&str; 5] = [
    "is_pre_fetch_open",
    "pre_fetch_type",
    "pre_fetch_url",
    "pre_env",
    "pre_function_name",
];
/// The same for what is fetched now and then.
const PERIODIC: [&str; 5] = [
    "is_period_fetch_open",
    "period_fetch_type",
    "period_fetch_url",
    "period_env",
    "period_function_name",
];

/// `fetchdatasetting`
pub(in crate::simulator) fn data(call: &mut Call<'_>) -> Outcome {
    let names = match call.text("action") {
        Some("get") => return got(call),
        Some("set_pre_fetch") => PREFETCH,
        Some("set_period_fetch") => PERIODIC,
        Some(_) | None => return refuse(9_410_013),
    };
    let set = settings(call.state, &call.body, names)?;
    let app = &mut own_mut(call)?.mini_program;
    let before = app.data_prefetch.clone();
    app.data_prefetch
        .retain(|name, _| !names.contains(&name.as_str()));
    app.data_prefetch.extend(set);
    let differs = app.data_prefetch != before;
    call.effect = differs;
    Ok(ok())
}

fn got(call: &Call<'_>) -> Outcome {
    let set = &own(call)?.mini_program.data_prefetch;
    let mut answer = ok();
    for [open, kind, url, env, function] in [PREFETCH, PERIODIC] {
        for (name, usual) in [
            (open, json!(false)),
            (kind, json!(0)),
            (url, json!("")),
            (env, json!("")),
            (function, json!("")),
        ] {
            let value = set.get(name).cloned().unwrap_or(usual);
            answer.insert(name.to_owned(), value);
        }
    }
    Ok(answer)
}

/// What is kept of a body: of a server its address, of a cloud function its environment and name.
fn settings(
    state: &State,
    body: &Fields,
    [open, kind, url, env, function]: [&str; 5],
) -> Result<Map<String, Value>, Refusal> {
    let is_open = body
        .get(open)
        .and_then(Value::as_bool)
        .ok_or(Refusal(47001))?;
    let mut kept = fields([(open, json!(is_open))]);
    if !is_open {
        return Ok(kept);
    }
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let by = body.get(kind).and_then(Value::as_u64).unwrap_or(0);
    kept.insert(kind.to_owned(), json!(by));
    match by {
        0 => {
            let well = address(text(url)).and_then(|host| state.standing(host));
            if well.is_err() {
                return refuse(9_410_016);
            }
            kept.insert(url.to_owned(), json!(text(url)));
        }
        1 if !text(env).is_empty() && !text(function).is_empty() => {
            kept.insert(env.to_owned(), json!(text(env)));
            kept.insert(function.to_owned(), json!(text(function)));
        }
        _ => return refuse(40097),
    }
    Ok(kept)
}

/// The host of an `https` address, which may go on behind it.
fn address(url: &str) -> Result<&str, Trouble> {
    let rest = behind(url, "https")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    spelling(host, true)?;
    Ok(host)
}
