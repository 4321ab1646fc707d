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

/// The longest stop, where WeChat does not say until when.
const LONGEST_STOP: SignedDuration = SignedDuration::from_hours(1);
/// The longest where there was no answer: asking costs nothing.
const LONGEST_LOST: SignedDuration = SignedDuration::from_mins(2);
/// A clock that is put right by less than this was not wrong.
const SLACK: SignedDuration = SignedDuration::from_secs(1);

/// What keeps a platform from WeChat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It has no ticket, or one that WeChat does not take: the next one ends it.
    Ticket,
    /// WeChat refuses it. Asking counts.
    Refused,
    /// There was no answer: asking costs nothing, and it may be over soon.
    Lost,
}

/// One platform's queue.
#[derive(Debug, Default)]
pub struct Queue {
    waiting: BTreeMap<String, (Lane, Timestamp, u64)>,
    order: BTreeSet<(Lane, Timestamp, u64, String)>,
    /// Tenants that are looked at right now, with what was asked for meanwhile.
    running: BTreeMap<String, Option<(Lane, Timestamp)>>,
    /// Nothing is begun before this: the platform is kept from WeChat.
    stopped: Option<Timestamp>,
    /// Whether a ticket ends that.
    wants_ticket: bool,
    /// How often in a row it was found to be kept from WeChat.
    stops: u32,
    /// What was asked for first comes first, at one and the same time.
    asked: u64,
    /// What time it was last.
    seen: Option<Timestamp>,
}

impl Queue {
    /// What time it is now. Where the clock was set back, everything is put off from now on for as long as it was put
    /// off under the clock that ran ahead, and no longer.
    pub fn is_now(&mut self, now: Timestamp) {
        let ahead = self
            .seen
            .map_or(SignedDuration::ZERO, |seen| seen.duration_since(now));
        self.seen = Some(now);
        if ahead <= SLACK {
            return;
        }
        self.stopped = self.stopped.map(|until| until - ahead);
        for asked in self.running.values_mut().flatten() {
            asked.1 -= ahead;
        }
        for (_, due, _) in self.waiting.values_mut() {
            *due -= ahead;
        }
        let all = self.waiting.iter();
        let all = all.map(|(tenant, (lane, due, asked))| (*lane, *due, *asked, tenant.clone()));
        self.order = all.collect();
    }

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

    /// Takes the next one of a lane that is due. [`Queue::end`] gives it back.
    pub fn take(&mut self, lane: Lane, now: Timestamp) -> Option<String> {
        self.is_now(now);
        if self.stopped.is_some_and(|until| now < until) {
            return None;
        }
        self.stopped = None;
        let first = (lane, Timestamp::MIN, 0, String::new());
        let (of, due, _, next) = self.order.range(first..).next()?;
        if *of != lane || *due > now {
            return None;
        }
        let next = next.clone();
        self.forget(&next)?;
        self.running.insert(next.clone(), None);
        Some(next)
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

    /// Begins nothing for a while: 2 minutes, 4, 8 … an hour without a ticket, 10, 20 … where WeChat refuses, 4 seconds,
    /// 8, 16 … 2 minutes where there was no answer; and not before `until`. Those that were under way when the
    /// first of them found it out are one finding.
    pub fn stop(&mut self, now: Timestamp, until: Option<Timestamp>, why: Stop) -> Timestamp {
        if let Some(stopped) = self.stopped.filter(|stopped| now < *stopped) {
            return stopped;
        }
        self.stops = self.stops.saturating_add(1);
        let doubled = 2_i32.saturating_pow(self.stops.min(16));
        let (first, longest) = match why {
            Stop::Lost => (SignedDuration::from_secs(2), LONGEST_LOST),
            Stop::Ticket => (SignedDuration::from_mins(1), LONGEST_STOP),
            Stop::Refused => (SignedDuration::from_mins(5), LONGEST_STOP),
        };
        let pause = first.saturating_mul(doubled).min(longest);
        let until = until.unwrap_or(now).max(now + pause);
        self.stopped = Some(until);
        self.wants_ticket = why == Stop::Ticket;
        until
    }

    /// A ticket has come: what waited for one need not wait longer.
    pub fn ticket(&mut self) {
        if self.wants_ticket {
            self.stopped = None;
        }
    }

    /// A person wants it tried now, or the platform is spoken for by other secrets. What WeChat said of how long it will
    /// refuse is kept elsewhere and holds.
    pub fn lift(&mut self) {
        self.stopped = None;
    }

    /// WeChat has answered.
    pub fn reached(&mut self) {
        self.stops = 0;
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

    fn forget(&mut self, tenant: &str) -> Option<(Lane, Timestamp, u64)> {
        let (lane, due, asked) = self.waiting.remove(tenant)?;
        self.order.remove(&(lane, due, asked, tenant.to_owned()));
        Some((lane, due, asked))
    }
}

/// Whose turn it is: the platforms take turns, what somebody waits for goes first whosever it is, and drift checks never
/// take every place.
#[derive(Debug, Default)]
pub struct Turns {
    /// The platform that had the last one of each lane.
    last: BTreeMap<Lane, String>,
}

impl Turns {
    /// Takes the next one that is due: of which platform, who, in which lane. `room` says which lanes have a place.
    pub fn take(
        &mut self,
        queues: &mut BTreeMap<String, Queue>,
        room: impl Fn(Lane) -> bool,
        now: Timestamp,
    ) -> Option<(String, String, Lane)> {
        let lanes = [Lane::Swift, Lane::Drift].into_iter();
        let (platform, tenant, lane) = lanes.filter(|lane| room(*lane)).find_map(|lane| {
            let last = self.last.get(&lane).map_or("", String::as_str);
            let (before, after): (Vec<_>, Vec<_>) = queues
                .iter_mut()
                .partition(|(platform, _)| platform.as_str() <= last);
            let mut in_turn = after.into_iter().chain(before);
            in_turn.find_map(|(platform, queue)| {
                let tenant = queue.take(lane, now)?;
                Some((platform.clone(), tenant, lane))
            })
        })?;
        self.last.insert(lane, platform.clone());
        Some((platform, tenant, lane))
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

    fn next(queue: &mut Queue, now: i64) -> Option<(String, Lane)> {
        let mut lanes = [Lane::Swift, Lane::Drift].into_iter();
        lanes.find_map(|lane| Some((queue.take(lane, at(now))?, lane)))
    }

    fn taken(queue: &mut Queue, now: i64) -> Option<String> {
        next(queue, now).map(|(tenant, _)| tenant)
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
        assert_eq!(next(&mut queue, 1), Some(("a".to_owned(), Lane::Swift)));
        queue.push("a", Lane::Swift, at(2));
        assert_eq!(next(&mut queue, 2), None);
        queue.end("a", Some((Lane::Drift, at(500))));
        assert_eq!(next(&mut queue, 2), Some(("a".to_owned(), Lane::Swift)));
        queue.end("a", Some((Lane::Drift, at(500))));
        assert_eq!(taken(&mut queue, 499), None);
        assert_eq!(taken(&mut queue, 500).unwrap(), "a");
    }

    #[test]
    fn a_platform_that_is_kept_from_wechat_begins_nothing_until_it_is_due_or_a_ticket_ends_it() {
        let mut queue = Queue::default();
        queue.push("a", Lane::Swift, at(0));
        assert_eq!(queue.stop(at(0), None, Stop::Ticket), at(120));
        assert_eq!(taken(&mut queue, 119), None);
        queue.ticket();
        assert_eq!(taken(&mut queue, 119).unwrap(), "a");
        queue.push("b", Lane::Swift, at(0));
        // Each longer than the one before, and those that were under way count once.
        assert_eq!(queue.stop(at(120), None, Stop::Refused), at(1_320));
        assert_eq!(queue.stop(at(121), None, Stop::Refused), at(1_320));
        queue.ticket();
        assert_eq!(taken(&mut queue, 1_319), None);
        assert_eq!(taken(&mut queue, 1_320).unwrap(), "b");
        queue.reached();
        assert_eq!(Queue::default().stop(at(0), None, Stop::Lost), at(4));
        let later = Some(at(9_000));
        assert_eq!(queue.stop(at(1_320), later, Stop::Refused), at(9_000));
        queue.lift();
        queue.push("d", Lane::Swift, at(0));
        assert_eq!(taken(&mut queue, 1_321).unwrap(), "d");
        assert_eq!(
            queue.stop(at(1_321), None, Stop::Refused),
            at(1_321 + 1_200)
        );
    }

    #[test]
    fn without_an_answer_it_is_tried_again_within_two_minutes_however_long_that_lasts() {
        let mut queue = Queue::default();
        let (mut now, mut waits) = (0, Vec::new());
        for _ in 0..8 {
            let until = queue.stop(at(now), None, Stop::Lost).as_second();
            waits.push(until - now);
            now = until;
        }
        assert_eq!(waits, [4, 8, 16, 32, 64, 120, 120, 120]);
    }

    #[test]
    fn what_was_put_off_under_a_clock_that_ran_ahead_is_put_off_no_longer_once_it_is_set_back() {
        let ahead = 40 * 3_600;
        let mut queue = Queue::default();
        queue.push("a", Lane::Swift, at(0));
        assert_eq!(taken(&mut queue, ahead).unwrap(), "a");
        queue.end("a", Some((Lane::Swift, at(ahead))));
        queue.push("b", Lane::Drift, at(ahead + 6 * 3_600));
        queue.stop(at(ahead), None, Stop::Refused);
        assert_eq!(taken(&mut queue, 60), None);
        assert_eq!(queue.stopped(), Some(at(60 + 600)));
        assert_eq!(taken(&mut queue, 660).unwrap(), "a");
        assert_eq!(taken(&mut queue, 60 + 6 * 3_600 - 1), None);
        assert_eq!(taken(&mut queue, 60 + 6 * 3_600).unwrap(), "b");
        // What WeChat said of midnight is not forgotten because a clock was put right by a little.
        queue.push("c", Lane::Swift, at(0));
        queue.stop(at(30_000), Some(at(80_000)), Stop::Refused);
        assert_eq!(taken(&mut queue, 30_000), None);
        assert_eq!(taken(&mut queue, 29_999), None);
        assert_eq!(taken(&mut queue, 79_999), None);
        assert_eq!(taken(&mut queue, 80_000).unwrap(), "c");
    }

    #[test]
    fn platforms_take_turns_and_what_somebody_waits_for_goes_first_whosever_it_is() {
        let mut queues: BTreeMap<String, Queue> = BTreeMap::new();
        for (platform, lane, tenants) in [
            ("main", Lane::Swift, ["m1", "m2"]),
            ("main", Lane::Drift, ["m3", "m4"]),
            ("zwei", Lane::Drift, ["z2", "z3"]),
        ] {
            let queue = queues.entry(platform.to_owned()).or_default();
            tenants.iter().for_each(|one| queue.push(one, lane, at(0)));
        }
        let zwei = queues.get_mut("zwei").unwrap();
        zwei.push("z1", Lane::Swift, at(0));
        let mut turns = Turns::default();
        let mut all = Vec::new();
        while let Some((_, tenant, _)) = turns.take(&mut queues, |_| true, at(1)) {
            all.push(tenant);
        }
        assert_eq!(all, ["m1", "z1", "m2", "m3", "z2", "m4", "z3"]);
        // Where only those have a place that somebody waits for, the others stay.
        let main = queues.get_mut("main").unwrap();
        main.push("m5", Lane::Drift, at(0));
        let swift = |lane| lane == Lane::Swift;
        assert_eq!(turns.take(&mut queues, swift, at(1)), None);
        assert!(turns.take(&mut queues, |_| true, at(1)).is_some());
    }
}
