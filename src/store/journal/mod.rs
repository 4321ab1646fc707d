//! At most once: what is written down before a request that must not be repeated, and how a crash is survived.
//!
//! ```text
//!            reserve          arm            send           answer
//!   Open ────────────► Reserved ────► Armed ─ ─ ─ ─► WeChat ─ ─ ─ ─► Settled(Done | Refused)
//!     │                   │  ▲          │                                ▲
//!     │ abandon, recover  │  └──────────┤ token refused, not sent        │ probe, person
//!     ▼                   ▼             │ no answer, holder died         │
//!   Settled(NotSent) ◄────┘             └───────────► Doubt ─────────────┤
//!                                                       └──► Stalled ────┘  the probe cannot tell
//! ```
//!
//! There is one document per action and account. Every arrow is one compare-and-swap on exactly the state its
//! mover last saw, so of two holders one is fenced off at its next move, and [`Armed`], without which the client
//! sends nothing, exists only after such a write. What this room promises:
//!
//! - A request that may have had an effect is followed by another one only after a probe, an answer or a person
//!   has said that the first had none, or after an observation made later than its outcome.
//! - No probe counts that began before a request sent at the last allowed moment has surely ended.
//! - What was found not done twice in a row, and what WeChat answered with a code in no table, is not for the journal
//!   to try again: [`OpDoc::held`] says so to whoever plans.
//! - Every state has a way out that needs neither its first holder nor a lucky moment.

mod armed;
mod close;
mod error;
mod evidence;
mod holder;
mod moves;
mod op;
mod shown;
mod terms;
#[cfg(test)]
mod tests;

pub use super::op_key::OpKey;
pub use armed::{Armed, SendUntil};
pub use error::JournalError;
pub use holder::{Journal, actions};
pub use op::{
    Held, LastDone, OpDoc, OpRef, Outcome, PROBE_MARGIN, SEND_WINDOW, Spent, Stage, Trail,
};
pub use shown::last_done;
pub use terms::{Arming, Intent, Look, Op, Probe, Reserved, Resolution};
