//! When, and for whom: desired state from its source, who may do what, the clients that speak for platforms. What a pass
//! over one tenant is, stays in `reconcile`; whoever runs passes, a verb or the loop, begins here.
//!
//! ```text
//! folder ──► Loaded ──► guards ──► mandate ─┐
//!                └────► access ──► clients ─┴─► observer, actor ──► reconcile
//! ```

mod access;
mod clients;
pub mod folder;
mod guards;
mod links;
mod standing;

pub use access::{AccessError, accesses, usable_accesses};
pub use clients::{Clients, owner};
pub use guards::{Guard, Guards};
pub use links::Links;
pub use standing::{Account, Standing, State, standing};
