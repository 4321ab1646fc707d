//! `wxops pause`, `wxops resume` and `wxops reconcile`: what a person tells the loop, or whoever applies.

use std::time::Duration;

use anyhow::bail;
use clap::Args;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::args::Place;
use super::place::{open_store, store_folder};
use super::stop::stop;
use super::{Exit, Io, words};
use crate::cli::failed::{Failed, OrSay};
use crate::client::{Clock, SharedClock, SystemClock};
use crate::controller::{Beside, Told};
use crate::manifest::{is_name, platform_among};
use crate::plan::{Lang, Text};
use crate::reconcile::{self, Scope};
use crate::store::documents::{AdmittedDoc, PausedDoc, TenantDoc};
use crate::store::{Key, Store};

/// Arguments of `pause`.
#[derive(Debug, Clone, Args)]
#[command(override_usage = "wxops pause [OPTIONS] <TENANT>
       wxops pause [OPTIONS] --platform <NAME>")]
#[command(after_help = "Examples:
  wxops pause sunrise-dance
  wxops pause sunrise-dance --until 2h
  wxops pause sunrise-dance --until 2026-12-24                  (the beginning of that day, here)
  wxops pause --platform main --until 2026-12-01T08:00:00+08:00

Nothing is written at WeChat for what is paused, by `wxops run` or by `wxops apply`; it is read all the same. The command
returns once what was begun before has ended.")]
pub struct PauseArgs {
    #[command(flatten)]
    pub(super) what: What,
    /// Until when: a day (2026-12-24), a time (2026-12-01T08:00:00+08:00) or how long (90m, 2h, 3d); else until `wxops
    /// resume`.
    #[arg(long, value_name = "TIME")]
    pub(super) until: Option<String>,
    /// Who pauses it; else the user of this machine.
    #[arg(long, value_name = "NAME", env = "WXOPS_BY")]
    pub(super) by: Option<String>,
    #[command(flatten)]
    pub(super) place: Place,
}

/// Arguments of `resume`.
#[derive(Debug, Clone, Args)]
#[command(override_usage = "wxops resume [OPTIONS] <TENANT>
       wxops resume [OPTIONS] --platform <NAME>")]
#[command(after_help = "Examples:
  wxops resume sunrise-dance
  wxops resume --platform main")]
pub struct ResumeArgs {
    #[command(flatten)]
    pub(super) what: What,
    #[command(flatten)]
    pub(super) place: Place,
}

/// Arguments of `reconcile`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops reconcile sunrise-dance
  wxops reconcile sunrise-dance --wait
  wxops reconcile @main             (the lists of the platform `main` itself)

It asks the `wxops run` of this store. With --wait: exit code 0, ready; 6, something waits; 1, it failed.")]
pub struct ReconcileArgs {
    /// The tenant.
    pub(super) tenant: String,
    /// Wait until it has been looked at, and say what came of it.
    #[arg(long)]
    pub(super) wait: bool,
    /// How long to wait, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(super) timeout: u64,
    #[command(flatten)]
    pub(super) place: Place,
}

/// What is meant: a tenant, or all tenants of a platform.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub struct What {
    /// The tenant.
    pub(super) tenant: Option<String>,
    /// Every tenant of this platform.
    #[arg(long, value_name = "NAME")]
    pub(super) platform: Option<String>,
}

impl What {
    fn scope(&self) -> Scope {
        match (&self.tenant, &self.platform) {
            (Some(tenant), _) => Scope::Tenant(tenant.clone()),
            (None, platform) => Scope::Platform(platform.clone().unwrap_or_default()),
        }
    }

    fn said(&self) -> Text {
        match (&self.tenant, &self.platform) {
            (Some(tenant), _) => Text::new(format!("租户 {tenant}"), format!("tenant {tenant}")),
            (None, platform) => {
                let name = platform.as_deref().unwrap_or_default();
                Text::new(format!("平台 {name}"), format!("platform {name}"))
            }
        }
    }
}

/// What came of a pass, in a word: the one of the JSON, where it is no Chinese reader's.
fn spoken_result(result: &str, lang: Lang) -> &str {
    match (lang, result) {
        (Lang::Zh, "ready") => "就绪",
        (Lang::Zh, "waiting") => "等待中",
        (Lang::Zh, "failed") => "失败",
        (Lang::Zh, "stopped") => "平台暂时无法使用微信接口",
        (Lang::Zh | Lang::En, other) => other,
    }
}

/// Runs `pause`.
pub(super) async fn pause(args: PauseArgs, io: &mut Io) -> Exit {
    ended(paused(&args, io).await, io)
}

/// Runs `resume`.
pub(super) async fn resume(args: ResumeArgs, io: &mut Io) -> Exit {
    ended(resumed(&args, io).await, io)
}

/// Runs `reconcile`.
pub(super) async fn reconcile(args: ReconcileArgs, io: &mut Io) -> Exit {
    match reconciled(&args, io).await {
        Ok(exit) => exit,
        Err(error) => stop(io, &error).0,
    }
}

fn ended(done: anyhow::Result<()>, io: &mut Io) -> Exit {
    match done {
        Ok(()) => Exit::Fine,
        Err(error) => stop(io, &error).0,
    }
}

async fn paused(args: &PauseArgs, io: &mut Io) -> anyhow::Result<()> {
    let clock = clock(&args.place);
    let now = clock.now();
    let until = args
        .until
        .as_deref()
        .map(|text| time(text, now, &TimeZone::system()))
        .transpose()?;
    let opened = open_store(&args.place, io).await?;
    let (scope, name) = known(&opened.store, &args.what).await?;
    let doc = PausedDoc {
        since: now,
        until,
        by: args.by.clone().or_else(words::user),
        name,
    };
    reconcile::pause(&opened.store, &*clock, &scope, &doc).await?;
    let Text { zh, en } = args.what.said();
    let command = match args.what.scope() {
        Scope::Tenant(tenant) => format!("wxops resume {tenant}"),
        Scope::Platform(name) => format!("wxops resume --platform {name}"),
    };
    let (until_zh, until_en) = match until {
        Some(until) => {
            let until = words::moment(until);
            (format!("至 {until}"), format!("until {until}"))
        }
        None => (format!("直到 {command}"), format!("until `{command}`")),
    };
    let text = Text::new(
        format!("{zh} 已暂停，{until_zh}；仍会读取，不作更改"),
        format!("{en} is paused {until_en}: it is read, and not changed"),
    );
    io.say(text.in_lang(io.lang));
    Ok(())
}

async fn resumed(args: &ResumeArgs, io: &mut Io) -> anyhow::Result<()> {
    let opened = open_store(&args.place, io).await?;
    let was = reconcile::resume(&opened.store, &args.what.scope()).await?;
    let Text { zh, en } = args.what.said();
    let text = if was {
        Text::new(format!("{zh} 已恢复"), format!("{en} goes on"))
    } else {
        Text::new(format!("{zh} 没有暂停"), format!("{en} was not paused"))
    };
    io.say(text.in_lang(io.lang));
    if let (true, Some(beside)) = (was, Beside::now(&store_folder(&args.place)?)) {
        let told = match args.what.scope() {
            Scope::Tenant(tenant) => beside.reconcile(&tenant).await,
            Scope::Platform(called) => {
                let known = reconcile::platform_called(&opened.store, &called).await?;
                beside.resume(&known.map_or(called, |(_, name)| name)).await
            }
        };
        if let Err(error) = told {
            tracing::debug!(%error, "the loop could not be told");
            io.note(words::pick(
                io.lang,
                "wxops run 没有应答：它恢复运行后会自己发现",
                "`wxops run` does not answer: it finds out by itself once it goes on",
            ));
        }
    }
    Ok(())
}

async fn reconciled(args: &ReconcileArgs, io: &mut Io) -> anyhow::Result<Exit> {
    let tenant = &args.tenant;
    if !is_name(platform_among(tenant).unwrap_or(tenant)) {
        bail!(Failed::new(
            format!("{tenant:?} 不可能是租户名（只有 a-z、0-9 和 -）"),
            format!("no tenant can have the name {tenant:?} (a-z, 0-9 and -)"),
        ));
    }
    let folder = store_folder(&args.place)?;
    let Some(beside) = Beside::find(&folder).await? else {
        bail!(Failed::new(
            format!(
                "存储 {} 上没有 wxops run 在运行；wxops apply 不需要它",
                folder.display()
            ),
            format!(
                "no `wxops run` works on the store {}; `wxops apply` does it without one",
                folder.display()
            ),
        ));
    };
    let told = match beside.reconcile(&args.tenant).await? {
        Told::Yes(told) => told,
        Told::Unknown => bail!(Failed::new(
            format!(
                "这个存储的 wxops run（进程 {}）没有租户 {tenant} 的生效版本；名字写对了吗，它的清单在所跟随的目录里吗？wxops validate \
                 检查有没有错误，wxops status 显示是否被拦下",
                beside.holder().pid
            ),
            format!(
                "the `wxops run` of this store (process {}) has nothing of tenant `{tenant}` in force; is the name right, and is its \
                 manifest in the folder that it follows? `wxops validate` says whether it has a mistake, `wxops status` whether it is held",
                beside.holder().pid
            ),
        )),
    };
    let why = |lang: &str| told.get("notFollowed")?.get(lang)?.as_str();
    if let (Some(zh), Some(en)) = (why("zh"), why("en")) {
        let text = Text::new(
            format!("没有跟随清单目录，按生效中的版本执行：{zh}"),
            format!("the folder is not followed, it goes by what is in force: {en}"),
        );
        io.note(text.in_lang(io.lang));
    }
    // Passes are counted: a clock may be set back.
    let after = told.get("after").and_then(Value::as_u64);
    if !args.wait {
        io.note(words::pick(
            io.lang,
            "已请求；--wait 等待结果",
            "asked for; --wait waits for what comes of it",
        ));
        return Ok(Exit::Fine);
    }
    let deadline = tokio::time::Instant::now() + Duration::from_secs(args.timeout);
    while tokio::time::Instant::now() < deadline {
        if let Told::Yes(told) = beside.tenant(&args.tenant).await?
            && told.get("pass").and_then(Value::as_u64) > after
            && let Some(result) = told.get("result").and_then(Value::as_str)
        {
            io.say(spoken_result(result, io.lang));
            if result == "stopped" {
                io.note(words::pick(
                    io.lang,
                    "整个平台暂时无法使用微信接口；wxops status 说明原因和处理办法",
                    "the whole platform is kept from WeChat; wxops status says why, and what to do",
                ));
            }
            return Ok(match result {
                "ready" => Exit::Fine,
                "waiting" => Exit::Waiting,
                _ => Exit::Error,
            });
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!(Failed::new(
        format!(
            "{} 秒内没有看过租户 {}；wxops status 显示 wxops run 在等什么",
            args.timeout, args.tenant
        ),
        format!(
            "tenant `{}` was not looked at within {} s; wxops status says what the `wxops run` waits for",
            args.tenant, args.timeout
        ),
    ))
}

fn clock(place: &Place) -> Box<dyn Clock> {
    match &place.clock {
        Some(file) => Box::new(SharedClock::file(file)),
        None => Box::new(SystemClock),
    }
}

/// What is meant, and how a platform is called. A slip in a name must not look like a pause.
async fn known(store: &Store, what: &What) -> anyhow::Result<(Scope, Option<String>)> {
    let called = match what.scope() {
        Scope::Platform(called) => called,
        Scope::Tenant(tenant) => {
            let remembered = store.get::<TenantDoc>(&Key::tenant(&tenant)).await?;
            let admitted = store.get::<AdmittedDoc>(&Key::admitted(&tenant)).await?;
            if remembered.is_none() && admitted.is_none() {
                bail!(Failed::new(
                    format!("这个存储里没有租户 {tenant}；名字和 --store 写对了吗？"),
                    format!(
                        "this store knows nothing of a tenant `{tenant}`; are the name and --store right?"
                    ),
                ));
            }
            return Ok((Scope::Tenant(tenant), None));
        }
    };
    if let Some((appid, name)) = reconcile::platform_called(store, &called).await? {
        return Ok((Scope::Platform(appid), Some(name)));
    }
    // Of one that an older wxops knew, the name is all that is written down.
    for key in store.list("tenant/").await? {
        let doc = store.get::<TenantDoc>(&key).await?;
        if doc.is_some_and(|doc| doc.value.platform.as_ref() == Some(&called)) {
            return Ok((Scope::Platform(called), None));
        }
    }
    bail!(Failed::new(
        format!("这个存储里没有平台 {called}；名字和 --store 写对了吗？"),
        format!(
            "this store knows nothing of a platform `{called}`; are the name and --store right?"
        ),
    ))
}

/// A time that is to come: itself, a day or an hour where the user is, or how long from now.
fn time(text: &str, now: Timestamp, here: &TimeZone) -> anyhow::Result<Timestamp> {
    let day = || text.parse::<DateTime>().ok()?.to_zoned(here.clone()).ok();
    let at = match text
        .parse::<Timestamp>()
        .ok()
        .or_else(|| Some(day()?.timestamp()))
    {
        Some(at) => at,
        None => {
            let long = words::how_long(text).or_say(|| {
                Text::new(
                    format!("--until {text} 看不懂：请写日期（2026-12-24）、时间（2026-12-01T08:00:00+08:00）或时长（90m、2h、3d）"),
                    format!("--until {text} is not understood: expected a day (2026-12-24), a time (2026-12-01T08:00:00+08:00) or how long (90m, 2h, 3d)"),
                )
            })?;
            now.checked_add(long)
                .or_say(|| Text::new("--until 太远", "--until is too far away"))?
        }
    };
    if at <= now {
        bail!(Failed::new(
            format!("--until {text} 已经过去，现在是 {}", words::moment(now)),
            format!("--until {text} is over, it is {} now", words::moment(now)),
        ));
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_and_how_long_are_read() {
        let now = "2026-11-29T00:00:00Z".parse().unwrap();
        let here = TimeZone::fixed(jiff::tz::offset(8));
        let at = |text: &str| time(text, now, &here).map(|at| at.to_string()).ok();
        assert_eq!(at("2h").as_deref(), Some("2026-11-29T02:00:00Z"));
        assert_eq!(at("90m").as_deref(), Some("2026-11-29T01:30:00Z"));
        assert_eq!(at("3d").as_deref(), Some("2026-12-02T00:00:00Z"));
        assert_eq!(
            at("2026-12-01T08:00:00+08:00").as_deref(),
            Some("2026-12-01T00:00:00Z")
        );
        assert_eq!(at("2026-12-24").as_deref(), Some("2026-12-23T16:00:00Z"));
        assert_eq!(
            at("2026-12-24T08:30").as_deref(),
            Some("2026-12-24T00:30:00Z")
        );
        for bad in [
            "2026-11-28",
            "2020-01-01T00:00:00Z",
            "",
            "h",
            "-2h",
            "2",
            "2w",
            "tomorrow",
            "99999999999999d",
            "日",
        ] {
            assert_eq!(at(bad), None, "{bad}");
        }
    }
}
