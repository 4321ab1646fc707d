//! The page of orders: handed in once, waited for, and handed in again only when the manifest changes.

use super::*;
use crate::resource::world::{World, account};
use crate::wechat::answer::read_answer;

fn none() -> Value {
    json!({"errcode": 61041, "errmsg": "The appuin has not set orderpath"})
}

fn info(path: &str, status: i64, at: i64) -> Value {
    json!({"errcode": 0, "msg": {
        "path": path, "img_list": [], "video": "", "test_account": "", "test_pwd": "hidden-word", "test_remark": "",
        "come_from": 1, "status": status, "apply_time": at,
    }})
}

fn world(path: &str, online: Value, in_review: Value) -> World {
    let mut world = World::of_app(json!({"orderPath": {"path": path}}));
    world.answers_to(order_path::get_request(&account(), Which::Online), online);
    world.answers_to(
        order_path::get_request(&account(), Which::InReview),
        in_review,
    );
    world
}

#[test]
fn it_is_handed_in_where_there_is_none_and_waits_for_its_review() {
    let lines = |online, in_review| world("a/b", online, in_review).lines();
    assert_eq!(
        lines(none(), none()),
        ["main:orderPath + miniPrograms[0].orderPath"]
    );
    assert_eq!(
        lines(info("x", 4, 1), none()),
        ["main:orderPath ~ miniPrograms[0].orderPath"]
    );
    assert_eq!(
        lines(none(), info("a/b", 2, 1)),
        ["main:orderPath waits UnderReview"]
    );
    assert_eq!(
        lines(none(), info("x", 2, 1)),
        ["main:orderPath waits UnderReview"]
    );
    assert!(lines(info("a/b", 4, 1), none()).is_empty());
    assert!(lines(info("a/b", 4, 1), info("a/b", 4, 1)).is_empty());
    assert!(lines(info("a/b", 4, 2), info("x", 3, 1)).is_empty());
}

#[test]
fn what_was_rejected_is_handed_in_again_only_as_something_else() {
    let lines = |path| world(path, none(), info("a/b", 3, 1)).lines();
    assert_eq!(lines("a/b"), ["main:orderPath waits AuditRefused"]);
    assert_eq!(lines("a/c"), ["main:orderPath + miniPrograms[0].orderPath"]);
}

#[test]
fn what_passed_is_waited_for_unless_something_newer_is_in_force() {
    let late = world("a/b", info("x", 4, 1), info("a/b", 4, 2));
    assert_eq!(late.lines(), ["main:orderPath waits UnderReview"]);
    let replaced = world("a/b", info("x", 4, 3), info("a/b", 4, 2));
    assert_eq!(
        replaced.lines(),
        ["main:orderPath ~ miniPrograms[0].orderPath"]
    );
}

#[test]
fn what_cannot_be_read_is_not_handed_in_over() {
    for odd in [
        json!({"errcode": 0}),
        json!({"msg": null}),
        json!({"msg": {"path": "a/b"}}),
    ] {
        let online = world("a/b", odd.clone(), none());
        assert_eq!(online.lines(), ["main:orderPath unknown ReadFailed"]);
        let handed_in = world("a/b", none(), odd);
        assert_eq!(handed_in.lines(), ["main:orderPath unknown ReadFailed"]);
    }
    let odd = world("a/b", none(), info("a/b", 9, 1));
    assert_eq!(odd.lines(), ["main:orderPath unknown NotComparable"]);
}

#[test]
fn a_password_is_never_planned_nor_sent() {
    let world = world("a/b", info("x", 4, 1), none());
    let plan = world.plan();
    let steps: Vec<_> = plan.steps().map(|(_, step)| step).collect();
    assert!(!format!("{steps:?}").contains("hidden-word"));
    assert!(steps.iter().any(|step| {
        step.notes
            .iter()
            .any(|note| note.en.contains("test password"))
    }));
}

#[test]
fn a_lost_request_is_settled_by_both_reads() {
    let call = order_path::apply_request(
        &account(),
        &OrderPathSpec {
            path: "a/b".to_owned(),
            ..OrderPathSpec::default()
        }
        .wire(),
    );
    let settle = |online: Value, in_review: Value| {
        let reads = [(Which::Online, online), (Which::InReview, in_review)];
        let seen = reads.map(|(which, body)| {
            let read = order_path::get_request(&account(), which);
            (read.clone(), read_answer(read.endpoint, body))
        });
        OrderPath.settle(&call, &json!(1), &Seen::from(seen))
    };
    let done = Settled::Done(Outputs::new());
    assert_eq!(settle(none(), none()), Settled::NotDone);
    assert_eq!(settle(none(), info("a/b", 2, 5)), done);
    assert_eq!(settle(none(), info("a/b", 3, 1)), Settled::NotDone);
    assert_eq!(settle(none(), info("a/b", 3, 5)), done);
    assert_eq!(settle(none(), info("x", 2, 5)), Settled::NotDone);
    assert_eq!(settle(info("a/b", 4, 5), none()), done);
    assert_eq!(settle(json!({"errcode": 0}), none()), Settled::Undecided);
}

#[test]
fn a_page_is_one_of_the_mini_programs_own() {
    let codes = |spec: Value| -> Vec<&'static str> {
        let spec = serde_json::from_value(spec).unwrap();
        let mut found = Diagnostics::default();
        OrderPath::check(&spec, &At::app("main", 0), &mut found);
        found.as_slice().iter().map(|one| one.code).collect()
    };
    assert!(
        codes(json!({"path": "pages/order/list", "pictures": ["https://a.example.com/1.png"]}))
            .is_empty()
    );
    for odd in ["", "/pages/order", "https://a.example.com", "a b"] {
        assert_eq!(codes(json!({"path": odd})), ["WX1360"], "{odd}");
    }
    assert_eq!(codes(json!({"path": "a", "video": "x.mp4"})), ["WX1361"]);
}
