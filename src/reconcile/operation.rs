//! The operation that a call belongs to, and what the journal shows of it.

use std::collections::BTreeMap;

use crate::plan::Step;
use crate::resource::registry::settles;
use crate::store::journal::{Look, OpKey, Stage};
use crate::wechat::Call;

/// What the journal showed of every action on an account, before it was observed.
pub(super) type Looks = BTreeMap<OpKey, Look>;

/// The operation a call belongs to: one per account and action, and per thing where an account has several
/// (`template/api_add_template+47123`).
#[must_use]
pub fn op_key(call: &Call) -> OpKey {
    let thing = settles(call).and_then(|resource| resource.thing(call));
    OpKey {
        action: call.endpoint.action(thing.as_deref()),
        appid: call.subject.clone(),
    }
}

/// Whether nobody knows yet what came of an operation.
pub(super) fn unsettled(look: &Look) -> bool {
    look.doc().is_some_and(|doc| match doc.stage {
        Stage::Armed | Stage::Doubt | Stage::Stalled => true,
        Stage::Open | Stage::Reserved | Stage::Settled => false,
    })
}

/// Whether a call goes through the journal: it may happen at most once, or somebody's yes is spent on it.
pub(super) fn journaled(step: &Step, call: &Call) -> bool {
    call.endpoint.class.journaled() || step.costly.is_some()
}
