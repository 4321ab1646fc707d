//! `/register/{link}`: the page on which the administrator of an official account confirms that a mini-program is
//! registered with its principal, and the way back from WeChat with the ticket of the scan.
//!
//! The ticket is stored and a pass woken; nothing is registered here. WeChat's page must be reached by a click on a page
//! of ours (developers.weixin.qq.com, `registerMiniprogramByOffiaccount`).

use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use maud::html;
use url::Url;

use super::callback::{Brought, brought, garbled, not_confirmed};
use super::page::{Reader, Script, Speech, page, reader, say};
use super::pages::{
    Device, addressee, busy, click_on, device, out_of_order, too_often, unknown_link,
};
use super::platform::Platform;
use super::shared::Shared;
use super::{Registering, chain, scan};
use crate::client::{Addressee, PlatformAccess, Purpose, authorize};
use crate::store::documents::RegisterDoc;
use crate::store::{Key, StoreError};
use crate::wechat::answer::read_payload;
use crate::wechat::basic_info::{self, BasicInfo, PrincipalKind};
use crate::wechat::registration::PAGE;
use crate::wechat::{Answer, Appid};

/// Whom a link is for: an item that is to be registered, and through which official account.
struct Wish {
    to: Addressee,
    name: Option<String>,
    how: Registering,
    /// None: the official account has not authorized the platform yet.
    official: Option<Appid>,
    /// The mini-program, where there is one already.
    made: Option<Appid>,
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
    let wish = match wish(shared, platform, link).await {
        Ok(wish) => wish,
        Err(stopped) => return stopped.page(reader),
    };
    if wish.made.is_some() {
        return registered(reader);
    }
    let Some(official) = &wish.official else {
        return authorize_first(platform, &wish.to, reader);
    };
    match *method {
        Method::GET | Method::HEAD => invitation(reader, &wish, device(headers)),
        Method::POST => {
            let now = shared.clock.now();
            if !shared.clicks.may_click(platform.appid(), &wish.to, now) {
                return too_often(reader);
            }
            let copies = wish.how.copy_verification || must_copy(platform, official).await;
            match target(platform, &wish.to, official, copies) {
                Some(target) => click_on(reader, &target),
                None => out_of_order(reader),
            }
        }
        _ => StatusCode::METHOD_NOT_ALLOWED.into_response(),
    }
}

/// Back from WeChat: the ticket is stored, and a pass registers.
pub(super) async fn come_back(
    shared: &Shared,
    platform: &Platform,
    link: &str,
    query: &str,
    headers: &HeaderMap,
) -> Response {
    let reader = reader(headers);
    let wish = match wish(shared, platform, link).await {
        Ok(wish) => wish,
        Err(stopped) => return stopped.page(reader),
    };
    let ticket = match brought(query, Purpose::Register) {
        Brought::Given(ticket) => ticket,
        Brought::Garbled => return garbled(reader),
        Brought::Nothing => {
            scan::not_confirmed(shared, &wish.to).await;
            return not_confirmed(reader);
        }
    };
    if wish.made.is_some() {
        return registered(reader);
    }
    let (Some(official), Some(item)) = (&wish.official, &wish.to.item) else {
        return authorize_first(platform, &wish.to, reader);
    };
    let now = shared.clock.now();
    let key = Key::register(official, &wish.to.tenant, item);
    // The newest scan is used first, after one that a request was made with; nobody can tell here whether WeChat gave it.
    let stored = shared
        .store
        .modify::<RegisterDoc, ()>(&key, |held| {
            *held = Some(RegisterDoc::after(held.take(), ticket.expose().into(), now));
        })
        .await;
    if let Err(error) = stored {
        tracing::error!(error = chain(&error), tenant.name = %wish.to, "the ticket of a scan could not be stored");
        return busy(reader);
    }
    // What an earlier scan did not confirm is confirmed now.
    scan::forget(shared, &wish.to).await;
    (shared.wake)(&wish.to.tenant);
    say(
        StatusCode::OK,
        reader,
        &Speech::new("已确认，正在注册", "Confirmed, being registered"),
        &Speech::new(
            "可以关闭本页，后续由服务商进行，无需再次扫码。小程序注册后会与公众号关联，您可以在微信公众平台查看。",
            "You can close this page; your provider goes on from here, and you need not scan again. Once it is registered the \
             mini-program is linked to your official account, where you see it in WeChat's console.",
        ),
    )
}

/// Why a link leads to nothing that is to be registered.
enum Stopped {
    UnknownLink,
    Store(StoreError),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Stopped {
    fn page(&self, reader: Reader) -> Response {
        match self {
            Self::UnknownLink => unknown_link(reader),
            Self::Store(error) => {
                tracing::error!(error = chain(error), "a tenant cannot be read");
                out_of_order(reader)
            }
        }
    }
}

async fn wish(shared: &Shared, platform: &Platform, link: &str) -> Result<Wish, Stopped> {
    let link = (Purpose::Register, link);
    let found = addressee(shared, platform, link).await;
    let (to, expected) = found.ok_or(Stopped::UnknownLink)?;
    let how = expected.registration().ok_or(Stopped::UnknownLink)?;
    let made = match expected.appid() {
        Some(appid) => Some(appid.clone()),
        None => authorize::pinned(&shared.store, &to).await?,
    };
    let owner = Addressee::of(&to.tenant, None);
    let declared = shared.gatekeeper.find(&owner).await;
    let declared = declared.and_then(|one| one.appid().cloned());
    let official = match declared {
        Some(appid) => Some(appid),
        None => authorize::pinned(&shared.store, &owner).await?,
    };
    Ok(Wish {
        name: expected.nickname(),
        to,
        how,
        official,
        made,
    })
}

/// Whether WeChat takes the registration only where the verification is asked to be reused: of governments, media and
/// other organisations (61056). Where it does not say, nothing more is asked than the manifest does.
async fn must_copy(platform: &Platform, official: &Appid) -> bool {
    let reader = platform.served.client.reader();
    let answer = reader.read(&basic_info::get_request(official)).await;
    let Answer::Done(body) = answer else {
        return false;
    };
    let info = read_payload::<BasicInfo>(&basic_info::GET, &body);
    info.is_ok_and(|info| {
        matches!(
            info.principal_kind(),
            Some(PrincipalKind::Media | PrincipalKind::Government | PrincipalKind::Other)
        )
    })
}

fn target(platform: &Platform, to: &Addressee, official: &Appid, copies: bool) -> Option<Url> {
    let access = platform.served.client.platform();
    let back = authorize::callback(
        access,
        Purpose::Register,
        to,
        (&platform.public, &platform.served.register),
    );
    let mut url = wechat(access)?.join(PAGE).ok()?;
    url.query_pairs_mut()
        .append_pair("appid", official.as_str())
        .append_pair("component_appid", access.appid.as_str())
        .append_pair("copy_wx_verify", if copies { "1" } else { "0" })
        .append_pair("redirect_uri", back.as_str());
    Some(url)
}

/// Where WeChat's pages are; a simulator's live where its API does.
fn wechat(access: &PlatformAccess) -> Option<Url> {
    if access.is_loopback() {
        Some(access.api_base.clone())
    } else {
        Url::parse("https://mp.weixin.qq.com").ok()
    }
}

fn invitation(reader: Reader, wish: &Wish, device: Device) -> Response {
    let title = Speech::new("注册小程序", "Register a mini-program");
    let what = Speech::new(
        "服务商将用您公众号的主体为您注册一个小程序，并与公众号关联。注册后无法撤销，每月最多 5 个（个体户 1 个）；不会改动公众号本身。",
        "Your provider registers a mini-program for you with the principal of your official account, and links it to that. It \
         cannot be undone, and there are five a month (one for a sole trader); the official account itself is not changed.",
    );
    let how = match device {
        Device::Desktop => Speech::new(
            "点击下面的按钮，由公众号管理员用微信扫码确认。",
            "Click the button, then let the official account's administrator scan with WeChat and confirm.",
        ),
        Device::WeChat | Device::Phone => Speech::new(
            "请在电脑上打开本页，由公众号管理员用微信扫码确认；也可以点击下面的按钮继续。",
            "Please open this page on a computer and let the official account's administrator scan there; or go on with the \
             button.",
        ),
    };
    let button = Speech::new("去微信确认", "Continue to WeChat");
    let whose = Speech::new("客户编号：", "Customer: ");
    let which = Speech::new("小程序：", "Mini-program: ");
    let named = wish.name.clone().unwrap_or_default();
    let named = Speech::new(format!("（{named}）"), format!(" ({named})"));
    let body = html! {
        p { (what.to(reader)) }
        p { (how.to(reader)) }
        form method="post" { button.go type="submit" { (button.to(reader)) } }
        p.note { (whose.to(reader)) (wish.to.tenant) }
        @if let Some(item) = &wish.to.item {
            p.note { (which.to(reader)) (item) @if wish.name.is_some() { (named.to(reader)) } }
        }
    };
    page(StatusCode::OK, reader, &title, &body, Script::None)
}

/// WeChat registers only what an authorized account's administrator asks for.
fn authorize_first(platform: &Platform, to: &Addressee, reader: Reader) -> Response {
    let owner = Addressee::of(&to.tenant, None);
    let first = authorize::address(
        platform.served.client.platform(),
        Purpose::Authorize,
        &owner,
        (&platform.public, &platform.served.authorize),
    );
    let title = Speech::new(
        "请先授权公众号",
        "Please authorize the official account first",
    );
    let text = Speech::new(
        "公众号还没有授权给服务商。请先完成授权，再打开本页。",
        "The official account has not authorized your provider yet. Please do that first, then open this page again.",
    );
    let go = Speech::new("去授权公众号", "Authorize the official account");
    let body = html! {
        p { (text.to(reader)) }
        p { a.go href=(first) { (go.to(reader)) } }
    };
    page(StatusCode::CONFLICT, reader, &title, &body, Script::None)
}

fn registered(reader: Reader) -> Response {
    say(
        StatusCode::OK,
        reader,
        &Speech::new("已经注册", "Registered already"),
        &Speech::new(
            "这个小程序已经注册，无需再次扫码。",
            "This mini-program is registered already: there is no need to scan again.",
        ),
    )
}
