//! What a pass did.

use std::collections::{BTreeMap, BTreeSet};

use super::StepReport;
use super::planned::Planned;
use crate::plan::{Address, Reason, Step, TenantPlan, Text, Whose};
use crate::resource::record::Rejected;

/// What a pass did.
#[derive(Debug, Clone)]
#[must_use = "what was done to an account must be reported"]
pub struct Applied {
    /// The last plan made, before its steps were carried out.
    pub plan: TenantPlan,
    /// What came of each step, in order.
    pub reports: Vec<StepReport>,
    /// What else a person should know: what an earlier run left open, and how it was settled.
    pub notes: Vec<Text>,
    /// Whether an earlier run left an operation in doubt that still cannot be told.
    pub in_doubt: bool,
    /// The accounts that are authorized and what the manifest says they are, so that everything of them was compared.
    pub open: BTreeSet<Whose>,
    /// What is declared and was seen to be so, by the names of its records.
    pub in_force: BTreeSet<Address>,
    /// What WeChat refused and is not sent again by itself.
    pub refused: BTreeMap<Address, Rejected>,
}

impl Applied {
    /// What a look came to that found nothing to be done.
    pub(super) fn nothing(planned: Planned) -> Self {
        Self {
            plan: planned.plan,
            reports: Vec::new(),
            notes: Vec::new(),
            in_doubt: false,
            open: planned.learned.facts.into_keys().collect(),
            in_force: planned.learned.in_force.into_keys().collect(),
            refused: BTreeMap::new(),
        }
    }

    /// Whether the outcome of a request, of this run or of an earlier one, is not known.
    #[must_use]
    pub fn outcome_unknown(&self) -> bool {
        self.in_doubt || self.reports.iter().any(|report| report.outcome.unknown())
    }

    /// Whether the cap on costly steps held one back.
    #[must_use]
    pub fn capped(&self) -> bool {
        let capped = |step: &Step| {
            let hold = step.hold.as_ref();
            hold.is_some_and(|hold| hold.reason == Reason::HourlyCap)
        };
        let guarded = |report: &StepReport| report.outcome.guarded();
        self.plan.steps().any(|(_, step)| capped(step)) || self.reports.iter().any(guarded)
    }

    /// Whether something could not be read or done.
    #[must_use]
    pub fn failed(&self) -> bool {
        self.plan.failed()
    }
}
