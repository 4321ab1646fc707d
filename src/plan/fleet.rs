//! The fleet guard: a revision of the manifests that changes too many tenants at once is held until somebody says yes
//! to that revision.
//!
//! One slip in a class reaches every tenant of it. So the manifests are compared as a set, before any tenant is looked
//! at, each with what was applied of it last; the share counts all the platform's tenants, whatever was selected, or
//! a slip could be let in slice by slice. It counts those of which something is in force: tenants that are new are
//! neither changed nor a reason why others may be, or a slip could be let in beside many of them.

use std::collections::{BTreeMap, BTreeSet};

use super::digest::Digest;
use super::limits::{Guarded, Limits};
use super::step::Hold;
use super::text::Text;
use super::waiting::Reason;
use jiff::Timestamp;

/// What is written in front of a revision's digest.
pub const REVISION_PREFIX: char = 'r';

/// Below this many tenants a share says nothing.
pub const SMALLEST_FLEET: usize = 20;

/// One tenant, as the guard counts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What its merged manifest says now.
    pub now: Digest,
    /// What was applied of it last.
    pub applied: Option<Digest>,
    /// What was let in last, and may not have been applied yet: for want of a yes, a quota or an owner.
    pub admitted: Option<Digest>,
    /// Whether it has an account already. One that has none is new: there is nothing that could be changed.
    pub has_account: bool,
    /// Whether anything of it is in force at WeChat, or was.
    pub in_force: bool,
}

impl Member {
    /// Whether what it has at WeChat may be changed. Where nobody remembers, nothing says that it is not.
    fn changed(&self) -> bool {
        let known = |digest: &Option<Digest>| digest.as_ref() == Some(&self.now);
        self.has_account && !known(&self.applied) && !known(&self.admitted)
    }
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The platform's name.
    pub platform: String,
    /// The digest of every tenant's merged manifest, and of limits that are not the usual ones.
    pub digest: Digest,
    /// How many tenants the share is counted of: those that were applied or are changed. New ones are none of them.
    pub total: usize,
    /// Tenants whose manifest is not what was applied last.
    pub changed: BTreeSet<String>,
    /// Tenants that were applied and stand here no more: without a manifest, or with one for another platform.
    pub gone: BTreeSet<String>,
    /// The limits.
    pub guarded: Guarded,
}

impl Revision {
    /// Compares a platform's tenants with what was applied of them. `gone` were applied once and stand here no more.
    #[must_use]
    pub fn of(
        platform: &str,
        members: &BTreeMap<String, Member>,
        gone: BTreeSet<String>,
        guarded: Guarded,
    ) -> Self {
        let digests: Vec<(&String, &Digest)> = members
            .iter()
            .map(|(name, member)| (name, &member.now))
            .collect();
        let counted = members
            .values()
            .filter(|member| member.changed() || (member.has_account && member.in_force));
        let changed = members.iter().filter(|(_, member)| member.changed());
        // A yes to this revision is a yes to its limits. Whatever was in force before is no part of what is said yes to.
        let digest = if guarded.written == Limits::default() {
            Digest::of(&(platform, digests))
        } else {
            Digest::of(&(platform, digests, &guarded.written))
        };
        Self {
            platform: platform.to_owned(),
            digest,
            total: counted.count() + gone.len(),
            changed: changed.map(|(name, _)| name.clone()).collect(),
            gone,
            guarded,
        }
    }

    /// How many tenants it changes or drops.
    #[must_use]
    pub fn count(&self) -> usize {
        self.changed.len() + self.gone.len()
    }

    /// The revision as it is typed and written: `r` and its digest.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{REVISION_PREFIX}{}", self.digest)
    }

    /// Its name as far as it is shown to be typed.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("{REVISION_PREFIX}{}", self.digest.short(8))
    }

    /// Whether a tenant is one of those that it changes or drops.
    #[must_use]
    pub fn concerns(&self, tenant: &str) -> bool {
        self.changed.contains(tenant) || self.gone.contains(tenant)
    }

    /// Which limits it raises.
    #[must_use]
    pub fn raised(&self) -> Vec<String> {
        let Guarded { written, before } = &self.guarded;
        before
            .as_ref()
            .map_or_else(Vec::new, |before| written.raised_from(before))
    }

    /// Whether somebody said yes to it; else what is wrong with the yes that there is, if one is.
    ///
    /// # Errors
    /// The objection.
    pub fn approved(&self, yes: &[RevisionApproval], now: Timestamp) -> Result<(), Option<Text>> {
        let mut objection = None;
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
                objection = Some(Text::new(
                    format!("审批 {name} 已过期"),
                    format!("approval {name} has expired"),
                ));
            } else if *changed_tenants < self.count() {
                objection = Some(Text::new(
                    format!("审批 {name} 只同意 {changed_tenants} 个租户"),
                    format!("approval {name} says yes to {changed_tenants} tenants only"),
                ));
            } else {
                return Ok(());
            }
        }
        Err(objection)
    }

    /// The hold on every step of its changed tenants; `None` where it may be applied.
    #[must_use]
    pub fn hold(&self, yes: &[RevisionApproval], now: Timestamp) -> Option<Hold> {
        let (count, share) = (self.count(), self.guarded.in_force().share);
        let within = count * 100 <= self.total * usize::from(share);
        if self.total < SMALLEST_FLEET || within {
            return None;
        }
        let objection = match self.approved(yes, now) {
            Ok(()) => return None,
            Err(objection) => objection,
        };
        let Text { zh, en } = objection.unwrap_or_else(|| Text::new("需要审批", "needs approval"));
        let shown = self.shown();
        let Self {
            total, platform, ..
        } = self;
        let raised = self.raised().join(", ");
        let (too_zh, too_en) = if raised.is_empty() {
            (String::new(), String::new())
        } else {
            (
                format!("(本次还放宽了 {raised},审批前仍以原值为准)"),
                format!(
                    " (it raises {raised} as well: until it is approved, what was there before counts)"
                ),
            )
        };
        Some(Hold {
            reason: Reason::FleetGuard,
            text: Text::new(
                format!(
                    "本次配置改动了平台 {platform} 的 {total} 个租户中的 {count} 个，超过 {share}%{too_zh}：{zh}（{shown}）"
                ),
                format!(
                    "this revision changes {count} of the {total} tenants of platform {platform}, more than {share} %{too_en}: {en} ({shown})"
                ),
            ),
            command: Some(format!("wxops approve {shown}")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(share: u8) -> Limits {
        Limits {
            share,
            ..Limits::default()
        }
    }

    fn guarded(before: Option<u8>, written: u8) -> Guarded {
        Guarded {
            written: limits(written),
            before: before.map(limits),
        }
    }

    fn fleet(total: usize, changed: usize) -> Revision {
        fleet_with(total, changed, 0, guarded(None, 10))
    }

    /// `padding` are tenants that are new: without an account, or waiting for its owner since an earlier revision.
    fn fleet_with(total: usize, changed: usize, padding: usize, guarded: Guarded) -> Revision {
        let new = (0..padding).map(|n| {
            let now = Digest::of(&("padding", n));
            let waits = n % 2 == 0;
            let member = Member {
                applied: waits.then(|| now.clone()),
                admitted: None,
                now,
                has_account: waits,
                in_force: false,
            };
            (format!("new-{n:03}"), member)
        });
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
                    admitted: None,
                    has_account: true,
                    in_force: true,
                };
                (format!("tenant-{n:03}"), member)
            })
            .chain(new)
            .collect();
        Revision::of("main", &members, BTreeSet::new(), guarded)
    }

    fn now() -> Timestamp {
        "2026-11-28T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_tenth_may_change_and_one_more_may_not() {
        assert_eq!(fleet(40, 4).hold(&[], now()), None);
        let hold = fleet(40, 5).hold(&[], now()).unwrap();
        assert_eq!(hold.reason, Reason::FleetGuard);
        assert!(hold.text.en.contains("5 of the 40"), "{}", hold.text.en);
    }

    #[test]
    fn new_tenants_are_no_change_and_dilute_none() {
        let revision = fleet_with(25, 25, 300, guarded(None, 10));
        assert_eq!((revision.count(), revision.total), (25, 25));
        let hold = revision.hold(&[], now()).unwrap();
        assert!(hold.text.en.contains("25 of the 25"), "{}", hold.text.en);
        assert_eq!(
            fleet_with(25, 0, 300, guarded(None, 10)).hold(&[], now()),
            None
        );
        assert_eq!(
            fleet_with(19, 1, 300, guarded(None, 10)).hold(&[], now()),
            None
        );
    }

    #[test]
    fn what_was_in_force_judges_the_revision_that_raises_it() {
        for (before, written) in [(10, 100), (5, 10), (0, 50)] {
            let revision = fleet_with(25, 25, 0, guarded(Some(before), written));
            let hold = revision.hold(&[], now()).unwrap();
            let said = format!("guard.changedTenants {before}% → {written}%");
            assert!(hold.text.en.contains(&said), "{}", hold.text.en);
            assert!(hold.text.zh.contains(&said), "{}", hold.text.zh);
        }
        // One that is lowered counts at once.
        assert!(
            fleet_with(40, 4, 0, guarded(Some(10), 5))
                .hold(&[], now())
                .is_some()
        );
        // A store that remembers nothing has nothing to hold against what is written.
        assert_eq!(
            fleet_with(40, 40, 0, guarded(None, 100)).hold(&[], now()),
            None
        );
    }

    #[test]
    fn a_yes_to_one_revision_is_none_to_other_limits_and_outlives_their_coming_into_force() {
        let digest = |before, written| fleet_with(40, 40, 0, guarded(before, written)).digest;
        assert_ne!(digest(Some(10), 10), digest(Some(10), 100));
        assert_eq!(digest(Some(10), 100), digest(Some(100), 100));
    }

    #[test]
    fn a_few_tenants_are_no_fleet() {
        assert_eq!(fleet(19, 19).hold(&[], now()), None);
        assert!(fleet(20, 20).hold(&[], now()).is_some());
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
        assert_eq!(revision.hold(&[yes(40)], now()), None);
        assert!(revision.hold(&[yes(39)], now()).is_some());
        // Every tenant is what it was, but for one: another revision.
        let mut other = revision.clone();
        other.digest = Digest::of(&"other");
        assert!(other.hold(&[yes(40)], now()).is_some());
        let expired = RevisionApproval {
            expires: Some(now()),
            ..yes(40)
        };
        assert!(revision.hold(&[expired], now()).is_some());
    }

    #[test]
    fn a_new_tenant_is_no_change_and_one_that_nobody_remembers_is() {
        let member = |has_account| Member {
            now: Digest::of(&1),
            applied: None,
            admitted: None,
            has_account,
            in_force: false,
        };
        let members = BTreeMap::from([
            ("new".to_owned(), member(false)),
            ("forgotten".to_owned(), member(true)),
        ]);
        let gone = BTreeSet::from(["gone".to_owned()]);
        let revision = Revision::of("main", &members, gone, guarded(None, 10));
        assert_eq!(revision.changed, BTreeSet::from(["forgotten".to_owned()]));
        assert_eq!((revision.count(), revision.total), (2, 2));
        assert!(revision.concerns("gone") && !revision.concerns("new"));
    }
}
