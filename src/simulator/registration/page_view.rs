//! How the page `fastregisterauth` looks, and what it carries on to its form. No decisions here.

use maud::{Markup, html};
use serde::Deserialize;

use crate::simulator::account::Account;
use crate::simulator::page_view::{name, page};

/// Where the administrator's confirmation goes.
pub(super) const CONFIRM: &str = "/cgi-bin/fastregisterauth/confirm";

/// What the platform's link carries.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Link {
    pub(super) appid: String,
    pub(super) component_appid: String,
    pub(super) copy_wx_verify: String,
    pub(super) redirect_uri: String,
}

impl Link {
    /// Whether the verification is asked to be reused; left out it is not.
    pub(super) fn copies(&self) -> bool {
        self.copy_wx_verify == "1"
    }
}

/// Why an administrator sees an error page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    NoPlatform,
    CopyWxVerify,
    RedirectUri,
    /// The host the visitor came from, if it said.
    EntryPage(Option<String>),
    NoAccount,
    NotInUse,
    NotAuthorized,
    SetMissing,
    /// The code the API would have for it.
    Unfit(i64),
}

/// The administrator confirms.
pub(super) fn confirm(link: &Link, account: &Account) -> Markup {
    let fields = [
        ("appid", &link.appid),
        ("component_appid", &link.component_appid),
        ("copy_wx_verify", &link.copy_wx_verify),
        ("redirect_uri", &link.redirect_uri),
    ];
    page(
        "复用公众号主体快速注册小程序 · Register a mini-program",
        &html! {
            p { b { (name(account)) } " (" (account.app_id) ") · " (account.principal_name) }
            p { "由第三方平台注册 · registered by the platform " code { (link.component_appid) } }
            p {
                @if link.copies() { "复用公众号的认证 · the verification is reused" }
                @else { "不复用公众号的认证 · the verification is not reused" }
            }
            form method="post" action=(CONFIRM) {
                @for (name, value) in fields {
                    input type="hidden" name=(name) value=(value);
                }
                button { "确认 · Confirm" }
            }
        },
    )
}

/// The administrator cannot go on.
pub(super) fn stop(stop: &Stop) -> Markup {
    let (title, detail) = explain(stop);
    page(
        title,
        &html! {
            @if !detail.is_empty() { p { (detail) } }
        },
    )
}

fn explain(stop: &Stop) -> (&'static str, String) {
    let title = match stop {
        Stop::NoPlatform => "第三方平台不存在 · No such platform",
        Stop::CopyWxVerify => "copy_wx_verify 只能为 0 或 1 · copy_wx_verify is 0 or 1",
        Stop::RedirectUri => {
            "回调地址域名与配置不一致 · redirect_uri is not on the configured domain"
        }
        Stop::EntryPage(_) => {
            "请确认授权入口页所在域名，与授权后回调地址的域名相同 · Wrong entry page"
        }
        Stop::NoAccount => "公众号不存在 · No such official account",
        Stop::NotInUse => "该公众号已被封禁或注销 · The official account is not in use",
        Stop::NotAuthorized => {
            "该公众号未授权给此第三方平台 · The official account has not authorized this platform"
        }
        Stop::SetMissing => {
            "该公众号未将快速注册小程序权限（27）授权给此第三方平台 · Permission set 27 is not granted"
        }
        Stop::Unfit(61052) => "该公众号未认证 · The official account is not verified",
        Stop::Unfit(61051) => "该主体类型不支持快速注册 · This kind of entity cannot register",
        Stop::Unfit(_) => "境外账号不支持快速注册 · Accounts abroad cannot register",
    };
    let detail = match stop {
        Stop::EntryPage(host) => {
            format!("授权入口页所在域名: {}", host.as_deref().unwrap_or("空"))
        }
        Stop::RedirectUri => "61060".to_owned(),
        Stop::Unfit(code) => code.to_string(),
        Stop::NoPlatform
        | Stop::CopyWxVerify
        | Stop::NoAccount
        | Stop::NotInUse
        | Stop::NotAuthorized
        | Stop::SetMissing => String::new(),
    };
    (title, detail)
}
