//! What the system tells of changes in a folder.

use std::path::Path;
use std::sync::Arc;

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;

/// Listens for changes, where the system tells of them.
#[derive(Debug)]
pub struct Watching {
    changed: Arc<Notify>,
    /// Listens while it lives. `None`: the system does not tell.
    _watcher: Option<RecommendedWatcher>,
}

impl Watching {
    pub(super) fn of(root: &Path) -> Self {
        let changed = Arc::new(Notify::new());
        let bell = Arc::clone(&changed);
        let heard = move |event: Result<notify::Event, notify::Error>| {
            // What is only read is no change.
            if event.is_ok_and(|event| !event.kind.is_access()) {
                bell.notify_one();
            }
        };
        let watcher = notify::recommended_watcher(heard).and_then(|mut watcher| {
            watcher.watch(root, RecursiveMode::Recursive)?;
            Ok(watcher)
        });
        let watcher = watcher
            .inspect_err(|error| {
                tracing::warn!(%error, "the system does not tell of changes in the folder; it is looked at every few seconds");
            })
            .ok();
        Self {
            changed,
            _watcher: watcher,
        }
    }

    /// Waits until something has changed.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }
}
