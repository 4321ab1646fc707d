//! 授权事件接收URL: tickets, authorizations, cancellations. Verified, decrypted, stored, then answered `success`.

use std::sync::Arc;
use std::time::Instant;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::Deserialize as _;

use super::counts::Counted;
use super::intake::{self, Push, success};
use super::paths::at_notices;
use super::platform::Platform;
use super::shared::Shared;
use super::{chain, exchange, reviews, trouble};
use crate::client::Addressee;
use crate::store::StoreError;
use crate::store::journal::{OpKey, last_done};
use crate::wechat::personal_registration::{self, AskedFor};
use crate::wechat::push::{Grant, Head, NewAccount, Notice, NoticeKind, PushTrouble};

/// Takes one push.
pub(super) async fn take(shared: &Arc<Shared>, path: &str, push: &Push) -> Response {
    match intake::open(at_notices(shared, path), push) {
        Ok((platform, plaintext)) => take_opened(shared, platform, push, &plaintext).await,
        Err(refusal) => refusal.answer(shared).await,
    }
}

/// Takes a push that is WeChat's, whichever of our URLs it came to.
pub(super) async fn take_opened(
    shared: &Arc<Shared>,
    platform: &Platform,
    push: &Push,
    plaintext: &[u8],
) -> Response {
    let signature = &push.query.msg_signature;
    if shared.replays.knows(signature) {
        shared.counts.count(Counted::Replayed);
        return success();
    }
    let stored = match read(platform, plaintext) {
        Ok(notice) => {
            let begun = Instant::now();
            let stored = store(shared, platform, notice, plaintext).await;
            if stored.is_ok() {
                let took = begun.elapsed().as_secs_f64();
                shared.counts.stored.observe(took);
            }
            stored
        }
        Err(unread) => {
            shared.counts.count(Counted::Unknown);
            // Answered all the same: the user would be told that the account is out of order.
            if unread == Unread::Message {
                trouble::note(shared, &[platform], PushTrouble::MessageAtNotices, None).await;
            }
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

/// What is well signed and is no notice for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unread {
    /// A user's message or an event.
    Message,
    /// Something else.
    Odd,
}

/// The notice. What is well signed and cannot be used is acknowledged all the same: WeChat would send it again as it is.
fn read(platform: &Platform, plaintext: &[u8]) -> Result<Notice, Unread> {
    let ours = &platform.served.client.platform().appid;
    match Notice::parse(plaintext) {
        Ok(notice) if notice.platform.as_str() == ours.as_str() => Ok(notice),
        Ok(_) => {
            tracing::warn!(platform.appid = %ours, "a notice is about another platform");
            Err(Unread::Odd)
        }
        Err(error) => {
            let head = Head::read(plaintext);
            if head.is_message && !head.is_notice {
                return Err(Unread::Message);
            }
            tracing::warn!(platform.appid = %ours, %error, "a notice cannot be read");
            Err(Unread::Odd)
        }
    }
}

async fn store(
    shared: &Arc<Shared>,
    platform: &Platform,
    notice: Notice,
    plaintext: &[u8],
) -> Result<(), StoreError> {
    let client = &platform.served.client;
    match notice.kind {
        NoticeKind::Ticket(ticket) => {
            client.keep_ticket(&ticket, notice.created).await?;
            shared.counts.count(Counted::Ticket);
            shared.codes.hurry(platform.appid(), shared.clock.now());
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
                tracing::info!(authorizer.appid = %account, "an owner has taken the authorization back");
                shared.counts.count(Counted::Unauthorized);
                (shared.wake)(account.as_str());
            }
            Err(error) => {
                shared.counts.count(Counted::Unknown);
                tracing::warn!(%error, "a cancellation names no account");
            }
        },
        NoticeKind::Registered(new) => {
            keep_new(shared, platform, new).await?;
            shared.counts.count(Counted::Registered);
        }
        NoticeKind::Unknown { info_type } => {
            if reviews::keep_of_notice(shared, platform, plaintext).await? {
                shared.counts.count(Counted::Review);
                return Ok(());
            }
            shared.counts.count(Counted::Unknown);
            tracing::info!(notice.info_type = %info_type, "a notice of a kind that is not used here");
        }
    }
    Ok(())
}

/// The code of a mini-program that was registered; it dies like every other one.
async fn keep_new(
    shared: &Arc<Shared>,
    platform: &Platform,
    new: NewAccount,
) -> Result<(), StoreError> {
    let account = new.account.and_then(|id| id.parse().ok());
    let Some(code) = new.code else {
        // What WeChat says here names people now and then.
        if let Some(account) = account {
            tracing::warn!(
                status = new.status,
                %account,
                "WeChat says that a mini-program was registered, and gives no code for it: it is looked for in the list of accounts"
            );
        } else {
            tracing::warn!(
                status = new.status,
                "WeChat says that a mini-program could not be registered"
            );
        }
        if let Some(person) = &new.person
            && let Some(to) = asked_for(shared, platform, person).await?
        {
            (shared.wake)(&to.tenant);
        }
        return Ok(());
    };
    let client = &platform.served.client;
    client.keep_code(&code, account.as_ref(), None).await?;
    if let Some(person) = &new.person
        && let Some(to) = asked_for(shared, platform, person).await?
    {
        client.keep_code_for(&code, &to).await?;
    }
    exchange::begin(shared, platform, code);
    Ok(())
}

/// The mini-program for which a person was asked last: one at a time is. `None` also where something may have come of the
/// task before it: then the account is authorized and nobody's.
async fn asked_for(
    shared: &Shared,
    platform: &Platform,
    person: &str,
) -> Result<Option<Addressee>, StoreError> {
    let key = OpKey {
        action: personal_registration::CREATE.action(Some(&personal_registration::person(person))),
        appid: platform.appid().clone(),
    };
    let done = last_done(&shared.store, &key).await?;
    let asked = done.and_then(|done| AskedFor::deserialize(&done.evidence).ok());
    let Some(asked) = asked else { return Ok(None) };
    let whose = asked.whose();
    if whose.is_none() {
        tracing::warn!(
            asked.r#for,
            asked.beside,
            "a mini-program was registered that may be one of two: whose it is a person says by `wxops claim take`"
        );
    }
    Ok(whose.and_then(|whose| whose.parse().ok()))
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
    // The answer to WeChat does not wait for it.
    exchange::begin(shared, platform, grant.code);
    Ok(())
}
