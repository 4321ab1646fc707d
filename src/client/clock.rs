//! The one clock. Everything that asks for the time, or waits, is given one.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use rustix::time::{ClockId, clock_gettime};

/// Tells the time and waits.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The time of day.
    fn now(&self) -> Timestamp;

    /// Time since some fixed moment, counting suspension: a laptop that slept did not stop it.
    fn since_boot(&self) -> Duration;

    /// Waits.
    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()>;
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn since_boot(&self) -> Duration {
        boottime()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        tokio::time::sleep(time).boxed()
    }
}

fn boottime() -> Duration {
    #[cfg(target_os = "linux")]
    let id = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    let id = ClockId::Monotonic;
    let time = clock_gettime(id);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanos = u32::try_from(time.tv_nsec).unwrap_or_default();
    Duration::new(seconds, nanos)
}

/// A clock that several processes share and can move: the system's, plus an offset in milliseconds that a file holds.
///
/// For demos and tests against a simulator. Waiting moves the offset instead of taking real time, so that the margin
/// before a probe costs nothing; not so where it is still ([`SharedClock::still`]).
#[derive(Debug, Clone)]
pub struct SharedClock {
    file: PathBuf,
    is_still: bool,
    ahead: Arc<Mutex<Ahead>>,
}

/// How far a shared clock was moved on, all in all. Setting it back makes no machine younger: whoever waits would wait
/// until the time of day is what it was.
#[derive(Debug)]
struct Ahead {
    offset: SignedDuration,
    by: Duration,
}

impl Ahead {
    fn see(&mut self, offset: SignedDuration) -> Duration {
        let moved = Duration::try_from(offset.saturating_sub(self.offset)).unwrap_or_default();
        self.offset = offset;
        self.by = self.by.saturating_add(moved);
        self.by
    }
}

/// How often a still clock is looked at by whoever waits.
const GLANCE: Duration = Duration::from_millis(20);

impl SharedClock {
    /// The clock whose offset stands in a file; a missing file means no offset.
    #[must_use]
    pub fn file(file: &Path) -> Self {
        let ahead = Ahead {
            offset: SignedDuration::ZERO,
            by: Duration::ZERO,
        };
        Self {
            file: file.to_owned(),
            is_still: false,
            ahead: Arc::new(Mutex::new(ahead)),
        }
    }

    /// The same clock, which only others move: whoever waits for it waits until the time has come by itself or has been
    /// moved on. For a process that runs on: its waits would make time run away for everybody.
    #[must_use]
    pub fn still(file: &Path) -> Self {
        Self {
            is_still: true,
            ..Self::file(file)
        }
    }

    fn offset(&self) -> SignedDuration {
        let millis = fs::read_to_string(&self.file)
            .ok()
            .and_then(|text| text.trim().parse().ok())
            .unwrap_or(0);
        SignedDuration::from_millis(millis)
    }

    async fn wait_until(&self, until: Duration) {
        loop {
            let left = until.saturating_sub(self.since_boot());
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(GLANCE)).await;
        }
    }

    /// Moves the clock on to a moment since boot, unless somebody else has.
    fn advance_to(&self, until: Duration) {
        // One at a time in this process: two tenants that wait at once write one file.
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let left = until.saturating_sub(self.since_boot());
        if left.is_zero() {
            return;
        }
        // The file holds whole milliseconds.
        let by = SignedDuration::try_from(left + Duration::from_millis(1)).unwrap_or_default();
        let offset = self.offset().saturating_add(by).as_millis();
        // Written whole or not at all: another process may read at any moment.
        let draft = self.file.with_extension(format!("{}", std::process::id()));
        if fs::write(&draft, offset.to_string()).is_ok() {
            let _ = fs::rename(&draft, &self.file);
        }
    }
}

static TURN: Mutex<()> = Mutex::new(());

impl Clock for SharedClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
            .saturating_add(self.offset())
            .unwrap_or(Timestamp::MAX)
    }

    fn since_boot(&self) -> Duration {
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        boottime().saturating_add(ahead.see(self.offset()))
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        let until = self.since_boot().saturating_add(time);
        async move {
            if self.is_still {
                self.wait_until(until).await;
                return;
            }
            // Whoever begins to wait at the same moment waits for the same one: the first moves the clock for all.
            tokio::task::yield_now().await;
            self.advance_to(until);
            tokio::task::yield_now().await;
        }
        .boxed()
    }
}

/// A clock that only moves when told to, or when somebody waits. For unit tests.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<Timestamp>,
}

impl ManualClock {
    /// A clock that stands at a moment.
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self {
            now: Mutex::new(now),
        }
    }

    /// Moves it.
    pub fn advance(&self, by: Duration) {
        let mut now = self
            .now
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = now.saturating_add(by).unwrap_or(Timestamp::MAX);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self
            .now
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn since_boot(&self) -> Duration {
        Duration::try_from(self.now().duration_since(Timestamp::UNIX_EPOCH)).unwrap_or_default()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'_, ()> {
        async move { self.advance(time) }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_clock_that_is_set_back_makes_nobody_younger() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("clock");
        let clock = SharedClock::still(&file);
        let moved = |millis: &str| {
            fs::write(&file, millis).unwrap();
            (clock.now(), clock.since_boot())
        };
        let (noon, first) = moved("3600000");
        let (earlier, second) = moved("-600000");
        let (_, third) = moved("0");
        assert!(earlier < noon);
        assert!(second >= first);
        assert!(third - second >= Duration::from_secs(600));
        assert!(third - second < Duration::from_secs(700));
    }

    #[tokio::test]
    async fn waiting_on_a_shared_clock_moves_it_for_everybody_and_takes_no_time() {
        let folder = tempfile::tempdir().unwrap();
        let mine = SharedClock::file(&folder.path().join("clock"));
        let theirs = SharedClock::file(&folder.path().join("clock"));
        let (before, boot) = (theirs.now(), theirs.since_boot());
        let real = std::time::Instant::now();
        mine.sleep(Duration::from_secs(3_600)).await;
        assert!(theirs.now().duration_since(before) >= SignedDuration::from_secs(3_600));
        assert!(theirs.since_boot() - boot >= Duration::from_secs(3_600));
        assert!(real.elapsed() < Duration::from_secs(60));
    }
}
