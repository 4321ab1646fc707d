//! `wxops apply`: plan, ask, make the changes.

use std::io::BufRead as _;
use std::path::Path;

use futures::StreamExt as _;
use futures::stream;

use super::args::{ApplyArgs, Output};
use super::progress::Progress;
use super::saved::{SavedPlan, SavedStep};
use super::session::{Session, Stop, stop};
use super::{Exit, Io, plan, report};
use crate::manifest::LoadedTenant;
use crate::plan::{Reason, Verdict};
use crate::reconcile::{Applied, Consent, apply_tenant};

/// How many tenants are changed at the same time.
const AT_ONCE: usize = 8;

/// Runs the verb.
pub(super) async fn run(args: ApplyArgs, io: &mut Io) -> Exit {
    match applied(&args, io).await {
        Ok(exit) | Err(Stop(exit)) => exit,
    }
}

async fn applied(args: &ApplyArgs, io: &mut Io) -> Result<Exit, Stop> {
    if let Some(file) = &args.plan {
        return by_slip(file, args, io).await;
    }
    let session = Session::open(&args.selection, &args.place, io).await?;
    let planned = plan::make(&session, io).await?;
    plan::print(&session, &planned, Output::Human, false, io).await?;
    if planned.has_due() && !args.auto_approve && !confirmed(io) {
        io.note("nothing was changed");
        return Ok(Exit::Refused);
    }
    let consent = if args.auto_approve {
        Consent::Everything
    } else {
        Consent::Steps(planned.step_digests())
    };
    let done = make(&session, &consent, io).await?;
    Ok(done.exit())
}

/// Applies what a saved plan permits: plans again, and does only what is still exactly what was shown.
async fn by_slip(file: &Path, args: &ApplyArgs, io: &mut Io) -> Result<Exit, Stop> {
    let slip = SavedPlan::read(file).map_err(|error| stop(io, &error))?;
    let session = Session::open(&slip.selection(), &args.place, io).await?;
    if let Some(ended) = slip.expired(session.clock.now()) {
        io.note(format_args!(
            "error: {} ended on {}: plan again, and look at it again",
            file.display(),
            ended.strftime("%Y-%m-%d %H:%M UTC")
        ));
        return Ok(Exit::Stale);
    }
    let mut done = make(&session, &Consent::Steps(slip.digests()), io).await?;
    for saved in slip.steps() {
        if let Some(why) = gone(&done.all, saved) {
            io.note(format_args!("{} {}: {why}", saved.tenant, saved.name()));
            done.moved = true;
        }
    }
    Ok(done.exit())
}

/// Why a step of the slip was not looked at: it is neither what is to be done now nor true already.
fn gone(all: &[Applied], saved: &SavedStep) -> Option<&'static str> {
    let Some(applied) = all
        .iter()
        .find(|applied| applied.plan.tenant == saved.tenant)
    else {
        return Some("its tenant could not be planned; see above");
    };
    let reported = applied
        .reports
        .iter()
        .any(|report| report.name() == saved.name());
    let entry = applied
        .plan
        .entries
        .iter()
        .find(|entry| entry.name() == saved.name());
    if reported {
        return None;
    }
    match entry.map(|entry| (entry, &entry.verdict)) {
        // True already counts as done, unless nothing behind a shut gate was compared at all.
        None if applied.gate_open => None,
        None | Some((_, Verdict::Waiting(_))) => {
            Some("the saved plan has a step here, and now it waits; nothing was sent")
        }
        // The same step, held by something that the report shows.
        Some((entry, Verdict::Step(step))) if entry.digest(&saved.tenant, step) == saved.digest => {
            None
        }
        Some((
            _,
            Verdict::Step(_)
            | Verdict::Rejected { .. }
            | Verdict::Suppressed { .. }
            | Verdict::Unknown(_),
        )) => Some("not what the saved plan shows any more; nothing was sent"),
    }
}

/// Applies every selected tenant and reports. A tenant without steps is passed over too: what an earlier run left
/// in doubt is settled, and what is in force is recorded.
pub(super) async fn make(session: &Session, consent: &Consent, io: &mut Io) -> Result<Done, Stop> {
    if let Err(error) = session.sweep().await {
        io.note(format_args!("warning: {error:#}"));
    }
    let progress = Progress::of("Applying", session.tenants.len());
    let mut results: Vec<(usize, anyhow::Result<Applied>)> =
        stream::iter(session.tenants.iter().enumerate())
            .map(|(n, tenant)| {
                let progress = &progress;
                async move {
                    let applied = one(session, tenant, consent).await;
                    progress.step(&tenant.name);
                    (n, applied)
                }
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
    drop(progress);
    results.sort_by_key(|(n, _)| *n);
    let mut all = Vec::new();
    let mut broken = false;
    for (_, result) in results {
        match result {
            Ok(applied) => all.push(applied),
            Err(error) => {
                broken = true;
                stop(io, &error);
            }
        }
    }
    io.say(report::applied(&all, io.lang).trim_end());
    Ok(Done {
        all,
        broken,
        moved: false,
    })
}

/// What came of applying every selected tenant.
pub(super) struct Done {
    all: Vec<Applied>,
    /// Whether a tenant's pass could not be finished.
    broken: bool,
    /// Whether something that was said yes to has moved, beside what the reports say.
    moved: bool,
}

async fn one(
    session: &Session,
    tenant: &LoadedTenant,
    consent: &Consent,
) -> anyhow::Result<Applied> {
    let actor = session.actor(tenant)?;
    Ok(apply_tenant(&actor, &session.desired(tenant), consent).await?)
}

fn confirmed(io: &mut Io) -> bool {
    if !io.interactive {
        io.note("error: nobody can be asked here; give --auto-approve to make these changes");
        return false;
    }
    io.note("Make these changes? Only `yes` is taken as yes.");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).is_ok() && answer.trim() == "yes"
}

impl Done {
    /// The exit code: partly applied, unknown outcomes and quota each have their own.
    pub(super) fn exit(&self) -> Exit {
        exit(&self.all, self.broken, self.moved)
    }
}

fn exit(all: &[Applied], broken: bool, slip_moved: bool) -> Exit {
    let mut fitting = Vec::new();
    let reports = || all.iter().flat_map(|applied| &applied.reports);
    let done = reports().any(|report| report.outcome.done());
    let unreadable = all.iter().any(Applied::failed);
    let out_of_quota = reports().any(|report| report.outcome.out_of_quota());
    let moved = slip_moved || reports().any(|report| report.outcome.moved());
    let guarded = reports().any(|report| report.outcome.guarded());
    let failed = reports().any(|report| {
        let outcome = &report.outcome;
        !outcome.done() && !outcome.out_of_quota() && !outcome.moved() && !outcome.guarded()
    });
    let held = all
        .iter()
        .flat_map(|applied| applied.plan.steps())
        .any(|(_, step)| step.hold.is_some());
    if all.iter().any(Applied::outcome_unknown) {
        fitting.push(Exit::OutcomeUnknown);
    }
    let refused = guarded || held;
    if done && (failed || moved || out_of_quota || broken || unreadable || refused) {
        fitting.push(Exit::Partly);
    }
    if broken || unreadable || failed {
        fitting.push(Exit::Error);
    }
    if moved {
        fitting.push(Exit::Stale);
    }
    if out_of_quota {
        fitting.push(Exit::OutOfQuota);
    }
    let waits_for_approval = all
        .iter()
        .flat_map(|applied| applied.plan.waits())
        .any(|(_, waiting)| waiting.reason == Reason::NeedsApproval);
    if refused || (waits_for_approval && reports().next().is_none()) {
        fitting.push(Exit::Refused);
    }
    Exit::first_of(&fitting)
}
