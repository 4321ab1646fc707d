//! How long to wait before a read is repeated: exponential, with jitter, so that many tenants do not come back at
//! the same moment. Writes are never repeated here.

use std::time::Duration;

use rand::RngExt as _;

use crate::wechat::{ApiError, ErrorClass, errcode::BUSY};

/// A read without an answer is sent at most this often.
const TRIES: u32 = 4;
/// One that took as long as a request may is not sent more often than this: the others of its tenant wait as well.
const SLOW_TRIES: u32 = 2;
/// From here on a try was a slow one.
const SLOW: Duration = Duration::from_secs(5);
/// "Busy" is also what WeChat answers to calls it will never carry out.
const BUSY_TRIES: u32 = 3;

const BASE: Duration = Duration::from_millis(300);
const CAP: Duration = Duration::from_secs(20);

/// Whether a refused read is worth another try after `tried` of them.
pub(super) fn again(error: &ApiError, tried: u32) -> bool {
    match error.class {
        ErrorClass::Transient if error.errcode == BUSY.code => tried < BUSY_TRIES,
        ErrorClass::Transient | ErrorClass::Throttled => tried < TRIES,
        ErrorClass::Quota
        | ErrorClass::Token
        | ErrorClass::Permission
        | ErrorClass::Revoked
        | ErrorClass::Invalid
        | ErrorClass::AlreadyDone
        | ErrorClass::NotFound
        | ErrorClass::Human
        | ErrorClass::Unknown => false,
    }
}

/// How often something was tried, and how often of these without an answer in good time.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tries {
    pub(super) all: u32,
    slow: u32,
}

impl Tries {
    /// Counts one that took so long.
    pub(super) fn count(&mut self, took: Duration) {
        self.all += 1;
        self.slow += u32::from(took >= SLOW);
    }

    /// Whether a read without an answer is worth another one.
    pub(super) fn again_after_silence(self) -> bool {
        self.all < TRIES && self.slow < SLOW_TRIES
    }
}

/// The wait before the next try, where `tried` is how often it was tried.
pub(super) fn wait(tried: u32) -> Duration {
    let spread = rand::rng().random_range(0.5..1.0);
    CAP.min(BASE.saturating_mul(2_u32.saturating_pow(tried.saturating_sub(1))))
        .mul_f64(spread)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wechat::{errcode::explain, menu};

    #[test]
    fn waits_grow_are_capped_and_never_zero() {
        for tried in 1..40 {
            let wait = wait(tried);
            assert!(wait >= BASE / 2 && wait <= CAP, "{tried}: {wait:?}");
        }
    }

    #[test]
    fn what_times_out_is_tried_once_more_and_what_is_reset_thrice() {
        let tries = |took| {
            let mut tries = Tries::default();
            tries.count(took);
            while tries.again_after_silence() {
                tries.count(took);
            }
            tries.all
        };
        assert_eq!(tries(Duration::from_secs(10)), 2);
        assert_eq!(tries(Duration::from_millis(1)), 4);
    }

    #[test]
    fn only_what_may_pass_by_itself_is_tried_again() {
        let tries = |code| {
            let error = explain(&menu::GET, code, "");
            (1..10).find(|tried| !again(&error, *tried))
        };
        assert_eq!(tries(-1), Some(3));
        assert_eq!(tries(45011), Some(4));
        for code in [40001, 45009, 46003, 48001, 61003, 61007, 40013, 123_456] {
            assert_eq!(tries(code), Some(1), "{code}");
        }
    }
}
