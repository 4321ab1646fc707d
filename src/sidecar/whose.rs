//! Whose a message is: the account in its path, which the signature does not cover, or another one, which it is
//! addressed to. WeChat tells an account's original id with everything else about it; where it has not yet, it is
//! asked once, and the message goes on meanwhile.

use std::sync::Arc;

use super::platform::Platform;
use super::shared::Shared;
use crate::client::Original;
use crate::wechat::Appid;
use crate::wechat::authorizer::info_request;

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
