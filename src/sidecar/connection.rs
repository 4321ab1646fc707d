//! Open connections: what each is about, and which of them go first where there are too many.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout};

/// How long a connection may say nothing. Longer than proxies keep theirs (nginx: 60 s), so that the proxy ends it and
/// never sends a push into one that closes.
const IDLE: Duration = Duration::from_secs(75);
/// How long the headers of a request may take from their first byte on. Whoever takes longer is not WeChat.
const HEAD: Duration = Duration::from_secs(5);
/// This part of all goes at once where there are too many.
const AT_ONCE: usize = 16;
/// How long room is waited for before it is looked again: a connection may have become idle meanwhile.
const GLANCE: Duration = Duration::from_millis(50);

/// What is going on at a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing has come since it began, or since the last answer.
    Idle,
    /// The headers of a request are coming.
    Head,
    /// Its body is.
    Body,
    /// The request is here, and its answer is worked on.
    Working,
}

/// One connection.
pub(super) struct Connection {
    at: Mutex<(Phase, Instant)>,
    /// Rings once where it has to go.
    end: Notify,
}

/// All of them.
pub(super) struct Connections {
    most: usize,
    open: Mutex<Open>,
    gone: Notify,
}

#[derive(Default)]
struct Open {
    next: u64,
    all: BTreeMap<u64, Arc<Connection>>,
    /// Told to go, and not gone yet.
    ending: BTreeMap<u64, Arc<Connection>>,
}

/// One that is open as long as this lives.
pub(super) struct Held {
    connections: Arc<Connections>,
    number: u64,
    pub(super) connection: Arc<Connection>,
}

impl Connection {
    fn new() -> Self {
        Self {
            at: Mutex::new((Phase::Idle, Instant::now())),
            end: Notify::new(),
        }
    }

    fn at(&self) -> MutexGuard<'_, (Phase, Instant)> {
        self.at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something else goes on from now.
    pub(super) fn enter(&self, phase: Phase) {
        *self.at() = (phase, Instant::now());
    }

    /// Bytes came. Only the first of a request matter.
    pub(super) fn heard(&self) {
        let mut at = self.at();
        if at.0 == Phase::Idle {
            *at = (Phase::Head, Instant::now());
        }
    }

    /// Waits until it has to go.
    pub(super) async fn ends(&self) {
        self.end.notified().await;
    }

    /// Since when it waits for whoever is at the other end; none while it is we who work.
    fn waits_since(&self) -> Option<Instant> {
        let (phase, since) = *self.at();
        match phase {
            Phase::Idle | Phase::Head | Phase::Body => Some(since),
            Phase::Working => None,
        }
    }

    fn is_overdue(&self, idle: Duration, now: Instant) -> bool {
        let (phase, since) = *self.at();
        match phase {
            Phase::Idle => now.saturating_duration_since(since) >= idle,
            Phase::Head => now.saturating_duration_since(since) >= HEAD,
            // Whoever reads the body bounds its time.
            Phase::Body | Phase::Working => false,
        }
    }
}

impl Connections {
    /// At most so many.
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            open: Mutex::default(),
            gone: Notify::new(),
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more.
    pub(super) fn hold(self: &Arc<Self>) -> Held {
        let mut open = self.open();
        let number = open.next;
        open.next += 1;
        let connection = Arc::new(Connection::new());
        open.all.insert(number, Arc::clone(&connection));
        Held {
            connections: Arc::clone(self),
            number,
            connection,
        }
    }

    /// Waits until there is room for one more; those that have kept us waiting longest make it. Several at once, since
    /// each takes a turn of the scheduler to go, and a crowd may come faster.
    pub(super) async fn room(&self) {
        while self.is_full() {
            self.end_oldest();
            let _ = timeout(GLANCE, self.gone.notified()).await;
        }
    }

    fn is_full(&self) -> bool {
        let open = self.open();
        open.all.len() + open.ending.len() >= self.most
    }

    /// Ends those that have kept us waiting longest, unless some are ending already.
    pub(super) fn end_oldest(&self) {
        let mut open = self.open();
        if !open.ending.is_empty() {
            return;
        }
        let waiting = open.all.iter();
        let mut waiting: Vec<(Instant, u64)> = waiting
            .filter_map(|(number, one)| one.waits_since().map(|since| (since, *number)))
            .collect();
        waiting.sort_unstable();
        let some = (self.most / AT_ONCE).max(1);
        let oldest = waiting.into_iter().take(some);
        oldest.for_each(|(_, number)| open.end(number));
    }

    /// Ends those that are slower than anybody who means well; `stopping`, also those that say nothing.
    pub(super) fn end_overdue(&self, stopping: bool, now: Instant) {
        let idle = if stopping { Duration::ZERO } else { IDLE };
        let mut open = self.open();
        let all = open.all.iter();
        let overdue: Vec<u64> = all
            .filter(|(_, one)| one.is_overdue(idle, now))
            .map(|(number, _)| *number)
            .collect();
        overdue.into_iter().for_each(|number| open.end(number));
    }
}

impl Open {
    fn end(&mut self, number: u64) {
        if let Some(one) = self.all.remove(&number) {
            one.end.notify_one();
            self.ending.insert(number, one);
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut open = self.connections.open();
        open.all.remove(&self.number);
        open.ending.remove(&self.number);
        drop(open);
        self.connections.gone.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whoever_keeps_us_waiting_longest_makes_room_and_whoever_we_work_for_stays() {
        let all = Arc::new(Connections::new(3));
        let (working, old, young) = (all.hold(), all.hold(), all.hold());
        working.connection.enter(Phase::Working);
        young.connection.enter(Phase::Body);
        let ended = async {
            old.connection.ends().await;
            drop(old);
        };
        tokio::join!(all.room(), ended);
        let others = async {
            tokio::join!(young.connection.ends(), working.connection.ends());
        };
        assert!(timeout(Duration::from_millis(10), others).await.is_err());
    }

    #[tokio::test]
    async fn of_many_several_go_at_once_and_none_more_while_they_go() {
        let all = Arc::new(Connections::new(4 * AT_ONCE));
        let held: Vec<Held> = (0..4 * AT_ONCE).map(|_| all.hold()).collect();
        all.end_oldest();
        all.end_oldest();
        assert_eq!(all.open().all.len(), 4 * AT_ONCE - 4);
        assert!(all.is_full(), "those that go have their files still");
        drop(held);
        assert!(!all.is_full());
    }

    #[test]
    fn slow_headers_end_in_seconds_and_silence_in_a_minute_and_a_quarter() {
        let all = Arc::new(Connections::new(9));
        let (silent, slow) = (all.hold(), all.hold());
        slow.connection.heard();
        let after = |time| {
            all.end_overdue(false, Instant::now() + time);
            all.open().all.len()
        };
        assert_eq!(after(HEAD / 2), 2);
        assert_eq!(after(HEAD), 1);
        assert_eq!(after(IDLE), 0);
        drop((silent, slow));
    }
}
