//! What a call takes from a quota: one unit, in one period of WeChat's calendar.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::key::Key;
use crate::wechat::calendar::shanghai;
use crate::wechat::endpoint::{Period, Quota};

/// One unit of one quota in one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// Who pays: the account's appid, or the platform's.
    pub scope: String,
    /// The quota, as its endpoint is named.
    pub quota: String,
    /// Which period: `2026-11-24`, `2026-11`, `2026`.
    pub period: String,
    /// When it ends.
    pub ends_at: Timestamp,
    /// How many there are.
    pub limit: u32,
    /// How many of them are to be left alone.
    #[serde(default)]
    pub keep_free: u32,
    /// Whether a request that may have spent it and made nothing keeps it: WeChat may have counted that as well.
    #[serde(default)]
    pub stays: bool,
}

impl Demand {
    /// One unit of `quota` in the period that `now` lies in, by the calendar of Asia/Shanghai.
    #[must_use]
    pub fn new(scope: &str, name: &str, quota: Quota, now: Timestamp) -> Self {
        let (period, ends_at) = quota.period.around(now);
        Self {
            scope: scope.to_owned(),
            quota: name.to_owned(),
            period,
            ends_at,
            limit: quota.limit,
            keep_free: 0,
            stays: false,
        }
    }

    /// One unit in the hour that `now` lies in, of a limit of our own.
    #[must_use]
    pub fn per_hour(scope: &str, name: &str, limit: u32, now: Timestamp) -> Self {
        let hour = now.as_second().div_euclid(3600);
        let at = |hour: i64| Timestamp::from_second(hour.saturating_mul(3600));
        let begins = at(hour).unwrap_or(now);
        Self {
            scope: scope.to_owned(),
            quota: name.to_owned(),
            period: begins.strftime("%Y-%m-%dT%HZ").to_string(),
            ends_at: at(hour.saturating_add(1)).unwrap_or(Timestamp::MAX),
            limit,
            keep_free: 0,
            stays: false,
        }
    }

    /// Leaves `keep_free` units alone.
    #[must_use]
    pub fn keeping_free(self, keep_free: u32) -> Self {
        Self { keep_free, ..self }
    }

    /// Stays taken where a request may have spent it.
    #[must_use]
    pub fn staying(self) -> Self {
        Self {
            stays: true,
            ..self
        }
    }

    pub(super) fn key(&self) -> Key {
        Key::ledger(&self.scope, &self.quota, &self.period)
    }
}

/// When the period that `now` lies in began.
#[must_use]
pub fn began_at(period: Period, now: Timestamp) -> Timestamp {
    let shanghai = shanghai();
    let today = now.to_zoned(shanghai.clone()).date();
    let first = match period {
        Period::Day => today,
        Period::Month => today.first_of_month(),
        Period::Year => today.first_of_year(),
    };
    first
        .to_zoned(shanghai)
        .map_or(now, |zoned| zoned.timestamp())
}
