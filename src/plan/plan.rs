//! The plan: for every tenant what would be done, what waits, and what cannot be compared.
//!
//! A plan is a value. It is printed, counted and compared; apply makes the calls it holds and chooses nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::address::{Address, Whose};
use super::digest::Digest;
use super::observation::Why;
use super::step::{Hold, Step, Verdict};
use super::text::Text;
use super::trouble::Troubled;
use super::waiting::{Reason, Waiting};
use crate::wechat::Appid;

/// One line of a tenant's plan.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its name.
    pub address: Address,
    /// What became of comparing it.
    pub verdict: Verdict,
}

impl Entry {
    /// The digest that names a step of this entry; see [`Step::digest`].
    #[must_use]
    pub fn digest(&self, tenant: &str, step: &Step) -> Digest {
        step.digest(tenant, &self.address)
    }
}

/// What a plan says of one account beside what is to be done.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AccountPlan {
    /// Which of the tenant's it is.
    pub whose: Whose,
    /// The account, once it is known.
    pub appid: Option<Appid>,
    /// Its own name, where WeChat told it.
    pub nick_name: Option<String>,
    /// Whether it is only observed, by policy or since it came back just now: steps are shown and never made.
    pub observe_only: bool,
}

/// The plan of one tenant.
#[derive(Debug, Clone, PartialEq)]
pub struct TenantPlan {
    /// The tenant's name.
    pub tenant: String,
    /// Its accounts, the official one first.
    pub accounts: Vec<AccountPlan>,
    /// What is not in sync, in the order in which it would be done: one order for all its accounts, since what one of
    /// them needs may come after something of another.
    pub entries: Vec<Entry>,
    /// Why there is no plan for it, if the planning itself failed; it then has no entries.
    pub error: Option<Text>,
    /// What keeps its whole platform from WeChat, so that nothing was seen of it; it then has no entries.
    pub trouble: Option<Troubled>,
}

/// The plan of all selected tenants, sorted by name.
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use = "a plan that nobody prints or applies was made for nothing"]
pub struct Plan {
    /// One per tenant, in sync or not.
    pub tenants: Vec<TenantPlan>,
    /// How many reads were made for it.
    pub reads: usize,
}

/// How many of what a plan holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Tenants with at least one step.
    pub changing: usize,
    /// All steps.
    pub steps: usize,
    /// Steps among them that are held: by an approval, a guard, or a step that comes first.
    pub held: usize,
    /// Waits.
    pub waiting: usize,
    /// Things that cannot be compared.
    pub not_comparable: usize,
    /// Reads that failed.
    pub failed: usize,
    /// Tenants that could not be planned at all.
    pub broken: usize,
    /// Tenants that were not read, since their platform cannot reach WeChat.
    pub troubled: usize,
    /// Differences that policy leaves alone.
    pub suppressed: usize,
    /// Tenants with nothing to say.
    pub in_sync: usize,
}

impl TenantPlan {
    /// A tenant whose planning failed: it stands in its place, and hides no other.
    #[must_use]
    pub fn broken(tenant: impl Into<String>, error: Text) -> Self {
        Self {
            tenant: tenant.into(),
            accounts: Vec::new(),
            entries: Vec::new(),
            error: Some(error),
            trouble: None,
        }
    }

    /// Whether there is nothing to say of it.
    #[must_use]
    pub fn in_sync(&self) -> bool {
        self.entries.is_empty() && self.error.is_none() && self.trouble.is_none()
    }

    /// One of its accounts.
    #[must_use]
    pub fn account(&self, whose: &Whose) -> Option<&AccountPlan> {
        self.accounts.iter().find(|one| one.whose == *whose)
    }

    /// The official account.
    #[must_use]
    pub fn official(&self) -> Option<&AccountPlan> {
        self.account(&Whose::Official)
    }

    /// Whether what an entry is about is only looked at.
    #[must_use]
    pub fn observes(&self, entry: &Entry) -> bool {
        self.account(&entry.address.whose)
            .is_some_and(|one| one.observe_only)
    }

    /// The steps to be made, with their resource; those of accounts that are only observed are left out.
    pub fn steps(&self) -> impl Iterator<Item = (&Entry, &Step)> {
        self.entries
            .iter()
            .filter_map(|entry| match &entry.verdict {
                Verdict::Step(step) if !self.observes(entry) => Some((entry, step)),
                Verdict::Step(_)
                | Verdict::Waiting(_)
                | Verdict::Rejected { .. }
                | Verdict::Suppressed { .. }
                | Verdict::Unknown(_) => None,
            })
    }

    /// The steps to be made now: those that nothing holds.
    pub fn due(&self) -> impl Iterator<Item = (&Entry, &Step)> {
        self.steps().filter(|(_, step)| step.hold.is_none())
    }

    /// Holds the steps that come after one that is held or waits, that WeChat refused, or of which nothing is known. To
    /// be called when it is known which are. What WeChat accepted and does not show holds only the steps of its own
    /// resource: it may be there for all we know.
    pub fn hold_followers(&mut self) {
        // What holds, and whether it holds only the steps of its own resource.
        let first: BTreeMap<Address, (bool, Text)> = self
            .entries
            .iter()
            .filter_map(|entry| {
                let name = &entry.address;
                let plainly = || Text::new(format!("在 {name} 之后"), format!("after {name}"));
                let (own_alone, text) = match &entry.verdict {
                    Verdict::Step(step) if step.hold.is_some() => (false, plainly()),
                    // It ends with the release that would be held.
                    Verdict::Waiting(waiting) if waiting.reason == Reason::NotInForce => {
                        return None;
                    }
                    Verdict::Waiting(waiting) => (waiting.reason == Reason::NotShown, plainly()),
                    Verdict::Rejected { .. } => (
                        false,
                        Text::new(
                            format!("在 {name} 之后，而微信拒绝了它"),
                            format!("after {name}, which WeChat refused"),
                        ),
                    ),
                    Verdict::Unknown(_) => (
                        false,
                        Text::new(
                            format!("在 {name} 之后，而它的现状未知"),
                            format!("after {name}, of which nothing is known"),
                        ),
                    ),
                    Verdict::Step(_) | Verdict::Suppressed { .. } => return None,
                };
                Some((name.clone(), (own_alone, text)))
            })
            .collect();
        for entry in &mut self.entries {
            let Verdict::Step(step) = &mut entry.verdict else {
                continue;
            };
            let mut before = first.iter().filter(|(name, _)| step.comes_after(name));
            let after = before.find_map(|(name, (own_alone, text))| {
                (!own_alone || name.is_beside(&entry.address)).then_some(text)
            });
            if let (None, Some(after)) = (&step.hold, after) {
                step.hold = Some(Hold {
                    reason: Reason::AfterAnotherStep,
                    text: after.clone(),
                    command: None,
                });
            }
        }
    }

    /// Whether a step is held.
    #[must_use]
    pub fn has_held(&self) -> bool {
        self.steps().any(|(_, step)| step.hold.is_some())
    }

    /// The waits, with their resource.
    pub fn waits(&self) -> impl Iterator<Item = (&Entry, &Waiting)> {
        self.entries
            .iter()
            .filter_map(|entry| match &entry.verdict {
                Verdict::Waiting(waiting) => Some((entry, waiting)),
                Verdict::Step(_)
                | Verdict::Rejected { .. }
                | Verdict::Suppressed { .. }
                | Verdict::Unknown(_) => None,
            })
    }

    /// What is not known, with its resource.
    pub fn unknowns(&self) -> impl Iterator<Item = (&Entry, &Why)> {
        self.entries
            .iter()
            .filter_map(|entry| match &entry.verdict {
                Verdict::Unknown(why) => Some((entry, why)),
                Verdict::Step(_)
                | Verdict::Rejected { .. }
                | Verdict::Suppressed { .. }
                | Verdict::Waiting(_) => None,
            })
    }

    /// Whether a read or the whole planning failed, which makes the command fail though other tenants go on.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.error.is_some()
            || self.trouble.is_some()
            || self.unknowns().any(|(_, why)| why.kind.failed())
    }

    /// As [`TenantPlan::failed`], for what concerns one of its accounts.
    #[must_use]
    pub fn failed_of(&self, whose: &Whose) -> bool {
        self.error.is_some()
            || self.trouble.is_some()
            || self
                .unknowns()
                .any(|(entry, why)| entry.address.whose == *whose && why.kind.failed())
    }

    /// Whether all that failed is that a quota is used up.
    #[must_use]
    pub fn out_of_quota(&self) -> bool {
        let trouble = self.trouble.as_ref();
        self.failed()
            && self.error.is_none()
            && trouble.is_none_or(|one| one.trouble.is_quota())
            && self
                .unknowns()
                .filter(|(_, why)| why.kind.failed())
                .all(|(_, why)| why.kind.is_quota())
    }
}

impl Plan {
    /// Counts what the plan holds.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for tenant in &self.tenants {
            counts.in_sync += usize::from(tenant.in_sync());
            counts.broken += usize::from(tenant.error.is_some());
            counts.troubled += usize::from(tenant.trouble.is_some());
            let steps = tenant.steps().count();
            counts.steps += steps;
            counts.held += steps - tenant.due().count();
            counts.changing += usize::from(steps > 0);
            for entry in &tenant.entries {
                match &entry.verdict {
                    Verdict::Step(_) if tenant.observes(entry) => counts.suppressed += 1,
                    Verdict::Step(_) => {}
                    Verdict::Waiting(_) => counts.waiting += 1,
                    Verdict::Rejected { .. } | Verdict::Suppressed { .. } => counts.suppressed += 1,
                    Verdict::Unknown(why) if why.kind.failed() => counts.failed += 1,
                    Verdict::Unknown(_) => counts.not_comparable += 1,
                }
            }
        }
        counts
    }

    /// What keeps platforms from WeChat, once for each, with the tenants that were not read because of it.
    #[must_use]
    pub fn troubles(&self) -> Vec<(&Troubled, Vec<&TenantPlan>)> {
        let mut troubles: BTreeMap<&str, (&Troubled, Vec<&TenantPlan>)> = BTreeMap::new();
        for tenant in &self.tenants {
            if let Some(troubled) = &tenant.trouble {
                let (_, tenants) = troubles
                    .entry(&troubled.platform)
                    .or_insert_with(|| (troubled, Vec::new()));
                tenants.push(tenant);
            }
        }
        troubles.into_values().collect()
    }

    /// Whether something would be done now.
    #[must_use]
    pub fn has_due(&self) -> bool {
        self.tenants
            .iter()
            .any(|tenant| tenant.due().next().is_some())
    }

    /// Whether there is no step at all, held or not.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tenants
            .iter()
            .all(|tenant| tenant.steps().next().is_none())
    }

    /// The digests of every step, held or not.
    #[must_use]
    pub fn step_digests(&self) -> BTreeSet<Digest> {
        let of = |tenant: &TenantPlan| -> Vec<Digest> {
            tenant
                .steps()
                .map(|(entry, step)| entry.digest(&tenant.tenant, step))
                .collect()
        };
        self.tenants.iter().flat_map(of).collect()
    }

    /// What waits for a step of the plan to be made first, by tenant.
    #[must_use]
    pub fn follows(&self) -> BTreeSet<(String, Address)> {
        let of = |tenant: &TenantPlan| -> Vec<(String, Address)> {
            let waits = tenant.waits();
            let waits = waits.filter(|(_, waiting)| waiting.reason == Reason::AfterAnotherStep);
            waits
                .map(|(entry, _)| (tenant.tenant.clone(), entry.address.clone()))
                .collect()
        };
        self.tenants.iter().flat_map(of).collect()
    }

    /// The digest that names the plan: its steps and nothing else, so that the same steps have the same name.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let steps: Vec<Digest> = self
            .tenants
            .iter()
            .flat_map(|tenant| {
                tenant
                    .steps()
                    .map(|(entry, step)| entry.digest(&tenant.tenant, step))
            })
            .collect();
        Digest::of(&steps)
    }
}
