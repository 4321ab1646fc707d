//! A unit that a request without a known outcome may have spent: it stays spent, and is spent once where the request is
//! made again with what works once.

use super::*;

async fn reserved_to_stay(journal: &Journal, second: i64) -> Op {
    let mut op = opened(journal, second).await;
    let demands = vec![demand(at(second)).staying()];
    let reserved = journal.reserve(&mut op, demands, at(second + 2)).await;
    assert_eq!(reserved.unwrap(), Reserved::Yes);
    arm(journal, &mut op, None, second + 3).await.unwrap();
    op
}

async fn found_not_done(journal: &Journal, op: &mut Op) -> i64 {
    let due = op.doc().probe_due().unwrap();
    let none = Probe::NotDone {
        why: "there is none".to_owned(),
    };
    journal.settle_probe(op, &none, due, due).await.unwrap();
    due.duration_since(at(0)).as_secs() + 1
}

#[tokio::test]
async fn no_answer_keeps_the_unit_and_the_next_request_goes_on_with_it() {
    let (_, journal) = journal();
    let mut op = reserved_to_stay(&journal, 0).await;
    journal.doubt(&mut op, "reset", at(4)).await.unwrap();
    let later = found_not_done(&journal, &mut op).await;
    assert_eq!(used(&journal).await, 1);
    let mut op = reserved_to_stay(&journal, later).await;
    assert_eq!((op.doc().generation, used(&journal).await), (2, 1));
    journal
        .settle_done(&mut op, ids(), at(later + 5))
        .await
        .unwrap();
    assert_eq!(used(&journal).await, 1, "both together spent one");
    // What comes after that takes its own.
    let later = later + 100;
    reserved_to_stay(&journal, later).await;
    assert_eq!(used(&journal).await, 2);
}

#[tokio::test]
async fn busy_keeps_the_unit_and_the_next_request_takes_another() {
    let (_, journal) = journal();
    let mut op = reserved_to_stay(&journal, 0).await;
    let busy = refusal(-1, ErrorClass::Transient, Effect::Maybe);
    journal.settle_refused(&mut op, busy, at(4)).await.unwrap();
    let later = found_not_done(&journal, &mut op).await;
    assert_eq!(used(&journal).await, 1);
    reserved_to_stay(&journal, later).await;
    assert_eq!(used(&journal).await, 2);
}

#[tokio::test]
async fn a_refused_ticket_gives_the_unit_back_unless_an_earlier_request_may_have_spent_it() {
    let (_, journal) = journal();
    let ticket = || refusal(61058, ErrorClass::Human, Effect::Maybe);
    let mut op = reserved_to_stay(&journal, 0).await;
    journal
        .settle_refused(&mut op, ticket(), at(4))
        .await
        .unwrap();
    let later = found_not_done(&journal, &mut op).await;
    assert_eq!(used(&journal).await, 0);
    let mut op = reserved_to_stay(&journal, later).await;
    journal
        .doubt(&mut op, "reset", at(later + 4))
        .await
        .unwrap();
    let later = found_not_done(&journal, &mut op).await;
    let mut op = reserved_to_stay(&journal, later).await;
    let refused_at = at(later + 4);
    journal
        .settle_refused(&mut op, ticket(), refused_at)
        .await
        .unwrap();
    found_not_done(&journal, &mut op).await;
    assert_eq!(used(&journal).await, 1);
}

#[tokio::test]
async fn another_month_takes_another_unit() {
    let (_, journal) = journal();
    let mut op = reserved_to_stay(&journal, 0).await;
    journal.doubt(&mut op, "reset", at(4)).await.unwrap();
    found_not_done(&journal, &mut op).await;
    let december = 30 * 86_400;
    let op = reserved_to_stay(&journal, december).await;
    assert_eq!(op.doc().carried, None);
    let now = demand(at(december));
    assert_eq!(journal.ledger().used(&now).await.unwrap(), 1);
}

#[tokio::test]
async fn a_request_that_never_left_hands_on_the_unit_that_it_would_have_gone_on_with() {
    let (_, journal) = journal();
    let mut op = reserved_to_stay(&journal, 0).await;
    journal.doubt(&mut op, "reset", at(4)).await.unwrap();
    let mut later = found_not_done(&journal, &mut op).await;
    for reserves in [false, true] {
        let mut op = opened(&journal, later).await;
        if reserves {
            let demands = vec![demand(at(later)).staying()];
            let reserved = journal.reserve(&mut op, demands, at(later + 2)).await;
            assert_eq!(reserved.unwrap(), Reserved::Yes);
        }
        // Its holder is killed, and the next one takes it over.
        journal.recover(&op.doc().op, at(later + 3)).await.unwrap();
        assert_eq!(used(&journal).await, 1, "{reserves}");
        later += 100;
    }
    // One that is refused without effect leaves the ticket as it was.
    let mut op = reserved_to_stay(&journal, later).await;
    let refused = refusal(61053, ErrorClass::Human, Effect::None);
    let refused_at = at(later + 4);
    journal
        .settle_refused(&mut op, refused, refused_at)
        .await
        .unwrap();
    assert_eq!(used(&journal).await, 1);
    reserved_to_stay(&journal, later + 100).await;
    assert_eq!(used(&journal).await, 1);
}
