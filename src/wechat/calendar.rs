//! WeChat's calendar, Asia/Shanghai: its days, months and hours begin there, and texts name moments by it.

use jiff::Timestamp;
use jiff::tz::{TimeZone, offset};

/// The zone of WeChat's calendar.
#[must_use]
pub fn shanghai() -> TimeZone {
    TimeZone::fixed(offset(8))
}

/// A moment to the minute: `2026-12-01 00:00 +08:00`.
#[must_use]
pub fn minute(at: Timestamp) -> String {
    written(at, "%Y-%m-%d %H:%M %:z")
}

/// A moment to the second: `2026-12-01 00:00:00 +08:00`.
#[must_use]
pub fn second(at: Timestamp) -> String {
    written(at, "%Y-%m-%d %H:%M:%S %:z")
}

fn written(at: Timestamp, format: &str) -> String {
    at.to_zoned(shanghai()).strftime(format).to_string()
}
