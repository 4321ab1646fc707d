//! Calls that may happen at most once: what a resource must tell so that a doubtful outcome can be found out.

use std::time::Duration;

use serde_json::Value;

use super::{Outputs, Seen};
use crate::wechat::Call;

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

    /// How long after a call's request WeChat may still show what was before it: until then a probe that finds nothing says
    /// nothing.
    fn shown_within(&self, _call: &Call) -> Duration {
        Duration::ZERO
    }

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
    /// The probe got no answer. Asked again later.
    Undecided,
    /// WeChat answered, and what is there may be the call's effect or not: only a person can tell.
    Ambiguous,
}
