//! Rules that no flow shows: what an op keeps through its generations, and what a crash between two writes leaves.

use super::*;

/// Opens another generation from an observation that began at this second.
async fn reopened(journal: &Journal, observed: i64) -> Result<Op, JournalError> {
    let look = journal.look(&key()).await.unwrap();
    journal.open(look, intent(at(observed)), at(9999)).await
}

async fn doc(journal: &Journal) -> OpDoc {
    journal.look(&key()).await.unwrap().doc().unwrap().clone()
}

async fn refuse(journal: &Journal, op: &mut Op, second: i64) {
    let error = refusal(1, ErrorClass::Invalid, Effect::None);
    journal.settle_refused(op, error, at(second)).await.unwrap();
}

/// An op that no probe can tell.
async fn stalled(journal: &Journal) -> Op {
    let mut op = armed(journal, 10).await;
    journal.doubt(&mut op, "no answer", at(18)).await.unwrap();
    let unclear = Probe::Undecided {
        why: "48001".into(),
    };
    journal
        .settle_probe(&mut op, &unclear, at(40), at(41))
        .await
        .unwrap();
    op
}

#[tokio::test]
async fn what_a_person_must_settle_is_not_free_and_may_be_probed_again() {
    let (_, journal) = journal();
    stalled(&journal).await;
    let opened = reopened(&journal, 9999).await;
    let unsettled = |error: &JournalError| {
        matches!(
            error,
            JournalError::Unsettled {
                stage: Stage::Stalled,
                ..
            }
        )
    };
    assert!(opened.as_ref().is_err_and(unsettled), "{opened:?}");
    let look = journal.look(&key()).await.unwrap();
    assert!(!look.is_free());
    assert!(look.in_doubt().is_ok());
}

#[tokio::test]
async fn every_move_needs_the_stage_before_it() {
    let (_, journal) = journal();
    let mut op = reserved(&journal, 0).await;
    let twice = journal.reserve(&mut op, Vec::new(), at(3)).await;
    assert!(matches!(twice, Err(JournalError::WrongStage { .. })));
    arm(&journal, &mut op, None, 4).await.unwrap();
    let again = arm(&journal, &mut op, None, 5).await;
    assert!(matches!(again, Err(JournalError::WrongStage { .. })));
    let back = journal.reserve(&mut op, Vec::new(), at(6)).await;
    assert!(matches!(back, Err(JournalError::WrongStage { .. })));
}

#[tokio::test]
async fn what_was_given_back_is_counted_and_not_believed_any_more() {
    let (_, journal) = journal();
    let mut op = armed(&journal, 10).await;
    journal.disarm(&mut op, "too late", at(16)).await.unwrap();
    assert_eq!(op.doc().armed_at, None, "nothing of it was sent");
    let late = journal.settle_done(&mut op, ids(), at(17)).await;
    assert!(matches!(late, Err(JournalError::Fenced { .. })));
    assert_eq!(stage(&journal).await, Stage::Reserved);
    arm(&journal, &mut op, None, 20).await.unwrap();
    assert_eq!(op.doc().attempts, 2);
    let due = at(20 + 5 + 8 + 10);
    assert_eq!(op.doc().probe_due(), Some(due), "of the last arming");
}

#[tokio::test]
async fn a_doubt_may_be_said_twice() {
    let (_, journal) = journal();
    let mut op = armed(&journal, 10).await;
    journal.doubt(&mut op, "no answer", at(18)).await.unwrap();
    journal.doubt(&mut op, "no answer", at(19)).await.unwrap();
    assert_eq!(stage(&journal).await, Stage::Doubt);
}

#[tokio::test]
async fn whoever_takes_an_armed_op_over_is_its_holder() {
    let (store, old) = journal();
    let new = Journal::new(store, "second");
    armed(&old, 10).await;
    new.recover(&key(), at(11)).await.unwrap();
    assert_eq!(doc(&new).await.epoch, "second");
    assert_eq!(new.of_account(&account()).await.unwrap(), [key()]);
}

#[tokio::test]
async fn an_observation_must_be_newer_than_when_the_outcome_was_known() {
    // Known after a probe would have counted: that is when the next observation may begin.
    let (_, journal) = journal();
    stalled(&journal).await;
    let said = Resolution {
        done: Some(ids()),
        by: "li".into(),
        note: "looked".into(),
    };
    journal.resolve(&key(), &said, at(50)).await.unwrap();
    let stale =
        |opened: &Result<Op, _>| matches!(opened, Err(JournalError::StaleObservation { .. }));
    assert!(stale(&reopened(&journal, 45).await));
    assert!(stale(&reopened(&journal, 50).await));
    assert!(reopened(&journal, 51).await.is_ok());
}

#[tokio::test]
async fn an_outcome_that_turns_out_otherwise_is_known_only_since_then() {
    let (store, old) = journal();
    let new = Journal::new(store, "second");
    let mut op = armed(&old, 10).await;
    let look = new.recover(&key(), at(11)).await.unwrap();
    let none = Probe::NotDone { why: "none".into() };
    let mut doubt = look.in_doubt().unwrap();
    new.settle_probe(&mut doubt, &none, at(40), at(40))
        .await
        .unwrap();
    old.settle_done(&mut op, ids(), at(45)).await.unwrap();
    assert_eq!(doc(&new).await.settled_at, Some(at(45)));
    // What is known already is no news.
    old.settle_done(&mut op, ids(), at(60)).await.unwrap();
    assert_eq!(doc(&new).await.settled_at, Some(at(45)));
}

#[tokio::test]
async fn what_one_generation_spent_another_does_not_give_back() {
    let (_, journal) = journal();
    let mut op = reserved(&journal, 0).await;
    arm(&journal, &mut op, Some("first"), 3).await.unwrap();
    refuse(&journal, &mut op, 4).await;
    let mut next = reserved(&journal, 10).await;
    arm(&journal, &mut next, Some("second"), 13).await.unwrap();
    journal.token_error(&mut next, at(14)).await.unwrap();
    let spent: Vec<&str> = next
        .doc()
        .spent
        .iter()
        .map(|spent| spent.approval.as_str())
        .collect();
    assert_eq!(spent, ["first"]);
}

#[tokio::test]
async fn a_yes_to_two_steps_is_spent_by_each_for_itself() {
    let (_, journal) = journal();
    let mut op = reserved(&journal, 0).await;
    arm(&journal, &mut op, Some("of both"), 3).await.unwrap();
    refuse(&journal, &mut op, 4).await;
    let look = journal.look(&key()).await.unwrap();
    let another = Intent {
        step: "another step".into(),
        ..intent(at(10))
    };
    let mut next = journal.open(look, another, at(11)).await.unwrap();
    let reserved = journal
        .reserve(&mut next, Vec::new(), at(12))
        .await
        .unwrap();
    assert_eq!(reserved, Reserved::Yes);
    arm(&journal, &mut next, Some("of both"), 13).await.unwrap();
}

#[tokio::test]
async fn a_unit_is_armed_while_its_period_has_more_than_a_minute_and_the_time_to_send() {
    let (_, journal) = journal();
    let mut op = reserved(&journal, 0).await;
    let ends = demand(at(0)).ends_at.duration_since(at(0)).as_secs();
    let at_the_edge = arm(&journal, &mut op, None, ends - 65).await;
    assert!(matches!(
        at_the_edge,
        Err(JournalError::ReservationEnds { .. })
    ));
}

#[tokio::test]
async fn an_op_that_made_nothing_of_its_own_leaves_the_tenant_alone() {
    let (store, journal) = journal();
    let mut op = armed(&journal, 10).await;
    let nothing = BTreeMap::new();
    journal.settle_done(&mut op, nothing, at(11)).await.unwrap();
    let tenant = store.get::<TenantDoc>(&Key::tenant("sunrise")).await;
    assert_eq!(tenant.unwrap(), None);
}

/// A process that dies right after it wrote an outcome.
async fn settled_and_not_told(journal: &Journal) -> Op {
    let mut op = armed(journal, 10).await;
    let mut doc = op.doc().clone();
    doc.settle(Outcome::Done { ids: ids() }, at(11), "done");
    journal.write(&mut op, doc).await.unwrap();
    op
}

#[tokio::test]
async fn an_outcome_that_nobody_was_told_is_told_before_anything_new_begins() {
    for heard_again in [true, false] {
        let (store, journal) = journal();
        let mut op = settled_and_not_told(&journal).await;
        if heard_again {
            journal.doubt(&mut op, "no answer", at(12)).await.unwrap();
            assert!(doc(&journal).await.closed);
        } else {
            assert_eq!(reopened(&journal, 100).await.unwrap().doc().generation, 2);
        }
        let tenant = store.get::<TenantDoc>(&Key::tenant("sunrise")).await;
        assert_eq!(tenant.unwrap().unwrap().value.outputs, ids());
        assert_eq!(used(&journal).await, 1);
    }
}
