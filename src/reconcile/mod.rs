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
//!
//! Its files import one way, so they can be read from the bottom: `operation` and `memory` (what is known before), `look`
//! (reading), `planned` (the plan), `work` with `word` (one step, one answer), `put` and `journaled` (the calls), `sight`
//! and `record` (what came of them), `carry_out`, `recover`, `apply`.

mod applied;
mod apply;
mod asked;
mod assume;
mod begun;
mod born;
mod carry_out;
mod checked;
mod claims;
mod doubt;
mod files;
mod fleet;
#[cfg(test)]
mod fleet_tests;
mod history;
mod import;
mod journaled;
mod judged;
mod look;
mod mandate;
mod media;
mod memory;
mod operation;
mod outcome;
mod pass;
mod paused;
mod planned;
mod put;
mod quotas;
mod recall;
mod record;
mod recover;
mod rest;
mod revision;
mod sight;
mod spending;
mod standing;
mod told;
mod tried;
mod word;
mod work;

use std::sync::Arc;

use jiff::Timestamp;

pub use applied::Applied;
pub use apply::{Consent, apply_tenant};
pub use assume::{Assumed, assume};
pub use checked::keep_file;
pub use fleet::{Raised, Remembered, Watched};
pub use history::{Author, Restores, address_of};
pub use import::{Authorized, authorized, export_account};
pub use judged::{Judged, judge, note_admitted, remember_held};
pub use mandate::{Cap, Mandate};
pub use memory::past;
pub use operation::op_key;
pub use outcome::{StepOutcome, StepReport};
pub use pass::{LOOP, Notice, Passes, is_taken};
pub use paused::{Scope, keep, pause, pauses, platform_called, resume};
pub use planned::{Planned, plan_tenant};
pub use rest::at_rest;
pub use sight::resolve_unseen;
pub use standing::{Awaited, Stands, Thing, awaited, things};
pub use told::told_since;

use crate::client::{Clock, Reader, Writer};
use crate::plan::{Digest, Text};
use crate::resource::{Files, TenantSpec, declared};
use crate::store::{Journal, JournalError, Store, StoreError};
use crate::wechat::calendar::second;

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
    /// How passes are taken.
    pub passes: Passes,
}

/// One tenant, as desired.
#[derive(Debug, Clone)]
pub struct Desired {
    /// Its name.
    pub tenant: String,
    /// What it declares, merged.
    pub spec: TenantSpec,
    /// The files it refers to.
    pub files: Files,
    /// The name of its platform.
    pub platform: String,
    /// What may be done beyond what costs nothing.
    pub mandate: Mandate,
}

/// Why a pass could not be finished. What WeChat answers is never one of these: it stands in the plan.
#[derive(Debug, thiserror::Error)]
pub enum PassError {
    /// The store.
    #[error("the pass over tenant `{tenant}` could not be finished")]
    Store {
        /// Whose pass.
        tenant: String,
        /// What happened.
        #[source]
        source: StoreError,
    },
    /// The journal.
    #[error("the pass over tenant `{tenant}` could not be finished")]
    Journal {
        /// Whose pass.
        tenant: String,
        /// What happened.
        #[source]
        source: JournalError,
    },
    /// Newer manifests have been applied since these were read.
    #[error(
        "tenant `{tenant}`: these manifests were read at {read_at}, and newer ones, read at {newer_at}, have been applied since: nothing was done, run it again"
    )]
    Stale {
        /// Whose pass.
        tenant: String,
        /// When ours were read.
        read_at: Timestamp,
        /// When those were read.
        newer_at: Timestamp,
    },
}

impl PassError {
    /// Whether what was to be done is out of date.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::Stale { .. })
    }

    /// What a person reads, where it is more than what the store or the journal said.
    #[must_use]
    pub fn text(&self) -> Option<Text> {
        let Self::Stale {
            read_at, newer_at, ..
        } = self
        else {
            return None;
        };
        let [read, newer] = [read_at, newer_at].map(|at| second(*at));
        Some(Text::new(
            format!(
                "本次的配置读于 {read}，此后已有更新的配置（读于 {newer}）执行完毕；未作更改，请重新运行"
            ),
            format!(
                "these manifests were read at {read}, and newer ones (read at {newer}) have been applied since: nothing was changed, run it again"
            ),
        ))
    }
}

impl Desired {
    /// The digest of what it declares, files included.
    fn declared(&self) -> Digest {
        declared(&self.spec, &self.files)
    }

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
