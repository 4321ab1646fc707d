//! When a tenant is looked at again. Pure.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::{SignedDuration, Timestamp};

use super::queue::Lane;
use crate::plan::{Reason, TenantPlan, Verdict};
use crate::reconcile::Applied;

/// How often a tenant is looked at that nobody waits for, unless told otherwise.
pub const DRIFT: SignedDuration = SignedDuration::from_hours(6);
/// No probe is made earlier after a request whose outcome is not known.
const PROBE: SignedDuration = SignedDuration::from_secs(30);
/// What others decide is told by a push; where that is lost, a look finds it.
const REVIEW: SignedDuration = SignedDuration::from_mins(30);
/// The first wait after a failure; it doubles.
const FIRST: SignedDuration = SignedDuration::from_secs(30);
/// The longest.
const LONGEST: SignedDuration = SignedDuration::from_hours(1);

/// The next time at which a tenant is looked at for drift: each has its own moment within a period, the same
/// after every restart, so that they never come all at once.
#[must_use]
pub fn slot(tenant: &str, period: SignedDuration, now: Timestamp) -> Timestamp {
    let mut hasher = DefaultHasher::new();
    tenant.hash(&mut hasher);
    let period = period.as_secs().max(1);
    let offset = i64::try_from(hasher.finish() % period.unsigned_abs()).unwrap_or_default();
    let into = (now.as_second() - offset).rem_euclid(period);
    now + SignedDuration::from_secs(period - into)
}

/// When to look again after a pass, and in which lane. `drift` is when it is looked at if nobody waits, `failures` how
/// often it failed in a row, this time included.
#[must_use]
pub fn next(
    applied: &Applied,
    drift: Timestamp,
    failures: u32,
    now: Timestamp,
) -> (Lane, Timestamp) {
    let sooner = if applied.outcome_unknown() {
        Some(now + PROBE)
    } else if failures > 0 {
        Some(now + backoff(failures))
    } else {
        wait_ends(&applied.plan, now)
    };
    match sooner {
        Some(due) if due < drift => (Lane::Swift, due),
        Some(_) | None => (Lane::Drift, drift),
    }
}

/// 30 s, 1 min, 2 … an hour.
#[must_use]
pub fn backoff(failures: u32) -> SignedDuration {
    let doubled = 2_i32.saturating_pow(failures.saturating_sub(1).min(16));
    FIRST.saturating_mul(doubled).min(LONGEST)
}

/// When the first of a plan's waits may be over by itself.
fn wait_ends(plan: &TenantPlan, now: Timestamp) -> Option<Timestamp> {
    let ends = plan
        .entries
        .iter()
        .filter_map(|entry| match &entry.verdict {
            Verdict::Waiting(waiting) => {
                let soon = [Reason::Reauthorized, Reason::AfterAnotherStep];
                let by_itself = if waiting.reason == Reason::OutcomeUnknown {
                    Some(now + PROBE)
                } else if soon.contains(&waiting.reason) {
                    Some(now + FIRST)
                } else {
                    // What a person puts right elsewhere is found by looking.
                    let elsewhere = [Reason::ConfirmFileUnreachable, Reason::TemplateUnclear];
                    let soon = elsewhere.contains(&waiting.reason);
                    (soon || waiting.reason.is_under_way()).then(|| now + REVIEW)
                };
                let until = waiting.until.filter(|until| *until > now);
                until.into_iter().chain(by_itself).min()
            }
            Verdict::Step(step) => {
                let hold = step.hold.as_ref()?;
                (hold.reason == Reason::HourlyCap).then(|| next_hour(now))
            }
            Verdict::Rejected { .. } | Verdict::Suppressed { .. } | Verdict::Unknown(_) => None,
        });
    ends.min()
}

fn next_hour(now: Timestamp) -> Timestamp {
    let into = now.as_second().rem_euclid(3_600);
    now + SignedDuration::from_secs(3_600 - into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    #[test]
    fn slots_are_spread_over_the_period_and_stay_where_they_are() {
        let day = 86_400;
        let all: Vec<i64> = (0..6_000)
            .map(|n| slot(&format!("tenant-{n}"), DRIFT, at(day)).as_second() - day)
            .collect();
        assert!(all.iter().all(|wait| (1..=DRIFT.as_secs()).contains(wait)));
        for hour in 0..6 {
            let of_it = all
                .iter()
                .filter(|wait| (*wait - 1) / 3_600 == hour)
                .count();
            assert!((800..1_200).contains(&of_it), "{hour}: {of_it}");
        }
        let slot = |now: Timestamp| slot("a", DRIFT, now);
        let first = slot(at(day));
        assert_eq!(slot(first - SignedDuration::from_secs(1)), first);
        assert_eq!(slot(first), first + DRIFT);
    }

    #[test]
    fn waits_after_failures_double_up_to_an_hour() {
        let waits: Vec<i64> = (1..=9).map(|n| backoff(n).as_secs()).collect();
        assert_eq!(waits, [30, 60, 120, 240, 480, 960, 1_920, 3_600, 3_600]);
        assert_eq!(backoff(u32::MAX), LONGEST);
    }
}
