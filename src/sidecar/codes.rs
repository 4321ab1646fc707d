//! Authorization codes that wait for their next try: which, since when, and when it is due.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::client::Addressee;
use crate::store::Key;
use crate::wechat::Appid;
use crate::wechat::secret::Secret;
use jiff::{SignedDuration, Timestamp};

/// The wait before the second try; it doubles.
const FIRST: SignedDuration = SignedDuration::from_secs(1);
/// The longest wait while a code lives: some twenty tries in its ten minutes.
pub(super) const LONGEST: SignedDuration = SignedDuration::from_secs(30);
/// The longest wait for what is not bound to the code's life.
const PATIENT: SignedDuration = SignedDuration::from_mins(10);
/// How long a code is worth trying for where not even its document could be written.
pub(super) const UNWRITTEN: SignedDuration = SignedDuration::from_secs(600);
/// Codes that wait here at most; more stay in the store until there is room.
const MOST: usize = 10_000;

/// Codes that wait for their next try.
#[derive(Default)]
pub(super) struct Codes(Mutex<BTreeMap<Key, Waiting>>);

/// One code on its way.
pub(super) struct Waiting {
    pub(super) platform: Appid,
    pub(super) code: Secret,
    /// Whom it came for, where that could not be stored.
    pub(super) to: Option<Addressee>,
    pub(super) since: Timestamp,
    pub(super) tries: u32,
    pub(super) due: Timestamp,
}

impl Codes {
    /// Lets a code be tried again after a while.
    pub(super) fn later(&self, mut waiting: Waiting, now: Timestamp) {
        waiting.tries = waiting.tries.saturating_add(1);
        waiting.due = now + pause(waiting.tries, now.duration_since(waiting.since));
        self.put(waiting);
    }

    pub(super) fn put(&self, waiting: Waiting) {
        let key = Key::code(&waiting.platform, waiting.code.expose());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = all.get_mut(&key) {
            held.to = held.to.take().or(waiting.to);
            held.due = held.due.min(waiting.due);
        } else if all.len() < MOST {
            all.insert(key, waiting);
        }
    }

    /// A ticket has come: what waited for one need not wait longer.
    pub(super) fn hurry(&self, platform: &Appid, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = all.values_mut().filter(|one| one.platform == *platform);
        of.for_each(|one| one.due = now);
    }

    /// Takes out what is due. What is due later than any wait lasts was put off under a clock that has been set back.
    pub(super) fn take_due(&self, now: Timestamp) -> Vec<Waiting> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = |one: &Waiting| one.due <= now || one.due > now + PATIENT;
        let keys: Vec<Key> = all
            .iter()
            .filter(|(_, one)| due(one))
            .map(|(key, _)| key.clone())
            .collect();
        keys.iter().filter_map(|key| all.remove(key)).collect()
    }
}

/// 1 s, 2, 4 … half a minute; ten minutes for what has waited longer than a code lives.
fn pause(tries: u32, waited: SignedDuration) -> SignedDuration {
    let doubled = 2_i32.saturating_pow(tries.saturating_sub(1).min(16));
    let longest = if waited < UNWRITTEN { LONGEST } else { PATIENT };
    FIRST.saturating_mul(doubled).min(longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    fn one(code: &str, due: i64) -> Waiting {
        Waiting {
            platform: Appid::parse("wx00000000000000aa").unwrap(),
            code: Secret::new(code),
            to: None,
            since: at(0),
            tries: 0,
            due: at(due),
        }
    }

    #[test]
    fn waits_double_and_are_never_longer_than_half_a_minute_while_a_code_lives() {
        let young = SignedDuration::from_secs(10);
        let waits: Vec<i64> = (1..=8).map(|tries| pause(tries, young).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(pause(u32::MAX, UNWRITTEN), PATIENT);
    }

    #[test]
    fn a_code_is_due_once_and_a_ticket_or_a_clock_set_back_hurries_it() {
        let codes = Codes::default();
        let platform = one("a", 0).platform;
        codes.put(one("a", 5));
        codes.put(one("a", 7));
        assert!(codes.take_due(at(4)).is_empty());
        assert_eq!(codes.take_due(at(5)).len(), 1);
        assert!(codes.take_due(at(5)).is_empty());
        codes.put(one("a", 25));
        codes.hurry(&platform, at(6));
        assert_eq!(codes.take_due(at(6)).len(), 1);
        codes.put(one("a", 86_400));
        assert_eq!(codes.take_due(at(0)).len(), 1);
    }

    #[test]
    fn whom_a_code_came_for_is_not_forgotten_over_its_push() {
        let codes = Codes::default();
        codes.put(one("a", 5));
        codes.put(Waiting {
            to: Some(Addressee::of("t", None)),
            ..one("a", 9)
        });
        let due = codes.take_due(at(5));
        assert_eq!(due[0].to, Some(Addressee::of("t", None)));
    }
}
