//! The simulator from outside: what it answers on the wire and what its control API does. WeChat's documents are
//! the yardstick, not the client next door.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests fail by panicking"
)]

mod conditional;
mod control;
mod credentials;
mod docs;
mod faults;
mod flow;
mod http;
mod links;
mod pages;
mod pushes;
mod rows;
mod table;
mod templates;
mod world;
