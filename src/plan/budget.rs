//! What a plan costs in scarce quotas: this plan, used, limit, after.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::plan::Plan;
use crate::wechat::Appid;
use crate::wechat::endpoint::{Endpoint, Period};

/// What a plan takes from one scarce quota of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetLine {
    /// The endpoint whose quota it is.
    pub endpoint: &'static Endpoint,
    /// The account that pays.
    pub account: Appid,
    /// One of those that it is paid for.
    pub through: Appid,
    /// Calls in this plan.
    pub this_plan: u32,
    /// Calls already made or reserved in this period.
    pub used: u32,
    /// The quota.
    pub limit: u32,
    /// The period after which it starts again.
    pub period: Period,
}

impl BudgetLine {
    /// Calls used once the plan is applied.
    #[must_use]
    pub fn after(&self) -> u32 {
        self.used.saturating_add(self.this_plan)
    }

    /// Whether the plan takes more than is left.
    #[must_use]
    pub fn too_much(&self) -> bool {
        self.after() > self.limit
    }

    /// When the quota starts again.
    #[must_use]
    pub fn resets(&self, now: Timestamp) -> Timestamp {
        let (_, ends_at) = self.period.around(now);
        ends_at
    }
}

/// The scarce quotas a plan takes from. `platform` tells the appid of the platform of a tenant, whose accounts share some of
/// them. What is used already only the ledger knows: it is 0 here, for the caller to
/// fill in.
#[must_use]
pub fn budget(plan: &Plan, platform: impl Fn(&str) -> Option<Appid>) -> Vec<BudgetLine> {
    let mut taken: BTreeMap<(&'static Endpoint, Appid, Period), BudgetLine> = BTreeMap::new();
    for tenant in &plan.tenants {
        let platform = platform(&tenant.tenant);
        let calls = tenant.steps().flat_map(|(_, step)| &step.calls);
        for call in calls {
            let endpoint = call.endpoint;
            for quota in endpoint.quotas.iter().filter(|quota| quota.scarce) {
                let account = quota
                    .payer
                    .of(&call.subject, platform.as_ref().unwrap_or(&call.subject));
                let key = (endpoint, account.clone(), quota.period);
                let line = taken.entry(key).or_insert_with(|| BudgetLine {
                    endpoint,
                    used: 0,
                    account: account.clone(),
                    through: call.subject.clone(),
                    this_plan: 0,
                    limit: quota.limit,
                    period: quota.period,
                });
                line.this_plan = line.this_plan.saturating_add(1);
            }
        }
    }
    taken.into_values().collect()
}
