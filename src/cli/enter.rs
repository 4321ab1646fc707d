//! From a parsed command line to its exit code: the runtime, the log, the verb.

use std::io::ErrorKind;

use tracing_subscriber::EnvFilter;

use super::io::Log;
use super::verbs::{Cli, Verb};
use super::{Exit, Hooks, Io};
use crate::plan::Text;

/// Runs one command to its end.
#[must_use]
pub fn run(cli: Cli, hooks: Hooks) -> Exit {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let mut io = Io::standard(cli.lang(locale.as_deref()));
    io.hooks = hooks;
    log(default_level(&cli.verb));
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            io.note(format_args!("error: start: {error}"));
            return Exit::Error;
        }
    };
    let exit = runtime.block_on(verb(cli.verb, &mut io));
    let exit = if is_whole(&mut io) {
        exit
    } else {
        Exit::first_of(&[exit, Exit::Error])
    };
    // What is still running (a read nobody waits for) must not keep the process.
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    exit
}

/// Whether what was printed got out, which is said where it did not. A reader that has seen enough (`| head`) is no error.
fn is_whole(io: &mut Io) -> bool {
    let Some(lost) = io.lost() else { return true };
    if lost.kind() == ErrorKind::BrokenPipe {
        return true;
    }
    let why = lost.to_string();
    let text = Text::new(
        format!("输出没有写完：{why}"),
        format!("what was printed could not be written whole: {why}"),
    );
    io.error(text.in_lang(io.lang).to_owned());
    false
}

/// What a verb logs where nobody says: one that runs unattended tells what it does.
fn default_level(verb: &Verb) -> &'static str {
    if matches!(verb, Verb::Run(_)) {
        "info"
    } else {
        "warn"
    }
}

/// Logs go to stderr; `WXOPS_LOG` chooses (`info`, `wxops::client=debug`), `WXOPS_LOG_FORMAT=json` for machines.
fn log(level: &str) {
    let filter = EnvFilter::try_from_env("WXOPS_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let json = std::env::var("WXOPS_LOG_FORMAT").is_ok_and(|format| format == "json");
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(move || Log { json });
    // A second call in one process (tests) keeps the first log.
    let _ = if json {
        builder.json().try_init()
    } else {
        builder.try_init()
    };
}

async fn verb(verb: Verb, io: &mut Io) -> Exit {
    match verb {
        Verb::Validate(args) => super::validate::run(&args, io),
        Verb::Render(args) => super::render::run(&args, io),
        Verb::Schema(args) => super::schema::run(&args, io),
        Verb::Explain(args) => super::explain::run(&args, io),
        Verb::Plan(args) => super::plan::run(args, io).await,
        Verb::Apply(args) => super::apply::run(args, io).await,
        Verb::Approve(args) => super::approve::run(args, io).await,
        Verb::Status(args) => super::status::run(args, io).await,
        Verb::Why(args) => super::why::run(args, io).await,
        Verb::Output(args) => super::output::run(args, io).await,
        Verb::Quota(args) => super::quota::run(args, io).await,
        Verb::History(args) => super::history::run(args, io).await,
        Verb::Restore(args) => super::restore::run(args, io).await,
        Verb::Authorize(args) => super::authorize::run(args, io).await,
        Verb::Users(args) => super::users::run(args, io).await,
        Verb::Import(args) => super::import::run(args, io).await,
        Verb::Op(args) => super::op::run(args, io).await,
        Verb::Claim(args) => super::claim::run(args, io).await,
        Verb::Store(args) => super::store::run(args, io).await,
        Verb::Menu(args) => super::menu::run(args, io).await,
        Verb::Template(args) => super::template::run(args, io).await,
        Verb::Audit(args) => super::audit::run(args, io).await,
        Verb::Trial(args) => super::trial::run(args, io).await,
        Verb::ConfirmFile(args) => super::confirm_file::run(args, io).await,
        Verb::Sidecar(args) => super::sidecar::run(args, io).await,
        Verb::Run(args) => super::run::run(args, io).await,
        Verb::Pause(args) => super::pause::pause(args, io).await,
        Verb::Resume(args) => super::pause::resume(args, io).await,
        Verb::Reconcile(args) => super::pause::reconcile(args, io).await,
        Verb::Simulator(args) => super::simulator::run(args, io).await,
        Verb::Demo(args) => super::demo::run(args, io).await,
    }
}
