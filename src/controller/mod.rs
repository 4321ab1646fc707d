//! When, and for whom: desired state from its source, who may do what, the clients that speak for platforms. What a pass
//! over one tenant is, stays in `reconcile`; whoever runs passes, a verb or the loop, begins here.
//!
//! ```text
//! folder ──► Loaded ──► guards ──► mandate ─┐
//!                └────► access ──► clients ─┴─► observer, actor ──► reconcile
//! ```

mod access;
mod beside;
mod cadence;
mod clients;
mod commit;
pub mod fleet;
pub mod folder;
mod gatekeeper;
mod guards;
mod host;
mod in_force;
mod keeper;
mod links;
mod lock;
mod moves;
mod platforms;
mod queue;
mod standing;
mod watching;

pub use access::{AccessError, accesses};
pub use beside::{Beside, NotTold, Told};
pub use cadence::DRIFT;
pub use clients::{Clients, owner};
pub use commit::{given, head};
pub use gatekeeper::Doors;
pub use guards::{Guard, Guards};
pub use host::{Host, HostConfig, HostError, METRICS, Metric, PrivateError};
pub use in_force::{InForce, in_force};
pub use keeper::{AGREE, Keeper, Look};
pub use links::Links;
pub use lock::{Held, Holder, Lock, NotLocked, held};
pub use moves::Moves;
pub use platforms::{NotServed, Platforms};
pub use standing::{Account, Standing, State, standing};

/// An error with everything that caused it, in one line.
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

/// Does work that reads files, where it keeps nobody waiting.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
