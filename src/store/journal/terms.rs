//! What goes into the journal's moves and what comes out of them.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::op::{OpDoc, Stage};
use crate::store::doc::Version;
use crate::store::op_key::OpKey;
use crate::wechat::Call;

/// An op as it was read or moved last. Only through it can the op be moved on.
#[derive(Debug, Clone)]
pub struct Op {
    pub(super) doc: Box<OpDoc>,
    pub(super) version: Version,
}

/// What the journal showed *before* an observation began. A new generation is opened on it, so the observation
/// cannot be older than the last outcome, whatever the clocks say.
#[derive(Debug, Clone)]
pub struct Look {
    pub(super) key: OpKey,
    pub(super) op: Option<Op>,
}

/// What a new generation is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// For whom.
    pub tenant: String,
    /// The request.
    pub call: Call,
    /// The digest of the step it belongs to.
    pub step: String,
    /// The digest of what the tenant's manifest says.
    pub wanted: String,
    /// What its probe needs beside the request: facts from before it was sent.
    pub evidence: Value,
    /// When the observation began that led to it.
    pub observed_at: Timestamp,
}

/// With what an op is armed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arming {
    /// The one-off approval it spends. `None`: it needs none, or a standing one covers it.
    pub approval: Option<String>,
    /// How long the request may take.
    pub request_timeout: Duration,
}

/// What came of reserving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a full quota means that nothing may be sent"]
pub enum Reserved {
    /// It may be armed.
    Yes,
    /// No quota is left; the op is still open, to be abandoned or reserved later.
    Full {
        /// How many are used or reserved.
        used: u32,
        /// How many there are.
        limit: u32,
        /// When the next period begins.
        until: Timestamp,
    },
}

/// What a probe found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// It took effect.
    Done {
        /// What it made.
        ids: BTreeMap<String, String>,
    },
    /// It had no effect.
    NotDone {
        /// What showed that.
        why: String,
    },
    /// It cannot be told. A probe that merely failed is repeated instead.
    Undecided {
        /// Why not.
        why: String,
    },
}

/// What a person decided about an op in doubt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// What it made, if it took effect.
    pub done: Option<BTreeMap<String, String>>,
    /// Who says so.
    pub by: String,
    /// What they saw.
    pub note: String,
}

impl Op {
    /// The op's document.
    #[must_use]
    pub fn doc(&self) -> &OpDoc {
        &self.doc
    }
}

impl Look {
    /// There was no such op.
    #[must_use]
    pub fn absent(key: OpKey) -> Self {
        Self { key, op: None }
    }

    /// The op's document, if there was one.
    #[must_use]
    pub fn doc(&self) -> Option<&OpDoc> {
        self.op.as_ref().map(Op::doc)
    }

    /// Whether a new generation may be opened, given a newer observation.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.doc().is_none_or(|doc| doc.stage == Stage::Settled)
    }

    /// The op to probe, if it is in doubt or stalled.
    ///
    /// # Errors
    /// Gives itself back if there is nothing to probe.
    pub fn in_doubt(self) -> Result<Op, Self> {
        match self.op {
            Some(op) if matches!(op.doc.stage, Stage::Doubt | Stage::Stalled) => Ok(op),
            op => Err(Self { key: self.key, op }),
        }
    }
}
