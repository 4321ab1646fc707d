//! Back from WeChat with a code: exchanged once, checked against the tenant, pinned. Every way it can go wrong has its
//! page.

use axum::http::StatusCode;
use axum::response::Response;
use maud::html;

use super::page::{Reader, Speech, failure, page, reader, unknown_link};
use super::pages::{busy, tenant};
use super::server::{Platform, Request, Shared};
use crate::client::ExchangeError;
use crate::store::documents::{ClaimDoc, TenantDoc};
use crate::store::{Key, StoreError};
use crate::wechat::answer::read_payload;
use crate::wechat::authorizer::{INFO, Info, info_request};
use crate::wechat::secret::Secret;
use crate::wechat::{Answer, Appid};

/// Answers the redirect from WeChat's page.
pub(super) async fn come_back(
    shared: &Shared,
    platform: &Platform,
    link: &str,
    request: &Request,
) -> Response {
    let reader = reader(&request.headers);
    let Some((tenant, declared)) = tenant(shared, platform, link) else {
        return unknown_link(reader);
    };
    let code = url::form_urlencoded::parse(request.query.as_bytes())
        .find(|(name, _)| name == "auth_code")
        .map(|(_, value)| Secret::new(&value));
    let Some(code) = code.filter(|code| !code.expose().is_empty() && code.expose().len() <= 512)
    else {
        return not_confirmed(reader);
    };
    let client = &platform.served.client;
    let account = match client.exchange(&code).await {
        Ok(account) => account,
        Err(error @ ExchangeError::Refused(_)) => {
            tracing::warn!(error = %error, tenant.name = %tenant, "an authorization code was refused");
            return expired(reader);
        }
        Err(
            error @ (ExchangeError::Lost(_) | ExchangeError::Token(_) | ExchangeError::Store(_)),
        ) => {
            tracing::warn!(error = %error, tenant.name = %tenant, "an authorization code was not exchanged");
            return busy(reader);
        }
    };
    if let Some(declared) = declared.filter(|declared| *declared != account) {
        return wrong_account(reader, &declared);
    }
    match client.reader().read(&info_request(&account)).await {
        Answer::Done(body) => match read_payload::<Info>(&INFO, &body) {
            Ok(info) => admit(shared, &tenant, &account, &info, reader).await,
            Err(_) => busy(reader),
        },
        Answer::Refused(_) | Answer::Lost(_) => busy(reader),
    }
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
        Ok(true) => {
            (shared.wake)(tenant);
            welcome(reader, info)
        }
        Ok(false) => bound_elsewhere(reader),
        Err(error) => {
            tracing::error!(error = %error, "an account could not be pinned");
            busy(reader)
        }
    }
}

/// Claims the account, then pins it. False: another tenant has it, or this tenant has another account.
async fn pin(shared: &Shared, tenant: &str, account: &Appid) -> Result<bool, StoreError> {
    let claim = ClaimDoc {
        tenant: tenant.to_owned(),
    };
    let key = Key::claim(account);
    match shared.store.create(&key, &claim).await {
        Ok(_) => {}
        Err(error) if error.is_conflict() => {
            let holder = shared.store.get::<ClaimDoc>(&key).await?;
            if holder.is_none_or(|holder| holder.value.tenant != tenant) {
                return Ok(false);
            }
        }
        Err(error) => return Err(error),
    }
    let doc = shared
        .store
        .update::<TenantDoc>(&Key::tenant(tenant), |doc| {
            if doc.pin.is_none() {
                doc.pin = Some(account.clone());
            }
        })
        .await?;
    Ok(doc.pin.as_ref() == Some(account))
}

fn welcome(reader: Reader, info: &Info) -> Response {
    let name = info.authorizer_info.nick_name.clone().unwrap_or_default();
    let title = Speech::new("授权成功", "Authorized");
    let text = Speech::new(
        format!("{name} 已授权,可以关闭本页。菜单等设置将自动进行。"),
        format!(
            "{name} is authorized. You can close this page; everything else happens by itself."
        ),
    );
    page(
        StatusCode::OK,
        reader,
        &title,
        html! { p { (text.to(reader)) } },
    )
}

fn objected(reader: Reader, first: &super::Objection, all: &[super::Objection]) -> Response {
    let title = match first.reason {
        "WrongAccountKind" => Speech::new("账号类型不符", "Wrong kind of account"),
        "OtherPrincipal" => Speech::new("账号主体不符", "The account belongs to another company"),
        "NotVerified" => Speech::new("账号未认证", "The account is not verified"),
        _ => Speech::new("账号不符合要求", "The account is not as required"),
    };
    let again = Speech::new(
        "请用正确的账号重新打开授权链接。",
        "Please open the link again and choose the right account.",
    );
    page(
        StatusCode::CONFLICT,
        reader,
        &title,
        html! {
            @for one in all {
                p { (Speech::new(one.zh.clone(), one.en.clone()).to(reader)) }
            }
            p { (again.to(reader)) }
        },
    )
}

fn wrong_account(reader: Reader, declared: &Appid) -> Response {
    failure(
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
    failure(
        StatusCode::CONFLICT,
        reader,
        &Speech::new("账号已绑定其他租户", "The account is in use already"),
        &Speech::new(
            "该公众号已由服务商的另一个客户使用,或本链接已用于另一个公众号。请联系服务商。",
            "This account belongs to another customer of your provider, or this link was used for another account. \
             Please ask your provider.",
        ),
    )
}

fn expired(reader: Reader) -> Response {
    failure(
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
    failure(
        StatusCode::BAD_REQUEST,
        reader,
        &Speech::new("没有完成授权", "Nothing was authorized"),
        &Speech::new(
            "请重新打开授权链接并确认授权。",
            "Please open the link again and confirm.",
        ),
    )
}
