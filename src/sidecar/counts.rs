//! How many pushes of each kind were taken since the start, for the private port. No appid, no text. Those that were not
//! are counted in `tally`.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

/// What can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Ticket,
    Authorized,
    UpdateAuthorized,
    Unauthorized,
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

const ALL: [(Counted, &str); 9] = [
    (Counted::Ticket, "tickets"),
    (Counted::Authorized, "authorized"),
    (Counted::UpdateAuthorized, "updateAuthorized"),
    (Counted::Unauthorized, "unauthorized"),
    (Counted::Unknown, "unknown"),
    (Counted::Message, "messages"),
    (Counted::MessageLost, "messagesNotForwarded"),
    (Counted::Replayed, "replayed"),
    (Counted::NotStored, "notStored"),
];

/// The counters.
#[derive(Debug, Default)]
pub(super) struct Counts([AtomicU64; ALL.len()]);

impl Counts {
    pub(super) fn count(&self, what: Counted) {
        if let Some(counter) = self.0.get(what as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn json(&self) -> Value {
        ALL.iter()
            .zip(&self.0)
            .map(|((_, name), counter)| {
                ((*name).to_owned(), json!(counter.load(Ordering::Relaxed)))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_own_counter() {
        let counts = Counts::default();
        for (n, (what, _)) in ALL.iter().enumerate() {
            assert_eq!(*what as usize, n);
            (0..=n).for_each(|_| counts.count(*what));
        }
        let json = counts.json();
        assert_eq!(json["tickets"], 1);
        assert_eq!(json["notStored"], 9);
    }
}
