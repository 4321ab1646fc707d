//! `/authorize/{link}`: the page an owner opens, and the click that leads to WeChat.
//!
//! WeChat's page must be reached by a click on a page of ours (it checks the Referer; a redirect has none), and its
//! code lives for minutes, so: a button posts, the code is made then, and the answer is a page with a real link.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use maud::{PreEscaped, html};

use super::page::{Reader, Speech, failure, page, reader, unknown_link};
use super::server::{Platform, Request, Shared};
use crate::client::{Invitation, Wanted, authorize};
use crate::wechat::Appid;

/// Answers the link's page, or the click on its button.
pub(super) async fn answer(
    shared: &Shared,
    platform: &Platform,
    link: &str,
    request: &Request,
) -> Response {
    let reader = reader(&request.headers);
    let Some((tenant, declared)) = tenant(shared, platform, link) else {
        return unknown_link(reader);
    };
    match request.method {
        Method::GET | Method::HEAD => invitation(reader),
        Method::POST => lead_on(platform, &tenant, declared, request, reader).await,
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

/// The tenant a link is for, and the account its manifest names.
pub(super) fn tenant(
    shared: &Shared,
    platform: &Platform,
    link: &str,
) -> Option<(String, Option<Appid>)> {
    let access = platform.served.client.platform();
    let tenant = authorize::tenant_of(access, link)?;
    let (owner, declared) = shared.gatekeeper.tenant(tenant)?;
    (owner == access.appid).then(|| (tenant.to_owned(), declared))
}

fn invitation(reader: Reader) -> Response {
    let title = Speech::new("授权公众号", "Authorize your official account");
    let text = Speech::new(
        "点击下面的按钮,由公众号管理员用微信扫码,选择公众号并确认授权。",
        "Click the button, then let the account's administrator scan with WeChat, choose the account and confirm.",
    );
    let button = Speech::new("去微信授权", "Continue to WeChat");
    page(
        StatusCode::OK,
        reader,
        &title,
        html! {
            p { (text.to(reader)) }
            form method="post" { button.go type="submit" { (button.to(reader)) } }
        },
    )
}

async fn lead_on(
    platform: &Platform,
    tenant: &str,
    declared: Option<Appid>,
    request: &Request,
    reader: Reader,
) -> Response {
    let client = &platform.served.client;
    let code = match client.pre_auth_code().await {
        Ok(code) => code,
        Err(error) => {
            tracing::warn!(error = %error, "no pre-authorization code");
            return busy(reader);
        }
    };
    let wanted = declared.map_or(Wanted::OfficialAccount, Wanted::Account);
    let served = &platform.served;
    let back = authorize::callback(
        client.platform(),
        tenant,
        &served.public_url,
        &served.authorize,
    );
    let invitation = Invitation {
        wanted: &wanted,
        sets: &BTreeSet::new(),
        back: &back,
        phone: in_wechat(request),
    };
    let target = authorize::page(client.platform(), invitation, &code);
    let Some(target) = target else {
        return busy(reader);
    };
    let title = Speech::new("去微信授权", "Continue to WeChat");
    let text = Speech::new(
        "如果没有自动打开,请点击:",
        "If nothing opens by itself, click:",
    );
    page(
        StatusCode::OK,
        reader,
        &title,
        html! {
            p { (text.to(reader)) }
            p { a.go #go href=(target) { (title.to(reader)) } }
            script { (PreEscaped("document.getElementById('go').click()")) }
        },
    )
}

/// Inside WeChat the phone's page needs no scan.
fn in_wechat(request: &Request) -> bool {
    request
        .headers
        .get("user-agent")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|agent| agent.contains("MicroMessenger"))
}

/// WeChat, or the way to it, does not work right now.
pub(super) fn busy(reader: Reader) -> Response {
    failure(
        StatusCode::SERVICE_UNAVAILABLE,
        reader,
        &Speech::new("暂时无法授权", "Authorizing does not work right now"),
        &Speech::new(
            "微信没有应答,请几分钟后重新打开这个链接。",
            "WeChat does not answer. Please open this link again in a few minutes.",
        ),
    )
}
