//! From a number on an endpoint to what happens next.

use super::message;
use super::overrides::OVERRIDES;
use super::{BUSY, find};
use crate::wechat::answer::{ApiError, Effect, ErrorClass, Who};
use crate::wechat::authorization::{AUTHORIZER_TOKEN, QUERY_AUTH};
use crate::wechat::endpoint::{CallClass, Endpoint, TokenKind};
use crate::wechat::{
    avatar, code_template, nickname, personal_registration, platform_domain, template,
};

/// "invalid openid".
const UNKNOWN_OPENID: i64 = 40003;
/// "refresh_token is invalid".
const DEAD_REFRESH_TOKEN: i64 = 61023;
/// "code is invalid", "code is expired": of an authorization code.
const UNKNOWN_CODE: i64 = 61009;
/// A media id that this account never had.
const UNKNOWN_MEDIA: i64 = 40007;
/// "invalid ticket" of a registration.
const SPENT_TICKET: i64 = 61058;
/// "task not found" of a registration.
const NO_TASK: i64 = 89250;
/// One that it had more than three days ago.
const EXPIRED_MEDIA: i64 = 46001;
/// Of material for the reviewers: its format is blamed where it is only too old.
const DEAD_PREVIEW: i64 = 85092;
const EXPIRED_CODE: i64 = 61010;
/// "reach max api daily quota limit".
const CALLS_OF_THE_DAY: i64 = 45009;
/// Of linking and unlinking together, whose number no page tells.
const OPERATIONS_OF_THE_MONTH: i64 = 89030;
/// "api unauthorized".
const NOT_ENTITLED: i64 = 48001;
/// "api is unauthorized to component".
const NOT_GRANTED: i64 = 61007;
/// "invaid register type", "not fast register".
const NOT_MADE_BY_API: [i64; 2] = [41033, 91001];

/// What is known of an errcode on one endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Classified {
    /// What happens next.
    pub class: ErrorClass,
    /// Whether the call may have had an effect.
    pub effect: Effect,
    /// Meaning in Chinese.
    pub zh: &'static str,
    /// Meaning in English.
    pub en: &'static str,
    /// Who must act.
    pub who: Who,
}

/// What an errcode means on an endpoint.
#[must_use]
pub fn classify(endpoint: &Endpoint, errcode: i64) -> Classified {
    if errcode == BUSY.code {
        return busy(endpoint);
    }
    if let Some(special) = OVERRIDES
        .iter()
        .find(|special| special.code == errcode && special.endpoint == endpoint)
    {
        return Classified {
            class: special.class,
            effect: special.effect,
            zh: special.zh,
            en: special.en,
            who: special.who,
        };
    }
    match find(errcode) {
        Some(row) => Classified {
            class: row.class,
            effect: on(endpoint, row.effect),
            zh: row.zh,
            en: row.en,
            who: of_its_own(endpoint, row.who),
        },
        None => unlisted(endpoint),
    }
}

/// A call with the platform's own secret, or about its own lists, is about no account but the platform's: its
/// administrator is meant.
fn of_its_own(endpoint: &Endpoint, who: Who) -> Who {
    let own = endpoint.token == TokenKind::None
        || platform_domain::is_about(endpoint)
        || code_template::is_about(endpoint)
        || [
            &personal_registration::CREATE,
            &personal_registration::QUERY,
        ]
        .contains(&endpoint);
    if own && who == Who::AccountAdmin {
        Who::PlatformAdmin
    } else {
        who
    }
}

/// A read never changes anything, whatever a number leaves open on a write.
fn on(endpoint: &Endpoint, effect: Effect) -> Effect {
    match (endpoint.class, effect) {
        (CallClass::Read, Effect::Maybe) => Effect::None,
        _ => effect,
    }
}

/// Whether anything at all is known of a number: where not, sending again is no use before somebody has looked. Of some
/// numbers WeChat's own list says no more than "other".
#[must_use]
pub fn is_listed(errcode: i64) -> bool {
    find(errcode).is_some_and(|row| row.class != ErrorClass::Unknown)
        || OVERRIDES.iter().any(|special| special.code == errcode)
}

/// The same number means "try again" on a read, "try again, it may have counted" where something is spent, and
/// doubt on a write.
fn busy(endpoint: &Endpoint) -> Classified {
    let (class, effect, zh, en) = match endpoint.class {
        CallClass::Read => (
            ErrorClass::Transient,
            Effect::None,
            "微信系统繁忙，本次读取稍后重试",
            "WeChat is busy; the read is repeated in a while",
        ),
        CallClass::OneShot => (ErrorClass::Transient, Effect::Maybe, BUSY.zh, BUSY.en),
        CallClass::Put | CallClass::NaturalKey | CallClass::AtMostOnce => {
            let (zh, en) = busy_with_media(endpoint).unwrap_or((BUSY.zh, BUSY.en));
            (ErrorClass::Unknown, Effect::Maybe, zh, en)
        }
    };
    Classified {
        class,
        effect,
        zh,
        en,
        who: BUSY.who,
    }
}

/// Two calls with media have been seen to answer so to a mistake of the caller's, which never ends.
fn busy_with_media(endpoint: &Endpoint) -> Option<(&'static str, &'static str)> {
    if *endpoint == avatar::MODIFY {
        Some((
            "微信系统繁忙，是否生效不得而知；裁剪区域为空时微信也这样回答",
            "WeChat is busy, and whether it took effect is not known; an empty crop has been answered so as well",
        ))
    } else if *endpoint == nickname::SET {
        Some((
            "微信系统繁忙，是否生效不得而知；素材 media_id 失效时微信也这样回答",
            "WeChat is busy, and whether it took effect is not known; a stale media_id has been answered so as well",
        ))
    } else {
        None
    }
}

fn unlisted(endpoint: &Endpoint) -> Classified {
    // Most accounts can no longer add a template of the old library (TM…, OPENTM…), and no page names the refusal.
    let (zh, en) = if *endpoint == template::ADD {
        (
            "未收录的错误码；旧模板库（TM…、OPENTM…）的模板，多数账号已不能再添加，请改用类目模板（数字编号）",
            "an errcode that is not in the table; most accounts can no longer add templates of the old library \
             (TM…, OPENTM…): choose one of a service category, whose short id is of digits",
        )
    } else {
        (
            "未收录的错误码，请对照微信的返回码说明",
            "an errcode that is not in the table; WeChat's list of return codes may have it",
        )
    };
    Classified {
        class: ErrorClass::Unknown,
        effect: match endpoint.class {
            CallClass::Read => Effect::None,
            CallClass::Put | CallClass::NaturalKey | CallClass::AtMostOnce | CallClass::OneShot => {
                Effect::Maybe
            }
        },
        zh,
        en,
        who: Who::Operator,
    }
}

/// Makes the full error of an errcode, with the request id taken out of the text and the text scrubbed.
#[must_use]
pub fn explain(endpoint: &Endpoint, errcode: i64, errmsg: &str) -> ApiError {
    let Classified {
        class,
        effect,
        zh,
        en,
        who,
    } = classify(endpoint, errcode);
    let (errmsg, rid) = message::read(errmsg);
    ApiError {
        endpoint: endpoint.name.to_owned(),
        errcode,
        errmsg,
        rid,
        class,
        effect,
        zh: zh.to_owned(),
        en: en.to_owned(),
        who,
    }
}

/// Whether a refusal is about the refresh token in the body, not about the token in the query: both are of class
/// `Token`, but only the second is healed by a fresh component token.
#[must_use]
pub fn names_refresh_token(error: &ApiError) -> bool {
    error.errcode == DEAD_REFRESH_TOKEN
}

/// Whether a refusal is about a media id in the body: unknown, of another account, or older than three days. Another
/// upload gives one that works.
#[must_use]
pub fn names_media(error: &ApiError) -> bool {
    [UNKNOWN_MEDIA, EXPIRED_MEDIA, DEAD_PREVIEW].contains(&error.errcode)
}

/// Whether a refusal is about an openid that it names: no user of the account has it.
#[must_use]
pub fn names_openid(error: &ApiError) -> bool {
    error.errcode == UNKNOWN_OPENID
}

/// Whether a refusal is about the ticket of a scan: unknown, spent, or in use by an earlier request. Another one with the
/// same ticket makes nothing.
#[must_use]
pub fn names_scan(error: &ApiError) -> bool {
    error.errcode == SPENT_TICKET
}

/// Whether a refusal says that the task of a registration is not known, or no more.
#[must_use]
pub fn names_no_task(error: &ApiError) -> bool {
    error.errcode == NO_TASK
}

/// Whether a refusal is about the authorization code in the body: it is unknown, expired or spent, and stays so.
/// Every other refusal of an exchange may pass before the code dies.
#[must_use]
pub fn names_code(error: &ApiError) -> bool {
    [UNKNOWN_CODE, EXPIRED_CODE].contains(&error.errcode)
}

/// What WeChat says of an authorization code that is expired or spent, and need not be asked for again.
#[must_use]
pub fn dead_code() -> ApiError {
    explain(&QUERY_AUTH, EXPIRED_CODE, "")
}

/// Whether what is used up is the calls of the day to one API (45009), and no limit of the thing itself.
#[must_use]
pub fn is_of_the_day(error: &ApiError) -> bool {
    error.errcode == CALLS_OF_THE_DAY
}

/// Whether what is used up are the operations of the month (89030), whether the endpoint has such a limit of its own or not.
#[must_use]
pub fn is_of_the_month(error: &ApiError) -> bool {
    error.errcode == OPERATIONS_OF_THE_MONTH
}

/// Whether the account itself is not entitled to an API: by its kind, or for want of verification (认证). Another scan
/// does not change that.
#[must_use]
pub fn lacks_capability(error: &ApiError) -> bool {
    error.errcode == NOT_ENTITLED
}

/// Whether the account has not granted the API's permission set.
#[must_use]
pub fn lacks_permission_set(error: &ApiError) -> bool {
    error.errcode == NOT_GRANTED
}

/// Whether no platform can ever make the call for this account, since it was not registered through the API: only its
/// administrator can, in its console. Neither another scan nor another grant changes that.
#[must_use]
pub fn is_out_of_reach(error: &ApiError) -> bool {
    NOT_MADE_BY_API.contains(&error.errcode)
}

/// What a dead refresh token comes to when WeChat knows no newer one either: a person must scan.
#[must_use]
pub fn needs_scan(error: Option<ApiError>) -> ApiError {
    let base = error.unwrap_or_else(|| explain(&AUTHORIZER_TOKEN, DEAD_REFRESH_TOKEN, ""));
    ApiError {
        class: ErrorClass::Human,
        who: Who::AccountAdmin,
        zh: "刷新令牌已失效，微信的授权账号列表里也没有可用的，需要账号管理员重新扫码授权".to_owned(),
        en: "no refresh token works and WeChat's list has none: the account's administrator must scan again".to_owned(),
        ..base
    }
}
