//! What a mini-program (小程序) has: its identity, and what users find of it.
//!
//! Most of it is read at once with `getaccountbasicinfo`, which also says how often each part may still be changed.

mod profile;
mod signature;

pub(super) use profile::objection;
pub use signature::Signature;
