//! The fleet guard: a revision of the manifests that changes too many tenants at once is held until somebody says yes
//! to that revision.
//!
//! One slip in a class reaches every tenant of it. So the manifests are compared as a set, before any tenant is looked
//! at, each with what was applied of it last; the share counts all the platform's tenants, whatever was selected, or
//! a slip could be let in slice by slice. It counts those of which something is in force: tenants that are new are
//! neither changed nor a reason why others may be, or a slip could be let in beside many of them.

use std::collections::{BTreeMap, BTreeSet};

use super::changes::{Changes, MarkSet};
use super::digest::Digest;
use super::limits::{Guarded, Limits};
use super::step::Hold;
use super::text::Text;
use super::waiting::Reason;
use crate::wechat::calendar::minute;
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
    /// What was let in last, or applied.
    fn before(&self) -> Option<&Digest> {
        self.admitted.as_ref().or(self.applied.as_ref())
    }

    /// Whether what it has at WeChat may be changed. Where nobody remembers, nothing says that it is not.
    #[must_use]
    pub fn changed(&self) -> bool {
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
    /// The changes it says yes to, where they are known: those of them that are left are let in, whatever else has come.
    pub set: Option<MarkSet>,
    /// After this it is worth nothing.
    pub expires: Option<Timestamp>,
    /// When something was let in by it last, if anything was: from then on it is a yes to what is left of its set.
    pub used: Option<Timestamp>,
}

impl RevisionApproval {
    /// Whether it has not expired.
    #[must_use]
    pub fn counts(&self, now: Timestamp) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}

/// What tells a revision from any other. A yes to it is a yes to its limits. Whatever was in force before is no part of
/// what is said yes to.
fn digest(platform: &str, changes: &Changes, guarded: &Guarded) -> Digest {
    if guarded.written == Limits::default() {
        Digest::of(&(platform, changes.texts()))
    } else {
        Digest::of(&(platform, changes.texts(), &guarded.written))
    }
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
    /// All of them, from what to what.
    pub changes: Changes,
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
        let mut changes = Changes::default();
        for (name, member) in members.iter().filter(|(_, member)| member.changed()) {
            changes.add(name, member.before(), Some(&member.now));
        }
        for name in &gone {
            changes.add(name, None, None);
        }
        let counted = members
            .values()
            .filter(|member| member.changed() || (member.has_account && member.in_force));
        let changed = members.iter().filter(|(_, member)| member.changed());
        Self {
            platform: platform.to_owned(),
            digest: digest(platform, &changes, &guarded),
            changes,
            total: counted.count() + gone.len(),
            changed: changed.map(|(name, _)| name.clone()).collect(),
            gone,
            guarded,
        }
    }

    /// What is left of it once those changes are let in that somebody said yes to, whatever else stood beside them then.
    #[must_use]
    pub fn rest(&self, yes: &[RevisionApproval], now: Timestamp) -> Self {
        let mut known = BTreeSet::new();
        for approval in yes.iter().filter(|yes| yes.counts(now)) {
            if let Some(set) = &approval.set {
                known.extend(self.changes.in_set(set));
            }
        }
        if known.is_empty() {
            return self.clone();
        }
        let left = |names: &BTreeSet<String>| names.difference(&known).cloned().collect();
        let changes = self.changes.without(&known);
        Self {
            platform: self.platform.clone(),
            digest: digest(&self.platform, &changes, &self.guarded),
            total: self.total,
            changed: left(&self.changed),
            gone: left(&self.gone),
            changes,
            guarded: self.guarded.clone(),
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
                revision: _,
                expires: _,
                set: _,
                used,
            } = approval;
            if !approval.counts(now) {
                objection = Some(Text::new(
                    format!("审批 {name} 已过期"),
                    format!("approval {name} has expired"),
                ));
            } else if let Some(at) = used {
                let at = minute(*at);
                objection = Some(Text::new(
                    format!("审批 {name} 已于 {at} 用过一次，需要新的审批"),
                    format!("approval {name} was spent at {at}; needs another approval"),
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
        let raised = self.raised();
        let (too_zh, too_en) = if raised.is_empty() {
            (String::new(), String::new())
        } else {
            let Text { zh, en } = Text::list(raised);
            (
                format!("（本次还放宽了 {zh}，审批前仍以原值为准）"),
                format!(
                    " (it raises {en} as well: until it is approved, what was there before counts)"
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
