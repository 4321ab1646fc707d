//! The `wxops` program: parse, run, exit code.

use std::process::ExitCode;

use clap::Parser as _;
use mimalloc::MiMalloc;
use wxops::cli::{Cli, Exit, Hooks, run};

/// Of ten thousand tenants some 50 MiB are in use at any time, by a few threads in turn. glibc has a heap for each thread
/// and gives back only its end: it held 170 MiB for them (docs/benchmarks.md, `fleet`). Nor does it ask for huge pages
/// (`no_thp`): of each 2 MiB of which one byte is in use all would be.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

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
