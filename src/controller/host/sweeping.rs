//! Repairs what a killed process left half done, and forgets what is over: a unit that was taken from a scarce quota for
//! an operation that went on without it would else be lost for its month or year.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::Shared;
use crate::store;

/// How often, by the clock.
const EVERY: SignedDuration = SignedDuration::from_hours(1);
/// How often it is looked whether it is time. Real time, since a clock that others move moves at once.
const GLANCE: Duration = Duration::from_secs(1);

/// Sweeps until it is told to stop. Every repair stands by itself, so that it may be cut off anywhere.
pub(super) async fn sweep(shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    let mut last: Option<Timestamp> = None;
    loop {
        let now = shared.clock.now();
        if last.is_none_or(|last| now < last || now.duration_since(last) >= EVERY) {
            last = Some(now);
            let journal = shared.platforms.read().await.clients.journal();
            tokio::select! {
                swept = store::sweep(&journal, now) => match swept {
                    Ok(swept) => tracing::debug!(?swept, "swept the store"),
                    Err(error) => {
                        let error = crate::controller::chain(&error);
                        tracing::warn!(error, "the store could not be swept");
                    }
                },
                _ = stopped.wait_for(|stop| *stop) => return,
            }
        }
        tokio::select! {
            () = tokio::time::sleep(GLANCE) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}
