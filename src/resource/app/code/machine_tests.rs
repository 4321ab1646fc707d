//! Every situation there is: one answer, which WeChat takes then.

use super::machine::{Again, Ask, Begun, Gray, Is, LastAudit, Next, Situation, next};
use crate::resource::world::now;
use crate::wechat::code::AuditState;

/// Every situation there is: what the function says fits what WeChat takes then.
#[test]
fn every_situation_has_one_answer_that_wechat_takes() {
    let is = [Is::Wanted, Is::Other, Is::Unknown];
    let some = |all: &[Is]| -> Vec<Option<Is>> {
        std::iter::once(None)
            .chain(all.iter().copied().map(Some))
            .collect()
    };
    let states = [
        AuditState::Passed,
        AuditState::Refused,
        AuditState::InReview,
        AuditState::Withdrawn,
        AuditState::Delayed,
        AuditState::Odd(9),
    ];
    let mut audits = vec![None];
    for is in is {
        for state in states {
            for released in [false, true] {
                audits.push(Some(LastAudit {
                    is,
                    state,
                    released,
                }));
            }
        }
    }
    let grays = [
        Gray::None,
        Gray::Running(5),
        Gray::Running(50),
        Gray::Paused(5),
    ];
    for live in some(&is) {
        for trial in some(&is) {
            for audit in &audits {
                for history in [None, Some(3)] {
                    for gray in grays {
                        for detected in [false, true] {
                            let steps = [vec![], vec![5, 50]];
                            for (steps, ours_runs) in steps.into_iter().zip([false, true]) {
                                let mut situation = Situation {
                                    held: false,
                                    live,
                                    trial,
                                    audit: *audit,
                                    submitted_before: false,
                                    history: None,
                                    gray: None,
                                    ours_runs,
                                    begun: Begun::Nothing,
                                    detected: None,
                                    steps,
                                    soaked_at: None,
                                    now: now(),
                                };
                                let answer = answered(&mut situation, history, gray, detected);
                                fits(&situation, answer, history, gray, detected);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What is asked for is told, once each.
fn answered(situation: &mut Situation, history: Option<i64>, gray: Gray, detected: bool) -> Next {
    for _ in 0..4 {
        let answer = next(situation);
        let Next::Ask(ask) = answer else {
            return answer;
        };
        match ask {
            Ask::History => situation.history = Some(history),
            Ask::Gray => situation.gray = Some(gray),
            Ask::Detection => situation.detected = Some(detected),
        }
    }
    panic!("it asks for ever: {situation:?}");
}

/// The table of section 9 of WeChat's contract.
fn fits(situation: &Situation, answer: Next, history: Option<i64>, gray: Gray, detected: bool) {
    let Situation {
        live, trial, audit, ..
    } = situation;
    let in_flight = audit.is_some_and(|audit| audit.state.is_in_flight());
    let passed =
        audit.is_some_and(|audit| audit.state == AuditState::Passed && audit.is == Is::Wanted);
    match answer {
        Next::Submit(again) => {
            assert!(
                trial == &Some(Is::Wanted) && detected && !in_flight,
                "{situation:?}"
            );
            // One more of the same needs a yes of its own.
            let ended = audit.is_some_and(|audit| audit.is != Is::Other);
            assert_eq!(again.is_some(), ended, "{situation:?}");
            if let Some(Again::RolledBack) = again {
                assert!(passed);
            }
        }
        Next::Release => assert!(passed && live != &Some(Is::Wanted), "{situation:?}"),
        Next::GrayAgain(_) => panic!("nothing was begun: {situation:?}"),
        Next::Gray(percent) => {
            assert!(passed && live.is_some(), "{situation:?}");
            assert!(
                gray == Gray::None || gray == Gray::Running(5) && percent == 50,
                "{situation:?}"
            );
        }
        Next::Revert(to) => assert!(history == Some(to) && gray == Gray::None && live.is_some()),
        Next::Commit => {
            assert!(trial != &Some(Is::Wanted) && !in_flight && live != &Some(Is::Wanted))
        }
        Next::InSync => {
            assert_eq!(live, &Some(Is::Wanted));
            assert!(!situation.ours_runs || gray == Gray::None, "{situation:?}");
        }
        Next::Detecting => assert!(!detected),
        Next::UnderReview { .. } | Next::AnotherAudit => assert!(in_flight),
        Next::Soaking(..) | Next::GrayPaused(_) | Next::GrayInTheWay(_) | Next::GrayUnnamed(_) => {
            assert_ne!(gray, Gray::None)
        }
        Next::Odd(_) => assert_eq!(audit.map(|audit| audit.state), Some(AuditState::Odd(9))),
        Next::Held | Next::Ask(_) => panic!("{situation:?}"),
    }
}
