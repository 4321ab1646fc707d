//! Many tenants at once, so many at a time, where a slow one makes room: the others never wait for it.

use std::future::Future;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream;
use tokio::sync::Semaphore;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::progress::Progress;

/// A tenant that takes longer makes room for the next one and goes on beside.
const SLOW: Duration = Duration::from_secs(1);
/// So many go on beside. Where WeChat as a whole is slow this bounds sockets and memory: two requests each stay below
/// the usual 1,024 open files.
const SLOW_AT_MOST: usize = 256;
/// How often the progress line is drawn anew while nothing ends.
const TICK: Duration = Duration::from_millis(500);

/// Does a piece of work for each; the results are in the same order. `reads` says how many reads one took.
pub(super) async fn each<'a, I, T, W>(
    all: &'a [I],
    name: impl Fn(&'a I) -> &'a str,
    at_once: usize,
    progress: Progress,
    work: impl Fn(&'a I) -> W,
    reads: impl Fn(&T) -> usize,
) -> Vec<T>
where
    W: Future<Output = T>,
{
    let lanes = Lanes::new(at_once, SLOW_AT_MOST, SLOW);
    let (lanes, progress, work, reads, name) = (&lanes, &progress, &work, &reads, &name);
    let mut under_way = stream::iter(all.iter().enumerate())
        .map(|(n, one)| async move {
            let done = lanes
                .take(|| {
                    progress.begin(name(one));
                    work(one)
                })
                .await;
            progress.end(name(one), reads(&done));
            (n, done)
        })
        .buffer_unordered(at_once + SLOW_AT_MOST);
    let mut results = Vec::with_capacity(all.len());
    let mut tick = interval_at(Instant::now() + TICK, TICK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            next = under_way.next() => match next {
                Some(result) => results.push(result),
                None => break,
            },
            _ = tick.tick() => progress.draw(),
        }
    }
    results.sort_by_key(|(n, _)| *n);
    results.into_iter().map(|(_, done)| done).collect()
}

struct Lanes {
    swift: Semaphore,
    slow: Semaphore,
    patience: Duration,
}

impl Lanes {
    fn new(swift: usize, slow: usize, patience: Duration) -> Self {
        Self {
            swift: Semaphore::new(swift),
            slow: Semaphore::new(slow),
            patience,
        }
    }

    /// Begins when there is room. The work is made only then, and on the heap: most tenants wait.
    async fn take<W: Future>(&self, work: impl FnOnce() -> W) -> W::Output {
        // Neither semaphore is ever closed.
        let room = self.swift.acquire().await.ok();
        let mut work = Box::pin(work());
        if let Ok(done) = timeout(self.patience, &mut work).await {
            return done;
        }
        let beside = self.slow.try_acquire().ok();
        if beside.is_some() {
            drop(room);
            return work.await;
        }
        let done = work.await;
        drop(room);
        done
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join;
    use futures::future::join_all;

    use super::*;

    const AT_MOST: Duration = Duration::from_secs(20);

    /// Six that end only once four others have; whether that ever happens.
    async fn six_that_wait_for_four(swift: usize, slow: usize) -> bool {
        let lanes = Lanes::new(swift, slow, Duration::from_millis(10));
        let over = Semaphore::new(0);
        let stuck = join_all((0..6).map(|_| lanes.take(|| over.acquire())));
        let quick = join_all((0..4).map(|_| lanes.take(|| std::future::ready(()))));
        let all = join(stuck, async {
            quick.await;
            over.add_permits(6);
        });
        let patience = if swift + slow > 6 {
            AT_MOST
        } else {
            Duration::from_millis(300)
        };
        timeout(patience, all).await.is_ok()
    }

    #[tokio::test]
    async fn slow_ones_make_room_for_the_others() {
        assert!(six_that_wait_for_four(2, 8).await);
    }

    #[tokio::test]
    async fn only_so_many_go_on_beside() {
        assert!(!six_that_wait_for_four(1, 4).await);
    }
}
