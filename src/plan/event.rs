//! Events: what others wait for, told of in the history and counted by `/metrics` under one name.

use super::Address;

/// The event that a step of this resource is, once it took effect.
#[must_use]
pub fn event_of(address: &Address) -> Option<&'static str> {
    match &*address.resource {
        // From now on its followers have unionids.
        "openAccount" => Some("OpenAccountBound"),
        "registration" => Some("MiniProgramRegistered"),
        _ => None,
    }
}
