//! What tests of the client and of the sidecar share: a simulated WeChat in this process, a store that can fail, and
//! a record of everything logged, searched for secrets.

#![allow(
    dead_code,
    reason = "each of the two test binaries uses its own part of this"
)]

#[path = "../support/control.rs"]
pub mod control;
pub mod flaky;
pub mod logs;
pub mod world;
