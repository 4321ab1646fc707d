//! How often a link was clicked lately. A click makes a pre-authorization code, and WeChat counts those.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use crate::client::Addressee;
use crate::wechat::Appid;

/// So many clicks of one link …
const CLICKS: usize = 5;
/// … within this time.
const TIME: SignedDuration = SignedDuration::from_mins(1);
/// Links remembered at most. Only those that we made are.
const MOST: usize = 10_000;

/// The clicks of each link.
#[derive(Default)]
pub(super) struct Clicks(Mutex<BTreeMap<(Appid, String), Vec<Timestamp>>>);

impl Clicks {
    /// Whether a link may be clicked once more now; notes that it is.
    pub(super) fn may_click(&self, platform: &Appid, to: &Addressee, now: Timestamp) -> bool {
        let lately = |at: &Timestamp| *at <= now && now.duration_since(*at) < TIME;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.retain(|_, clicks| clicks.iter().any(lately));
        }
        let clicks = all.entry((platform.clone(), to.to_string())).or_default();
        clicks.retain(lately);
        let may = clicks.len() < CLICKS;
        if may {
            clicks.push(now);
        }
        may
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_can_be_clicked_five_times_a_minute_and_another_one_beside_it() {
        let clicks = Clicks::default();
        let platform = Appid::parse("wx00000000000000aa").unwrap();
        let (one, other) = (Addressee::of("a", None), Addressee::of("b", None));
        let at = |seconds| Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
        assert!((0..5).all(|n| clicks.may_click(&platform, &one, at(n))));
        assert!(!clicks.may_click(&platform, &one, at(59)));
        assert!(clicks.may_click(&platform, &other, at(59)));
        assert!(clicks.may_click(&platform, &one, at(60)));
        assert!(!clicks.may_click(&platform, &one, at(60)));
    }
}
