//! Every exit code of `apply`, and which wins when several fit.

use std::time::Duration;

use super::*;
use crate::plan::{
    Action, Address, Entry, Hold, Person, Step, TenantPlan, Text, Verdict, Waiting, Whose, Why,
    WhyKind,
};
use crate::reconcile::StepOutcome;
use crate::wechat::Appid;

fn text() -> Text {
    Text::new("一", "one")
}

fn applied(outcomes: Vec<StepOutcome>, entries: Vec<Verdict>) -> Applied {
    Applied {
        plan: TenantPlan {
            tenant: "sunrise".to_owned(),
            accounts: Vec::new(),
            entries: entries
                .into_iter()
                .map(|verdict| Entry {
                    address: Address::of("menu"),
                    verdict,
                })
                .collect(),
            error: None,
            trouble: None,
        },
        reports: outcomes
            .into_iter()
            .map(|outcome| StepReport {
                address: Address::of("menu"),
                endpoints: vec!["menu/create"],
                outcome,
                took: Duration::ZERO,
                under_way: false,
            })
            .collect(),
        notes: Vec::new(),
        in_doubt: false,
        open: [Whose::Official].into(),
        in_force: std::collections::BTreeSet::new(),
        refused: std::collections::BTreeMap::new(),
    }
}

fn held(reason: Reason) -> Verdict {
    let account = Appid::parse("wx1111111111111111").unwrap();
    let mut step = Step::new(Action::Update, account, Vec::new(), Vec::new());
    step.hold = Some(Hold {
        reason,
        text: text(),
        command: None,
    });
    Verdict::Step(step)
}

fn waiting(reason: Reason) -> Verdict {
    Verdict::Waiting(Waiting::new(reason, Person::Owner, text()))
}

fn unreadable() -> Verdict {
    Verdict::Unknown(Why {
        kind: WhyKind::ReadFailed,
        text: text(),
    })
}

fn exit(outcomes: Vec<StepOutcome>, entries: Vec<Verdict>) -> Exit {
    Done::of(vec![applied(outcomes, entries)], false).exit()
}

#[test]
fn every_ending_has_its_code() {
    use StepOutcome::{Done, Guarded, Held, Moved, NotDone, OutOfQuota, Unknown};
    assert_eq!(exit(vec![], vec![]), Exit::Fine);
    assert_eq!(exit(vec![Done], vec![]), Exit::Fine);
    assert_eq!(exit(vec![NotDone(text())], vec![]), Exit::Error);
    assert_eq!(exit(vec![Held(text())], vec![]), Exit::Error);
    assert_eq!(exit(vec![], vec![unreadable()]), Exit::Error);
    assert_eq!(exit(vec![Moved(text())], vec![]), Exit::Stale);
    assert_eq!(exit(vec![OutOfQuota(text())], vec![]), Exit::OutOfQuota);
    assert_eq!(exit(vec![Guarded(text())], vec![]), Exit::Refused);
    assert_eq!(exit(vec![Unknown(text())], vec![]), Exit::OutcomeUnknown);
    for reason in [Reason::NeedsApproval, Reason::FleetGuard, Reason::HourlyCap] {
        assert_eq!(
            exit(vec![], vec![held(reason)]),
            Exit::Refused,
            "{reason:?}"
        );
    }
    let mut broken = super::Done::of(Vec::new(), true);
    assert_eq!(broken.exit(), Exit::Error);
    broken.moved();
    assert_eq!(broken.exit(), Exit::Error);
}

#[test]
fn partly_is_some_done_and_another_failed_stale_unapproved_or_out_of_quota() {
    use StepOutcome::{Done, Guarded, Moved, NotDone, OutOfQuota, Unknown};
    for other in [
        NotDone(text()),
        Moved(text()),
        OutOfQuota(text()),
        Guarded(text()),
    ] {
        assert_eq!(exit(vec![Done, other], vec![]), Exit::Partly);
    }
    assert_eq!(
        exit(vec![Done], vec![held(Reason::NeedsApproval)]),
        Exit::Partly
    );
    assert_eq!(exit(vec![Done], vec![unreadable()]), Exit::Partly);
    assert_eq!(
        exit(vec![Done, Unknown(text())], vec![]),
        Exit::OutcomeUnknown,
        "an unknown outcome is the worse news"
    );
}

#[test]
fn of_several_the_first_in_the_order_wins() {
    use StepOutcome::{Guarded, Moved, NotDone, OutOfQuota};
    let all = || {
        vec![
            Guarded(text()),
            OutOfQuota(text()),
            Moved(text()),
            NotDone(text()),
        ]
    };
    for (without, expected) in [Exit::Error, Exit::Stale, Exit::OutOfQuota, Exit::Refused]
        .into_iter()
        .enumerate()
    {
        let mut outcomes = all();
        outcomes.truncate(4 - without);
        assert_eq!(exit(outcomes, vec![]), expected);
    }
}

#[test]
fn waiting_counts_only_for_who_asked_to_wait() {
    let waits = || vec![applied(vec![], vec![waiting(Reason::NotAuthorized)])];
    let mut done = Done::of(waits(), false);
    assert_eq!(done.exit(), Exit::Fine);
    done.waited();
    assert_eq!(done.exit(), Exit::Waiting);
    let first = Done::of(vec![applied(vec![StepOutcome::Done], vec![])], false);
    let mut both = first.then(Done::of(
        vec![applied(vec![StepOutcome::NotDone(text())], vec![])],
        false,
    ));
    both.waited();
    assert_eq!(both.exit(), Exit::Partly, "what the first look did counts");
}
