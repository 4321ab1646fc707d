//! The end of this process's part in a store: it was restored, got another key, or was moved away.

use std::sync::Arc;

use tokio::sync::watch;

/// Whether a store is still the one that was opened. Clones are the same.
#[derive(Debug, Clone)]
pub struct Ended(Arc<watch::Sender<Option<String>>>);

impl Default for Ended {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }
}

impl Ended {
    pub(crate) fn tell(&self, why: &str) {
        self.0.send_if_modified(|told| {
            let first = told.is_none();
            told.get_or_insert_with(|| why.to_owned());
            first
        });
    }

    /// Waits until the store is another one, and says why. A process that runs on must end then, and be started again.
    pub async fn wait(&self) -> String {
        let mut told = self.0.subscribe();
        match told.wait_for(Option::is_some).await {
            Ok(why) => why.clone().unwrap_or_default(),
            // The sender lives as long as `self`.
            Err(_) => std::future::pending().await,
        }
    }
}
