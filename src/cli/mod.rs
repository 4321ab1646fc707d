//! The command line: one file per verb. Everything a verb does, the library can do without it.

mod apply;
mod approve;
mod args;
mod author;
mod authorize;
mod browser;
mod credentials;
mod demo;
mod done;
mod exit;
mod files;
mod guards;
mod history;
mod import;
mod io;
mod links;
mod manifests;
mod op;
mod plan;
mod progress;
mod render;
mod report;
mod run;
mod saved;
mod session;
mod sidecar;
mod simulator;
mod slip;
mod status;
mod validate;
mod words;

pub use args::Cli;
pub use exit::Exit;
pub use io::{Hooks, Io, WrapStore};
pub use run::run;
