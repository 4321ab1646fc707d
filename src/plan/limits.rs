//! How much may change without a yes.
//!
//! The limits stand in the manifests, so a commit could raise the one that would hold it. Of two limits, the one that
//! was in force before and the one that is written now, the stricter judges a revision.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::costly::Costly;

/// The share that may change unless the platform says otherwise, in percent.
pub const DEFAULT_SHARE: u8 = 10;

/// Costly steps of one kind per hour unless the platform says otherwise.
pub const DEFAULT_PER_HOUR: u32 = 20;

/// How much may change without a yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// The share of a platform's tenants that one revision may change, in percent (`guard.changedTenants`).
    pub share: u8,
    /// How many costly steps of each kind that is not named are made per hour (`guard.irreversiblePerHour`).
    pub per_hour: u32,
    /// How many of a kind (`guard.perHour`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub of_kind: BTreeMap<Costly, u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            share: DEFAULT_SHARE,
            per_hour: DEFAULT_PER_HOUR,
            of_kind: BTreeMap::new(),
        }
    }
}

impl Limits {
    /// How many costly steps of a kind are made per hour.
    #[must_use]
    pub fn per_hour_of(&self, kind: Costly) -> u32 {
        self.of_kind.get(&kind).copied().unwrap_or(self.per_hour)
    }

    /// Where the limit of a kind is written.
    #[must_use]
    pub fn field_of(&self, kind: Costly) -> String {
        if self.of_kind.contains_key(&kind) {
            format!("guard.perHour.{}", kind.as_str())
        } else {
            "guard.irreversiblePerHour".to_owned()
        }
    }

    /// Of each limit the stricter one.
    #[must_use]
    pub fn stricter(&self, other: &Self) -> Self {
        let stricter = |kind: Costly| self.per_hour_of(kind).min(other.per_hour_of(kind));
        Self {
            share: self.share.min(other.share),
            per_hour: self.per_hour.min(other.per_hour),
            of_kind: self
                .named(other)
                .into_iter()
                .map(|kind| (kind, stricter(kind)))
                .collect(),
        }
    }

    /// The kinds that one of the two names.
    fn named(&self, other: &Self) -> BTreeSet<Costly> {
        let kinds = self.of_kind.keys().chain(other.of_kind.keys());
        kinds.copied().collect()
    }

    /// What these allow that others do not, as it is written in a manifest.
    pub(super) fn raised_from(&self, others: &Self) -> Vec<String> {
        let mut raised = Vec::new();
        if self.share > others.share {
            let (from, to) = (others.share, self.share);
            raised.push(format!("guard.changedTenants {from}% → {to}%"));
        }
        if self.per_hour > others.per_hour {
            let (from, to) = (others.per_hour, self.per_hour);
            raised.push(format!("guard.irreversiblePerHour {from} → {to}"));
        }
        for kind in self.named(others) {
            let (from, to) = (others.per_hour_of(kind), self.per_hour_of(kind));
            if to > from {
                raised.push(format!("guard.perHour.{} {from} → {to}", kind.as_str()));
            }
        }
        raised
    }
}

/// The limits of one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guarded {
    /// What its manifest says now.
    pub written: Limits,
    /// What was in force when a revision was applied last. `None`: none ever was, so what is written counts.
    pub before: Option<Limits>,
}

impl Guarded {
    /// What judges a revision.
    #[must_use]
    pub fn in_force(&self) -> Limits {
        self.before.as_ref().map_or_else(
            || self.written.clone(),
            |before| self.written.stricter(before),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(per_hour: u32, of_kind: &[(Costly, u32)]) -> Limits {
        Limits {
            per_hour,
            of_kind: of_kind.iter().copied().collect(),
            ..Limits::default()
        }
    }

    #[test]
    fn a_kind_that_is_not_named_has_the_limit_of_all() {
        let limits = limits(20, &[(Costly::SetAvatar, 3)]);
        assert_eq!(limits.per_hour_of(Costly::SetAvatar), 3);
        assert_eq!(limits.per_hour_of(Costly::Unlink), 20);
        assert_eq!(
            limits.field_of(Costly::SetAvatar),
            "guard.perHour.setAvatar"
        );
        assert_eq!(limits.field_of(Costly::Unlink), "guard.irreversiblePerHour");
    }

    #[test]
    fn naming_a_kind_or_naming_it_no_more_raises_nothing_unseen() {
        let named = limits(20, &[(Costly::SetAvatar, 3)]);
        let unnamed = limits(20, &[]);
        for (written, before) in [(&named, &unnamed), (&unnamed, &named)] {
            let guarded = Guarded {
                written: written.clone(),
                before: Some(before.clone()),
            };
            let in_force = guarded.in_force();
            assert_eq!(in_force.per_hour_of(Costly::SetAvatar), 3);
            assert_eq!(in_force.per_hour_of(Costly::Unlink), 20);
        }
        assert!(named.raised_from(&unnamed).is_empty());
        assert_eq!(
            unnamed.raised_from(&named),
            ["guard.perHour.setAvatar 3 → 20"]
        );
    }
}
