//! Printing a plan of 5,000 tenants: folding, the text, the JSON, the comment. One thread.
//!
//! Run with `cargo bench --bench render`. The figures of record are in docs/benchmarks.md.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark prints, and stops when its own set-up is wrong"
)]

use std::hint::black_box;
use std::time::Instant;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;
use wxops::plan::path::SpecPath;
use wxops::plan::render::{Context, Place, Places, human, json as as_json, markdown};
use wxops::plan::{
    AccountPlan, Action, Address, BudgetLine, Change, Entry, Lang, Plan, Step, TenantPlan, Verdict,
    budget,
};
use wxops::wechat::{Appid, Call, menu, open_account};

const TENANTS: usize = 5_000;

struct Book;

impl Places for Book {
    fn file(&self, tenant: &str) -> Option<String> {
        Some(format!("tenants/{tenant}.yaml"))
    }

    fn place(&self, _tenant: &str, path: &SpecPath) -> Option<Place> {
        Some(Place {
            file: "classes/dance.yaml".to_owned(),
            line: path.segments().len(),
            column: 9,
        })
    }

    fn class(&self, _tenant: &str, _path: &SpecPath) -> Option<String> {
        Some("dance-school".to_owned())
    }
}

fn main() {
    for (name, kinds) in [
        ("all different", TENANTS),
        ("50 kinds", 50),
        ("all the same", 1),
    ] {
        let plan = plan(kinds);
        let budget = budget(&plan, |_| None);
        let context = context(&budget);
        time(name, "text", || human(&plan, &context).len());
        time(name, "JSON", || as_json(&plan, &context).to_string().len());
        time(name, "markdown", || markdown(&plan, &context).len());
    }
}

fn time(plan: &str, output: &str, print: impl Fn() -> usize) {
    let best = (0..5)
        .map(|_| {
            let started = Instant::now();
            black_box(print());
            started.elapsed()
        })
        .min()
        .unwrap();
    println!("{TENANTS} tenants, {plan}: {output} in {best:.1?}");
}

fn context(budget: &[BudgetLine]) -> Context<'_> {
    Context {
        places: &Book,
        budget,
        lang: Lang::En,
        all: false,
        now: Timestamp::UNIX_EPOCH,
        zone: TimeZone::UTC,
        width: 100,
        ascii: false,
    }
}

fn plan(kinds: usize) -> Plan {
    Plan {
        tenants: (0..TENANTS).map(|n| tenant(n, n % kinds)).collect(),
        reads: 0,
    }
}

fn tenant(n: usize, kind: usize) -> TenantPlan {
    let account = Appid::parse(&format!("wx{n:016}")).unwrap();
    let change = |path: &str, to| Change {
        path: path.parse().unwrap(),
        from: None,
        to: Some(to),
    };
    let menu = Step::new(
        Action::Update,
        account.clone(),
        (0..5)
            .map(|button| {
                let path = format!("officialAccount.menu.buttons[2].subButtons[{button}].name");
                change(&path, json!(format!("本周课程 {kind}")))
            })
            .collect(),
        vec![menu::create_request(&account, &[])],
    );
    let open = Step::new(
        Action::Create,
        account.clone(),
        vec![change("openAccount.create", json!(true))],
        vec![Call::bare(&open_account::CREATE, account.clone())],
    );
    let entry = |resource, step| Entry {
        address: Address::of(resource),
        verdict: Verdict::Step(step),
    };
    TenantPlan {
        tenant: format!("tenant-{n:04}"),
        accounts: vec![AccountPlan {
            nick_name: Some("日出舞蹈".to_owned()),
            appid: Some(account),
            ..AccountPlan::default()
        }],
        entries: vec![entry("menu", menu), entry("openAccount", open)],
        error: None,
        trouble: None,
    }
}
