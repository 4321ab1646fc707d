//! `wxops plan`: compare and show; changes nothing.

use std::time::Instant;

use jiff::tz::TimeZone;

use super::args::{PlanArgs, PlanOutput};
use super::progress::Progress;
use super::saved::SavedPlan;
use super::session::Session;
use super::stop::{Stop, stop};
use super::{Exit, Io, many, pushes};
use crate::cli::failed::spoken;
use crate::manifest::LoadedTenant;
use crate::plan::render::{self, Context};
use crate::plan::{Lang, Plan, TenantPlan, Text, Verdict, Waiting, budget};
use crate::reconcile::{Planned, plan_tenant};
use crate::wechat::calendar::minute;

/// How many tenants are read at the same time. WeChat counts calls per account, so this bounds sockets, not quotas.
const AT_ONCE: usize = 16;

/// Runs the verb.
pub(super) async fn run(args: PlanArgs, io: &mut Io) -> Exit {
    match planned(&args, io).await {
        Ok(exit) | Err(Stop(exit)) => exit,
    }
}

async fn planned(args: &PlanArgs, io: &mut Io) -> Result<Exit, Stop> {
    let session = Session::open(&args.selection, &args.place, io).await?;
    let session = session.reaching(args.reach);
    let plan = make(&session, io).await?;
    print(&session, &plan, args.output, args.all, io).await?;
    pushes::say(&session, io).await;
    if let Some(file) = &args.out {
        let slip = SavedPlan::of(&plan, &args.selection, session.clock.now());
        slip.write(file).map_err(|error| stop(io, &error))?;
        io.note_blank();
        let until = minute(slip.valid_until());
        let file = file.display();
        let text = Text::new(
            format!("已保存到 {file}（有效期至 {until}）。照此执行：wxops apply {file}"),
            format!(
                "Saved to {file} (valid until {until}). Apply exactly this with: wxops apply {file}"
            ),
        );
        io.note(text.in_lang(io.lang));
    }
    Ok(exit(&plan, args.detailed_exitcode))
}

/// Plans every selected tenant, a few at a time; the result is sorted by name.
pub(super) async fn make(session: &Session, io: &mut Io) -> Result<Plan, Stop> {
    let started = Instant::now();
    // Asked for before any tenant, so that a store that cannot tell stops the command once.
    session.guards().await.map_err(|error| stop(io, &error))?;
    let results = many::each(
        &session.tenants,
        |tenant| tenant.name.as_str(),
        AT_ONCE,
        Progress::of("Reading", session.tenants.len()),
        |tenant| one(session, tenant),
        |made| made.reads,
    )
    .await;
    let mut plan = Plan::default();
    for made in results {
        plan.reads += made.reads;
        plan.tenants.push(made.plan);
    }
    for (tenant, made) in session.tenants.iter().zip(&mut plan.tenants) {
        session.links().fill_in(&tenant.platform, made);
    }
    let (each_zh, each_en) = each(&plan);
    let seconds = started.elapsed().as_secs_f32();
    let text = Text::new(
        format!(
            "用 {} 次查询读取了 {} 个租户{each_zh}，{seconds:.1} 秒，未作更改",
            plan.reads,
            plan.tenants.len(),
        ),
        format!(
            "Read {} with {}{each_en} in {seconds:.1} s, nothing changed",
            super::words::count(plan.tenants.len(), "tenant"),
            super::words::count(plan.reads, "read"),
        ),
    );
    io.note(text.in_lang(io.lang));
    io.note_blank();
    Ok(plan)
}

/// What one tenant costs, where there are several, and one account, where tenants have several.
fn each(plan: &Plan) -> (String, String) {
    let tenants = plan.tenants.len();
    let accounts = plan.tenants.iter().flat_map(|tenant| &tenant.accounts);
    let accounts = accounts.filter(|account| account.appid.is_some()).count();
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    if tenants > 1 {
        let per_tenant = plan.reads as f64 / tenants as f64;
        zh.push(format!("平均每个租户 {per_tenant:.1} 次"));
        en.push(format!("{per_tenant:.1} per tenant"));
    }
    if accounts > tenants {
        let per_account = plan.reads as f64 / accounts as f64;
        zh.push(format!("平均每个账号 {per_account:.1} 次"));
        en.push(format!("{per_account:.1} per account"));
    }
    if en.is_empty() {
        return (String::new(), String::new());
    }
    (
        format!("（{}）", zh.join("，")),
        format!(" ({})", en.join(", ")),
    )
}

/// The plan of one tenant. What stops it stands in its place and stops no other.
async fn one(session: &Session, tenant: &LoadedTenant) -> Made {
    match plan_one(session, tenant).await {
        Ok(Planned { plan, reads, .. }) => Made { plan, reads },
        Err(error) => Made {
            plan: TenantPlan::broken(
                &tenant.name,
                Text::new(spoken(&error, Lang::Zh), spoken(&error, Lang::En)),
            ),
            reads: 0,
        },
    }
}

async fn plan_one(session: &Session, tenant: &LoadedTenant) -> anyhow::Result<Planned> {
    let observer = session.observer(tenant)?;
    Ok(plan_tenant(&observer, &session.desired(tenant).await?).await?)
}

/// A tenant's plan and how many reads it took.
struct Made {
    plan: TenantPlan,
    reads: usize,
}

/// Prints a plan, with what the ledger says of the scarce quotas it takes from.
pub(super) async fn print(
    session: &Session,
    plan: &Plan,
    output: PlanOutput,
    all: bool,
    io: &mut Io,
) -> Result<(), Stop> {
    let mut budget = budget(plan, |tenant| session.platform_of(tenant));
    for line in &mut budget {
        session
            .count(line)
            .await
            .map_err(|error| stop(io, &error))?;
    }
    let context = Context {
        places: &session.loaded,
        budget: &budget,
        lang: io.lang,
        all,
        now: session.clock.now(),
        zone: TimeZone::system(),
        width: io.screen.width,
        ascii: io.screen.ascii,
    };
    match output {
        PlanOutput::Human => io.paint(render::human(plan, &context).trim_end()),
        PlanOutput::Markdown => io.say_lines(render::markdown(plan, &context).trim_end()),
        PlanOutput::Json => io.json(&render::json(plan, &context)),
    }
    Ok(())
}

/// The exit code of a tenant that could not be read.
pub(super) fn unread(tenant: &TenantPlan) -> Option<Exit> {
    if tenant.out_of_quota() {
        Some(Exit::OutOfQuota)
    } else {
        tenant.failed().then_some(Exit::Error)
    }
}

/// The exit code of a plan. Waiting alone is fine; a step held back only by its approval is a change.
pub(super) fn exit(plan: &Plan, detailed: bool) -> Exit {
    let mut fitting = Vec::new();
    fitting.extend(plan.tenants.iter().filter_map(unread));
    let held = |verdict: &Verdict| matches!(verdict, Verdict::Waiting(Waiting { reason, .. }) if *reason == crate::plan::Reason::NeedsApproval);
    let held = plan
        .tenants
        .iter()
        .flat_map(|tenant| &tenant.entries)
        .any(|entry| held(&entry.verdict));
    if detailed && (!plan.is_empty() || held) {
        fitting.push(Exit::Changes);
    }
    Exit::first_of(&fitting)
}
