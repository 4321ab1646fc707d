//! Which accounts WeChat was asked about lately: for what they are addressed by (原始 ID), once in a while.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::wechat::Appid;

/// How long an account is not asked about again.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// Accounts remembered as asked about at most.
const MOST: usize = 20_000;

/// When WeChat was asked for an account's original id last.
#[derive(Default)]
pub(super) struct Originals(Mutex<BTreeMap<Appid, Timestamp>>);

impl Originals {
    /// Whether one may be asked about now; notes that it is.
    pub(super) fn may_ask(&self, account: &Appid, now: Timestamp) -> bool {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = |at: &Timestamp| *at <= now && now.duration_since(*at) < PATIENCE;
        if asked.get(account).is_some_and(lately) {
            return false;
        }
        if asked.len() >= MOST {
            asked.clear();
        }
        asked.insert(account.clone(), now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_asked_about_once_in_a_while() {
        let originals = Originals::default();
        let account = Appid::parse("wx1111111111111111").unwrap();
        let other = Appid::parse("wx2222222222222222").unwrap();
        let at = |minutes| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
        assert!(originals.may_ask(&account, at(0)) && originals.may_ask(&other, at(0)));
        assert!(!originals.may_ask(&account, at(9)));
        assert!(originals.may_ask(&account, at(10)));
    }
}
