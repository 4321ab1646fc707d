//! The fleet guard: a revision of the manifests that changes too many tenants at once is held until somebody says yes
//! to that revision.
//!
//! One slip in a class reaches every tenant of it. So the manifests are compared as a set, before any tenant is looked
//! at, each with what was applied of it last; the share counts all the platform's tenants, whatever was selected, or
//! a slip could be let in slice by slice.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use super::digest::Digest;
use super::step::Hold;
use super::text::Text;
use super::waiting::Reason;

/// What is written in front of a revision's digest.
pub const REVISION_PREFIX: char = 'r';

/// Below this many tenants a share says nothing.
pub const SMALLEST_FLEET: usize = 20;

/// The share that may change unless the platform says otherwise, in percent.
pub const DEFAULT_SHARE: u8 = 10;

/// One tenant, as the guard counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What its merged manifest says now.
    pub now: Digest,
    /// What was applied of it last.
    pub applied: Option<Digest>,
    /// Whether it has an account already. One that has none yet and was never applied is new, not changed.
    pub has_account: bool,
}

/// A yes to one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionApproval {
    /// Its name.
    pub name: String,
    /// The full digest of the revision, in lower hex, without its prefix.
    pub revision: String,
    /// To how many changed tenants it says yes.
    pub changed_tenants: usize,
    /// After this it is worth nothing.
    pub expires: Option<Timestamp>,
}

/// One revision of a platform's manifests, compared with what was applied last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Revision {
    /// The platform's name.
    pub platform: String,
    /// The digest of every tenant's merged manifest.
    pub digest: Digest,
    /// How many tenants the platform has.
    pub total: usize,
    /// Tenants whose manifest is not what was applied last.
    #[serde(skip)]
    pub changed: BTreeSet<String>,
    /// Tenants that were applied and have no manifest any more.
    pub gone: usize,
}

impl Revision {
    /// Compares a platform's tenants with what was applied of them. `gone` had a manifest once and have none now.
    #[must_use]
    pub fn of(platform: &str, members: &BTreeMap<String, Member>, gone: usize) -> Self {
        let digests: Vec<(&String, &Digest)> = members
            .iter()
            .map(|(name, member)| (name, &member.now))
            .collect();
        let changed = members
            .iter()
            .filter(|(_, member)| match &member.applied {
                Some(applied) => *applied != member.now,
                // Without memory of it nothing says that it is not changed.
                None => member.has_account,
            })
            .map(|(name, _)| name.clone())
            .collect();
        Self {
            platform: platform.to_owned(),
            digest: Digest::of(&(platform, digests)),
            total: members.len() + gone,
            changed,
            gone,
        }
    }

    /// How many tenants it changes or drops.
    #[must_use]
    pub fn count(&self) -> usize {
        self.changed.len() + self.gone
    }

    /// The revision as it is typed and written: `r` and its digest.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{REVISION_PREFIX}{}", self.digest)
    }

    /// The hold on every step of its changed tenants; `None` where it may be applied.
    #[must_use]
    pub fn hold(&self, share: u8, yes: &[RevisionApproval], now: Timestamp) -> Option<Hold> {
        let count = self.count();
        let within = count * 100 <= self.total * usize::from(share);
        if self.total < SMALLEST_FLEET || within {
            return None;
        }
        let mut objection = Text::new("需要审批", "needs approval");
        for approval in yes
            .iter()
            .filter(|approval| approval.revision == self.digest.as_str())
        {
            let RevisionApproval {
                name,
                changed_tenants,
                expires,
                revision: _,
            } = approval;
            if expires.is_some_and(|expires| expires <= now) {
                objection = Text::new(
                    format!("审批 {name} 已过期"),
                    format!("approval {name} has expired"),
                );
            } else if *changed_tenants < count {
                objection = Text::new(
                    format!("审批 {name} 只同意 {changed_tenants} 个租户"),
                    format!("approval {name} says yes to {changed_tenants} tenants only"),
                );
            } else {
                return None;
            }
        }
        let shown = format!("{REVISION_PREFIX}{}", self.digest.short(8));
        let Self {
            total, platform, ..
        } = self;
        let Text { zh, en } = objection;
        Some(Hold {
            reason: Reason::FleetGuard,
            text: Text::new(
                format!(
                    "本次配置改动了平台 {platform} 的 {total} 个租户中的 {count} 个,超过 {share}%:{zh}({shown})"
                ),
                format!(
                    "this revision changes {count} of the {total} tenants of platform {platform}, more than {share} %: {en} ({shown})"
                ),
            ),
            command: Some(format!("wxops approve {shown}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fleet(total: usize, changed: usize) -> Revision {
        let members = (0..total)
            .map(|n| {
                let now = Digest::of(&("new", n));
                let applied = if n < changed {
                    Digest::of(&n)
                } else {
                    now.clone()
                };
                let member = Member {
                    now,
                    applied: Some(applied),
                    has_account: true,
                };
                (format!("tenant-{n:03}"), member)
            })
            .collect();
        Revision::of("main", &members, 0)
    }

    fn now() -> Timestamp {
        "2026-11-28T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_tenth_may_change_and_one_more_may_not() {
        assert_eq!(fleet(40, 4).hold(10, &[], now()), None);
        let hold = fleet(40, 5).hold(10, &[], now()).unwrap();
        assert_eq!(hold.reason, Reason::FleetGuard);
        assert!(hold.text.en.contains("5 of the 40"), "{}", hold.text.en);
    }

    #[test]
    fn a_few_tenants_are_no_fleet() {
        assert_eq!(fleet(19, 19).hold(10, &[], now()), None);
        assert!(fleet(20, 20).hold(10, &[], now()).is_some());
    }

    #[test]
    fn a_yes_counts_for_its_revision_and_for_as_many_as_it_says() {
        let revision = fleet(40, 40);
        let yes = |changed_tenants| RevisionApproval {
            name: "autumn".to_owned(),
            revision: revision.digest.to_string(),
            changed_tenants,
            expires: None,
        };
        assert_eq!(revision.hold(10, &[yes(40)], now()), None);
        assert!(revision.hold(10, &[yes(39)], now()).is_some());
        // Every tenant is what it was, but for one: another revision.
        let mut other = revision.clone();
        other.digest = Digest::of(&"other");
        assert!(other.hold(10, &[yes(40)], now()).is_some());
        let expired = RevisionApproval {
            expires: Some(now()),
            ..yes(40)
        };
        assert!(revision.hold(10, &[expired], now()).is_some());
    }

    #[test]
    fn a_new_tenant_is_no_change_and_one_that_nobody_remembers_is() {
        let member = |has_account| Member {
            now: Digest::of(&1),
            applied: None,
            has_account,
        };
        let members = BTreeMap::from([
            ("new".to_owned(), member(false)),
            ("forgotten".to_owned(), member(true)),
        ]);
        let revision = Revision::of("main", &members, 1);
        assert_eq!(revision.changed, BTreeSet::from(["forgotten".to_owned()]));
        assert_eq!((revision.count(), revision.total), (2, 3));
    }
}
