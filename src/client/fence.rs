//! What must still be so when the last byte of a write is about to leave.

use std::fmt;

/// Looked at right before the last byte of every write, and again as long as the network does not take it. It must
/// answer at once.
pub trait Fence: fmt::Debug + Send + Sync {
    /// Why the write may not leave any more, if it may not.
    ///
    /// # Errors
    /// The reason, in a few words.
    fn holds(&self) -> Result<(), &'static str>;
}

/// Nothing stands in the way: for callers that keep others off by themselves.
#[derive(Debug)]
pub(super) struct Open;

impl Fence for Open {
    fn holds(&self) -> Result<(), &'static str> {
        Ok(())
    }
}
