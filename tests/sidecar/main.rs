//! The sidecar against a simulated WeChat: pushes good and bad, messages passed on, owners' pages, health.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

#[path = "../edge/mod.rs"]
mod edge;

mod browser;
mod health;
mod messages;
mod notices;
mod pages;
mod place;
mod refused;
