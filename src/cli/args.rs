//! Arguments that several verbs take, and those of the verbs that have few.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::api_base::ApiBase;
use super::author::AuthorArgs;

/// Where the manifests are.
#[derive(Debug, Clone, Args)]
pub struct Manifests {
    /// Folder or file with manifests.
    #[arg(
        short = 'f',
        long = "file",
        value_name = "PATH",
        default_value = ".",
        env = "WXOPS_MANIFESTS"
    )]
    pub(super) path: PathBuf,
}

/// Where the manifests are and which tenants are meant.
#[derive(Debug, Clone, Args)]
pub struct Selection {
    #[command(flatten)]
    pub(super) manifests: Manifests,

    /// Only this tenant (may be given several times).
    #[arg(long = "tenant", value_name = "NAME", help_heading = "Selection")]
    pub tenants: Vec<String>,

    /// Only tenants with this label (all of them, when given several times).
    #[arg(
        short = 'l',
        long = "selector",
        value_name = "LABEL=VALUE",
        help_heading = "Selection"
    )]
    pub labels: Vec<String>,

    /// Only the tenant with this account.
    #[arg(long = "appid", value_name = "APPID", help_heading = "Selection")]
    pub appids: Vec<String>,
}

/// Which store, which WeChat, which clock.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// Folder of the embedded store; else the user's state directory.
    #[arg(
        long,
        value_name = "DIR",
        env = "WXOPS_STORE",
        help_heading = "Store and WeChat"
    )]
    pub store: Option<PathBuf>,

    /// WeChat's address, in place of what the Platform says.
    #[arg(
        long,
        value_name = "URL",
        env = "WXOPS_API_BASE",
        hide_env_values = true,
        help_heading = "Store and WeChat"
    )]
    pub api_base: Option<ApiBase>,

    /// A clock shared with the simulator: a file with an offset in milliseconds. Refused unless WeChat's address is
    /// a loopback one.
    #[arg(long, value_name = "FILE", env = "WXOPS_CLOCK", hide = true)]
    pub clock: Option<PathBuf>,
}

/// What is taken for granted of hosts.
#[derive(Debug, Clone, Copy, Args)]
pub struct Reach {
    /// Take the hosts of webview domains to serve their confirm file, without looking: for hosts that WeChat reaches and
    /// this machine does not.
    #[arg(long)]
    pub(super) assume_reachable: bool,
}

/// How results are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    Human,
    /// For programs.
    Json,
}

/// How a plan is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PlanOutput {
    /// For people.
    Human,
    /// For programs; docs/plan.schema.json says every field.
    Json,
    /// For a comment on a merge request, never longer than one may be.
    Markdown,
}

/// Arguments of `plan`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops plan -f tenants/
  wxops plan -f tenants/ -l city=hangzhou --output json
  wxops plan -f tenants/ --output markdown > comment.md
  wxops plan -f tenants/ --detailed-exitcode      (2 when something would change)
  wxops plan -f tenants/ --out plan.json          (apply exactly this: wxops apply plan.json)")]
pub struct PlanArgs {
    #[command(flatten)]
    pub(super) selection: Selection,
    #[command(flatten)]
    pub(super) place: Place,
    /// How the plan is printed.
    #[arg(long, value_enum, default_value = "human")]
    pub(super) output: PlanOutput,
    /// Exit 2 when something would change.
    #[arg(long)]
    pub(super) detailed_exitcode: bool,
    /// Save which steps were shown; `wxops apply FILE` does those and no other. Good for 24 hours, holds no secret.
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// List tenants in sync too.
    #[arg(long)]
    pub(super) all: bool,
    #[command(flatten)]
    pub(super) reach: Reach,
}

/// Arguments of `apply`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops apply -f tenants/
  wxops apply -f tenants/ --tenant sunrise-dance --auto-approve
  wxops apply plan.json                           (what `wxops plan --out plan.json` showed, and nothing else)

Steps that cost something need an approval of their own (wxops approve); neither a yes nor --auto-approve is one.")]
pub struct ApplyArgs {
    /// A saved plan. It names the manifests and the tenants itself, so -f is not looked at.
    #[arg(
        value_name = "PLAN",
        conflicts_with_all = ["tenants", "labels", "appids", "auto_approve"]
    )]
    pub(super) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(super) selection: Selection,
    #[command(flatten)]
    pub(super) place: Place,
    #[command(flatten)]
    pub(super) author: AuthorArgs,
    /// Do not ask before making the changes.
    #[arg(long)]
    pub(super) auto_approve: bool,
    /// Look again until nothing waits for anybody; exit 6 if something still does in the end.
    #[arg(long, conflicts_with = "plan")]
    pub(super) wait: bool,
    /// How long to wait, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 1800)]
    pub(super) timeout: u64,
    #[command(flatten)]
    pub(super) reach: Reach,
    /// Apply though the `wxops run` of this store has other manifests in force: it will change them back.
    #[arg(long)]
    pub(super) beside_loop: bool,
}

/// Arguments of `authorize`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops authorize -f tenants/ sunrise-dance
  wxops authorize -f tenants/ sunrise-dance --wait --timeout 600")]
pub struct AuthorizeArgs {
    /// The tenant whose owner is to scan; TENANT:NAME for one of its mini-programs.
    #[arg(value_name = "TENANT[:NAME]")]
    pub(super) tenant: String,
    #[command(flatten)]
    pub(super) manifests: Manifests,
    #[command(flatten)]
    pub(super) place: Place,
    /// Wait until the owner has scanned.
    #[arg(long)]
    pub(super) wait: bool,
    /// How long to wait, in seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 1800)]
    pub(super) timeout: u64,
}

/// Arguments of `menu`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops menu match -f tenants/ sunrise-dance oAAAAAAAAAAAAAAAAAAAAAAAAAAA
  wxops menu match -f tenants/ sunrise-dance a_wechat_id --output json")]
pub struct MenuArgs {
    #[command(subcommand)]
    pub(super) verb: MenuVerb,
}

/// What to ask about menus.
#[derive(Debug, Clone, Subcommand)]
pub enum MenuVerb {
    /// Show the menu that one follower sees, and which of the live menus it is
    Match(MatchArgs),
}

/// Arguments of `menu match`.
#[derive(Debug, Clone, Args)]
pub struct MatchArgs {
    /// The tenant whose account it is.
    pub(super) tenant: String,
    /// The follower: an openid or a WeChat id (微信号).
    pub(super) user: String,
    #[command(flatten)]
    pub(super) manifests: Manifests,
    #[command(flatten)]
    pub(super) place: Place,
    /// How the menu is printed.
    #[arg(long, value_enum, default_value = "human")]
    pub(super) output: Output,
}

/// Arguments of `op`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops op list
  wxops op show open/create/wx1111111111111111
  wxops op resolve open/create/wx1111111111111111 --as done --id openAccount.appId=wx9999999999999999
  wxops op assume -f tenants/ sunrise-dance:main avatar")]
pub struct OpArgs {
    #[command(subcommand)]
    pub(super) verb: OpVerb,
}

/// What to do with operations.
#[derive(Debug, Clone, Subcommand)]
pub enum OpVerb {
    /// List operations, those that are not settled first
    List {
        #[command(flatten)]
        place: Place,
        /// How the table is printed.
        #[arg(long, value_enum, default_value = "human")]
        output: Output,
    },
    /// Show one operation and its trail
    Show {
        /// `ACTION/APPID`, as `op list` prints it.
        key: String,
        #[command(flatten)]
        place: Place,
    },
    /// Say what became of an operation that no probe can settle
    Resolve {
        /// `ACTION/APPID`, as `op list` prints it.
        key: String,
        /// What became of it, as seen in WeChat's console.
        #[arg(long = "as", value_enum)]
        outcome: Resolution,
        /// An id it made: NAME=VALUE.
        #[arg(long = "id", value_name = "NAME=VALUE")]
        ids: Vec<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Say that what is there is what the manifest says, where WeChat never shows it
    Assume(AssumeArgs),
}

/// Arguments of `op assume`.
#[derive(Debug, Clone, Args)]
pub struct AssumeArgs {
    /// The tenant; TENANT:NAME for one of its mini-programs.
    #[arg(value_name = "TENANT[:NAME]")]
    pub(super) tenant: String,
    /// What: `avatar`; `nickname` or `links/NAME`, with `--differs`, where nothing came of the last request.
    pub(super) resource: String,
    /// It is something else than the manifest says: it counts as a difference from now on.
    #[arg(long)]
    pub(super) differs: bool,
    #[command(flatten)]
    pub(super) manifests: Manifests,
    #[command(flatten)]
    pub(super) place: Place,
}

/// What a person saw of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Resolution {
    /// It took effect.
    Done,
    /// It did not.
    NotDone,
}

/// Arguments of `sidecar`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops sidecar -f tenants/ --listen 0.0.0.0:8080
  wxops sidecar -f tenants/ --listen 127.0.0.1:0 --api-base http://127.0.0.1:9000")]
pub struct SidecarArgs {
    #[command(flatten)]
    pub(super) manifests: Manifests,
    #[command(flatten)]
    pub(super) place: Place,
    /// Where to listen; behind the TLS of the host that `callback.url` names.
    #[arg(
        long,
        value_name = "ADDR",
        default_value = "127.0.0.1:8080",
        env = "WXOPS_LISTEN"
    )]
    pub(super) listen: SocketAddr,
}

/// Arguments of `demo`.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Keep the folder with manifests and store, and print where it is.
    #[arg(long)]
    pub(super) keep: bool,
}

impl Selection {
    /// All tenants of a folder, or the one that is named.
    pub(super) fn of(path: &Path, tenant: Option<&str>) -> Self {
        Self {
            manifests: Manifests {
                path: path.to_owned(),
            },
            tenants: tenant.map(str::to_owned).into_iter().collect(),
            labels: Vec::new(),
            appids: Vec::new(),
        }
    }
}
