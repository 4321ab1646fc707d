//! Calls that take from several quotas at once.

use std::time::Duration;

use serde_json::{Value, json};

use super::Store;
use super::documents::OpDoc;
use super::journal::{Arming, Journal, Reserved};
use super::ledger::Demand;
use super::ledger_tests::{PLATFORM, demand, now, opened};
use crate::wechat::answer::read_answer;
use crate::wechat::endpoint::{Payer, Period, Quota};
use crate::wechat::{Answer, open_account};

/// One unit of the day that [`now`] lies in.
fn of_the_day(limit: u32) -> Demand {
    let quota = Quota {
        limit,
        period: Period::Day,
        scarce: true,
        payer: Payer::Account,
    };
    Demand::new(PLATFORM, "submit_audit", quota, now())
}

#[tokio::test]
async fn a_call_with_two_quotas_takes_from_both_or_from_neither() {
    let journal = Journal::new(Store::in_memory(), "this process");
    let ledger = journal.ledger();
    let both = || vec![of_the_day(2), demand(1)];
    let mut first = opened(&journal, 1).await;
    let reserved = journal.reserve(&mut first, both(), now()).await.unwrap();
    assert_eq!(reserved, Reserved::Yes);
    let mut second = opened(&journal, 2).await;
    let reserved = journal.reserve(&mut second, both(), now()).await.unwrap();
    let until = demand(1).ends_at;
    let (used, limit) = (1, 1);
    assert_eq!(reserved, Reserved::Full { used, limit, until });
    assert_eq!(
        ledger.used(&of_the_day(2)).await.unwrap(),
        1,
        "the day's is back"
    );
    journal
        .abandon(&mut second, "none left", now())
        .await
        .unwrap();

    // Given back of both, and taken from both again.
    journal
        .abandon(&mut first, "not needed", now())
        .await
        .unwrap();
    assert_eq!(ledger.used(&of_the_day(2)).await.unwrap(), 0);
    assert_eq!(ledger.used(&demand(1)).await.unwrap(), 0);
}

#[tokio::test]
async fn a_refusal_gives_back_what_it_took_of_each() {
    let journal = Journal::new(Store::in_memory(), "this process");
    let mut op = opened(&journal, 1).await;
    let both = vec![of_the_day(5), demand(10)];
    let reserved = journal.reserve(&mut op, both, now()).await.unwrap();
    assert_eq!(reserved, Reserved::Yes);
    let arming = Arming {
        approval: None,
        request_timeout: Duration::from_secs(8),
    };
    let _armed = journal
        .arm(&mut op, &arming, now(), Duration::ZERO)
        .await
        .unwrap();
    let error = read_answer(
        &open_account::CREATE,
        json!({"errcode": 45009, "errmsg": "reach max api daily quota limit"}),
    );
    let Answer::Refused(error) = error else {
        panic!("{error:?}")
    };
    journal.settle_refused(&mut op, error, now()).await.unwrap();
    let ledger = journal.ledger();
    assert_eq!(ledger.used(&of_the_day(5)).await.unwrap(), 0);
    assert_eq!(ledger.used(&demand(10)).await.unwrap(), 0);
}

#[tokio::test]
async fn an_op_that_was_written_with_one_reservation_is_read() {
    let journal = Journal::new(Store::in_memory(), "this process");
    let op = opened(&journal, 1).await;
    let read = |reservation: Value| {
        let mut written = serde_json::to_value(op.doc()).unwrap();
        written.as_object_mut().unwrap().remove("reservations");
        written["reservation"] = reservation;
        serde_json::from_value::<OpDoc>(written)
            .unwrap()
            .reservations
    };
    assert_eq!(read(json!(demand(1))), [demand(1)]);
    assert_eq!(read(Value::Null), []);
}
