//! `wxops apply`: plan, ask, make the changes.

use std::io::BufRead as _;
use std::time::Duration;

use super::args::{ApplyArgs, PlanOutput};
use super::done::Done;
use super::progress::Progress;
use super::report::Came;
use super::session::Session;
use super::stop::{Stop, stop};
use super::{Exit, Io, beside, many, plan, report, slip, words};
use crate::cli::failed::spoken;
use crate::manifest::{LoadedTenant, is_platform};
use crate::plan::{Entry, Lang, Text};
use crate::reconcile::{Applied, Consent, PassError, apply_tenant};
use crate::resource::authorization;

/// How many tenants are changed at the same time.
const AT_ONCE: usize = 8;

/// How long `--wait` lets things stand before it looks again.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// Runs the verb.
pub(super) async fn run(args: ApplyArgs, io: &mut Io) -> Exit {
    match applied(&args, io).await {
        Ok(exit) | Err(Stop(exit)) => exit,
    }
}

async fn applied(args: &ApplyArgs, io: &mut Io) -> Result<Exit, Stop> {
    if let Some(file) = &args.plan {
        return slip::apply(file, args, io).await;
    }
    let session = Session::open(&args.selection, &args.place, io).await?;
    let mut session = session.reaching(args.reach);
    if !args.beside_loop {
        beside::of_one_mind(&session, &args.place, io).await?;
    }
    session.author = args.author.find(&args.selection.manifests.path).await;
    let planned = plan::make(&session, io).await?;
    plan::print(&session, &planned, PlanOutput::Human, false, io).await?;
    if planned.has_due() && !args.auto_approve && !confirmed("--auto-approve", io) {
        io.note(words::pick(io.lang, "什么也没有改", "nothing was changed"));
        return Ok(Exit::Refused);
    }
    let consent = if args.auto_approve {
        Consent::Everything
    } else {
        Consent::Steps {
            steps: planned.step_digests(),
            follow: planned.follows(),
        }
    };
    let mut done = make(&session, &consent, io).await?;
    if args.wait {
        let until = session.clock.since_boot() + Duration::from_secs(args.timeout);
        while done.waits() && !done.ended_badly() && session.clock.since_boot() < until {
            session.clock.sleep(LOOK_AGAIN).await;
            done = done.then(make(&session, &consent, io).await?);
        }
        done.waited();
    }
    Ok(done.exit())
}

/// Applies every selected tenant and reports. A tenant without steps is passed over too: what an earlier run left
/// in doubt is settled, and what is in force is recorded.
pub(super) async fn make(session: &Session, consent: &Consent, io: &mut Io) -> Result<Done, Stop> {
    for done in [session.sweep().await, session.begin_revisions().await] {
        if let Err(error) = done {
            io.warning(spoken(&error, io.lang));
        }
    }
    session.guards().await.map_err(|error| stop(io, &error))?;
    // What tenants need of their platform comes before them.
    let platforms = session
        .tenants
        .iter()
        .take_while(|tenant| is_platform(&tenant.name));
    let (platforms, tenants) = session.tenants.split_at(platforms.count());
    let mut results = Vec::new();
    for (number, part) in [platforms, tenants].into_iter().enumerate() {
        let title = if number == 0 {
            "Applying platforms"
        } else {
            "Applying"
        };
        let came = many::each(
            part,
            |tenant| tenant.name.as_str(),
            AT_ONCE,
            Progress::of(title, part.len()),
            |tenant| one(session, tenant, consent),
            |_| 0,
        )
        .await;
        results.extend(came);
    }
    let is_stale = |result: &anyhow::Result<Applied>| {
        result.as_ref().is_err_and(|error| {
            let pass = error.downcast_ref::<PassError>();
            pass.is_some_and(PassError::is_stale)
        })
    };
    let stale = results.iter().any(is_stale);
    let broken = results
        .iter()
        .any(|result| result.is_err() && !is_stale(result));
    let all: Vec<Came> = results
        .into_iter()
        .zip(&session.tenants)
        .map(|(result, tenant)| came(session, tenant, result))
        .collect();
    let context = report::Context {
        places: &session.loaded,
        lang: io.lang,
        now: session.clock.now(),
        manifests: session.named_manifests.clone(),
        width: io.screen.width,
        ascii: io.screen.ascii,
    };
    io.paint(report::applied(&all, &context).trim_end());
    let all = all
        .into_iter()
        .filter_map(|came| came.result.ok())
        .collect();
    let mut done = Done::of(all, broken);
    if stale {
        done.moved();
    }
    // A cap that is raised in order to make more steps than it allows waits for a yes, or for all that it holds.
    if !done.capped()
        && let Err(error) = session.end_revisions().await
    {
        io.warning(spoken(&error, io.lang));
    }
    Ok(done)
}

fn came(session: &Session, tenant: &LoadedTenant, result: anyhow::Result<Applied>) -> Came {
    let result = result
        .map(|mut applied| {
            // What an author who puts one thing back is not concerned with is no part of the report.
            let concerns = |entry: &Entry| {
                entry.address == authorization::ADDRESS || session.author.concerns(entry)
            };
            applied.plan.entries.retain(concerns);
            session.links().fill_in(&tenant.platform, &mut applied.plan);
            applied
        })
        .map_err(|error| {
            let said = error.downcast_ref::<PassError>().and_then(PassError::text);
            said.unwrap_or_else(|| Text::new(spoken(&error, Lang::Zh), spoken(&error, Lang::En)))
        });
    Came {
        tenant: tenant.name.clone(),
        result,
    }
}

async fn one(
    session: &Session,
    tenant: &LoadedTenant,
    consent: &Consent,
) -> anyhow::Result<Applied> {
    let actor = session.actor(tenant)?;
    Ok(apply_tenant(&actor, &session.desired(tenant).await?, consent).await?)
}

/// Asks. `flag` is what says yes where nobody can be asked.
pub(super) fn confirmed(flag: &str, io: &mut Io) -> bool {
    if !io.interactive {
        let text = Text::new(
            format!("这里无法询问；确认执行请加 {flag}"),
            format!("nobody can be asked here; give {flag} to make these changes"),
        );
        io.error(text.in_lang(io.lang));
        return false;
    }
    io.note(words::pick(
        io.lang,
        "确认执行这些更改？只有输入 `yes` 才算同意。",
        "Make these changes? Only `yes` is taken as yes.",
    ));
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).is_ok() && answer.trim() == "yes"
}
