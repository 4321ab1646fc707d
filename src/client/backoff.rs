//! How long to wait before a read is repeated: exponential, with full jitter, so that many tenants do not come back
//! at the same moment.

use std::time::Duration;

use rand::RngExt as _;

/// A read is sent at most this often: -1 is also returned for permanent faults, so retries are capped.
pub(super) const TRIES: u32 = 4;

const BASE: Duration = Duration::from_millis(300);
const CAP: Duration = Duration::from_secs(20);
/// 45011 counts by the minute.
const THROTTLED: Duration = Duration::from_secs(60);

/// The wait before the next try, where `tried` is how often it was tried.
pub(super) fn wait(tried: u32, throttled: bool) -> Duration {
    let spread = rand::rng().random_range(0.5..1.0);
    if throttled {
        return THROTTLED.mul_f64(1.0 + spread / 10.0);
    }
    CAP.min(BASE.saturating_mul(2_u32.saturating_pow(tried.saturating_sub(1))))
        .mul_f64(spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_are_capped_and_never_zero() {
        for tried in 1..40 {
            let wait = wait(tried, false);
            assert!(wait >= BASE / 2 && wait <= CAP, "{tried}: {wait:?}");
        }
        assert!(super::wait(1, true) >= THROTTLED);
    }
}
