//! One pass for one tenant: observe → plan → apply → record. The file to read first. All I/O of a pass is here.
//!
//! ```text
//!   recover   take over and settle what an earlier pass left in doubt, by its probe   (Journal, Reader)
//!   observe   ask for the reads that resources name, until none is missing            (Reader)
//!   plan      compare, purely; hold what somebody must say yes to first               (resource::decide, mandate)
//!   apply     make the calls the plan holds, and choose nothing; look whether it shows (Writer, Journal, Reader)
//!   record    what is in force now, for drift and for people                          (Store)
//! ```
//!
//! A dry run stops after `plan` and holds no [`Writer`], so it cannot write.

mod apply;
mod carry_out;
mod fleet;
mod history;
mod import;
mod journaled;
mod mandate;
mod observe;
mod outcome;
mod pass;
mod record;
mod recover;
mod sight;
mod standing;

use std::sync::Arc;

pub use apply::{Applied, Consent, apply_tenant};
pub use fleet::{hold_revision, let_go, revision};
pub use history::{Author, Restores};
pub use import::{Authorized, authorized, export_account};
pub use mandate::{Cap, Mandate};
pub use observe::{Planned, plan_tenant};
pub use outcome::{StepOutcome, StepReport};
pub use recover::op_key;
pub use sight::resolve_unseen;
pub use standing::{Awaited, Stands, Thing, awaited, things};

use crate::client::{Clock, Reader, Writer};
use crate::resource::TenantSpec;
use crate::store::{Journal, JournalError, Store, StoreError};

/// What a pass over a tenant works with. A dry run has this and no more.
#[derive(Clone)]
pub struct Observer {
    /// Makes reads.
    pub reader: Reader,
    /// Records, pins, claims.
    pub store: Store,
    /// Operations; a dry run only looks.
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
    /// Who asks, and what for: the history keeps it.
    pub author: Author,
}

/// One tenant, as desired.
#[derive(Debug, Clone)]
pub struct Desired {
    /// Its name.
    pub tenant: String,
    /// What it declares, merged.
    pub spec: TenantSpec,
    /// The name of its platform.
    pub platform: String,
    /// What may be done beyond what costs nothing.
    pub mandate: Mandate,
}

/// Why a pass could not be finished. What WeChat answers is never one of these: it stands in the plan.
#[derive(Debug, thiserror::Error)]
pub enum PassError {
    /// The store.
    #[error("pass over tenant `{tenant}`")]
    Store {
        /// Whose pass.
        tenant: String,
        /// What happened.
        #[source]
        source: StoreError,
    },
    /// The journal.
    #[error("pass over tenant `{tenant}`")]
    Journal {
        /// Whose pass.
        tenant: String,
        /// What happened.
        #[source]
        source: JournalError,
    },
}

impl Desired {
    fn store_error(&self, source: StoreError) -> PassError {
        PassError::Store {
            tenant: self.tenant.clone(),
            source,
        }
    }

    fn journal_error(&self, source: JournalError) -> PassError {
        PassError::Journal {
            tenant: self.tenant.clone(),
            source,
        }
    }
}
