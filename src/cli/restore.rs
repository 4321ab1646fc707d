//! `wxops restore`: the way back to what was there before an entry of the history.
//!
//! It is an ordinary plan of today's spec with one thing as it was: the same difference, the same gates, the same
//! approvals. Nothing else of the tenant is touched.

use anyhow::bail;
use clap::Args;

use super::apply::{confirmed, make};
use super::args::{Manifests, Place, PlanOutput, Selection};
use super::author::AuthorArgs;
use super::session::Session;
use super::stop::{Stop, stop};
use super::{Exit, Io, history, plan, poke, words};
use crate::cli::failed::{Failed, OrSay, no_tenant};
use crate::manifest::{LoadedTenant, platform_among, to_yaml};
use crate::plan::{Plan, TenantPlan, Text};
use crate::reconcile::{Consent, Restores, address_of, keep};
use crate::resource::put_back::{PutBack, put_back};
use crate::resource::{at, authorization};
use crate::store::Key;
use crate::store::documents::TenantDoc;
use crate::store::history::{Before, History, HistoryDoc};

/// Arguments of `restore`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops history sunrise-dance                       (which entry)
  wxops restore -f tenants/ sunrise-dance 12        (shows the plan, asks, puts back)
  wxops restore -f tenants/ sunrise-dance 12 --auto-approve

The manifest wins: write what is printed into it, or the next apply changes it again. Beside a `wxops run` it is left as
it was put back until the manifest says the same, or until `wxops resume`.")]
pub struct RestoreArgs {
    /// The tenant.
    pub(super) tenant: String,
    /// The entry of its history: what was there *before* it is put back.
    pub(super) entry: u64,
    #[command(flatten)]
    pub(super) manifests: Manifests,
    #[command(flatten)]
    pub(super) place: Place,
    #[command(flatten)]
    pub(super) author: AuthorArgs,
    /// Do not ask before making the changes.
    #[arg(long)]
    pub(super) auto_approve: bool,
}

/// Runs the verb.
pub(super) async fn run(args: RestoreArgs, io: &mut Io) -> Exit {
    match restored(&args, io).await {
        Ok(exit) | Err(Stop(exit)) => exit,
    }
}

async fn restored(args: &RestoreArgs, io: &mut Io) -> Result<Exit, Stop> {
    let folder = &args.manifests.path;
    let selection = Selection::of(folder, Some(&args.tenant));
    let mut session = Session::open(&selection, &args.place, io).await?;
    let beside = poke::runs(&args.place);
    let (tenant, entry, back) = match way_back(&session, args).await {
        Ok(found) => found,
        Err(error) => return Err(stop(io, &error)),
    };
    session.author = args.author.find(folder).await;
    session.author.restores = Some(Restores {
        entry: args.entry,
        address: address_of(&entry),
        keeps: beside,
    });
    session.tenants = vec![LoadedTenant {
        spec: back.spec.clone(),
        ..tenant.clone()
    }];
    let mut planned = plan::make(&session, io).await?;
    concerned(&mut planned, &entry);
    if planned.tenants.iter().all(TenantPlan::in_sync) {
        io.say(already_so(args, &entry).in_lang(io.lang));
        if let (true, Some(restores)) =
            (beside && tenant.spec != back.spec, &session.author.restores)
        {
            let (by, now) = (session.author.by.clone(), session.clock.now());
            let kept = keep(&session.store, &tenant.name, restores, (by, now)).await;
            kept.map_err(|error| stop(io, &error.into()))?;
        }
        advise(&tenant, &back, beside, io);
        return Ok(Exit::Fine);
    }
    plan::print(&session, &planned, PlanOutput::Human, false, io).await?;
    if !planned.has_due() {
        // What is held waits for a yes, as in any apply.
        let held = !planned.is_empty();
        return Ok(if held {
            Exit::Refused
        } else {
            plan::exit(&planned, false)
        });
    }
    if !args.auto_approve && !confirmed("--auto-approve", io) {
        io.note(words::pick(io.lang, "什么也没有改", "nothing was changed"));
        return Ok(Exit::Refused);
    }
    let consent = Consent::Steps {
        steps: planned.step_digests(),
        follow: planned.follows(),
    };
    let exit = make(&session, &consent, io).await?.exit();
    if exit == Exit::Fine {
        advise(&tenant, &back, beside, io);
    }
    Ok(exit)
}

/// The entry, and the spec that leads back behind it.
async fn way_back(
    session: &Session,
    args: &RestoreArgs,
) -> anyhow::Result<(LoadedTenant, HistoryDoc, PutBack)> {
    let history = History::new(session.store.clone());
    let Some(entry) = history.get(&args.tenant, args.entry).await? else {
        bail!(history::missing(&history, &args.tenant, args.entry).await?);
    };
    if let Some(platform) = platform_among(&args.tenant) {
        bail!(of_platform(platform, args));
    }
    let tenant = session
        .tenants
        .first()
        .cloned()
        .or_say(|| no_tenant(&args.tenant))?;
    let stored = session
        .store
        .get::<TenantDoc>(&Key::tenant(&tenant.name))
        .await?;
    let doc = stored.map(|stored| stored.value).unwrap_or_default();
    let address = address_of(&entry);
    let at = at::find(&tenant.spec, &address.whose);
    let declared = at.as_ref().and_then(|at| at.declared(&tenant.spec));
    let account = declared.or_else(|| doc.pin_of(address.whose.item()));
    if account.is_some_and(|account| *account != entry.account) {
        bail!(Failed::new(
            format!(
                "第 {} 条记录不能恢复：它是 {} 的，而该租户现在是另一个账号",
                args.entry, entry.account
            ),
            format!(
                "entry {} cannot be put back: it is about {}, the tenant has another account now",
                args.entry, entry.account
            ),
        ));
    }
    let before = match &entry.before {
        Before::Nothing => None,
        Before::There(value) => Some(value),
        Before::Unknown => bail!(Failed::new(
            format!(
                "第 {0} 条记录不能恢复：清单无法表达之前的内容（wxops history {1} {0} 显示改了什么）",
                args.entry, args.tenant
            ),
            format!(
                "entry {0} cannot be put back: a manifest cannot say what was there (wxops history {1} {0} shows the changes)",
                args.entry, args.tenant
            ),
        )),
        Before::TooLarge => bail!(Failed::new(
            format!("第 {} 条记录不能恢复：之前的内容过大，没有保存", args.entry),
            format!(
                "entry {} cannot be put back: what was there was too large to be kept",
                args.entry
            ),
        )),
    };
    let back = put_back(&tenant.spec, &address, before)?;
    Ok((tenant, entry, back))
}

/// A list is one thing of many hosts, and what is in it the manifest says.
fn of_platform(platform: &str, args: &RestoreArgs) -> Failed {
    let RestoreArgs { tenant, entry, .. } = args;
    Failed::new(
        format!(
            "第 {entry} 条记录不能用 wxops restore 恢复：平台的域名列表以清单为准；请把需要的域名写回 Platform {platform} 的 domains，再执行 wxops apply（wxops history {tenant} {entry} 显示改了什么）"
        ),
        format!(
            "entry {entry} is not put back by wxops restore: the manifest says what is in a platform's lists; write the hosts back \
             into `domains` of the Platform `{platform}`, then wxops apply (wxops history {tenant} {entry} shows what changed)"
        ),
    )
}

/// Leaves the thing that is put back in the plan, and the gates before it.
fn concerned(plan: &mut Plan, entry: &HistoryDoc) {
    let address = address_of(entry);
    let gate = authorization::ADDRESS.whose(address.whose.clone());
    for tenant in &mut plan.tenants {
        tenant
            .entries
            .retain(|one| one.address == gate || one.address == address);
    }
}

fn already_so(args: &RestoreArgs, entry: &HistoryDoc) -> Text {
    let name = address_of(entry);
    Text::new(
        format!(
            "{name} 现在就是第 {} 条记录之前的样子，无需更改",
            args.entry
        ),
        format!(
            "{name} is as it was before entry {}: nothing to do",
            args.entry
        ),
    )
}

/// The manifest wins, so it must say what was put back.
fn advise(tenant: &LoadedTenant, back: &PutBack, beside: bool, io: &mut Io) {
    if tenant.spec == back.spec {
        return;
    }
    let Ok(yaml) = to_yaml(&back.manifest) else {
        return;
    };
    // Written in its class it would count for all the others too.
    let place = match tenant.places.class_of(&back.path) {
        Some(_) => tenant.places.name(),
        None => tenant.places.place(&back.path),
    };
    let kept = Text::new(
        format!(
            "请把下面的内容写入 {}:{} 的 spec；在此之前 wxops run 不会再改它（wxops resume {} 则立即按配置改回）",
            place.file, place.line, tenant.name
        ),
        format!(
            "Write this into the spec in {}:{}; until then `wxops run` leaves it as it is (wxops resume {} has it changed to what the manifest says)",
            place.file, place.line, tenant.name
        ),
    );
    let text = Text::new(
        format!(
            "以配置为准：请把下面的内容写入 {}:{} 的 spec，否则下一次 apply 会再改回去",
            place.file, place.line
        ),
        format!(
            "The manifest wins: write this into the spec in {}:{}, or the next apply changes it again",
            place.file, place.line
        ),
    );
    io.note_blank();
    io.note(if beside { kept } else { text }.in_lang(io.lang));
    if let Some(class) = tenant.places.class_of(&back.path) {
        let text = Text::new(
            format!("（现在的内容来自类 {class}；写在租户里则只影响这个租户）"),
            format!(
                "(class {class} says it now; written in the tenant it counts for this one alone)"
            ),
        );
        io.note(text.in_lang(io.lang));
    }
    io.say_lines(yaml.trim_end());
}
