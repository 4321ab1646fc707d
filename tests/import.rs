//! `wxops import` at large: random accounts, and more of them than WeChat lists on a page.

use crate::support::files::copy;
use crate::support::play::folder;
use crate::support::process::Finished;
use crate::support::stage::Stage;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use tempfile::TempDir;

pub const PLATFORM: &str = "wx0000000000000001";
/// A mini-program that every official account is linked to.
const LINKED: &str = "wx9999999999999999";

/// A stage whose WeChat has these accounts, each with the permission sets it granted the platform.
pub fn stage(accounts: &[(Value, Value)], open_accounts: &Value) -> (Stage, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    copy(&self::folder("_common").join("manifests"), folder.path());
    let authorizations: Vec<Value> = accounts
        .iter()
        .enumerate()
        .map(|(n, (account, sets))| {
            json!({
                "platform": PLATFORM, "account": account["appId"], "permissionSets": sets,
                "refreshToken": format!("refreshtoken@@@{n}"), "authTime": "2026-10-01T08:00:00Z",
            })
        })
        .collect();
    let accounts: Vec<&Value> = accounts.iter().map(|(account, _)| account).collect();
    let state = json!({
        "platforms": [{
            "appId": PLATFORM, "appSecret": "demo-app-secret-0001", "token": "demo-push-token",
            "encodingAesKey": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        }],
        "accounts": accounts,
        "openAccounts": open_accounts,
        "authorizations": authorizations,
    });
    // Its name keeps it from being read as a manifest.
    let file = folder.path().join("wechat.sim.yaml");
    std::fs::write(&file, state.to_string()).unwrap();
    (Stage::set(folder.path(), &file), folder)
}

pub fn json_of(finished: &Finished) -> Value {
    serde_json::from_str(&finished.stdout).unwrap_or_else(|error| panic!("{error}: {finished:#?}"))
}

fn text(random: &mut StdRng) -> String {
    const TEXTS: [&str; 12] = [
        "课程",
        "yes",
        "0755",
        "1.10",
        "a: b",
        "#1",
        "'q'",
        "\"d\"",
        "- x",
        "$(values.x)",
        "~",
        "a\\nb",
    ];
    (*TEXTS.choose(random).unwrap()).to_owned()
}

fn button(random: &mut StdRng) -> Value {
    let name = text(random);
    match random.random_range(0..6) {
        0 => {
            json!({"type": "view", "name": name, "url": format!("https://wx.example.com/{}", random.random_range(0..9))})
        }
        1 => {
            json!({"type": "miniprogram", "name": name, "url": "https://wx.example.com", "appid": LINKED, "pagepath": "pages/index"})
        }
        2 => json!({"type": "media_id", "name": name, "media_id": "MEDIA_1"}),
        3 => json!({"type": "pic_sysphoto", "name": name, "key": text(random)}),
        _ => json!({"type": "click", "name": name, "key": text(random)}),
    }
}

pub fn menu(random: &mut StdRng) -> Value {
    let first = random.random_range(1..=3);
    let buttons: Vec<Value> = (0..first)
        .map(|_| {
            if random.random_bool(0.3) {
                let below: Vec<Value> = (0..random.random_range(1..=5))
                    .map(|_| button(random))
                    .collect();
                json!({"name": "更多", "sub_button": below})
            } else {
                button(random)
            }
        })
        .collect();
    match random.random_range(0..10) {
        0 | 1 => json!({}),
        2 => {
            json!({"websiteMenu": {"button": [{"type": "text", "name": "你好", "value": "欢迎"}]}})
        }
        3 => {
            json!({"websiteMenu": {"button": [{"type": "view", "name": "官网", "url": "https://a.cn"}]}})
        }
        4 => json!({
            "default": {"button": buttons, "menuid": 1},
            "conditional": [{"button": [{"type": "click", "name": "c", "key": "C"}], "menuid": 2, "matchrule": {"tag_id": "2"}}],
        }),
        // Made elsewhere, in a shape that our checks refuse.
        5 => {
            json!({"default": {"button": [{"type": "view", "name": "旧", "url": "weixin://old"}]}})
        }
        _ => json!({"default": {"button": buttons}}),
    }
}

/// A mini-program, of a principal that others may have too.
pub fn mini_program(appid: &str, random: &mut StdRng) -> Value {
    let categories = [
        json!([]),
        json!([{"first": 8, "second": 590}, {"first": 287, "second": 304}]),
        json!([{"first": 150, "second": 662, "status": "inReview"}]),
    ];
    let signatures = ["", "日出舞蹈教孩子", "第一行日出\n第二行", "课程"];
    let libraries = ["2.10.4", ""];
    let mut account = json!({
        "appId": appid, "kind": "miniProgram", "nickName": text(random),
        "principalName": format!("{}有限公司", text(random)),
        "registerType": random.random_range(0..=2),
        "signature": signatures.choose(random).unwrap(),
        "miniProgram": {
            "released": random.random_bool(0.5), "searchable": random.random_bool(0.7),
            "serving": random.random_bool(0.7), "categories": categories.choose(random).unwrap(),
            "baseLibrary": {"nowVersion": libraries.choose(random).unwrap()},
        },
    });
    if random.random_bool(0.3) {
        account["headImg"] = json!("http://wx.qlogo.cn/mmhead/example/0");
    }
    if random.random_bool(0.3) {
        account["openAccount"] = json!("wx8888888888888888");
    }
    if random.random_bool(0.1) {
        account["basicInfo"] = json!({"realnameStatus": 2});
    }
    account
}

fn sets_of_an_app(random: &mut StdRng) -> Value {
    let sets = [
        json!([3, 18, 25, 30]),
        json!([3, 18, 25, 30]),
        json!([18]),
        json!([25]),
    ];
    sets.choose(random).unwrap().clone()
}

/// An account and what it granted.
fn account(n: usize, random: &mut StdRng) -> (Value, Value) {
    let appid = format!("wx{n:016x}");
    if random.random_bool(0.3) {
        return (mini_program(&appid, random), sets_of_an_app(random));
    }
    let aliases = ["", "sunrise", "Dance_School", "-", "a.b"];
    let states = [1, 1, 1, 1, 1, 1, 18, 16];
    let mut account = json!({
        "appId": appid, "kind": "officialAccount", "nickName": text(random),
        "principalName": format!("{}有限公司", text(random)),
        "serviceType": random.random_range(0..=2), "menu": menu(random), "links": [{"appId": LINKED}],
        "alias": aliases.choose(random).unwrap(),
        "accountStatus": states.choose(random).unwrap(),
    });
    if random.random_bool(0.4) {
        account["openAccount"] = json!("wx8888888888888888");
    }
    let sets = [
        json!([1, 3, 15, 24]),
        json!([1, 3, 15, 24, 33]),
        json!([24]),
        json!([1]),
    ];
    (account, sets.choose(random).unwrap().clone())
}

pub fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().unwrap()
}

/// What a tenant and its mini-programs leave out.
fn left_out(line: &Value) -> Vec<&Value> {
    let apps = list(line, "miniPrograms").iter();
    let of_apps = apps.flat_map(|app| list(app, "leftOut"));
    list(line, "leftOut").iter().chain(of_apps).collect()
}

/// Whether something that should have been read was not.
fn failed(report: &Value) -> bool {
    let failed = |line: &Value| left_out(line).iter().any(|left| left["failed"] == true);
    !list(report, "failed").is_empty() || list(report, "tenants").iter().any(failed)
}

/// How many accounts a tenant has.
fn accounts_of(line: &Value) -> usize {
    usize::from(line["account"] != Value::Null) + list(line, "miniPrograms").len()
}

/// Imports, and counts that no account went astray.
pub fn import(stage: &Stage, arguments: &[&str], accounts: usize) -> Value {
    let finished = stage.wxops(&[&["import", "--output", "json"], arguments].concat());
    let report = json_of(&finished);
    assert_eq!(finished.code, i32::from(failed(&report)), "{finished:#?}");
    let imported: usize = list(&report, "tenants").iter().map(accounts_of).sum();
    let others = list(&report, "failed").len() + list(&report, "declared").len();
    assert_eq!(imported + others, accounts, "{report:#}");
    assert_eq!(stage.control.effects(), 0);
    report
}

/// What a plan shows is only what the import has said already.
pub fn plan(stage: &Stage, report: &Value) {
    let valid = stage.wxops(&["validate"]);
    assert_eq!(valid.code, 0, "{valid:#?}");
    let planned = stage.wxops(&["plan", "--detailed-exitcode", "--output", "json"]);
    assert_eq!(planned.code, 0, "{planned:#?}");
    let plan = json_of(&planned);
    let lines = list(report, "tenants");
    for tenant in plan["tenants"].as_array().unwrap() {
        let line = lines.iter().find(|line| line["name"] == tenant["name"]);
        let told = left_out(line.unwrap());
        for list in ["steps", "waiting", "leftAlone", "notComparable", "errors"] {
            for entry in tenant[list].as_array().unwrap() {
                assert_eq!(list, "waiting", "{tenant:#}");
                let resource = &entry["resource"];
                assert!(
                    told.iter().any(|left| left["resource"] == *resource),
                    "{tenant:#} {line:#?}"
                );
            }
        }
    }
    assert_eq!(plan["tenants"].as_array().unwrap().len(), lines.len());
}

/// Random choices. The seed is printed; `WXOPS_SEED` repeats one.
pub fn random() -> StdRng {
    let seed =
        std::env::var("WXOPS_SEED").map_or_else(|_| rand::random(), |seed| seed.parse().unwrap());
    println!("WXOPS_SEED={seed}");
    StdRng::seed_from_u64(seed)
}

#[test]
fn p6_forty_random_accounts_are_imported_and_nothing_is_left_to_do() {
    let mut random = random();
    let mut accounts: Vec<_> = (0x1000..0x1028).map(|n| account(n, &mut random)).collect();
    accounts.push((json!({"appId": LINKED, "kind": "miniProgram"}), json!([18])));
    let open = json!([{
        "openAppId": "wx8888888888888888", "principalName": "示例有限公司", "createdBy": "site", "verified": true,
    }]);
    let (stage, folder) = stage(&accounts, &open);

    let report = import(&stage, &[], accounts.len());
    assert!(
        report["tenants"].as_array().unwrap().len() > 10,
        "{report:#}"
    );
    plan(&stage, &report);

    std::fs::remove_dir_all(folder.path().join("imported")).unwrap();
    let report = import(
        &stage,
        &["--mode", "enforce", "--extract-class", "shared"],
        accounts.len(),
    );
    assert_ne!(report["classes"][0], Value::Null);
    plan(&stage, &report);
    let applied = stage.wxops(&["apply", "--auto-approve"]);
    assert_eq!(applied.code, 0, "{applied:#?}");
    assert_eq!(stage.control.effects(), 0);
    plan(&stage, &report);
    assert_eq!(import(&stage, &[], accounts.len())["tenants"], json!([]));
}

#[test]
fn import_pages() {
    let minis = (1001..=1510).map(|n| {
        (
            json!({"appId": format!("wx{n:016}"), "kind": "miniProgram"}),
            json!([18]),
        )
    });
    // The last of the list, on its second page.
    let official = (
        json!({"appId": "wxz000000000000000", "kind": "officialAccount", "principalName": "日出舞蹈有限公司"}),
        json!([15]),
    );
    let accounts: Vec<_> = minis.chain([official]).collect();
    let (stage, folder) = stage(&accounts, &json!([]));
    let report = import(&stage, &[], accounts.len());
    let tenants = list(&report, "tenants");
    assert_eq!(tenants.len(), 511);
    let officials = tenants.iter().filter(|one| one["account"] != Value::Null);
    let officials: Vec<&Value> = officials.map(|one| &one["account"]).collect();
    assert_eq!(officials, ["wxz000000000000000"], "{report:#}");
    assert!(folder.path().join("imported/oa-00000000.yaml").exists());
    // Two pages for the import, two for the client, which adopts every account's tokens from them.
    assert_eq!(
        stage
            .control
            .count("/cgi-bin/component/api_get_authorizer_list")
            .received,
        4
    );
}
