//! `wxops apply FILE`: what a saved plan permits.

use std::path::Path;

use super::args::ApplyArgs;
use super::saved::{SavedPlan, SavedStep};
use super::session::{Session, Stop, stop};
use super::{Exit, Io};
use crate::plan::Verdict;
use crate::reconcile::{Applied, Consent};

/// Applies what a saved plan permits: plans again, and does only what is still exactly what was shown.
pub(super) async fn apply(file: &Path, args: &ApplyArgs, io: &mut Io) -> Result<Exit, Stop> {
    let slip = SavedPlan::read(file).map_err(|error| stop(io, &error))?;
    let mut session = Session::open(&slip.selection(), &args.place, io).await?;
    session.author = args.author.find(&slip.selection().manifests.path).await;
    if let Some(ended) = slip.expired(session.clock.now()) {
        io.note(format_args!(
            "error: {} ended on {}: plan again, and look at it again",
            file.display(),
            ended.strftime("%Y-%m-%d %H:%M UTC")
        ));
        return Ok(Exit::Stale);
    }
    let mut done = super::apply::make(&session, &Consent::Steps(slip.digests()), io).await?;
    for saved in slip.steps() {
        if let Some(why) = gone(done.all(), saved) {
            io.note(format_args!("{} {}: {why}", saved.tenant, saved.name()));
            done.moved();
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
        None if applied.gate_open => (!saved.deletes()
            && !applied.in_force.contains(&saved.name()))
        .then_some("the manifest does not ask for it any more; nothing was sent"),
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
