//! How the authorization pages look, and what they carry on from one to the next. No decisions here.

use std::collections::BTreeSet;

use maud::{DOCTYPE, Markup, html};
use serde::Deserialize;

use super::account::{Account, Kind};
use super::grant::GrantError;

/// Where the owner's choice and confirmation go.
pub(super) const CHOOSE: &str = "/cgi-bin/componentloginpage/choose";
pub(super) const CONFIRM: &str = "/cgi-bin/componentloginpage/confirm";

/// Accounts shown at once; with more, a link with `biz_appid` leads to the one that is meant.
const SHOWN: usize = 200;

/// What the platform's link carries.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Link {
    pub(super) component_appid: String,
    pub(super) pre_auth_code: String,
    pub(super) redirect_uri: String,
    pub(super) auth_type: String,
    pub(super) biz_appid: String,
    pub(super) category_id_list: String,
}

/// Why an owner sees an error page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    NoPlatform,
    CodeInvalid,
    CodeExpired,
    CodeUsed,
    RedirectUri,
    /// The host the visitor came from, if it said.
    EntryPage(Option<String>),
    NoAccount,
    Grant(GrantError),
}

/// The owner chooses an account.
pub(super) fn choose(link: &Link, accounts: &[&Account]) -> Markup {
    page(
        "选择要授权的账号 · Choose an account",
        &html! {
            form method="post" action=(CHOOSE) {
                (hidden(link))
                ul {
                    @for (place, account) in accounts.iter().take(SHOWN).enumerate() {
                        li {
                            label {
                                input type="radio" name="account" value=(account.app_id) checked[place == 0];
                                " " (name(account)) " " small { (kind(account)) " · " (account.app_id) }
                            }
                        }
                    }
                }
                @if accounts.len() > SHOWN {
                    p { "另有 " (accounts.len() - SHOWN) " 个未列出 · more not shown" }
                }
                button { "下一步 · Next" }
            }
        },
    )
}

/// The owner confirms what is granted.
pub(super) fn confirm(link: &Link, account: &Account, sets: &BTreeSet<u32>) -> Markup {
    page(
        "确认授权 · Confirm",
        &html! {
            p { b { (name(account)) } " (" (account.app_id) ") · " (account.principal_name) }
            p { "授权给第三方平台 · to the platform " code { (link.component_appid) } }
            p { "权限集 · permission sets:" }
            ul.sets { @for set in sets { li { (set) } } }
            form method="post" action=(CONFIRM) {
                (hidden(link))
                input type="hidden" name="account" value=(account.app_id);
                button { "授权 · Authorize" }
            }
        },
    )
}

/// The owner cannot go on.
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
    match stop {
        Stop::NoPlatform => ("第三方平台不存在 · No such platform", String::new()),
        Stop::CodeInvalid => (
            "预授权码无效 · The pre-auth code is not valid",
            String::new(),
        ),
        Stop::CodeExpired => (
            "预授权码已过期 · The pre-auth code has expired",
            String::new(),
        ),
        Stop::CodeUsed => (
            "预授权码已被使用 · The pre-auth code was used",
            String::new(),
        ),
        Stop::RedirectUri => (
            "回调地址域名与配置不一致 · redirect_uri is not on the configured domain",
            String::new(),
        ),
        Stop::EntryPage(host) => (
            "请确认授权入口页所在域名，与授权后回调地址的域名相同 · Wrong entry page",
            format!("授权入口页所在域名: {}", host.as_deref().unwrap_or("空")),
        ),
        Stop::NoAccount => (
            "没有可以授权的账号 · No account can authorize here",
            String::new(),
        ),
        Stop::Grant(error) => ("无法授权 · Cannot authorize", error.to_string()),
    }
}

/// A whole page.
pub(super) fn page(title: &str, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="zh-CN" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { "body{font:16px sans-serif;max-width:40em;margin:3em auto;padding:0 1em}ul{list-style:none;padding:0}.sets li{display:inline;margin-right:.6em}small,footer{color:#777}" }
            }
            body {
                h1 { (title) }
                (content)
                footer { p { "模拟的微信 · a simulated WeChat" } }
            }
        }
    }
}

fn hidden(link: &Link) -> Markup {
    let fields = [
        ("component_appid", &link.component_appid),
        ("pre_auth_code", &link.pre_auth_code),
        ("redirect_uri", &link.redirect_uri),
        ("auth_type", &link.auth_type),
        ("biz_appid", &link.biz_appid),
        ("category_id_list", &link.category_id_list),
    ];
    html! {
        @for (name, value) in fields {
            input type="hidden" name=(name) value=(value);
        }
    }
}

/// How an account is called: by its appid as long as it has no name.
pub(super) fn name(account: &Account) -> &str {
    match account.nick_name.as_str() {
        "" => &account.app_id,
        name => name,
    }
}

fn kind(account: &Account) -> &'static str {
    match account.kind {
        Kind::OfficialAccount => "公众号",
        Kind::MiniProgram => "小程序",
    }
}
