//! How long a refusal to give the platform's token is remembered, so that neither the tenants of one run nor the
//! processes of a day use up the calls that are left. Pure.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::store::documents::TokenRefusal;
use crate::wechat::endpoint::Period;
use crate::wechat::errcode::names_ticket;
use crate::wechat::secret::Secret;
use crate::wechat::token::COMPONENT_TOKEN;
use crate::wechat::{ApiError, ErrorClass};

/// One run asks once; this is longer than most take to look at all their tenants. A sidecar asks again after it.
const ONE_RUN: SignedDuration = SignedDuration::from_mins(5);
/// After the second refusal in a row nobody asks for this long, and twice as long after each further one: a person
/// who has put it right after the first message is not kept waiting, and a loop of commands does not use up the day.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_secs(5);
/// At most so long: about 300 calls in a day of the two thousand there are.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_mins(5);
/// Refusals further apart than this are not in a row.
const IN_A_ROW: SignedDuration = SignedDuration::from_hours(1);

/// The refusal as it is remembered; `before` is the one remembered until now.
pub(super) fn noted(
    error: &ApiError,
    before: Option<&TokenRefusal>,
    owner: &str,
    secret: &Secret,
    ticket: &Secret,
    now: Timestamp,
) -> TokenRefusal {
    let sent = sent(error, secret, ticket);
    let in_a_row = before.filter(|before| {
        before.error.errcode == error.errcode
            && before.sent == sent
            && before.at <= now
            && now.duration_since(before.at) < IN_A_ROW
    });
    let attempts = in_a_row
        .map_or(0, |before| before.attempts)
        .saturating_add(1);
    let again = if error.class == ErrorClass::Quota {
        let period = COMPONENT_TOKEN
            .quota()
            .map_or(Period::Day, |quota| quota.period);
        Some(period.around(now).1)
    } else {
        pause(attempts).and_then(|pause| now.checked_add(pause).ok())
    };
    TokenRefusal {
        error: error.clone(),
        at: now,
        again,
        attempts,
        owner: owner.to_owned(),
        sent,
    }
}

/// The refusal, if asking again now would only bring the same.
pub(super) fn holds<'a>(
    refusal: &'a TokenRefusal,
    owner: &str,
    secret: &Secret,
    ticket: &Secret,
    now: Timestamp,
) -> Option<&'a TokenRefusal> {
    // One from the future was noted under a clock that has been set back since: waiting for it could take years.
    let early = refusal.at <= now && refusal.again.is_some_and(|again| again > now);
    let spent = refusal.error.class == ErrorClass::Quota;
    let other = refusal.sent != sent(&refusal.error, secret, ticket);
    let same_run =
        refusal.owner == owner && refusal.at <= now && now.duration_since(refusal.at) < ONE_RUN;
    let holds = if spent {
        early
    } else {
        !other && (early || same_run)
    };
    holds.then_some(refusal)
}

fn pause(attempts: u32) -> Option<SignedDuration> {
    let doubled = 2_i32.saturating_pow(attempts.checked_sub(2)?.min(16));
    Some(FIRST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE))
}

/// What was sent, as far as the refusal may be about it: a person who corrects the secret, and a newer ticket where
/// the ticket was refused, are another question.
fn sent(error: &ApiError, secret: &Secret, ticket: &Secret) -> String {
    let mut hash = Sha256::new();
    hash.update(secret.expose().as_bytes());
    if names_ticket(error) {
        hash.update([0]);
        hash.update(ticket.expose().as_bytes());
    }
    let bytes = hash.finalize();
    bytes
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wechat::errcode::explain;

    fn at(seconds: i64) -> Timestamp {
        // 2026-11-28 12:00 in Shanghai.
        Timestamp::from_second(1_795_838_400 + seconds).unwrap()
    }

    fn note(code: i64, before: Option<&TokenRefusal>, owner: &str, seconds: i64) -> TokenRefusal {
        let error = explain(&COMPONENT_TOKEN, code, "");
        noted(
            &error,
            before,
            owner,
            &secret("s"),
            &secret("t"),
            at(seconds),
        )
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text)
    }

    fn held(refusal: &TokenRefusal, owner: &str, seconds: i64) -> bool {
        holds(refusal, owner, &secret("s"), &secret("t"), at(seconds)).is_some()
    }

    #[test]
    fn one_run_asks_once_and_the_next_command_once_more() {
        let first = note(61004, None, "a", 0);
        assert!(held(&first, "a", 0) && held(&first, "a", 299));
        assert!(!held(&first, "a", 300) && !held(&first, "b", 0));
        assert_eq!(first.again, None);
    }

    #[test]
    fn commands_in_a_row_ask_ever_less_often_and_never_too_seldom() {
        let mut last = note(61004, None, "0", 0);
        let (mut asked, mut now) = (1, 0);
        for second in 1..86_400 {
            if !held(&last, "another", second) {
                last = note(61004, Some(&last), &second.to_string(), second);
                (asked, now) = (asked + 1, second);
            }
            assert!(second - now <= 300, "{second}");
        }
        assert!(asked < 310, "{asked}");
    }

    #[test]
    fn a_quota_is_not_asked_for_before_it_starts_again_whoever_comes_with_what() {
        let spent = note(45009, None, "a", 0);
        let midnight = 12 * 3_600;
        for (secret_, ticket) in [("s", "t"), ("other", "newer")] {
            let held = |seconds| {
                holds(&spent, "b", &secret(secret_), &secret(ticket), at(seconds)).is_some()
            };
            assert!(held(0) && held(midnight - 1) && !held(midnight));
        }
        assert_eq!(spent.again, Some(at(midnight)));
        // A clock that was wrong and has been set back keeps nobody waiting.
        assert!(!held(&spent, "a", -1));
    }

    #[test]
    fn another_secret_and_a_newer_ticket_are_asked_about_at_once() {
        let now = at(1);
        let twice = |code| note(code, Some(&note(code, None, "a", 0)), "a", 1);
        let wrong = twice(40125);
        assert!(holds(&wrong, "b", &secret("s"), &secret("newer"), now).is_some());
        assert!(holds(&wrong, "b", &secret("corrected"), &secret("t"), now).is_none());
        let ticket = twice(61006);
        assert!(holds(&ticket, "b", &secret("s"), &secret("t"), now).is_some());
        assert!(holds(&ticket, "a", &secret("s"), &secret("newer"), now).is_none());
    }

    #[test]
    fn another_refusal_or_one_of_long_ago_begins_a_new_row() {
        let first = note(61004, None, "a", 0);
        assert_eq!(note(61004, Some(&first), "a", 60).attempts, 2);
        assert_eq!(note(40125, Some(&first), "a", 60).attempts, 1);
        assert_eq!(note(61004, Some(&first), "a", 3_600).attempts, 1);
    }
}
