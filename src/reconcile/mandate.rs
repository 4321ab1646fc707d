//! What a pass may do beyond what costs nothing: approvals, the fleet guard, the cap per hour.
//!
//! Every step that somebody must say yes to first is held here, after the plan is made and before anything of it is
//! printed or carried out, so `plan`, `apply` and an unattended loop cannot disagree about it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::plan::approval::{Approval, Consents, STEP_PREFIX, Spent, decide_costly};
use crate::plan::limits::Limits;
use crate::plan::{Address, Costly, Hold, Person, Reason, TenantPlan, Text, Verdict, Waiting};
use crate::resource::templates::is_known_by_memory;
use crate::store::documents::ApprovalDoc;
use crate::store::journal::OpDoc;
use crate::store::ledger::Demand;
use crate::store::{JournalError, Key, StoreError};
use crate::wechat::calendar::{minute, second};
use crate::wechat::{Appid, Call, open_account};

use super::operation::{journaled, op_key};
use super::paused;
use super::{Desired, Observer, PassError, StepReport, doubt, tried};

/// What the counts of costly steps are named in the ledger, with the kind behind it.
const COSTLY: &str = "costly steps";

/// What a tenant's pass may do beyond what costs nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mandate {
    /// Approvals among the manifests.
    pub approvals: Vec<Approval>,
    /// Set while the revision of the manifests this tenant stands in is held.
    pub fleet: Option<Hold>,
    /// How many costly steps may be made per hour.
    pub cap: Option<Cap>,
}

/// A cap on costly steps, whatever asks for them: a commit, a promoted template, drift.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cap {
    /// The platform's appid: all its tenants share the cap.
    pub platform: String,
    /// How many, by kind.
    pub limits: Limits,
    /// What these manifests say. Where it is more, that is not in force yet: like any other change it cannot say yes to
    /// itself.
    pub written: Limits,
    /// The revision of these manifests, as it is approved.
    pub revision: String,
    /// How many of the platform's audits of the month are kept back (`auditReserve`).
    pub audit_reserve: u32,
}

impl Cap {
    /// One costly step of a kind in the hour that `now` lies in.
    pub(super) fn demand(&self, kind: Costly, now: Timestamp) -> Demand {
        let name = format!("{COSTLY} {}", kind.as_str());
        Demand::per_hour(&self.platform, &name, self.limits.per_hour_of(kind), now)
    }

    /// What is said of a step that would be one too many.
    pub(super) fn text(&self, kind: Costly, used: u32, until: Timestamp) -> Text {
        let limit = self.limits.per_hour_of(kind);
        let field = self.written.field_of(kind);
        let kind_name = kind.as_str();
        let ends = minute(until);
        let (raised_zh, raised_en) = if self.raises(kind) {
            let (to, revision) = (self.written.per_hour_of(kind), &self.revision);
            (
                format!("；配置里的 {to} 在 {revision} 获批后生效"),
                format!("; the {to} of these manifests counts once {revision} is approved"),
            )
        } else {
            (String::new(), String::new())
        };
        if limit == 0 {
            return Text::new(
                format!("不允许自动执行 {kind_name}（{field} 为 0）{raised_zh}"),
                format!("no step of the kind {kind_name} is made ({field} is 0){raised_en}"),
            );
        }
        Text::new(
            format!(
                "本小时已执行 {used} 个 {kind_name}（上限 {limit}，{field}），{ends} 后继续{raised_zh}"
            ),
            format!(
                "{used} steps of the kind {kind_name} were made in this hour, the cap is {limit} ({field}): goes on after {ends}{raised_en}"
            ),
        )
    }

    /// The command that puts the limit of these manifests in force, where it is higher.
    fn command(&self, kind: Costly) -> Option<String> {
        self.raises(kind)
            .then(|| format!("wxops approve {}", self.revision))
    }

    fn raises(&self, kind: Costly) -> bool {
        self.written.per_hour_of(kind) > self.limits.per_hour_of(kind)
    }
}

/// Holds every step of a plan that may not be made now, and says why. `observed_at` is when the observation began that
/// the plan rests on.
pub(super) async fn hold(
    observer: &Observer,
    desired: &Desired,
    (from_backup, observed_at): (bool, Timestamp),
    plan: &mut TenantPlan,
) -> Result<(), PassError> {
    if from_backup {
        mark_what_no_read_shows(plan);
    }
    hold_doubtful(observer, desired, plan)
        .await
        .map_err(|error| desired.journal_error(error))?;
    hold_costly(observer, desired, plan).await?;
    hold_by_guards(observer, desired, plan)
        .await
        .map_err(|error| desired.store_error(error))?;
    let steps = plan.entries.iter_mut().map(|entry| &mut entry.verdict);
    steps.for_each(wait_for_a_person);
    hold_fresh(observer, plan, observed_at)
        .await
        .map_err(|error| desired.journal_error(error))?;
    paused::hold_all(observer, desired, plan)
        .await
        .map_err(|error| desired.store_error(error))?;
    plan.hold_followers();
    Ok(())
}

/// What a guard held at the last moment is held as it would have been a moment before, and what comes after it as well:
/// several passes at once may take the last places of an hour.
pub(super) fn hold_guarded(
    desired: &Desired,
    plan: &mut TenantPlan,
    reports: &mut Vec<StepReport>,
) {
    let guarded = reports.iter().filter(|report| report.outcome.guarded());
    let guarded = guarded.map(|report| (report.address.clone(), report.outcome.said()));
    let guarded: BTreeMap<Address, Text> = guarded.collect();
    if guarded.is_empty() {
        return;
    }
    for entry in &mut plan.entries {
        let Verdict::Step(step) = &mut entry.verdict else {
            continue;
        };
        if let Some(text) = guarded.get(&entry.address) {
            let cap = desired.mandate.cap.as_ref();
            step.hold = Some(Hold {
                reason: Reason::HourlyCap,
                text: text.clone(),
                command: cap
                    .zip(step.costly)
                    .and_then(|(cap, kind)| cap.command(kind)),
            });
        }
    }
    plan.hold_followers();
    let follows = |report: &StepReport| {
        let mut steps = plan.steps();
        steps.any(|(entry, step)| entry.address == report.address && step.hold.is_some())
    };
    reports.retain(|report| report.outcome.guarded() || !follows(report));
}

/// What may be done, and waits for somebody all the same, is a wait: nobody is asked for a yes any more.
fn wait_for_a_person(verdict: &mut Verdict) {
    let Verdict::Step(step) = verdict else {
        return;
    };
    if let (Some(awaits), None) = (&step.awaits, &step.hold) {
        let waiting = Waiting::new(Reason::AfterAnotherStep, Person::Nobody, awaits.clone());
        *verdict = Verdict::Waiting(waiting);
    }
}

/// After a restore the store may have forgotten what was done. What a read shows is seen anew; the rest needs a yes.
fn mark_what_no_read_shows(plan: &mut TenantPlan) {
    for entry in &mut plan.entries {
        if let Verdict::Step(step) = &mut entry.verdict
            && step
                .calls
                .iter()
                .any(|call| is_known_by_memory(call.endpoint))
        {
            step.costly.get_or_insert(Costly::AddAgain);
        }
    }
}

/// A step whose operation is still in doubt is no step: its probe decides first. Nor is one that was tried and came to
/// nothing in a way that trying again does not mend: a person decides first.
async fn hold_doubtful(
    observer: &Observer,
    desired: &Desired,
    plan: &mut TenantPlan,
) -> Result<(), JournalError> {
    let accounts = plan.accounts.iter().filter_map(|one| one.appid.clone());
    let accounts: Vec<Appid> = accounts.collect();
    for entry in &mut plan.entries {
        let Verdict::Step(step) = &entry.verdict else {
            continue;
        };
        for call in &step.calls {
            let mut in_doubt = if journaled(step, call) {
                doubt::in_doubt(observer, call).await?
            } else {
                None
            };
            // All accounts of a tenant share one open account: one that may have been made for another of them, which
            // may have left since, is not made again.
            if call.endpoint == &open_account::CREATE {
                for account in accounts.iter().filter(|account| **account != call.subject) {
                    let other = Call::bare(&open_account::CREATE, account.clone());
                    in_doubt = in_doubt.or(doubt::in_doubt(observer, &other).await?);
                }
            }
            in_doubt = match in_doubt {
                None => doubt::of_another_registration(observer, call).await?,
                in_doubt => in_doubt,
            };
            let waiting = match in_doubt {
                Some(waiting) => Some(waiting),
                None => tried::held(observer, desired, call).await?,
            };
            if let Some(waiting) = waiting {
                entry.verdict = Verdict::Waiting(waiting);
                break;
            }
        }
    }
    Ok(())
}

/// A step that would be sent, and rests on what WeChat may have shown of the time before its operation's last outcome:
/// it is looked at again first.
async fn hold_fresh(
    observer: &Observer,
    plan: &mut TenantPlan,
    observed_at: Timestamp,
) -> Result<(), JournalError> {
    for entry in &mut plan.entries {
        let Verdict::Step(step) = &entry.verdict else {
            continue;
        };
        if step.hold.is_some() {
            continue;
        }
        for call in step.calls.iter().filter(|call| journaled(step, call)) {
            if let Some(waiting) = too_fresh(observer, call, observed_at).await? {
                entry.verdict = Verdict::Waiting(waiting);
                break;
            }
        }
    }
    Ok(())
}

/// The wait for the moment from which on WeChat shows what came of the last request: an operation is opened anew from a
/// later observation alone.
async fn too_fresh(
    observer: &Observer,
    call: &Call,
    observed_at: Timestamp,
) -> Result<Option<Waiting>, JournalError> {
    let look = observer.journal.look(&op_key(call)).await?;
    let observe_after = look.doc().and_then(OpDoc::observe_after);
    Ok(observe_after
        .filter(|after| observed_at <= *after)
        .map(|after| {
            let time = second(after);
            let text = Text::new(
                format!("微信显示的可能还是上一次请求之前的情况；{time} 之后继续"),
                format!(
                    "WeChat may still show what was before our last request; goes on after {time}"
                ),
            );
            let mut waiting = Waiting::new(Reason::AfterAnotherStep, Person::Nobody, text);
            waiting.until = Some(after);
            waiting
        }))
}

async fn hold_costly(
    observer: &Observer,
    desired: &Desired,
    plan: &mut TenantPlan,
) -> Result<(), PassError> {
    let costly =
        |verdict: &Verdict| matches!(verdict, Verdict::Step(step) if step.costly.is_some());
    if !plan.entries.iter().any(|entry| costly(&entry.verdict)) {
        return Ok(());
    }
    let mut approvals = desired.mandate.approvals.clone();
    approvals.extend(
        stored(observer, &desired.tenant)
            .await
            .map_err(|error| desired.store_error(error))?,
    );
    let preapproved = desired.spec.policy.preapproved();
    for entry in &mut plan.entries {
        let before = entry.clone();
        let Verdict::Step(step) = &mut entry.verdict else {
            continue;
        };
        let mut spent = Spent::new();
        for call in &step.calls {
            let look = observer
                .journal
                .look(&op_key(call))
                .await
                .map_err(|error| desired.journal_error(error))?;
            for one in look.doc().into_iter().flat_map(|doc| &doc.spent) {
                spent.insert((one.approval.clone(), one.step.clone()), one.at);
            }
        }
        let consents = Consents {
            preapproved: &preapproved,
            approvals: &approvals,
            spent: &spent,
            now: observer.clock.now(),
        };
        decide_costly(&desired.tenant, &before, step, &consents);
    }
    Ok(())
}

/// What was approved at the command line. Names hold a `/`, which no document's name does, so that the two kinds
/// cannot be taken for one another.
async fn stored(observer: &Observer, tenant: &str) -> Result<Vec<Approval>, StoreError> {
    let mut found = Vec::new();
    for key in observer
        .store
        .list(&Key::approvals("tenant", tenant))
        .await?
    {
        let Some(doc) = observer.store.get::<ApprovalDoc>(&key).await? else {
            continue;
        };
        let ApprovalDoc { steps, expires, .. } = doc.value;
        found.push(Approval {
            name: key.segments().split_off(1).join("/"),
            steps: steps
                .into_iter()
                .filter_map(|step| Some(step.strip_prefix(STEP_PREFIX)?.to_owned()))
                .collect(),
            expires,
        });
    }
    Ok(found)
}

async fn hold_by_guards(
    observer: &Observer,
    desired: &Desired,
    plan: &mut TenantPlan,
) -> Result<(), StoreError> {
    let Mandate { fleet, cap, .. } = &desired.mandate;
    let now = observer.clock.now();
    for entry in &mut plan.entries {
        let Verdict::Step(step) = &mut entry.verdict else {
            continue;
        };
        if let Some(fleet) = fleet {
            step.hold = Some(fleet.clone());
            continue;
        }
        let (Some(cap), Some(kind), None) = (cap, step.costly, &step.hold) else {
            continue;
        };
        let demand = cap.demand(kind, now);
        let used = observer.journal.ledger().used(&demand).await?;
        if used >= demand.limit {
            step.hold = Some(Hold {
                reason: Reason::HourlyCap,
                text: cap.text(kind, used, demand.ends_at),
                command: cap.command(kind),
            });
        }
    }
    Ok(())
}
