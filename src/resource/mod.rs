//! One file per thing a tenant can declare: its spec, what to read, how it is compared, which calls change it.
//!
//! Resources do no I/O. They name the reads they need, fold the answers, and return a verdict; only `reconcile`
//! reads and writes. So every resource is tested with plain values, and a dry run cannot write.

pub mod authorization;
pub mod decide;
#[cfg(test)]
mod decide_tests;
pub mod menu;
pub mod open_account;
pub mod record;
pub mod registry;
pub mod spec;
#[cfg(test)]
mod world;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

pub use decide::{Subject, decide, needs};
pub use menu::MenuSpec;
pub use open_account::OpenAccountSpec;
pub use record::{ResourceRecord, TenantRecords};
pub use registry::{RESOURCES, check_all};
pub use spec::TenantSpec;

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Observation, Verdict, Waiting};
use crate::wechat::{Answer, Appid, Call};

/// Everything read so far in one pass, by the request that read it.
pub type Seen = BTreeMap<Call, Answer>;

/// What business code needs back, by name: `openAccount.appId`.
pub type Outputs = BTreeMap<String, String>;

/// What is known of a tenant's account once the authorization gate is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The official account.
    pub account: Appid,
    /// Permission sets it granted to the platform.
    pub granted: BTreeSet<u16>,
}

/// One thing a tenant can declare.
pub trait Resource {
    /// The name in manifests, plans and records.
    const NAME: &'static str;
    /// Permission sets, one of which must be granted before anything is read or written.
    const SETS: &'static [u16];
    /// What is written in a manifest.
    type Spec;
    /// The normalised value, the same type for desired and observed.
    type State: PartialEq + Serialize;

    /// Where the spec stands in a tenant's spec.
    fn path() -> SpecPath;

    /// The spec, if the tenant declares one.
    fn spec(tenant: &TenantSpec) -> Option<&Self::Spec>;

    /// Checks that need no network. Every problem, not the first.
    fn check(spec: &Self::Spec, found: &mut Diagnostics);

    /// The reads that are still missing; asked again until empty.
    fn needs(facts: &Facts, seen: &Seen) -> Vec<Call>;

    /// Folds the answers.
    fn observe(facts: &Facts, seen: &Seen) -> Observation<Self::State>;

    /// What should be true.
    ///
    /// # Errors
    /// [`Waiting`] where it cannot be known yet.
    fn desire(spec: &Self::Spec, facts: &Facts) -> Result<Self::State, Box<Waiting>>;

    /// Compares. Empty: in sync. Keys name the things of a resource that has several, else the one key is empty.
    fn diff(
        spec: &Self::Spec,
        desired: &Self::State,
        observed: &Observation<Self::State>,
        facts: &Facts,
    ) -> BTreeMap<String, Verdict>;

    /// Adds what business code may ask for.
    fn outputs(_observed: &Self::State, _outputs: &mut Outputs) {}

    /// How a doubtful call of this resource is settled, if it has calls that may happen at most once.
    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        None
    }
}

/// How the outcome of a call that may happen at most once is found out afterwards.
pub trait AtMostOnce: Sync {
    /// Whether this is the one for a call.
    fn knows(&self, call: &Call) -> bool;

    /// What a successful call made, by the name of the output.
    fn ids(&self, call: &Call, body: &Value) -> Outputs;

    /// The reads that decide. Made no earlier than the journal's margin after the request.
    fn probe(&self, call: &Call) -> Vec<Call>;

    /// What the probe's answers say.
    fn settle(&self, call: &Call, seen: &Seen) -> Settled;
}

/// What a probe found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// The call had its effect; the ids it made.
    Done(Outputs),
    /// WeChat says there is none: it had no effect.
    NotDone,
    /// The probe could not tell. Asked again later.
    Undecided,
}

/// The verdict of a resource that has only one thing.
fn only(verdict: Verdict) -> BTreeMap<String, Verdict> {
    BTreeMap::from([(String::new(), verdict)])
}
