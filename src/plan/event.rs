//! Events: what others wait for, told of in the history and counted by `/metrics` under one name.

use super::Address;

/// What others wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// An account is in its open account: from now on its followers have unionids.
    OpenAccountBound,
    /// A mini-program was registered.
    MiniProgramRegistered,
}

impl Event {
    /// Every one there is.
    pub const ALL: [Self; 2] = [Self::OpenAccountBound, Self::MiniProgramRegistered];

    /// The one that a step of this resource is, once it took effect.
    #[must_use]
    pub fn of(address: &Address) -> Option<Self> {
        match &*address.resource {
            "openAccount" => Some(Self::OpenAccountBound),
            "registration" => Some(Self::MiniProgramRegistered),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAccountBound => "OpenAccountBound",
            Self::MiniProgramRegistered => "MiniProgramRegistered",
        }
    }
}
