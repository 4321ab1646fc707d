//! How much may change without a yes.
//!
//! The limits stand in the manifests, so a commit could raise the one that would hold it. Of two limits, the one that
//! was in force before and the one that is written now, the stricter judges a revision.

use serde::{Deserialize, Serialize};

/// The share that may change unless the platform says otherwise, in percent.
pub const DEFAULT_SHARE: u8 = 10;

/// Costly steps per hour unless the platform says otherwise.
pub const DEFAULT_PER_HOUR: u32 = 20;

/// How much may change without a yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// The share of a platform's tenants that one revision may change, in percent (`guard.changedTenants`).
    pub share: u8,
    /// How many costly steps are made per hour (`guard.irreversiblePerHour`).
    pub per_hour: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            share: DEFAULT_SHARE,
            per_hour: DEFAULT_PER_HOUR,
        }
    }
}

impl Limits {
    /// Of each limit the stricter one.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        Self {
            share: self.share.min(other.share),
            per_hour: self.per_hour.min(other.per_hour),
        }
    }

    /// What these allow that others do not, as it is written in a manifest.
    pub(super) fn raised_from(self, others: Self) -> Vec<String> {
        let mut raised = Vec::new();
        if self.share > others.share {
            let (from, to) = (others.share, self.share);
            raised.push(format!("guard.changedTenants {from}% → {to}%"));
        }
        if self.per_hour > others.per_hour {
            let (from, to) = (others.per_hour, self.per_hour);
            raised.push(format!("guard.irreversiblePerHour {from} → {to}"));
        }
        raised
    }
}

/// The limits of one platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guarded {
    /// What its manifest says now.
    pub written: Limits,
    /// What was in force when a revision was applied last. `None`: none ever was, so what is written counts.
    pub before: Option<Limits>,
}

impl Guarded {
    /// What judges a revision.
    #[must_use]
    pub fn in_force(self) -> Limits {
        self.before
            .map_or(self.written, |before| self.written.stricter(before))
    }
}
