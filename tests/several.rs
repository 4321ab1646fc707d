//! Random tenants of one to three accounts, by the real binary: what is imported of them is in sync, and what becomes of
//! one account changes nothing that is said of the others.

use std::collections::BTreeMap;

use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use serde_json::{Value, json};

use crate::import::{PLATFORM, import, json_of, list, menu, mini_program, plan, random, stage};
use crate::support::stage::Stage;

const TENANTS: usize = 16;

/// The accounts of one tenant, each with what it granted: an official account with up to two mini-programs, or one or two
/// of these alone.
fn tenant(n: usize, random: &mut StdRng) -> Vec<(Value, Value)> {
    let principal = format!("第{n}号有限公司");
    let apps: Vec<String> = (0..random.random_range(0..=2))
        .map(|app| format!("wx{:016x}", 0x2000 + n * 2 + app))
        .collect();
    let mut accounts: Vec<(Value, Value)> = apps
        .iter()
        .map(|appid| {
            let mut account = mini_program(appid, random);
            account["principalName"] = json!(principal);
            account["basicInfo"] = Value::Null;
            account.as_object_mut().unwrap().remove("basicInfo");
            account.as_object_mut().unwrap().remove("openAccount");
            (account, json!([3, 18, 24, 25, 30]))
        })
        .collect();
    let sets = [json!([1, 3, 15, 24, 33]), json!([1, 3, 15, 24])];
    let links: Vec<Value> = apps.iter().map(|appid| json!({"appId": appid})).collect();
    let official = json!({
        "appId": format!("wx{:016x}", 0x1000 + n), "kind": "officialAccount", "nickName": principal,
        "principalName": principal, "menu": menu(random), "links": links,
    });
    if apps.is_empty() || random.random_bool(0.8) {
        accounts.push((official, sets.choose(random).unwrap().clone()));
    }
    if random.random_bool(0.6) {
        for (account, _) in &mut accounts {
            account["openAccount"] = json!(open_account(n));
        }
    }
    accounts
}

fn open_account(n: usize) -> String {
    format!("wx9{n:015x}")
}

/// A WeChat of random tenants, imported, enforced and applied.
fn taken_in(random: &mut StdRng) -> (Stage, tempfile::TempDir) {
    let tenants = (0..TENANTS).flat_map(|n| tenant(n, random));
    let linked = (
        json!({"appId": "wx9999999999999999", "kind": "miniProgram"}),
        json!([18]),
    );
    let accounts: Vec<(Value, Value)> = tenants.chain([linked]).collect();
    let open: Vec<Value> = (0..TENANTS)
        .map(|n| json!({"openAppId": open_account(n), "principalName": format!("第{n}号有限公司"), "createdBy": "api"}))
        .collect();
    let (stage, folder) = stage(&accounts, &json!(open));
    let report = import(&stage, &["--mode", "enforce"], accounts.len());
    plan(&stage, &report);
    let several = list(&report, "tenants").iter().filter(|line| {
        usize::from(line["account"] != Value::Null) + list(line, "miniPrograms").len() > 1
    });
    assert!(
        several.count() > 3,
        "too few of several accounts: {report:#}"
    );
    let applied = stage.wxops(&["apply", "--auto-approve"]);
    assert_eq!(applied.code, 0, "{applied:#?}");
    assert_eq!(stage.control.effects(), 0);
    plan(&stage, &report);
    (stage, folder)
}

/// What is said of each account: everything a plan has, by tenant and account.
type Said = BTreeMap<(String, String), Vec<Value>>;

fn said(stage: &Stage) -> Said {
    let planned = stage.wxops(&["plan", "--output", "json"]);
    let plan = json_of(&planned);
    let mut said = Said::new();
    for tenant in list(&plan, "tenants") {
        for name in ["steps", "waiting", "leftAlone", "notComparable", "errors"] {
            for entry in list(tenant, name) {
                let of = entry["app"].as_str().unwrap_or("officialAccount");
                let of = (tenant["name"].as_str().unwrap().to_owned(), of.to_owned());
                said.entry(of).or_default().push(entry.clone());
            }
        }
    }
    said
}

/// The accounts of every tenant: its name in the plan, its appid.
fn accounts(stage: &Stage) -> BTreeMap<String, Vec<(String, String)>> {
    let plan = json_of(&stage.wxops(&["plan", "--output", "json"]));
    let tenants = list(&plan, "tenants").iter().map(|tenant| {
        let accounts = list(tenant, "accounts").iter().filter_map(|account| {
            let name = account["app"].as_str().unwrap_or("officialAccount");
            Some((name.to_owned(), account["account"].as_str()?.to_owned()))
        });
        (
            tenant["name"].as_str().unwrap().to_owned(),
            accounts.collect(),
        )
    });
    tenants.collect()
}

/// Somebody changes every account in WeChat's console.
fn changed_by_hand(stage: &Stage) {
    for (name, appid) in accounts(stage).into_values().flatten() {
        let change = if name == "officialAccount" {
            json!({"menu": {"default": {"button": [{"type": "click", "name": "改了", "key": "CHANGED"}]}, "conditional": []}})
        } else {
            json!({"signature": "被人改过的介绍", "miniProgram": {"searchable": false}})
        };
        stage
            .control
            .send("PATCH", &format!("/_sim/accounts/{appid}"), &change);
    }
}

#[test]
fn p6_tenants_of_several_accounts_are_imported_and_one_that_leaves_changes_nothing_said_of_the_others()
 {
    let mut random = random();
    let (stage, _folder) = taken_in(&mut random);
    changed_by_hand(&stage);
    let before = said(&stage);
    assert!(before.len() > 5, "{before:#?}");
    let mut left = Vec::new();
    for (tenant, accounts) in accounts(&stage) {
        let Some((name, appid)) = accounts.choose(&mut random).filter(|_| accounts.len() > 1)
        else {
            continue;
        };
        let order = json!({"platform": PLATFORM, "account": appid});
        stage.control.send("POST", "/_sim/revoke", &order);
        left.push((tenant, name.clone()));
    }
    assert!(left.len() > 3, "{left:?}");
    let after = said(&stage);
    let of_others = |said: &Said| -> Said {
        let others = said.iter().filter(|(of, _)| !left.contains(of));
        others
            .map(|(of, entries)| (of.clone(), entries.clone()))
            .collect()
    };
    assert_eq!(of_others(&before), of_others(&after));
    for of in &left {
        let entries = &after[of];
        assert!(
            entries
                .iter()
                .all(|entry| entry["reason"] == "NotAuthorized"),
            "{of:?}: {entries:#?}"
        );
    }
}
