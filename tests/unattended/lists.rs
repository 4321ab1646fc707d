//! A platform's list of hosts, and the mini-programs that live by it.

use serde_json::{Value, json};

use super::house::House;
use crate::support::fleet::appid;

const EACH: &str = "apiVersion: wxops.io/v1alpha1
kind: Tenant
metadata: {name: tenant-$N}
spec:
  platformRef: {name: main}
  miniPrograms:
    - {name: main, appId: $APPID, domains: {via: platform, request: [api.example.cn]}}
";
const ACCOUNT: &str = "accounts:
  - {appId: $APPID, kind: miniProgram, principalName: 公司$N, nickName: 学校$N, userName: gh_$N, registerType: 2, miniProgram: {}}
authorizations:
  - {platform: wx0000000000000001, account: $APPID, permissionSets: [3, 18, 25, 30], refreshToken: \"refreshtoken@@@$N\", authTime: \"2026-10-01T08:00:00Z\"}
";
const HOSTS: &str = "hosts: [api.example.cn, other.example.cn]";
const FEWER: &str = "hosts: [other.example.cn]";

fn published(house: &House) -> Value {
    house.stage.control.state()["platforms"][0]["domains"]["server"]["published"].clone()
}

fn brief(house: &House, field: &str) -> Value {
    house.ask("/v1/loop/brief")[field].clone()
}

fn result(house: &House, name: &str) -> Value {
    house.ask("/v1/loop")["tenants"][name]["result"].clone()
}

fn is_ready(house: &House, name: &str) -> bool {
    result(house, name) == "ready"
}

#[test]
fn a_host_leaves_the_platforms_list_after_the_last_tenant_that_has_it() {
    let mut house = House::with(2, EACH, ACCOUNT);
    let lists = format!("  domains: {{{HOSTS}}}\n  callback:");
    house.edit("platform.yaml", "  callback:", &lists);
    house.stage.start_loop();
    house.stage.push_ticket();
    let both = json!(["api.example.cn", "other.example.cn"]);
    house.until("the platform has its hosts", || published(&house) == both);
    // What a tenant has is in force with the release that it waits for.
    let home =
        |house: &House| result(house, &House::name(0)) == "waiting" && is_ready(house, "@main");
    house.until("all are home", || home(&house));

    // The platform's file alone changes.
    house.edit("platform.yaml", HOSTS, FEWER);
    let keeps = |house: &House, why: &str| {
        house.until("the list stays as it is", || {
            let kept = brief(house, "kept")["@main"]["en"].clone();
            kept.as_str().is_some_and(|kept| kept.contains(why))
        });
    };
    keeps(
        &house,
        ": tenant-000 (api.example.cn), tenant-001 (api.example.cn); remove",
    );
    let mistakes = brief(&house, "mistakes").to_string();
    assert!(
        mistakes.contains("WX1342") && mistakes.contains("tenant-000.yaml"),
        "{mistakes}"
    );
    let told = house.stage.wxops(&["status"]);
    assert!(
        told.stderr
            .contains("@main: its lists of domains stay as they are"),
        "{told:?}"
    );
    let yes = house.stage.wxops(&["approve", "@main", "--steps", "1"]);
    assert_ne!(yes.code, 0, "{yes:?}");

    // Tenants go on by what is in force, also after the next start.
    house.stage.kill_sidecar();
    house.stage.start_loop();
    house.stage.push_ticket();
    house.wake_all();
    let looked_at = |name: &str| house.ask("/v1/loop")["tenants"][name]["lastPass"].is_string();
    house.until("they are", || {
        [0, 1].iter().all(|nth| looked_at(&House::name(*nth)))
    });
    keeps(
        &house,
        ": tenant-000 (api.example.cn), tenant-001 (api.example.cn); remove",
    );
    assert_eq!(published(&house), both);

    // One gives the host up, then the other.
    let of = "request: [api.example.cn]";
    house.edit(&House::file(0), of, "request: [other.example.cn]");
    keeps(&house, ": tenant-001 (api.example.cn); remove");
    house.edit(&House::file(1), of, "request: [other.example.cn]");
    house.until("nothing keeps the list", || {
        brief(&house, "kept") == json!({})
    });
    house.until("its change waits for a yes", || {
        house.stage.push_ticket();
        let told = house.stage.wxops(&["plan", "--tenant", "@main"]);
        told.stdout.contains("api.example.cn") && !is_ready(&house, "@main")
    });
    assert_eq!(published(&house), both);

    // A yes that is committed is heard of at once, by no clock but the real one.
    let plan = house.stage.wxops(&["plan", "--tenant", "@main"]).stdout;
    let (_, rest) = plan.split_once("wxops approve ").unwrap();
    let step = rest.split_whitespace().next().unwrap();
    let file = house.path("yes.yaml").display().to_string();
    let yes = house
        .stage
        .wxops(&["approve", step, "--tenant", "@main", "--out", &file]);
    assert_eq!(yes.code, 0, "{yes:?}");
    house.until("the host is off the list", || {
        published(&house) == json!(["other.example.cn"])
    });
}

#[test]
fn who_waits_for_the_platforms_list_goes_on_once_the_host_is_there() {
    let mut house = House::with(1, EACH, ACCOUNT);
    house.stage.start_loop();
    house.stage.push_ticket();
    let name = House::name(0);
    house.until("it waits", || result(&house, &name) == "waiting");
    let hosts = || {
        let state = house.stage.control.state();
        let mut all = state["accounts"].as_array().unwrap().iter();
        let app = all.find(|one| one["appId"] == appid(0).as_str()).unwrap();
        app["miniProgram"]["domains"]["server"]["third"]["requestdomain"].clone()
    };
    assert_eq!(hosts(), Value::Null);
    // By no clock but the real one.
    let lists = format!("  domains: {{{HOSTS}}}\n  callback:");
    house.edit("platform.yaml", "  callback:", &lists);
    house.until("it has its host", || {
        hosts() == json!(["https://api.example.cn"])
    });
}

#[test]
fn a_list_that_was_not_declared_before_may_lack_a_host_that_a_tenant_lives_by() {
    let mut house = House::with(1, EACH, ACCOUNT);
    let lists = |house: &House, from: &str, to: &str| {
        let spec = |lists: &str| format!("{lists}  callback:");
        house.edit("platform.yaml", &spec(from), &spec(to));
    };
    let pages = "  domains: {webview: []}\n";
    lists(&house, "", pages);
    house.stage.start_loop();
    house.stage.push_ticket();
    house.until("the platform is home", || is_ready(&house, "@main"));
    house.until("its tenant waits", || {
        result(&house, &House::name(0)) == "waiting"
    });
    lists(
        &house,
        pages,
        &format!("  domains: {{webview: [], {FEWER}}}\n"),
    );
    house.until("the lists stay as they are", || {
        let kept = brief(&house, "kept")["@main"]["en"].clone();
        let kept = kept.as_str().unwrap_or_default();
        kept.contains("tenant-000 (api.example.cn)")
    });
}
