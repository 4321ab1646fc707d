//! Who may refresh a token: one process of all that share a store.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::store_tokens::StoreTokens;
use crate::client::platform::PlatformAccess;
use crate::client::transport::Transport;
use crate::client::{Clock, SystemClock};
use crate::store::Store;
use crate::store::documents::RefreshClaim;
use crate::wechat::{Appid, Secret};

fn now() -> Timestamp {
    "2026-11-24T00:00:00Z".parse().unwrap()
}

fn tokens(owner: &str) -> StoreTokens {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let platform = PlatformAccess {
        appid: Appid::parse("wx0000000000000001").unwrap(),
        api_base: "http://127.0.0.1:9".parse().unwrap(),
        app_secret: Secret::new("s"),
        push_token: Secret::new("t"),
        encoding_aes_key: Secret::new("k"),
        previous_encoding_aes_key: None,
        link_key: None,
    };
    let transport = Transport::new(platform.api_base.clone(), Arc::clone(&clock)).unwrap();
    StoreTokens::new(platform, Store::in_memory(), clock, transport, owner.into())
}

fn claim(owner: &str, seconds: i64) -> Option<RefreshClaim> {
    Some(RefreshClaim {
        owner: owner.to_owned(),
        until: now() + SignedDuration::from_secs(seconds),
    })
}

/// Two processes that both found it free: only the write in which it still is takes it.
#[test]
fn a_refresh_that_another_process_has_claimed_is_not_taken() {
    let ours = tokens("ours");
    for (held, free) in [
        (None, true),
        (claim("ours", 10), true),
        (claim("theirs", 10), false),
        (claim("theirs", 80), false),
        // Its time is up; or it was made by a clock that has been set back since.
        (claim("theirs", 0), true),
        (claim("theirs", -1), true),
        (claim("theirs", 81), true),
    ] {
        let mut now_held = held.clone();
        assert_eq!(ours.take(&mut now_held, now()), free, "{held:?}");
        let expected = if free { claim("ours", 20) } else { held };
        assert_eq!(now_held, expected);
    }
}

#[test]
fn only_our_own_refresh_is_given_back() {
    let ours = tokens("ours");
    let mut theirs = claim("theirs", 10);
    ours.give_back(&mut theirs);
    assert_eq!(theirs, claim("theirs", 10));
    let mut own = claim("ours", 10);
    ours.give_back(&mut own);
    assert_eq!(own, None);
}
