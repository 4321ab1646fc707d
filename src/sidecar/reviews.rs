//! Ends of reviews (审核结果): stored before they are acknowledged, the last of each kind and account, since WeChat's reason
//! may come with them alone. Whichever URL they come to; of other messages nothing is stored.

use std::sync::Arc;

use super::platform::Platform;
use super::shared::Shared;
use crate::client::Original;
use crate::store::StoreError;
use crate::wechat::Appid;
use crate::wechat::push::ReviewResult;

/// Stores the end of a review that came as an event under an account's path. The path is covered by no signature, so the
/// event has to name the account's original id.
pub(super) async fn keep_of_message(
    shared: &Arc<Shared>,
    platform: &Platform,
    account: &Appid,
    plaintext: &[u8],
) -> Result<(), StoreError> {
    let Some(result) = read(plaintext) else {
        return Ok(());
    };
    let client = &platform.served.client;
    let named = result.to_user.as_deref();
    match (client.original_id(account).await?, named) {
        (Original::Known(ours), Some(named)) if ours.eq_ignore_ascii_case(named) => {
            keep(shared, platform, account, &result).await
        }
        // An account that nobody has looked at has handed nothing in.
        (Original::Known(_) | Original::NotTold | Original::NotOurs, _) => {
            tracing::info!(authorizer.appid = %account, "the end of a review names no account that is known");
            Ok(())
        }
    }
}

/// Stores the end of a review that came as a platform notice. Whether it was one.
pub(super) async fn keep_of_notice(
    shared: &Arc<Shared>,
    platform: &Platform,
    plaintext: &[u8],
) -> Result<bool, StoreError> {
    let Some(result) = read(plaintext) else {
        return Ok(false);
    };
    let client = &platform.served.client;
    let named = result.account.as_ref().and_then(|id| id.parse().ok());
    let account = match (named, result.to_user.as_deref()) {
        (Some(account), _) => Some(account),
        (None, Some(original_id)) => client.account_of(original_id).await?,
        (None, None) => None,
    };
    match account {
        Some(account) => keep(shared, platform, &account, &result).await?,
        None => tracing::info!("the end of a review names no account that is known"),
    }
    Ok(true)
}

fn read(plaintext: &[u8]) -> Option<ReviewResult> {
    match ReviewResult::read(plaintext) {
        Ok(result) => result,
        Err(error) => {
            tracing::debug!(%error, "no end of a review that can be read");
            None
        }
    }
}

async fn keep(
    shared: &Arc<Shared>,
    platform: &Platform,
    account: &Appid,
    result: &ReviewResult,
) -> Result<(), StoreError> {
    platform.served.client.keep_review(account, result).await?;
    (shared.wake)(account.as_str());
    Ok(())
}
