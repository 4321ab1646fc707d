//! What `status` and `why` tell beside a loop: with mistakes in the manifests, again and again.

use std::time::Duration;

use serde_json::Value;

use super::house::House;
use crate::support::process::Background;

fn rows(house: &House) -> Value {
    let told = house.stage.wxops(&["status", "--all", "--output", "json"]);
    assert_eq!(told.code, 0, "{told:?}");
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    told["tenants"].clone()
}

#[test]
fn a_mistake_is_said_and_its_tenant_told_by_what_was_in_force_before() {
    let house = House::running(2);
    house.until_buttons(1, &["课程", "杭州"]);
    house.until_all_looked_at(2);
    house.edit(&House::file(0), "values:", "valeus:");
    let told = house.stage.wxops(&["status", "--all"]);
    assert_eq!(told.code, 0, "{told:?}");
    assert!(told.stderr.contains("`valeus`"), "{told:?}");
    assert!(told.stderr.contains("what was in force before"), "{told:?}");
    for tenant in ["tenant-000", "tenant-001"] {
        let line = told.stdout.lines().find(|line| line.contains(tenant));
        assert!(line.is_some_and(|line| line.contains("ready")), "{told:?}");
    }
    let is_mistaken: Vec<bool> = rows(&house)
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["manifestHasMistake"].as_bool().unwrap())
        .collect();
    assert_eq!(is_mistaken, [true, false]);
    let why = house.stage.wxops(&["why", "tenant-000"]);
    assert_eq!(why.code, 0, "{why:?}");
    let said = "tenant-000: the manifest has a mistake; what was in force before stays so";
    assert!(why.stdout.contains(said), "{why:?}");
    assert!(why.stderr.contains("`valeus`"), "{why:?}");
    // The platform and the class broken as well.
    house.edit("class.yaml", "kind: TenantClass", "kind: TenantClas");
    house.edit("platform.yaml", "appId:", "appid:");
    let told = house.stage.wxops(&["status", "--all"]);
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(told.stdout.matches("ready").count(), 2, "{told:?}");
    // One that nothing is known of has nothing to be told by.
    house.write("new.yaml", "kind: Tenant\nmetadata: {name: newcomer}\n");
    let why = house.stage.wxops(&["why", "newcomer"]);
    assert_eq!(why.code, 9, "{why:?}");
}

#[test]
fn a_watch_tells_again_once_something_has_changed_and_ends_when_it_is_interrupted() {
    let house = House::running(1);
    house.until_all_looked_at(1);
    let mut command = house.stage.command("status");
    command.args(["--watch", "--all"]);
    let mut watch = Background::start(&mut command);
    let told = || watch.transcript().text();
    house.until("it is told", || told().contains("ready"));
    let before = told().matches("tenant-000").count();
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(told().matches("tenant-000").count(), before, "{}", told());
    house.edit(&House::file(0), "values:", "valeus:");
    house.until("it is told again", || {
        told().contains("`valeus`") && told().matches("tenant-000").count() > before
    });
    watch.signal("INT");
    assert_eq!(watch.ended_within(Duration::from_secs(10)), Some(Some(0)));
}

#[test]
fn whoever_only_looks_needs_no_secret_of_a_platform() {
    let house = House::running(1);
    house.until_buttons(0, &["课程", "杭州"]);
    house.until_all_looked_at(1);
    let elsewhere = house.copied();
    std::fs::remove_dir_all(elsewhere.path().join("credentials")).unwrap();
    let folder = elsewhere.path().display().to_string();
    for verb in [
        &["status", "--all", "-f", &folder][..],
        &["why", "-f", &folder, "tenant-000"],
    ] {
        let told = house.stage.wxops(verb);
        assert_eq!(told.code, 0, "{told:?}");
        assert!(told.stdout.contains("ready"), "{told:?}");
    }
    let plan = house.stage.wxops(&["plan", "-f", &folder]);
    assert_eq!(plan.code, 1, "{plan:?}");
}

#[test]
fn programs_are_told_of_the_loop_what_people_are() {
    let house = House::running(1);
    house.until_all_looked_at(1);
    let paused = house.stage.wxops(&["pause", "--platform", "main"]);
    assert_eq!(paused.code, 0, "{paused:?}");
    house.edit(&House::file(0), "values:", "valeus:");
    let mistakes = || house.ask("/v1/loop")["mistakes"].clone();
    house.until("it is seen", || mistakes().to_string().contains("valeus"));
    let told = house.stage.wxops(&["status", "--output", "json"]);
    let told: Value = serde_json::from_str(&told.stdout).unwrap();
    let of_loop = &told["loop"];
    assert_eq!(of_loop["state"], "running", "{told}");
    assert!(of_loop["lookedAt"].is_string() && of_loop["since"].is_string());
    assert!(of_loop["mistakes"].to_string().contains("valeus"), "{told}");
    assert_eq!(of_loop["held"], serde_json::json!([]));
    let hold = &of_loop["paused"][0];
    assert_eq!(hold["platform"], "wx0000000000000001", "{hold}");
    assert_eq!(hold["command"], "wxops resume --platform main");
    let platform = &of_loop["platforms"][0];
    assert_eq!(
        (&platform["name"], &platform["stoppedUntil"]),
        (&"main".into(), &Value::Null)
    );
    // Every field is told of in both languages.
    for page in ["docs/ci.md", "docs/ci.zh-CN.md"] {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let page = std::fs::read_to_string(root.join(page)).unwrap();
        let parts = [of_loop, hold, platform];
        for field in parts
            .iter()
            .flat_map(|part| part.as_object().unwrap().keys())
        {
            assert!(page.contains(&format!("`{field}`")), "{field}");
        }
    }
}
