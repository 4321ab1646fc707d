//! `wxops audit`: what the reviewers of a mini-program's code found.

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde::Deserialize as _;

use super::args::{Manifests, Place, Selection};
use super::one_app::{addressed, app_of};
use super::pictures::{asked, write};
use super::session::Session;
use super::stop::{Stop, not_in_trouble, stop};
use super::{Exit, Io};
use crate::cli::failed::{Failed, OrSay as _, no_tenant};
use crate::client::Addressee;
use crate::plan::{Lang, Why};
use crate::resource::app::code::plain;
use crate::store::documents::{REVIEW_OF_CODE, ReviewDoc};
use crate::store::{Key, Store};
use crate::wechat::code::{Audit, AuditState, latest_request};
use crate::wechat::picture::material_request;
use crate::wechat::{Answer, Appid};

/// Arguments of `audit`.
#[derive(Debug, Clone, Args)]
pub struct AuditArgs {
    #[command(subcommand)]
    pub(super) verb: AuditVerb,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum AuditVerb {
    /// Write the pictures of what the reviewers refused, and say their reason
    #[command(after_help = "Examples:
  wxops audit screenshots -f tenants/ sunrise-dance --out refused/
  wxops audit screenshots -f tenants/ sunrise-dance:main --out refused/")]
    Screenshots(ScreenshotsArgs),
}

/// Arguments of `audit screenshots`.
#[derive(Debug, Clone, Args)]
pub struct ScreenshotsArgs {
    /// The tenant, or one of its mini-programs as TENANT:NAME.
    pub(super) tenant: String,
    /// Which of its mini-programs; not needed where it has one.
    #[arg(long, value_name = "NAME")]
    pub(super) item: Option<String>,
    /// The folder to write them to.
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
    #[command(flatten)]
    pub(super) manifests: Manifests,
    #[command(flatten)]
    pub(super) place: Place,
}

/// Runs the verb.
pub(super) async fn run(args: AuditArgs, io: &mut Io) -> Exit {
    let AuditVerb::Screenshots(args) = args.verb;
    match written(&args, io).await {
        Ok(()) => Exit::Fine,
        Err(Stop(exit)) => exit,
    }
}

async fn written(args: &ScreenshotsArgs, io: &mut Io) -> Result<(), Stop> {
    let to = addressed(&args.tenant, args.item.as_deref());
    let selection = Selection::of(&args.manifests.path, Some(&to.tenant));
    let session = Session::open(&selection, &args.place, io).await?;
    let done = fetch(&session, args, &to, io).await;
    done.map_err(|error| stop(io, &error))
}

async fn fetch(
    session: &Session,
    args: &ScreenshotsArgs,
    to: &Addressee,
    io: &mut Io,
) -> anyhow::Result<()> {
    let tenant = session.tenants.first();
    let tenant = tenant.or_say(|| no_tenant(&to.tenant))?;
    let account = app_of(session, tenant, to.item.as_deref()).await?;
    let reader = session.observer(tenant)?.reader;
    let answer = reader.read(&latest_request(&account)).await;
    not_in_trouble(&reader, &tenant.platform, io)?;
    let audit = match &answer {
        Answer::Done(body) => Audit::deserialize(body).ok(),
        Answer::Refused(_) | Answer::Lost(_) => None,
    };
    let Some(audit) = audit else {
        let why = Why::of(&answer);
        let why =
            why.unwrap_or_else(|| Why::unreadable("get_latest_auditstatus", "it is no audit"));
        bail!(Failed::from(why.text));
    };
    let version = audit.user_version.clone().unwrap_or_else(|| "-".to_owned());
    if audit.state() != AuditState::Refused {
        bail!(Failed::new(
            format!("最近一次代码审核（{version}）没有被驳回，没有截图"),
            format!(
                "the last audit of its code ({version}) was not refused, so there are no screenshots"
            ),
        ));
    }
    let pushed = told(&session.store, &account).await?;
    // One from before the submission is about another refusal.
    let submitted = audit
        .submit_audit_time
        .and_then(|at| Timestamp::from_second(at).ok());
    let pushed = pushed.filter(|told| submitted.is_none_or(|at| told.at >= at));
    let (ids, reason) = found(&audit, pushed.as_ref());
    if ids.is_empty() {
        bail!(Failed::new(
            format!("微信没有给出截图；驳回原因：{reason}"),
            format!("WeChat gave no screenshots; the reviewers' reason: {reason}"),
        ));
    }
    io.note(match io.lang {
        Lang::Zh => format!("驳回原因：{reason}"),
        Lang::En => format!("the reviewers' reason: {reason}"),
    });
    let mut failed = None;
    for (n, id) in ids.iter().enumerate() {
        let read = material_request(&account, id);
        let picture = match asked(&reader, &tenant.platform, &read, io).await {
            Ok(picture) => picture,
            Err(error) => {
                // The others may still be there.
                failed = failed.or(Some(error));
                continue;
            }
        };
        let audit = audit
            .auditid
            .map_or_else(|| "audit".to_owned(), |id| id.to_string());
        let name = format!("{}-{audit}-{}.{}", tenant.name, n + 1, picture.ending());
        let path = args.out.join(name);
        write(&path, &picture.bytes)?;
        io.say(path.display());
    }
    failed.map_or(Ok(()), Err)
}

/// What WeChat pushed of the last audit.
async fn told(store: &Store, account: &Appid) -> anyhow::Result<Option<ReviewDoc>> {
    let key = Key::review(account, REVIEW_OF_CODE);
    Ok(store
        .get::<ReviewDoc>(&key)
        .await?
        .map(|stored| stored.value))
}

/// The pictures' ids and the reason: of the answer, else of the push, since some come with that alone.
fn found(audit: &Audit, pushed: Option<&ReviewDoc>) -> (Vec<String>, String) {
    let mut ids = audit.screenshots();
    if let (true, Some(all)) = (
        ids.is_empty(),
        pushed.and_then(|told| told.screenshots.as_ref()),
    ) {
        let each = all.split('|').map(str::trim).filter(|id| !id.is_empty());
        ids = each.map(str::to_owned).collect();
    }
    let said = |reason: Option<&String>| reason.cloned().filter(|reason| !reason.is_empty());
    let reason = said(audit.reason.as_ref()).or(said(pushed.and_then(|told| told.reason.as_ref())));
    (ids, reason.as_deref().map_or_else(|| "-".to_owned(), plain))
}
