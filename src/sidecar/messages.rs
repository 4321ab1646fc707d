//! 消息与事件接收URL: users' messages are passed on as they came, or acknowledged. Moving in must not silence a bot.
//!
//! They are personal: nothing of them is stored or logged. Of one that is passed on the signature is stored, so that a
//! replay is known for one after a restart. The ends of WeChat's reviews come the same way; they are nobody's message and
//! are stored before they go on (`reviews`).

use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

use super::counts::Counted;
use super::intake::{self, Push, success};
use super::passing::{Passed, Reply};
use super::paths::{PLACEHOLDER, appid_of, at_messages};
use super::platform::Platform;
use super::shared::Shared;
use super::{chain, notices, reviews, trouble, whose};
use crate::wechat::Appid;
use crate::wechat::push::{Head, PushTrouble};

/// WeChat gives up after 5 seconds; what is left is the way there and back.
pub(super) const DEADLINE: Duration = Duration::from_millis(4_500);

/// The largest reply passed back; WeChat takes a few KiB.
const MAX_REPLY: usize = 64 << 10;

/// Takes one message about an account.
pub(super) async fn take(shared: &Arc<Shared>, path: &str, push: &Push) -> Response {
    let (platform, plaintext) = match intake::open(at_messages(shared, path), push) {
        Ok(opened) => opened,
        Err(refusal) => return refusal.answer(shared).await,
    };
    let signature = &push.query.msg_signature;
    if shared.replays.knows(signature) {
        shared.counts.count(Counted::Replayed);
        return success();
    }
    let head = Head::read(&plaintext);
    if head.is_notice && !head.is_message {
        // What is acknowledged is stored, wherever it comes in.
        trouble::note(shared, &[platform], PushTrouble::NoticeAtMessages, None).await;
        return notices::take_opened(shared, platform, push, &plaintext).await;
    }
    shared.counts.count(Counted::Message);
    let Some(account) = appid_of(&platform.served.messages, path) else {
        return success();
    };
    if whose::is_anothers(shared, platform, &account, head.to_user.as_deref()).await {
        // Not remembered: it may still come where it belongs.
        trouble::note(shared, &[platform], PushTrouble::OtherAccount, None).await;
        return success();
    }
    if let Err(error) = reviews::keep_of_message(shared, platform, &account, &plaintext).await {
        shared.counts.count(Counted::NotStored);
        tracing::error!(
            error = chain(&error),
            "the end of a review could not be stored, so it is not acknowledged"
        );
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let Some(target) = target(platform, &account, push) else {
        shared.replays.remember(signature);
        return success();
    };
    shared
        .window
        .keep(platform, &shared.replays, signature)
        .await;
    let flight = (account, *head.identity());
    let passed = shared
        .passing
        .join(flight, || pass_on(shared, target, push))
        .await;
    match passed {
        Ok(reply) => {
            shared.replays.remember(signature);
            reply.into_response()
        }
        Err(why) => {
            // The user would be told that the account is out of order; `success` only leaves it silent.
            shared.counts.count(Counted::MessageLost);
            tracing::warn!(why, "a message could not be passed on");
            success()
        }
    }
}

/// Where a message goes: the backend's address with WeChat's own query, so that it can check the signature as before.
fn target(platform: &Platform, account: &Appid, push: &Push) -> Option<String> {
    let template = platform.served.forward_messages.as_ref()?;
    let mut url = template.replace(PLACEHOLDER, account.as_str());
    if !push.raw_query.is_empty() {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&push.raw_query);
    }
    Some(url)
}

/// Begins to pass a message on.
fn pass_on(
    shared: &Shared,
    target: String,
    push: &Push,
) -> impl Future<Output = Passed> + Send + use<> {
    let content_type = push.headers.get(CONTENT_TYPE);
    let content_type = content_type
        .and_then(|value| value.to_str().ok())
        .unwrap_or("text/xml");
    let request = shared
        .http
        .post(target)
        .header("content-type", content_type)
        .body(push.body.clone());
    async move {
        let mut answer = request.send().await.map_err(|error| words(&error))?;
        if !answer.status().is_success() {
            return Err("the backend answered with an error");
        }
        let content_type = answer.headers().get("content-type").cloned();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| words(&error))? {
            if body.len() + chunk.len() > MAX_REPLY {
                return Err("the backend's reply is too large");
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply {
            content_type,
            body: body.into(),
        })
    }
}

/// Never the error's own text, which holds the URL and with it the user's openid.
fn words(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "the backend took too long"
    } else if error.is_connect() {
        "the backend cannot be reached"
    } else {
        "the connection to the backend broke"
    }
}
