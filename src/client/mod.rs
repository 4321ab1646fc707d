//! Sending: transport, tokens, rate, retries, and the one clock.
//!
//! [`Reader`] and [`Writer`] are different types: what plans holds a Reader and cannot write. A Writer sends what may
//! be repeated, and what the journal armed; there is no third way to WeChat.

pub mod authorize;
mod backoff;
mod clock;
mod connect;
mod core;
mod fence;
mod fetch;
mod flights;
mod form;
mod gate;
mod handle;
mod known;
mod memo;
mod meter;
mod platform;
mod pushes;
mod rate;
mod reach;
mod reader;
mod scrub;
mod ticket;
mod tickets;
mod token;
mod transport;
mod troubles;
mod wording;
mod write_once;
mod writer;

pub use authorize::{Addressee, ExchangeError, Invitation, Purpose, Wanted};
pub use clock::{Clock, ManualClock, SharedClock, SystemClock};
pub use fence::Fence;
pub use fetch::{FetchError, fetch};
pub use handle::Client;
pub use meter::{Meter, Refresh, Request};
pub use platform::PlatformAccess;
pub use pushes::{Original, PassedParts, troubles};
pub use reader::Reader;
pub use ticket::SILENCE;
pub use token::{StoreTokens, TokenError, TokenSource};
pub use transport::{NoTransport, REQUEST_TIMEOUT, Transport};
pub use writer::{Upload, Writer};
