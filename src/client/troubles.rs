//! What any call has shown of the platform itself: an address that is on no list, component calls of the day that are
//! used up. Whoever comes next in this process is told so instead of finding out by a call of its own.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::clock::Clock;
use crate::wechat::endpoint::{Period, TokenKind};
use crate::wechat::errcode::concerns_platform;
use crate::wechat::{Answer, ApiError, Appid, Cause, Endpoint, ErrorClass, Trouble};

/// How long what a person must put right is taken for how it is; longer than most runs take.
const TOLD: SignedDuration = SignedDuration::from_mins(5);

/// The platform's troubles, as this process knows them.
#[derive(Debug)]
pub(super) struct Troubles {
    platform: Appid,
    clock: Arc<dyn Clock>,
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// No call of the platform is let in.
    all: Option<(Timestamp, ApiError)>,
    /// A component call whose calls of the day are used up, by its name.
    spent: BTreeMap<&'static str, Spent>,
}

/// Component calls are counted against the platform, yet the table does not say so of every one: an account that is
/// refused says nothing about the others, two of them do.
#[derive(Debug)]
struct Spent {
    of: String,
    error: ApiError,
    until: Timestamp,
    /// Whether it is the platform's.
    shared: bool,
}

impl Troubles {
    pub(super) fn new(platform: Appid, clock: Arc<dyn Clock>) -> Self {
        Self {
            platform,
            clock,
            known: Mutex::default(),
        }
    }

    /// What stands in the way of a call, if it is known.
    pub(super) fn before(&self, endpoint: &Endpoint) -> Option<Box<Trouble>> {
        let now = self.clock.now();
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, error)) = &known.all
            && *at <= now
            && now.duration_since(*at) < TOLD
        {
            return Some(self.trouble(error, None));
        }
        let spent = known.spent.get(endpoint.name)?;
        (spent.shared && spent.until > now).then(|| self.trouble(&spent.error, Some(spent.until)))
    }

    /// Notes an answer; the trouble, if it is one. `about` is whom the call was about.
    pub(super) fn after(
        &self,
        endpoint: &'static Endpoint,
        about: &str,
        answer: &Answer,
    ) -> Option<Box<Trouble>> {
        let component = endpoint.token == TokenKind::Component;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let error = match answer {
            Answer::Done(_) if component => {
                known.spent.remove(endpoint.name);
                return None;
            }
            Answer::Done(_) | Answer::Lost(_) => return None,
            Answer::Refused(error) => error,
        };
        let now = self.clock.now();
        if concerns_platform(error) {
            known.all = Some((now, error.clone()));
            return Some(self.trouble(error, None));
        }
        if !component || error.class != ErrorClass::Quota {
            return None;
        }
        let (_, until) = Period::Day.around(now);
        let spent = known.spent.entry(endpoint.name).or_insert_with(|| Spent {
            of: about.to_owned(),
            error: error.clone(),
            until,
            shared: about == self.platform.as_str(),
        });
        spent.shared |= spent.of != about;
        spent.until = until;
        spent.shared.then(|| self.trouble(error, Some(until)))
    }

    fn trouble(&self, error: &ApiError, again: Option<Timestamp>) -> Box<Trouble> {
        Box::new(Trouble {
            platform: self.platform.clone(),
            cause: Cause::Refused(error.clone()),
            again,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::client::ManualClock;
    use crate::wechat::errcode::explain;
    use crate::wechat::{authorizer, menu};

    fn set_up() -> (Arc<ManualClock>, Troubles) {
        let clock = Arc::new(ManualClock::at("2026-11-28T04:00:00Z".parse().unwrap()));
        let platform = Appid::parse("wx0000000000000001").unwrap();
        (clock.clone(), Troubles::new(platform, clock))
    }

    fn refused(endpoint: &Endpoint, code: i64) -> Answer {
        Answer::Refused(explain(endpoint, code, ""))
    }

    #[test]
    fn an_address_on_no_list_is_found_out_once() {
        let (clock, troubles) = set_up();
        assert!(troubles.before(&menu::GET).is_none());
        assert!(
            troubles
                .after(&menu::GET, "wx1", &refused(&menu::GET, 61004))
                .is_some()
        );
        assert!(troubles.before(&authorizer::INFO).is_some());
        clock.advance(Duration::from_secs(300));
        assert!(troubles.before(&menu::GET).is_none());
    }

    #[test]
    fn what_is_one_accounts_own_stops_no_other() {
        let (_, troubles) = set_up();
        for code in [40164, 50002, 61003, 61007, 45009, -1] {
            assert!(
                troubles
                    .after(&menu::GET, "wx1", &refused(&menu::GET, code))
                    .is_none()
            );
            assert!(
                troubles
                    .after(&menu::GET, "wx2", &refused(&menu::GET, code))
                    .is_none()
            );
        }
        assert!(troubles.before(&menu::GET).is_none());
    }

    #[test]
    fn component_calls_are_used_up_when_two_accounts_are_told_so_in_a_row() {
        let (clock, troubles) = set_up();
        let (info, no) = (&authorizer::INFO, refused(&authorizer::INFO, 45009));
        assert!(troubles.after(info, "wx1", &no).is_none());
        assert!(troubles.after(info, "wx1", &no).is_none());
        troubles.after(info, "wx2", &Answer::Done(json!({})));
        assert!(troubles.after(info, "wx1", &no).is_none());
        assert!(troubles.before(info).is_none());
        let trouble = troubles.after(info, "wx2", &no).unwrap();
        assert_eq!(trouble.again, Some("2026-11-28T16:00:00Z".parse().unwrap()));
        assert!(troubles.before(info).is_some() && troubles.before(&authorizer::LIST).is_none());
        clock.advance(Duration::from_secs(12 * 3_600));
        assert!(troubles.before(info).is_none());
    }
}
