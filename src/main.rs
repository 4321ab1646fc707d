//! The `wxops` program: parse, run, exit code.

use std::process::ExitCode;

use clap::Parser as _;
use wxops::cli::{Cli, Hooks, run};

fn main() -> ExitCode {
    let cli = Cli::parse();
    ExitCode::from(run(cli, Hooks::default()).code())
}
