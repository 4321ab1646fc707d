//! `wxops template`: the platform's library of code (代码模板库).

mod change;
mod list;

use anyhow::bail;
use clap::{Args, Subcommand};

use super::args::{Manifests, Output, Place, Selection};
use super::session::Session;
use super::stop::{Stop, not_in_trouble};
use super::{Exit, Io};
use crate::cli::failed::Failed;
use crate::client::Reader;
use crate::plan::{Text, Why};
use crate::wechat::answer::read_payload;
use crate::wechat::{Answer, Call};

/// Arguments of `template`.
#[derive(Debug, Clone, Args)]
pub struct TemplateArgs {
    #[command(subcommand)]
    pub(super) verb: TemplateVerb,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum TemplateVerb {
    /// Show the templates, who names them, and the drafts that could be made into some
    #[command(after_help = "Examples:
  wxops template list -f tenants/
  wxops template list -f tenants/ --output json")]
    List(ListArgs),
    /// Make a template of a draft
    #[command(after_help = "Examples:
  wxops template promote -f tenants/ 7
  wxops template promote -f tenants/ 7 --platform main

Tenants with `template: {latest: {}}` want it from then on: the next revision is held like any other that changes many.")]
    Promote(ChangeArgs),
    /// Delete a template; versions that were made of it stay where they are
    #[command(after_help = "Examples:
  wxops template delete -f tenants/ 41
  wxops template delete -f tenants/ 41 --yes      (though a manifest names it)")]
    Delete(DeleteArgs),
}

/// Whose library.
#[derive(Debug, Clone, Args)]
pub struct Library {
    /// Which platform; not needed where the manifests have one.
    #[arg(long, value_name = "NAME")]
    pub(super) platform: Option<String>,
    #[command(flatten)]
    pub(super) manifests: Manifests,
    #[command(flatten)]
    pub(super) place: Place,
}

/// Arguments of `template list`.
#[derive(Debug, Clone, Args)]
pub struct ListArgs {
    #[command(flatten)]
    pub(super) library: Library,
    /// How the tables are printed.
    #[arg(long, value_enum, default_value = "human")]
    pub(super) output: Output,
}

/// Arguments of `template promote`.
#[derive(Debug, Clone, Args)]
pub struct ChangeArgs {
    /// The draft's number, as `template list` shows it.
    pub(super) draft: i64,
    #[command(flatten)]
    pub(super) library: Library,
}

/// Arguments of `template delete`.
#[derive(Debug, Clone, Args)]
pub struct DeleteArgs {
    /// The template's number, as `template list` shows it.
    pub(super) template: i64,
    #[command(flatten)]
    pub(super) library: Library,
    /// Delete it though manifests name it: their tenants then wait for another.
    #[arg(long)]
    pub(super) yes: bool,
}

/// Runs the verb.
pub(super) async fn run(args: TemplateArgs, io: &mut Io) -> Exit {
    let done = match &args.verb {
        TemplateVerb::List(args) => list::run(args, io).await,
        TemplateVerb::Promote(args) => change::promote(args, io).await,
        TemplateVerb::Delete(args) => change::delete(args, io).await,
    };
    match done {
        Ok(()) => Exit::Fine,
        Err(Stop(exit)) => exit,
    }
}

async fn open(library: &Library, io: &mut Io) -> Result<Session, Stop> {
    let selection = Selection::of(&library.manifests.path, None);
    Session::open(&selection, &library.place, io).await
}

/// The platform that is meant.
fn platform(session: &Session, library: &Library) -> anyhow::Result<String> {
    let names: Vec<&String> = session.loaded.platforms.keys().collect();
    match (&library.platform, names.as_slice()) {
        (Some(name), _) if session.loaded.platforms.contains_key(name) => Ok(name.clone()),
        (Some(name), _) => bail!(Failed::new(
            format!("配置中没有名为 {name} 的平台"),
            format!("the manifests have no platform `{name}`"),
        )),
        (None, [only]) => Ok((*only).clone()),
        (None, []) => bail!(Failed::new(
            "配置中没有平台".to_owned(),
            "the manifests have no platform".to_owned(),
        )),
        (None, several) => {
            let names = Text::list(several);
            bail!(Failed::new(
                format!("配置中有多个平台（{}）：请用 --platform 指明", names.zh),
                format!(
                    "the manifests have several platforms ({}): say which with --platform",
                    names.en
                ),
            ))
        }
    }
}

/// What a read of the library answers.
async fn ask<T: serde::de::DeserializeOwned>(
    reader: &Reader,
    platform: &str,
    read: &Call,
    io: &Io,
) -> anyhow::Result<T> {
    reader.forget();
    let answer = reader.read(read).await;
    not_in_trouble(reader, platform, io)?;
    if let Answer::Done(body) = &answer {
        match read_payload(read.endpoint, body) {
            Ok(read) => return Ok(read),
            Err(error) => {
                bail!(Failed::from(
                    Why::unreadable(read.endpoint.name, error.detail()).text
                ))
            }
        }
    }
    let why = Why::of(&answer).unwrap_or_else(|| Why::not_asked(read.endpoint.name));
    bail!(Failed::from(why.text))
}
