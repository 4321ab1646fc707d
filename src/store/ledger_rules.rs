//! The ledger's rules one by one: what is shown of a quota, what WeChat's word changes, what a sweep may give back.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Store;
use super::documents::OpDoc;
use super::journal::{Arming, Intent, Journal, JournalError, Op, OpKey, OpRef, Reserved, Stage};
use super::ledger::{Demand, Ledger, Row, Taken, began_at};
use super::sweep::{Swept, sweep};
use crate::wechat::endpoint::{Payer, Period, Quota};
use crate::wechat::{Appid, Call, open_account};

const PAYER: &str = "wx1111111111111111";

fn now() -> Timestamp {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

fn demand(at: Timestamp) -> Demand {
    let quota = Quota {
        limit: 9,
        period: Period::Month,
        scarce: true,
        payer: Payer::Account,
    };
    Demand::new(PAYER, "open/create", quota, at)
}

fn key(n: u64) -> OpKey {
    OpKey {
        action: "open/create".into(),
        appid: Appid::parse(&format!("wx{n:016}")).unwrap(),
    }
}

fn op_ref(n: u64, generation: u64) -> OpRef {
    OpRef {
        op: key(n),
        generation,
    }
}

/// Everything taken in a store of its own.
fn ledger() -> Ledger {
    Ledger::new(Store::in_memory())
}

async fn take(ledger: &Ledger, n: u64) {
    assert_eq!(
        ledger.take(&demand(now()), &op_ref(n, 1)).await.unwrap(),
        Taken::Yes
    );
}

#[tokio::test]
async fn what_is_spent_and_what_is_reserved_is_shown_until_the_period_ends() {
    let ledger = ledger();
    take(&ledger, 1).await;
    take(&ledger, 2).await;
    take(&ledger, 3).await;
    ledger.spend(&demand(now()), &op_ref(1, 1)).await.unwrap();
    let ends_at = demand(now()).ends_at;
    let row = Row {
        scope: PAYER.to_owned(),
        quota: "open/create".to_owned(),
        ends_at,
        used: 1,
        reserved: 2,
        limit: None,
    };
    assert_eq!(
        ledger.rows(now()).await.unwrap(),
        std::slice::from_ref(&row)
    );
    let last = ends_at - SignedDuration::from_nanos(1);
    assert_eq!(ledger.rows(last).await.unwrap(), [row]);
    assert!(ledger.rows(ends_at).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_spent_without_having_been_taken_is_shown_too() {
    let ledger = ledger();
    ledger
        .spend_late(&demand(now()), &op_ref(1, 1))
        .await
        .unwrap();
    assert_eq!(ledger.rows(now()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_limit_that_wechat_named_once_stays_known() {
    let ledger = ledger();
    let demand = demand(now());
    for limit in [Some(4), None] {
        let before = ledger.snapshot(&demand).await.unwrap();
        ledger.correct(&before, 1, limit).await.unwrap();
        assert_eq!(ledger.rows(now()).await.unwrap()[0].limit, Some(4));
    }
}

#[tokio::test]
async fn nothing_is_left_whatever_was_counted_before() {
    let ledger = ledger();
    let demand = demand(now());
    let before = ledger.snapshot(&demand).await.unwrap();
    ledger.correct(&before, 5, None).await.unwrap();
    for _ in 0..2 {
        ledger.exhausted(&demand).await.unwrap();
        assert_eq!(ledger.used(&demand).await.unwrap(), 9);
    }
}

#[test]
fn an_hour_is_counted_for_itself_and_ends_with_it() {
    let at = |text: &str| Demand::per_hour("p", "costly steps", 3, text.parse().unwrap());
    let first = at("2026-11-24T10:00:00Z");
    assert_eq!(first, at("2026-11-24T10:59:59.999Z"));
    assert_eq!(first.ends_at, "2026-11-24T11:00:00Z".parse().unwrap());
    assert_ne!(first.period, at("2026-11-24T11:00:00Z").period);
    assert_ne!(first.period, at("2026-11-25T10:00:00Z").period);
}

#[test]
fn a_period_began_at_midnight_in_shanghai() {
    // 01:30 on the 15th there, 17:30 on the 14th in UTC.
    let now = "2026-11-14T17:30:00Z".parse().unwrap();
    for (period, began) in [
        (Period::Day, "2026-11-14T16:00:00Z"),
        (Period::Month, "2026-10-31T16:00:00Z"),
        (Period::Year, "2025-12-31T16:00:00Z"),
    ] {
        assert_eq!(began_at(period, now), began.parse().unwrap(), "{period:?}");
    }
}

async fn opened(journal: &Journal, n: u64, observed: i64) -> Op {
    let look = journal.recover(&key(n), later(observed)).await.unwrap();
    let intent = Intent {
        tenant: format!("tenant-{n}"),
        call: Call::bare(&open_account::CREATE, key(n).appid),
        step: "s1".into(),
        wanted: String::new(),
        evidence: serde_json::Value::Null,
        observed_at: later(observed),
    };
    journal.open(look, intent, later(observed)).await.unwrap()
}

/// Its request may be on its way from now on.
async fn arm(journal: &Journal, op: &mut Op, at: Timestamp) {
    let arming = Arming {
        approval: None,
        request_timeout: Duration::from_secs(8),
    };
    let armed = journal.arm(op, &arming, at, Duration::ZERO).await;
    drop(armed.unwrap());
}

/// An op whose request may be on its way, with a unit of the period that `at` lies in.
async fn armed(journal: &Journal, n: u64, at: Timestamp) {
    let mut op = opened(journal, n, 0).await;
    let reserved = journal.reserve(&mut op, vec![demand(at)], now()).await;
    assert_eq!(reserved.unwrap(), Reserved::Yes);
    arm(journal, &mut op, now()).await;
}

async fn stored(journal: &Journal, n: u64) -> Result<OpDoc, JournalError> {
    let look = journal.look(&key(n)).await?;
    Ok(look.doc().unwrap().clone())
}

async fn released(journal: &Journal) -> u32 {
    sweep(journal, now()).await.unwrap().released
}

#[tokio::test]
async fn a_sweep_puts_what_may_have_been_sent_in_doubt_and_leaves_doubt_to_a_probe() {
    let journal = Journal::new(Store::in_memory(), "sweeper");
    armed(&journal, 1, now()).await;
    assert_eq!(sweep(&journal, now()).await.unwrap().recovered, 1);
    assert_eq!(stored(&journal, 1).await.unwrap().stage, Stage::Doubt);
    assert_eq!(sweep(&journal, now()).await.unwrap(), Swept::default());
    let used = journal.ledger().used(&demand(now())).await;
    assert_eq!(used.unwrap(), 1, "its unit stays taken");
}

#[tokio::test]
async fn a_sweep_gives_back_what_an_earlier_generation_took_and_not_what_this_one_did() {
    let journal = Journal::new(Store::in_memory(), "sweeper");
    let mut first = opened(&journal, 1, 0).await;
    journal.abandon(&mut first, "changed", now()).await.unwrap();
    let mut second = opened(&journal, 1, 10).await;
    let reserved = journal
        .reserve(&mut second, vec![demand(now())], now())
        .await;
    assert_eq!(reserved.unwrap(), Reserved::Yes);
    arm(&journal, &mut second, later(10)).await;
    // What died between ledger and op, in the generation before; and what somebody is about to begin.
    take(journal.ledger(), 1).await;
    let next = op_ref(1, 3);
    assert_eq!(
        journal.ledger().take(&demand(now()), &next).await.unwrap(),
        Taken::Yes
    );
    assert_eq!(released(&journal).await, 1);
    assert_eq!(journal.ledger().used(&demand(now())).await.unwrap(), 2);
}

#[tokio::test]
async fn a_sweep_gives_back_what_was_taken_in_a_period_that_the_op_does_not_use() {
    let journal = Journal::new(Store::in_memory(), "sweeper");
    let next_month = later(20 * 24 * 3600);
    armed(&journal, 1, next_month).await;
    take(journal.ledger(), 1).await;
    assert_eq!(released(&journal).await, 1);
    assert_eq!(journal.ledger().used(&demand(now())).await.unwrap(), 0);
    assert_eq!(journal.ledger().used(&demand(next_month)).await.unwrap(), 1);
}

#[tokio::test]
async fn a_sweep_keeps_a_unit_of_what_took_effect() {
    let journal = Journal::new(Store::in_memory(), "sweeper");
    let mut op = opened(&journal, 1, 0).await;
    assert_eq!(
        journal.reserve(&mut op, Vec::new(), now()).await.unwrap(),
        Reserved::Yes
    );
    arm(&journal, &mut op, now()).await;
    take(journal.ledger(), 1).await;
    journal
        .settle_done(&mut op, [].into(), now())
        .await
        .unwrap();
    assert_eq!(released(&journal).await, 0);
}
