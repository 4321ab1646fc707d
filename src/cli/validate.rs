//! `wxops validate`: every mistake of every manifest, in one run, without any network.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;

use super::args::Output;
use super::{Exit, Io};
use crate::client::{Clock as _, SystemClock};
use crate::controller::folder;
use crate::manifest::report;

/// Arguments of `validate`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  wxops validate tenants/
  wxops validate platform.yaml tenants/ --output json

Exit code 9 when there are errors; warnings alone are fine.")]
pub struct ValidateArgs {
    /// Folders and files with manifests [default: the current folder]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,

    /// More of them, as the other verbs name them.
    #[arg(
        short = 'f',
        long = "file",
        value_name = "PATH",
        env = "WXOPS_MANIFESTS"
    )]
    pub(super) files: Vec<PathBuf>,

    /// How problems are printed.
    #[arg(long, value_enum, default_value = "human")]
    pub(super) output: Output,
}

/// Runs the verb.
pub(super) fn run(args: &ValidateArgs, io: &mut Io) -> Exit {
    let started = Instant::now();
    let mut paths = [args.paths.as_slice(), args.files.as_slice()].concat();
    if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    let mut loaded = match folder::load(&paths) {
        Ok(loaded) => loaded,
        Err(error) => {
            io.failed(&anyhow::Error::new(error));
            return Exit::Error;
        }
    };
    loaded.check_expiry(SystemClock.now());
    match args.output {
        Output::Human => {
            let problems = report::human(&loaded);
            let summary = report::summary(&loaded, Some(started.elapsed()));
            io.paint(format_args!("{problems}{summary}"));
        }
        // In one piece: a pipe is written line by line otherwise.
        Output::Json => io.json(&report::json(&loaded)),
    }
    if loaded.has_errors() {
        Exit::InvalidManifests
    } else {
        Exit::Fine
    }
}
