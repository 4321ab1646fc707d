//! 授权事件接收URL: tickets, authorizations, cancellations. Verified, decrypted, stored, then answered `success`.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;

use super::server::{Platform, Request, Shared};
use crate::store::StoreError;
use crate::wechat::push::{Notice, NoticeKind, PushQuery};
use crate::wechat::secret::Secret;

/// Exactly this acknowledges a push.
pub(super) const SUCCESS: &str = "success";

/// Takes one push.
pub(super) async fn take(shared: &Arc<Shared>, request: &Request) -> Response {
    if request.method != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let query: PushQuery = read_query(&request.query);
    let Some((platform, plaintext)) = open(shared, request, &query) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    if shared.replays.knows(&query.msg_signature) {
        return SUCCESS.into_response();
    }
    let notice = match Notice::parse(&plaintext) {
        Ok(notice) => notice,
        Err(error) => {
            // Well signed and not understood: WeChat would only send it again.
            tracing::warn!(platform.appid = %platform.served.client.platform().appid, %error, "a notice cannot be read");
            return SUCCESS.into_response();
        }
    };
    match store(shared, platform, notice).await {
        Ok(()) => {
            shared.replays.remember(&query.msg_signature);
            SUCCESS.into_response()
        }
        Err(error) => {
            tracing::error!(error = %error, "a notice could not be stored, so it is not acknowledged");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// The query of a push; what is missing is empty, which no signature fits.
pub(super) fn read_query(query: &str) -> PushQuery {
    let mut read = PushQuery::default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match name.as_ref() {
            "timestamp" => read.timestamp = value.into_owned(),
            "nonce" => read.nonce = value.into_owned(),
            "msg_signature" => read.msg_signature = value.into_owned(),
            "encrypt_type" => read.encrypt_type = Some(value.into_owned()),
            _ => {}
        }
    }
    read
}

/// The platform whose signature fits; several may share a path.
fn open<'a>(
    shared: &'a Shared,
    request: &Request,
    query: &PushQuery,
) -> Option<(&'a Platform, Vec<u8>)> {
    shared
        .platforms
        .iter()
        .filter(|platform| platform.served.notices == request.path)
        .find_map(
            |platform| match platform.cipher.open(query, &request.body) {
                Ok(opened) => Some((platform, opened.plaintext)),
                Err(error) => {
                    tracing::warn!(%error, "a push was refused");
                    None
                }
            },
        )
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
            (shared.wake)(client.platform().appid.as_str());
            Ok(())
        }
        NoticeKind::Authorized(grant) | NoticeKind::UpdateAuthorized(grant) => {
            let account = grant.authorizer.parse().ok();
            let expires_at = notice
                .created
                .and_then(|created| grant.code_expires_at(created))
                .and_then(|at| Timestamp::from_second(at).ok());
            client
                .keep_code(&grant.code, account.as_ref(), expires_at)
                .await?;
            exchange_later(shared, platform, grant.code);
            Ok(())
        }
        NoticeKind::Unauthorized { authorizer } => match authorizer.parse() {
            Ok(account) => {
                client.keep_revocation(&account, notice.created).await?;
                (shared.wake)(account.as_str());
                Ok(())
            }
            Err(error) => {
                tracing::warn!(%error, "a cancellation names no account");
                Ok(())
            }
        },
        NoticeKind::Unknown { info_type } => {
            tracing::info!(notice.info_type = %info_type, "a notice of a kind that is not used yet");
            Ok(())
        }
    }
}

/// The code dies within minutes, so it is exchanged at once; the answer to WeChat does not wait for it.
fn exchange_later(shared: &Arc<Shared>, platform: &Platform, code: Secret) {
    let shared = Arc::clone(shared);
    let client = platform.served.client.clone();
    tokio::spawn(async move {
        match client.exchange(&code).await {
            Ok(account) => (shared.wake)(account.as_str()),
            Err(error) => tracing::warn!(error = %error, "an authorization code was not exchanged"),
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
            Err(error) => tracing::error!(error = %error, "codes of an earlier run cannot be read"),
        }
    }
}
