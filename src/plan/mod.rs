//! What a pass means to do, as a value: observations, steps, waits, verdicts, the plan and how it is printed.
//!
//! Pure: no clock, no file, no network, no randomness. The same input makes the same plan, to the byte.

mod address;
pub mod approval;
mod budget;
pub mod changes;
mod costly;
pub mod diagnostic;
mod digest;
mod event;
pub mod fleet;
#[cfg(test)]
mod fleet_tests;
pub mod limits;
mod observation;
pub mod path;
#[expect(clippy::module_inception, reason = "the plan is the room's main thing")]
mod plan;
#[cfg(test)]
mod plan_tests;
pub mod render;
mod step;
pub mod text;
mod trouble;
mod waiting;

pub use address::{Address, Whose, fields as address_fields};
pub use budget::{BudgetLine, budget};
pub use costly::{Costly, NotCostly};
pub use digest::Digest;
pub use event::Event;
pub use observation::{Observation, Why, WhyKind, who_must_act};
pub use plan::{AccountPlan, Counts, Entry, Plan, TenantPlan};
pub use step::{Action, Change, Drift, Hold, Step, Verdict};
pub use text::{Lang, Text};
pub use trouble::Troubled;
pub use waiting::{Person, Reason, Waiting};
