//! Testers: who is one is told by what was done last and by the list, and a lost answer by who came.

use super::*;
use crate::plan::Address;
use crate::resource::ops::{LastDone, Ops};
use crate::resource::world::{ACCOUNT, World, account};
use crate::wechat::answer::read_answer;

/// A mini-program whose manifest declares these testers, and whom WeChat lists.
fn world(testers: &[&str], listed: &[&str]) -> World {
    let mut world = World::of(json!({
        "miniPrograms": [{"name": "main", "appId": ACCOUNT, "testers": testers}]
    }));
    world.info(json!({
        "authorizer_info": {
            "nick_name": "日出舞蹈", "user_name": "gh_1", "principal_name": "日出舞蹈有限公司",
            "service_type_info": {"id": 0}, "verify_type_info": {"id": 0}, "account_status": 1,
            "MiniProgramInfo": {"network": {}, "categories": [], "visit_status": 0},
        },
        "authorization_info": {
            "authorizer_appid": ACCOUNT, "func_info": [{"funcscope_category": {"id": 18}}],
        },
    }));
    world.seen.extend(seen(listed));
    world
}

fn seen(listed: &[&str]) -> Seen {
    let read = tester::list_request(&account());
    let members: Vec<Value> = listed.iter().map(|one| json!({"userstr": one})).collect();
    let answer = read_answer(read.endpoint, json!({"errcode": 0, "members": members}));
    Seen::from([(read, answer)])
}

/// Somebody was bound: the text that the answer told, and whom the list had before.
fn was_bound(ops: &mut Ops, id: &str, userstr: Option<&str>, listed: &[&str]) {
    let ids = userstr.map(|userstr| (output("main", id), userstr.to_owned()));
    let done = LastDone {
        call: tester::bind_request(&account(), id),
        evidence: json!({"item": "main", "listed": listed}),
        at: "2026-11-01T08:00:00Z".parse().unwrap(),
        shown: Value::Null,
        ids: ids.into_iter().collect(),
        told: None,
    };
    ops.insert(account(), tester::BIND.action(Some(id)), done);
}

/// The testers that are to be bound.
fn due(world: &World) -> Vec<String> {
    let plan = world.plan();
    let steps = plan.steps().map(|(entry, _)| &entry.address);
    let steps: Vec<&Address> = steps.collect();
    assert!(steps.iter().all(|address| address.resource == "testers"));
    steps.iter().map(|address| address.key.clone()).collect()
}

#[test]
fn who_was_never_bound_is_to_be() {
    assert_eq!(
        due(&world(&["dancer01", "dancer02"], &["x"])),
        ["dancer01", "dancer02"]
    );
    assert_eq!(due(&world(&[], &["x"])), [""; 0]);
}

#[test]
fn who_was_bound_is_one_as_long_as_the_list_has_that_text() {
    let mut there = world(&["dancer01"], &["x", "u1"]);
    was_bound(&mut there.ops, "dancer01", Some("u1"), &["x"]);
    assert_eq!(due(&there), [""; 0]);
    let mut gone = world(&["dancer01"], &["x"]);
    was_bound(&mut gone.ops, "dancer01", Some("u1"), &["x"]);
    assert_eq!(due(&gone), ["dancer01"]);
}

#[test]
fn who_was_one_already_is_one_until_somebody_nobody_knows_has_gone() {
    let check = |listed: &[&str]| {
        let mut world = world(&["dancer01", "dancer02"], listed);
        was_bound(&mut world.ops, "dancer01", None, &["x", "u2"]);
        was_bound(&mut world.ops, "dancer02", Some("u2"), &["x"]);
        due(&world)
    };
    assert_eq!(check(&["x", "u2"]), [""; 0]);
    assert_eq!(check(&["x", "u2", "new"]), [""; 0]);
    // That one went is known, and is dancer02 alone.
    assert_eq!(check(&["x"]), ["dancer02"]);
    assert_eq!(check(&["u2"]), ["dancer01"]);
}

#[test]
fn a_list_that_cannot_be_read_binds_nobody() {
    let mut world = world(&["dancer01"], &[]);
    let read = tester::list_request(&account());
    for odd in [
        json!({"errcode": 0}),
        json!({"members": null}),
        json!({"members": [{}]}),
    ] {
        world
            .seen
            .insert(read.clone(), read_answer(read.endpoint, odd));
        assert_eq!(due(&world), [""; 0]);
    }
}

#[test]
fn a_lost_binding_is_asked_for_once_more_whoever_came_meanwhile() {
    let call = tester::bind_request(&account(), "dancer01");
    let evidence = json!({"item": "main", "listed": ["x"]});
    let settle = |listed: &[&str]| Testers.settle(&call, &evidence, &seen(listed));
    for listed in [&["x"][..], &["x", "u1"], &["x", "u1", "u2"], &[]] {
        assert_eq!(settle(listed), Settled::NotDone, "{listed:?}");
    }
    let unread = Testers.settle(&call, &evidence, &Seen::new());
    assert_eq!(unread, Settled::Undecided);
}

#[test]
fn a_tester_is_a_wechat_id_and_stands_once() {
    let codes = |spec: &[&str]| -> Vec<&'static str> {
        let spec: Vec<String> = spec.iter().map(|id| (*id).to_owned()).collect();
        let mut found = Diagnostics::default();
        Testers::check(&spec, &At::app("main", 0), &mut found);
        found.as_slice().iter().map(|one| one.code).collect()
    };
    assert_eq!(codes(&["dancer01", "wxid_abc-1"]), [""; 0]);
    for odd in ["", "小明", "138", "a b", "a@b"] {
        assert_eq!(codes(&[odd]), ["WX1319"], "{odd}");
    }
    assert_eq!(codes(&["dancer01", "Dancer01"]), ["WX1319"]);
}
