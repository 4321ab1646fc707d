//! How many pushes of each kind were taken since the start, for the private port, and how long it took to store them. No
//! appid, no text. Those that were not taken are counted in `tally`.

use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::metrics::histogram::Histogram;
use serde_json::{Value, json};

/// What can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Ticket,
    Authorized,
    UpdateAuthorized,
    Unauthorized,
    /// A registration, done or failed.
    Registered,
    /// The end of a review.
    Review,
    /// A notice of a kind, or with fields, that is not used here.
    Unknown,
    Message,
    /// Not forwarded though there was somewhere to forward it to.
    MessageLost,
    /// Acknowledged, since it had been taken before.
    Replayed,
    /// Not acknowledged, since it could not be stored.
    NotStored,
}

/// Each with its name in JSON, and the kind and the result that it is counted under in `/metrics`.
const ALL: [(Counted, &str, &str, &str); 11] = [
    (Counted::Ticket, "tickets", "ticket", "stored"),
    (Counted::Authorized, "authorized", "authorized", "stored"),
    (
        Counted::UpdateAuthorized,
        "updateAuthorized",
        "update_authorized",
        "stored",
    ),
    (
        Counted::Unauthorized,
        "unauthorized",
        "unauthorized",
        "stored",
    ),
    (Counted::Registered, "registered", "registered", "stored"),
    (Counted::Review, "reviews", "review", "stored"),
    (Counted::Unknown, "unknown", "unknown", "ignored"),
    (Counted::Message, "messages", "message", "taken"),
    (
        Counted::MessageLost,
        "messagesNotForwarded",
        "message",
        "not_forwarded",
    ),
    (Counted::Replayed, "replayed", "any", "replayed"),
    (Counted::NotStored, "notStored", "any", "not_stored"),
];

/// WeChat waits 5 s for an answer.
const SECONDS: [f64; 8] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 5.0];

/// The counters.
#[derive(Debug)]
pub(super) struct Counts {
    counters: [AtomicU64; ALL.len()],
    /// How long it took to store a notice, in seconds.
    pub(super) stored: Histogram,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            counters: Default::default(),
            stored: Histogram::new(SECONDS),
        }
    }
}

impl Counts {
    pub(super) fn count(&self, what: Counted) {
        if let Some(counter) = self.counters.get(what as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn json(&self) -> Value {
        ALL.iter()
            .zip(&self.counters)
            .map(|((_, name, ..), counter)| {
                ((*name).to_owned(), json!(counter.load(Ordering::Relaxed)))
            })
            .collect()
    }

    /// Kind, result and how many.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
        let all = ALL.iter().zip(&self.counters);
        all.map(|((.., kind, result), count)| (*kind, *result, count.load(Ordering::Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_own_counter() {
        let counts = Counts::default();
        for (n, (what, ..)) in ALL.iter().enumerate() {
            assert_eq!(*what as usize, n);
            (0..=n).for_each(|_| counts.count(*what));
        }
        let json = counts.json();
        assert_eq!(json["tickets"], 1);
        assert_eq!(json["notStored"], 11);
    }
}
