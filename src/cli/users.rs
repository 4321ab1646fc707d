//! `wxops users export TENANT`: the followers of a tenant's official account, page by page. Nothing of them is kept.

use std::path::Path;

use anyhow::bail;
use clap::{Args, Subcommand};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::args::{Manifests, Place, Selection};
use super::session::Session;
use super::stop::{Stop, not_in_trouble, stop};
use super::{Exit, Io};
use crate::cli::failed::{Failed, OrSay as _, must_be_tenant, no_tenant};
use crate::client::Reader;
use crate::manifest::LoadedTenant;
use crate::plan::text::shell_word;
use crate::plan::{Text, Why};
use crate::resource::At;
use crate::store::documents::TenantDoc;
use crate::store::ledger::{Demand, Taken};
use crate::store::{Key, Ledger};
use crate::wechat::answer::read_payload;
use crate::wechat::errcode::names_openid;
use crate::wechat::user::{self, AT_ONCE, Infos, Page};
use crate::wechat::{Answer, ApiError, Appid, Call};

/// An account has millions of followers at most, ten thousand on a page.
const PAGES: usize = 100_000;

/// Arguments of `users`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops users export -f tenants/ sunrise-dance > followers.csv
  wxops users export -f tenants/ sunrise-dance --output json      (one object in a line)
  wxops users export -f tenants/ sunrise-dance --after oABC…      (goes on after that openid)

WeChat allows 500 pages of 10,000 openids a day; each is counted. Unionids are there once the account is in an open account.")]
pub struct UsersArgs {
    #[command(subcommand)]
    pub(super) verb: UsersVerb,
}

/// What to do with followers.
#[derive(Debug, Clone, Subcommand)]
pub enum UsersVerb {
    /// Print the openids and unionids of an official account's followers
    Export {
        /// The tenant.
        tenant: String,
        /// Go on after this openid, where an earlier export ended.
        #[arg(long, value_name = "OPENID", default_value = "")]
        after: String,
        /// How they are printed.
        #[arg(long, value_enum, default_value = "csv")]
        output: Format,
        #[command(flatten)]
        manifests: Manifests,
        #[command(flatten)]
        place: Place,
    },
}

/// How followers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A table with commas: openid,unionid.
    Csv,
    /// One object in a line.
    Json,
}

/// Runs the verb.
pub(super) async fn run(args: UsersArgs, io: &mut Io) -> Exit {
    let UsersVerb::Export {
        tenant,
        after,
        output,
        manifests,
        place,
    } = args.verb;
    if let Err(error) = must_be_tenant(&tenant) {
        let Stop(exit) = stop(io, &error.into());
        return exit;
    }
    let selection = Selection::of(&manifests.path, Some(&tenant));
    let export = Export {
        tenant: &tenant,
        after: &after,
        output,
        manifests: &manifests.path,
    };
    match run_export(&selection, &place, &export, io).await {
        Ok(exit) | Err(Stop(exit)) => exit,
    }
}

/// What was asked for.
struct Export<'a> {
    tenant: &'a str,
    after: &'a str,
    output: Format,
    manifests: &'a Path,
}

/// How far an export is.
struct Sofar {
    printed: u64,
    without_unionid: u64,
    after: String,
}

/// Why an export ended before the last follower, though WeChat answered.
enum Early {
    /// No more calls are left today.
    Full(Text),
    /// What was printed could not be written.
    Unwritten,
}

async fn run_export(
    selection: &Selection,
    place: &Place,
    export: &Export<'_>,
    io: &mut Io,
) -> Result<Exit, Stop> {
    let session = Session::open(selection, place, io).await?;
    let Some(tenant) = session.tenants.first() else {
        return Err(stop(io, &Failed::from(no_tenant(export.tenant)).into()));
    };
    let mut sofar = Sofar {
        printed: 0,
        without_unionid: 0,
        after: export.after.to_owned(),
    };
    let ended = pages(&session, tenant, export.output, &mut sofar, io).await;
    said(&sofar, io);
    match ended {
        Ok(None) => Ok(Exit::Fine),
        Ok(Some(Early::Full(full))) => {
            io.note(full.in_lang(io.lang));
            go_on(export, &sofar, io);
            Ok(Exit::OutOfQuota)
        }
        Ok(Some(Early::Unwritten)) => {
            let text = Text::new(
                "输出写不下去，导出到此为止，没有再调用微信",
                "the output takes no more, so the export ends here and WeChat was not asked for more",
            );
            io.error(text.in_lang(io.lang).to_owned());
            go_on(export, &sofar, io);
            Ok(Exit::Error)
        }
        Err(error) => {
            let stopped = stop(io, &error);
            if sofar.printed > 0 {
                go_on(export, &sofar, io);
            }
            Err(stopped)
        }
    }
}

/// Prints page after page.
async fn pages(
    session: &Session,
    tenant: &LoadedTenant,
    output: Format,
    sofar: &mut Sofar,
    io: &mut Io,
) -> anyhow::Result<Option<Early>> {
    let account = account(session, tenant).await?;
    let reader = session.observer(tenant)?.reader;
    if output == Format::Csv && sofar.after.is_empty() {
        io.say("openid,unionid");
    }
    for _ in 0..PAGES {
        if let Some(full) = counted(session, &account).await? {
            return Ok(Some(Early::Full(full)));
        }
        let call = user::list_request(&account, &sofar.after);
        let page: Page = ask(&reader, tenant, &call, io).await?;
        let (next, total) = (page.next_openid.clone().unwrap_or_default(), page.total);
        let openids = page.openids();
        if openids.is_empty() {
            return Ok(None);
        }
        for part in openids.chunks(AT_ONCE) {
            let call = user::info_request(&account, part);
            let infos: Infos = ask(&reader, tenant, &call, io).await?;
            let mut without = 0;
            for openid in part {
                let info = infos
                    .user_info_list
                    .iter()
                    .find(|one| one.openid == *openid);
                let unionid = info.and_then(|one| one.unionid.as_deref());
                match output {
                    Format::Csv => io.say(format_args!("{openid},{}", unionid.unwrap_or_default())),
                    Format::Json => io.say(json!({"openid": openid, "unionid": unionid})),
                }
                without += u64::from(unionid.is_none());
            }
            // The whole part is printed again by whoever goes on.
            if io.lost().is_some() {
                return Ok(Some(Early::Unwritten));
            }
            sofar.printed += part.len() as u64;
            sofar.without_unionid += without;
            if let Some(last) = part.last() {
                sofar.after.clone_from(last);
            }
        }
        // The last page names none, or its own last openid: then the page after it is empty. One that names none before all
        // are there was damaged, so that it is looked on.
        if next.is_empty() && i64::try_from(sofar.printed).is_ok_and(|printed| printed >= total) {
            return Ok(None);
        }
    }
    Ok(None)
}

/// Takes one of the day's calls. The text: there is none left.
async fn counted(session: &Session, account: &Appid) -> anyhow::Result<Option<Text>> {
    let ledger = Ledger::new(session.store.clone());
    for quota in user::LIST.quotas {
        let demand = Demand::new(
            account.as_str(),
            user::LIST.name,
            *quota,
            session.clock.now(),
        );
        if let Taken::Full { used, limit } = ledger.take_unnamed(&demand).await? {
            return Ok(Some(Text::new(
                format!(
                    "今天的 {} 次 user/get 已用 {used} 次，北京时间明天 0 点之后继续",
                    limit
                ),
                format!(
                    "{used} of today's {limit} calls of user/get are used: go on after midnight in Beijing"
                ),
            )));
        }
    }
    Ok(None)
}

async fn ask<T: DeserializeOwned>(
    reader: &Reader,
    tenant: &LoadedTenant,
    call: &Call,
    io: &Io,
) -> anyhow::Result<T> {
    let answer = reader.read(call).await;
    not_in_trouble(reader, &tenant.platform, io)?;
    let read = match &answer {
        Answer::Done(body) => read_payload(call.endpoint, body).ok(),
        Answer::Refused(_) | Answer::Lost(_) => None,
    };
    if let Answer::Refused(error) = &answer
        && names_openid(error)
        && let Some(after) = user::after(call)
    {
        bail!(no_follower(&after, error));
    }
    read.or_say(|| {
        let unreadable = || Why::unreadable(call.endpoint.name, "it holds no followers");
        Why::of(&answer).unwrap_or_else(unreadable).text
    })
}

/// What was given as `--after` is none of the account's.
fn no_follower(after: &str, error: &ApiError) -> Failed {
    let code = error.errcode;
    Failed::new(
        format!(
            "--after {after} 不是该公众号用户的 openid（{code}）：请写上次导出的最后一个 openid；要从头导出，请去掉 --after"
        ),
        format!(
            "--after {after} is the openid of no user of this account ({code}): give the last openid that an earlier export \
             printed, or leave --after out to begin anew"
        ),
    )
}

async fn account(session: &Session, tenant: &LoadedTenant) -> anyhow::Result<Appid> {
    let key = Key::tenant(&tenant.name);
    let stored = session.store.get::<TenantDoc>(&key).await?;
    let doc = stored.map(|stored| stored.value).unwrap_or_default();
    let account = At::OFFICIAL.appid(&tenant.spec, doc.pin_of(None)).cloned();
    account.or_say(|| {
        let tenant = &tenant.name;
        Text::new(
            format!("租户 {tenant} 还没有公众号：其管理员尚未授权"),
            format!("tenant `{tenant}` has no official account yet: its administrator has not authorized one"),
        )
    })
}

fn said(sofar: &Sofar, io: &mut Io) {
    let Sofar {
        printed,
        without_unionid,
        ..
    } = sofar;
    let (zh, en) = if *without_unionid > 0 {
        (
            format!("，其中 {without_unionid} 个没有 unionid（公众号须绑定开放平台账号）"),
            format!(
                ", {without_unionid} of them without a unionid (the account must be in an open account)"
            ),
        )
    } else {
        (String::new(), String::new())
    };
    let text = Text::new(
        format!("已导出 {printed} 个关注者{zh}"),
        format!("{printed} followers were exported{en}"),
    );
    io.note(text.in_lang(io.lang));
}

/// How to go on where it ended early.
fn go_on(export: &Export<'_>, sofar: &Sofar, io: &mut Io) {
    if sofar.after.is_empty() {
        return;
    }
    let Export {
        tenant, manifests, ..
    } = export;
    let manifests = shell_word(&manifests.display().to_string());
    let output = match export.output {
        Format::Csv => "",
        Format::Json => " --output json",
    };
    let (tenant, after) = (shell_word(tenant), shell_word(&sofar.after));
    let command = format!("wxops users export -f {manifests} {tenant}{output} --after {after}");
    let text = Text::new(
        format!("接着导出：{command}"),
        format!("to go on from here: {command}"),
    );
    io.note(text.in_lang(io.lang));
}
