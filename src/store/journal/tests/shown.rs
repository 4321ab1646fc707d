//! What an op did last, through later generations and a person's word.

use serde_json::{Value, json};

use super::*;

async fn last_done(journal: &Journal) -> Option<LastDone> {
    let look = journal.look(&key()).await.unwrap();
    look.doc().and_then(|doc| doc.done.clone())
}

#[tokio::test]
async fn what_was_done_last_outlives_a_refusal_and_keeps_what_was_shown() {
    let (_, journal) = journal();
    let mut op = armed(&journal, 10).await;
    journal.settle_done(&mut op, ids(), at(11)).await.unwrap();
    let call = op.doc().call.clone();
    journal.show(&key(), &call, &json!("a")).await.unwrap();
    let mut op = armed(&journal, 100).await;
    let error = refusal(45009, ErrorClass::Quota, Effect::None);
    journal
        .settle_refused(&mut op, error, at(101))
        .await
        .unwrap();
    let done = last_done(&journal).await.unwrap();
    assert_eq!((done.at, done.shown, done.ids), (at(11), json!("a"), ids()));
    // Of another request nothing is noted.
    let other = open_account::create_request(&Appid::parse("wx2222222222222222").unwrap());
    journal.show(&key(), &other, &json!("b")).await.unwrap();
    assert_eq!(last_done(&journal).await.unwrap().shown, json!("a"));
}

#[tokio::test]
async fn a_persons_word_counts_like_a_request_that_was_done() {
    let (_, journal) = journal();
    let (shown, now) = (json!("seen"), at(10));
    journal
        .assume(&key(), intent(now), &shown, now)
        .await
        .unwrap();
    assert_eq!(stage(&journal).await, Stage::Settled);
    assert_eq!(last_done(&journal).await.unwrap().shown, shown);
    // And no less: nothing is assumed over a request that may be on its way.
    armed(&journal, 100).await;
    let assumed = journal
        .assume(&key(), intent(at(101)), &Value::Null, at(101))
        .await;
    assert!(matches!(assumed, Err(JournalError::Unsettled { .. })));
}
