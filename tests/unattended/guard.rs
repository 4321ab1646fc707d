//! A revision that changes many tenants is held by its guard until somebody says yes, and let in once.

use super::house::House;

const TENANTS: usize = 25;
/// What a platform says of its guard is written in front of this.
const SPEC: &str = "spec:";

#[test]
fn a_slip_in_a_class_is_held_and_what_was_in_force_stays_so_until_a_yes() {
    let house = House::running(TENANTS);
    house.until_buttons(TENANTS - 1, &["课程", "杭州"]);
    house.until_all_looked_at(TENANTS);
    house.edit("class.yaml", "课程", "课呈");
    house.until("it is held", || house.held().len() == 1);
    // What an owner changes meanwhile is put back to what was in force.
    house.meddle(0, "别的");
    house.stage.wxops(&["reconcile", &House::name(0), "--wait"]);
    assert_eq!(house.buttons(0), ["课程", "杭州"]);
    // A commit for one tenant goes in beside it, and does not void the yes that comes after it.
    let revision = house.held()[0]["revision"].as_str().unwrap().to_owned();
    house.write(
        "yes.yaml",
        &format!(
            "apiVersion: wxops.io/v1alpha1\nkind: Approval\nmetadata: {{name: yes}}\nspec:\n  \
             platformRef: {{name: main}}\n  revision: {revision}\n  changedTenants: {TENANTS}\n"
        ),
    );
    house.until_buttons(1, &["课呈", "杭州"]);
    house.until_buttons(TENANTS - 1, &["课呈", "杭州"]);
    assert!(house.held().is_empty());
}

#[test]
fn a_yes_at_the_command_line_lets_a_held_revision_in() {
    let house = House::running(TENANTS);
    house.until_buttons(TENANTS - 1, &["课程", "杭州"]);
    house.until_all_looked_at(TENANTS);
    house.edit("class.yaml", "课程", "课表");
    house.until("it is held", || house.held().len() == 1);
    let revision = house.held()[0]["revision"].as_str().unwrap().to_owned();
    let yes = house.stage.wxops(&["approve", &revision, "--by", "li"]);
    assert_eq!(yes.code, 0, "{yes:?}");
    house.until_buttons(TENANTS - 1, &["课表", "杭州"]);
    // A later commit for one tenant finds nothing held, and holds nothing again.
    house.edit(&House::file(3), "杭州", "宁波");
    house.until_buttons(3, &["课表", "宁波"]);
    assert!(house.held().is_empty());
}

#[test]
fn a_slip_that_is_taken_back_and_made_again_is_held_again_whoever_said_yes_to_it_once() {
    let house = House::running(TENANTS);
    house.until_buttons(TENANTS - 1, &["课程", "杭州"]);
    house.until_all_looked_at(TENANTS);
    let held = |house: &House| {
        house.until("it is held", || house.held().len() == 1);
        house.held()[0]["revision"].as_str().unwrap().to_owned()
    };
    // What is taken back before it was applied is no change.
    let everywhere = |house: &House, button: &str| {
        (0..TENANTS).for_each(|tenant| house.until_buttons(tenant, &[button, "杭州"]));
        let since = house.now();
        house.wake_all();
        house.until("all are applied", || {
            house.all_looked_at_since(TENANTS, since)
        });
    };
    let by_a_yes = |house: &House, button: &str| {
        let yes = house.stage.wxops(&["approve", &held(house), "--by", "li"]);
        assert_eq!(yes.code, 0, "{yes:?}");
        everywhere(house, button);
        house.until("nothing is held", || house.held().is_empty());
    };
    house.edit("class.yaml", "课程", "课呈");
    let slip = held(&house);
    // One yes stands in the folder, and stays there.
    house.write(
        "yes.yaml",
        &format!(
            "apiVersion: wxops.io/v1alpha1\nkind: Approval\nmetadata: {{name: yes}}\nspec:\n  \
             platformRef: {{name: main}}\n  revision: {slip}\n  changedTenants: {TENANTS}\n"
        ),
    );
    everywhere(&house, "课呈");
    house.edit("class.yaml", "课呈", "课程");
    by_a_yes(&house, "课程");
    house.edit("class.yaml", "课程", "课呈");
    assert_eq!(held(&house), slip);
    let status = house.stage.wxops(&["status", "--lang", "en"]);
    let said = status.stdout + &status.stderr;
    assert!(said.contains("approval yes was spent"), "{said}");
    by_a_yes(&house, "课呈");
    // The one at the command line is spent as well.
    house.edit("class.yaml", "课呈", "课程");
    by_a_yes(&house, "课程");
    house.edit("class.yaml", "课程", "课呈");
    assert_eq!(held(&house), slip);
    assert_eq!(house.buttons(0), ["课程", "杭州"]);
}

/// Waits until what stands in the folder was judged.
fn judged(house: &House) {
    let done = house.stage.wxops(&["reconcile", &House::name(0), "--wait"]);
    assert_eq!(done.code, 0, "{done:?}");
}

#[test]
fn a_share_that_a_commit_raises_judges_the_next_one_and_not_that_commit() {
    let house = House::running(TENANTS);
    house.until_buttons(TENANTS - 1, &["课程", "杭州"]);
    house.until_all_looked_at(TENANTS);
    house.edit(
        "platform.yaml",
        SPEC,
        "spec:\n  guard: {changedTenants: 50%}",
    );
    judged(&house);
    (0..10).for_each(|tenant| house.edit(&House::file(tenant), "杭州", "宁波"));
    house.until_buttons(9, &["课程", "宁波"]);
    assert!(house.held().is_empty());
    house.edit("platform.yaml", "50%", "100%");
    house.edit("class.yaml", "课程", "课呈");
    house.until("it is held", || house.held().len() == 1);
    judged(&house);
    assert_eq!(house.held().len(), 1);
    assert_eq!(house.buttons(0), ["课程", "宁波"]);
    // Without the slip the limit is the only change, and counts from then on.
    house.edit("class.yaml", "课呈", "课程");
    house.until("nothing is held", || house.held().is_empty());
    judged(&house);
    house.edit("class.yaml", "课程", "课表");
    house.until_buttons(TENANTS - 1, &["课表", "杭州"]);
}

#[test]
fn a_first_revision_of_many_tenants_says_everywhere_who_lets_it_in_and_how() {
    let mut house = House::of(TENANTS);
    house.stage.start_loop();
    house.stage.push_ticket();
    house.until("it is held", || house.held().len() == 1);
    let held = house.held();
    let command = held[0]["command"]
        .as_str()
        .unwrap_or_else(|| panic!("{held:?}"));
    assert!(command.starts_with("wxops approve r"), "{command}");
    assert!(house.stage.sidecar_log().contains(command));
    for lang in ["zh", "en"] {
        let status = house.stage.wxops(&["status", "--lang", lang]);
        let said = status.stdout + &status.stderr;
        assert!(said.contains(command), "{said}");
    }
    let words: Vec<&str> = command.split(' ').skip(1).chain(["--by", "li"]).collect();
    let yes = house.stage.wxops(&words);
    assert_eq!(yes.code, 0, "{yes:?}");
    house.until_buttons(TENANTS - 1, &["课程", "杭州"]);
    let status = house.stage.wxops(&["status"]);
    assert!(!status.stderr.contains("wxops approve r"), "{status:?}");
}

#[test]
fn a_slip_that_breaks_most_of_a_fleet_does_not_make_it_a_small_one() {
    let house = House::running(TENANTS);
    house.until_buttons(TENANTS - 1, &["课程", "杭州"]);
    house.until_all_looked_at(TENANTS);
    (0..2).for_each(|tenant| {
        house.edit(
            &House::file(tenant),
            "{city: 杭州}",
            "{city: 杭州, ort: 杭州}",
        );
    });
    judged(&house);
    (2..4).for_each(|tenant| {
        house.edit(
            &House::file(tenant),
            "{city: 杭州}",
            "{city: 杭州, ort: 杭州}",
        );
    });
    judged(&house);
    // Only four of them have what the class asks for now.
    house.edit("class.yaml", "$(values.city)", "坏$(values.ort)");
    house.until("it is held", || house.held().len() == 1);
    assert_eq!(house.held()[0]["tenants"], 4);
    assert_eq!(house.buttons(0), ["课程", "杭州"]);
}

#[test]
fn to_move_tenants_to_another_platform_is_no_way_past_the_guard_of_theirs() {
    let house = House::running(TENANTS);
    house.until_buttons(TENANTS - 1, &["课程", "杭州"]);
    house.until_all_looked_at(TENANTS);
    let platform = std::fs::read_to_string(house.path("platform.yaml")).unwrap();
    let second = platform
        .replace("{name: main}", "{name: second}")
        .replace("wx0000000000000001", "wx0000000000000002");
    assert!(
        second.contains("second") && second.contains("0002"),
        "{second}"
    );
    house.write("second.yaml", &second);
    judged(&house);
    let moved = |tenants: std::ops::Range<usize>| {
        tenants.for_each(|tenant| {
            house.edit(
                &House::file(tenant),
                "platformRef: {name: main}",
                "platformRef: {name: second}",
            );
        });
    };
    let platform_of = |tenant: usize| {
        let told = house.ask(&format!("/v1/tenants/{}", House::name(tenant)));
        told["platform"].as_str().unwrap().to_owned()
    };
    moved(0..2);
    house.until("two may go", || {
        platform_of(0) == "second" && platform_of(1) == "second"
    });
    assert!(house.held().is_empty());
    house.stage.signal_sidecar("STOP");
    moved(2..7);
    house.stage.signal_sidecar("CONT");
    house.until("it is held", || house.held().len() == 1);
    assert_eq!(house.held()[0]["platform"], "main");
    assert_eq!(house.held()[0]["tenants"], 5);
    let looked = house
        .stage
        .wxops(&["reconcile", &House::name(20), "--wait"]);
    assert_eq!(looked.code, 0, "{looked:?}");
    assert_eq!(platform_of(2), "main");
    let command = house.held()[0]["command"].as_str().unwrap().to_owned();
    let words: Vec<&str> = command.split(' ').skip(1).chain(["--by", "li"]).collect();
    let yes = house.stage.wxops(&words);
    assert_eq!(yes.code, 0, "{yes:?}");
    house.until("they may go", || {
        (2..7).all(|tenant| platform_of(tenant) == "second")
    });
}

const WITH_PICTURE: &str = "apiVersion: wxops.io/v1alpha1
kind: Tenant
metadata: {name: tenant-$N}
spec:
  platformRef: {name: main}
  principal: {name: 公司$N, license: {file: licence.png}}
  officialAccount:
    appId: $APPID
    menu: {buttons: [{name: 课程, click: X}]}
";
const ACCOUNT: &str = "accounts:
  - {appId: $APPID, kind: officialAccount, principalName: 公司$N, nickName: 学校$N}
authorizations:
  - {platform: wx0000000000000001, account: $APPID, permissionSets: [1, 3, 15, 24], refreshToken: \"refreshtoken@@@$N\", authTime: \"2026-10-01T08:00:00Z\"}
";

/// A picture, as far as anybody looks at it here.
fn picture(house: &House, last: u8) {
    let head =
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x20\x00\x00\x00\x20\x08\x00\x00\x00\x00";
    let bytes = [&head[..], &[last; 50]].concat();
    std::fs::write(house.path(".draft"), bytes).unwrap();
    std::fs::rename(house.path(".draft"), house.path("licence.png")).unwrap();
}

#[test]
fn a_picture_that_a_held_revision_replaces_keeps_nobody_from_what_is_in_force() {
    let mut house = House::with(TENANTS, WITH_PICTURE, ACCOUNT);
    picture(&house, 1);
    house.stage.start_loop();
    house.stage.push_ticket();
    house.let_in(TENANTS);
    house.until_buttons(TENANTS - 1, &["课程"]);
    house.until_all_looked_at(TENANTS);
    picture(&house, 2);
    house.until("it is held", || house.held().len() == 1);
    house.meddle(1, "别的");
    let done = house.stage.wxops(&["reconcile", &House::name(1), "--wait"]);
    assert_eq!(done.stdout.trim(), "ready", "{done:?}");
    assert_eq!(house.buttons(1), ["课程"]);
}
