//! Writes the history: what was there before a step's first request, and afterwards what came of it.

use jiff::Timestamp;
use serde_json::Value;

use super::operation::Looks;
use super::planned::Planned;
use super::work::Work;
use super::{Actor, Desired, Observer, PassError, StepOutcome, StepReport};
use crate::plan::{Action, Address, Entry, Step, Text, Verdict, Whose};
use crate::store::history::{Before, Ended, History, HistoryDoc, How, Revision};
use crate::store::journal::{OpDoc, Outcome};

/// How many of a tenant's newest entries a pass looks at, to complete what an earlier one left open. A pass that
/// died leaves one; what it could not find out are a few more.
const LOOKED_AT: usize = 8;

/// Who asks for changes, and what for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Author {
    /// The person, or the job that stands for one.
    pub by: Option<String>,
    /// The commit of the manifests.
    pub revision: Option<Revision>,
    /// Set where an entry of the history is put back: no other resource is changed then.
    pub restores: Option<Restores>,
}

/// An entry of the history that is put back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restores {
    /// Its number.
    pub entry: u64,
    /// What is put back.
    pub address: Address,
    /// Whether it is kept so until the manifest says the same: a loop would change it again at once.
    pub keeps: bool,
}

impl Author {
    /// Whether a pass of this author makes a step of this entry.
    #[must_use]
    pub fn concerns(&self, entry: &Entry) -> bool {
        self.restores
            .as_ref()
            .is_none_or(|one| one.address == entry.address)
    }
}

/// Writes what is there, before the first request of a step.
pub(super) async fn begin(work: &Work<'_>, entry: &Entry, step: &Step) -> Result<u64, PassError> {
    let observer = &work.actor.observer;
    let author = &work.actor.author;
    let doc = HistoryDoc {
        at: observer.clock.now(),
        by: author.by.clone(),
        revision: author.revision.clone(),
        restores: author.restores.as_ref().map(|one| one.entry),
        account: step.account.clone(),
        item: entry.address.whose.item().map(str::to_owned),
        resource: entry.address.resource.clone().into_owned(),
        key: entry.address.key.clone(),
        action: word(step.action).to_owned(),
        step: entry.digest(&work.desired.tenant, step).to_string(),
        desired: work
            .planned
            .learned
            .desired
            .get(&entry.address)
            .map(ToString::to_string),
        endpoints: step
            .calls
            .iter()
            .map(|call| call.endpoint.name.to_owned())
            .collect(),
        changes: changes(step),
        left_out: 0,
        before: before(work.planned, entry, step),
        approval: step.approval.clone(),
        outcome: None,
    };
    History::new(observer.store.clone())
        .begin(&work.desired.tenant, doc)
        .await
        .map_err(|error| work.desired.store_error(error))
}

/// What an entry is about.
#[must_use]
pub fn address_of(doc: &HistoryDoc) -> Address {
    Address {
        whose: Whose::of_item(doc.item.as_deref()),
        resource: doc.resource.clone().into(),
        key: doc.key.clone(),
    }
}

fn word(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Delete => "delete",
    }
}

fn changes(step: &Step) -> Vec<Value> {
    step.changes
        .iter()
        .filter_map(|change| serde_json::to_value(change).ok())
        .collect()
}

/// The resource as it is, all its things: which of them the step is about, the entry's key says.
fn before(planned: &Planned, entry: &Entry, step: &Step) -> Before {
    match (
        planned.learned.live.get(&entry.address.whole()),
        step.action,
    ) {
        (Some(live), _) => Before::There(live.clone()),
        (None, Action::Create) => Before::Nothing,
        (None, Action::Update | Action::Delete) => Before::Unknown,
    }
}

/// Writes what came of a step. Failing to leaves the entry open, for the next pass to complete.
pub(super) async fn end(work: &Work<'_>, number: u64, report: &StepReport) {
    let observer = &work.actor.observer;
    let ended = Ended {
        under_way: report.under_way && report.outcome.done(),
        ..ended(&report.outcome, observer.clock.now())
    };
    let written = History::new(observer.store.clone())
        .end(&work.desired.tenant, number, &ended)
        .await;
    if let Err(error) = written {
        let tenant = &work.desired.tenant;
        tracing::warn!(%tenant, number, %error, "the outcome is missing from the history");
    }
}

fn ended(outcome: &StepOutcome, at: Timestamp) -> Ended {
    let (result, text) = match outcome {
        StepOutcome::Done => (How::Done, None),
        StepOutcome::DoneAfterDoubt(text) | StepOutcome::DoneOtherwise(text) => {
            (How::Done, Some(text))
        }
        StepOutcome::Refused(error) => {
            return Ended {
                at,
                result: How::Refused,
                under_way: false,
                zh: format!("{} {}：{}", error.endpoint, error.errcode, error.zh),
                en: format!("{} {}: {}", error.endpoint, error.errcode, error.en),
                errcode: Some(error.errcode),
                rid: error.rid.clone(),
            };
        }
        StepOutcome::NotDone(text) | StepOutcome::Withheld(text) => (How::NotDone, Some(text)),
        StepOutcome::Unknown(text) | StepOutcome::NotShown(text) => (How::Unknown, Some(text)),
        StepOutcome::Held(text)
        | StepOutcome::OutOfQuota(text)
        | StepOutcome::Guarded(text)
        | StepOutcome::Moved(text) => (How::NotSent, Some(text)),
    };
    said(at, result, text)
}

fn said(at: Timestamp, result: How, text: Option<&Text>) -> Ended {
    Ended {
        at,
        result,
        under_way: false,
        zh: text.map(|text| text.zh.clone()).unwrap_or_default(),
        en: text.map(|text| text.en.clone()).unwrap_or_default(),
        errcode: None,
        rid: None,
    }
}

/// Whether an entry waits for what came of its step.
pub(super) async fn has_open(observer: &Observer, desired: &Desired) -> Result<bool, PassError> {
    let history = History::new(observer.store.clone());
    let newest = history.newest(&desired.tenant, LOOKED_AT).await;
    let newest = newest.map_err(|error| desired.store_error(error))?;
    Ok(newest.iter().any(|(_, doc)| doc.is_open()))
}

/// Completes what an earlier pass left open, as far as the journal or what is there now tells.
pub(super) async fn complete(
    actor: &Actor,
    desired: &Desired,
    planned: &Planned,
    looks: &Looks,
) -> Result<(), PassError> {
    let observer = &actor.observer;
    let history = History::new(observer.store.clone());
    let newest = history
        .newest(&desired.tenant, LOOKED_AT)
        .await
        .map_err(|error| desired.store_error(error))?;
    let mut later: Vec<Address> = Vec::new();
    for (number, doc) in newest {
        let thing = address_of(&doc);
        // What is there now says nothing of a step that another one came after.
        let last = !later.contains(&thing);
        later.push(thing);
        if !doc.is_open() {
            continue;
        }
        let now = observer.clock.now();
        let found = match looks
            .values()
            .filter_map(|look| look.doc())
            .find(|op| is_of(op, &doc))
        {
            Some(op) => by_journal(op),
            None if last => by_sight(&doc, desired, planned, now),
            None => None,
        };
        if let Some(ended) = found {
            history
                .end(&desired.tenant, number, &ended)
                .await
                .map_err(|error| desired.store_error(error))?;
        }
    }
    Ok(())
}

/// The entry of the step that opened an op, if it is among a tenant's newest.
pub(super) async fn entry_of(
    actor: &Actor,
    desired: &Desired,
    op: &OpDoc,
) -> Result<Option<HistoryDoc>, PassError> {
    let history = History::new(actor.observer.store.clone());
    let newest = history
        .newest(&desired.tenant, LOOKED_AT)
        .await
        .map_err(|error| desired.store_error(error))?;
    let mut entries = newest.into_iter().map(|(_, doc)| doc);
    Ok(entries.find(|doc| is_of(op, doc)))
}

/// Whether an op was opened by the very step of an entry, since it was written.
fn is_of(op: &OpDoc, doc: &HistoryDoc) -> bool {
    op.step == doc.step && op.trail.last().is_some_and(|event| event.at >= doc.at)
}

fn by_journal(op: &OpDoc) -> Option<Ended> {
    let at = op.settled_at?;
    Some(match op.outcome.as_ref()? {
        Outcome::Done { .. } => said(at, How::Done, None),
        Outcome::NotDone { .. } => said(at, How::NotDone, None),
        Outcome::NotSent { .. } => said(at, How::NotSent, None),
        Outcome::Refused(error) => ended(&StepOutcome::Refused(error.clone()), at),
    })
}

/// A put: in force now, it took effect; the very same step again, it had none. Anything else cannot be told.
fn by_sight(
    doc: &HistoryDoc,
    desired: &Desired,
    planned: &Planned,
    now: Timestamp,
) -> Option<Ended> {
    let in_force = planned.learned.in_force.get(&address_of(doc));
    let in_force = in_force.map(ToString::to_string);
    if in_force.is_some() && in_force == doc.desired {
        let text = Text::new("后来查询到已生效", "found in force by a later pass");
        return Some(said(now, How::Done, Some(&text)));
    }
    let again = planned
        .plan
        .entries
        .iter()
        .any(|entry| match &entry.verdict {
            Verdict::Step(step) => entry.digest(&desired.tenant, step).to_string() == doc.step,
            Verdict::Waiting(_)
            | Verdict::Rejected { .. }
            | Verdict::Suppressed { .. }
            | Verdict::Unknown(_) => false,
        });
    again.then(|| {
        let text = Text::new("后来查询到未生效", "found without effect by a later pass");
        said(now, How::NotDone, Some(&text))
    })
}
