//! When code may be submitted and released: by the days of the week and the hours, in Asia/Shanghai.

use jiff::civil::{Date, Time, Weekday};
use jiff::{Span, Timestamp, ToSpan as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::TenantSpec;
use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::wechat::calendar::shanghai;

/// The times at which code may be submitted and released; at any, where none is named.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct WindowsSpec {
    /// When code may be submitted for review.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub submit: Vec<WindowSpec>,
    /// When it may be released, and a gray release be raised. Going back to an older version may be done at any time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub release: Vec<WindowSpec>,
}

/// Hours of some days, in Asia/Shanghai.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct WindowSpec {
    /// The days on which it begins; every day unless given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
    /// From then on, as in `"09:00"`.
    #[schemars(regex(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub from: String,
    /// Until then; of the next day where it is before `from`.
    #[schemars(regex(pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$"))]
    pub to: String,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Day {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

impl Day {
    fn weekday(self) -> Weekday {
        match self {
            Self::Mon => Weekday::Monday,
            Self::Tue => Weekday::Tuesday,
            Self::Wed => Weekday::Wednesday,
            Self::Thu => Weekday::Thursday,
            Self::Fri => Weekday::Friday,
            Self::Sat => Weekday::Saturday,
            Self::Sun => Weekday::Sunday,
        }
    }
}

/// When it may be done next. `None`: now, or nothing bounds it.
#[must_use]
pub fn opens_at(windows: &[WindowSpec], now: Timestamp) -> Option<Timestamp> {
    if windows.is_empty() {
        return None;
    }
    let today = now.to_zoned(shanghai()).date();
    // One that began yesterday may still be open, and each opens within a week.
    let days = (-1..=7).filter_map(|days: i64| today.checked_add(Span::new().days(days)).ok());
    let mut next: Option<Timestamp> = None;
    for day in days {
        for (from, to) in windows.iter().filter_map(|window| window.on(day)) {
            if from <= now && now < to {
                return None;
            }
            if from > now && next.is_none_or(|next| from < next) {
                next = Some(from);
            }
        }
    }
    // Windows that cannot be read were refused before; nothing waits for ever.
    next
}

impl WindowSpec {
    /// From when until when it is open, if it begins on a day.
    fn on(&self, day: Date) -> Option<(Timestamp, Timestamp)> {
        let begins =
            self.days.is_empty() || self.days.iter().any(|one| one.weekday() == day.weekday());
        let (from, to) = (time(&self.from)?, time(&self.to)?);
        let last = if to <= from {
            day.checked_add(1.day()).ok()?
        } else {
            day
        };
        let at = |day: Date, time: Time| {
            let zoned = day.to_datetime(time).to_zoned(shanghai()).ok()?;
            Some(zoned.timestamp())
        };
        begins.then_some((at(day, from)?, at(last, to)?))
    }
}

fn time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let two = |text: &str| (text.len() == 2).then(|| text.parse::<i8>().ok()).flatten();
    Time::new(two(hour)?, two(minute)?, 0, 0).ok()
}

/// Checks that need no network.
pub(super) fn check(tenant: &TenantSpec, found: &mut Diagnostics) {
    let Some(WindowsSpec { submit, release }) = &tenant.windows else {
        return;
    };
    let root = SpecPath::root().field("windows");
    for (name, windows) in [("submit", submit), ("release", release)] {
        for (index, window) in windows.iter().enumerate() {
            let path = root.field(name).index(index);
            for (field, text) in [("from", &window.from), ("to", &window.to)] {
                if time(text).is_none() {
                    found.error(
                        "WX1368",
                        if text.is_empty() {
                            path.clone()
                        } else {
                            path.field(field)
                        },
                        format!("`{field}` is no time of the day"),
                        "hours and minutes are expected here",
                        Some("write it in quotes, as in \"09:00\"; it is a time in Asia/Shanghai"),
                    );
                }
            }
            if time(&window.from).is_some() && window.from == window.to {
                found.error(
                    "WX1368",
                    path.clone(),
                    "it ends when it begins",
                    "another time is expected in `to`",
                    Some("leave the window out where any time will do"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(days: &[Day], from: &str, to: &str) -> WindowSpec {
        WindowSpec {
            days: days.to_vec(),
            from: from.to_owned(),
            to: to.to_owned(),
        }
    }

    fn next(windows: &[WindowSpec], now: &str) -> Option<String> {
        opens_at(windows, now.parse().unwrap()).map(|at| at.to_string())
    }

    #[test]
    fn a_window_is_open_by_the_clock_of_shanghai() {
        let office = [window(&[Day::Mon, Day::Tue], "09:00", "18:00")];
        // Monday, 30 November 2026, 10:00 in Shanghai.
        assert_eq!(next(&office, "2026-11-30T02:00:00Z"), None);
        assert_eq!(
            next(&office, "2026-11-30T00:59:59Z").as_deref(),
            Some("2026-11-30T01:00:00Z")
        );
        assert_eq!(
            next(&office, "2026-11-30T10:00:00Z").as_deref(),
            Some("2026-12-01T01:00:00Z")
        );
        assert_eq!(
            next(&office, "2026-12-01T10:00:00Z").as_deref(),
            Some("2026-12-07T01:00:00Z")
        );
        assert_eq!(next(&[], "2026-12-01T10:00:00Z"), None);
    }

    #[test]
    fn a_window_may_go_past_midnight() {
        let night = [window(&[Day::Fri], "22:00", "02:00")];
        // Saturday, 01:00 in Shanghai: it began on Friday.
        assert_eq!(next(&night, "2026-12-04T17:00:00Z"), None);
        assert_eq!(
            next(&night, "2026-12-04T18:00:00Z").as_deref(),
            Some("2026-12-11T14:00:00Z")
        );
    }
}
