//! Carries out one step of a plan: makes its calls and chooses nothing. Done is what has been seen: see `sight`.

use std::time::Duration;

use super::operation::{Looks, journaled};
use super::word::Word;
use super::work::{Work, another_took_over};
use super::{PassError, StepOutcome, StepReport, history, journaled, put, sight};
use crate::plan::{Entry, Step};

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
