//! A whole pass that changes an account.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::memory::{Memory, remember};
use super::operation::{Looks, journaled, unsettled};
use super::pass::{self, Pass};
use super::planned::{Planned, plan_seen};
use super::work::Work;
use super::{
    Actor, Applied, Desired, Observer, PassError, StepOutcome, StepReport, born, carry_out, claims,
    history, mandate, paused, record, recover, revision,
};
use crate::plan::{
    AccountPlan, Address, Digest, Entry, Hold, Reason, Step, TenantPlan, Text, Verdict, Whose,
};
use crate::resource::authorization;
use crate::resource::record::Rejected;

/// A step that was lost without effect is planned anew this often.
const LOST: usize = 3;

/// A pass ends by itself when a round makes nothing that the pass has not made; this many rounds only a world that
/// moves under it takes.
const ROUNDS: usize = 32;

/// What a person said yes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consent {
    /// Whatever the plan holds when it is applied (`--auto-approve`).
    Everything,
    /// These steps and no other, by their digests, and what was shown to follow from them. What moved meanwhile is left
    /// undone, and said.
    Steps {
        /// The digests.
        steps: BTreeSet<Digest>,
        /// What was shown to wait for one of them, by tenant: once its turn comes it is made in the same pass.
        follow: BTreeSet<(String, Address)>,
    },
}

/// One round of a pass.
struct Round {
    planned: Planned,
    reports: Vec<StepReport>,
    /// The steps that were made.
    made: BTreeSet<Digest>,
    in_doubt: bool,
    refused: Vec<(Address, Rejected)>,
}

/// Observes, plans, applies and records, for one tenant.
///
/// # Errors
/// [`PassError`] where the store or the journal cannot be used. Whatever was sent by then is written down.
pub async fn apply_tenant(
    actor: &Actor,
    desired: &Desired,
    consent: &Consent,
) -> Result<Applied, PassError> {
    let Observer {
        store,
        clock,
        journal,
        ..
    } = &actor.observer;
    let taker = pass::Taker {
        store,
        clock,
        owner: journal.owner(),
        passes: &actor.passes,
    };
    let pass = pass::take(&taker, &desired.tenant)
        .await
        .map_err(|error| desired.store_error(error))?;
    let behind_it = Actor {
        writer: actor.writer.behind(pass.fence()),
        ..actor.clone()
    };
    let applied = rounds(&behind_it, desired, consent, &pass).await;
    pass.give_back().await;
    applied
}

async fn rounds(
    actor: &Actor,
    desired: &Desired,
    consent: &Consent,
    pass: &Pass,
) -> Result<Applied, PassError> {
    revision::must_be_newest(actor, desired).await?;
    let mut reports: Vec<StepReport> = Vec::new();
    let mut notes = Vec::new();
    let mut made = BTreeSet::new();
    let mut refused = BTreeMap::new();
    let (mut round, mut lost) = (0, 0);
    loop {
        round += 1;
        let Round {
            planned,
            reports: came,
            made: new,
            in_doubt,
            refused: new_refused,
        } = one(actor, desired, consent, pass, &made, &mut notes).await?;
        // What others have to say yes to now is said by a plan that was made since.
        let under_way = came.iter().any(|report| report.under_way);
        let led_on = !new.is_empty() && (under_way || leads_on(&planned.plan, &came));
        made.extend(new);
        refused.extend(new_refused);
        let is_lost = came
            .iter()
            .any(|one| worth_another_round(&planned.plan, one));
        lost += usize::from(is_lost);
        let lost_one = is_lost && lost < LOST;
        let again = (led_on || lost_one) && round < ROUNDS && !pass.is_lost();
        // A step that is planned anew is reported once, as it ended.
        reports.retain(|report| !came.iter().any(|new| new.address == report.address));
        reports.extend(came);
        if !again {
            return Ok(Applied {
                plan: planned.plan,
                reports,
                notes,
                in_doubt,
                open: planned.learned.facts.into_keys().collect(),
                in_force: planned.learned.in_force.into_keys().collect(),
                refused,
            });
        }
    }
}

impl Consent {
    fn covers(&self, desired: &Desired, entry: &Entry, step: &Step) -> bool {
        match self {
            Self::Everything => true,
            Self::Steps { steps, follow } => {
                let follows = || follow.contains(&(desired.tenant.clone(), entry.address.clone()));
                steps.contains(&entry.digest(&desired.tenant, step))
                    || step.costly.is_none() && follows()
            }
        }
    }
}

fn moved(entry: &Entry, step: &Step) -> StepReport {
    StepReport {
        address: entry.address.clone(),
        endpoints: step.calls.iter().map(|call| call.endpoint.name).collect(),
        outcome: StepOutcome::Moved(Text::new(
            "与刚才确认的计划不同（线上或配置已变），未执行；请重新运行",
            "not what you said yes to: what is there or the manifests have changed, so nothing was sent; run it again",
        )),
        took: Duration::ZERO,
        under_way: false,
    }
}

/// The thing that a step comes after and whose own step of this plan has not been done.
fn undone(
    plan: &TenantPlan,
    entry: &Entry,
    step: &Step,
    reports: &[StepReport],
) -> Option<Address> {
    plan.steps()
        .filter(|(other, first)| {
            step.comes_after(&other.address)
                || other.address.is_beside(&entry.address) && step.follows(first)
        })
        .map(|(other, _)| other.address.clone())
        .find(|address| {
            !reports
                .iter()
                .any(|report| report.address == *address && report.outcome.done())
        })
}

fn too_early(entry: &Entry, step: &Step, first: &Address) -> StepReport {
    StepReport {
        address: entry.address.clone(),
        endpoints: step.calls.iter().map(|call| call.endpoint.name).collect(),
        outcome: StepOutcome::Held(Text::new(
            format!("须在 {first} 之后进行"),
            format!("comes after {first}, which is not done"),
        )),
        took: Duration::ZERO,
        under_way: false,
    }
}

/// Lost, and proved to be without effect: a newer observation may open a new generation. A put has been made again
/// already, each time after reading, unless it costs something and went through the journal.
fn worth_another_round(plan: &TenantPlan, report: &StepReport) -> bool {
    if !matches!(report.outcome, StepOutcome::NotDone(_)) {
        return false;
    }
    let mut steps = plan.steps();
    let made = steps.find(|(entry, _)| entry.address == report.address);
    made.is_some_and(|(_, step)| step.calls.iter().any(|call| journaled(step, call)))
}

/// Whether something of the plan waits for a step to be made first, or is held until others make room, and one that it
/// may have waited for is done.
fn leads_on(plan: &TenantPlan, reports: &[StepReport]) -> bool {
    let done = || reports.iter().filter(|report| report.outcome.done());
    let mut waits = plan.waits();
    let waited = waits.any(|(_, waiting)| waiting.reason == Reason::AfterAnotherStep);
    let made_way = |entry: &Entry, step: &Step| {
        let hold = step.hold.as_ref();
        let held = hold.is_some_and(|hold| hold.reason == Reason::AfterAnotherStep);
        let first = |report: &StepReport| {
            report.address.is_beside(&entry.address) || step.comes_after(&report.address)
        };
        held && done().any(first)
    };
    waited && done().next().is_some() || plan.steps().any(|(entry, step)| made_way(entry, step))
}

/// It came up only after the steps that somebody said yes to, and nobody was shown it.
fn came_up(entry: &Entry, step: &Step) -> StepReport {
    StepReport {
        outcome: StepOutcome::Held(Text::new(
            "由刚才完成的更改引出，不在已确认的计划中，未执行；请重新运行",
            "follows from what was just done and is not among the steps you said yes to: run it again",
        )),
        ..moved(entry, step)
    }
}

/// The pause that came since the plan was made, if one did.
async fn paused(actor: &Actor, desired: &Desired) -> Result<Option<Hold>, PassError> {
    let paused = paused::held(&actor.observer, desired).await;
    paused.map_err(|error| desired.store_error(error))
}

fn held(entry: &Entry, step: &Step, hold: Hold) -> StepReport {
    StepReport {
        outcome: StepOutcome::Held(hold.text),
        ..moved(entry, step)
    }
}

async fn one(
    actor: &Actor,
    desired: &Desired,
    consent: &Consent,
    pass: &Pass,
    made_before: &BTreeSet<Digest>,
    notes: &mut Vec<Text>,
) -> Result<Round, PassError> {
    claims::rename(actor, desired)
        .await
        .map_err(|error| desired.store_error(error))?;
    let memory = remember(&actor.observer, desired)
        .await
        .map_err(|error| desired.store_error(error))?;
    // Looked at before the observation, so that no plan rests on what was so before the last outcome.
    let mut looks = Looks::new();
    for account in memory.accounts(desired) {
        looks.append(&mut recover::recover(actor, desired, &account, notes).await?);
    }
    // What a probe has just found was registered is taken in before anything is planned.
    born::adopt(actor, desired)
        .await
        .map_err(|error| desired.store_error(error))?;
    let in_doubt = looks.values().any(unsettled);
    let (mut planned, mut seen) = plan_seen(&actor.observer, desired).await?;
    if !claims::claim_all(actor, desired, &planned).await? {
        // Another tenant was faster since the plan was made: planning again says so, and holds no step.
        (planned, seen) = plan_seen(&actor.observer, desired).await?;
    }
    if planned.plan.trouble.is_some() {
        // Nothing was seen: what the last pass found stays what is known of the tenant.
        return Ok(Round {
            planned,
            reports: Vec::new(),
            made: BTreeSet::new(),
            in_doubt,
            refused: Vec::new(),
        });
    }
    let work = Work {
        actor,
        desired,
        memory: &memory,
        planned: &planned,
        pass,
        seen: &seen,
    };
    history::complete(actor, desired, &planned, &looks).await?;
    if planned.plan.due().next().is_some() && work.is_ours().await? {
        revision::note(actor, desired).await?;
    }
    let mut reports = Vec::new();
    let mut refused = Vec::new();
    let mut made = BTreeSet::new();
    let concerned = |(entry, _): &(&Entry, &Step)| actor.author.concerns(entry);
    for (entry, step) in planned.plan.due().filter(concerned) {
        let digest = entry.digest(&desired.tenant, step);
        if made_before.contains(&digest) {
            // Made, seen to be so, and due again: whoever undid it meanwhile is not to be raced.
            continue;
        }
        let report = if !consent.covers(desired, entry, step) {
            if made_before.is_empty() {
                moved(entry, step)
            } else {
                came_up(entry, step)
            }
        } else if let Some(first) = undone(&planned.plan, entry, step, &reports) {
            too_early(entry, step, &first)
        } else if let Some(hold) = paused(actor, desired).await? {
            held(entry, step, hold)
        } else if !work.is_ours().await? {
            carry_out::taken_over(entry, step)
        } else {
            carry_out::step(&work, &mut looks, entry, step).await?
        };
        if report.outcome.done() {
            made.insert(digest);
        }
        let rejected = record::refused(&work, &report).await?;
        refused.extend(rejected.map(|rejected| (report.address.clone(), rejected)));
        reports.push(report);
    }
    if pass.is_lost() {
        // Whoever took over has read and written down what is there now; what we saw is older.
        return Ok(Round {
            planned,
            reports,
            made,
            in_doubt,
            refused,
        });
    }
    wait_for_the_owner(&mut planned, &mut reports);
    mandate::hold_guarded(desired, &mut planned.plan, &mut reports);
    record::record(actor, desired, &planned, &reports).await?;
    for account in &planned.plan.accounts {
        let Some(appid) = &account.appid else {
            continue;
        };
        if gone(&planned.plan, &account.whose) {
            record::left(actor, desired, appid, planned.observed_at).await?;
        } else if planned.learned.facts.contains_key(&account.whose) {
            look_at_the_returned(actor, desired, &memory, account, &planned, notes).await?;
        }
    }
    Ok(Round {
        planned,
        reports,
        made,
        in_doubt,
        refused,
    })
}

/// A step that WeChat refused because the account's owner must act first is a wait, as it is where a read says so.
fn wait_for_the_owner(planned: &mut Planned, reports: &mut Vec<StepReport>) {
    let facts = &planned.learned.facts;
    let plan = &mut planned.plan;
    reports.retain(|report| {
        let StepOutcome::Refused(error) = &report.outcome else {
            return true;
        };
        let entry = plan.entries.iter_mut();
        let entry = entry
            .into_iter()
            .find(|entry| entry.address == report.address);
        let facts = facts.get(&report.address.whose);
        let lacking = facts.and_then(|facts| authorization::lacking(facts, error));
        let (Some(entry), Some(waiting)) = (entry, lacking) else {
            return true;
        };
        let name = report.address.to_string();
        entry.verdict = Verdict::Waiting(waiting.then(Text::new(name.clone(), name)));
        false
    });
}

/// Whether WeChat says that an account is not, or no longer, authorized.
fn gone(plan: &TenantPlan, whose: &Whose) -> bool {
    plan.waits().any(|(entry, waiting)| {
        entry.address.whose == *whose && waiting.reason == Reason::NotAuthorized
    })
}

/// After a return the first pass only observes; the next one acts.
async fn look_at_the_returned(
    actor: &Actor,
    desired: &Desired,
    memory: &Memory,
    of: &AccountPlan,
    planned: &Planned,
    notes: &mut Vec<Text>,
) -> Result<(), PassError> {
    let known = memory.known.get(&of.whose);
    let (Some(account), true) = (&of.appid, known.is_some_and(|known| known.reauthorized)) else {
        return Ok(());
    };
    if planned.plan.failed_of(&of.whose) {
        return Ok(());
    }
    record::looked_at(actor, desired, account).await?;
    notes.push(Text::new(
        format!("{account} 取消授权后重新授权：本次只查看，下次 apply 才会更改"),
        format!(
            "{account} came back after a revocation: this pass only looked, the next pass changes"
        ),
    ));
    Ok(())
}
