//! What tests of the real binary share: processes, the simulator's control API, a stage with everything on it.

#![allow(dead_code, reason = "every test binary uses its own part of this")]

pub mod actor;
pub mod broken_files;
pub mod browser;
pub mod chinese;
pub mod control;
pub mod files;
pub mod fleet;
pub mod foreign;
pub mod meddled;
pub mod page;
pub mod play;
pub mod printed;
pub mod process;
pub mod registered;
pub mod relay;
pub mod script;
pub mod stage;
pub mod transcript;
pub mod web;
