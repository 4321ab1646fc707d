//! What keeps a whole platform from WeChat, whichever of its accounts is asked about: it has no ticket, its secret is
//! wrong, our address is not on its list, its own calls of the day are used up.
//!
//! One trouble is one message, one person and one time to try again, however many tenants wait behind it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::answer::{ApiError, ErrorClass, Lost, Who};
use super::id::Appid;
use super::push::PushTrouble;
use crate::wechat::calendar::minute;

/// What keeps a platform from WeChat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Whose trouble it is.
    pub platform: Appid,
    /// What it is.
    pub cause: Cause,
    /// WeChat is not asked again before this. None: the next command asks.
    pub again: Option<Timestamp>,
}

/// What a platform's trouble is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cause {
    /// WeChat has pushed no ticket, or not for so long that it has expired.
    NoTicket {
        /// When the last one was made, if there ever was one.
        last: Option<Timestamp>,
        /// Why pushes that came since were refused, if any did.
        refused: Option<PushTrouble>,
    },
    /// WeChat refused what no account can be reached without.
    Refused(ApiError),
    /// There was no answer to it.
    Lost(Lost),
}

impl Trouble {
    /// Who must act.
    #[must_use]
    pub fn who(&self) -> Who {
        match &self.cause {
            Cause::NoTicket { .. } => Who::Operator,
            Cause::Refused(error) => error.who,
            Cause::Lost(_) => Who::Wxops,
        }
    }

    /// Whether a quota of the platform's own is used up.
    #[must_use]
    pub fn is_quota(&self) -> bool {
        matches!(&self.cause, Cause::Refused(error) if error.class == ErrorClass::Quota)
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            // A read made again does not help: what is missing comes by push.
            Cause::NoTicket { last, refused } => {
                let since = last
                    .map(|at| format!(" since {}", minute(at)))
                    .unwrap_or_default();
                match refused {
                    Some(push) => write!(
                        f,
                        "no ticket could be taken{since}: pushes come and are refused ({}): {}",
                        push.en(),
                        push.advice_en()
                    ),
                    None => write!(
                        f,
                        "WeChat has pushed no ticket{since}: the sidecar must run where the notices URL of WeChat's console points; the next one comes within 10 minutes"
                    ),
                }
            }
            Cause::Refused(error) => error.fmt(f),
            Cause::Lost(lost) => lost.fmt(f),
        }
    }
}

impl std::error::Error for Trouble {}
