//! What is held, what is due and what is counted of a plan.

use std::collections::{BTreeMap, BTreeSet};

use super::fleet::{Member, Revision};
use super::limits::{Guarded, Limits};
use super::{
    Action, Address, Counts, Digest, Entry, Hold, Plan, Reason, Step, TenantPlan, Text, Verdict,
    Waiting, Why, WhyKind,
};
use crate::plan::{AccountPlan, Person};
use crate::wechat::Appid;

fn step() -> Step {
    let account = Appid::parse("wx1111111111111111").unwrap();
    Step::new(Action::Update, account, Vec::new(), Vec::new())
}

fn held() -> Step {
    let hold = Hold {
        reason: Reason::NeedsApproval,
        text: Text::new("需要审批", "needs approval"),
        command: None,
    };
    Step {
        hold: Some(hold),
        ..step()
    }
}

fn after(first: &[&'static str], step: Step) -> Verdict {
    Verdict::Step(Step {
        after: first.iter().map(|name| Address::of(name)).collect(),
        ..step
    })
}

fn waiting() -> Verdict {
    let text = Text::new("等", "wait");
    Verdict::Waiting(Waiting::new(Reason::NotVerified, Person::Owner, text))
}

fn rejected() -> Verdict {
    Verdict::Rejected {
        payload: Digest::of(&1),
        why: Text::new("不行", "no"),
    }
}

fn suppressed() -> Verdict {
    Verdict::Suppressed {
        why: Text::new("不动", "left alone"),
        changes: Vec::new(),
    }
}

fn unknown(kind: WhyKind) -> Verdict {
    Verdict::Unknown(Why {
        kind,
        text: Text::new("不知", "not known"),
    })
}

fn tenant(entries: Vec<(&'static str, Verdict)>) -> TenantPlan {
    let entries = entries.into_iter().map(|(resource, verdict)| Entry {
        address: Address::of(resource),
        verdict,
    });
    TenantPlan {
        entries: entries.collect(),
        error: None,
        ..TenantPlan::broken("sunrise", Text::new("", ""))
    }
}

fn holds(plan: &TenantPlan) -> BTreeMap<String, Option<Reason>> {
    plan.steps()
        .map(|(entry, step)| {
            (
                entry.address.to_string(),
                step.hold.as_ref().map(|hold| hold.reason),
            )
        })
        .collect()
}

#[test]
fn a_step_after_one_that_is_held_or_waits_is_held_and_no_other() {
    let first = [
        (Verdict::Step(held()), true),
        (waiting(), true),
        (Verdict::Step(step()), false),
        (rejected(), true),
        (unknown(WhyKind::ReadFailed), true),
        (suppressed(), false),
    ];
    for (verdict, follows) in first {
        let said = format!("{verdict:?}");
        let mut plan = tenant(vec![
            ("industry", verdict),
            ("templates", after(&["menu", "industry"], step())),
            ("openAccount", after(&["menu"], step())),
            ("tags", after(&["industry"], held())),
        ]);
        plan.hold_followers();
        let holds = holds(&plan);
        let expected = follows.then_some(Reason::AfterAnotherStep);
        assert_eq!(holds["templates"], expected, "{said}");
        assert_eq!(holds["openAccount"], None, "{said}");
        assert_eq!(holds["tags"], Some(Reason::NeedsApproval), "its own reason");
    }
}

#[test]
fn a_held_step_is_shown_and_not_due() {
    let plan = tenant(vec![("menu", Verdict::Step(held())), ("tags", waiting())]);
    assert!(plan.has_held());
    assert_eq!((plan.steps().count(), plan.due().count()), (1, 0));
    let whole = Plan {
        tenants: vec![plan],
        reads: 0,
    };
    assert!(!whole.has_due() && !whole.is_empty());

    let due = tenant(vec![("menu", Verdict::Step(step()))]);
    assert!(!due.has_held());
    assert_eq!(due.due().count(), 1);
    // One that only observes makes and holds nothing.
    let only_observed = TenantPlan {
        accounts: vec![AccountPlan {
            observe_only: true,
            ..AccountPlan::default()
        }],
        ..tenant(vec![("menu", Verdict::Step(held()))])
    };
    assert!(!only_observed.has_held());
    let nothing = Plan {
        tenants: vec![only_observed],
        reads: 0,
    };
    assert!(nothing.is_empty() && !nothing.has_due());
}

#[test]
fn only_what_could_not_be_read_or_planned_is_a_failure() {
    let error = Text::new("坏了", "broken");
    assert!(TenantPlan::broken("sunrise", error).failed());
    assert!(tenant(vec![("menu", unknown(WhyKind::ReadFailed))]).failed());
    assert!(
        !tenant(vec![
            ("menu", unknown(WhyKind::NotComparable)),
            ("tags", waiting())
        ])
        .failed()
    );
}

#[test]
fn everything_is_counted_once() {
    let plan = Plan {
        tenants: vec![
            tenant(vec![
                ("menu", Verdict::Step(step())),
                ("industry", Verdict::Step(held())),
                ("tags", waiting()),
                ("openAccount", unknown(WhyKind::NotComparable)),
                ("links", unknown(WhyKind::ReadFailed)),
                ("templates", rejected()),
                ("options", suppressed()),
            ]),
            tenant(vec![("menu", Verdict::Step(held()))]),
            TenantPlan {
                accounts: vec![AccountPlan {
                    observe_only: true,
                    ..AccountPlan::default()
                }],
                ..tenant(vec![("menu", Verdict::Step(step()))])
            },
            TenantPlan::broken("moon", Text::new("坏了", "broken")),
            tenant(Vec::new()),
        ],
        reads: 0,
    };
    let expected = Counts {
        changing: 2,
        steps: 3,
        held: 2,
        waiting: 1,
        not_comparable: 1,
        failed: 1,
        broken: 1,
        suppressed: 3,
        in_sync: 1,
        troubled: 0,
    };
    assert_eq!(plan.counts(), expected);
}

#[test]
fn a_ranked_step_follows_those_of_a_lower_rank() {
    let ranked = |rank| Step { rank, ..step() };
    let follows = |one, other| ranked(one).follows(&ranked(other));
    assert!(follows(2, 1));
    assert!(!follows(1, 2) && !follows(1, 1), "not before, not itself");
    assert!(!follows(2, 0), "one without a rank comes before nothing");
    assert!(!follows(Step::LAST, 1), "the last waits for nobody");
}

#[test]
fn a_revision_is_what_the_changed_tenants_of_one_platform_say() {
    let member = |n: u32| Member {
        admitted: None,
        now: Digest::of(&n),
        applied: None,
        has_account: true,
        in_force: false,
    };
    let guarded = Guarded {
        written: Limits::default(),
        before: None,
    };
    let of = |platform: &str, name: &str, n| {
        Revision::of(
            platform,
            &[(name.to_owned(), member(n))].into(),
            BTreeSet::new(),
            guarded.clone(),
        )
        .digest
    };
    let one = of("main", "sunrise", 1);
    assert_eq!(one, of("main", "sunrise", 1));
    assert_ne!(one, of("other", "sunrise", 1));
    assert_ne!(one, of("main", "moon", 1));
    assert_ne!(one, of("main", "sunrise", 2));
}
