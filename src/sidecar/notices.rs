//! 授权事件接收URL: tickets, authorizations, cancellations. Verified, decrypted, stored, then answered `success`.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;

use super::server::{Platform, Request, Shared};
use crate::client::authorize::remember;
use crate::store::documents::{CodeDoc, CredDoc, PlatformDoc, Ticket, TicketRestart};
use crate::store::{Key, StoreError};
use crate::wechat::Appid;
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
    let now = shared.clock.now();
    let created = notice
        .created
        .and_then(|at| Timestamp::from_second(at).ok())
        .unwrap_or(now);
    let appid = platform.served.client.platform().appid.clone();
    match notice.kind {
        NoticeKind::Ticket(ticket) => keep_ticket(shared, &appid, &ticket, created).await,
        NoticeKind::Authorized(grant) | NoticeKind::UpdateAuthorized(grant) => {
            let key = Key::code(&appid, grant.code.expose());
            remember(&shared.store, &key, &appid, &grant.code, now).await?;
            exchange_later(shared, platform, grant.code);
            Ok(())
        }
        NoticeKind::Unauthorized { authorizer } => match authorizer.parse() {
            Ok(account) => forget(shared, &account, created).await,
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

/// Keeps the newest ticket by the time WeChat made it: pushes may arrive out of order.
async fn keep_ticket(
    shared: &Shared,
    platform: &Appid,
    ticket: &Secret,
    created: Timestamp,
) -> Result<(), StoreError> {
    shared
        .store
        .update::<PlatformDoc>(&Key::platform(platform), |doc| {
            if doc
                .ticket
                .as_ref()
                .is_none_or(|known| known.created_at <= created)
            {
                doc.ticket = Some(Ticket {
                    value: ticket.expose().into(),
                    created_at: created,
                });
                doc.ticket_restart = TicketRestart::default();
            }
        })
        .await?;
    (shared.wake)(platform.as_str());
    Ok(())
}

/// The account has cancelled. A cancellation older than the newest authorization is history.
async fn forget(shared: &Shared, account: &Appid, created: Timestamp) -> Result<(), StoreError> {
    shared
        .store
        .amend::<CredDoc, ()>(&Key::cred(account), |doc| {
            // WeChat's times are whole seconds.
            let newer = doc
                .authorized_at
                .is_some_and(|at| at.as_second() > created.as_second());
            if !newer && doc.revoked_at.is_none() {
                doc.revoked_at = Some(created);
                doc.access_token = None;
                doc.refresh_token = None;
            }
        })
        .await?;
    (shared.wake)(account.as_str());
    Ok(())
}

/// The code dies within minutes, so it is exchanged at once; the answer to WeChat does not wait for it.
fn exchange_later(shared: &Arc<Shared>, platform: &Platform, code: Secret) {
    let shared = Arc::clone(shared);
    let client = platform.served.client.clone();
    tokio::spawn(async move {
        match client
            .exchange(&shared.store, &code, shared.clock.now())
            .await
        {
            Ok(account) => (shared.wake)(account.as_str()),
            Err(error) => tracing::warn!(error = %error, "an authorization code was not exchanged"),
        }
    });
}

/// Exchanges what was stored and not exchanged before the last stop.
pub(super) async fn finish_exchanges(shared: Arc<Shared>) {
    let Ok(keys) = shared.store.list("code/").await else {
        return;
    };
    for key in keys {
        let Ok(Some(stored)) = shared.store.get::<CodeDoc>(&key).await else {
            continue;
        };
        let doc = stored.value;
        let platform = shared
            .platforms
            .iter()
            .find(|platform| platform.served.client.platform().appid == doc.platform);
        if let Some(platform) = platform
            && !doc.exchanged
            && doc.expires_at > shared.clock.now()
        {
            exchange_later(&shared, platform, Secret::new(doc.code.expose()));
        }
    }
}
