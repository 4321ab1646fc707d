//! Pushes that came and could not be used: counted by reason, and how many of them may be logged and written down.
//! Anybody can send what is refused, so the pace of both is bounded, whatever comes in.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::store::documents::PushTally;
use crate::wechat::Appid;
use crate::wechat::push::PushTrouble;

/// The first of a kind is written at once, so that whoever looks finds it; what follows within this time, together.
pub(super) const PACE: Duration = Duration::from_secs(10);
/// So many lines of one kind are logged at once, and then one in every [`LINE`].
const LINES: u32 = 20;
const LINE: Duration = Duration::from_secs(10);
/// The counters.
#[derive(Default)]
pub(super) struct Tally {
    since_start: [AtomicU64; PushTrouble::ALL.len()],
    unwritten: Mutex<BTreeMap<(Appid, PushTrouble), Unwritten>>,
    lines: Mutex<BTreeMap<PushTrouble, Lines>>,
    /// One writes for all.
    pub(super) writing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Unwritten {
    news: Option<PushTally>,
    written_at: Option<Instant>,
}

impl Unwritten {
    fn is_due(&self, at: Instant) -> bool {
        let since = |written| at.saturating_duration_since(written);
        self.written_at.is_none_or(|written| since(written) >= PACE)
    }
}

/// A bucket of lines that may be logged.
struct Lines {
    left: u32,
    refilled_at: Instant,
    kept_back: u64,
}

impl Tally {
    /// How often each was seen since the start, those that never were left out.
    pub(super) fn json(&self) -> Value {
        self.all()
            .filter(|(_, count)| *count > 0)
            .map(|(trouble, count)| (trouble.name().to_owned(), json!(count)))
            .collect()
    }

    /// How often each was seen since the start.
    pub(super) fn all(&self) -> impl Iterator<Item = (PushTrouble, u64)> {
        let all = PushTrouble::ALL.into_iter().zip(&self.since_start);
        all.map(|(trouble, count)| (trouble, count.load(Ordering::Relaxed)))
    }

    /// How many pushes were refused since the start.
    pub(super) fn refused(&self) -> u64 {
        self.all()
            .filter(|(trouble, _)| trouble.is_refusal() && *trouble != PushTrouble::Path)
            .map(|(_, count)| count)
            .sum()
    }

    /// Counts one since the start.
    pub(super) fn count(&self, trouble: PushTrouble) {
        if let Some(counter) = self.since_start.get(trouble as usize) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Adds one; answers whether it is to be written at once.
    pub(super) fn add(
        &self,
        platform: &Appid,
        trouble: PushTrouble,
        detail: Option<&str>,
        (now, at): (Timestamp, Instant),
    ) -> bool {
        let mut all = self
            .unwritten
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let one = all.entry((platform.clone(), trouble)).or_default();
        let news = one.news.get_or_insert(PushTally {
            count: 0,
            first_at: now,
            last_at: now,
            detail: None,
        });
        news.count = news.count.saturating_add(1);
        news.last_at = now;
        if let Some(detail) = detail {
            news.detail = Some(detail.to_owned());
        }
        one.is_due(at)
    }

    pub(super) fn is_due(&self, platform: &Appid, at: Instant) -> bool {
        let all = self
            .unwritten
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut of = all.iter().filter(|((of, _), _)| of == platform);
        of.any(|(_, one)| one.news.is_some() && one.is_due(at))
    }

    pub(super) fn take(&self, platform: &Appid, at: Instant) -> BTreeMap<PushTrouble, PushTally> {
        let mut all = self
            .unwritten
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut news = BTreeMap::new();
        for ((_, trouble), one) in all.iter_mut().filter(|((of, _), _)| of == platform) {
            if let Some(tally) = one.news.take() {
                one.written_at = Some(at);
                news.insert(*trouble, tally);
            }
        }
        news
    }

    /// What could not be written is written with what comes next.
    fn put_back(&self, platform: &Appid, news: BTreeMap<PushTrouble, PushTally>) {
        let mut all = self
            .unwritten
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for (trouble, tally) in news {
            let one = all.entry((platform.clone(), trouble)).or_default();
            match &mut one.news {
                Some(newer) => {
                    newer.count = newer.count.saturating_add(tally.count);
                    newer.first_at = tally.first_at;
                }
                None => one.news = Some(tally),
            }
        }
    }

    /// Whether one more line of this kind may be logged, and how many were kept back before it.
    pub(super) fn line(&self, trouble: PushTrouble, now: Instant) -> Option<u64> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = lines.entry(trouble).or_insert(Lines {
            left: LINES,
            refilled_at: now,
            kept_back: 0,
        });
        let earned = now.saturating_duration_since(bucket.refilled_at).as_secs() / LINE.as_secs();
        if earned > 0 {
            let earned = u32::try_from(earned).unwrap_or(LINES);
            bucket.left = bucket.left.saturating_add(earned).min(LINES);
            bucket.refilled_at = now;
        }
        match bucket.left.checked_sub(1) {
            Some(left) => {
                bucket.left = left;
                Some(std::mem::take(&mut bucket.kept_back))
            }
            None => {
                bucket.kept_back = bucket.kept_back.saturating_add(1);
                None
            }
        }
    }
}

/// What was taken to be written; put back where it was not, also when nobody waits for the write any more.
pub(super) struct Taken<'a> {
    pub(super) tally: &'a Tally,
    pub(super) platform: &'a Appid,
    pub(super) news: BTreeMap<PushTrouble, PushTally>,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.tally
            .put_back(self.platform, std::mem::take(&mut self.news));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform() -> Appid {
        Appid::parse("wx00000000000000aa").unwrap()
    }

    fn now() -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    #[test]
    fn every_trouble_has_its_own_counter() {
        for (n, trouble) in PushTrouble::ALL.iter().enumerate() {
            assert_eq!(*trouble as usize, n);
        }
    }

    #[test]
    fn the_first_of_a_kind_is_written_at_once_and_a_flood_once_in_a_while() {
        let tally = Tally::default();
        let start = Instant::now();
        let add = |trouble, at| tally.add(&platform(), trouble, None, (now(), at));
        assert!(add(PushTrouble::Signature, start));
        assert_eq!(
            tally.take(&platform(), start)[&PushTrouble::Signature].count,
            1
        );
        assert!((0..1_000).all(|_| !add(PushTrouble::Signature, start)));
        assert!(add(PushTrouble::Decrypt, start), "another kind");
        assert!(add(PushTrouble::Signature, start + PACE));
        let news = tally.take(&platform(), start + PACE);
        assert_eq!(news[&PushTrouble::Signature].count, 1_001);
        assert!(tally.take(&platform(), start + PACE).is_empty());
    }

    #[test]
    fn what_was_not_written_is_not_forgotten() {
        let tally = Tally::default();
        let at = Instant::now();
        tally.add(&platform(), PushTrouble::Path, Some("/a"), (now(), at));
        drop(Taken {
            tally: &tally,
            platform: &platform(),
            news: tally.take(&platform(), at),
        });
        tally.add(&platform(), PushTrouble::Path, Some("/b"), (now(), at));
        let news = tally.take(&platform(), at);
        assert_eq!(news[&PushTrouble::Path].count, 2);
        assert_eq!(news[&PushTrouble::Path].detail.as_deref(), Some("/b"));
    }

    #[test]
    fn a_flood_does_not_fill_the_log() {
        let tally = Tally::default();
        let start = Instant::now();
        let logged = |n: u32, at| {
            (0..n)
                .filter_map(|_| tally.line(PushTrouble::Path, at))
                .count()
        };
        assert_eq!(logged(1_000, start), 20);
        let later = start + LINE;
        assert_eq!(tally.line(PushTrouble::Path, later), Some(980));
        assert_eq!(logged(10, later), 0);
        assert_eq!(
            tally.line(PushTrouble::Signature, later),
            Some(0),
            "another kind"
        );
    }
}
