//! 消息与事件接收URL: users' messages are passed on as they came, or acknowledged. Moving in must not silence a bot.
//!
//! They are personal: nothing of them is stored or logged.

use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

use super::counts::Counted;
use super::intake::{self, Push, forbidden, success};
use super::server::{Platform, Shared};
use crate::wechat::Appid;

/// WeChat gives up after 5 seconds; what is left is the way there and back.
pub(super) const DEADLINE: Duration = Duration::from_millis(4_500);

/// The largest reply passed back; WeChat takes a few KiB.
const MAX_REPLY: usize = 64 << 10;

const PLACEHOLDER: &str = "$APPID$";

/// The account a path names, under a template such as `/wechat/messages/$APPID$`.
pub(super) fn appid_of(template: &str, path: &str) -> Option<Appid> {
    let (before, after) = template.split_once(PLACEHOLDER)?;
    let appid = path.strip_prefix(before)?.strip_suffix(after)?;
    Appid::parse(appid).ok()
}

/// Takes one message about an account.
pub(super) async fn take(shared: &Shared, path: &str, push: &Push) -> Response {
    let at_path = shared
        .platforms
        .iter()
        .filter(|platform| appid_of(&platform.served.messages, path).is_some());
    let Some((platform, _)) = intake::open(at_path, push) else {
        return forbidden(shared);
    };
    let signature = &push.query.msg_signature;
    if shared.replays.knows(signature) {
        shared.counts.count(Counted::Replayed);
        return success();
    }
    shared.counts.count(Counted::Message);
    let Some(target) = target(platform, path, push) else {
        shared.replays.remember(signature);
        return success();
    };
    match pass_on(shared, &target, push).await {
        Ok(reply) => {
            shared.replays.remember(signature);
            reply
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
fn target(platform: &Platform, path: &str, push: &Push) -> Option<String> {
    let account = appid_of(&platform.served.messages, path)?;
    let template = platform.served.forward_messages.as_ref()?;
    let mut url = template.replace(PLACEHOLDER, account.as_str());
    if !push.raw_query.is_empty() {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&push.raw_query);
    }
    Some(url)
}

async fn pass_on(shared: &Shared, target: &str, push: &Push) -> Result<Response, &'static str> {
    let content_type = push
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("text/xml");
    let mut answer = shared
        .http
        .post(target)
        .header("content-type", content_type)
        .body(push.body.clone())
        .send()
        .await
        .map_err(|error| words(&error))?;
    if !answer.status().is_success() {
        return Err("the backend answered with an error");
    }
    let content_type = answer.headers().get("content-type").cloned();
    let mut reply = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| words(&error))? {
        if reply.len() + chunk.len() > MAX_REPLY {
            return Err("the backend's reply is too large");
        }
        reply.extend_from_slice(&chunk);
    }
    let mut response = reply.into_response();
    if let Some(content_type) = content_type {
        response.headers_mut().insert(CONTENT_TYPE, content_type);
    }
    Ok(response)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_the_one_in_the_url() {
        let template = "/wechat/messages/$APPID$";
        let appid = appid_of(template, "/wechat/messages/wx1111111111111111");
        assert_eq!(appid.unwrap().as_str(), "wx1111111111111111");
        assert!(appid_of(template, "/wechat/messages/").is_none());
        assert!(appid_of(template, "/wechat/messages/../../etc").is_none());
        assert!(appid_of("/m/$APPID$/cb", "/m/wx1111111111111111/cb").is_some());
    }
}
