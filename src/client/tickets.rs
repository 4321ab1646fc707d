//! Tickets that come at once share a write, and the newest wins: only that one is worth anything.

use std::sync::{Mutex as Latch, MutexGuard, PoisonError};

use tokio::sync::Mutex;

use crate::store::StoreError;
use crate::store::documents::Ticket;

/// Tickets that wait to be stored.
#[derive(Debug, Default)]
pub(super) struct Tickets {
    waiting: Latch<Waiting>,
    /// One write at a time. Whoever waited for it looks first whether its ticket went along.
    writing: Mutex<()>,
}

#[derive(Debug, Default)]
struct Waiting {
    newest: Option<Ticket>,
    /// How many came.
    came: u64,
    /// How many of those are stored, or older than one that is.
    stored: u64,
}

impl Tickets {
    /// Has a ticket stored by `write`, or a newer one that waits. Returns when that is done.
    ///
    /// # Errors
    /// What `write` says: then the ticket may not be stored.
    pub(super) async fn keep<F: Future<Output = Result<(), StoreError>>>(
        &self,
        ticket: Ticket,
        write: impl FnOnce(Ticket) -> F,
    ) -> Result<(), StoreError> {
        let mine = self.waiting().add(ticket);
        let _turn = self.writing.lock().await;
        let Some((newest, came)) = self.waiting().due(mine) else {
            return Ok(());
        };
        write(newest).await?;
        self.waiting().written(came);
        Ok(())
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiting {
    fn add(&mut self, ticket: Ticket) -> u64 {
        let held = self.newest.take();
        self.newest = held
            .filter(|held| held.created_at > ticket.created_at)
            .or(Some(ticket));
        self.came += 1;
        self.came
    }

    /// The newest ticket and how many it stands for; nothing where ours is stored already.
    fn due(&self, mine: u64) -> Option<(Ticket, u64)> {
        let newest = self.newest.clone().filter(|_| self.stored < mine)?;
        Some((newest, self.came))
    }

    fn written(&mut self, came: u64) {
        self.stored = came;
        if self.came == came {
            self.newest = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use futures::future::join_all;
    use jiff::Timestamp;

    use super::*;

    fn ticket(n: i64) -> Ticket {
        Ticket {
            value: format!("ticket@@@{n}").as_str().into(),
            created_at: Timestamp::from_second(n).unwrap(),
        }
    }

    #[tokio::test]
    async fn of_many_at_once_the_newest_is_written_and_no_answer_comes_before() {
        let tickets = Tickets::default();
        let (newest, writes) = (AtomicU64::new(0), AtomicU64::new(0));
        let (newest, writes) = (&newest, &writes);
        let write = |ticket: Ticket| async move {
            tokio::task::yield_now().await;
            writes.fetch_add(1, Ordering::Relaxed);
            let second = ticket.created_at.as_second().try_into().unwrap();
            newest.fetch_max(second, Ordering::Relaxed);
            Ok(())
        };
        // The newest of them comes in the middle.
        let order = (0..50).chain((50..100).rev());
        join_all(order.map(|n| {
            let kept = tickets.keep(ticket(n), write);
            async move {
                kept.await.unwrap();
                let stored = newest.load(Ordering::Relaxed);
                assert!(
                    stored >= n.try_into().unwrap(),
                    "{n} was answered at {stored}"
                );
            }
        }))
        .await;
        assert_eq!(newest.load(Ordering::Relaxed), 99);
        assert!(writes.load(Ordering::Relaxed) <= 3);
        // One that comes later is written, old or not: the store decides.
        tickets.keep(ticket(7), write).await.unwrap();
        assert!(writes.load(Ordering::Relaxed) >= 2);
    }

    #[tokio::test]
    async fn a_write_that_fails_acknowledges_nobody() {
        let tickets = Tickets::default();
        let fails = |_| async {
            Err(StoreError::Unavailable {
                why: "full".to_owned(),
            })
        };
        let kept = join_all((0..5).map(|n| tickets.keep(ticket(n), fails))).await;
        assert!(kept.iter().all(Result::is_err));
        tickets.keep(ticket(9), |_| async { Ok(()) }).await.unwrap();
    }
}
