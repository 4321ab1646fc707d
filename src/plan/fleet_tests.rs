//! What the fleet guard lets in and what it holds.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::digest::Digest;
use super::fleet::{Member, Revision, RevisionApproval};
use super::limits::{Guarded, Limits};
use super::waiting::Reason;

fn limits(share: u8) -> Limits {
    Limits {
        share,
        ..Limits::default()
    }
}

fn guarded(before: Option<u8>, written: u8) -> Guarded {
    Guarded {
        written: limits(written),
        before: before.map(limits),
    }
}

fn fleet(total: usize, changed: usize) -> Revision {
    fleet_with(total, changed, 0, guarded(None, 10))
}

/// `padding` are tenants that are new: without an account, or waiting for its owner since an earlier revision.
fn fleet_with(total: usize, changed: usize, padding: usize, guarded: Guarded) -> Revision {
    let new = (0..padding).map(|n| {
        let now = Digest::of(&("padding", n));
        let waits = n % 2 == 0;
        let member = Member {
            applied: waits.then(|| now.clone()),
            admitted: None,
            now,
            has_account: waits,
            in_force: false,
        };
        (format!("new-{n:03}"), member)
    });
    let members = (0..total)
        .map(|n| {
            let now = Digest::of(&("new", n));
            let applied = if n < changed {
                Digest::of(&n)
            } else {
                now.clone()
            };
            let member = Member {
                now,
                applied: Some(applied),
                admitted: None,
                has_account: true,
                in_force: true,
            };
            (format!("tenant-{n:03}"), member)
        })
        .chain(new)
        .collect();
    Revision::of("main", &members, BTreeSet::new(), guarded)
}

fn now() -> Timestamp {
    "2026-11-28T00:00:00Z".parse().unwrap()
}

#[test]
fn a_tenth_may_change_and_one_more_may_not() {
    assert_eq!(fleet(40, 4).hold(&[], now()), None);
    let hold = fleet(40, 5).hold(&[], now()).unwrap();
    assert_eq!(hold.reason, Reason::FleetGuard);
    assert!(hold.text.en.contains("5 of the 40"), "{}", hold.text.en);
}

#[test]
fn new_tenants_are_no_change_and_dilute_none() {
    let revision = fleet_with(25, 25, 300, guarded(None, 10));
    assert_eq!((revision.count(), revision.total), (25, 25));
    let hold = revision.hold(&[], now()).unwrap();
    assert!(hold.text.en.contains("25 of the 25"), "{}", hold.text.en);
    assert_eq!(
        fleet_with(25, 0, 300, guarded(None, 10)).hold(&[], now()),
        None
    );
    assert_eq!(
        fleet_with(19, 1, 300, guarded(None, 10)).hold(&[], now()),
        None
    );
}

#[test]
fn what_was_in_force_judges_the_revision_that_raises_it() {
    for (before, written) in [(10, 100), (5, 10), (0, 50)] {
        let revision = fleet_with(25, 25, 0, guarded(Some(before), written));
        let hold = revision.hold(&[], now()).unwrap();
        let said = format!("guard.changedTenants {before}% → {written}%");
        assert!(hold.text.en.contains(&said), "{}", hold.text.en);
        assert!(hold.text.zh.contains(&said), "{}", hold.text.zh);
    }
    // One that is lowered counts at once.
    assert!(
        fleet_with(40, 4, 0, guarded(Some(10), 5))
            .hold(&[], now())
            .is_some()
    );
    // A store that remembers nothing has nothing to hold against what is written.
    assert_eq!(
        fleet_with(40, 40, 0, guarded(None, 100)).hold(&[], now()),
        None
    );
}

#[test]
fn a_yes_to_one_revision_is_none_to_other_limits_and_outlives_their_coming_into_force() {
    let digest = |before, written| fleet_with(40, 40, 0, guarded(before, written)).digest;
    assert_ne!(digest(Some(10), 10), digest(Some(10), 100));
    assert_eq!(digest(Some(10), 100), digest(Some(100), 100));
}

#[test]
fn a_few_tenants_are_no_fleet() {
    assert_eq!(fleet(19, 19).hold(&[], now()), None);
    assert!(fleet(20, 20).hold(&[], now()).is_some());
}

#[test]
fn a_yes_counts_for_its_revision_and_for_as_many_as_it_says() {
    let revision = fleet(40, 40);
    let yes = |changed_tenants| RevisionApproval {
        name: "autumn".to_owned(),
        revision: revision.digest.to_string(),
        changed_tenants,
        expires: None,
        set: None,
        used: None,
    };
    assert_eq!(revision.hold(&[yes(40)], now()), None);
    assert!(revision.hold(&[yes(39)], now()).is_some());
    // Every tenant is what it was, but for one: another revision.
    let mut other = revision.clone();
    other.digest = Digest::of(&"other");
    assert!(other.hold(&[yes(40)], now()).is_some());
    let expired = RevisionApproval {
        expires: Some(now()),
        ..yes(40)
    };
    assert!(revision.hold(&[expired], now()).is_some());
    let used = RevisionApproval {
        used: Some(now()),
        ..yes(40)
    };
    let hold = revision.hold(&[used], now()).unwrap();
    assert!(hold.text.en.contains("was spent"), "{}", hold.text.en);
}

#[test]
fn a_yes_is_to_its_changes_whatever_else_is_committed_beside_them() {
    let members = |from: usize, to: usize| -> BTreeMap<String, Member> {
        let member = |n: usize| Member {
            now: Digest::of(&(
                if (from..to).contains(&n) {
                    "new"
                } else {
                    "old"
                },
                n,
            )),
            applied: Some(Digest::of(&("old", n))),
            admitted: None,
            has_account: true,
            in_force: true,
        };
        (0..100).map(|n| (format!("t{n:02}"), member(n))).collect()
    };
    let of = |members| Revision::of("main", &members, BTreeSet::new(), guarded(None, 10));
    let first = of(members(0, 40));
    let yes = RevisionApproval {
        name: "autumn".to_owned(),
        revision: first.digest.to_string(),
        changed_tenants: 40,
        expires: None,
        set: first.changes.to_set(),
        used: None,
    };
    let rest = |to: usize| of(members(0, to)).rest(std::slice::from_ref(&yes), now());
    // Ten more are within the share by themselves, eleven are not, and the forty go in all the same.
    assert_eq!(rest(50).count(), 10);
    assert_eq!(rest(50).hold(&[], now()), None);
    assert!(rest(51).hold(std::slice::from_ref(&yes), now()).is_some());
    assert!(!rest(51).concerns("t39") && rest(51).concerns("t40"));
    let later = RevisionApproval {
        expires: Some(now()),
        ..yes
    };
    assert_eq!(of(members(0, 50)).rest(&[later], now()).count(), 50);
}

#[test]
fn a_new_tenant_is_no_change_and_one_that_nobody_remembers_is() {
    let member = |has_account| Member {
        now: Digest::of(&1),
        applied: None,
        admitted: None,
        has_account,
        in_force: false,
    };
    let members = BTreeMap::from([
        ("new".to_owned(), member(false)),
        ("forgotten".to_owned(), member(true)),
    ]);
    let gone = BTreeSet::from(["gone".to_owned()]);
    let revision = Revision::of("main", &members, gone, guarded(None, 10));
    assert_eq!(revision.changed, BTreeSet::from(["forgotten".to_owned()]));
    assert_eq!((revision.count(), revision.total), (2, 2));
    assert!(revision.concerns("gone") && !revision.concerns("new"));
}
