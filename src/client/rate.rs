//! Our own limits, below WeChat's: so many requests a second per platform and per account.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::clock::Clock;
use crate::wechat::Appid;

/// Requests a second for the whole platform; a burst of as many is let through at once.
const PER_PLATFORM: u32 = 200;
/// Requests a second for one account.
const PER_ACCOUNT: u32 = 20;

/// Spaces requests out.
#[derive(Debug)]
pub(super) struct Rate {
    clock: Arc<dyn Clock>,
    buckets: Mutex<BTreeMap<Option<Appid>, Bucket>>,
}

/// Virtual scheduling: `next` is when the bucket would be empty, at one token per `1/rate` seconds.
#[derive(Debug, Clone, Copy, Default)]
struct Bucket {
    next: Duration,
}

impl Rate {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            buckets: Mutex::new(BTreeMap::new()),
        }
    }

    /// Waits until a request about an account may go.
    pub(super) async fn pass(&self, account: &Appid) {
        let wait = {
            let now = self.clock.since_boot();
            let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
            // Accounts that have been quiet for a second hold nothing worth keeping.
            buckets.retain(|_, bucket| bucket.next > now);
            let platform = buckets.entry(None).or_default().take(now, PER_PLATFORM);
            let account = buckets
                .entry(Some(account.clone()))
                .or_default()
                .take(now, PER_ACCOUNT);
            platform.max(account)
        };
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
    }
}

impl Bucket {
    fn take(&mut self, now: Duration, per_second: u32) -> Duration {
        let spacing = Duration::from_secs(1) / per_second;
        let burst = Duration::from_secs(1);
        let start = self.next.max(now);
        self.next = start + spacing;
        (start + spacing).saturating_sub(now + burst)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::client::ManualClock;

    #[tokio::test]
    async fn an_account_gets_a_burst_and_then_its_rate() {
        let clock = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
        let rate = Rate::new(clock.clone());
        let account = Appid::parse("wx1111111111111111").unwrap();
        for _ in 0..PER_ACCOUNT {
            rate.pass(&account).await;
        }
        assert_eq!(clock.since_boot(), Duration::ZERO);
        for _ in 0..10 * PER_ACCOUNT {
            rate.pass(&account).await;
        }
        assert!(
            clock.since_boot() >= Duration::from_secs(9),
            "{:?}",
            clock.since_boot()
        );
    }
}
