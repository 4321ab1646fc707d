//! How often a platform may have code reviewed in a month (提审额度), for all its mini-programs together. Plain data,
//! and how it is spent.

use serde::{Deserialize, Serialize};

/// The reviews of one platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AuditQuota {
    /// How many a month.
    pub limit: u64,
    /// How many are left; absent: all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rest: Option<u64>,
    /// How many of them can be sped up.
    pub speedup_limit: u64,
    /// How many are left of those; absent: all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub speedup_rest: Option<u64>,
    /// Of which month `rest` and `speedupRest` are, `2026-11`; absent: of whichever it is when it is first looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
}

impl Default for AuditQuota {
    fn default() -> Self {
        Self {
            limit: 20,
            rest: None,
            speedup_limit: 0,
            speedup_rest: None,
            period: None,
        }
    }
}

impl AuditQuota {
    /// As left out of a state file.
    pub(in crate::simulator) fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// What is left in this month: of the reviews, and of those that can be sped up.
    pub(in crate::simulator) fn left(&self, month: &str) -> (u64, u64) {
        let of_now = self.period.as_ref().is_none_or(|period| period == month);
        let rest = self.rest.filter(|_| of_now).unwrap_or(self.limit);
        let speedups = self.speedup_rest.filter(|_| of_now);
        (rest, speedups.unwrap_or(self.speedup_limit))
    }

    /// Whether there are numbers, and nobody has said of which month.
    pub(in crate::simulator) fn is_undated(&self) -> bool {
        let counts = self.rest.is_some() || self.speedup_rest.is_some();
        counts && self.period.is_none()
    }

    /// Takes one review; false: there is none.
    pub(in crate::simulator) fn take(&mut self, month: &str) -> bool {
        let left = self.left(month).0.checked_sub(1);
        self.turn_to(month);
        self.rest = left.or(self.rest);
        left.is_some()
    }

    /// Takes one review that is sped up; false: there is none.
    pub(in crate::simulator) fn take_speedup(&mut self, month: &str) -> bool {
        let left = self.left(month).1.checked_sub(1);
        self.turn_to(month);
        self.speedup_rest = left.or(self.speedup_rest);
        left.is_some()
    }

    /// What was left in another month is forgotten.
    fn turn_to(&mut self, month: &str) {
        if self.period.as_ref().is_some_and(|period| period != month) {
            self.rest = None;
            self.speedup_rest = None;
        }
        self.period = Some(month.to_owned());
    }
}

/// Whose code WeChat takes from a platform to be reviewed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Submissions {
    /// Everybody's.
    #[default]
    All,
    /// Nobody's: the platform is punished (86008).
    None,
    /// Not of mini-programs that were never online (86009).
    NoNewApps,
    /// Not of those that were (86010).
    NoUpdates,
}

impl Submissions {
    /// As left out of a state file.
    pub(in crate::simulator) fn is_usual(&self) -> bool {
        *self == Self::All
    }

    /// What a mini-program that was or was not online is refused with.
    pub(in crate::simulator) fn refusal(self, released: bool) -> Option<i64> {
        match self {
            Self::All => None,
            Self::None => Some(86008),
            Self::NoNewApps => (!released).then_some(86009),
            Self::NoUpdates => released.then_some(86010),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_has_its_limit_and_the_next_one_too() {
        let mut quota = AuditQuota {
            limit: 2,
            ..AuditQuota::default()
        };
        assert!(quota.take("2026-11") && quota.take("2026-11"));
        assert!(!quota.take("2026-11"));
        assert_eq!(quota.left("2026-11"), (0, 0));
        assert_eq!(quota.left("2026-12"), (2, 0));
        assert!(!quota.take_speedup("2026-12"));
        assert!(quota.take("2026-12"));
    }

    #[test]
    fn what_is_left_without_a_month_is_of_the_first_that_is_looked_at() {
        let mut quota = AuditQuota {
            rest: Some(0),
            ..AuditQuota::default()
        };
        assert!(quota.is_undated());
        assert!(!quota.take("2026-11"));
        assert!(!quota.is_undated());
        assert!(quota.take("2026-12"));
    }
}
