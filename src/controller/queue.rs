//! Which tenant is looked at next: one queue per platform, each tenant in it once, one pass over it at a time. Pure.
//!
//! There are two lanes. What somebody or something waits for goes before what is only looked at for drift, and within a
//! lane the oldest goes first. Waiting holds no worker: what is due later stands here with its time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

/// Why a tenant is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lane {
    /// A push, a person, a commit, a wait that ends.
    Swift,
    /// To see whether it is still as it should be.
    Drift,
}

/// What is due later than this was put off under a clock that has been set back since.
const LONGEST: SignedDuration = SignedDuration::from_hours(48);

/// One platform's queue.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: BTreeMap<String, (Lane, Timestamp, u64)>,
    order: BTreeSet<(Lane, Timestamp, u64, String)>,
    /// Tenants that are looked at right now, with what was asked for meanwhile.
    running: BTreeMap<String, Option<(Lane, Timestamp)>>,
    /// Nothing is begun before this: the platform is kept from WeChat.
    stopped: Option<Timestamp>,
    /// What was asked for first comes first, at one and the same time.
    asked: u64,
}

impl Queue {
    /// Asks for a look at a tenant. Where one is asked for already, the better lane and the earlier time count.
    pub fn push(&mut self, tenant: &str, lane: Lane, due: Timestamp) {
        if let Some(asked) = self.running.get_mut(tenant) {
            let (lane, due) = asked.map_or((lane, due), |known| best(known, (lane, due)));
            *asked = Some((lane, due));
            return;
        }
        let known = self.waiting.get(tenant).copied();
        let known_lane = known.map(|(lane, due, _)| (lane, due));
        let (lane, due) = known_lane.map_or((lane, due), |known| best(known, (lane, due)));
        self.asked += 1;
        let asked = known.map_or(self.asked, |(_, _, asked)| asked);
        self.forget(tenant);
        self.waiting.insert(tenant.to_owned(), (lane, due, asked));
        self.order.insert((lane, due, asked, tenant.to_owned()));
    }

    /// Takes the next one that is due. [`Queue::end`] gives it back.
    pub fn take(&mut self, now: Timestamp) -> Option<(String, Lane)> {
        if self
            .stopped
            .is_some_and(|until| now < until && until <= now + LONGEST)
        {
            return None;
        }
        self.stopped = None;
        let next = [Lane::Swift, Lane::Drift]
            .into_iter()
            .find_map(|lane| self.due(lane, now))?;
        let (lane, ..) = self.forget(&next)?;
        self.running.insert(next.clone(), None);
        Some((next, lane))
    }

    /// A look has ended. What was asked for meanwhile comes in its turn; `next` otherwise.
    pub fn end(&mut self, tenant: &str, next: Option<(Lane, Timestamp)>) {
        let asked = self.running.remove(tenant).flatten();
        for (lane, due) in asked.into_iter().chain(next) {
            self.push(tenant, lane, due);
        }
    }

    /// Leaves a tenant alone.
    pub fn drop(&mut self, tenant: &str) {
        self.forget(tenant);
    }

    /// Begins nothing before a time.
    pub fn stop(&mut self, until: Timestamp) {
        self.stopped = Some(until);
    }

    /// Goes on.
    pub fn go_on(&mut self) {
        self.stopped = None;
    }

    /// Until when nothing is begun.
    #[must_use]
    pub fn stopped(&self) -> Option<Timestamp> {
        self.stopped
    }

    /// How many are due, by lane, and since when the oldest of them is.
    #[must_use]
    pub fn depth(&self, now: Timestamp) -> ([usize; 2], Option<Timestamp>) {
        let due = |lane: Lane| {
            let all = self.order.iter().filter(move |one| one.0 == lane);
            all.take_while(|(_, due, ..)| *due <= now)
        };
        let oldest = self
            .order
            .iter()
            .map(|(_, due, ..)| *due)
            .filter(|due| *due <= now)
            .min();
        ([due(Lane::Swift).count(), due(Lane::Drift).count()], oldest)
    }

    /// How many are looked at right now.
    #[must_use]
    pub fn under_way(&self) -> usize {
        self.running.len()
    }

    fn due(&self, lane: Lane, now: Timestamp) -> Option<String> {
        let of_lane = || self.order.iter().filter(move |one| one.0 == lane);
        let first = of_lane().next().filter(|(_, due, ..)| *due <= now);
        let lost = || {
            of_lane()
                .next_back()
                .filter(|(_, due, ..)| *due > now + LONGEST)
        };
        first.or_else(lost).map(|(.., tenant)| tenant.clone())
    }

    fn forget(&mut self, tenant: &str) -> Option<(Lane, Timestamp, u64)> {
        let (lane, due, asked) = self.waiting.remove(tenant)?;
        self.order.remove(&(lane, due, asked, tenant.to_owned()));
        Some((lane, due, asked))
    }
}

/// Of two wishes: what is due sooner is looked at sooner, and a swift one does not become slow.
fn best(one: (Lane, Timestamp), other: (Lane, Timestamp)) -> (Lane, Timestamp) {
    if one.1 <= other.1 {
        (
            if one.1 == other.1 {
                one.0.min(other.0)
            } else {
                one.0
            },
            one.1,
        )
    } else {
        other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    fn taken(queue: &mut Queue, now: i64) -> Option<String> {
        queue.take(at(now)).map(|(tenant, _)| tenant)
    }

    #[test]
    fn what_somebody_waits_for_goes_before_drift_and_the_oldest_first() {
        let mut queue = Queue::default();
        for (tenant, lane, due) in [
            ("a", Lane::Drift, 1),
            ("b", Lane::Swift, 3),
            ("c", Lane::Swift, 2),
            ("d", Lane::Swift, 9),
        ] {
            queue.push(tenant, lane, at(due));
        }
        let all: Vec<String> = std::iter::from_fn(|| taken(&mut queue, 5)).collect();
        assert_eq!(all, ["c", "b", "a"]);
        assert_eq!(taken(&mut queue, 9).unwrap(), "d");
    }

    #[test]
    fn a_tenant_is_looked_at_once_at_a_time_and_what_was_asked_meanwhile_comes_after() {
        let mut queue = Queue::default();
        queue.push("a", Lane::Drift, at(100));
        queue.push("a", Lane::Swift, at(1));
        queue.push("a", Lane::Drift, at(50));
        assert_eq!(queue.take(at(1)), Some(("a".to_owned(), Lane::Swift)));
        queue.push("a", Lane::Swift, at(2));
        assert_eq!(queue.take(at(2)), None);
        queue.end("a", Some((Lane::Drift, at(500))));
        assert_eq!(queue.take(at(2)), Some(("a".to_owned(), Lane::Swift)));
        queue.end("a", Some((Lane::Drift, at(500))));
        assert_eq!(taken(&mut queue, 499), None);
        assert_eq!(taken(&mut queue, 500).unwrap(), "a");
    }

    #[test]
    fn a_platform_that_is_kept_from_wechat_begins_nothing_until_it_is_due_or_hurried() {
        let mut queue = Queue::default();
        queue.push("a", Lane::Swift, at(0));
        queue.stop(at(60));
        assert_eq!(taken(&mut queue, 59), None);
        queue.go_on();
        assert_eq!(taken(&mut queue, 59).unwrap(), "a");
        queue.push("b", Lane::Swift, at(0));
        queue.stop(at(60));
        assert_eq!(taken(&mut queue, 60).unwrap(), "b");
        // Put off under a clock that ran ahead.
        queue.push("c", Lane::Swift, at(400 * 86_400));
        queue.stop(at(400 * 86_400));
        assert_eq!(taken(&mut queue, 60).unwrap(), "c");
    }
}
