//! A yes to a revision, from crash to crash.

use std::collections::BTreeMap;

use super::*;
use crate::plan::Digest;
use crate::plan::fleet::{Member, REVISION_PREFIX};
use crate::plan::limits::{Guarded, Limits};
use crate::reconcile::{judge, remember_held};
use crate::store::documents::ApprovalDoc;

const TENANTS: usize = 300;

/// A platform's tenants: what their manifests say, and what of them is in force.
struct World {
    store: Store,
    says: &'static str,
    in_force: Vec<&'static str>,
    /// What stands in the folder.
    yes: Vec<RevisionApproval>,
    limits: Guarded,
}

fn now() -> Timestamp {
    "2026-11-30T00:00:00Z".parse().unwrap()
}

fn name(tenant: usize) -> String {
    format!("t{tenant:03}")
}

impl World {
    fn of(says: &'static str) -> Self {
        Self {
            store: Store::in_memory(),
            says,
            in_force: vec!["old"; TENANTS],
            yes: Vec::new(),
            limits: Guarded {
                written: Limits::default(),
                before: Some(Limits::default()),
            },
        }
    }

    fn revision(&self) -> Revision {
        let member = |(n, in_force): (usize, &&str)| {
            let member = Member {
                now: Digest::of(&(n, self.says)),
                applied: None,
                admitted: Some(Digest::of(&(n, *in_force))),
                has_account: true,
                in_force: true,
            };
            (name(n), member)
        };
        let members: BTreeMap<String, Member> =
            self.in_force.iter().enumerate().map(member).collect();
        Revision::of("main", &members, BTreeSet::new(), self.limits.clone())
    }

    async fn judged(&self) -> Judged {
        let (revision, yes) = (self.revision(), self.yes.clone());
        let judged = judge(&self.store, revision, yes, true, now()).await;
        judged.unwrap()
    }

    async fn is_held(&self) -> bool {
        self.judged().await.hold.is_some()
    }

    async fn approve(&self, id: &str) {
        let revision = self.revision();
        let doc = ApprovalDoc {
            revision: Some(revision.name()),
            changed_tenants: revision.count(),
            changes: revision.changes.to_set().unwrap().to_string(),
            ..ApprovalDoc::default()
        };
        let key = Key::approval("platform", "main", id);
        self.store.create(&key, &doc).await.unwrap();
    }

    /// Lets some tenants in, and is killed before it has said so where `crashes`.
    async fn let_in(&mut self, tenants: std::ops::Range<usize>, crashes: bool) {
        let judged = self.judged().await;
        assert!(judged.hold.is_none());
        let part: BTreeSet<String> = tenants.clone().map(name).collect();
        judged.begin(&self.store, &part, now()).await.unwrap();
        tenants.for_each(|tenant| self.in_force[tenant] = self.says);
        if !crashes {
            judged
                .spend(&self.store, &part, &part, now())
                .await
                .unwrap();
        }
    }

    /// The slip is taken back, which somebody says yes to, and made again.
    async fn slip_again(&mut self) {
        let slip = self.says;
        self.says = "old";
        // The next process looks at what the folder says before it says anything else.
        let judged = self.judged().await;
        judged
            .begin(&self.store, &BTreeSet::new(), now())
            .await
            .unwrap();
        self.in_force.fill("old");
        self.says = slip;
    }
}

#[tokio::test]
async fn a_yes_lets_its_changes_in_once_wherever_it_stands() {
    for in_store in [true, false] {
        let mut world = World::of("slip");
        assert!(world.is_held().await);
        if in_store {
            world.approve("1").await;
        } else {
            let revision = world.revision();
            let held = Some(&revision);
            remember_held(&world.store, "main", held, now())
                .await
                .unwrap();
            world.yes.push(RevisionApproval {
                name: "yes".to_owned(),
                revision: revision.digest.to_string(),
                changed_tenants: TENANTS,
                set: None,
                expires: None,
                used: None,
            });
        }
        world.let_in(0..200, false).await;
        remember_held(&world.store, "main", None, now())
            .await
            .unwrap();
        // What is left goes in by the same yes.
        world.let_in(200..TENANTS, false).await;
        world.slip_again().await;
        let hold = world.judged().await.hold.unwrap();
        assert!(hold.text.en.contains("was spent"), "{}", hold.text.en);
        assert!(hold.command.unwrap().contains(REVISION_PREFIX));
        // Another yes to the very same is another one.
        world.approve("2").await;
        world.let_in(0..TENANTS, false).await;
        world.slip_again().await;
        assert!(world.is_held().await);
    }
}

#[tokio::test]
async fn what_a_crash_left_undone_goes_on_by_the_same_yes_and_what_it_did_does_not_again() {
    let mut world = World::of("slip");
    world.approve("1").await;
    // Killed within a part: of its two hundred, half are in force.
    let judged = world.judged().await;
    let part: BTreeSet<String> = (0..200).map(name).collect();
    judged.begin(&world.store, &part, now()).await.unwrap();
    (0..100).for_each(|tenant| world.in_force[tenant] = "slip");
    assert!(!world.is_held().await);
    world.let_in(100..TENANTS, false).await;
    world.slip_again().await;
    let judged = world.judged().await;
    assert_eq!(judged.rest.count(), TENANTS);
    assert!(judged.hold.is_some());
}

#[tokio::test]
async fn a_crash_after_all_was_let_in_leaves_nothing_of_a_yes() {
    let mut world = World::of("slip");
    world.approve("1").await;
    world.let_in(0..TENANTS, true).await;
    world.slip_again().await;
    assert!(world.is_held().await);
}

#[tokio::test]
async fn a_yes_to_a_raised_limit_is_good_once() {
    let mut world = World::of("old");
    world.limits.written.per_hour += 1;
    world.approve("1").await;
    let judged = world.judged().await;
    assert!(judged.approved);
    let nobody = BTreeSet::new();
    judged.begin(&world.store, &nobody, now()).await.unwrap();
    assert!(world.judged().await.approved);
    judged
        .spend(&world.store, &nobody, &nobody, now())
        .await
        .unwrap();
    assert!(!world.judged().await.approved);
}
