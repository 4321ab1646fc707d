//! `wxops trial`: writes the QR code of a mini-program's trial version (体验版), for whoever tries it before it is reviewed.

use std::path::PathBuf;

use clap::Args;

use super::args::{Manifests, Place, Selection};
use super::one_app::{addressed, app_of};
use super::pictures::{asked, write};
use super::session::Session;
use super::stop::{Stop, stop};
use super::{Exit, Io};
use crate::cli::failed::{OrSay as _, no_tenant};
use crate::client::Addressee;
use crate::wechat::picture::qr_code_request;

/// Arguments of `trial`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops trial -f tenants/ sunrise-dance --out trial.jpg
  wxops trial -f tenants/ sunrise-dance:main --page pages/list/list --out trial.jpg

Who may open it are the app's testers (`testers` in the manifest) and its administrator.")]
pub struct TrialArgs {
    /// The tenant, or one of its mini-programs as TENANT:NAME.
    pub(super) tenant: String,
    /// Which of its mini-programs; not needed where it has one.
    #[arg(long, value_name = "NAME")]
    pub(super) item: Option<String>,
    /// The page it opens, with its parameters if it has any; else the first.
    #[arg(long, value_name = "PATH")]
    pub(super) page: Option<String>,
    /// The file to write: a JPEG.
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
    #[command(flatten)]
    pub(super) manifests: Manifests,
    #[command(flatten)]
    pub(super) place: Place,
}

/// Runs the verb.
pub(super) async fn run(args: TrialArgs, io: &mut Io) -> Exit {
    match written(&args, io).await {
        Ok(()) => Exit::Fine,
        Err(Stop(exit)) => exit,
    }
}

async fn written(args: &TrialArgs, io: &mut Io) -> Result<(), Stop> {
    let to = addressed(&args.tenant, args.item.as_deref());
    let selection = Selection::of(&args.manifests.path, Some(&to.tenant));
    let session = Session::open(&selection, &args.place, io).await?;
    let done = write_code(&session, args, &to, io).await;
    done.map_err(|error| stop(io, &error))?;
    io.say(args.out.display());
    Ok(())
}

async fn write_code(
    session: &Session,
    args: &TrialArgs,
    to: &Addressee,
    io: &Io,
) -> anyhow::Result<()> {
    let tenant = session.tenants.first();
    let tenant = tenant.or_say(|| no_tenant(&to.tenant))?;
    let account = app_of(session, tenant, to.item.as_deref()).await?;
    let reader = session.observer(tenant)?.reader;
    let read = qr_code_request(&account, args.page.as_deref());
    let picture = asked(&reader, &tenant.platform, &read, io).await?;
    write(&args.out, &picture.bytes)
}
