//! What is learnt of a request that may have been sent: from its answer, a probe, a person.

use super::*;

#[tokio::test]
async fn what_a_refusal_proves_decides_where_it_goes() {
    let cases = [
        (ErrorClass::Invalid, Effect::None, Stage::Settled, 0),
        (ErrorClass::Token, Effect::None, Stage::Reserved, 1),
        (ErrorClass::Unknown, Effect::Maybe, Stage::Doubt, 1),
        (ErrorClass::AlreadyDone, Effect::Done, Stage::Settled, 1),
        // How long WeChat refuses for want of quota is remembered with the step.
        (ErrorClass::Quota, Effect::None, Stage::Settled, 0),
    ];
    for (class, effect, then, units) in cases {
        let (_, journal) = journal();
        let mut op = armed(&journal, 10).await;
        let error = refusal(1, class, effect);
        journal
            .settle_refused(&mut op, error, at(11))
            .await
            .unwrap();
        assert_eq!(stage(&journal).await, then, "{class:?}");
        assert_eq!(used(&journal).await, units, "{class:?}");
    }
}

#[tokio::test]
async fn a_probe_that_began_too_early_does_not_count() {
    let (_, journal) = journal();
    let mut op = armed(&journal, 10).await;
    journal.doubt(&mut op, "no answer", at(18)).await.unwrap();
    let due = at(10 + 5 + 8 + 10);
    assert_eq!(op.doc().probe_due(), Some(due));
    let nothing = Probe::NotDone { why: "none".into() };
    let early = due - SignedDuration::from_nanos(1);
    let settled = journal.settle_probe(&mut op, &nothing, early, at(99)).await;
    assert!(matches!(settled, Err(JournalError::ProbeTooEarly { .. })));
    assert_eq!(
        (stage(&journal).await, used(&journal).await),
        (Stage::Doubt, 1)
    );
    journal
        .settle_probe(&mut op, &nothing, due, at(99))
        .await
        .unwrap();
    assert_eq!(
        (stage(&journal).await, used(&journal).await),
        (Stage::Settled, 0)
    );
}

#[tokio::test]
async fn a_probe_settles_only_what_is_in_doubt() {
    let (_, journal) = journal();
    let probe = Probe::Done { ids: ids() };
    let mut op = armed(&journal, 10).await;
    let settled = journal
        .settle_probe(&mut op, &probe, at(999), at(999))
        .await;
    assert!(matches!(settled, Err(JournalError::WrongStage { .. })));
    journal.settle_done(&mut op, ids(), at(11)).await.unwrap();
    let settled = journal
        .settle_probe(&mut op, &probe, at(999), at(999))
        .await;
    assert!(matches!(settled, Err(JournalError::WrongStage { .. })));
}

#[tokio::test]
async fn what_no_probe_can_tell_a_person_or_a_later_probe_settles() {
    for by_person in [true, false] {
        let (_, journal) = journal();
        let mut op = armed(&journal, 10).await;
        journal.doubt(&mut op, "no answer", at(18)).await.unwrap();
        let unclear = Probe::Undecided {
            why: "48001".into(),
        };
        journal
            .settle_probe(&mut op, &unclear, at(40), at(41))
            .await
            .unwrap();
        assert_eq!(stage(&journal).await, Stage::Stalled);
        assert_eq!(used(&journal).await, 1, "stays spent while nobody knows");
        if by_person {
            let resolution = Resolution {
                done: None,
                by: "li".into(),
                note: "looked in the console".into(),
            };
            journal.resolve(&key(), &resolution, at(50)).await.unwrap();
            assert_eq!(used(&journal).await, 0);
        } else {
            let probe = Probe::Done { ids: ids() };
            journal
                .settle_probe(&mut op, &probe, at(50), at(51))
                .await
                .unwrap();
            assert_eq!(used(&journal).await, 1);
        }
        assert_eq!(stage(&journal).await, Stage::Settled);
    }
}

#[tokio::test]
async fn a_person_waits_as_long_as_a_probe_and_decides_only_doubts() {
    let (_, journal) = journal();
    let resolution = Resolution {
        done: None,
        by: "li".into(),
        note: "sure".into(),
    };
    let missing = journal.resolve(&key(), &resolution, at(1)).await;
    assert!(matches!(missing, Err(JournalError::NoSuchOp { .. })));
    armed(&journal, 10).await;
    let early = journal.resolve(&key(), &resolution, at(20)).await;
    assert!(matches!(early, Err(JournalError::ProbeTooEarly { .. })));
    let doc = journal.resolve(&key(), &resolution, at(33)).await.unwrap();
    assert!(matches!(doc.outcome, Some(Outcome::NotDone { .. })));
    let twice = journal.resolve(&key(), &resolution, at(34)).await;
    assert!(matches!(twice, Err(JournalError::WrongStage { .. })));
}

#[tokio::test]
async fn the_senders_answer_is_believed_after_a_take_over() {
    let error = |class| refusal(1, class, Effect::None);
    for case in 0..4 {
        let (store, old) = journal();
        let new = Journal::new(store, "second");
        let mut op = reserved(&old, 7).await;
        arm(&old, &mut op, Some("yes"), 10).await.unwrap();
        let look = new.recover(&key(), at(11)).await.unwrap();
        assert_eq!(look.doc().unwrap().stage, Stage::Doubt);
        match case {
            0 => old.settle_done(&mut op, ids(), at(12)).await,
            1 => {
                old.settle_refused(&mut op, error(ErrorClass::Invalid), at(12))
                    .await
            }
            2 => {
                old.settle_refused(&mut op, error(ErrorClass::Token), at(12))
                    .await
            }
            _ => old.disarm(&mut op, "too late", at(12)).await,
        }
        .unwrap();
        let doc = new.look(&key()).await.unwrap().doc().unwrap().clone();
        assert_eq!(
            doc.stage,
            Stage::Settled,
            "not back to reserved: it is not its holder's"
        );
        let done = doc.outcome.as_ref().is_some_and(Outcome::is_done);
        assert_eq!((done, used(&new).await), (case == 0, u32::from(case == 0)));
        assert_eq!(
            doc.spent.is_empty(),
            case > 1,
            "kept where nothing was accepted"
        );
    }
}

#[tokio::test]
async fn an_effect_that_shows_late_stops_the_next_generation() {
    let (store, old) = journal();
    let new = Journal::new(store, "second");
    let mut op = armed(&old, 10).await;
    let mut doubt = new
        .recover(&key(), at(11))
        .await
        .unwrap()
        .in_doubt()
        .unwrap();
    let none = Probe::NotDone { why: "none".into() };
    new.settle_probe(&mut doubt, &none, at(40), at(40))
        .await
        .unwrap();
    let mut next = reserved(&new, 41).await;
    old.settle_done(&mut op, ids(), at(45)).await.unwrap();
    let armed = arm(&new, &mut next, None, 46).await;
    assert!(matches!(armed, Err(JournalError::Fenced { .. })));
    let look = new.look(&key()).await.unwrap();
    assert_eq!(
        look.doc().unwrap().outcome,
        Some(Outcome::Done { ids: ids() })
    );
    assert_eq!(used(&new).await, 1);
}

#[tokio::test]
async fn an_effect_that_shows_after_it_was_thought_not_done_is_recorded() {
    let (store, old) = journal();
    let new = Journal::new(store, "second");
    let mut op = armed(&old, 10).await;
    let mut doubt = new
        .recover(&key(), at(11))
        .await
        .unwrap()
        .in_doubt()
        .unwrap();
    let none = Probe::NotDone { why: "none".into() };
    new.settle_probe(&mut doubt, &none, at(40), at(40))
        .await
        .unwrap();
    assert_eq!(used(&new).await, 0);
    old.settle_done(&mut op, ids(), at(45)).await.unwrap();
    let look = new.look(&key()).await.unwrap();
    assert_eq!(
        look.doc().unwrap().outcome,
        Some(Outcome::Done { ids: ids() })
    );
    assert_eq!(used(&new).await, 1, "its unit is taken again");
}
