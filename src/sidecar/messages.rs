//! 消息与事件接收URL: users' messages are passed on as they came, or acknowledged. Moving in must not silence a bot.

use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::notices::{SUCCESS, read_query};
use super::server::{Platform, Request, Shared};
use crate::wechat::Appid;

/// WeChat gives up after 5 seconds; what is left is the way back.
pub(super) const DEADLINE: Duration = Duration::from_millis(4_500);

/// The largest reply passed back.
const MAX_REPLY: usize = 256 << 10;

const PLACEHOLDER: &str = "$APPID$";

/// The account a path names, under a template such as `/wechat/messages/$APPID$`.
pub(super) fn appid_of(template: &str, path: &str) -> Option<Appid> {
    let (before, after) = template.split_once(PLACEHOLDER)?;
    let appid = path.strip_prefix(before)?.strip_suffix(after)?;
    Appid::parse(appid).ok()
}

/// Takes one message.
pub(super) async fn take(
    shared: &Shared,
    platform: &Platform,
    account: &Appid,
    request: &Request,
) -> Response {
    if request.method != Method::POST {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let query = read_query(&request.query);
    if let Err(error) = platform.cipher.open(&query, &request.body) {
        tracing::warn!(%error, "a message was refused");
        return StatusCode::FORBIDDEN.into_response();
    }
    let Some(target) = &platform.served.forward_messages else {
        return SUCCESS.into_response();
    };
    match forward(shared, target, account, request).await {
        Ok(reply) => reply,
        Err(error) => {
            // The user would see an error if WeChat did; `success` keeps the account silent instead.
            tracing::warn!(error = %error.without_url(), "a message could not be passed on");
            SUCCESS.into_response()
        }
    }
}

async fn forward(
    shared: &Shared,
    target: &str,
    account: &Appid,
    request: &Request,
) -> Result<Response, reqwest::Error> {
    let mut url = target.replace(PLACEHOLDER, account.as_str());
    if !request.query.is_empty() {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&request.query);
    }
    let content_type = request
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("text/xml");
    let mut answer = shared
        .http
        .post(url)
        .header("content-type", content_type)
        .body(request.body.to_vec())
        .send()
        .await?
        .error_for_status()?;
    let content_type = answer
        .headers()
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .unwrap_or("text/xml")
        .to_owned();
    let mut reply = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if reply.len() + chunk.len() > MAX_REPLY {
            tracing::warn!("the reply to a message is too large to be passed back");
            return Ok(SUCCESS.into_response());
        }
        reply.extend_from_slice(&chunk);
    }
    Ok(([(CONTENT_TYPE, content_type)], reply).into_response())
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
