//! What every handler works with. It knows no handler.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use tokio::task::JoinSet;

use super::Gatekeeper;
use super::clicks::Clicks;
use super::codes::Codes;
use super::counts::Counts;
use super::originals::Originals;
use super::passing::Passing;
use super::platform::Platform;
use super::replay::Replays;
use super::tally::Tally;
use super::window::Windows;
use crate::client::Clock;
use crate::store::Store;

/// What every handler sees, as it is when a request comes: platforms may change while the sidecar runs.
#[derive(Clone)]
pub(super) struct Shared {
    pub(super) platforms: Arc<[Arc<Platform>]>,
    pub(super) gatekeeper: Arc<dyn Gatekeeper>,
    pub(super) store: Store,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) wake: Arc<dyn Fn(&str) + Send + Sync>,
    pub(super) http: reqwest::Client,
    pub(super) replays: Arc<Replays>,
    pub(super) window: Arc<Windows>,
    pub(super) passing: Arc<Passing>,
    pub(super) originals: Arc<Originals>,
    pub(super) clicks: Arc<Clicks>,
    pub(super) codes: Arc<Codes>,
    pub(super) counts: Arc<Counts>,
    pub(super) tally: Arc<Tally>,
    pub(super) background: Arc<Mutex<JoinSet<()>>>,
}

/// What handlers see now.
#[derive(Clone)]
pub(super) struct Current(Arc<RwLock<Arc<Shared>>>);

impl Current {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self(Arc::new(RwLock::new(shared)))
    }

    pub(super) fn get(&self) -> Arc<Shared> {
        let shared = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&shared)
    }

    pub(super) fn set(&self, shared: Shared) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        *held = Arc::new(shared);
    }
}

impl Shared {
    /// Runs something that no answer waits for, but the end of the sidecar does.
    pub(super) fn background(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self
            .background
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(work);
    }

    /// What is under way, to be waited for.
    pub(super) fn take_background(&self) -> JoinSet<()> {
        let mut tasks = self
            .background
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *tasks)
    }
}
