//! One flight per thing in this process: whoever comes second waits, and then finds what the first one stored.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

/// Locks by name. A lock is forgotten when nobody holds it or waits for it.
#[derive(Debug, Default)]
pub(super) struct Flights {
    locks: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Flights {
    /// Waits until nobody else is on this flight.
    pub(super) async fn board(&self, name: &str) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            Arc::clone(locks.entry(name.to_owned()).or_default())
        };
        lock.lock_owned().await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn one_at_a_time_and_nothing_is_kept_afterwards() {
        let flights = Arc::new(Flights::default());
        let aboard = Arc::new(AtomicUsize::new(0));
        let one = |name: &'static str| {
            let (flights, aboard) = (Arc::clone(&flights), Arc::clone(&aboard));
            async move {
                let _seat = flights.board(name).await;
                assert_eq!(aboard.fetch_add(1, Ordering::SeqCst), 0);
                tokio::task::yield_now().await;
                aboard.fetch_sub(1, Ordering::SeqCst);
            }
        };
        futures::future::join_all((0..20).map(|_| one("a"))).await;
        drop(flights.board("b").await);
        assert_eq!(flights.locks.lock().unwrap().len(), 1);
    }
}
