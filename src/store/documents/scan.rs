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
    /// The tickets of scans before that no request was made with, the newest last. Whoever has the link can bring one that
    /// WeChat never gave, so a later one takes nothing from these: they are used once WeChat has refused it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub untried: Vec<Secret>,
}

/// How many tickets that nothing was tried with are kept. Where there are more, the oldest ones and the newest stay: a flood
/// comes after a scan, or before the next one.
const UNTRIED: usize = 8;

impl Doc for RegisterDoc {}

impl RegisterDoc {
    /// What is stored of a scan, after what was stored of scans before.
    #[must_use]
    pub fn after(held: Option<Self>, ticket: Secret, at: Timestamp) -> Self {
        let Some(held) = held else {
            return Self {
                ticket,
                at,
                tried: false,
                earlier: None,
                untried: Vec::new(),
            };
        };
        if held.has(&ticket) {
            // The page was loaded again.
            return held;
        }
        let Self {
            ticket: before,
            tried,
            mut earlier,
            mut untried,
            ..
        } = held;
        if !tried {
            untried.truncate(UNTRIED - 1);
            untried.push(before);
        } else if earlier.is_none() {
            earlier = Some(before);
        }
        Self {
            ticket,
            at,
            tried: false,
            earlier,
            untried,
        }
    }

    fn has(&self, ticket: &Secret) -> bool {
        let mut known = self.earlier.iter().chain(&self.untried);
        self.ticket == *ticket || known.any(|one| one == ticket)
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
        let mut left = self;
        left.earlier = left.earlier.filter(|one| !is_spent(one));
        left.untried.retain(|one| !is_spent(one));
        if is_spent(&left.ticket) {
            left.ticket = left.untried.pop()?;
            left.tried = false;
        }
        Some(left)
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
        assert_eq!(untried.clone().without("2").unwrap().due().expose(), "1");
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
        // That of the second scan was never tried.
        let left = left.without("3").unwrap();
        assert_eq!(left.due().expose(), "2");
        assert_eq!(left.without("2"), None);
        assert_eq!(second.without("other").unwrap().due().expose(), "1");
    }

    #[test]
    fn a_ticket_is_not_taken_for_tried_because_the_one_after_it_was() {
        let at = Timestamp::UNIX_EPOCH;
        let scan = |held, ticket: &str| RegisterDoc::after(held, ticket.into(), at);
        let tried = RegisterDoc {
            tried: true,
            ..scan(Some(scan(None, "1")), "2")
        };
        let left = tried.without("2").unwrap();
        assert_eq!((left.due().expose(), left.tried), ("1", false));
        // So that of a later scan is used before it.
        assert_eq!(scan(Some(left), "3").due().expose(), "3");
    }

    #[test]
    fn a_flood_of_tickets_takes_nothing_from_the_first_ones_and_the_last() {
        let at = Timestamp::UNIX_EPOCH;
        let mut held = None;
        for n in 0..100 {
            held = Some(RegisterDoc::after(held, n.to_string().as_str().into(), at));
        }
        let mut used = Vec::new();
        while let Some(doc) = held {
            let due = doc.due().expose().to_owned();
            held = doc.without(&due);
            used.push(due);
        }
        assert_eq!(used, ["99", "98", "6", "5", "4", "3", "2", "1", "0"]);
    }

    #[test]
    fn what_was_written_before_is_read() {
        let written = serde_json::json!({"ticket": "2", "at": "2026-11-24T08:00:00Z", "tried": true, "earlier": "1"});
        let read: RegisterDoc = serde_json::from_value(written).unwrap();
        assert_eq!((read.due().expose(), read.untried.len()), ("1", 0));
    }
}
