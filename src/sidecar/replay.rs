//! A bounded memory of pushes already taken, by signature: a replay is acknowledged and otherwise dropped.
//!
//! Lateness is no reason to drop: queued tickets and retries do come late, with a signature of their own. What falls
//! out of the memory and is replayed later does no harm either, since everything a push stores is stored only once.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// About an hour of pushes of a busy platform; 3 MB.
const KEPT: usize = 20_000;

/// Remembers signatures.
#[derive(Debug, Default)]
pub(super) struct Replays {
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    known: HashSet<String>,
    order: VecDeque<String>,
}

impl Replays {
    /// Whether a push was taken before.
    pub(super) fn knows(&self, signature: &str) -> bool {
        self.lock().known.contains(signature)
    }

    /// Remembers a push, once what it says is stored.
    pub(super) fn remember(&self, signature: &str) {
        let mut seen = self.lock();
        let Seen { known, order } = &mut *seen;
        if known.insert(signature.to_owned()) {
            order.push_back(signature.to_owned());
        }
        while order.len() > KEPT {
            if let Some(oldest) = order.pop_front() {
                known.remove(&oldest);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_forgets_the_oldest_first() {
        let replays = Replays::default();
        for n in 0..=KEPT {
            replays.remember(&n.to_string());
        }
        assert!(!replays.knows("0"));
        assert!(replays.knows("1") && replays.knows(&KEPT.to_string()));
        assert_eq!(replays.lock().known.len(), KEPT);
    }
}
