//! `/authorize/{link}`: the page an owner opens, and the click that leads to WeChat.
//!
//! WeChat's page must be reached by a click on a page of ours (it checks the Referer; a redirect has none), and its
//! code lives for minutes, so: a button posts, the code is made then, and the answer is a page with a real link.

use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use maud::html;
use url::Url;

use super::Expected;
use super::chain;
use super::page::{Reader, Script, Speech, page, reader, say};
use super::platform::Platform;
use super::shared::Shared;
use crate::client::{Addressee, Invitation, Purpose, Wanted, authorize};
use crate::wechat::Appid;

/// Where the owner's browser runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Device {
    Desktop,
    /// A phone, inside WeChat: goes on without scanning.
    WeChat,
    /// A phone, in another browser: it cannot scan its own screen.
    Phone,
}

/// Whether we made a link for this platform.
pub(super) fn is_ours(platform: &Platform, purpose: Purpose, link: &str) -> bool {
    authorize::addressee_of(platform.served.client.platform(), purpose, link).is_some()
}

/// Whom a link is for, and what the manifest says of that account.
pub(super) async fn addressee(
    shared: &Shared,
    platform: &Platform,
    (purpose, link): (Purpose, &str),
) -> Option<(Addressee, Box<dyn Expected>)> {
    let access = platform.served.client.platform();
    let to = authorize::addressee_of(access, purpose, link)?;
    let expected = shared.gatekeeper.find(&to).await?;
    (*expected.platform() == access.appid).then_some((to, expected))
}

/// What kind of account a link asks for.
pub(super) fn kind_of(to: &Addressee) -> Speech {
    match to.item {
        None => Speech::new("公众号", "official account"),
        Some(_) => Speech::new("小程序", "mini-program"),
    }
}

/// Answers the link's page, or the click on its button.
pub(super) async fn answer(
    shared: &Shared,
    platform: &Platform,
    link: &str,
    method: &Method,
    headers: &HeaderMap,
) -> Response {
    let reader = reader(headers);
    let link = (Purpose::Authorize, link);
    let Some((to, expected)) = addressee(shared, platform, link).await else {
        return unknown_link(reader);
    };
    let device = device(headers);
    match *method {
        Method::GET | Method::HEAD => {
            let name = expected.nickname();
            invitation(reader, &to, name.as_deref(), device)
        }
        Method::POST => {
            let now = shared.clock.now();
            if !shared.clicks.may_click(platform.appid(), &to, now) {
                return too_often(reader);
            }
            lead_on(
                shared,
                platform,
                &to,
                expected.appid().cloned(),
                device,
                reader,
            )
            .await
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

fn invitation(reader: Reader, to: &Addressee, name: Option<&str>, device: Device) -> Response {
    let kind = kind_of(to);
    let title = Speech::new(
        format!("授权{}", kind.zh),
        format!("Authorize your {}", kind.en),
    );
    let text = match device {
        Device::Desktop => Speech::new(
            format!(
                "点击下面的按钮，由{0}管理员用微信扫码，选择{0}并确认授权。",
                kind.zh
            ),
            "Click the button, then let the account's administrator scan with WeChat, choose the account and confirm.",
        ),
        Device::WeChat => Speech::new(
            format!("请{0}管理员点击下面的按钮，选择{0}并确认授权。", kind.zh),
            "The account's administrator taps the button, chooses the account and confirms.",
        ),
        Device::Phone => Speech::new(
            "请在微信里打开本页（例如把链接发给文件传输助手再点开），或在电脑上打开后用微信扫码。",
            "Please open this page inside WeChat (send yourself the link), or on a computer and scan there.",
        ),
    };
    let button = Speech::new("去微信授权", "Continue to WeChat");
    let whose = Speech::new("客户编号：", "Customer: ");
    let which = Speech::new("小程序：", "Mini-program: ");
    let named = name.unwrap_or_default();
    let named = Speech::new(format!("（{named}）"), format!(" ({named})"));
    let body = html! {
        p { (text.to(reader)) }
        form method="post" { button.go type="submit" { (button.to(reader)) } }
        p.note { (whose.to(reader)) (to.tenant) }
        @if let Some(item) = &to.item {
            p.note { (which.to(reader)) (item) @if name.is_some() { (named.to(reader)) } }
        }
    };
    page(StatusCode::OK, reader, &title, &body, Script::None)
}

async fn lead_on(
    shared: &Shared,
    platform: &Platform,
    to: &Addressee,
    declared: Option<Appid>,
    device: Device,
    reader: Reader,
) -> Response {
    let client = &platform.served.client;
    let known = match declared {
        Some(declared) => Some(declared),
        None => match authorize::pinned(&shared.store, to).await {
            Ok(pinned) => pinned,
            Err(error) => {
                tracing::error!(error = chain(&error), "a tenant cannot be read");
                return out_of_order(reader);
            }
        },
    };
    let code = match client.pre_auth_code().await {
        Ok(code) => code,
        Err(error) => {
            tracing::warn!(error = chain(&error), "no pre-authorization code");
            return busy(reader);
        }
    };
    let invitation = Invitation {
        wanted: &known.map_or_else(|| any_of(to), Wanted::Account),
        back: &authorize::callback(
            client.platform(),
            Purpose::Authorize,
            to,
            (&platform.public, &platform.served.authorize),
        ),
        phone: device == Device::WeChat,
    };
    let Some(target) = authorize::page(client.platform(), invitation, &code) else {
        return out_of_order(reader);
    };
    click_on(reader, &target)
}

/// A page that clicks on by itself: WeChat checks where its visitor comes from.
pub(super) fn click_on(reader: Reader, target: &Url) -> Response {
    let title = Speech::new("去微信确认", "Continue to WeChat");
    let text = Speech::new(
        "如果没有自动打开，请点击：",
        "If nothing opens by itself, click:",
    );
    let body = html! {
        p { (text.to(reader)) }
        p { a.go #go href=(target) { (title.to(reader)) } }
    };
    page(StatusCode::OK, reader, &title, &body, Script::ClickGo)
}

/// Any account of the kind that a link asks for.
fn any_of(to: &Addressee) -> Wanted {
    match to.item {
        None => Wanted::OfficialAccount,
        Some(_) => Wanted::MiniProgram,
    }
}

pub(super) fn device(headers: &HeaderMap) -> Device {
    let agent = headers
        .get("user-agent")
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let phone = ["Mobile", "Android", "iPhone"]
        .iter()
        .any(|word| agent.contains(word));
    match (phone, agent.contains("MicroMessenger")) {
        (true, true) => Device::WeChat,
        (true, false) => Device::Phone,
        (false, _) => Device::Desktop,
    }
}

/// A link that we did not make, or for a tenant that is gone.
pub(super) fn unknown_link(reader: Reader) -> Response {
    say(
        StatusCode::NOT_FOUND,
        reader,
        &Speech::new("链接无效", "This link is not valid"),
        &Speech::new(
            "请向服务商索取新的授权链接。",
            "Please ask your service provider for a new link.",
        ),
    )
}

/// The button was pressed again and again.
pub(super) fn too_often(reader: Reader) -> Response {
    say(
        StatusCode::TOO_MANY_REQUESTS,
        reader,
        &Speech::new("点击过于频繁", "Too many tries in a short time"),
        &Speech::new(
            "请一分钟后重新打开授权链接，再点击按钮。之前已打开的微信授权页在有效期内仍可使用。",
            "Please wait a minute, open the link again and click the button. A page of WeChat's that is open already \
             works as long as it is valid.",
        ),
    )
}

/// WeChat, or the way to it, does not work right now.
pub(super) fn busy(reader: Reader) -> Response {
    say(
        StatusCode::SERVICE_UNAVAILABLE,
        reader,
        &Speech::new("微信暂时没有应答", "WeChat does not answer right now"),
        &Speech::new(
            "请几分钟后重新打开授权链接。",
            "Please open the link again in a few minutes.",
        ),
    )
}

/// Our own store does not work right now.
pub(super) fn out_of_order(reader: Reader) -> Response {
    say(
        StatusCode::SERVICE_UNAVAILABLE,
        reader,
        &Speech::new("服务暂时不可用", "Out of order right now"),
        &Speech::new(
            "请几分钟后重新打开授权链接。",
            "Please open the link again in a few minutes.",
        ),
    )
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_a_phone_inside_wechat_goes_on_without_scanning() {
        let of = |agent: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("user-agent", HeaderValue::from_static(agent));
            device(&headers)
        };
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148";
        assert_eq!(of(iphone), Device::Phone);
        assert_eq!(
            of("Mozilla/5.0 (iPhone) Mobile/15E148 MicroMessenger/8.0.42"),
            Device::WeChat
        );
        assert_eq!(
            of("Mozilla/5.0 (Windows NT 10.0) MicroMessenger/3.9 WindowsWechat"),
            Device::Desktop
        );
        assert_eq!(device(&HeaderMap::new()), Device::Desktop);
    }
}
