//! The ledger's sums, its periods, and the sweep over it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::documents::{LedgerDoc, PassDoc};
use super::journal::{Arming, Intent, Journal, Op, OpKey, OpRef, Reserved, Stage};
use super::ledger::{Demand, Ledger, Taken};
use super::sweep::{Swept, sweep};
use super::{Key, Memory, Sealing, Store};
use crate::wechat::endpoint::{Payer, Period, Quota};
use crate::wechat::{Appid, Call, open_account};

pub(super) const PLATFORM: &str = "wx0000000000000001";

pub(super) fn now() -> Timestamp {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

pub(super) fn demand(limit: u32) -> Demand {
    let quota = Quota {
        limit,
        period: Period::Month,
        scarce: true,
        payer: Payer::Account,
    };
    Demand::new(PLATFORM, "submit_audit", quota, now())
}

fn op(n: u64) -> OpRef {
    OpRef {
        op: OpKey {
            action: "submit_audit".into(),
            appid: Appid::parse(&format!("wx{n:016}")).unwrap(),
        },
        generation: 1,
    }
}

async fn used(ledger: &Ledger) -> u32 {
    ledger.used(&demand(9)).await.unwrap()
}

async fn spent(ledger: &Ledger, demand: &Demand, n: u64) {
    assert_eq!(ledger.take(demand, &op(n)).await.unwrap(), Taken::Yes);
    ledger.spend(demand, &op(n)).await.unwrap();
}

#[test]
fn periods_are_wechats_calendar() {
    let cases = [
        (
            Period::Day,
            "2026-11-30T15:59:59Z",
            "2026-11-30",
            "2026-11-30T16:00:00Z",
        ),
        (
            Period::Day,
            "2026-11-30T16:00:00Z",
            "2026-12-01",
            "2026-12-01T16:00:00Z",
        ),
        (
            Period::Month,
            "2026-11-30T15:59:59Z",
            "2026-11",
            "2026-11-30T16:00:00Z",
        ),
        (
            Period::Month,
            "2026-11-30T16:00:00Z",
            "2026-12",
            "2026-12-31T16:00:00Z",
        ),
        (
            Period::Year,
            "2026-12-31T15:59:59Z",
            "2026",
            "2026-12-31T16:00:00Z",
        ),
        (
            Period::Year,
            "2026-12-31T16:00:00Z",
            "2027",
            "2027-12-31T16:00:00Z",
        ),
    ];
    for (period, now, name, ends_at) in cases {
        let quota = Quota {
            limit: 1,
            period,
            scarce: true,
            payer: Payer::Account,
        };
        let demand = Demand::new(PLATFORM, "q", quota, now.parse().unwrap());
        assert_eq!(demand.period, name, "{now}");
        assert_eq!(demand.ends_at, ends_at.parse().unwrap(), "{now}");
    }
}

#[tokio::test]
async fn taking_twice_is_taking_once_and_releasing_gives_back() {
    let ledger = Ledger::new(Store::in_memory());
    for _ in 0..3 {
        assert_eq!(ledger.take(&demand(1), &op(1)).await.unwrap(), Taken::Yes);
    }
    let full = Taken::Full { used: 1, limit: 1 };
    assert_eq!(ledger.take(&demand(1), &op(2)).await.unwrap(), full);
    ledger.release(&demand(1), &op(2)).await.unwrap();
    assert_eq!(
        used(&ledger).await,
        1,
        "what was not taken is not given back"
    );
    ledger.release(&demand(1), &op(1)).await.unwrap();
    ledger.release(&demand(1), &op(1)).await.unwrap();
    assert_eq!(used(&ledger).await, 0);
    assert_eq!(ledger.take(&demand(1), &op(2)).await.unwrap(), Taken::Yes);
}

#[tokio::test]
async fn what_is_spent_is_not_given_back() {
    let ledger = Ledger::new(Store::in_memory());
    spent(&ledger, &demand(2), 1).await;
    ledger.spend(&demand(2), &op(1)).await.unwrap();
    ledger.release(&demand(2), &op(1)).await.unwrap();
    assert_eq!(used(&ledger).await, 1);
}

#[tokio::test]
async fn what_is_taken_for_good_is_not_given_back_and_not_taken_past_the_limit() {
    let ledger = Ledger::new(Store::in_memory());
    for _ in 0..2 {
        let taken = ledger.take_for_good(&demand(1), &op(1)).await.unwrap();
        assert_eq!(taken, Taken::Yes);
    }
    // As the sweep of another process does with what is only reserved.
    ledger.release(&demand(1), &op(1)).await.unwrap();
    let full = Taken::Full { used: 1, limit: 1 };
    let second = ledger.take_for_good(&demand(1), &op(2)).await.unwrap();
    assert_eq!(second, full);
}

#[tokio::test]
async fn some_units_can_be_left_alone() {
    let ledger = Ledger::new(Store::in_memory());
    let keeping = demand(3).keeping_free(2);
    assert_eq!(ledger.take(&keeping, &op(1)).await.unwrap(), Taken::Yes);
    let full = Taken::Full { used: 1, limit: 1 };
    assert_eq!(ledger.take(&keeping, &op(2)).await.unwrap(), full);
    assert_eq!(ledger.take(&demand(3), &op(2)).await.unwrap(), Taken::Yes);
}

#[tokio::test]
async fn what_wechat_says_corrects_the_sum_and_never_to_too_little() {
    let ledger = Ledger::new(Store::in_memory());
    spent(&ledger, &demand(9), 1).await;
    assert_eq!(ledger.take(&demand(9), &op(2)).await.unwrap(), Taken::Yes);
    let before = ledger.snapshot(&demand(9)).await.unwrap();
    // While WeChat answers 4, another holder's request takes effect: it may be among the 4 or not.
    spent(&ledger, &demand(9), 3).await;
    ledger.correct(&before, 4, Some(6)).await.unwrap();
    assert_eq!(
        used(&ledger).await,
        6,
        "WeChat's 4, one reserved, one spent since"
    );
    let full = Taken::Full { used: 6, limit: 6 };
    assert_eq!(
        ledger.take(&demand(9), &op(4)).await.unwrap(),
        full,
        "WeChat's limit"
    );

    let before = ledger.snapshot(&demand(9)).await.unwrap();
    ledger.correct(&before, 0, None).await.unwrap();
    assert_eq!(
        used(&ledger).await,
        1,
        "less than we thought: only what is reserved"
    );
}

#[tokio::test]
async fn when_wechat_says_that_nothing_is_left_nothing_is_taken() {
    let ledger = Ledger::new(Store::in_memory());
    spent(&ledger, &demand(5), 1).await;
    ledger.exhausted(&demand(5)).await.unwrap();
    let full = Taken::Full { used: 5, limit: 5 };
    assert_eq!(ledger.take(&demand(5), &op(2)).await.unwrap(), full);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_holders_together_never_overspend() {
    let memory = Arc::new(Memory::default());
    let takers = (0..40).map(|n| {
        let ledger = Ledger::new(Store::new(memory.clone(), Sealing::Plain));
        tokio::spawn(async move { ledger.take(&demand(7), &op(n % 20)).await.unwrap() })
    });
    let taken = join_all(takers).await;
    let yes = taken
        .iter()
        .filter(|taken| *taken.as_ref().unwrap() == Taken::Yes);
    assert!(yes.count() >= 7);
    let ledger = Ledger::new(Store::new(memory, Sealing::Plain));
    assert_eq!(used(&ledger).await, 7);
}

/// One call that took effect, and the counting of it.
async fn done(journal: &Journal, n: u64, demand: &Demand) {
    let mut op = opened(journal, n).await;
    let reserved = journal
        .reserve(&mut op, vec![demand.clone()], now())
        .await
        .unwrap();
    assert_eq!(reserved, Reserved::Yes);
    let arming = Arming {
        approval: None,
        request_timeout: Duration::from_secs(8),
    };
    let _armed = journal
        .arm(&mut op, &arming, now(), Duration::ZERO)
        .await
        .unwrap();
    journal
        .settle_done(&mut op, BTreeMap::new(), now())
        .await
        .unwrap();
}

#[tokio::test]
async fn a_ledger_does_not_grow_with_the_calls_it_counts() {
    let store = Store::in_memory();
    let journal = Journal::new(store.clone(), "this process");
    for n in 0..2_000 {
        done(&journal, n, &demand(2_000)).await;
    }
    let ledger = store.get::<LedgerDoc>(&demand(2_000).key()).await.unwrap();
    let ledger = ledger.unwrap().value;
    assert_eq!((ledger.used(), ledger.entries.len()), (2_000, 0));
    let full = Taken::Full {
        used: 2_000,
        limit: 2_000,
    };
    let taken = journal.ledger().take(&demand(2_000), &op(2_000)).await;
    assert_eq!(taken.unwrap(), full);
    let rows = journal.ledger().rows(now()).await.unwrap();
    assert_eq!((rows[0].used, rows[0].reserved), (2_000, 0));
}

#[tokio::test]
async fn attempts_that_are_capped_are_counted_and_their_names_forgotten() {
    let store = Store::in_memory();
    let journal = Journal::new(store.clone(), "this process");
    let cap = Demand::per_hour(PLATFORM, "costly steps", 9, now());
    for n in 1..=2 {
        let mut op_n = opened(&journal, n).await;
        let taken = journal.ledger().take_for_good(&cap, &op(n)).await.unwrap();
        assert_eq!(taken, Taken::Yes);
        if n == 1 {
            journal.abandon(&mut op_n, "changed", now()).await.unwrap();
        }
    }
    for _ in 0..2 {
        journal.fold(&cap).await.unwrap();
        let ledger = store.get::<LedgerDoc>(&cap.key()).await.unwrap().unwrap();
        let names: Vec<&String> = ledger.value.entries.keys().collect();
        assert_eq!(names, [&op(2).to_string()], "one is under way");
        assert_eq!(journal.ledger().used(&cap).await.unwrap(), 2);
    }
}

pub(super) async fn opened(journal: &Journal, n: u64) -> Op {
    let OpRef { op, generation: _ } = op(n);
    let look = journal.look(&op).await.unwrap();
    let intent = Intent {
        tenant: format!("tenant-{n}"),
        call: Call::bare(&open_account::CREATE, op.appid),
        step: "s1".into(),
        wanted: "w1".into(),
        evidence: serde_json::Value::Null,
        observed_at: now(),
    };
    journal.open(look, intent, now()).await.unwrap()
}

#[tokio::test]
async fn a_sweep_gives_back_what_nobody_will_ever_spend() {
    let journal = Journal::new(Store::in_memory(), "sweeper");
    let ledger = journal.ledger().clone();
    // Died between ledger and op.
    opened(&journal, 1).await;
    let _ = ledger.take(&demand(9), &op(1)).await.unwrap();
    // Taken for a generation that is long past.
    let mut second = opened(&journal, 2).await;
    journal
        .abandon(&mut second, "changed", now())
        .await
        .unwrap();
    let _ = ledger.take(&demand(9), &op(2)).await.unwrap();
    // Nobody knows this op: the safe side is to keep its unit.
    let _ = ledger.take(&demand(9), &op(3)).await.unwrap();

    let swept = sweep(&journal, now()).await.unwrap();
    let expected = Swept {
        recovered: 1,
        released: 2,
        ..Swept::default()
    };
    assert_eq!(swept, expected);
    assert_eq!(used(&ledger).await, 1);
    assert_eq!(sweep(&journal, now()).await.unwrap(), Swept::default());
}

#[tokio::test]
async fn a_sweep_leaves_alone_what_somebody_works_on() {
    let store = Store::in_memory();
    let journal = Journal::new(store.clone(), "sweeper");
    let pass = |seconds| PassDoc {
        owner: "somebody".into(),
        expires_at: now() + SignedDuration::from_secs(seconds),
        ..PassDoc::default()
    };
    // One is worked on, one was until now, one never: they are three tenants.
    for n in 1..=3 {
        opened(&journal, n).await;
        let _ = journal.ledger().take(&demand(9), &op(n)).await.unwrap();
    }
    store
        .create(&Key::pass("tenant-1"), &pass(1))
        .await
        .unwrap();
    store
        .create(&Key::pass("tenant-2"), &pass(0))
        .await
        .unwrap();
    let stage = async |n| {
        let look = journal.look(&op(n).op).await.unwrap();
        look.doc().unwrap().stage
    };
    assert_eq!(sweep(&journal, now()).await.unwrap().recovered, 2);
    assert_eq!(stage(1).await, Stage::Open);
    assert_eq!(
        (stage(2).await, stage(3).await),
        (Stage::Settled, Stage::Settled)
    );
    assert_eq!(
        used(journal.ledger()).await,
        1,
        "its unit is still reserved"
    );
    let later = now() + SignedDuration::from_secs(1);
    assert_eq!(sweep(&journal, later).await.unwrap().recovered, 1);
    assert_eq!(stage(1).await, Stage::Settled);
}

#[tokio::test]
async fn a_sweep_forgets_past_periods_unless_a_unit_is_still_in_doubt() {
    let store = Store::in_memory();
    let journal = Journal::new(store.clone(), "sweeper");
    spent(journal.ledger(), &demand(9), 1).await;
    let key = Key::ledger(PLATFORM, "submit_audit", "2026-11");
    for (days, there) in [(39, true), (41, false)] {
        let later = demand(9).ends_at + SignedDuration::from_hours(24 * days);
        sweep(&journal, later).await.unwrap();
        let ledger = store.get::<LedgerDoc>(&key).await.unwrap();
        assert_eq!(ledger.is_some(), there, "{days} days later");
    }
    let _ = journal.ledger().take(&demand(9), &op(2)).await.unwrap();
    let later = demand(9).ends_at + SignedDuration::from_hours(24 * 41);
    sweep(&journal, later).await.unwrap();
    assert!(store.get::<LedgerDoc>(&key).await.unwrap().is_some());
}

#[tokio::test]
async fn an_op_that_cannot_be_read_keeps_no_other_from_being_repaired() {
    let store = Store::in_memory();
    let journal = Journal::new(store.clone(), "sweeper");
    let unreadable = Key::op(&op(1).op);
    store
        .create(&unreadable, &LedgerDoc::default())
        .await
        .unwrap();
    opened(&journal, 2).await;
    assert_eq!(sweep(&journal, now()).await.unwrap().recovered, 1);
}
