//! Our own limits, below WeChat's: so many requests a second per platform and per account, so many at once. Where
//! WeChat says "slow down" all the same, what it counts by stays shut until its minute is over.
//!
//! WeChat counts an account's calls against the account and component calls against the platform
//! (platform-and-official-account: 7.1, 7.4). One account that is told to slow down says nothing about the others;
//! two of them, told so on component calls within a minute, mean that it is the platform's minute that is full.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::clock::Clock;
use crate::wechat::endpoint::TokenKind;
use crate::wechat::{Appid, Call};

/// Requests a second for the whole platform; a burst of as many is let through at once. WeChat publishes no figure:
/// this is what [`AT_ONCE`] requests of some 60 ms each come to, so it only bites where WeChat is nearer than that.
const PER_PLATFORM: u32 = 1_000;
/// Requests a second for one account.
const PER_ACCOUNT: u32 = 20;
/// Requests under way at once for the whole platform, not counting those that turned out slow.
const AT_ONCE: usize = 64;
/// What a bucket lets through at once: a second's worth.
const BURST: Duration = Duration::from_secs(1);
/// WeChat counts calls by the minute where it answers that there were too many.
const HOLD: Duration = Duration::from_secs(60);

/// Spaces requests out.
#[derive(Debug)]
pub(super) struct Rate {
    clock: Arc<dyn Clock>,
    buckets: Mutex<Buckets>,
    at_once: Semaphore,
}

/// Leave to make one request; given back when the request has ended.
#[derive(Debug)]
pub(super) struct Leave<'a> {
    _permit: Option<SemaphorePermit<'a>>,
}

#[derive(Debug, Default)]
struct Buckets {
    all: Bucket,
    /// Component calls have no rate of their own, but can be shut.
    component: Bucket,
    accounts: BTreeMap<Appid, Bucket>,
    /// The account that was last told to slow down on a component call, and until when.
    slowed: Option<(Appid, Duration)>,
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
            buckets: Mutex::default(),
            at_once: Semaphore::new(AT_ONCE),
        }
    }

    /// Waits until a request may go.
    pub(super) async fn pass(&self, call: &Call) -> Leave<'_> {
        let wait = self.take(call);
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
        Leave {
            // The semaphore is never closed.
            _permit: self.at_once.acquire().await.ok(),
        }
    }

    /// Waits until a request could go, without taking its place: what has been armed is sent at once, so the waiting
    /// comes before.
    pub(super) async fn ready(&self, call: &Call) {
        let wait = self.wait(call);
        if !wait.is_zero() {
            self.clock.sleep(wait).await;
        }
    }

    /// How long a request would have to wait now.
    pub(super) fn wait(&self, call: &Call) -> Duration {
        let now = self.clock.since_boot();
        let buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = buckets.all.next;
        if let Some(account) = buckets.accounts.get(&call.subject) {
            next = next.max(account.next);
        }
        if is_component(call) {
            next = next.max(buckets.component.next);
        }
        next.saturating_sub(now + BURST)
    }

    /// Counts a request that goes without waiting.
    pub(super) fn count(&self, call: &Call) {
        self.take(call);
    }

    /// WeChat has said that there were too many: no more of what it counts together for a minute.
    pub(super) fn slow_down(&self, call: &Call) {
        self.shut(&call.subject, is_component(call));
    }

    /// The same where it was said of a request for the account's token, which is a component call.
    pub(super) fn slow_down_tokens(&self, account: &Appid) {
        self.shut(account, true);
    }

    fn shut(&self, account: &Appid, component: bool) {
        let now = self.clock.since_boot();
        let shut_until = now + HOLD + BURST;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets
            .accounts
            .entry(account.clone())
            .or_default()
            .shut(shut_until);
        if component {
            let another = buckets
                .slowed
                .as_ref()
                .is_some_and(|(slowed, until)| slowed != account && *until > now);
            if another {
                buckets.component.shut(shut_until);
            }
            buckets.slowed = Some((account.clone(), now + HOLD));
        }
    }

    fn take(&self, call: &Call) -> Duration {
        let now = self.clock.since_boot();
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        // Buckets that are full again hold nothing worth keeping.
        buckets.accounts.retain(|_, bucket| bucket.next > now);
        let all = buckets.all.take(now, PER_PLATFORM);
        let account = buckets
            .accounts
            .entry(call.subject.clone())
            .or_default()
            .take(now, PER_ACCOUNT);
        let component = if is_component(call) {
            buckets.component.next.saturating_sub(now + BURST)
        } else {
            Duration::ZERO
        };
        all.max(account).max(component)
    }
}

fn is_component(call: &Call) -> bool {
    call.endpoint.token == TokenKind::Component
}

impl Bucket {
    fn take(&mut self, now: Duration, per_second: u32) -> Duration {
        let spacing = Duration::from_secs(1) / per_second;
        let start = self.next.max(now);
        self.next = start + spacing;
        (start + spacing).saturating_sub(now + BURST)
    }

    fn shut(&mut self, until: Duration) {
        self.next = self.next.max(until);
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::client::ManualClock;
    use crate::wechat::{authorizer, menu};

    fn set_up() -> (Arc<ManualClock>, Rate) {
        let clock = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
        (clock.clone(), Rate::new(clock))
    }

    fn account(n: u8) -> Appid {
        Appid::parse(&format!("wx{n:016x}")).unwrap()
    }

    fn menu_of(n: u8) -> Call {
        Call::bare(&menu::GET, account(n))
    }

    fn info_of(n: u8) -> Call {
        authorizer::info_request(&account(n))
    }

    #[tokio::test]
    async fn an_account_gets_a_burst_and_then_its_rate() {
        let (clock, rate) = set_up();
        for _ in 0..PER_ACCOUNT {
            rate.pass(&menu_of(1)).await;
        }
        assert_eq!(clock.since_boot(), Duration::ZERO);
        for _ in 0..10 * PER_ACCOUNT {
            rate.pass(&menu_of(1)).await;
        }
        let took = clock.since_boot();
        assert!(took >= Duration::from_secs(9), "{took:?}");
    }

    #[tokio::test]
    async fn a_throttled_account_waits_its_minute_and_the_others_do_not() {
        let (clock, rate) = set_up();
        rate.slow_down(&menu_of(1));
        rate.slow_down(&info_of(2));
        rate.pass(&menu_of(3)).await;
        rate.pass(&info_of(3)).await;
        assert_eq!(clock.since_boot(), Duration::ZERO);
        rate.ready(&menu_of(1)).await;
        assert_eq!(clock.since_boot(), HOLD);
        rate.pass(&menu_of(1)).await;
        assert!(clock.since_boot() < HOLD + BURST);
    }

    #[tokio::test]
    async fn component_calls_of_two_accounts_throttled_shut_the_platforms_minute() {
        let (clock, rate) = set_up();
        rate.slow_down(&info_of(1));
        rate.slow_down(&info_of(1));
        assert_eq!(rate.wait(&info_of(3)), Duration::ZERO);
        rate.slow_down(&info_of(2));
        assert_eq!(rate.wait(&info_of(3)), HOLD);
        assert_eq!(rate.wait(&menu_of(3)), Duration::ZERO);
        clock.advance(HOLD);
        assert_eq!(rate.wait(&info_of(3)), Duration::ZERO);
        rate.slow_down(&info_of(3));
        assert_eq!(rate.wait(&info_of(4)), Duration::ZERO);
    }
}
