//! One pass for one tenant: observe → plan → apply → record. The file to read first. All I/O of a pass is here.
//!
//! ```text
//!   recover   settle what an earlier pass left in doubt, by its probe
//!   observe   ask for the reads that resources name, until none is missing   (Reader)
//!   plan      compare, purely                                                (resource::decide)
//!   apply     make the calls the plan holds, and choose nothing              (Writer, Journal)
//!   record    what is in force now, for drift and for people                 (Store)
//! ```
//!
//! A dry run stops after `plan` and holds no [`Writer`](crate::client::Writer), so it cannot write.

mod apply;
mod carry_out;
mod observe;
mod outcome;
mod record;
mod recover;

pub use apply::{Applied, apply_tenant};
pub use observe::{Planned, plan_tenant};
pub use outcome::{StepOutcome, StepReport};
pub use recover::{Recovered, unsettled};

use std::sync::Arc;

use crate::client::{Clock, Reader, Writer};
use crate::resource::TenantSpec;
use crate::store::{Journal, Store};

/// What a pass over a tenant works with. A dry run has this and no more.
#[derive(Clone)]
pub struct Observer {
    /// Makes reads.
    pub reader: Reader,
    /// Records, pins, claims and operations.
    pub store: Store,
    /// Read only here; moved by [`Actor`].
    pub journal: Journal,
    /// The one clock.
    pub clock: Arc<dyn Clock>,
}

/// What changing an account takes beyond observing it.
#[derive(Clone)]
pub struct Actor {
    /// Everything an observer has.
    pub observer: Observer,
    /// Sends what the journal armed and what is repeatable.
    pub writer: Writer,
    /// Names this process in documents that only one process may hold.
    pub owner: String,
}

/// One tenant, as desired.
#[derive(Debug, Clone)]
pub struct Desired {
    /// Its name.
    pub tenant: String,
    /// What it declares, merged.
    pub spec: TenantSpec,
}
