//! `wxops confirm-file`: writes the confirm file of a mini-program's webview domains, or of the platform's, for a web root
//! that wxops does not serve.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use serde::Deserialize as _;

use super::args::{Manifests, Place, Selection};
use super::one_app::app_of;
use super::pictures;
use super::session::Session;
use super::stop::{Stop, not_in_trouble, stop};
use super::{Exit, Io};
use crate::cli::failed::{Failed, OrSay as _, no_tenant};
use crate::manifest::is_platform;
use crate::plan::Why;
use crate::reconcile::keep_file;
use crate::wechat::domain::{ConfirmFile, confirm_request};
use crate::wechat::{Answer, platform_domain};

/// Arguments of `confirm-file`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops confirm-file -f tenants/ sunrise-dance --item main --out /var/www/h5/
  wxops confirm-file -f tenants/ @main --out /var/www/h5/      (that of the platform `main`, for its own list)

The file must be served as it is, at the root of each host of `domains.webview`. `wxops run` and `wxops sidecar` serve it at
their own address.")]
pub struct ConfirmFileArgs {
    /// The tenant; @NAME for the platform of that name.
    pub(super) tenant: String,
    /// Which of its mini-programs; not needed where it has one.
    #[arg(long, value_name = "NAME")]
    pub(super) item: Option<String>,
    /// The folder to write it to.
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
    #[command(flatten)]
    pub(super) manifests: Manifests,
    #[command(flatten)]
    pub(super) place: Place,
}

/// Runs the verb.
pub(super) async fn run(args: ConfirmFileArgs, io: &mut Io) -> Exit {
    match written(&args, io).await {
        Ok(()) => Exit::Fine,
        Err(Stop(exit)) => exit,
    }
}

async fn written(args: &ConfirmFileArgs, io: &mut Io) -> Result<(), Stop> {
    let selection = Selection::of(&args.manifests.path, Some(&args.tenant));
    let session = Session::open(&selection, &args.place, io).await?;
    let path = write(&session, args, io)
        .await
        .map_err(|error| stop(io, &error))?;
    io.say(path.display());
    Ok(())
}

async fn write(session: &Session, args: &ConfirmFileArgs, io: &Io) -> anyhow::Result<PathBuf> {
    let tenant = session.tenants.first();
    let tenant = tenant.or_say(|| no_tenant(&args.tenant))?;
    let reader = session.observer(tenant)?.reader;
    let read = if is_platform(&tenant.name) && args.item.is_none() {
        platform_domain::confirm_request(reader.platform())
    } else {
        confirm_request(&app_of(session, tenant, args.item.as_deref()).await?)
    };
    let answer = reader.read(&read).await;
    not_in_trouble(&reader, &tenant.platform, io)?;
    let file = match &answer {
        Answer::Done(body) => ConfirmFile::deserialize(body).ok(),
        Answer::Refused(_) | Answer::Lost(_) => None,
    };
    let Some(file) = file.filter(ConfirmFile::is_sound) else {
        let why = Why::of(&answer).unwrap_or_else(|| {
            Why::unreadable(read.endpoint.name, "it holds no file to be served")
        });
        bail!(Failed::from(why.text));
    };
    keep_file(&session.store, &read.subject, &file).await?;
    let path = args.out.join(&file.file_name);
    pictures::write(&path, file.file_content.as_bytes())?;
    Ok(path)
}
