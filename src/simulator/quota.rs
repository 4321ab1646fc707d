//! Daily and monthly counters, by WeChat's calendar (Asia/Shanghai), and the calls that reset them.

use jiff::tz::{TimeZone, offset};
use jiff::{SignedDuration, Timestamp};

use super::answer::{Refusal, refuse};
use super::endpoint::Endpoint;
use super::platform::Platform;
use super::state::{Counter, CounterKey, State};
use super::switches::Switches;

/// The day in Asia/Shanghai: `2026-11-22`.
pub(super) fn day(now: Timestamp) -> String {
    now.to_zoned(shanghai()).date().to_string()
}

/// The month in Asia/Shanghai: `2026-11`.
pub(super) fn month(now: Timestamp) -> String {
    now.to_zoned(shanghai()).strftime("%Y-%m").to_string()
}

/// The month by which budgets are counted; it may begin some hours late.
pub(super) fn rolling_month(now: Timestamp, switches: &Switches) -> String {
    month(earlier(now, switches.month_rolls_after_hours))
}

/// The year by which budgets are counted: `2026`.
pub(super) fn rolling_year(now: Timestamp, switches: &Switches) -> String {
    let now = earlier(now, switches.year_rolls_after_hours);
    now.to_zoned(shanghai()).strftime("%Y").to_string()
}

fn earlier(now: Timestamp, hours: u32) -> Timestamp {
    let late = SignedDuration::from_hours(hours.into());
    now.saturating_sub(late).unwrap_or(Timestamp::MIN)
}

fn shanghai() -> TimeZone {
    TimeZone::fixed(offset(8))
}

/// The limit of one API per appid and day: set by a switch, else the published one.
pub(super) fn daily_limit(state: &State, endpoint: &Endpoint) -> Option<u64> {
    state
        .switches
        .daily_quotas
        .get(endpoint.path)
        .copied()
        .or(endpoint.daily)
}

/// Counts one call, or refuses it when the day's quota is gone.
pub(super) fn charge(
    state: &mut State,
    now: Timestamp,
    account: &str,
    endpoint: &Endpoint,
) -> Result<(), Refusal> {
    let Some(limit) = daily_limit(state, endpoint) else {
        return Ok(());
    };
    let counter = counter(state, account, endpoint.path, day(now));
    if counter.used >= limit {
        return refuse(45009);
    }
    counter.used += 1;
    Ok(())
}

/// The counter of one appid, path and period, made when first asked for.
pub(super) fn counter<'a>(
    state: &'a mut State,
    account: &str,
    path: &str,
    period: String,
) -> &'a mut Counter {
    let key = (account.to_owned(), path.to_owned(), period.clone());
    if !state.counters.contains_key(&key) {
        forget_before(state, &key);
    }
    state.counters.entry(key).or_insert_with(|| Counter {
        account: account.to_owned(),
        path: path.to_owned(),
        period,
        used: 0,
    })
}

/// The counter of this minute; those of minutes before are forgotten.
pub(super) fn minute_counter<'a>(
    state: &'a mut State,
    account: &str,
    path: &str,
    now: Timestamp,
) -> &'a mut Counter {
    let minute = now.to_zoned(shanghai()).strftime("%Y-%m-%dT%H:%M");
    let minute = minute.to_string();
    let other = |key: &CounterKey| key.0 == account && key.1 == path && key.2 != minute;
    let from = (account.to_owned(), path.to_owned(), String::new());
    let old = state.counters.range(from..).next().map(|(key, _)| key);
    if let Some(old) = old.filter(|key| other(key)).cloned() {
        state.counters.remove(&old);
    }
    counter(state, account, path, minute)
}

impl State {
    /// Says of which month the platforms' reviews of code are, where nobody has.
    pub(super) fn date_audit_quotas(&mut self, now: Timestamp) {
        let undated = |platform: &&mut Platform| platform.audit_quota.is_undated();
        for platform in self.platforms.values_mut().filter(undated) {
            platform.audit_quota.period = Some(rolling_month(now, &self.switches));
        }
    }
}

/// Forgets what this appid called this path in months before, so that a long run does not grow. Only that: with a
/// thousand accounts there are ten thousand counters, and each begins anew every day.
fn forget_before(state: &mut State, (account, path, period): &CounterKey) {
    let month = period.get(..7).unwrap_or(period);
    let from = (account.clone(), path.clone(), String::new());
    let to = (account.clone(), path.clone(), month.to_owned());
    let old: Vec<CounterKey> = state
        .counters
        .range(from..to)
        .map(|(key, _)| key.clone())
        .collect();
    for key in old {
        state.counters.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_of_months_before_are_forgotten() {
        let mut state = State::default();
        for period in ["2026-10", "2026-10-31", "2026-11", "2026-11-22"] {
            counter(&mut state, "wx1", "/a", period.to_owned()).used = 1;
        }
        let periods: Vec<&str> = state
            .counters
            .values()
            .map(|counter| counter.period.as_str())
            .collect();
        assert_eq!(periods, ["2026-11", "2026-11-22"]);
    }

    #[test]
    fn the_day_turns_at_midnight_in_shanghai() {
        let before: Timestamp = "2026-11-30T15:59:59Z".parse().unwrap();
        let after: Timestamp = "2026-11-30T16:00:00Z".parse().unwrap();
        assert_eq!(
            (day(before), month(before)),
            ("2026-11-30".into(), "2026-11".into())
        );
        assert_eq!(
            (day(after), month(after)),
            ("2026-12-01".into(), "2026-12".into())
        );
    }
}
