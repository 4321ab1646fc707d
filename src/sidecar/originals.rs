//! Whose a message is: the account in its path, which the signature does not cover, or another one, which it is
//! addressed to. WeChat tells an account's original id with everything else about it; where it has not yet, it is
//! asked once, and the message goes on meanwhile.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::server::{Platform, Shared};
use crate::client::Original;
use crate::wechat::Appid;
use crate::wechat::authorizer::info_request;

/// How long an account is not asked about again.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// Accounts remembered as asked about at most.
const MOST: usize = 20_000;

/// When WeChat was asked for an account's original id last.
#[derive(Default)]
pub(super) struct Originals(Mutex<BTreeMap<Appid, Timestamp>>);

/// Whether a message under an account's path is addressed to another account.
pub(super) async fn is_anothers(
    shared: &Arc<Shared>,
    platform: &Platform,
    account: &Appid,
    to_user: Option<&str>,
) -> bool {
    let Some(to_user) = to_user else {
        return false;
    };
    match platform.served.client.original_id(account).await {
        Ok(Original::Known(ours)) => !ours.eq_ignore_ascii_case(to_user),
        Ok(Original::NotTold) => {
            let (whole, account) = (Arc::clone(shared), account.clone());
            let appid = platform.appid().clone();
            shared.background(async move {
                let platform = whole.platforms.iter().find(|one| *one.appid() == appid);
                if let Some(platform) = platform {
                    learn(&whole, platform, &account).await;
                }
            });
            false
        }
        Ok(Original::NotOurs) | Err(_) => false,
    }
}

/// Has WeChat tell an account's original id, unless it has or was asked a moment ago. Reading stores it.
pub(super) async fn learn(shared: &Shared, platform: &Platform, account: &Appid) {
    let client = &platform.served.client;
    if client.original_id(account).await.ok() == Some(Original::NotTold)
        && shared.originals.may_ask(account, shared.clock.now())
    {
        // What it answers is stored by the reader; silence is asked again later.
        let _ = client.reader().read(&info_request(account)).await;
    }
}

impl Originals {
    fn may_ask(&self, account: &Appid, now: Timestamp) -> bool {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lately = |at: &Timestamp| *at <= now && now.duration_since(*at) < PATIENCE;
        if asked.get(account).is_some_and(lately) {
            return false;
        }
        if asked.len() >= MOST {
            asked.clear();
        }
        asked.insert(account.clone(), now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_asked_about_once_in_a_while() {
        let originals = Originals::default();
        let account = Appid::parse("wx1111111111111111").unwrap();
        let other = Appid::parse("wx2222222222222222").unwrap();
        let at = |minutes| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
        assert!(originals.may_ask(&account, at(0)) && originals.may_ask(&other, at(0)));
        assert!(!originals.may_ask(&account, at(9)));
        assert!(originals.may_ask(&account, at(10)));
    }
}
