//! Carries out one step of a plan: makes its calls and chooses nothing. Done is what has been seen: see `sight`.

use std::time::Duration;

use super::observe::{Memory, Planned};
use super::pass::Pass;
use super::recover::Looks;
use super::sight::{self, Word};
use super::{Actor, Desired, PassError, StepOutcome, StepReport, history, journaled, put};
use crate::plan::{Entry, Step, Text};
use crate::resource::Seen;
use crate::wechat::{ApiError, Call, Lost};

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

/// Whether a call goes through the journal: it may happen at most once, or somebody's yes is spent on it.
pub(super) fn journaled(step: &Step, call: &Call) -> bool {
    call.endpoint.class.journaled() || step.costly.is_some()
}

/// Carries out one step.
pub(super) async fn step(
    work: &Work<'_>,
    looks: &mut Looks,
    entry: &Entry,
    step: &Step,
) -> Result<StepReport, PassError> {
    let clock = &work.actor.observer.clock;
    let started = clock.since_boot();
    let number = history::begin(work, entry, step).await?;
    let mut outcome = StepOutcome::Done;
    let mut left = step.clone();
    let mut under_way = false;
    let mut calls = step.calls.iter();
    let mut n = 0;
    while let Some(call) = calls.next() {
        let word = if !work.is_ours().await? {
            Word::known(another_took_over())
        } else if journaled(step, call) {
            journaled::call(work, looks, entry, step, call).await?
        } else {
            put::put(work, entry, step, n, call).await?
        };
        n += 1;
        let looked = sight::look(work, entry, &left, (call, calls.as_slice()), word).await?;
        left = looked.left.unwrap_or(left);
        under_way |= looked.under_way;
        let came = looked.outcome;
        let done = came.done();
        if outcome == StepOutcome::Done || !done {
            outcome = came;
        }
        if !done {
            break;
        }
    }
    let report = StepReport {
        address: entry.address.clone(),
        endpoints: step.calls.iter().map(|call| call.endpoint.name).collect(),
        outcome,
        took: clock.since_boot().saturating_sub(started),
        under_way,
    };
    history::end(work, number, &report).await;
    Ok(report)
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

/// A refusal that stands for "it is so already", as in "WeChat …".
pub(super) fn so_already(error: &ApiError) -> Text {
    let ApiError {
        endpoint,
        errcode,
        zh,
        en,
        ..
    } = error;
    Text::new(
        format!("对 {endpoint} 返回 {errcode}（{zh}）"),
        format!("answered {errcode} to {endpoint} ({en})"),
    )
}

/// A step that another process has become responsible for.
pub(super) fn taken_over(entry: &Entry, step: &Step) -> StepReport {
    StepReport {
        address: entry.address.clone(),
        endpoints: step.calls.iter().map(|call| call.endpoint.name).collect(),
        outcome: another_took_over(),
        took: Duration::ZERO,
        under_way: false,
    }
}
