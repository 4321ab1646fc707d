//! `wxops why`: what stands between one tenant and "ready", in order, and who must act.

mod checklist;
#[cfg(test)]
mod tests;

use clap::Args;
use jiff::Timestamp;
use serde_json::{Value, json};

use self::checklist::{Facts, Item, Sign, checklist};
use super::args::{Manifests, Output, Place, Selection};
use super::session::Session;
use super::stop::{Stop, exit_of, stop};
use super::{Exit, Io, held, trouble, words};
use crate::controller::{Account, Standing, State};
use crate::manifest::LoadedTenant;
use crate::plan::render::pad;
use crate::plan::{Lang, Person, Reason, Text, Troubled};
use crate::reconcile::{Awaited, awaited, plan_tenant, things};
use crate::resource::{At, Kind, RESOURCES};

/// Arguments of `why`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops why -f tenants/ sunrise-dance
  wxops why -f tenants/ sunrise-dance --live        (asks WeChat now, changes nothing)
  wxops why -f tenants/ sunrise-dance --lang zh     (to send to the customer)

Without --live it tells what the last pass found, and what WeChat has pushed since.")]
pub struct WhyArgs {
    /// The tenant.
    pub(super) tenant: String,
    #[command(flatten)]
    pub(super) manifests: Manifests,
    #[command(flatten)]
    pub(super) place: Place,
    /// Read from WeChat now instead of telling what the last pass found.
    #[arg(long)]
    pub(super) live: bool,
    /// How it is printed.
    #[arg(long, value_enum, default_value = "human")]
    pub(super) output: Output,
}

/// Runs the verb.
pub(super) async fn run(args: WhyArgs, io: &mut Io) -> Exit {
    match told(&args, io).await {
        Ok(exit) | Err(Stop(exit)) => exit,
    }
}

async fn told(args: &WhyArgs, io: &mut Io) -> Result<Exit, Stop> {
    let selection = Selection::of(&args.manifests.path, Some(&args.tenant));
    let session = if args.live {
        Session::open(&selection, &args.place, io).await?
    } else {
        Session::look(&selection, &args.place, io).await?
    };
    let mut exit = Exit::Fine;
    for tenant in &session.tenants {
        let mut standing = session
            .standing(tenant)
            .await
            .map_err(|error| stop(io, &error))?;
        let troubled = if args.live {
            look(&session, tenant, &mut standing).await
        } else {
            let known = trouble::known(&session).await;
            known.map(|mut known| known.remove(&tenant.platform))
        };
        let troubled = troubled.map_err(|error| stop(io, &error))?;
        exit = match (&troubled, args.live) {
            (Some(troubled), true) => exit_of(troubled),
            (Some(_), false) | (None, _) => exit,
        };
        let is_mistaken = session.by_the_one_before.contains(&tenant.name);
        first_waits(&session, tenant, &mut standing);
        for command in standing
            .waits
            .iter_mut()
            .filter_map(|one| one.command.as_mut())
        {
            // The pass that left it did not know where the manifests lie for whoever reads it.
            command.push_str(&session.named_manifests);
        }
        let mut items = list(tenant, &standing, is_mistaken);
        if let Some(troubled) = &troubled {
            // What is known of the tenant stands below it.
            items.insert(items.len().min(1), Item::of_platform(troubled));
        }
        let now = session.clock.now();
        match args.output {
            Output::Json => io.json(&as_json(&standing, &items)),
            Output::Human => {
                human(&standing, &items, now, io);
                held::pauses(&session, Some(tenant), io).await?;
                if standing.changed_since {
                    held::say(&session, io).await?;
                }
            }
        }
    }
    Ok(exit)
}

/// Asks WeChat, in place of what the last pass found; that stays where the platform is kept from WeChat.
async fn look(
    session: &Session,
    tenant: &LoadedTenant,
    standing: &mut Standing,
) -> anyhow::Result<Option<Troubled>> {
    let planned = plan_tenant(&session.observer(tenant)?, &session.desired(tenant).await?).await?;
    if let Some(troubled) = planned.plan.trouble {
        return Ok(Some(troubled));
    }
    let now = session.clock.now();
    let links = session.links();
    standing.waits = awaited(&planned, &standing.waits, now);
    for one in &mut standing.waits {
        links.lead(
            &tenant.platform,
            &tenant.name,
            &one.address.whose,
            &mut one.waiting,
        );
    }
    standing.things = things(&planned, &[]);
    standing.last_pass = Some(now);
    standing.changed_since = false;
    standing.state = if planned.plan.failed() {
        State::Failed
    } else if standing.waits.is_empty() && planned.plan.entries.is_empty() {
        State::Ready
    } else {
        State::Waiting
    };
    Ok(None)
}

/// One that was never looked at and has no account waits for its owner, whoever asks first.
fn first_waits(session: &Session, tenant: &LoadedTenant, standing: &mut Standing) {
    if standing.last_pass.is_some() || !standing.waits.is_empty() {
        return;
    }
    let unknown = standing.accounts.iter().filter(|one| one.appid.is_none());
    standing.waits = unknown.map(Account::first).collect();
    let links = session.links();
    for Awaited {
        address, waiting, ..
    } in &mut standing.waits
    {
        links.lead(&tenant.platform, &tenant.name, &address.whose, waiting);
    }
}

fn list(tenant: &LoadedTenant, standing: &Standing, is_mistaken: bool) -> Vec<Item> {
    let place = tenant.places.name();
    let declared = |at: &At| {
        let managed = RESOURCES.iter().filter(|resource| {
            let policy = tenant.spec.policy.resources.get(resource.name());
            resource.declared(&tenant.spec, at)
                && policy.is_none_or(|one| one.manage != Some(false))
        });
        managed.map(|resource| resource.name()).collect()
    };
    let accounts = standing.accounts.iter().map(|one| checklist::Account {
        whose: one.at.whose.clone(),
        declared: declared(&one.at),
        appid: one.appid.as_ref().map(ToString::to_string),
        authorized: one.authorized_at.is_some(),
        registers: one.at.registered(&tenant.spec),
        is_platform: one.at.kind() == Kind::Platform,
    });
    checklist(&Facts {
        place: format!("{}:{}", place.file, place.line),
        accounts: accounts.collect(),
        looked: standing.last_pass.is_some(),
        changed_since: standing.changed_since,
        is_mistaken,
        waits: &standing.waits,
        things: &standing.things,
    })
}

/// The one sentence: the first thing that is not done.
fn headline(standing: &Standing, items: &[Item], now: Timestamp) -> Text {
    let name = &standing.tenant;
    let first = |sign| items.iter().find(|item| item.sign == sign);
    if let Some(Item {
        headline: Some(said),
        ..
    }) = items.iter().find(|item| item.headline.is_some())
    {
        let (zh, en) = (&said.zh, &said.en);
        return Text::new(format!("{name}：{zh}"), format!("{name}: {en}"));
    }
    if let Some(item) = first(Sign::Failed) {
        let (zh, en) = (&item.what.zh, &item.what.en);
        return Text::new(
            format!("{name}：未能读取或完成 {zh}"),
            format!("{name}: {en} could not be read or done"),
        );
    }
    let waits = || items.iter().filter_map(|item| item.wait.as_ref());
    // Whoever reads one line reads what somebody can do about.
    let of_somebody = waits().find(|one| one.waiting.who != Person::Nobody);
    if let Some(one) = of_somebody.or_else(|| waits().next()) {
        let whom = one.waiting.for_whom();
        let title = standing.title(one);
        let (mut zh, mut en) = (String::new(), String::new());
        if let Some(since) = one.since {
            zh = format!("（已等 {}）", words::duration(since, now, Lang::Zh));
            en = format!(" (for {})", words::duration(since, now, Lang::En));
        }
        return Text::new(
            format!("{name}：{}，{}{zh}", whom.zh, title.zh),
            format!("{name}: {}, {}{en}", whom.en, title.en),
        );
    }
    if items.iter().all(|item| item.sign == Sign::Done) && standing.state == State::Ready {
        return Text::new(format!("{name}：就绪"), format!("{name}: ready"));
    }
    Text::new(
        format!("{name}：等待下一次执行"),
        format!("{name}: waiting for the next pass"),
    )
}

/// When somebody looks again.
fn next_look(items: &[Item]) -> Text {
    let until = items
        .iter()
        .filter_map(|item| item.wait.as_ref()?.waiting.until)
        .min();
    match until {
        Some(until) => Text::new(
            format!("到 {} 自行结束，之后由下一次执行继续", words::moment(until)),
            format!(
                "ends by itself at {}; the next pass after that goes on",
                words::moment(until)
            ),
        ),
        None => Text::new(
            "授权、取消授权和审核结果由微信推送，收到即记录；其余由下一次执行检查：wxops run 会自动执行，wxops apply 立即执行",
            "authorizations and the ends of reviews are noted as soon as WeChat pushes them; all else is checked by the next pass: `wxops run` makes them by itself, `wxops apply` makes one now",
        ),
    }
}

fn human(standing: &Standing, items: &[Item], now: Timestamp, io: &mut Io) {
    let lang = io.lang;
    io.say(headline(standing, items, now).in_lang(lang));
    for (n, item) in items.iter().enumerate() {
        let mark = item.sign.mark();
        let what = pad(item.what.in_lang(lang), 16);
        io.say(format_args!(
            "  {mark} {:<3}{what}{}",
            n + 1,
            item.text.in_lang(lang)
        ));
        for line in item.wait.iter().flat_map(|one| details(one, now, lang)) {
            io.say(format_args!("       {}{line}", " ".repeat(16)));
        }
    }
    for account in &standing.accounts {
        if let (Some(said), Some(scan)) = (account.in_vain(), &account.scan) {
            let (at, ago) = (words::moment(scan.at), words::ago(scan.at, now, lang));
            io.say(format_args!(
                "  ! {}{}",
                said.in_lang(lang),
                lang.aside(format!("{at}{}{ago}", lang.comma()))
            ));
        }
    }
    if items.iter().any(|item| item.sign != Sign::Done) {
        let label = words::pick(lang, "下一次检查：", "next check: ");
        io.say(format_args!("{label}{}", next_look(items).in_lang(lang)));
    }
    if let Some(at) = standing.last_pass {
        let label = words::pick(lang, "以上为此时的情况：", "as of: ");
        let ago = words::ago(at, now, lang);
        io.say(format_args!(
            "{label}{}{}",
            words::moment(at),
            lang.aside(ago)
        ));
    }
}

/// Waits that go on by themselves once the time has come.
const BEGINS_THEN: [Reason; 7] = [
    Reason::OutsideWindow,
    Reason::Soaking,
    Reason::DetectionRunning,
    Reason::OutcomeUnknown,
    Reason::AfterAnotherStep,
    Reason::QuotaUsedUp,
    Reason::HourlyCap,
];

/// Who, where, since when, until when.
fn details(one: &Awaited, now: Timestamp, lang: Lang) -> Vec<String> {
    let waiting = &one.waiting;
    let mut lines = Vec::new();
    let mut whom = waiting.for_whom().in_lang(lang).to_owned();
    if let Some(since) = one.since {
        whom.push_str(words::pick(lang, "，已等 ", ", for "));
        whom.push_str(&words::duration(since, now, lang));
    }
    lines.push(whom);
    if let Some(link) = &waiting.link {
        lines.push(format!("{}{link}", words::pick(lang, "请打开 ", "open ")));
    }
    if let Some(command) = &one.command {
        lines.push(command.clone());
    }
    if let Some(until) = waiting.until {
        let until = words::moment(until);
        // What a clock ends begins then; of anything else it is the last moment.
        lines.push(if BEGINS_THEN.contains(&waiting.reason) {
            match lang {
                Lang::Zh => format!("{until} 起继续"),
                Lang::En => format!("goes on from {until}"),
            }
        } else {
            format!("{}{until}", words::pick(lang, "最迟 ", "until "))
        });
    }
    lines
}

fn as_json(standing: &Standing, all: &[Item]) -> Value {
    let items: Vec<Value> = all
        .iter()
        .map(|item| {
            json!({
                "state": item.sign.as_str(),
                "what": item.what,
                "text": item.text,
                "waiting": item.wait,
            })
        })
        .collect();
    json!({
        "tenant": standing.tenant,
        "account": standing.official(),
        "state": standing.state.as_str(),
        "items": items,
        "scansInVain": standing.accounts.iter().filter_map(|one| one.scan.as_ref()).collect::<Vec<_>>(),
        "nextCheck": next_look(all),
        "asOf": standing.last_pass,
    })
}
