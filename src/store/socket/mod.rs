//! One store, several processes: whoever holds it serves its backend on a Unix socket, others use that.
//!
//! The socket lies in a folder that only this user may enter, and both ends check whose process the other is.
//! Nothing here knows types or secrets: encryption sits above the backend, so a process with another key can
//! connect but reads nothing.

pub(super) mod client;
pub(super) mod protocol;
pub(super) mod server;
