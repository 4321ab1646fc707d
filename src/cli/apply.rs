//! `wxops apply`: plan, ask, make the changes.

use std::collections::BTreeSet;
use std::io::BufRead as _;

use futures::StreamExt as _;
use futures::stream;

use super::args::{ApplyArgs, Output};
use super::progress::Progress;
use super::session::{Session, Stop, desired, stop};
use super::{Exit, Io, plan, report};
use crate::manifest::LoadedTenant;
use crate::plan::{Digest, Plan, Reason};
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
    let session = Session::open(&args.selection, &args.place, io).await?;
    let planned = plan::make(&session, io).await?;
    plan::print(&session, &planned, Output::Human, false, io).await?;
    if !planned.is_empty() && !args.auto_approve && !confirmed(io) {
        io.note("nothing was changed");
        return Ok(Exit::Refused);
    }
    let consent = if args.auto_approve {
        Consent::Everything
    } else {
        Consent::Steps(digests(&planned))
    };
    make(&session, &consent, io).await
}

/// The steps a person sees and says yes to.
fn digests(plan: &Plan) -> BTreeSet<Digest> {
    plan.tenants
        .iter()
        .flat_map(|tenant| {
            tenant
                .steps()
                .map(|(entry, step)| entry.digest(&tenant.tenant, step))
        })
        .collect()
}

/// Applies every selected tenant and reports. A tenant without steps is passed over too: what an earlier run left
/// in doubt is settled, and what is in force is recorded.
pub(super) async fn make(session: &Session, consent: &Consent, io: &mut Io) -> Result<Exit, Stop> {
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
    Ok(exit(&all, broken))
}

async fn one(
    session: &Session,
    tenant: &LoadedTenant,
    consent: &Consent,
) -> anyhow::Result<Applied> {
    let actor = session.actor(tenant)?;
    Ok(apply_tenant(&actor, &desired(tenant), consent).await?)
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

/// The exit code: partly applied, unknown outcomes and quota each have their own.
fn exit(all: &[Applied], broken: bool) -> Exit {
    let mut fitting = Vec::new();
    let reports = || all.iter().flat_map(|applied| &applied.reports);
    let done = reports().any(|report| report.outcome.done());
    let unreadable = all.iter().any(Applied::failed);
    let out_of_quota = reports().any(|report| report.outcome.out_of_quota());
    let moved = reports().any(|report| report.outcome.moved());
    let failed = reports().any(|report| {
        !report.outcome.done() && !report.outcome.out_of_quota() && !report.outcome.moved()
    });
    if all.iter().any(Applied::outcome_unknown) {
        fitting.push(Exit::OutcomeUnknown);
    }
    if done && (failed || moved || out_of_quota || broken || unreadable) {
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
    let held = all
        .iter()
        .flat_map(|applied| applied.plan.waits())
        .any(|(_, waiting)| waiting.reason == Reason::NeedsApproval);
    if held && reports().next().is_none() {
        fitting.push(Exit::Refused);
    }
    Exit::first_of(&fitting)
}
