//! The `wxops` program: parse, run, exit code.

use std::process::ExitCode;

use clap::Parser as _;
use wxops::cli::{Cli, Exit, Hooks, run};

fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => ExitCode::from(run(cli, Hooks::default()).code()),
        Err(shown) => {
            // Help is fine, a mistake is an error: clap's own 2 would say that changes are present.
            let exit = if shown.use_stderr() {
                Exit::Error
            } else {
                Exit::Fine
            };
            wxops::cli::print_mistake(&shown);
            ExitCode::from(exit.code())
        }
    }
}
