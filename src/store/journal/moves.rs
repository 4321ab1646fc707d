//! The moves of one op, as pure functions on its document. No I/O, no clock: [`Journal`](super::Journal) writes.
//!
//! A holder's moves lead towards a request and fail unless the op is exactly where the holder left it. What is
//! learnt about a request that may have been sent is in `evidence.rs`.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::error::JournalError;
use super::op::{Carried, Doubt, LastDone, OpDoc, Outcome, SEND_WINDOW, Spent, Stage, short};
use super::terms::{Arming, Intent};
use crate::store::ledger::Demand;
use crate::store::op_key::OpKey;
use crate::wechat::ApiError;

/// A reserved unit is not used in the last minute of its period: WeChat's clock decides, not ours.
const PERIOD_MARGIN: Duration = Duration::from_secs(60);

impl OpDoc {
    /// The first document of an op.
    pub(super) fn first(op: OpKey, intent: Intent, epoch: &str, now: Timestamp) -> Self {
        let Intent {
            tenant,
            call,
            step,
            wanted,
            evidence,
            observed_at,
        } = intent;
        let mut doc = Self {
            op,
            generation: 1,
            stage: Stage::Open,
            epoch: epoch.to_owned(),
            tenant,
            step,
            call,
            evidence,
            wanted,
            refuted: 0,
            unknown_code: None,
            observed_at,
            doubt: None,
            carried: None,
            reservations: Vec::new(),
            armed_at: None,
            request_timeout_ms: 0,
            attempts: 0,
            outcome: None,
            settled_at: None,
            closed: false,
            late: false,
            done: None,
            spent: Vec::new(),
            trail: Vec::new(),
        };
        doc.note(now, "opened");
        doc
    }

    /// The next generation, from a settled and closed one and an observation that can have shown its outcome.
    pub(super) fn next(
        &self,
        intent: Intent,
        epoch: &str,
        now: Timestamp,
    ) -> Result<Self, JournalError> {
        if self.stage != Stage::Settled || !self.closed {
            return Err(JournalError::Unsettled {
                op: self.op.clone(),
                stage: self.stage,
            });
        }
        let observe_after = self.observe_after().unwrap_or(Timestamp::MAX);
        if intent.observed_at <= observe_after {
            return Err(JournalError::StaleObservation {
                op: self.op.clone(),
                observe_after,
            });
        }
        let mut doc = Self::first(self.op.clone(), intent, epoch, now);
        doc.generation = self.generation.saturating_add(1);
        let done = self.outcome.as_ref().is_some_and(Outcome::is_done);
        if doc.wanted == self.wanted && !done {
            doc.refuted = self.refuted;
        }
        doc.carried = self.carries();
        doc.done = self.done.clone();
        doc.spent = self.spent.clone();
        doc.trail = self.trail.clone();
        doc.note(now, "opened");
        Ok(doc)
    }

    /// What a repeatable call leaves that was answered with an errcode in no table: settled, and held. What was spent
    /// on this op before is kept.
    pub(super) fn of_unknown_code(
        key: &OpKey,
        before: Option<Self>,
        intent: Intent,
        epoch: &str,
        error: &ApiError,
        now: Timestamp,
    ) -> Self {
        let mut doc = Self::first(key.clone(), intent, epoch, now);
        if let Some(before) = before {
            doc.generation = before.generation.saturating_add(1);
            doc.done = before.done;
            doc.spent = before.spent;
            doc.trail = before.trail;
        }
        doc.unknown_code = Some(error.errcode);
        let why = short(&format!("WeChat answered {}", error.errcode));
        doc.settle(Outcome::NotDone { why: why.clone() }, now, &why);
        doc.closed = true;
        doc
    }

    /// What a person leaves who says that what is there is what was wanted: settled, as if it had been sent.
    pub(super) fn of_assumption(
        key: &OpKey,
        before: Option<Self>,
        intent: Intent,
        epoch: &str,
        now: Timestamp,
    ) -> Self {
        let mut doc = Self::first(key.clone(), intent, epoch, now);
        if let Some(before) = before {
            doc.generation = before.generation.saturating_add(1);
            doc.spent = before.spent;
            doc.trail = before.trail;
        }
        let ids = BTreeMap::new();
        doc.settle(Outcome::Done { ids }, now, "a person says that it is so");
        doc.closed = true;
        doc
    }

    /// Open → Reserved.
    pub(super) fn reserve(
        &mut self,
        reservations: Vec<Demand>,
        now: Timestamp,
    ) -> Result<(), JournalError> {
        self.must_be(Stage::Open, Stage::Reserved)?;
        self.stage = Stage::Reserved;
        // In another period it takes another unit.
        let same = |carried: &Carried| reservations.iter().all(|one| one.ends_at == carried.until);
        self.carried = self.carried.filter(same);
        self.reservations = reservations;
        self.note(now, "reserved");
        Ok(())
    }

    /// Reserved → Armed, and the approval is spent, in one write.
    pub(super) fn arm(&mut self, arming: &Arming, now: Timestamp) -> Result<(), JournalError> {
        let Arming {
            approval,
            request_timeout,
        } = arming;
        self.must_be(Stage::Reserved, Stage::Armed)?;
        self.must_not_end(now)?;
        if let Some(approval) = approval {
            self.spend(approval, now)?;
        }
        self.stage = Stage::Armed;
        self.armed_at = Some(now);
        self.request_timeout_ms = u64::try_from(request_timeout.as_millis()).unwrap_or(u64::MAX);
        self.attempts = self.attempts.saturating_add(1);
        self.note(now, "armed");
        Ok(())
    }

    /// Open or Reserved → Settled: it will not be sent.
    pub(super) fn abandon(&mut self, why: &str, now: Timestamp) -> Result<(), JournalError> {
        match self.stage {
            Stage::Open | Stage::Reserved => {
                let why = short(why);
                self.settle(Outcome::NotSent { why: why.clone() }, now, &why);
                Ok(())
            }
            Stage::Armed | Stage::Doubt | Stage::Settled | Stage::Stalled => {
                Err(self.wrong_stage(Stage::Settled))
            }
        }
    }

    /// What a new holder makes of an op whose holder is gone. Whether it changed anything.
    pub(super) fn take_over(&mut self, epoch: &str, now: Timestamp) -> bool {
        match self.stage {
            Stage::Open | Stage::Reserved => {
                epoch.clone_into(&mut self.epoch);
                let why = "its holder was gone before anything was sent";
                self.settle(Outcome::NotSent { why: why.into() }, now, why);
                true
            }
            Stage::Armed => {
                epoch.clone_into(&mut self.epoch);
                self.stage = Stage::Doubt;
                self.doubt = Some(Doubt::Silence);
                self.note(now, "its holder was gone after it was armed");
                true
            }
            Stage::Doubt | Stage::Stalled | Stage::Settled => false,
        }
    }

    /// → Settled. Tenant and ledger follow.
    pub(super) fn settle(&mut self, outcome: Outcome, now: Timestamp, note: &str) {
        self.stage = Stage::Settled;
        if let Outcome::Done { ids } = &outcome {
            self.done = Some(LastDone {
                call: self.call.clone(),
                evidence: self.evidence.clone(),
                ids: ids.clone(),
                at: now,
                shown: Value::Null,
                given_back: false,
            });
        }
        self.outcome = Some(outcome);
        self.settled_at = Some(now);
        self.closed = false;
        self.note(now, note);
    }

    /// An arming after which surely nothing was sent, or nothing was accepted: the approval is not spent.
    pub(super) fn unspend(&mut self) {
        let generation = self.generation;
        self.spent.retain(|spent| spent.generation != generation);
    }

    pub(super) fn wrong_stage(&self, wanted: Stage) -> JournalError {
        JournalError::WrongStage {
            op: self.op.clone(),
            stage: self.stage,
            wanted,
        }
    }

    fn must_be(&self, stage: Stage, wanted: Stage) -> Result<(), JournalError> {
        if self.stage == stage {
            Ok(())
        } else {
            Err(self.wrong_stage(wanted))
        }
    }

    fn must_not_end(&self, now: Timestamp) -> Result<(), JournalError> {
        let latest = SignedDuration::try_from(SEND_WINDOW + PERIOD_MARGIN)
            .ok()
            .and_then(|margin| now.checked_add(margin).ok())
            .unwrap_or(Timestamp::MAX);
        let ends = self.reservations.iter().map(|demand| demand.ends_at).min();
        match ends.filter(|ends_at| latest >= *ends_at) {
            None => Ok(()),
            Some(ends_at) => Err(JournalError::ReservationEnds {
                op: self.op.clone(),
                ends_at,
            }),
        }
    }

    fn spend(&mut self, approval: &str, now: Timestamp) -> Result<(), JournalError> {
        let known = |spent: &Spent| spent.approval == approval && spent.step == self.step;
        if self.spent.iter().any(known) {
            return Err(JournalError::ApprovalSpent {
                op: self.op.clone(),
                approval: approval.to_owned(),
            });
        }
        self.spent.push(Spent {
            approval: approval.to_owned(),
            step: self.step.clone(),
            generation: self.generation,
            at: now,
        });
        Ok(())
    }
}
