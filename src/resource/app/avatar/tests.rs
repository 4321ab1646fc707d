//! The avatar: what is told from what was set last, from the address that is shown, and from the count of changes.

use std::path::PathBuf;

use super::*;
use crate::plan::{Address, TenantPlan};
use crate::resource::ops::Ops;
use crate::resource::world::{ACCOUNT, World, account};
use crate::wechat::answer::read_answer;

const URL: &str = "http://wx.qlogo.cn/mmhead/abc/0";
const OTHER: &str = "http://wx.qlogo.cn/mmhead/xyz/0";

/// A mini-program whose manifest declares this picture, and what WeChat shows of its avatar.
fn world(picture: &[u8], url: &str, used: i64) -> World {
    let mut world = World::of(json!({
        "miniPrograms": [{"name": "main", "appId": ACCOUNT, "avatar": {"file": "logo.png"}}]
    }));
    world.info(json!({
        "authorizer_info": {
            "nick_name": "日出舞蹈", "user_name": "gh_1", "principal_name": "日出舞蹈有限公司",
            "service_type_info": {"id": 0}, "verify_type_info": {"id": 0}, "account_status": 1,
            "MiniProgramInfo": {"network": {}, "categories": [], "visit_status": 0},
        },
        "authorization_info": {
            "authorizer_appid": ACCOUNT, "func_info": [{"funcscope_category": {"id": 30}}],
        },
    }));
    shows(&mut world, url, used);
    let facts = FileFacts {
        sha256: FileDigest::of(picture),
        from: Origin::Disk(PathBuf::from("/manifests/logo.png")),
        image: None,
    };
    world.files.insert(Avatar::path(&At::app("main", 0)), facts);
    world
}

fn shows(world: &mut World, url: &str, used: i64) {
    let head = json!({"head_image_url": url, "modify_used_count": used, "modify_quota": 5});
    let body = json!({
        "errcode": 0, "appid": ACCOUNT, "account_type": 3, "realname_status": 1, "head_image_info": head,
    });
    let read = basic_info::get_request(&account());
    let answer = read_answer(read.endpoint, body);
    world.seen.insert(read, answer);
}

/// This picture was set last, with what was so before and what was seen after.
fn was_set(world: &mut World, picture: &[u8], before: Option<(&str, i64)>, seen: Option<&str>) {
    let evidence = before.map(|(url, used)| json!({"url": url, "used": used}));
    let done = LastDone {
        call: avatar::modify_request(&account(), &FileDigest::of(picture), Crop::WHOLE),
        evidence: evidence.unwrap_or_default(),
        at: "2026-11-01T08:00:00Z".parse().unwrap(),
        shown: seen.map(after).unwrap_or_default(),
        ids: Outputs::new(),
        told: None,
    };
    let mut ops = Ops::default();
    ops.insert(account(), avatar::MODIFY.name.to_owned(), done);
    world.ops = ops;
}

#[test]
fn the_picture_that_was_set_is_in_sync_while_its_address_stays() {
    let mut world = world(b"a", URL, 1);
    was_set(&mut world, b"a", Some(("", 0)), Some(URL));
    assert_eq!(world.lines(), Vec::<String>::new());
    // Another host, another size.
    shows(&mut world, "https://thirdwx.qlogo.cn/mmhead/abc/132", 1);
    assert_eq!(world.lines(), Vec::<String>::new());
    shows(&mut world, OTHER, 2);
    assert_eq!(world.lines(), ["main:avatar ~ miniPrograms[0].avatar"]);
}

#[test]
fn another_picture_on_disk_is_a_change() {
    let mut world = world(b"b", URL, 1);
    was_set(&mut world, b"a", Some(("", 0)), Some(URL));
    let step = step(&world.plan());
    assert_eq!(step.costly, Some(Costly::SetAvatar));
    assert_eq!(step.changes[0].from, Some(json!(URL)));
    assert_eq!(step.evidence, json!({"used": 1, "url": URL}));
    let hole = step.calls[0].holes();
    assert!(
        matches!(&hole[..], [crate::wechat::Hole::Media { file, .. }] if *file == FileDigest::of(b"b"))
    );
}

#[test]
fn an_avatar_of_which_nothing_is_remembered_is_compared_with_nothing() {
    let world = world(b"a", URL, 3);
    assert_eq!(world.lines(), ["main:avatar unknown NotComparable"]);
    let none = self::world(b"a", "", 0);
    assert_eq!(none.lines(), ["main:avatar + miniPrograms[0].avatar"]);
}

#[test]
fn until_an_address_is_noted_the_count_of_changes_tells() {
    for (used, expected) in [
        (1, vec![]),
        (0, vec!["main:avatar ~ miniPrograms[0].avatar"]),
        (2, vec!["main:avatar unknown NotComparable"]),
    ] {
        let mut world = world(b"a", URL, used);
        was_set(&mut world, b"a", Some((OTHER, 0)), None);
        assert_eq!(world.lines(), expected, "{used}");
    }
}

#[test]
fn a_count_that_began_anew_with_the_year_tells_nothing() {
    let mut world = world(b"a", URL, 0);
    was_set(&mut world, b"a", Some((OTHER, 0)), None);
    let mut done = world.ops.last(&account(), &avatar::MODIFY).unwrap().clone();
    done.at = "2025-12-31T15:55:00Z".parse().unwrap();
    world.ops = Ops::default();
    world
        .ops
        .insert(account(), avatar::MODIFY.name.to_owned(), done);
    assert_eq!(world.lines(), ["main:avatar unknown NotComparable"]);
}

#[test]
fn a_changed_part_of_the_picture_is_a_change() {
    let mut world = world(b"a", URL, 1);
    was_set(&mut world, b"a", Some(("", 0)), Some(URL));
    let crop = CropSpec {
        x1: 0.0,
        y1: 0.0,
        x2: 0.5,
        y2: 0.5,
    };
    let avatar = world.spec.mini_programs[0].avatar.as_mut().unwrap();
    avatar.crop = Some(crop);
    let step = step(&world.plan());
    let to = step.changes[0].to.as_ref().unwrap().to_string();
    assert!(to.ends_with("[0 0 0.5 0.5]\""), "{to}");
}

#[test]
fn a_used_up_year_is_waited_for() {
    let mut world = world(b"b", URL, 5);
    was_set(&mut world, b"a", Some(("", 0)), Some(URL));
    assert_eq!(world.lines(), ["main:avatar waits QuotaUsedUp"]);
}

#[test]
fn one_more_change_than_before_settles_a_lost_answer() {
    let call = avatar::modify_request(&account(), &FileDigest::of(b"a"), Crop::WHOLE);
    let evidence = json!({"url": URL, "used": 2});
    for (url, used, expected) in [
        (OTHER, 3, Settled::Done(Outputs::new())),
        (URL, 2, Settled::NotDone),
        // A change that does not count, two of them, a new year.
        (OTHER, 2, Settled::Ambiguous),
        (OTHER, 4, Settled::Ambiguous),
        (OTHER, 1, Settled::Ambiguous),
    ] {
        let world = world(b"a", url, used);
        assert_eq!(
            Avatar.settle(&call, &evidence, &world.seen),
            expected,
            "{used}"
        );
    }
    assert_eq!(
        Avatar.settle(&call, &evidence, &Seen::new()),
        Settled::Undecided
    );
}

fn step(plan: &TenantPlan) -> Step {
    let address = Address::from("main:avatar");
    let mut steps = plan.steps();
    let found = steps.find(|(entry, _)| entry.address == address);
    found.unwrap().1.clone()
}
