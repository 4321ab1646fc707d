//! `wxops import` as typed.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::args::{Manifests, Output, Place};
use crate::resource::spec::Mode;

/// Arguments of `import`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops import -f tenants/                                   (into tenants/imported/)
  wxops import -f tenants/ --mapping names.csv --extract-class school
  wxops import -f platform.yaml --appid wx1111111111111111 -o tenants/ --mode enforce

A mapping is CSV with the columns appid, name, class, labels.<label>, values.<value>, or YAML, which belongs outside
the manifests' folder: wx1111111111111111: {name: sunrise, class: school, labels: {city: hangzhou}}

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
