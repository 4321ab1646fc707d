//! What everything that carries out a step works with, and what it writes of it before.

use super::memory::Memory;
use super::pass::Pass;
use super::planned::Planned;
use super::{Actor, Desired, PassError, StepOutcome, tried};
use crate::plan::{Entry, Step, Text};
use crate::resource::Seen;
use crate::store::journal::Intent;
use crate::wechat::{Call, Lost};

/// What carrying out steps needs beside the actor.
pub(super) struct Work<'a> {
    pub(super) actor: &'a Actor,
    pub(super) desired: &'a Desired,
    pub(super) memory: &'a Memory,
    /// The plan whose steps are carried out.
    pub(super) planned: &'a Planned,
    /// What was seen for it.
    pub(super) seen: &'a Seen,
    /// The pass that everything is done under.
    pub(super) pass: &'a Pass,
}

impl Work<'_> {
    /// Whether the tenant is still ours to change.
    pub(super) async fn is_ours(&self) -> Result<bool, PassError> {
        let ours = self.pass.is_ours().await;
        ours.map_err(|error| self.desired.store_error(error))
    }
}

/// The outcome of a request that never left: it may be because the tenant is another process's now.
pub(super) async fn unsent(work: &Work<'_>, lost: &Lost) -> Result<StepOutcome, PassError> {
    if work.is_ours().await? {
        Ok(StepOutcome::not_sent(lost))
    } else {
        Ok(another_took_over())
    }
}

pub(super) fn another_took_over() -> StepOutcome {
    StepOutcome::Moved(Text::new(
        "本进程停顿期间，另一个 wxops 进程已接管该租户；未发送，请重新运行",
        "another wxops took this tenant over while this one stood still: nothing was sent, run it again",
    ))
}

/// What goes into the journal before a call.
pub(super) fn intent(work: &Work<'_>, entry: &Entry, step: &Step, call: &Call) -> Intent {
    Intent {
        tenant: work.desired.tenant.clone(),
        call: call.clone(),
        step: entry.digest(&work.desired.tenant, step).to_string(),
        wanted: tried::wanted(work.desired, call),
        evidence: step.evidence.clone(),
        observed_at: work.planned.observed_at,
    }
}
