//! What is learnt about a request that may have been sent, as pure functions on the op's document.
//!
//! A generation belongs to one holder and has at most one request on its way. So what its sender learns is true of
//! the generation even when another holder has taken the op over: it is believed then too, and only the way back to
//! `Reserved` is closed to it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::error::JournalError;
use super::op::{Doubt, OpDoc, Outcome, Stage, short};
use super::terms::{Probe, Resolution};
use crate::wechat::ApiError;

/// What the sender of a request learnt.
#[derive(Debug, Clone)]
pub(super) enum Evidence {
    /// It took effect.
    Done { ids: BTreeMap<String, String> },
    /// WeChat refused it, and changed nothing.
    Refused(ApiError),
    /// WeChat refused its token, and changed nothing. It may be armed again.
    TokenRefused,
    /// It never left. It may be armed again.
    NotSent { why: String },
    /// Nothing that can be relied on; the errcode, if WeChat gave one that is in no table.
    Nothing {
        why: String,
        unknown: Option<i64>,
        doubt: Doubt,
    },
}

/// What became of evidence.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// The document moved.
    Moved,
    /// The document says so already, or knows better.
    Known,
    /// It is too late: a later generation may have been sent.
    TooLate,
}

impl OpDoc {
    /// Takes in what the sender of `generation` learnt.
    pub(super) fn hear(
        &mut self,
        generation: u64,
        ours: bool,
        evidence: &Evidence,
        now: Timestamp,
    ) -> Heard {
        if self.generation != generation {
            return self.hear_late(generation, evidence, now);
        }
        match self.stage {
            Stage::Armed if ours => self.hear_armed(evidence, now),
            Stage::Armed | Stage::Doubt | Stage::Stalled => self.hear_in_doubt(evidence, now),
            Stage::Settled => self.hear_settled(evidence, now),
            Stage::Open | Stage::Reserved => Heard::TooLate,
        }
    }

    fn hear_armed(&mut self, evidence: &Evidence, now: Timestamp) -> Heard {
        match evidence {
            Evidence::TokenRefused => self.back_to_reserved("WeChat refused the token", now),
            Evidence::NotSent { why } => self.back_to_reserved(why, now),
            Evidence::Nothing {
                why,
                unknown,
                doubt,
            } => {
                self.unknown_code = *unknown;
                self.doubt = Some(*doubt);
                self.stage = Stage::Doubt;
                self.note(now, why);
            }
            Evidence::Done { .. } | Evidence::Refused(_) => self.settle_by(evidence, now),
        }
        Heard::Moved
    }

    fn hear_in_doubt(&mut self, evidence: &Evidence, now: Timestamp) -> Heard {
        if let Evidence::Nothing { unknown, .. } = evidence {
            if unknown.is_none() || self.unknown_code == *unknown {
                return Heard::Known;
            }
            self.unknown_code = *unknown;
            self.note(now, "its sender heard a code that is in no table");
            return Heard::Moved;
        }
        self.settle_by(evidence, now);
        Heard::Moved
    }

    /// The sender speaks after somebody settled it. Only an effect that was thought not to be is news.
    fn hear_settled(&mut self, evidence: &Evidence, now: Timestamp) -> Heard {
        let done = self.outcome.as_ref().is_some_and(Outcome::is_done);
        match evidence {
            Evidence::Done { .. } if !done => {
                self.late = true;
                self.settle_by(evidence, now);
                Heard::Moved
            }
            Evidence::Done { .. }
            | Evidence::Refused(_)
            | Evidence::TokenRefused
            | Evidence::NotSent { .. }
            | Evidence::Nothing { .. } => Heard::Known,
        }
    }

    /// The sender speaks after a new generation began, so somebody thought that its request had no effect. If it
    /// had, what the new generation is about is done, and it must not be sent.
    fn hear_late(&mut self, generation: u64, evidence: &Evidence, now: Timestamp) -> Heard {
        let Evidence::Done { ids } = evidence else {
            return Heard::Known;
        };
        match self.stage {
            Stage::Open | Stage::Reserved => {
                let ids = ids.clone();
                let note = format!("generation {generation} took effect after all");
                self.settle(Outcome::Done { ids }, now, &note);
                // The request that this document holds is the new one, and not what was done.
                self.done = None;
                Heard::Moved
            }
            Stage::Armed | Stage::Doubt | Stage::Settled | Stage::Stalled => Heard::TooLate,
        }
    }

    fn settle_by(&mut self, evidence: &Evidence, now: Timestamp) {
        let (outcome, note) = match evidence {
            Evidence::Done { ids } => (Outcome::Done { ids: ids.clone() }, "done".to_owned()),
            Evidence::Refused(error) => {
                let note = format!("refused: {}", error.errcode);
                (Outcome::Refused(error.clone()), note)
            }
            Evidence::TokenRefused => not_sent("WeChat refused the token"),
            Evidence::NotSent { why } => not_sent(why),
            Evidence::Nothing { .. } => return,
        };
        if let Outcome::NotSent { .. } = outcome {
            self.unspend();
            self.armed_at = None;
        }
        self.settle(outcome, now, &note);
    }

    fn back_to_reserved(&mut self, why: &str, now: Timestamp) {
        self.unspend();
        self.stage = Stage::Reserved;
        self.armed_at = None;
        self.note(now, why);
    }

    /// Takes in what a probe found that began at `begun_at`.
    pub(super) fn hear_probe(
        &mut self,
        probe: &Probe,
        begun_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        self.must_be_in_doubt()?;
        self.must_be_due(begun_at)?;
        match probe {
            Probe::Done { ids } => {
                let ids = ids.clone();
                self.settle(Outcome::Done { ids }, now, "the probe found it done");
            }
            Probe::NotDone { why } => {
                let outcome = Outcome::NotDone { why: short(why) };
                self.refuted = self.refuted.saturating_add(1);
                self.settle(outcome, now, &format!("the probe found it not done: {why}"));
            }
            Probe::Undecided { why } => {
                self.stage = Stage::Stalled;
                self.note(now, &format!("the probe cannot tell: {why}"));
            }
        }
        Ok(())
    }

    /// Takes in what a person decided.
    pub(super) fn hear_person(
        &mut self,
        resolution: &Resolution,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        let Resolution { done, by, note } = resolution;
        if self.is_unproved() {
            // It was found to have had no effect; if it had one all the same, its unit is taken again.
            self.late = true;
        } else {
            self.must_be_in_doubt()?;
            self.must_be_due(now)?;
        }
        self.refuted = 0;
        self.unknown_code = None;
        let outcome = match done {
            Some(ids) => Outcome::Done { ids: ids.clone() },
            None => Outcome::NotDone { why: short(note) },
        };
        self.settle(outcome, now, &format!("resolved by {by}: {note}"));
        Ok(())
    }

    fn must_be_in_doubt(&self) -> Result<(), JournalError> {
        match self.stage {
            Stage::Doubt | Stage::Stalled => Ok(()),
            Stage::Open | Stage::Reserved | Stage::Armed | Stage::Settled => {
                Err(self.wrong_stage(Stage::Settled))
            }
        }
    }

    fn must_be_due(&self, at: Timestamp) -> Result<(), JournalError> {
        let due = self.probe_due().unwrap_or(Timestamp::MAX);
        if at >= due {
            return Ok(());
        }
        Err(JournalError::ProbeTooEarly {
            op: self.op.clone(),
            due,
        })
    }
}

fn not_sent(why: &str) -> (Outcome, String) {
    let why = short(why);
    (Outcome::NotSent { why: why.clone() }, why)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::store::journal::{Arming, Intent, OpKey};
    use crate::wechat::{Appid, open_account};

    /// An operation whose request got no answer.
    fn in_doubt(armed_at: Timestamp) -> OpDoc {
        let appid = Appid::parse("wx1111111111111111").unwrap();
        let key = OpKey {
            action: open_account::CREATE.name.to_owned(),
            appid: appid.clone(),
        };
        let intent = Intent {
            tenant: "sunrise-dance".to_owned(),
            call: open_account::create_request(&appid),
            step: "s1".to_owned(),
            wanted: "w1".to_owned(),
            evidence: serde_json::Value::Null,
            observed_at: armed_at,
        };
        let mut doc = OpDoc::first(key, intent, "me", armed_at);
        doc.reserve(Vec::new(), armed_at).unwrap();
        let arming = Arming {
            approval: None,
            request_timeout: Duration::from_secs(10),
        };
        doc.arm(&arming, armed_at).unwrap();
        let nothing = Evidence::Nothing {
            why: "connection reset".to_owned(),
            unknown: None,
            doubt: Doubt::Silence,
        };
        assert_eq!(doc.hear(1, true, &nothing, armed_at), Heard::Moved);
        assert_eq!(doc.stage, Stage::Doubt);
        doc
    }

    #[test]
    fn a_probe_or_a_person_that_looked_before_the_margin_decides_nothing() {
        let armed_at = Timestamp::UNIX_EPOCH;
        let due = in_doubt(armed_at).probe_due().unwrap();
        assert!(due >= armed_at + Duration::from_secs(10));
        let early = due - Duration::from_millis(1);
        let none = Probe::NotDone {
            why: "89002".to_owned(),
        };
        let mut doc = in_doubt(armed_at);
        doc.hear_probe(&none, early, due).unwrap_err();
        let said = Resolution {
            done: None,
            by: "operator".to_owned(),
            note: String::new(),
        };
        doc.hear_person(&said, early).unwrap_err();
        assert_eq!(doc, in_doubt(armed_at));
        doc.hear_probe(&none, due, due).unwrap();
        assert_eq!(doc.stage, Stage::Settled);
    }

    #[test]
    fn a_sender_who_speaks_late_is_believed_only_where_it_did_something() {
        let now = Timestamp::UNIX_EPOCH;
        let done = Evidence::Done {
            ids: BTreeMap::new(),
        };
        let mut doc = in_doubt(now);
        let due = doc.probe_due().unwrap();
        let none = Probe::NotDone {
            why: "89002".to_owned(),
        };
        doc.hear_probe(&none, due, due).unwrap();
        assert_eq!(
            doc.hear(1, true, &Evidence::TokenRefused, due),
            Heard::Known
        );
        assert_eq!(doc.hear(1, true, &done, due), Heard::Moved);
        assert!(doc.outcome.as_ref().is_some_and(Outcome::is_done));
    }
}
