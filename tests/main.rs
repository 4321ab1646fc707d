//! The tests of the library and of the real binary, in one program: it is linked once, and what they share is compiled
//! once. `docs/tests.md` says what each module holds; `cargo test --test all NAME::` runs one of them.
//!
//! The tests that record what is logged have a program of their own, `tests/edge`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    reason = "tests fail by panicking, and some print a report"
)]

mod support;

#[cfg(target_os = "linux")]
mod ci;
mod cli;
mod clock;
mod consent;
mod dance_school;
mod demo;
mod doubt;
mod emptiness;
mod errors_docs;
#[cfg(target_os = "linux")]
mod fetch;
mod help;
mod history;
mod import;
mod intake;
mod judge;
mod kill;
mod languages;
mod manifest_docs;
mod mutated;
mod new_shop;
mod older;
mod pass;
mod plan_output;
mod properties;
mod push;
mod push_properties;
mod put_back;
mod puts;
mod raw;
mod readme;
mod records;
mod registrations;
mod rivals;
mod scenarios;
mod schema;
mod secrets;
mod several;
mod simulator;
mod states_of_code;
mod store_crash;
mod switched;
mod takeover;
mod terminal;
mod tidy;
#[cfg(target_os = "linux")]
mod unattended;
mod units;
mod validate;
mod wechat_docs;
