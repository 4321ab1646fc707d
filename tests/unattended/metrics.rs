//! What `/metrics` of the private port shows, and that `docs/metrics.md` explains all of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;
use wxops::controller::METRICS;

use super::house::{House, asked};
use crate::support::control::request;

fn scraped(house: &House) -> String {
    let lock = fs::read_to_string(house.stage.store().join("loop.lock")).unwrap();
    let lock: Value = serde_json::from_str(&lock).unwrap();
    let (status, text) = asked(lock["private"].as_str().unwrap(), "/metrics", None);
    assert_eq!(status, 200, "{text}");
    text
}

/// The value of one line.
fn value(page: &str, line: &str) -> Option<f64> {
    let mut lines = page.lines();
    let found = lines.find_map(|one| one.strip_prefix(line)?.strip_prefix(' '))?;
    Some(found.parse().unwrap())
}

fn until(house: &House, line: &str, wanted: f64) {
    house.until(&format!("{line} is {wanted}"), || {
        value(&scraped(house), line) == Some(wanted)
    });
}

#[test]
fn what_happens_is_counted_and_no_account_is_named() {
    let house = House::running(3);
    house.until_buttons(2, &["课程", "杭州"]);
    house.until_all_looked_at(3);
    until(
        &house,
        r#"wxops_tenants{platform="main",state="ready"}"#,
        3.0,
    );
    // What an owner changed is drift, what a commit changes is none.
    house.meddle(1, "别的");
    house.stage.wxops(&["reconcile", &House::name(1), "--wait"]);
    until(&house, r#"wxops_drift_total{resource="menu"}"#, 1.0);
    house.edit(&House::file(0), "杭州", "宁波");
    house.until_buttons(0, &["课程", "宁波"]);
    let bound = "officialAccount: {appId";
    let wanted = format!("openAccount: {{create: true}}\n  {bound}");
    house.edit(&House::file(0), bound, &wanted);
    until(
        &house,
        r#"wxops_events_total{event="OpenAccountBound"}"#,
        1.0,
    );
    house.write("broken.yaml", "kind: Tenant\n");
    until(&house, "wxops_manifest_errors", 2.0);
    let public = house.stage.sidecar_url.trim_start_matches("http://");
    let forged = "/wechat/notices?timestamp=1&nonce=2&msg_signature=3&encrypt_type=aes";
    let (status, _) = request(public, "POST", forged, "<xml><Encrypt>x</Encrypt></xml>");
    assert_eq!(status, 403);
    let page = scraped(&house);
    let is =
        |line: &str, wanted: f64| assert_eq!(value(&page, line), Some(wanted), "{line}\n{page}");
    is(r#"wxops_drift_total{resource="menu"}"#, 1.0);
    is(r#"wxops_events_total{event="OpenAccountBound"}"#, 1.0);
    is(r#"wxops_guard_held{platform="main"}"#, 0.0);
    is(r#"wxops_platform_stopped{platform="main"}"#, 0.0);
    is(r#"wxops_queue_depth{lane="drift"}"#, 0.0);
    // WeChat may send one by itself beside the one that is asked for.
    let tickets = value(
        &page,
        r#"wxops_pushes_total{kind="ticket",result="stored"}"#,
    );
    assert!(tickets >= Some(1.0), "{page}");
    assert_eq!(value(&page, "wxops_push_stored_seconds_count"), tickets);
    is(
        r#"wxops_pushes_total{kind="any",result="refused_signature"}"#,
        1.0,
    );
    is(
        r#"wxops_token_refreshes_total{kind="component",outcome="done"}"#,
        1.0,
    );
    is(
        r#"wxops_token_refreshes_total{kind="authorizer",outcome="done"}"#,
        3.0,
    );
    is(
        r#"wxops_wechat_requests_total{endpoint="menu/create",outcome="done"}"#,
        5.0,
    );
    let passes = value(
        &page,
        r#"wxops_passes_total{platform="main",result="ready"}"#,
    );
    assert!(passes.unwrap() >= 5.0, "{page}");
    assert!(value(&page, r#"wxops_ticket_age_seconds{platform="main"}"#).unwrap() < 600.0);
    assert!(value(&page, "process_resident_memory_bytes").unwrap() > 1e6);
    assert!(
        !page.contains("tenant-0") && !page.contains("wx0000"),
        "{page}"
    );
    every_one_is_explained(&page);
}

/// What is shown is what the list has, each with its kind and its labels.
fn every_one_is_explained(page: &str) {
    for line in page.lines().filter(|line| line.starts_with("# TYPE ")) {
        let mut words = line.split(' ').skip(2);
        let (name, kind) = (words.next().unwrap(), words.next().unwrap());
        let name = if kind == "info" { "build_info" } else { name };
        let known = METRICS.iter().find(|one| one.name == name);
        let known = known.unwrap_or_else(|| panic!("{name} is not in the list"));
        assert_eq!(known.kind, kind, "{name}");
    }
    let shown: BTreeSet<&str> = page
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split(['{', ' ']).next().unwrap())
        .collect();
    for one in METRICS {
        let begins = |name: &&str| name.starts_with(one.name);
        // What has not happened is not shown.
        let may_be_missing = ["wxops_waiting"].contains(&one.name);
        assert!(
            may_be_missing || shown.iter().any(begins),
            "{} is not shown",
            one.name
        );
    }
    for line in page.lines().filter(|line| line.contains('{')) {
        let name = line.split('{').next().unwrap();
        let known = METRICS
            .iter()
            .find(|one| name.starts_with(one.name))
            .unwrap();
        for label in line.split(['{', ',']).skip(1) {
            let label = label.split('=').next().unwrap();
            let fine = known.labels.contains(&label) || label == "le";
            assert!(fine, "{line}: {label}");
        }
    }
}

#[test]
fn the_page_of_metrics_explains_each() {
    let mut table =
        String::from("| name | kind | labels | 含义 | meaning |\n|---|---|---|---|---|\n");
    for one in METRICS {
        let total = if one.kind == "counter" { "_total" } else { "" };
        let labels: Vec<String> = one
            .labels
            .iter()
            .map(|label| format!("`{label}`"))
            .collect();
        let labels = labels.join(", ");
        let _ = writeln!(
            table,
            "| `{}{total}` | {} | {labels} | {} | {} |",
            one.name, one.kind, one.zh, one.en
        );
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, _) = page.split_once("| name |").unwrap();
    let wanted = format!("{before}{table}");
    if std::env::var_os("WXOPS_BLESS").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        wanted,
        "docs/metrics.md is not what the list says: WXOPS_BLESS=1 makes it so"
    );
}
