//! `wxops apply FILE`: what a saved plan permits.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::args::ApplyArgs;
use super::saved::{SavedPlan, SavedStep};
use super::session::Session;
use super::stop::{Stop, stop};
use super::{Exit, Io, beside};
use crate::plan::render::value_text;
use crate::plan::{Text, Verdict};
use crate::reconcile::{Applied, Consent};
use crate::wechat::calendar::minute;

/// Applies what a saved plan permits: plans again, and does only what is still exactly what was shown.
pub(super) async fn apply(file: &Path, args: &ApplyArgs, io: &mut Io) -> Result<Exit, Stop> {
    let slip = SavedPlan::read(file).map_err(|error| stop(io, &error))?;
    let session = Session::open(&slip.selection(), &args.place, io).await?;
    let mut session = session.reaching(args.reach);
    if !args.beside_loop {
        beside::of_one_mind(&session, &args.place, io).await?;
    }
    session.author = args.author.find(&slip.selection().manifests.path).await;
    if let Some(ended) = slip.expired(session.clock.now()) {
        let (file, ended) = (file.display(), minute(ended));
        let text = Text::new(
            format!("{file} 已于 {ended} 失效：请重新 plan，重新查看"),
            format!("{file} ended on {ended}: plan again, and look at it again"),
        );
        io.error(text.in_lang(io.lang));
        return Ok(Exit::Stale);
    }
    // What was shown to follow is a forecast, and never carried out from a file.
    let consent = Consent::Steps {
        steps: slip.digests(),
        follow: BTreeSet::new(),
    };
    let mut done = super::apply::make(&session, &consent, io).await?;
    for saved in slip.steps() {
        if let Some(why) = gone(done.all(), saved) {
            // The file may have been edited by hand: what it says must not move the cursor.
            let name = Value::String(format!("{} {}", saved.tenant, saved.address));
            let why = why.in_lang(io.lang);
            io.note(format_args!("{}: {why}", value_text(&name)));
            done.moved();
        }
    }
    Ok(done.exit())
}

/// Why a step of the slip was not looked at: it is neither what is to be done now nor true already.
fn gone(all: &[Applied], saved: &SavedStep) -> Option<Text> {
    let Some(applied) = all
        .iter()
        .find(|applied| applied.plan.tenant == saved.tenant)
    else {
        return Some(Text::new(
            "该租户未能完成对比，见上文",
            "its tenant could not be planned; see above",
        ));
    };
    let reported = applied
        .reports
        .iter()
        .any(|report| report.address == saved.address);
    let entry = applied
        .plan
        .entries
        .iter()
        .find(|entry| entry.address == saved.address);
    if reported {
        return None;
    }
    match entry.map(|entry| (entry, &entry.verdict)) {
        // True already counts as done, unless nothing behind a shut gate was compared at all.
        None if applied.open.contains(&saved.address.whose) => {
            (!saved.deletes() && !applied.in_force.contains(&saved.address)).then(|| {
                Text::new(
                    "配置已不再要求这一步；未执行",
                    "the manifest does not ask for it any more; nothing was sent",
                )
            })
        }
        None | Some((_, Verdict::Waiting(_))) => Some(Text::new(
            "保存的计划里有这一步，现在需要等待；未执行",
            "the saved plan has a step here, and now it waits; nothing was sent",
        )),
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
        )) => Some(Text::new(
            "与保存的计划不再相同；未执行",
            "not what the saved plan shows any more; nothing was sent",
        )),
    }
}
