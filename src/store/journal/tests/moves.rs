//! A holder's moves: towards a request, and fenced off from it.

use super::*;

#[tokio::test]
async fn a_success_reaches_op_tenant_and_ledger() {
    let (store, journal) = journal();
    let mut op = armed(&journal, 10).await;
    assert_eq!(used(&journal).await, 1, "taken before it is armed");
    journal.settle_done(&mut op, ids(), at(11)).await.unwrap();
    let look = journal.look(&key()).await.unwrap();
    let doc = look.doc().unwrap();
    assert!(doc.stage == Stage::Settled && doc.closed && look.is_free());
    assert_eq!(doc.outcome, Some(Outcome::Done { ids: ids() }));
    let tenant = store.get::<TenantDoc>(&Key::tenant("sunrise")).await;
    assert_eq!(tenant.unwrap().unwrap().value.outputs, ids());
    assert_eq!(used(&journal).await, 1);
}

/// Nothing new is opened from this stage, however new the observation.
async fn is_unsettled(journal: &Journal, at_stage: Stage) {
    let look = journal.look(&key()).await.unwrap();
    let opened = journal.open(look, intent(at(9999)), at(9999)).await;
    let found = matches!(opened, Err(JournalError::Unsettled { stage, .. }) if stage == at_stage);
    assert!(found, "{at_stage}");
}

#[tokio::test]
async fn a_new_generation_needs_a_settled_one_and_a_newer_observation() {
    let (_, journal) = journal();
    let mut op = opened(&journal, 0).await;
    is_unsettled(&journal, Stage::Open).await;
    assert_eq!(
        journal.reserve(&mut op, Vec::new(), at(3)).await.unwrap(),
        Reserved::Yes
    );
    is_unsettled(&journal, Stage::Reserved).await;
    arm(&journal, &mut op, None, 10).await.unwrap();
    is_unsettled(&journal, Stage::Armed).await;
    journal.doubt(&mut op, "no answer", at(11)).await.unwrap();
    is_unsettled(&journal, Stage::Doubt).await;

    let error = refusal(1, ErrorClass::Invalid, Effect::None);
    journal
        .settle_refused(&mut op, error, at(20))
        .await
        .unwrap();
    let look = journal.look(&key()).await.unwrap();
    let stale = journal.open(look.clone(), intent(at(20)), at(21)).await;
    assert!(matches!(stale, Err(JournalError::StaleObservation { .. })));
    let newer = journal.open(look, intent(at(21)), at(21)).await.unwrap();
    assert_eq!(newer.doc().generation, 2);
}

#[tokio::test]
async fn right_after_a_success_an_observation_may_not_show_it_yet() {
    let (_, journal) = journal();
    let mut op = armed(&journal, 10).await;
    journal.settle_done(&mut op, ids(), at(11)).await.unwrap();
    let look = journal.look(&key()).await.unwrap();
    let early = journal.open(look.clone(), intent(at(33)), at(34)).await;
    assert!(matches!(early, Err(JournalError::StaleObservation { .. })));
    assert!(journal.open(look, intent(at(34)), at(34)).await.is_ok());
}

#[tokio::test]
async fn a_look_from_before_somebody_elses_move_opens_nothing() {
    let (store, journal) = journal();
    let other = Journal::new(store, "second");
    let mut second = 10;
    for generation in 1..4 {
        let look = journal.look(&key()).await.unwrap();
        let mut op = armed(&other, second).await;
        assert_eq!(op.doc().generation, generation);
        other
            .settle_done(&mut op, ids(), at(second + 1))
            .await
            .unwrap();
        // Its clock is far ahead, so the time alone would not give it away.
        let opened = journal.open(look, intent(at(9999)), at(9999)).await;
        assert!(matches!(opened, Err(JournalError::Fenced { .. })));
        second += 50;
    }
}

#[tokio::test]
async fn the_old_holder_is_fenced_off_before_it_can_send() {
    let (store, old) = journal();
    let new = Journal::new(store, "second");
    let mut op = reserved(&old, 0).await;
    let look = new.recover(&key(), at(10)).await.unwrap();
    assert_eq!(look.doc().unwrap().epoch, "second");
    assert_eq!(used(&new).await, 0, "never sent, so its unit is free");
    let armed = arm(&old, &mut op, None, 11).await;
    assert!(matches!(armed, Err(JournalError::Fenced { .. })));
}

#[tokio::test]
async fn an_approval_is_spent_by_one_request_and_kept_when_none_was_accepted() {
    let (_, journal) = journal();
    let mut op = reserved(&journal, 0).await;
    arm(&journal, &mut op, Some("yes"), 10).await.unwrap();
    assert_eq!(op.doc().spent.len(), 1, "spent in the write that arms");
    journal.token_error(&mut op, at(11)).await.unwrap();
    assert!(op.doc().spent.is_empty(), "kept after a refused token");
    arm(&journal, &mut op, Some("yes"), 12).await.unwrap();
    journal.disarm(&mut op, "too late", at(18)).await.unwrap();
    assert!(op.doc().spent.is_empty(), "kept when it was not sent");
    arm(&journal, &mut op, Some("yes"), 19).await.unwrap();
    let error = refusal(1, ErrorClass::Invalid, Effect::None);
    journal
        .settle_refused(&mut op, error, at(20))
        .await
        .unwrap();

    let mut next = reserved(&journal, 30).await;
    let again = arm(&journal, &mut next, Some("yes"), 33).await;
    assert!(matches!(again, Err(JournalError::ApprovalSpent { .. })));
    assert!(arm(&journal, &mut next, Some("another"), 33).await.is_ok());
}

#[tokio::test]
async fn a_reservation_is_not_used_beyond_its_period() {
    let (_, journal) = journal();
    let mut op = reserved(&journal, 0).await;
    let ends = demand(at(0)).ends_at.duration_since(at(0)).as_secs();
    let late = arm(&journal, &mut op, None, ends - 64).await;
    assert!(matches!(late, Err(JournalError::ReservationEnds { .. })));
    assert!(arm(&journal, &mut op, None, ends - 66).await.is_ok());
}

#[tokio::test]
async fn a_full_quota_leaves_the_op_to_be_abandoned() {
    let (_, journal) = journal();
    let demand = demand(at(0)).keeping_free(3);
    let mut op = opened(&journal, 0).await;
    let reserved = journal.reserve(&mut op, vec![demand.clone()], at(3)).await;
    let until = demand.ends_at;
    let full = Reserved::Full {
        used: 0,
        limit: 0,
        until,
    };
    assert_eq!(reserved.unwrap(), full);
    assert!(
        arm(&journal, &mut op, None, 4).await.is_err(),
        "nothing may be sent"
    );
    journal.abandon(&mut op, "no quota", at(5)).await.unwrap();
    assert_eq!(
        (stage(&journal).await, used(&journal).await),
        (Stage::Settled, 0)
    );
}

#[tokio::test]
async fn only_what_was_never_armed_can_be_abandoned() {
    let (_, journal) = journal();
    let mut op = armed(&journal, 10).await;
    let abandoned = journal.abandon(&mut op, "changed", at(11)).await;
    assert!(matches!(abandoned, Err(JournalError::WrongStage { .. })));
    journal.doubt(&mut op, "no answer", at(12)).await.unwrap();
    let abandoned = journal.abandon(&mut op, "changed", at(13)).await;
    assert!(matches!(abandoned, Err(JournalError::WrongStage { .. })));
}

#[tokio::test]
async fn an_op_stays_small_however_often_it_is_tried() {
    let (_, journal) = journal();
    let mut second = 0;
    for _ in 0..50 {
        let mut op = reserved(&journal, second).await;
        let why = "长".repeat(1000);
        journal
            .abandon(&mut op, &why, at(second + 5))
            .await
            .unwrap();
        second += 10;
    }
    let look = journal.look(&key()).await.unwrap();
    let doc = look.doc().unwrap();
    assert_eq!((doc.generation, doc.trail.len()), (50, 40));
    assert!(
        doc.trail
            .iter()
            .all(|event| event.note.chars().count() <= 200)
    );
}
