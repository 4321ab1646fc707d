//! The command line as typed: the verbs, and what holds for all of them.

use clap::{Parser, Subcommand, ValueEnum};

use super::approve::ApproveArgs;
use super::args::{ApplyArgs, AuthorizeArgs, DemoArgs, MenuArgs, OpArgs, PlanArgs, SidecarArgs};
use super::audit::AuditArgs;
use super::claim::ClaimArgs;
use super::confirm_file::ConfirmFileArgs;
use super::explain::ExplainArgs;
use super::history::HistoryArgs;
use super::import::ImportArgs;
use super::output::OutputArgs;
use super::pause::{PauseArgs, ReconcileArgs, ResumeArgs};
use super::quota::QuotaArgs;
use super::render::RenderArgs;
use super::restore::RestoreArgs;
use super::run::RunArgs;
use super::schema::SchemaArgs;
use super::status::StatusArgs;
use super::store::StoreArgs;
use super::template::TemplateArgs;
use super::trial::TrialArgs;
use super::users::UsersArgs;
use super::validate::ValidateArgs;
use super::why::WhyArgs;
use crate::plan::Lang;

/// GitOps for WeChat third-party platforms (第三方平台): declare official accounts in YAML, see the difference, apply it.
#[derive(Debug, Parser)]
#[command(
    name = "wxops",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,

    /// Language of what people act on; else the locale decides.
    #[arg(long, global = true, value_enum, env = "WXOPS_LANG")]
    pub lang: Option<LangArg>,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Check manifests without any network
    Validate(ValidateArgs),
    /// Print a tenant as merged from its class, defaults filled in
    Render(RenderArgs),
    /// Print the JSON Schema of manifests, for editors
    Schema(SchemaArgs),
    /// Explain a mistake that `validate` found
    Explain(ExplainArgs),
    /// Compare the manifests with WeChat and show what would change; changes nothing
    Plan(PlanArgs),
    /// Plan, ask, and make the changes
    Apply(ApplyArgs),
    /// Say yes to a step that costs something, or to a revision that changes many tenants
    Approve(ApproveArgs),
    /// Show every tenant: its account, whom it waits for, its last pass
    Status(StatusArgs),
    /// Say what one tenant waits for, step by step, and who must act
    Why(WhyArgs),
    /// Print what business code needs back: appids, ids, names
    Output(OutputArgs),
    /// Show what was taken from WeChat's quotas, and what is left
    Quota(QuotaArgs),
    /// Show what was changed, when, by whom, and what was there before
    History(HistoryArgs),
    /// Put back what was there before an entry of the history
    Restore(RestoreArgs),
    /// Print the link by which a tenant's owner authorizes the platform
    Authorize(AuthorizeArgs),
    /// Print the followers of a tenant's official account; keeps nothing of them
    Users(UsersArgs),
    /// Write manifests for accounts that authorized the platform already; changes nothing at WeChat
    Import(ImportArgs),
    /// Look at operations that may happen at most once, and resolve what no probe can
    Op(OpArgs),
    /// Look at which tenant an account belongs to, and give back one whose tenant is no more
    Claim(ClaimArgs),
    /// Back up, restore, check and re-key the store
    Store(StoreArgs),
    /// Ask WeChat about an account's menus; changes nothing
    Menu(MenuArgs),
    /// Look at the platform's library of code, make a template of a draft, delete one
    Template(TemplateArgs),
    /// Fetch what the reviewers of a mini-program's code found
    Audit(AuditArgs),
    /// Write the QR code of a mini-program's trial version
    Trial(TrialArgs),
    /// Write the file that the hosts of a mini-program's webview domains must serve
    ConfirmFile(ConfirmFileArgs),
    /// Take WeChat's pushes and serve the authorization pages
    Sidecar(SidecarArgs),
    /// Follow the manifests, take pushes, and bring every tenant home, for as long as it runs
    Run(RunArgs),
    /// Write nothing at WeChat for a tenant, or for all of a platform, until it is resumed
    Pause(PauseArgs),
    /// Go on with what was paused
    Resume(ResumeArgs),
    /// Have the running `wxops run` look at a tenant now
    Reconcile(ReconcileArgs),
    /// Run a stand-in for WeChat
    Simulator(crate::simulator::Args),
    /// Show everything in one minute: a simulated WeChat, three tenants, plan, apply, plan again
    Demo(DemoArgs),
}

/// Language of what people act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LangArg {
    /// 中文
    Zh,
    /// English
    En,
}

impl Cli {
    /// The reader's language: the argument, else the locale.
    #[must_use]
    pub fn lang(&self, locale: Option<&str>) -> Lang {
        match self.lang {
            Some(LangArg::Zh) => Lang::Zh,
            Some(LangArg::En) => Lang::En,
            None if locale.is_some_and(|locale| locale.starts_with("zh")) => Lang::Zh,
            None => Lang::En,
        }
    }
}
