//! Back from WeChat with a code: exchanged once, checked against the tenant, pinned. Every way it can go wrong has its
//! page.

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use maud::html;

use super::Expected;
use super::admit::{Decision, Undecided};
use super::page::{Reader, Script, Speech, page, reader, say};
use super::pages::{addressee, kind_of, unknown_link};
use super::platform::Platform;
use super::shared::Shared;
use super::{Objection, chain, exchange, scan};
use crate::client::{Addressee, ExchangeError, Purpose};
use crate::wechat::authorization::granted_sets;
use crate::wechat::authorizer::Info;
use crate::wechat::secret::Secret;
use crate::wechat::{Appid, permission_set};

/// WeChat's codes have about 100 characters, the tickets of its scans some dozens.
const LONGEST: usize = 512;

/// What a visitor brings back from WeChat, by the name of its parameter.
pub(super) enum Brought {
    /// Nothing: nothing was confirmed.
    Nothing,
    /// Something that WeChat has not given: too long, or of other than plain printable characters.
    Garbled,
    /// What WeChat gave, as far as can be told.
    Given(Secret),
}

/// Answers the redirect from WeChat's page.
pub(super) async fn come_back(
    shared: &Shared,
    platform: &Platform,
    link: &str,
    query: &str,
    headers: &HeaderMap,
) -> Response {
    let reader = reader(headers);
    let link = (Purpose::Authorize, link);
    let Some((to, expected)) = addressee(shared, platform, link).await else {
        return unknown_link(reader);
    };
    let code = match brought(query, Purpose::Authorize) {
        Brought::Given(code) => code,
        Brought::Garbled => return garbled(reader),
        Brought::Nothing => {
            scan::not_confirmed(shared, &to).await;
            return not_confirmed(reader);
        }
    };
    let client = &platform.served.client;
    if let Err(error) = client.keep_code_for(&code, &to).await {
        tracing::error!(error = chain(&error), tenant.name = %to, "an authorization code could not be stored");
        exchange::go_on(shared, platform, code, &to);
        return goes_on(reader, Obstacle::Store);
    }
    let account = match client.exchange(&code).await {
        Ok(account) => account,
        Err(error) => {
            tracing::warn!(error = chain(&error), tenant.name = %to, "an authorization code was not exchanged");
            if error.is_final() {
                return expired(reader);
            }
            exchange::go_on(shared, platform, code, &to);
            return goes_on(reader, Obstacle::of(&error));
        }
    };
    let undecided = match scan::decide(shared, platform, &to, &account).await {
        Ok(decision) => match client.code_decided(&code, &to).await {
            Ok(()) => return decided(&*expected, &to, decision, reader),
            // What was decided stands; it is decided once more, the same way.
            Err(_) if matches!(decision, Decision::Admitted(_)) => {
                exchange::go_on(shared, platform, code, &to);
                return decided(&*expected, &to, decision, reader);
            }
            Err(_) => Obstacle::Store,
        },
        Err(Undecided::NoInfo) => Obstacle::WeChat,
        Err(Undecided::Store(_)) => Obstacle::Store,
    };
    exchange::go_on(shared, platform, code, &to);
    goes_on(reader, undecided)
}

/// What WeChat gave the visitor to bring back.
pub(super) fn brought(query: &str, purpose: Purpose) -> Brought {
    let name = match purpose {
        Purpose::Authorize => "auth_code",
        Purpose::Register => "ticket",
    };
    let found = url::form_urlencoded::parse(query.as_bytes()).find(|(one, _)| one == name);
    match found.as_ref().map(|(_, value)| value.as_ref()) {
        None | Some("") => Brought::Nothing,
        Some(value) if value.len() > LONGEST || !value.bytes().all(|b| b.is_ascii_graphic()) => {
            Brought::Garbled
        }
        Some(value) => Brought::Given(Secret::new(value)),
    }
}

/// Answers whoever only looks (HEAD) as far as that can be told without doing anything.
pub(super) async fn looked_at(
    shared: &Shared,
    platform: &Platform,
    (purpose, link): (Purpose, &str),
    query: &str,
    headers: &HeaderMap,
) -> Response {
    let reader = reader(headers);
    if addressee(shared, platform, (purpose, link)).await.is_none() {
        return unknown_link(reader);
    }
    match brought(query, purpose) {
        Brought::Given(_) => say(
            StatusCode::OK,
            reader,
            &Speech::new("已从微信返回", "Back from WeChat"),
            &Speech::new(
                "请在浏览器中打开本页，完成最后一步。",
                "Please open this page in a browser to finish.",
            ),
        ),
        Brought::Garbled => garbled(reader),
        Brought::Nothing => not_confirmed(reader),
    }
}

fn decided(
    expected: &dyn Expected,
    to: &Addressee,
    decision: Decision,
    reader: Reader,
) -> Response {
    match decision {
        Decision::Admitted(info) => welcome(reader, to, &info, &missing_sets(expected, &info)),
        Decision::WrongAccount(declared) => wrong_account(reader, to, &declared),
        Decision::Objected(first, all) => objected(reader, &first, &all),
        Decision::ClaimedByAnother => bound_elsewhere(reader, to),
        Decision::OfSibling(item) => of_sibling(reader, to, item.as_deref()),
        Decision::HasAnother => link_used(reader, to),
        Decision::NoTenant => unknown_link(reader),
    }
}

fn missing_sets(expected: &dyn Expected, info: &Info) -> Vec<u16> {
    // What the answer does not say is not missing.
    let Some(granted) = granted_sets(info.authorization_info.func_info.as_ref()) else {
        return Vec::new();
    };
    let needed = expected.sets();
    needed.difference(&granted).copied().collect()
}

fn welcome(reader: Reader, to: &Addressee, info: &Info, missing: &[u16]) -> Response {
    let name = info.authorizer_info.nick_name.clone();
    // A mini-program may have no name yet.
    let name = name.filter(|name| !name.is_empty()).or(to.item.clone());
    let name = name.unwrap_or_else(|| info.authorization_info.authorizer_appid.to_string());
    let title = Speech::new("授权成功", "Authorized");
    let text = Speech::new(
        format!("{name} 已授权，可以关闭本页。后续设置由服务商进行。"),
        format!("{name} is authorized. You can close this page; your provider goes on from here."),
    );
    let lacking = Speech::new(
        "还缺少以下权限集，相关功能暂不可用；需要时请重新打开链接并全部勾选：",
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

/// What stands between a code and its tokens right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Obstacle {
    WeChat,
    Store,
}

impl Obstacle {
    fn of(error: &ExchangeError) -> Self {
        match error {
            ExchangeError::Store(_) => Self::Store,
            ExchangeError::Refused(_) | ExchangeError::Lost(_) | ExchangeError::Token(_) => {
                Self::WeChat
            }
        }
    }
}

/// The owner has done her part: the code is tried again by itself as long as it lives.
pub(super) fn goes_on(reader: Reader, obstacle: Obstacle) -> Response {
    let title = match obstacle {
        Obstacle::WeChat => Speech::new("微信暂时没有应答", "WeChat does not answer right now"),
        Obstacle::Store => Speech::new("服务暂时不可用", "Out of order right now"),
    };
    let text = Speech::new(
        "您已在微信中确认授权，其余步骤会自动继续，无需再次扫码，可以关闭本页。10 分钟内刷新本页可查看结果；如果仍未完成，请重新打开授权链接。",
        "You have confirmed in WeChat. The rest goes on by itself: there is no need to scan again, and you can close this page. Reload it within 10 minutes to see the result; if nothing has come of it by then, please open the authorization link again.",
    );
    say(StatusCode::SERVICE_UNAVAILABLE, reader, &title, &text)
}

fn wrong_account(reader: Reader, to: &Addressee, declared: &Appid) -> Response {
    let kind = kind_of(to).zh;
    say(
        StatusCode::CONFLICT,
        reader,
        &Speech::new("账号不符", "Another account was expected"),
        &Speech::new(
            format!("应授权的{kind}是 {declared}，请重新打开链接并选择它。"),
            format!(
                "The expected account is {declared}. Please open the link again and choose it."
            ),
        ),
    )
}

fn bound_elsewhere(reader: Reader, to: &Addressee) -> Response {
    let kind = kind_of(to).zh;
    say(
        StatusCode::CONFLICT,
        reader,
        &Speech::new("账号已绑定其他客户", "The account is in use already"),
        &Speech::new(
            format!("该{kind}已由服务商的另一个客户使用。请联系服务商。"),
            "This account belongs to another customer of your provider. Please ask your provider.",
        ),
    )
}

/// The customer chose one of their own accounts that another link was for.
fn of_sibling(reader: Reader, to: &Addressee, taken: Option<&str>) -> Response {
    let kind = kind_of(to);
    let taken = taken.unwrap_or("公众号");
    let wanted = to.item.as_deref().unwrap_or("公众号");
    say(
        StatusCode::CONFLICT,
        reader,
        &Speech::new(
            format!("选错了{}", kind.zh),
            format!("Another {} was expected", kind.en),
        ),
        &Speech::new(
            format!(
                "您选择的{0}已授权为「{taken}」，本链接用于「{wanted}」。请重新打开链接，选择另一个{0}。",
                kind.zh
            ),
            format!(
                "The {0} you chose is authorized as `{taken}` already, and this link is for `{wanted}`. Please open the link \
                 again and choose the other {0}.",
                kind.en
            ),
        ),
    )
}

fn link_used(reader: Reader, to: &Addressee) -> Response {
    let kind = kind_of(to).zh;
    say(
        StatusCode::CONFLICT,
        reader,
        &Speech::new(
            format!("已绑定另一个{kind}"),
            "Another account is bound already",
        ),
        &Speech::new(
            format!("这个链接已用于另一个{kind}。如需更换，请联系服务商。"),
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

pub(super) fn not_confirmed(reader: Reader) -> Response {
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

/// What came along is nothing that WeChat gives.
pub(super) fn garbled(reader: Reader) -> Response {
    say(
        StatusCode::BAD_REQUEST,
        reader,
        &Speech::new("地址不完整", "This address is not whole"),
        &Speech::new(
            "本页的地址不是微信返回的样子，可能在复制时损坏，因此没有保存。请重新打开链接，在微信中再确认一次。",
            "The address of this page is not as WeChat gives it, copying may have damaged it, so nothing was kept. Please open \
             the link again and confirm in WeChat once more.",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_wechat_cannot_have_given_is_not_taken() {
        let long = format!("ticket={}", "x".repeat(LONGEST + 1));
        for odd in [
            "ticket=%00",
            "ticket=a%0Ab",
            "ticket=a+b",
            "ticket=%E7%A5%A8",
            "ticket=%FF",
            &long,
        ] {
            let came = brought(odd, Purpose::Register);
            assert!(matches!(came, Brought::Garbled), "{odd}");
        }
        for none in ["", "ticket=", "auth_code=x"] {
            let came = brought(none, Purpose::Register);
            assert!(matches!(came, Brought::Nothing), "{none}");
        }
        let came = brought(
            "auth_code=queryauthcode%40%40%40a-_%3D&expires_in=600",
            Purpose::Authorize,
        );
        assert!(matches!(came, Brought::Given(code) if code.expose() == "queryauthcode@@@a-_="));
    }
}
