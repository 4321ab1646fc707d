//! Failures shared: who waited for somebody else's token request gets no answer where that one got none. Otherwise
//! three hundred tenants would find out one after the other, ten seconds each, that WeChat cannot be reached.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::TokenError;
use crate::wechat::Lost;

/// Longer than anybody waits for a flight.
const KEPT: Duration = Duration::from_secs(60);

/// When a flight last ended without an answer.
#[derive(Debug, Default)]
pub(super) struct Losses {
    last: Mutex<BTreeMap<String, (Instant, Lost)>>,
}

impl Losses {
    /// What the flight came to, if it ended without an answer since somebody began to wait for it.
    pub(super) fn since(&self, flight: &str, asked: Instant) -> Option<Lost> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.get(flight)
            .filter(|(at, _)| *at > asked)
            .map(|(_, lost)| lost.clone())
    }

    /// What the flight came to, if it ended without an answer not longer ago than this.
    pub(super) fn within(&self, flight: &str, time: Duration) -> Option<Lost> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.get(flight)
            .filter(|(at, _)| at.elapsed() < time)
            .map(|(_, lost)| lost.clone())
    }

    /// Notes how a flight ended.
    pub(super) fn note<T>(&self, flight: &str, outcome: &Result<T, TokenError>) {
        if let Err(TokenError::Lost(lost)) = outcome {
            self.keep(flight, lost);
        }
    }

    /// Notes that a flight ended without an answer.
    pub(super) fn keep(&self, flight: &str, lost: &Lost) {
        let now = Instant::now();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.retain(|_, (at, _)| now.duration_since(*at) < KEPT);
        last.insert(flight.to_owned(), (now, lost.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_counts_for_those_who_waited_and_not_for_those_who_come_later() {
        let losses = Losses::default();
        let before = Instant::now();
        let lost = Lost {
            endpoint: "api_component_token".to_owned(),
            why: "timed out".to_owned(),
            sent: true,
            answered: false,
        };
        std::thread::sleep(Duration::from_millis(2));
        losses.note::<()>("wx1", &Err(TokenError::Lost(lost.clone())));
        assert_eq!(losses.since("wx1", before), Some(lost));
        assert_eq!(losses.since("wx2", before), None);
        std::thread::sleep(Duration::from_millis(2));
        assert_eq!(losses.since("wx1", Instant::now()), None);
    }
}
