//! Ticket silence heals itself: WeChat is asked to push again, with backoff.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::server::Shared;

/// How often silence is looked for. Real time, since a movable clock that is slept on would run away; silence itself
/// is measured on the injected clock.
const LOOK: Duration = Duration::from_millis(500);

/// Watches until the sidecar stops.
pub(super) async fn watch(shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    let listening_since = shared.clock.now();
    loop {
        for platform in &shared.platforms {
            if let Err(error) = platform.served.client.mind_ticket(listening_since).await {
                tracing::error!(
                    error = super::chain(&error),
                    "the age of the ticket cannot be read"
                );
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}
