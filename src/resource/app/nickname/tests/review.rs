//! The name that was asked for last: how it stands, and what comes of a lost answer.

use super::*;
use crate::resource::ops::{LastDone, Ops, Told};
use crate::resource::{Outputs, Settled};
use crate::wechat::Answer;
use crate::wechat::answer::read_answer;
use crate::wechat::review::ReviewStatus;

/// The name was handed in: with the id of its review, `0` for none, or with an answer that was lost.
fn was_sent(world: &mut World, call: Call, id: Option<i64>, told: Option<Told>) {
    let output = "miniPrograms.main.nicknameAudit".to_owned();
    let done = LastDone {
        call,
        evidence: json!({"item": "main", "name": "", "used": 0, "quota": 2, "at": "2026-11-20T08:00:00Z"}),
        at: "2026-11-20T08:00:09Z".parse().unwrap(),
        shown: Value::Null,
        ids: id.map(|id| (output, id.to_string())).into_iter().collect(),
        told,
    };
    let mut ops = Ops::default();
    ops.insert(account(), nickname::SET.name.to_owned(), done);
    world.ops = ops;
}

fn reviewed(world: &mut World, status: i64) {
    let body =
        json!({"errcode": 0, "nickname": NAME, "audit_stat": status, "fail_reason": "与主体无关"});
    world.answers_to(nickname::query_request(&account(), 7), body);
}

fn told(name: &str, status: ReviewStatus, at: &str) -> Told {
    Told {
        name: name.to_owned(),
        status,
        reason: Some("与主体无关".to_owned()),
        at: at.parse().unwrap(),
        screenshots: None,
    }
}

#[test]
fn a_review_is_asked_for_by_its_id() {
    for (status, expected) in [
        (1, "main:nickname waits UnderReview"),
        (2, "main:nickname waits AuditRefused"),
        (3, "main:nickname waits NotShown"),
        (9, "main:nickname unknown ReadFailed"),
    ] {
        let mut world = world(json!(NAME), "旧名称", 1);
        was_sent(&mut world, call(), Some(7), None);
        assert_eq!(missing(&world), [nickname::QUERY.name]);
        reviewed(&mut world, status);
        assert_eq!(missing(&world), NONE);
        assert_eq!(world.lines(), [expected], "{status}");
    }
}

#[test]
fn a_push_tells_the_end_where_it_is_of_this_request() {
    let refused = ["main:nickname waits AuditRefused"];
    let mut world = world(json!(NAME), "旧名称", 1);
    let of = |name, at| Some(told(name, ReviewStatus::Rejected, at));
    let after = "2026-11-21T08:00:00Z";
    was_sent(&mut world, call(), Some(7), of(NAME, after));
    // What the review of this id is goes first: the push names none.
    assert_eq!(missing(&world), [nickname::QUERY.name]);
    reviewed(&mut world, 1);
    assert_eq!(world.lines(), ["main:nickname waits UnderReview"]);
    world.lost(nickname::query_request(&account(), 7));
    assert_eq!(world.lines(), refused);
    assert!(
        world
            .plan()
            .waits()
            .next()
            .unwrap()
            .1
            .text
            .en
            .contains("与主体无关")
    );
    // Of an earlier request for the same name, or of another name.
    for other in [of(NAME, "2026-10-21T08:00:00Z"), of("别的名称", after)] {
        was_sent(&mut world, call(), Some(7), other);
        world.seen.remove(&nickname::query_request(&account(), 7));
        assert_eq!(missing(&world), [nickname::QUERY.name]);
    }
    // Where the answer was lost with the id.
    was_sent(&mut world, call(), None, None);
    assert_eq!(world.lines(), ["main:nickname waits UnderReview"]);
    was_sent(&mut world, call(), None, of(NAME, after));
    assert_eq!(world.lines(), refused);
}

#[test]
fn what_was_rejected_is_handed_in_again_only_when_the_manifest_changes() {
    let declared = json!({"name": NAME, "otherMaterials": [{"file": "mark.png"}]});
    let mut world = world(declared, "旧名称", 1);
    was_sent(&mut world, call(), Some(7), None);
    reviewed(&mut world, 2);
    assert_eq!(missing(&world), [nickname::CHECK.name]);
    check(&mut world, free());
    assert_eq!(world.lines(), CHANGE);
    // While it is reviewed nothing else can be.
    reviewed(&mut world, 1);
    assert_eq!(world.lines(), ["main:nickname waits UnderReview"]);
}

#[test]
fn what_was_in_force_and_is_not_any_more_is_a_difference() {
    let mut world = world(json!(NAME), NAME, 1);
    was_sent(&mut world, call(), Some(7), None);
    let (_, learned) = crate::resource::decide(&world.subject(), &world.seen);
    assert_eq!(learned.signs.len(), 1);
    assert_eq!(learned.signs[0].shown, json!({"inForce": true}));
    let mut done = world.ops.last(&account(), &nickname::SET).unwrap().clone();
    done.shown = learned.signs[0].shown.clone();
    world
        .ops
        .insert(account(), nickname::SET.name.to_owned(), done);
    shows(&mut world, "别人改的", 1, 1);
    check(&mut world, free());
    assert_eq!(world.lines(), CHANGE);
    // A name that was set at once is waited for by nobody.
    was_sent(&mut world, call(), Some(0), None);
    assert_eq!(world.lines(), CHANGE);
}

#[test]
fn a_lost_answer_is_settled_by_the_name_or_by_one_more_change() {
    let evidence = json!({"item": "main", "name": "旧名称", "used": 0, "quota": 2, "at": "2026-11-20T08:00:00Z"});
    let done = Settled::Done(Outputs::new());
    for (live, used, expected) in [
        (NAME, 0, done.clone()),
        (NAME, 1, done.clone()),
        ("旧名称", 1, done),
        // It may be under review, and count when it is approved.
        ("旧名称", 0, Settled::Ambiguous),
        ("旧名称", 2, Settled::Ambiguous),
        // Somebody else's change.
        ("别人改的", 1, Settled::Ambiguous),
    ] {
        let world = world(json!(NAME), live, used);
        assert_eq!(
            Nickname.settle(&call(), &evidence, &world.seen),
            expected,
            "{live} {used}"
        );
    }
    let nothing = crate::resource::Seen::new();
    assert_eq!(
        Nickname.settle(&call(), &evidence, &nothing),
        Settled::Undecided
    );
    let kept = |body: Value| Nickname.ids(&call(), &evidence, &body);
    let id =
        |id: &str| Outputs::from([("miniPrograms.main.nicknameAudit".to_owned(), id.to_owned())]);
    assert_eq!(
        kept(json!({"audit_id": 4_300_000_001_i64})),
        id("4300000001")
    );
    assert_eq!(kept(json!({"wording": ""})), id("0"));
}

#[test]
fn an_answer_that_is_cut_is_not_known() {
    let mut world = world(json!(NAME), "旧名称", 1);
    was_sent(&mut world, call(), Some(7), None);
    let read = nickname::query_request(&account(), 7);
    let gone = read_answer(read.endpoint, json!({"errcode": 91011, "errmsg": "no"}));
    assert!(matches!(gone, Answer::Refused(_)));
    world.seen.insert(read.clone(), gone);
    assert_eq!(world.lines(), ["main:nickname waits UnderReview"]);
    world.lost(read);
    assert_eq!(world.lines(), ["main:nickname unknown ReadFailed"]);
}
