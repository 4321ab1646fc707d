//! Back from WeChat with a code: exchanged once, checked against the tenant, pinned. Every way it can go wrong has its
//! page.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use maud::html;

use super::page::{Reader, Script, Speech, page, reader, say};
use super::pages::{busy, out_of_order, tenant, unknown_link};
use super::pin::{Pinned, pin};
use super::server::{Platform, Shared};
use super::{Objection, chain};
use crate::client::ExchangeError;
use crate::wechat::answer::read_payload;
use crate::wechat::authorization::granted_sets;
use crate::wechat::authorizer::{INFO, Info, info_request};
use crate::wechat::secret::Secret;
use crate::wechat::{Answer, Appid, permission_set};

/// WeChat's codes have about 100 characters.
const LONGEST_CODE: usize = 512;

/// Answers the redirect from WeChat's page.
pub(super) async fn come_back(
    shared: &Shared,
    platform: &Platform,
    link: &str,
    query: &str,
    headers: &HeaderMap,
) -> Response {
    let reader = reader(headers);
    let Some((tenant, declared)) = tenant(shared, platform, link) else {
        return unknown_link(reader);
    };
    let Some(code) = code(query) else {
        return not_confirmed(reader);
    };
    let client = &platform.served.client;
    let account = match client.exchange(&code).await {
        Ok(account) => account,
        Err(error) => {
            tracing::warn!(error = chain(&error), tenant.name = %tenant, "an authorization code was not exchanged");
            return not_exchanged(reader, &error);
        }
    };
    if let Some(declared) = declared.filter(|declared| *declared != account) {
        return wrong_account(reader, &declared);
    }
    let info = match client.reader().read(&info_request(&account)).await {
        Answer::Done(body) => read_payload::<Info>(&INFO, &body).ok(),
        Answer::Refused(_) | Answer::Lost(_) => None,
    };
    match info {
        Some(info) => admit(shared, &tenant, &account, &info, reader).await,
        None => busy(reader),
    }
}

fn code(query: &str) -> Option<Secret> {
    url::form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "auth_code")
        .map(|(_, value)| Secret::new(&value))
        .filter(|code| (1..=LONGEST_CODE).contains(&code.expose().len()))
}

/// The account is what the manifest says, and nobody else's: tenant and account belong to each other from now on.
async fn admit(
    shared: &Shared,
    tenant: &str,
    account: &Appid,
    info: &Info,
    reader: Reader,
) -> Response {
    let objections = shared.gatekeeper.objections(tenant, info);
    if let Some(first) = objections.first() {
        return objected(reader, first, &objections);
    }
    match pin(shared, tenant, account).await {
        Ok(Pinned::Yes) => {
            (shared.wake)(tenant);
            welcome(reader, info, &missing_sets(shared, tenant, info))
        }
        Ok(Pinned::ClaimedByAnother) => bound_elsewhere(reader),
        Ok(Pinned::HasAnother) => link_used(reader),
        Err(error) => {
            tracing::error!(error = chain(&error), tenant.name = %tenant, "an account could not be pinned");
            out_of_order(reader)
        }
    }
}

fn missing_sets(shared: &Shared, tenant: &str, info: &Info) -> Vec<u16> {
    // What the answer does not say is not missing.
    let Some(granted) = granted_sets(info.authorization_info.func_info.as_ref()) else {
        return Vec::new();
    };
    let needed = shared.gatekeeper.sets(tenant);
    needed.difference(&granted).copied().collect()
}

fn welcome(reader: Reader, info: &Info, missing: &[u16]) -> Response {
    let name = info.authorizer_info.nick_name.clone().unwrap_or_default();
    let title = Speech::new("授权成功", "Authorized");
    let text = Speech::new(
        format!("{name} 已授权,可以关闭本页。菜单等设置将自动进行。"),
        format!(
            "{name} is authorized. You can close this page; everything else happens by itself."
        ),
    );
    let lacking = Speech::new(
        "还缺少以下权限集,相关功能暂不可用;需要时请重新打开链接并全部勾选:",
        "These permission sets are missing, and with them some functions. Open the link again and tick all to add them:",
    );
    let body = html! {
        p { (text.to(reader)) }
        @if !missing.is_empty() {
            p { (lacking.to(reader)) }
            ul { @for id in missing { li { (permission_set::describe(*id)) } } }
        }
    };
    page(StatusCode::OK, reader, &title, &body, Script::None)
}

fn objected(reader: Reader, first: &Objection, all: &[Objection]) -> Response {
    let title = match first.reason {
        "WrongAccountKind" => Speech::new("账号类型不符", "Wrong kind of account"),
        "OtherPrincipal" => Speech::new("账号主体不符", "The account belongs to another company"),
        "NotVerified" => Speech::new("账号未认证", "The account is not verified"),
        _ => Speech::new("账号不符合要求", "The account is not as required"),
    };
    let again = Speech::new(
        "处理后请重新打开授权链接。",
        "Once that is put right, please open the link again.",
    );
    let body = html! {
        @for one in all {
            p { (Speech::new(one.zh.clone(), one.en.clone()).to(reader)) }
        }
        p { (again.to(reader)) }
    };
    page(StatusCode::CONFLICT, reader, &title, &body, Script::None)
}

fn not_exchanged(reader: Reader, error: &ExchangeError) -> Response {
    match error {
        ExchangeError::Refused(_) => expired(reader),
        ExchangeError::Lost(_) | ExchangeError::Token(_) => busy(reader),
        ExchangeError::Store(_) => out_of_order(reader),
    }
}

fn wrong_account(reader: Reader, declared: &Appid) -> Response {
    say(
        StatusCode::CONFLICT,
        reader,
        &Speech::new("账号不符", "Another account was expected"),
        &Speech::new(
            format!("应授权的公众号是 {declared},请重新打开链接并选择它。"),
            format!(
                "The expected account is {declared}. Please open the link again and choose it."
            ),
        ),
    )
}

fn bound_elsewhere(reader: Reader) -> Response {
    say(
        StatusCode::CONFLICT,
        reader,
        &Speech::new("账号已绑定其他客户", "The account is in use already"),
        &Speech::new(
            "该公众号已由服务商的另一个客户使用。请联系服务商。",
            "This account belongs to another customer of your provider. Please ask your provider.",
        ),
    )
}

fn link_used(reader: Reader) -> Response {
    say(
        StatusCode::CONFLICT,
        reader,
        &Speech::new("已绑定另一个公众号", "Another account is bound already"),
        &Speech::new(
            "这个链接已用于另一个公众号。如需更换,请联系服务商。",
            "This link was used for another account. Please ask your provider to change it.",
        ),
    )
}

fn expired(reader: Reader) -> Response {
    say(
        StatusCode::GONE,
        reader,
        &Speech::new("授权已过期", "The authorization has expired"),
        &Speech::new(
            "请重新打开授权链接再试一次。",
            "Please open the link again and retry.",
        ),
    )
}

fn not_confirmed(reader: Reader) -> Response {
    say(
        StatusCode::BAD_REQUEST,
        reader,
        &Speech::new("没有完成授权", "Nothing was authorized"),
        &Speech::new(
            "请重新打开授权链接并确认授权。",
            "Please open the link again and confirm.",
        ),
    )
}
