//! Tokens that WeChat refuses before their time. Nobody who uses this store asked for another, so somebody else did:
//! another program with the platform's secret, or a copy of this store. Each new token ends the one before it, and two
//! who do not know of each other go on like that all day. Once proves nothing (a secret that was reset ends tokens as
//! well); twice in a day of one account is said.

use jiff::{SignedDuration, Timestamp};

use super::store_tokens::{MARGIN, StoreTokens};
use crate::store::documents::{PlatformDoc, Rival, Token};
use crate::store::{Key, StoreError};
use crate::wechat::Appid;
use crate::wechat::secret::Secret;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Whether the token that WeChat refused is the one in the store and should still work.
pub(super) fn is_cut(held: Option<&Token>, refused: Option<&Secret>, now: Timestamp) -> bool {
    held.zip(refused).is_some_and(|(held, refused)| {
        held.expires_at > now + MARGIN && *refused == Secret::new(held.value.expose())
    })
}

/// Remembers that a token was cut; answers whether another one was within a day.
pub(super) fn note(last: &mut Option<Timestamp>, now: Timestamp) -> bool {
    let again = last.is_some_and(|last| last < now && now.duration_since(last) < DAY);
    *last = Some(now);
    again
}

/// The sign of somebody else, as it is remembered.
pub(super) fn rival(about: &Appid, now: Timestamp) -> Rival {
    Rival {
        about: about.clone(),
        at: now,
    }
}

impl StoreTokens {
    /// Counts a token that was cut and is replaced.
    pub(super) fn count_foreign(&self, cut: bool) {
        self.transport.meter().foreign.inc_by(u64::from(cut));
    }

    /// Remembers at the platform that an account's tokens are cut again and again.
    pub(super) async fn note_rival(&self, account: &Appid) -> Result<(), StoreError> {
        let now = self.clock.now();
        tracing::warn!(account = %account, "its tokens end before their time: somebody else asks for them");
        self.store
            .update::<PlatformDoc>(&Key::platform(&self.platform.appid), |doc| {
                doc.rival = Some(rival(account, now));
            })
            .await
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + hours * 3_600).unwrap()
    }

    fn held(until: i64) -> Token {
        Token {
            value: "held".into(),
            expires_at: at(until),
            obtained_at: at(0),
        }
    }

    #[test]
    fn a_token_is_cut_where_wechat_refuses_the_one_we_hold_before_its_time() {
        let refused = Secret::new("held");
        assert!(is_cut(Some(&held(2)), Some(&refused), at(1)));
        assert!(!is_cut(Some(&held(2)), Some(&refused), at(2)), "it is over");
        assert!(!is_cut(Some(&held(2)), Some(&Secret::new("older")), at(1)));
        assert!(!is_cut(Some(&held(2)), None, at(1)) && !is_cut(None, Some(&refused), at(1)));
    }

    #[test]
    fn once_proves_nothing_and_twice_in_a_day_does() {
        let mut last = None;
        assert!(!note(&mut last, at(0)));
        assert!(note(&mut last, at(23)), "within a day");
        assert!(!note(&mut last, at(47)), "a day later");
        assert!(!note(&mut last, at(46)), "by a clock that was set back");
    }
}
