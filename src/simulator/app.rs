//! The running simulator's parts, and the one lock around its world.
//!
//! Nothing waits while it holds the lock.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::calls::CallLog;
use super::clock::Clock;
use super::fault_book::FaultBook;
use super::past::Past;
use super::state::State;

/// What every request and task shares.
pub(super) struct App {
    pub(super) clock: Clock,
    pub(super) http: reqwest::Client,
    world: Mutex<World>,
}

/// Everything that changes.
#[derive(Default)]
pub(super) struct World {
    pub(super) state: State,
    /// Accounts as they were before their last changes: what a stale read shows.
    pub(super) past: Past,
    pub(super) faults: FaultBook,
    pub(super) calls: CallLog,
}

impl World {
    /// Lets what reviewers have decided by now come into force, and ends what people have not agreed to in time.
    pub(super) fn settle(&mut self, now: Timestamp) {
        for (at, before) in self.state.settle_audits(now) {
            self.past.note(before, at);
        }
        self.state.settle_tasks(now);
        self.state.date_audit_quotas(now);
    }

    /// Puts a settled state in place of the one there is. Faults stay, unless the state orders some, and
    /// what was to be pushed is.
    pub(super) fn replace(&mut self, mut state: State) {
        if let Some(faults) = state.faults.take() {
            self.faults = FaultBook::of(faults);
        }
        self.past.clear();
        state.outbox = std::mem::take(&mut self.state.outbox);
        self.state = state;
    }
}

impl App {
    pub(super) fn new(clock: Clock, http: reqwest::Client, state: State) -> Self {
        let mut world = World::default();
        world.replace(state);
        Self {
            clock,
            http,
            world: Mutex::new(world),
        }
    }

    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
