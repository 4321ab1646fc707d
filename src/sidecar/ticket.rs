//! Ticket silence heals itself: WeChat is asked to push again, with backoff.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::watch;

use super::shared::Current;

/// How often the clock is looked at. Real time, since a movable clock that is slept on would run away; silence itself
/// is measured on the injected clock.
const GLANCE: Duration = Duration::from_millis(500);
/// How often the store is.
const LOOK: SignedDuration = SignedDuration::from_secs(10);

/// Watches until the sidecar stops.
pub(super) async fn watch(current: Current, mut stopped: watch::Receiver<bool>) {
    let listening_since = current.get().clock.now();
    let mut looked_at = listening_since;
    loop {
        tokio::select! {
            () = tokio::time::sleep(GLANCE) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        let shared = current.get();
        let now = shared.clock.now();
        if now.duration_since(looked_at) < LOOK {
            continue;
        }
        looked_at = now;
        for platform in shared.platforms.iter() {
            if let Err(error) = platform.served.client.mind_ticket(listening_since).await {
                tracing::error!(
                    error = super::chain(&error),
                    "the age of the ticket cannot be read"
                );
            }
        }
    }
}
