//! The endpoint that WeChat and account owners reach: pushes in, authorization pages, health.
//!
//! ```text
//! push ──► intake (bounded, signature, decrypt) ──► stored ──► `success` ──► wake        notices
//!                                                └► passed on raw, answered in 5 s       messages
//! owner ──► /authorize/{link} ──click──► WeChat ──► …/callback ──► exchanged, checked, pinned
//!       └─► /register/{link}  ──click──► WeChat ──► …/callback ──► the scan's ticket is stored, a pass registers
//! ```
//!
//! A push is stored before it is answered `success`, and never acts, but for one thing: an authorization code dies
//! within minutes, so it is exchanged at once and its tokens stored, and tried again by itself while WeChat does not
//! answer. Everything else only wakes whoever waits. What cannot be used is counted by reason, for `plan` and `status`.

mod admit;
mod callback;
mod clicks;
mod codes;
mod config;
mod confirm;
mod connection;
mod counts;
mod error;
mod exchange;
mod health;
mod intake;
mod messages;
mod notices;
mod originals;
mod page;
mod pages;
mod passing;
mod paths;
mod platform;
mod register;
mod replay;
mod reviews;
mod route;
mod scan;
mod serve;
mod server;
mod shared;
mod stray;
mod tally;
mod ticket;
mod trouble;
mod whose;
mod window;

pub use config::{Expected, Gatekeeper, Objection, Registering, Served, SidecarConfig};
pub use error::SidecarError;
pub use serve::{PRIVATE, serve};
pub use server::{Running, start};

/// An error with everything that caused it, in one line. Of ours alone: none of them holds a URL or a body.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
