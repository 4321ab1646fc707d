//! What came of applying every selected tenant, and the exit code that says so.

use super::{Exit, plan};
use crate::plan::Reason;
use crate::reconcile::{Applied, StepReport};

/// What came of applying every selected tenant.
pub(super) struct Done {
    all: Vec<Applied>,
    /// Whether a tenant's pass could not be finished.
    broken: bool,
    /// Whether something that was said yes to has moved, beside what the reports say.
    moved: bool,
    /// Whether somebody asked to wait, so that a wait that is left counts.
    waited: bool,
    /// Whether an earlier look of the same command made a step.
    done_before: bool,
}

impl Done {
    /// What came of one look at every tenant.
    pub(super) fn of(all: Vec<Applied>, broken: bool) -> Self {
        Self {
            all,
            broken,
            moved: false,
            waited: false,
            done_before: false,
        }
    }

    /// What came of looking once more.
    pub(super) fn then(self, next: Self) -> Self {
        Self {
            done_before: self.did_something(),
            ..next
        }
    }

    /// By tenant.
    pub(super) fn all(&self) -> &[Applied] {
        &self.all
    }

    /// Something that was said yes to has moved.
    pub(super) fn moved(&mut self) {
        self.moved = true;
    }

    /// Somebody asked to wait.
    pub(super) fn waited(&mut self) {
        self.waited = true;
    }

    /// Whether something waits that looking again may end: what a release puts in force, it does not.
    pub(super) fn waits(&self) -> bool {
        self.all
            .iter()
            .flat_map(|applied| applied.plan.waits())
            .any(|(_, waiting)| waiting.reason != Reason::NotInForce)
    }

    /// Whether looking again is no use before somebody has looked at what went wrong.
    pub(super) fn ended_badly(&self) -> bool {
        let troubled = self.all.iter().any(|one| one.plan.trouble.is_some());
        self.broken || self.moved || troubled || self.reports().any(|report| !report.outcome.done())
    }

    fn reports(&self) -> impl Iterator<Item = &StepReport> {
        self.all.iter().flat_map(|applied| &applied.reports)
    }

    fn did_something(&self) -> bool {
        self.done_before || self.reports().any(|report| report.outcome.done())
    }

    /// Whether the cap on costly steps held one back.
    pub(super) fn capped(&self) -> bool {
        self.all.iter().any(Applied::capped)
    }

    /// Whether a step is held: by want of an approval, by a guard, or behind one that is.
    fn refused(&self) -> bool {
        let held = self
            .all
            .iter()
            .flat_map(|applied| applied.plan.steps())
            .any(|(_, step)| step.hold.is_some());
        let needs_approval = self
            .all
            .iter()
            .flat_map(|applied| applied.plan.waits())
            .any(|(_, waiting)| waiting.reason == Reason::NeedsApproval);
        held || self.reports().any(|report| report.outcome.guarded())
            || (needs_approval && self.reports().next().is_none())
    }

    /// The exit code: the first that fits, in the order of [`Exit::PRECEDENCE`].
    pub(super) fn exit(&self) -> Exit {
        let unread = |exit| {
            self.all
                .iter()
                .any(|one| plan::unread(&one.plan) == Some(exit))
        };
        let unreadable = unread(Exit::Error);
        let out_of_quota =
            unread(Exit::OutOfQuota) || self.reports().any(|report| report.outcome.out_of_quota());
        let moved = self.moved || self.reports().any(|report| report.outcome.moved());
        let failed = self.broken
            || unreadable
            || self.reports().any(|report| {
                let outcome = &report.outcome;
                !outcome.done() && !outcome.out_of_quota() && !outcome.moved() && !outcome.guarded()
            });
        let refused = self.refused();
        let fitting = [
            (
                self.all.iter().any(Applied::outcome_unknown),
                Exit::OutcomeUnknown,
            ),
            (
                self.did_something() && (failed || moved || out_of_quota || refused),
                Exit::Partly,
            ),
            (failed, Exit::Error),
            (moved, Exit::Stale),
            (out_of_quota, Exit::OutOfQuota),
            (refused, Exit::Refused),
            (self.waited && self.waits(), Exit::Waiting),
        ];
        let fitting: Vec<Exit> = fitting
            .into_iter()
            .filter(|(fits, _)| *fits)
            .map(|(_, exit)| exit)
            .collect();
        Exit::first_of(&fitting)
    }
}

#[cfg(test)]
mod tests;
