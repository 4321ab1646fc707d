//! The running simulator's parts, and the one lock around its world.
//!
//! Nothing waits while it holds the lock.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::account::Account;
use super::calls::CallLog;
use super::clock::Clock;
use super::fault::FaultBook;
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
    /// Each account as it was before its last change: what a stale read shows.
    pub(super) before: BTreeMap<String, Account>,
    pub(super) faults: FaultBook,
    pub(super) calls: CallLog,
}

impl App {
    pub(super) fn new(clock: Clock, http: reqwest::Client, state: State) -> Self {
        let world = World {
            state,
            ..World::default()
        };
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
