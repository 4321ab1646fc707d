//! What a commit brings about, and what a mistake does not.

use super::house::{House, asked};

#[test]
fn a_commit_is_brought_home_and_what_an_owner_changes_is_put_back() {
    let house = House::running(2);
    house.until_buttons(0, &["课程", "杭州"]);
    house.edit(&House::file(1), "杭州", "宁波");
    house.until_buttons(1, &["课程", "宁波"]);
    house.meddle(0, "别的");
    let done = house.stage.wxops(&["reconcile", &House::name(0), "--wait"]);
    assert_eq!((done.code, done.stdout.trim()), (0, "ready"), "{done:?}");
    assert_eq!(house.buttons(0), ["课程", "杭州"]);
}

#[test]
fn a_mistake_in_a_class_or_a_tenant_stops_nobody_and_what_was_in_force_stays_so() {
    let house = House::running(3);
    house.until_all_looked_at(3);
    house.edit(&House::file(0), "values:", "valeus:");
    house.until("the mistake is told", || {
        house.ask("/v1/tenants/tenant-000")["mistake"].is_string()
    });
    house.meddle(0, "别的");
    house.stage.wxops(&["reconcile", &House::name(0), "--wait"]);
    assert_eq!(house.buttons(0), ["课程", "杭州"]);
    // The others go on.
    house.edit(&House::file(1), "杭州", "宁波");
    house.until_buttons(1, &["课程", "宁波"]);
    house.edit("class.yaml", "click: CITY", "click: ");
    house.until("the mistake is told", || {
        !house.ask("/v1/loop")["mistakes"]
            .as_array()
            .unwrap()
            .is_empty()
            && house.ask("/v1/tenants/tenant-002")["mistake"].is_string()
    });
    for tenant in 0..3 {
        house.meddle(tenant, "别的");
        let done = house
            .stage
            .wxops(&["reconcile", &House::name(tenant), "--wait"]);
        assert_eq!(done.stdout.trim(), "ready", "{done:?}");
    }
    assert_eq!(house.buttons(1), ["课程", "宁波"]);
    assert_eq!(house.buttons(2), ["课程", "杭州"]);
    house.edit("class.yaml", "click: ", "click: TOWN");
    house.edit(&House::file(0), "valeus:", "values:");
    house.until("no mistake is left", || {
        house.ask("/v1/loop")["mistakes"]
            .as_array()
            .unwrap()
            .is_empty()
    });
}

#[test]
fn a_tenant_without_a_manifest_is_left_alone_and_nothing_of_it_is_changed() {
    let house = House::running(2);
    house.until_all_looked_at(2);
    house.until_buttons(0, &["课程", "杭州"]);
    std::fs::remove_file(house.path(&House::file(0))).unwrap();
    house.until("it is let go", || {
        house.ask("/v1/loop")["tenants"].as_object().unwrap().len() == 1
    });
    house.meddle(0, "别的");
    let done = house.stage.wxops(&["reconcile", &House::name(0)]);
    assert_eq!(done.code, 1, "{done:?}");
    assert_eq!(house.buttons(0), ["别的"]);
    // A file that cannot be read may hold a tenant: nobody is let go for it.
    house.write(&House::file(1), "kind: [");
    house.until("the mistake is told", || {
        !house.ask("/v1/loop")["mistakes"]
            .as_array()
            .unwrap()
            .is_empty()
    });
    assert_eq!(
        house.ask("/v1/loop")["tenants"].as_object().unwrap().len(),
        1
    );
}

#[test]
fn a_folder_that_is_swapped_by_a_link_is_one_revision() {
    let house = House::of(1);
    let other = tempfile::tempdir().unwrap();
    let (first, second) = (other.path().join("first"), other.path().join("second"));
    crate::support::files::copy(house.path("").as_path(), &first);
    crate::support::files::copy(house.path("").as_path(), &second);
    let text = std::fs::read_to_string(second.join(House::file(0))).unwrap();
    std::fs::write(second.join(House::file(0)), text.replace("杭州", "温州")).unwrap();
    let current = other.path().join("current");
    std::os::unix::fs::symlink(&first, &current).unwrap();
    let mut house = house;
    house.stage.follow(&current);
    house.stage.start_loop();
    house.stage.push_ticket();
    house.until_buttons(0, &["课程", "杭州"]);
    let draft = other.path().join("draft");
    std::os::unix::fs::symlink(&second, &draft).unwrap();
    std::fs::rename(&draft, &current).unwrap();
    house.until_buttons(0, &["课程", "温州"]);
}

#[test]
fn one_loop_works_on_a_store_and_whoever_cannot_read_the_store_is_told_nothing() {
    let house = House::running(1);
    house.until_all_looked_at(1);
    let second = house.stage.wxops(&[
        "run",
        "--listen",
        "127.0.0.1:0",
        "--private-listen",
        "127.0.0.1:0",
    ]);
    assert_eq!(second.code, 1);
    assert!(second.stderr.contains("another `wxops run`"), "{second:?}");
    let lock = std::fs::read_to_string(house.stage.store().join("loop.lock")).unwrap();
    let lock: serde_json::Value = serde_json::from_str(&lock).unwrap();
    let address = lock["private"].as_str().unwrap();
    for word in [None, Some("guess")] {
        assert_eq!(asked(address, "/v1/loop", word).0, 401);
        assert_eq!(asked(address, "/v1/intake", word).0, 401);
    }
    let intake = house.ask("/v1/intake");
    assert_eq!(intake["status"], "ok");
    assert_eq!(intake["pushes"]["tickets"], 1);
    assert_eq!(asked(address, "/healthz", None).0, 200);
    assert_eq!(asked(address, "/readyz", None).0, 200);
}

#[test]
fn no_link_is_printed_that_the_loop_would_not_know() {
    let house = House::running(1);
    house.until_all_looked_at(1);
    let elsewhere = house.copied();
    let text = std::fs::read_to_string(house.path(&House::file(0))).unwrap();
    let other = text
        .replace("tenant-000", "newcomer")
        .replace("f0000000", "f0000fff");
    std::fs::write(elsewhere.path().join("newcomer.yaml"), &other).unwrap();
    let folder = elsewhere.path().display().to_string();
    let dead = house.stage.wxops(&["authorize", "-f", &folder, "newcomer"]);
    assert_eq!((dead.code, dead.stdout.as_str()), (1, ""), "{dead:?}");
    // One that was written a moment ago is known by the time its link is asked for.
    house.write("newcomer.yaml", &other);
    let link = house.stage.wxops(&["authorize", "newcomer"]);
    assert_eq!(link.code, 0, "{link:?}");
    let page = link
        .stdout
        .trim()
        .replace("https://wx.example.com", &house.stage.sidecar_url);
    let address = house.stage.sidecar_url.trim_start_matches("http://");
    let path = page.trim_start_matches(&house.stage.sidecar_url);
    assert_eq!(asked(address, path, None).0, 200, "{page}");
}

#[test]
fn a_document_that_the_store_cannot_take_keeps_no_other_tenant_from_its_commit() {
    let house = House::running(2);
    house.until_buttons(1, &["课程", "杭州"]);
    house.until_all_looked_at(2);
    // Nothing of this can be packed.
    let mut state: u64 = 7;
    let mut noise = String::from("\n");
    for _ in 0..9_000 {
        noise.push_str("  # ");
        for _ in 0..4 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            noise.push_str(&format!("{state:016x}"));
        }
        noise.push('\n');
    }
    house.edit(&House::file(0), "spec:\n", &format!("spec:{noise}"));
    house.edit(&House::file(0), "杭州", "温州");
    house.edit(&House::file(1), "杭州", "宁波");
    house.until_buttons(1, &["课程", "宁波"]);
    house.until("it is said whose could not be put in force", || {
        let told = house.ask("/v1/loop/brief");
        told["notInForce"]
            .as_object()
            .unwrap()
            .contains_key("tenant-000")
    });
    let status = house.stage.wxops(&["status"]);
    assert!(
        status.stderr.contains("tenant-000: its revision could not"),
        "{status:?}"
    );
    assert_eq!(house.buttons(0), ["课程", "杭州"]);
    house.edit(&House::file(1), "宁波", "绍兴");
    house.until_buttons(1, &["课程", "绍兴"]);
}
