//! One file per thing a tenant can declare: its spec, what to read, how it is compared, which calls change it.
//!
//! Resources do no I/O. They name the reads they need, fold the answers, and return a verdict; only `reconcile`
//! reads and writes. So every resource is tested with plain values, and a dry run cannot write.

pub mod authorization;
pub mod decide;
#[cfg(test)]
mod decide_tests;
pub mod export;
#[cfg(test)]
mod gate_tests;
pub mod industry;
pub mod menu;
pub mod open_account;
pub mod put_back;
pub mod record;
pub mod registry;
pub mod spec;
pub mod templates;
#[cfg(test)]
mod world;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

pub use decide::{Subject, decide, needs};
pub use industry::IndustrySpec;
pub use menu::MenuSpec;
pub use open_account::OpenAccountSpec;
pub use record::{ResourceRecord, TenantRecords};
pub use registry::{RESOURCES, check_all};
pub use spec::TenantSpec;
pub use templates::TemplatesSpec;

use crate::plan::diagnostic::Diagnostics;
use crate::plan::path::SpecPath;
use crate::plan::{Digest, Observation, Verdict, Waiting};
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
    /// Whether it is a 服务号; else a 订阅号.
    pub service_account: bool,
    /// Whether its legal entity is verified (资质认证), which some APIs want.
    pub verified: bool,
}

/// What a resource is given to look at.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The account.
    pub facts: &'a Facts,
    /// Everything read so far in this pass.
    pub seen: &'a Seen,
    /// What earlier passes remember of this tenant's resources, by [`record_name`](crate::plan::record_name).
    pub records: &'a TenantRecords,
    /// What earlier passes gave to business code, ids that cannot be read back by name among them.
    pub outputs: &'a Outputs,
}

impl View<'_> {
    /// The account.
    #[must_use]
    pub fn account(&self) -> &Appid {
        &self.facts.account
    }
}

/// One thing a tenant can declare.
pub trait Resource {
    /// The name in manifests, plans and records.
    const NAME: &'static str;
    /// Permission sets, one of which must be granted before anything is read or written.
    const SETS: &'static [u16];
    /// What is written in a manifest.
    type Spec: Serialize;
    /// The normalised value, the same type for desired and observed.
    type State: PartialEq + Serialize;

    /// Where the spec stands in a tenant's spec.
    fn path() -> SpecPath;

    /// The spec, if the tenant declares one.
    fn spec(tenant: &TenantSpec) -> Option<&Self::Spec>;

    /// Checks that need no network. Every problem, not the first.
    fn check(spec: &Self::Spec, found: &mut Diagnostics);

    /// The reads that are still missing; asked again until empty. Without a spec: those it takes to export what is
    /// there.
    fn needs(spec: Option<&Self::Spec>, view: &View<'_>) -> Vec<Call>;

    /// Folds the answers.
    fn observe(view: &View<'_>) -> Observation<Self::State>;

    /// What should be true.
    ///
    /// # Errors
    /// [`Waiting`] where it cannot be known yet.
    fn desire(spec: &Self::Spec, view: &View<'_>) -> Result<Self::State, Box<Waiting>>;

    /// Compares. Empty: in sync. Keys name the things of a resource that has several, else the one key is empty.
    fn diff(
        spec: &Self::Spec,
        desired: &Self::State,
        observed: &Observation<Self::State>,
        view: &View<'_>,
    ) -> BTreeMap<String, Verdict>;

    /// Digests of what is desired, by the keys that [`Resource::diff`] uses: what a record of the last apply is
    /// compared with, to tell drift.
    fn digests(desired: &Self::State) -> BTreeMap<String, Digest> {
        BTreeMap::from([(String::new(), Digest::of(desired))])
    }

    /// What is there, as a manifest would say it; `None` where no manifest can say it.
    fn export(observed: &Self::State) -> Option<Self::Spec>;

    /// How a manifest says that there must be none, if it can.
    fn nothing() -> Option<Self::Spec> {
        None
    }

    /// Adds what business code may ask for.
    fn outputs(
        _spec: &Self::Spec,
        _observed: &Self::State,
        _view: &View<'_>,
        _outputs: &mut Outputs,
    ) {
    }

    /// How a doubtful call of this resource is settled, if it has calls that may happen at most once.
    fn at_most_once() -> Option<&'static dyn AtMostOnce> {
        None
    }
}

/// How the outcome of a call that may happen at most once is found out afterwards.
pub trait AtMostOnce: Sync {
    /// Whether this is the one for a call.
    fn knows(&self, call: &Call) -> bool;

    /// Which of the account's things a call is about, where it has several: each has an operation of its own.
    fn thing(&self, _call: &Call) -> Option<String> {
        None
    }

    /// What a successful call made, by the name of the output. `evidence` is the step's.
    fn ids(&self, call: &Call, evidence: &Value, body: &Value) -> Outputs;

    /// The reads that decide. Made no earlier than the journal's margin after the request.
    fn probe(&self, call: &Call) -> Vec<Call>;

    /// What the probe's answers say.
    fn settle(&self, call: &Call, evidence: &Value, seen: &Seen) -> Settled;
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
