//! Our own limits, below WeChat's: so many requests a second per platform and per account, so many at once. Where
//! WeChat says "slow down" all the same, the account's bucket stays shut until its minute is over.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::clock::Clock;
use crate::wechat::Appid;

/// Requests a second for the whole platform; a burst of as many is let through at once.
const PER_PLATFORM: u32 = 200;
/// Requests a second for one account.
const PER_ACCOUNT: u32 = 20;
/// Requests under way at once for the whole platform.
const AT_ONCE: usize = 64;
/// What a bucket lets through at once: a second's worth.
const BURST: Duration = Duration::from_secs(1);
/// WeChat counts calls by the minute where it answers that there were too many.
const HOLD: Duration = Duration::from_secs(60);

/// Spaces requests out.
#[derive(Debug)]
pub(super) struct Rate {
    clock: Arc<dyn Clock>,
    buckets: Mutex<BTreeMap<Option<Appid>, Bucket>>,
    at_once: Semaphore,
}

/// Leave to make one request; given back when the request has ended.
#[derive(Debug)]
pub(super) struct Leave<'a> {
    _permit: Option<SemaphorePermit<'a>>,
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
            at_once: Semaphore::new(AT_ONCE),
        }
    }

    /// Waits until a request about an account may go.
    pub(super) async fn pass(&self, account: &Appid) -> Leave<'_> {
        let wait = self.take(account);
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
        Leave {
            // The semaphore is never closed.
            _permit: self.at_once.acquire().await.ok(),
        }
    }

    /// Waits until a request about an account could go, without taking its place: what has been armed is sent at
    /// once, so the waiting comes before.
    pub(super) async fn ready(&self, account: &Appid) {
        let wait = {
            let now = self.clock.since_boot();
            let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
            let of = |name: &Option<Appid>| buckets.get(name).map_or(now, |bucket| bucket.next);
            of(&None)
                .max(of(&Some(account.clone())))
                .saturating_sub(now + BURST)
        };
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
    }

    /// Counts a request that goes without waiting.
    pub(super) fn count(&self, account: &Appid) {
        self.take(account);
    }

    /// WeChat has said that there were too many: nothing about this account for a minute.
    pub(super) fn slow_down(&self, account: &Appid) {
        let shut_until = self.clock.since_boot() + HOLD + BURST;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets.entry(Some(account.clone())).or_default();
        bucket.next = bucket.next.max(shut_until);
    }

    fn take(&self, account: &Appid) -> Duration {
        let now = self.clock.since_boot();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        // Buckets that are full again hold nothing worth keeping.
        buckets.retain(|_, bucket| bucket.next > now);
        let platform = buckets.entry(None).or_default().take(now, PER_PLATFORM);
        let account = buckets
            .entry(Some(account.clone()))
            .or_default()
            .take(now, PER_ACCOUNT);
        platform.max(account)
    }
}

impl Bucket {
    fn take(&mut self, now: Duration, per_second: u32) -> Duration {
        let spacing = Duration::from_secs(1) / per_second;
        let start = self.next.max(now);
        self.next = start + spacing;
        (start + spacing).saturating_sub(now + BURST)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::client::ManualClock;

    fn set_up() -> (Arc<ManualClock>, Rate, Appid) {
        let clock = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
        let rate = Rate::new(clock.clone());
        (clock, rate, Appid::parse("wx1111111111111111").unwrap())
    }

    #[tokio::test]
    async fn an_account_gets_a_burst_and_then_its_rate() {
        let (clock, rate, account) = set_up();
        for _ in 0..PER_ACCOUNT {
            rate.pass(&account).await;
        }
        assert_eq!(clock.since_boot(), Duration::ZERO);
        for _ in 0..10 * PER_ACCOUNT {
            rate.pass(&account).await;
        }
        let took = clock.since_boot();
        assert!(took >= Duration::from_secs(9), "{took:?}");
    }

    #[tokio::test]
    async fn a_throttled_account_waits_its_minute_and_the_others_do_not() {
        let (clock, rate, account) = set_up();
        rate.slow_down(&account);
        rate.pass(&Appid::parse("wx2222222222222222").unwrap())
            .await;
        assert_eq!(clock.since_boot(), Duration::ZERO);
        rate.ready(&account).await;
        assert_eq!(clock.since_boot(), HOLD);
        rate.pass(&account).await;
        assert!(clock.since_boot() < HOLD + BURST);
    }
}
