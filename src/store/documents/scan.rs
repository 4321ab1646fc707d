//! What came of a scan that did not make an account the tenant's.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::store::doc::Doc;
use crate::store::secret::Secret;
use crate::wechat::Appid;

/// `scan/<tenant>/<item or official>`: the last scan by one of a tenant's links that did not make the account the
/// tenant's, until one does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScanDoc {
    /// The account that was chosen. `None`: nothing was confirmed.
    pub account: Option<Appid>,
    /// Why not, as a stable name: `WrongAccountKind`.
    pub reason: String,
    /// Why not, and what to do, in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// When, by our clock.
    pub at: Timestamp,
}

impl Doc for ScanDoc {}

/// `register/<official account>/<tenant>/<item>`: the scan that confirmed a registration. Its ticket works once, so whoever
/// loses it asks for another scan and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisterDoc {
    /// The ticket.
    pub ticket: Secret,
    /// When the administrator came back with it, by our clock.
    pub at: Timestamp,
    /// Whether a request was made with the ticket, or was about to be.
    #[serde(default)]
    pub tried: bool,
    /// The ticket of a scan before, which a request was made with: it may have registered one, whatever shows. It is used
    /// first, since WeChat takes it only where it has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Secret>,
}

impl Doc for RegisterDoc {}

impl RegisterDoc {
    /// What is stored of a scan, after what was stored of scans before.
    #[must_use]
    pub fn after(held: Option<Self>, ticket: Secret, at: Timestamp) -> Self {
        let earlier = match held {
            // The page was loaded again.
            Some(held) if held.ticket == ticket => return held,
            Some(held) => held.earlier.or(held.tried.then_some(held.ticket)),
            None => None,
        };
        Self {
            ticket,
            at,
            tried: false,
            earlier,
        }
    }

    /// The ticket that is used next.
    #[must_use]
    pub fn due(&self) -> &Secret {
        self.earlier.as_ref().unwrap_or(&self.ticket)
    }

    /// What is left once WeChat takes a ticket no more.
    #[must_use]
    pub fn without(self, spent: &str) -> Option<Self> {
        let is_spent = |one: &Secret| one.expose() == spent;
        if is_spent(&self.ticket) {
            return None;
        }
        let earlier = self.earlier.filter(|one| !is_spent(one));
        Some(Self { earlier, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_that_was_tried_is_used_before_that_of_a_later_scan() {
        let at = Timestamp::UNIX_EPOCH;
        let scan = |held, ticket: &str| RegisterDoc::after(held, ticket.into(), at);
        let first = scan(None, "1");
        let untried = scan(Some(first.clone()), "2");
        assert_eq!((untried.due().expose(), &untried.earlier), ("2", &None));
        let tried = RegisterDoc {
            tried: true,
            ..first
        };
        assert_eq!(scan(Some(tried.clone()), "1"), tried);
        let second = scan(Some(tried.clone()), "2");
        assert_eq!(second.due().expose(), "1");
        let third = scan(Some(second.clone()), "3");
        assert_eq!((third.due().expose(), third.ticket.expose()), ("1", "3"));
        let left = third.without("1").unwrap();
        assert_eq!((left.due().expose(), left.tried), ("3", false));
        assert_eq!(left.without("3"), None);
        assert_eq!(second.without("other").unwrap().due().expose(), "1");
    }
}
