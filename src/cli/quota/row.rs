//! One quota of one account: what is left, and whether it lasts until it resets. Pure.

use jiff::{SignedDuration, Timestamp};

use crate::store::ledger::{self, began_at};
use crate::wechat::Endpoint;
use crate::wechat::endpoint::{Period, Quota, by_count};

/// A rate is worth nothing before this part of the period has passed: one call just after midnight is no trend.
const TELLING: i64 = 20;

/// One line of the table.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) scope: String,
    pub(super) endpoint: &'static Endpoint,
    pub(super) used: u32,
    pub(super) reserved: u32,
    pub(super) limit: u32,
    pub(super) period: Period,
    pub(super) ends_at: Timestamp,
    pub(super) source: Source,
}

/// Who counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Ours,
    WeChat,
}

impl Source {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Ours => "wxops",
            Self::WeChat => "wechat",
        }
    }
}

/// A row of the ledger. `None` for a quota that this wxops does not know.
pub(super) fn ours(row: ledger::Row, now: Timestamp) -> Option<Row> {
    let endpoint = by_count(&row.quota)?;
    let ends_at = row.ends_at;
    let of_it = |quota: &&Quota| quota.period.around(now).1 == ends_at;
    let quota = endpoint.quotas.iter().find(of_it)?;
    Some(Row {
        scope: row.scope,
        endpoint,
        used: row.used,
        reserved: row.reserved,
        limit: row.limit.unwrap_or(quota.limit),
        period: quota.period,
        ends_at: row.ends_at,
        source: Source::Ours,
    })
}

impl Row {
    pub(super) fn left(&self) -> u32 {
        let taken = self.used.saturating_add(self.reserved);
        self.limit.saturating_sub(taken)
    }

    pub(super) fn is_about(&self, other: &Self) -> bool {
        self.scope == other.scope && self.endpoint == other.endpoint
    }

    /// When nothing is left if it goes on as since the period began; `None` if it lasts until the reset.
    pub(super) fn runs_out_at(&self, now: Timestamp) -> Option<Timestamp> {
        let began = began_at(self.period, now);
        let passed = now.duration_since(began).as_secs();
        let whole = self.ends_at.duration_since(began).as_secs();
        let taken = i64::from(self.used.saturating_add(self.reserved));
        if taken == 0 || self.left() == 0 || passed < whole / TELLING {
            return None;
        }
        let more = passed.saturating_mul(i64::from(self.left())) / taken;
        let at = now.checked_add(SignedDuration::from_secs(more)).ok()?;
        (at < self.ends_at).then_some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wechat::menu;

    fn row(used: u32, limit: u32) -> Row {
        Row {
            scope: "wx1111111111111111".to_owned(),
            endpoint: &menu::CREATE,
            used,
            reserved: 0,
            limit,
            period: Period::Day,
            ends_at: "2026-11-28T16:00:00Z".parse().unwrap(),
            source: Source::Ours,
        }
    }

    #[test]
    fn a_quota_that_runs_out_before_its_reset_is_told_with_the_time() {
        // Noon in Shanghai: half of the day has passed.
        let noon = "2026-11-28T04:00:00Z".parse().unwrap();
        assert_eq!(row(50, 100).runs_out_at(noon), None);
        let at = row(75, 100).runs_out_at(noon).unwrap();
        assert_eq!(at, "2026-11-28T08:00:00Z".parse().unwrap());
        assert_eq!(row(100, 100).left(), 0);
        assert_eq!(row(0, 100).runs_out_at(noon), None);
    }

    #[test]
    fn one_call_after_midnight_is_no_trend() {
        let early = "2026-11-27T16:30:00Z".parse().unwrap();
        assert_eq!(row(10, 100).runs_out_at(early), None);
    }
}
