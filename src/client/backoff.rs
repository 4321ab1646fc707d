//! How long to wait before a read is repeated: exponential, with jitter, so that many tenants do not come back at
//! the same moment. Writes are never repeated here.

use std::time::Duration;

use rand::RngExt as _;

use crate::wechat::{ApiError, ErrorClass, errcode::BUSY};

/// A read without an answer is sent at most this often.
const TRIES: u32 = 4;
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

/// Whether a read without an answer is worth another try after `tried` of them.
pub(super) fn again_after_silence(tried: u32) -> bool {
    tried < TRIES
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
