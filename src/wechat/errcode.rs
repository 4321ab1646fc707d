//! The only place where WeChat's error numbers appear: what each means, who must act, what happens next.

use super::answer::{ApiError, Effect, ErrorClass, Who};
use super::endpoint::{CallClass, Endpoint};

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
    let known = |class, effect, zh, en, who| Classified {
        class,
        effect,
        zh,
        en,
        who,
    };
    match (errcode, endpoint.class) {
        (46003, _) => known(
            ErrorClass::NotFound,
            Effect::None,
            "没有通过接口设置的菜单",
            "no menu was set through the API",
            Who::Wxops,
        ),
        (89002, _) => known(
            ErrorClass::NotFound,
            Effect::None,
            "账号没有绑定开放平台账号",
            "the account is bound to no open account",
            Who::Wxops,
        ),
        (40001 | 40014 | 42001, _) => known(
            ErrorClass::Token,
            Effect::None,
            "令牌无效或已被刷新",
            "the token is invalid or no longer the latest",
            Who::Wxops,
        ),
        (-1, CallClass::Read) => known(
            ErrorClass::Transient,
            Effect::None,
            "系统繁忙",
            "WeChat is busy",
            Who::Wxops,
        ),
        (_, CallClass::Read) => known(
            ErrorClass::Unknown,
            Effect::None,
            "未收录的错误码",
            "an errcode that is not in the table",
            Who::Operator,
        ),
        _ => known(
            ErrorClass::Unknown,
            Effect::Maybe,
            "未收录的错误码",
            "an errcode that is not in the table",
            Who::Operator,
        ),
    }
}

/// Makes the full error of an errcode.
#[must_use]
pub fn explain(endpoint: &Endpoint, errcode: i64, errmsg: &str) -> ApiError {
    let Classified {
        class,
        effect,
        zh,
        en,
        who,
    } = classify(endpoint, errcode);
    let (message, rid) = match errmsg.split_once(" rid: ") {
        Some((message, rid)) => (message, Some(rid.trim().to_owned())),
        None => (errmsg, None),
    };
    ApiError {
        endpoint: endpoint.name.to_owned(),
        errcode,
        errmsg: message.chars().take(200).collect(),
        rid,
        class,
        effect,
        zh: zh.to_owned(),
        en: en.to_owned(),
        who,
    }
}
