//! Which documents go along, and what becomes of a category that has them.

use std::path::PathBuf;

use super::*;
use crate::plan::{Address, Step, Verdict};
use crate::resource::file::{FileFacts, Origin};
use crate::resource::needs;
use crate::resource::ops::{LastDone, Ops, Told};
use crate::resource::world::now;
use crate::wechat::FileDigest;
use crate::wechat::category::{Certificate, Validity};
use crate::wechat::review::ReviewStatus;

const LICENCE: &str = "《许可证》";
const ID: CategoryId = CategoryId {
    first: 8,
    second: 40,
};

/// 教育/学历教育 with these certificates, whose pictures are `a.png`, `b.png` and so on; one of that kind is there.
fn school(certificates: Value, own: &Value) -> World {
    let count = certificates.as_array().unwrap().len();
    let declared = json!([{"name": "教育/学历教育", "certificates": certificates}]);
    let mut world = world(&declared, own, 2);
    pictures(&mut world, &["a.png", "b.png", "c.png"][..count]);
    world
}

fn pictures(world: &mut World, names: &[&str]) {
    let path = Categories::path(&At::app("main", 0)).index(0);
    for (n, name) in names.iter().enumerate() {
        let facts = FileFacts {
            sha256: FileDigest::of(name.as_bytes()),
            from: Origin::Disk(PathBuf::from(name)),
            image: None,
        };
        let at = path.field("certificates").index(n);
        world.files.insert(at, facts);
    }
}

fn licence() -> Value {
    json!([{"key": LICENCE, "file": "a.png"}])
}

fn paper(file: &str) -> Certificate {
    Certificate {
        key: LICENCE.to_owned(),
        file: FileDigest::of(file.as_bytes()),
        validity: None,
    }
}

/// What WeChat wants: any of these lists, whole.
fn wants(world: &mut World, lists: &[&[&str]]) {
    let lists = lists.iter().map(|list| {
        let names = list.iter().map(|name| json!({"name": name, "url": ""}));
        json!({"inner_list": names.collect::<Vec<_>>()})
    });
    let qualify = json!({"exter_list": lists.collect::<Vec<_>>(), "remark": ""});
    let all = json!({"errcode": 0, "categories_list": {"categories": [
        {"id": 8, "name": "教育", "level": 1, "father": 0, "children": []},
        {"id": 40, "name": "学历教育", "level": 2, "father": 8, "children": [], "sensitive_type": 1, "qualify": qualify},
    ]}});
    world.answers_to(category::allowed_request(&app()), all);
}

/// The documents that were handed in last, by which call, and what WeChat has pushed since.
fn was_sent(world: &mut World, call: Call, reason: &str, told: Option<Told>) {
    let at = "2026-11-20T08:00:00Z".parse().unwrap();
    let action = format!("{}+8-40", call.endpoint.name);
    let done = LastDone {
        call,
        evidence: json!({"at": at, "reason": reason}),
        at,
        shown: Value::Null,
        ids: BTreeMap::new(),
        told,
    };
    let mut ops = Ops::default();
    ops.insert(app(), action, done);
    world.ops = ops;
}

fn added(file: &str) -> Call {
    let new = category::NewCategory {
        id: ID,
        certificates: vec![paper(file)],
    };
    category::add_request(&app(), &[new])
}

fn modified(file: &str) -> Call {
    category::modify_request(&app(), ID, &[paper(file)])
}

fn the_step(world: &World) -> Step {
    let plan = world.plan();
    let found = plan.steps().next();
    found
        .unwrap_or_else(|| panic!("{:?}", world.lines()))
        .1
        .clone()
}

/// What is waited for, or left alone.
fn said(world: &World) -> (String, String) {
    let plan = world.plan();
    assert_eq!(plan.entries.len(), 1, "{:?}", world.lines());
    match &plan.entries[0].verdict {
        Verdict::Waiting(waiting) => (waiting.reason.as_str().to_owned(), waiting.text.en.clone()),
        Verdict::Suppressed { why, .. } => ("left alone".to_owned(), why.en.clone()),
        other @ (Verdict::Step(_) | Verdict::Rejected { .. } | Verdict::Unknown(_)) => {
            panic!("{other:?}")
        }
    }
}

#[test]
fn documents_go_along_under_wechats_names_and_with_their_last_day() {
    let given = json!([{"key": "许可证", "file": "a.png", "expires": "2027-05-01"}]);
    let world = school(given, &own(&json!([])));
    let step = the_step(&world);
    let file = FileDigest::of(b"a.png");
    let until = "2027-05-01T15:59:59Z".parse::<Timestamp>().unwrap();
    let sent = Certificate {
        validity: Some(Validity::Until(until.as_second())),
        ..paper("a.png")
    };
    let read = category::sent_certificates(&step.calls[0]);
    assert_eq!(read, Some((ID, vec![sent])));
    assert_eq!(
        step.changes[1].to,
        Some(json!(format!(
            "{LICENCE} sha256:{} 2027-05-01",
            file.short()
        )))
    );
    assert_eq!(step.notes.len(), 1, "only how many additions are left");
}

#[test]
fn one_of_wechats_lists_is_needed_whole_and_nothing_that_is_in_none() {
    let one = |key: &str| json!({"key": key, "file": "a.png"});
    for (given, expected) in [
        (json!([]), "(《甲》; or 《乙》 + 《丙》)"),
        (json!([one("《乙》")]), "(《甲》; or 《乙》 + 《丙》)"),
        (json!([one("《甲》"), one("《丁》")]), "no document 《丁》"),
        (json!([one("《甲》")]), ""),
        (json!([one("《丙》"), one("《乙》")]), ""),
    ] {
        let mut world = school(given.clone(), &own(&json!([])));
        wants(&mut world, &[&["《甲》"], &["《乙》", "《丙》"]]);
        if expected.is_empty() {
            assert_eq!(world.plan().steps().count(), 1, "{given}");
        } else {
            let (reason, text) = said(&world);
            assert_eq!(reason, "DocumentsMissing");
            assert!(text.contains(expected), "{text}");
        }
    }
    // Some are needed, and nobody says which.
    let mut world = school(licence(), &own(&json!([])));
    wants(&mut world, &[]);
    assert_eq!(world.plan().steps().count(), 1);
}

#[test]
fn what_has_ended_is_not_handed_in_and_what_ends_soon_is_said() {
    let until = |day: &str| {
        let given = json!([{"key": LICENCE, "file": "a.png", "expires": day}]);
        school(given, &own(&json!([])))
    };
    // It is the 24th.
    let (reason, text) = said(&until("2026-11-23"));
    assert_eq!(reason, "DocumentsMissing");
    assert!(text.contains("has expired"), "{text}");
    for (day, notes) in [("2026-11-24", 2), ("2026-12-23", 2), ("2026-12-24", 1)] {
        assert_eq!(the_step(&until(day)).notes.len(), notes, "{day}");
    }
}

#[test]
fn what_was_rejected_is_handed_in_again_with_other_documents_alone() {
    let rejected = own(&json!([one(40, "学历教育", 2)]));
    let mut world = school(licence(), &rejected);
    was_sent(&mut world, added("a.png"), "", None);
    let (reason, text) = said(&world);
    assert_eq!(reason, "AuditRefused");
    assert!(text.contains("资料不清晰"), "{text}");
    was_sent(&mut world, added("old.png"), "", None);
    let step = the_step(&world);
    assert_eq!(step.calls, [modified("a.png")]);
    assert!(step.changes[0].from.is_some() && step.drift.is_none());
    // Handed in long ago, and rejected with the same words: nothing is sent.
    was_sent(&mut world, modified("a.png"), "资料不清晰", None);
    assert_eq!(said(&world).0, "AuditRefused");
    // By whomever: what is there is not known, so it goes once.
    world.ops = Ops::default();
    let step = the_step(&world);
    assert_eq!(step.calls, [modified("a.png")]);
    assert!(step.notes[1].en.contains("not by wxops"));
    // Without any there is nothing to hand in, and the long list is not asked for.
    let mut none = school(json!([]), &rejected);
    none.seen.remove(&category::allowed_request(&app()));
    assert!(needs(&none.subject(), &none.seen).is_empty());
    assert_eq!(said(&none).0, "AuditRefused");
    // Neither before it is known what WeChat wants.
    let mut unread = school(licence(), &rejected);
    unread.seen.remove(&category::allowed_request(&app()));
    assert_eq!(needs(&unread.subject(), &unread.seen).len(), 1);
    assert_eq!(unread.plan().steps().count(), 0);
}

#[test]
fn the_rejection_before_may_be_shown_for_a_while() {
    let rejected = own(&json!([one(40, "学历教育", 2)]));
    let mut world = school(licence(), &rejected);
    let at = now() - jiff::SignedDuration::from_secs(5);
    let mut sent = |reason: &str, told: Option<Told>| {
        was_sent(&mut world, modified("a.png"), reason, told);
        let mut done = world
            .ops
            .last_of(&app(), &category::MODIFY, "8-40")
            .unwrap()
            .clone();
        done.at = at;
        let action = format!("{}+8-40", category::MODIFY.name);
        world.ops.insert(app(), action, done);
        said(&world).0
    };
    let told = Told {
        name: "8-40".to_owned(),
        status: ReviewStatus::Rejected,
        reason: None,
        at,
        screenshots: None,
    };
    assert_eq!(sent("资料不清晰", None), "UnderReview");
    assert_eq!(sent("别的原因", None), "AuditRefused", "another review");
    assert_eq!(
        sent("资料不清晰", Some(told)),
        "AuditRefused",
        "WeChat said so since"
    );
}

#[test]
fn a_push_gives_the_reason_where_the_list_has_none() {
    let mut there = one(40, "学历教育", 2);
    there["audit_reason"] = json!("");
    let mut world = school(licence(), &own(&json!([there])));
    for (name, at, heard) in [
        ("8-40", "2026-11-20T08:05:00Z", true),
        ("8-39", "2026-11-20T08:05:00Z", false),
        ("8-40", "2026-11-19T08:00:00Z", false),
    ] {
        let told = Told {
            name: name.to_owned(),
            status: ReviewStatus::Rejected,
            reason: Some("公章不清".to_owned()),
            at: at.parse().unwrap(),
            screenshots: None,
        };
        was_sent(&mut world, added("a.png"), "", Some(told));
        let (reason, text) = said(&world);
        assert_eq!(reason, "AuditRefused");
        assert_eq!(text.contains("公章不清"), heard, "{name} {at}: {text}");
    }
}

#[test]
fn of_what_was_approved_no_other_documents_are_handed_in() {
    let approved = own(&json!([one(40, "学历教育", 3)]));
    let mut world = school(licence(), &approved);
    assert_eq!(world.lines(), [""; 0], "what was handed in nobody knows");
    was_sent(&mut world, added("a.png"), "", None);
    assert_eq!(world.lines(), [""; 0]);
    was_sent(&mut world, added("old.png"), "", None);
    let (left, text) = said(&world);
    assert_eq!(left, "left alone");
    assert!(text.contains("differ") && text.contains("53307"), "{text}");
    let assume = |same| {
        let address = Address::from("main:categories");
        crate::resource::decide::assume(&world.subject(), &world.seen, &address, same)
    };
    assert_eq!(assume(true).unwrap().unwrap().call, modified("a.png"));
    assert_eq!(assume(false), Ok(None), "what WeChat has then is not said");
    let soon = json!([{"key": LICENCE, "file": "a.png", "expires": "2026-12-01"}]);
    let (left, text) = said(&school(soon, &approved));
    assert_eq!(left, "left alone");
    assert!(text.contains("its last day is 2026-12-01"), "{text}");
}

#[test]
fn another_review_settles_what_is_in_doubt() {
    let settle = |own: Value, evidence: Value| {
        let read = category::own_request(&app());
        let answer = read_answer(read.endpoint, own);
        let seen = BTreeMap::from([(read, answer)]);
        Categories.settle(&modified("a.png"), &evidence, &seen)
    };
    assert_eq!(
        Categories.thing(&modified("a.png")).as_deref(),
        Some("8-40")
    );
    let before = |reason: &str| json!({"at": "2026-11-24T08:00:00Z", "reason": reason});
    let there = |status| own(&json!([one(40, "学历教育", status)]));
    let done = || Settled::Done(BTreeMap::new());
    for (own, evidence, expected) in [
        (there(1), before("资料不清晰"), done()),
        (there(3), before("资料不清晰"), done()),
        (there(2), before("资料不清晰"), Settled::NotDone),
        (there(2), before("别的原因"), done()),
        (there(2), Value::Null, Settled::Ambiguous),
        (there(9), before(""), Settled::Undecided),
        (own(&json!([])), before(""), Settled::NotDone),
        (json!({"errcode": -1}), before(""), Settled::Undecided),
    ] {
        assert_eq!(settle(own.clone(), evidence), expected, "{own}");
    }
}

#[test]
fn other_documents_are_another_wish() {
    let rejected = own(&json!([one(40, "学历教育", 2)]));
    let digest = |world: &World| world.desired("main:categories/教育/学历教育");
    let (mut world, none) = (school(licence(), &rejected), school(json!([]), &rejected));
    let before = digest(&world);
    assert!(before.is_some() && before != digest(&none));
    pictures(&mut world, &["b.png"]);
    assert_ne!(before, digest(&world));
    let plain = Digest::of(&(8, 40));
    assert_eq!(
        digest(&none),
        Some(plain),
        "as it was before there were any"
    );
    let address = Address::from("main:categories/教育/学历教育");
    assert_eq!(address.key, "教育/学历教育");
}
