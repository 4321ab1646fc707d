//! The client and the sidecar against a simulated WeChat in this process, on a store that can fail, with everything
//! that is logged recorded and searched for secrets: a program of its own, since a process has one log.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

#[path = "../support/control.rs"]
#[allow(dead_code, reason = "the other test program uses the rest of it")]
mod control;
mod flaky;
mod logs;
mod world;

mod client;
mod sidecar;
