//! Pure diff: from what a tenant declares and what WeChat answered to its plan. One thread, tenants per second.
//!
//! Run with `cargo bench --bench diff`. The figures of record are in docs/benchmarks.md.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark prints, and stops when its own set-up is wrong"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use wxops::resource::registration::Backdrop;
use wxops::resource::{
    Files, Ops, Outputs, PlatformWaits, Seen, Subject, TenantRecords, TenantSpec, decide, needs,
};
use wxops::wechat::Appid;
use wxops::wechat::answer::read_answer;

const WARM_UP: Duration = Duration::from_millis(300);
const ROUND: Duration = Duration::from_millis(500);
const ROUNDS: usize = 7;

/// One tenant with a full menu and an open account, and everything that was read for it.
struct Tenant {
    name: String,
    spec: TenantSpec,
    seen: Seen,
    records: TenantRecords,
    outputs: Outputs,
}

fn main() {
    // Many tenants, so that none of them stays in the processor's cache.
    let in_sync: Vec<Tenant> = (0..1_000).map(|n| tenant(n, false)).collect();
    let changed: Vec<Tenant> = (0..1_000).map(|n| tenant(n, true)).collect();
    assert!(in_sync.iter().all(|tenant| steps(tenant) == 0));
    assert!(changed.iter().all(|tenant| steps(tenant) == 2));
    report("diff, in sync", &in_sync);
    report("diff, menu and open account", &changed);
}

/// What is timed: that nothing is left to read, and the plan.
fn steps(tenant: &Tenant) -> usize {
    let (known, platform) = (BTreeMap::new(), platform());
    let subject = Subject {
        tenant: &tenant.name,
        spec: &tenant.spec,
        platform: &platform,
        backdrop: &Backdrop::NONE,
        lists: &PlatformWaits::new(),
        now: jiff::Timestamp::UNIX_EPOCH,
        known: &known,
        vanished: &BTreeMap::new(),
        files: &Files::new(),
        ops: &Ops::NONE,
        records: &tenant.records,
        outputs: &tenant.outputs,
    };
    assert!(needs(&subject, &tenant.seen).is_empty());
    let (plan, learned) = black_box(decide(&subject, &tenant.seen));
    black_box(learned);
    plan.steps().count()
}

fn platform() -> Appid {
    Appid::parse("wx0000000000000001").unwrap()
}

fn tenant(n: usize, changed: bool) -> Tenant {
    let (known, platform) = (BTreeMap::new(), platform());
    let account = format!("wx{n:016x}");
    let mut tenant = Tenant {
        name: format!("tenant-{n}"),
        spec: serde_json::from_value(declared(&account)).unwrap(),
        seen: Seen::new(),
        records: TenantRecords::new(),
        outputs: Outputs::new(),
    };
    // What is read is asked for by the resources themselves.
    loop {
        let subject = Subject {
            tenant: &tenant.name,
            spec: &tenant.spec,
            platform: &platform,
            backdrop: &Backdrop::NONE,
            lists: &PlatformWaits::new(),
            now: jiff::Timestamp::UNIX_EPOCH,
            known: &known,
            vanished: &BTreeMap::new(),
            files: &Files::new(),
            ops: &Ops::NONE,
            records: &tenant.records,
            outputs: &tenant.outputs,
        };
        let calls = needs(&subject, &tenant.seen);
        if calls.is_empty() {
            return tenant;
        }
        for call in calls {
            let body = answer(call.endpoint.name, &call.subject, changed);
            let answer = read_answer(call.endpoint, body);
            tenant.seen.insert(call, answer);
        }
    }
}

fn declared(account: &str) -> Value {
    let third: Vec<Value> = (0..5)
        .map(|n| json!({"name": format!("课程 {n}"), "view": format!("https://wx.example.com/{account}/{n}")}))
        .collect();
    json!({
        "openAccount": {"create": true},
        "principal": {"name": "日出舞蹈有限公司"},
        "officialAccount": {
            "appId": account,
            "require": {"kind": "service", "verified": "qualification"},
            "menu": {"buttons": [
                {"name": "我的", "view": format!("https://wx.example.com/{account}")},
                {"name": "联系我们", "click": "CONTACT"},
                {"name": "课程", "subButtons": third},
            ]},
        },
    })
}

fn answer(endpoint: &str, account: &Appid, changed: bool) -> Value {
    let third: Vec<Value> = (0..5)
        .map(|n| {
            let url = format!("https://wx.example.com/{account}/{n}");
            json!({"type": "view", "name": format!("课程 {n}"), "url": url, "sub_button": []})
        })
        .collect();
    let contact = if changed { "OLD" } else { "CONTACT" };
    match endpoint {
        "menu/get" => json!({"menu": {"button": [
            {"type": "view", "name": "我的", "url": format!("https://wx.example.com/{account}"), "sub_button": []},
            {"type": "click", "name": "联系我们", "key": contact, "sub_button": []},
            {"name": "课程", "sub_button": third},
        ]}}),
        "get_current_selfmenu_info" => json!({"is_menu_open": 1, "selfmenu_info": {"button": []}}),
        "open/get" if changed => json!({"errcode": 89002, "errmsg": "open not exists"}),
        "open/get" => json!({"errcode": 0, "errmsg": "ok", "open_appid": "wx9000000000000001"}),
        _ => json!({
            "authorizer_info": {
                "nick_name": "日出舞蹈", "user_name": "gh_1", "principal_name": "日出舞蹈有限公司",
                "service_type_info": {"id": 2}, "verify_type_info": {"id": 0}, "account_status": 1,
            },
            "authorization_info": {
                "authorizer_appid": account,
                "func_info": [
                    {"funcscope_category": {"id": 1}}, {"funcscope_category": {"id": 3}},
                    {"funcscope_category": {"id": 15}}, {"funcscope_category": {"id": 24}},
                ],
            },
        }),
    }
}

/// Prints the median of several rounds, which one busy moment of the machine does not move.
fn report(name: &str, tenants: &[Tenant]) {
    rate(tenants, WARM_UP);
    let mut rates: Vec<f64> = (0..ROUNDS).map(|_| rate(tenants, ROUND)).collect();
    rates.sort_by(f64::total_cmp);
    let median = rates.get(ROUNDS / 2).copied().unwrap();
    println!(
        "{name:<32} {median:>12.0} tenants/s   {:>8.2} µs each",
        1e6 / median
    );
}

fn rate(tenants: &[Tenant], time: Duration) -> f64 {
    let start = Instant::now();
    let mut done = 0_u32;
    while start.elapsed() < time {
        for tenant in tenants {
            black_box(steps(black_box(tenant)));
            done += 1;
        }
    }
    f64::from(done) / start.elapsed().as_secs_f64()
}
