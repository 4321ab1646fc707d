//! The client against a simulated WeChat: tokens, doubt, writes, authorization codes, secrets.

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

mod adoption;
mod codes;
mod doubt;
mod script;
mod tokens;
mod wire;
mod writes;
