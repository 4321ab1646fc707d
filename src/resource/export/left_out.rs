//! What a manifest cannot say of an account.

use crate::plan::Text;

/// A resource that stays unmanaged, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The resource, or the authorization gate.
    pub resource: &'static str,
    /// Why.
    pub why: Text,
    /// Whether it would have been known, had nothing gone wrong.
    pub failed: bool,
    /// Whether WeChat never gives it back, so that only a person can say what is there.
    pub by_memory: bool,
}
