//! Writes down what a pass found and did: what is in force, what WeChat refused, whom it waits for.

use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::operation::op_key;
use super::planned::Planned;
use super::standing::{Awaited, awaited, things};
use super::work::Work;
use super::{Actor, Desired, Observer, PassError, StepOutcome, StepReport, paused, revision};
use crate::plan::{Address, Costly, Digest, Entry, Step, Text, Verdict};
use crate::resource::decide::Learned;
use crate::resource::record::{Applied, Rejected};
use crate::resource::refusal;
use crate::resource::registry::{Managed, named, rests_on};
use crate::resource::{Facts, Kept, Kind, ResourceRecord, Shown, Unseen};
use crate::store::Key;
use crate::store::documents::{CredDoc, LastPass, TenantDoc};
use crate::wechat::{Appid, Call};

/// Writes the record of one pass.
pub(super) async fn record(
    actor: &Actor,
    desired: &Desired,
    planned: &Planned,
    reports: &[StepReport],
) -> Result<(), PassError> {
    let observer = &actor.observer;
    signs(observer, desired, &planned.learned).await?;
    let now = observer.clock.now();
    let key = Key::tenant(&desired.tenant);
    observer
        .store
        .update::<TenantDoc>(&key, |doc| {
            note(doc, (actor, desired), planned, reports, now)
        })
        .await
        .map(drop)
        .map_err(|error| desired.store_error(error))
}

/// Puts what a pass found and did into what is remembered of its tenant.
pub(super) fn note(
    doc: &mut TenantDoc,
    (actor, desired): (&Actor, &Desired),
    planned: &Planned,
    reports: &[StepReport],
    now: jiff::Timestamp,
) {
    let done: BTreeSet<Address> = reports
        .iter()
        // What others have to say yes to first is not in force.
        .filter(|report| report.outcome.done() && !report.under_way)
        .map(|report| report.address.clone())
        .collect();
    for (name, digest) in &planned.learned.desired {
        let changed = done.contains(name);
        if changed || planned.learned.in_force.contains_key(name) {
            applied(doc, name, digest, changed, now);
        }
    }
    for (name, kept) in &planned.learned.kept {
        let mut record = read(doc, name);
        record.kept = Some(kept.clone());
        write(doc, name, &record);
    }
    forget_seen(doc, planned, reports);
    doc.outputs.extend(planned.learned.outputs.clone());
    let looked = planned.learned.gates_open && !planned.plan.failed();
    doc.from_backup = planned.from_backup && (!looked || asks_again(planned, &done));
    let before: Vec<Awaited> = known(&doc.waiting);
    doc.waiting = values(&awaited(planned, &before, now));
    // What was put back is no revision of the manifests.
    if is_applied(desired, planned, reports) && actor.author.restores.is_none() {
        doc.manifest = Some(desired.declared().to_string());
        doc.platform = Some(desired.platform.clone());
    }
    if let Some(ours) = revision::ours(actor, desired) {
        doc.manifests_read = Some(ours);
    }
    keep_put_back(doc, actor, planned, &done, now);
    doc.last_pass = Some(LastPass {
        at: now,
        result: result(actor, planned, reports).to_owned(),
        things: values(&things(planned, reports)),
        declared: Some(desired.declared().to_string()),
    });
}

/// What was put back beside a loop is kept, until the manifest says the same.
fn keep_put_back(
    doc: &mut TenantDoc,
    actor: &Actor,
    planned: &Planned,
    done: &BTreeSet<Address>,
    now: jiff::Timestamp,
) {
    let Some(restores) = &actor.author.restores else {
        for name in planned.learned.in_force.keys() {
            doc.put_back.remove(&name.to_string());
        }
        return;
    };
    if restores.keeps && done.contains(&restores.address) {
        paused::keep_in(doc, restores, actor.author.by.clone(), now);
    }
}

/// Notes with the operations what WeChat shows of what they did, where that is all there is to see of it.
pub(super) async fn signs(
    observer: &Observer,
    desired: &Desired,
    learned: &Learned,
) -> Result<(), PassError> {
    for Shown { call, shown } in &learned.signs {
        observer
            .journal
            .show(&op_key(call), call, shown)
            .await
            .map_err(|error| desired.journal_error(error))?;
    }
    Ok(())
}

/// Whether something waits for a person to say that it was not done before the store was put back.
fn asks_again(planned: &Planned, done: &BTreeSet<Address>) -> bool {
    planned.plan.entries.iter().any(|entry| {
        let asks = |step: &Step| step.costly == Some(Costly::AddAgain);
        matches!(&entry.verdict, Verdict::Step(step) if asks(step) && !done.contains(&entry.address))
    })
}

/// The state is in force. It keeps the time at which it was first, unless it was put in force again just now.
fn applied(
    doc: &mut TenantDoc,
    name: &Address,
    digest: &Digest,
    changed: bool,
    now: jiff::Timestamp,
) {
    let mut record = read(doc, name);
    let known = record
        .applied
        .as_ref()
        .is_some_and(|applied| applied.digest == *digest);
    if changed || !known {
        record.applied = Some(Applied {
            digest: digest.clone(),
            at: now,
        });
    }
    record.rejected = None;
    record.unseen = None;
    write(doc, name, &record);
}

/// Of what nobody desires, that it is gone shows by nothing being due. What was not compared stays as it was.
fn forget_seen(doc: &mut TenantDoc, planned: &Planned, reports: &[StepReport]) {
    if planned.plan.failed() {
        return;
    }
    let names: Vec<Address> = doc
        .records
        .keys()
        .map(|name| Address::from(name.as_str()))
        .collect();
    for name in names {
        let entries = &planned.plan.entries;
        let due = entries.iter().any(|entry| entry.address == name)
            && !reports
                .iter()
                .any(|report| report.address == name && report.outcome.done());
        let mut record = read(doc, &name);
        let compared = planned.learned.compared.contains(&name.whole());
        if record.unseen.is_some() && compared && !due {
            record.unseen = None;
            write(doc, &name, &record);
        }
    }
}

/// Remembers what WeChat accepted and no read has shown.
pub(super) async fn unseen(
    actor: &Actor,
    desired: &Desired,
    name: &Address,
    unseen: &Unseen,
) -> Result<(), PassError> {
    amend(actor, desired, name, |record| {
        record.unseen = Some(unseen.clone());
    })
    .await
}

/// Remembers what WeChat makes of what it was sent.
pub(super) async fn kept(
    actor: &Actor,
    desired: &Desired,
    name: &Address,
    kept: &Kept,
) -> Result<(), PassError> {
    amend(actor, desired, name, |record| {
        record.kept = Some(kept.clone());
    })
    .await
}

async fn amend(
    actor: &Actor,
    desired: &Desired,
    name: &Address,
    change: impl Fn(&mut ResourceRecord) + Send + Sync,
) -> Result<(), PassError> {
    actor
        .observer
        .store
        .update::<TenantDoc>(&Key::tenant(&desired.tenant), |doc| {
            let mut record = read(doc, name);
            change(&mut record);
            write(doc, name, &record);
        })
        .await
        .map(drop)
        .map_err(|error| desired.store_error(error))
}

/// A person has said what came of a call: taken for done at a time, or to be made again. The things it was about.
pub(super) fn resolve(
    doc: &mut TenantDoc,
    op: &str,
    done_at: Option<jiff::Timestamp>,
) -> Vec<Address> {
    let names: Vec<Address> = doc
        .records
        .keys()
        .map(|name| Address::from(name.as_str()))
        .collect();
    let mut resolved = Vec::new();
    for name in names {
        let mut record = read(doc, &name);
        let refused = record.rejected.as_ref();
        let refused = refused.is_some_and(|rejected| rejected.op.as_deref() == Some(op));
        if refused && done_at.is_none() {
            record.rejected = None;
        } else if let Some(unseen) = record.unseen.as_mut().filter(|unseen| unseen.op == op) {
            match done_at {
                Some(at) => unseen.resolved_at = Some(at),
                None => record.unseen = None,
            }
        } else {
            continue;
        }
        write(doc, &name, &record);
        resolved.push(name);
    }
    resolved
}

/// Values as they are stored.
fn values<T: Serialize>(all: &[T]) -> Vec<Value> {
    let values = all.iter().map(serde_json::to_value);
    values.filter_map(Result::ok).collect()
}

/// What can be read of stored values; what another wxops wrote otherwise is left out.
fn known<T: DeserializeOwned>(values: &[Value]) -> Vec<T> {
    let known = values.iter().map(|value| T::deserialize(value));
    known.filter_map(Result::ok).collect()
}

fn read(doc: &TenantDoc, name: &Address) -> ResourceRecord {
    doc.records
        .get(&name.to_string())
        .and_then(|record| serde_json::from_value(record.clone()).ok())
        .unwrap_or_default()
}

fn write(doc: &mut TenantDoc, name: &Address, record: &ResourceRecord) {
    let value = serde_json::to_value(record).unwrap_or(Value::Null);
    doc.records.insert(name.to_string(), value);
}

/// Remembers that WeChat refused a step, where the same is not to be sent again by itself. At once: whoever is killed
/// after this does not send it again.
pub(super) async fn refused(
    work: &Work<'_>,
    report: &StepReport,
) -> Result<Option<Rejected>, PassError> {
    let StepOutcome::Refused(error) = &report.outcome else {
        return Ok(None);
    };
    let observer = &work.actor.observer;
    let address = &report.address;
    let facts = work.planned.learned.facts.get(&address.whose).cloned();
    let makes_it = named(&address.resource).is_some_and(Managed::makes_the_account);
    let stands_in = makes_it.then(|| Facts::of_platform(observer.reader.platform(), Kind::App));
    let (Some(step), Some(facts)) = (step_of(work.planned, report), facts.or(stands_in)) else {
        return Ok(None);
    };
    let rests_on = rests_on(&address.resource, &facts.account);
    let mut seen = work.seen.clone();
    for read in &rests_on {
        if !seen.contains_key(read) {
            seen.insert(read.clone(), observer.reader.read(read).await);
        }
    }
    let op = |call: &Call| op_key(call).to_string();
    let now = observer.clock.now();
    let refused = step
        .calls
        .iter()
        .find(|call| call.endpoint.name == error.endpoint);
    let about = refused.and_then(|call| named(&address.resource)?.about(call));
    let error = (error, about.as_ref());
    let rejected = refusal::remembered(step, error, (&facts, &seen), &rests_on, op, now);
    if let Some(rejected) = &rejected {
        amend(work.actor, work.desired, address, |record| {
            record.rejected = Some(rejected.clone());
        })
        .await?;
    }
    Ok(rejected)
}

/// Remembers what WeChat left out of a call that it answered with success, thing by thing and at once. What is said of it;
/// `None`: nothing was left out.
pub(super) async fn partly(
    work: &Work<'_>,
    entry: &Entry,
    call: &Call,
    body: &Value,
) -> Result<Option<Text>, PassError> {
    let parts = named(&entry.address.resource).map(|one| one.partly(call, body));
    let now = work.actor.observer.clock.now();
    let mut said = Vec::new();
    for (key, part) in parts.unwrap_or_default() {
        said.push(part.why.clone());
        let address = entry.address.with_key(key.as_str());
        let rejected = refusal::left_out(call, &key, part, now);
        amend(work.actor, work.desired, &address, |record| {
            record.rejected = Some(rejected.clone());
        })
        .await?;
    }
    let join = |lang: fn(&Text) -> &str, by: &str| {
        let all: Vec<&str> = said.iter().map(lang).collect();
        all.join(by)
    };
    let text = Text::new(join(|text| &text.zh, "；"), join(|text| &text.en, "; "));
    Ok((!said.is_empty()).then_some(text))
}

/// The step of the plan that a report is about.
fn step_of<'a>(planned: &'a Planned, report: &StepReport) -> Option<&'a Step> {
    planned
        .plan
        .entries
        .iter()
        .find_map(|entry| match &entry.verdict {
            Verdict::Step(step) if entry.address == report.address => Some(step),
            Verdict::Step(_)
            | Verdict::Waiting(_)
            | Verdict::Rejected { .. }
            | Verdict::Suppressed { .. }
            | Verdict::Unknown(_) => None,
        })
}

/// Whether this revision of the manifest counts as applied: nothing failed and nothing moved. A step that waits for its
/// own approval is no reason to count the revision as new again. One that the fleet guard holds as a whole counts only
/// where it is in force already, but for what is left alone: of a tenant that waits or is only looked at no step is
/// held, and taking it for applied would let the revision in later, unguarded.
fn is_applied(desired: &Desired, planned: &Planned, reports: &[StepReport]) -> bool {
    let nothing_due = |entry: &Entry| matches!(entry.verdict, Verdict::Suppressed { .. });
    let in_force = planned.learned.gates_open && planned.plan.entries.iter().all(nothing_due);
    !planned.plan.failed()
        && reports.iter().all(|report| report.outcome.done())
        && (desired.mandate.fleet.is_none() || in_force)
}

fn result(actor: &Actor, planned: &Planned, reports: &[StepReport]) -> &'static str {
    let done = reports.iter().any(|report| report.outcome.done());
    if done && actor.author.restores.is_some() {
        // The manifest may well say otherwise: the next pass tells.
        return "restored";
    }
    if planned.plan.failed() || reports.iter().any(|report| report.outcome.failed()) {
        "failed"
    } else if planned.plan.waits().next().is_some() || planned.plan.has_held() {
        "waiting"
    } else {
        "ready"
    }
}

/// An account has left, and maybe no push said so: when it comes back, the first pass only looks.
pub(super) async fn left(
    actor: &Actor,
    desired: &Desired,
    account: &Appid,
    seen_at: jiff::Timestamp,
) -> Result<(), PassError> {
    actor
        .observer
        .store
        .amend::<CredDoc, ()>(&Key::cred(account), |doc| {
            doc.revoked_at.get_or_insert(seen_at);
        })
        .await
        .map(drop)
        .map_err(|error| desired.store_error(error))
}

/// An account that came back has been looked at.
pub(super) async fn looked_at(
    actor: &Actor,
    desired: &Desired,
    account: &Appid,
) -> Result<(), PassError> {
    actor
        .observer
        .store
        .amend::<CredDoc, ()>(&Key::cred(account), |doc| doc.reauthorized = false)
        .await
        .map(drop)
        .map_err(|error| desired.store_error(error))
}
