//! 授权事件接收URL: tickets, authorizations, cancellations. Verified, decrypted, stored, then answered `success`.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;

use super::chain;
use super::counts::Counted;
use super::intake::{self, Push, forbidden, success};
use super::server::{Platform, Shared};
use crate::store::StoreError;
use crate::wechat::push::{Grant, Notice, NoticeKind};
use crate::wechat::secret::Secret;

/// Takes one push.
pub(super) async fn take(shared: &Arc<Shared>, path: &str, push: &Push) -> Response {
    let at_path = shared
        .platforms
        .iter()
        .filter(|platform| platform.served.notices == path);
    let Some((platform, plaintext)) = intake::open(at_path, push) else {
        return forbidden(shared);
    };
    let signature = &push.query.msg_signature;
    if shared.replays.knows(signature) {
        shared.counts.count(Counted::Replayed);
        return success();
    }
    let stored = match read(platform, &plaintext) {
        Some(notice) => store(shared, platform, notice).await,
        None => {
            shared.counts.count(Counted::Unknown);
            Ok(())
        }
    };
    match stored {
        Ok(()) => {
            shared.replays.remember(signature);
            success()
        }
        Err(error) => {
            shared.counts.count(Counted::NotStored);
            tracing::error!(
                error = chain(&error),
                "a notice could not be stored, so it is not acknowledged"
            );
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// The notice. What is well signed and cannot be used is acknowledged all the same: WeChat would send it again as it is.
fn read(platform: &Platform, plaintext: &[u8]) -> Option<Notice> {
    let ours = &platform.served.client.platform().appid;
    match Notice::parse(plaintext) {
        Ok(notice) if notice.platform.as_str() == ours.as_str() => Some(notice),
        Ok(_) => {
            tracing::warn!(platform.appid = %ours, "a notice is about another platform");
            None
        }
        Err(error) => {
            tracing::warn!(platform.appid = %ours, %error, "a notice cannot be read");
            None
        }
    }
}

async fn store(
    shared: &Arc<Shared>,
    platform: &Platform,
    notice: Notice,
) -> Result<(), StoreError> {
    let client = &platform.served.client;
    match notice.kind {
        NoticeKind::Ticket(ticket) => {
            client.keep_ticket(&ticket, notice.created).await?;
            shared.counts.count(Counted::Ticket);
            (shared.wake)(client.platform().appid.as_str());
        }
        NoticeKind::Authorized(grant) => {
            keep_code(shared, platform, grant, notice.created).await?;
            shared.counts.count(Counted::Authorized);
        }
        NoticeKind::UpdateAuthorized(grant) => {
            keep_code(shared, platform, grant, notice.created).await?;
            shared.counts.count(Counted::UpdateAuthorized);
        }
        NoticeKind::Unauthorized { authorizer } => match authorizer.parse() {
            Ok(account) => {
                client.keep_revocation(&account, notice.created).await?;
                shared.counts.count(Counted::Unauthorized);
                (shared.wake)(account.as_str());
            }
            Err(error) => {
                shared.counts.count(Counted::Unknown);
                tracing::warn!(%error, "a cancellation names no account");
            }
        },
        NoticeKind::Unknown { info_type } => {
            shared.counts.count(Counted::Unknown);
            tracing::info!(notice.info_type = %info_type, "a notice of a kind that is not used here");
        }
    }
    Ok(())
}

async fn keep_code(
    shared: &Arc<Shared>,
    platform: &Platform,
    grant: Grant,
    created: Option<i64>,
) -> Result<(), StoreError> {
    let account = grant.authorizer.parse().ok();
    let expires_at = created
        .and_then(|created| grant.code_expires_at(created))
        .and_then(|at| Timestamp::from_second(at).ok());
    let client = &platform.served.client;
    client
        .keep_code(&grant.code, account.as_ref(), expires_at)
        .await?;
    exchange_later(shared, platform, grant.code);
    Ok(())
}

/// The code dies within minutes, so it is exchanged at once; the answer to WeChat does not wait for it. Should this
/// process end before, the next one finds the code in the store.
fn exchange_later(shared: &Arc<Shared>, platform: &Platform, code: Secret) {
    let client = platform.served.client.clone();
    let wake = Arc::clone(&shared.wake);
    shared.background(async move {
        match client.exchange(&code).await {
            Ok(account) => wake(account.as_str()),
            Err(error) => tracing::warn!(
                error = chain(&error),
                "an authorization code was not exchanged"
            ),
        }
    });
}

/// Exchanges what was stored and not exchanged before the last stop.
pub(super) async fn finish_exchanges(shared: Arc<Shared>) {
    for platform in &shared.platforms {
        match platform.served.client.exchange_pending().await {
            Ok(accounts) => {
                for account in accounts {
                    (shared.wake)(account.as_str());
                }
            }
            Err(error) => tracing::error!(
                error = chain(&error),
                "codes of an earlier run cannot be read"
            ),
        }
    }
}
