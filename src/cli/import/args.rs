//! `wxops import` as typed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::{Manifests, Output, Place};
use crate::resource::spec::Mode;
use crate::wechat::Appid;

/// Arguments of `import`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops import -f tenants/                                   (into tenants/imported/)
  wxops import -f tenants/ --mapping names.csv --extract-class school
  wxops import -f platform.yaml --appid wx1111111111111111 -o tenants/ --mode enforce

  wxops import -f tenants/ --tenant-of wx2222222222222222=wx1111111111111111

A mapping is CSV with the columns appid, name, item, class, labels.<label>, values.<value>, or YAML, which belongs
outside the manifests' folder: wx1111111111111111: {name: sunrise, class: school, labels: {city: hangzhou}}
Accounts of one name are one tenant; `item` is what a mini-program is called among the tenant's.

A mini-program that nothing is said of joins the official account of the same principal that shares its open account,
is linked to it, or is the principal's only one; each line says why. Any other becomes a tenant of its own.

Nothing is changed at WeChat, and no file is overwritten. Exit code 1 when an account could not be read; the files
of the others are written.")]
pub struct ImportArgs {
    #[command(flatten)]
    pub(super) manifests: Manifests,
    #[command(flatten)]
    pub(super) place: Place,

    /// The platform whose accounts are taken over; may be left out where there is only one.
    #[arg(long, value_name = "NAME")]
    pub(super) platform: Option<String>,

    /// Only this account (may be given several times); else all that authorized the platform.
    #[arg(long = "appid", value_name = "APPID")]
    pub(super) appids: Vec<String>,

    /// Folder for the new files [default: `imported` beside the manifests]
    #[arg(short = 'o', long = "out", value_name = "DIR")]
    pub(super) out: Option<PathBuf>,

    /// Put what the imported tenants share into a TenantClass of this name: those that the mapping gives no class.
    #[arg(long, value_name = "NAME")]
    pub(super) extract_class: Option<String>,

    /// Names, classes, labels and values by appid: a YAML or CSV file.
    #[arg(long, value_name = "FILE")]
    pub(super) mapping: Option<PathBuf>,

    /// The mini-program APP belongs to the tenant of ACCOUNT, both by appid (may be given several times).
    #[arg(long, value_name = "APP=ACCOUNT", value_parser = pair)]
    pub(super) tenant_of: Vec<(Appid, Appid)>,

    /// Give every mini-program a tenant of its own, unless --mapping or --tenant-of says otherwise.
    #[arg(long)]
    pub(super) apart: bool,

    /// What the new tenants' policy says about differences.
    #[arg(long, value_enum, default_value = "observe")]
    pub(super) mode: ModeArg,

    /// How the report is printed.
    #[arg(long, value_enum, default_value = "human")]
    pub(super) output: Output,
}

/// Whether differences are acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ModeArg {
    /// They are only shown: look first.
    Observe,
    /// They are acted on.
    Enforce,
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Observe => Self::Observe,
            ModeArg::Enforce => Self::Enforce,
        }
    }
}

/// `wx2222222222222222=wx1111111111111111`
fn pair(text: &str) -> Result<(Appid, Appid), String> {
    let (app, account) = text
        .split_once('=')
        .ok_or("give two appids, as in wx2222222222222222=wx1111111111111111")?;
    let appid = |text: &str| Appid::parse(text.trim()).map_err(|error| error.to_string());
    Ok((appid(app)?, appid(account)?))
}
