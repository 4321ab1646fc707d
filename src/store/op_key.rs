//! The name of an operation of the journal.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::wechat::Appid;

/// Which action on which account. For a registration the account is the official account's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OpKey {
    /// What is done, as the endpoint is named, and to which of the account's things where it has several:
    /// `open/create`, `template/api_add_template+47123`.
    pub action: String,
    /// To whom.
    pub appid: Appid,
}

impl fmt::Display for OpKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.action, self.appid)
    }
}
