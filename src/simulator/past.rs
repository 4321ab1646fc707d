//! Accounts as they were: what a read shows that lags behind the writes.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};

use super::account::Account;

/// Changes remembered of one account.
const REMEMBERED: usize = 16;

/// What every changed account was before its last changes, and until when.
#[derive(Debug, Default)]
pub(super) struct Past(BTreeMap<String, VecDeque<(Timestamp, Account)>>);

impl Past {
    /// Notes what an account was until now.
    pub(super) fn note(&mut self, account: Account, until: Timestamp) {
        let before = self.0.entry(account.app_id.clone()).or_default();
        if before.len() == REMEMBERED {
            before.pop_front();
        }
        before.push_back((until, account));
    }

    /// The account before its last change, or `lag` ago where one is given. None: it was then what it is now.
    pub(super) fn of(
        &self,
        app_id: &str,
        now: Timestamp,
        lag: Option<SignedDuration>,
    ) -> Option<&Account> {
        let before = self.0.get(app_id)?;
        let found = match lag {
            None => before.back(),
            Some(lag) => {
                let moment = now.saturating_sub(lag).unwrap_or(Timestamp::MIN);
                before.iter().find(|(until, _)| *until > moment)
            }
        };
        found.map(|(_, account)| account)
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::super::account::Kind;
    use super::*;

    #[test]
    fn a_read_that_lags_shows_what_was_then() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let mut past = Past::default();
        for (alias, until) in [("first", 10), ("second", 20)] {
            let mut account = Account::new("wx1", Kind::OfficialAccount);
            account.alias = alias.to_owned();
            past.note(account, at(until));
        }
        let seen = |now, lag: Option<i64>| {
            let lag = lag.map(SignedDuration::from_secs);
            past.of("wx1", at(now), lag)
                .map(|account| account.alias.as_str())
        };
        assert_eq!(seen(21, None), Some("second"));
        assert_eq!(seen(21, Some(15)), Some("first"));
        assert_eq!(seen(21, Some(5)), Some("second"));
        assert_eq!(seen(26, Some(5)), None, "by now it shows");
        assert_eq!(past.of("wx2", at(21), None), None);
    }
}
