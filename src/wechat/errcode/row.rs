//! One row of the table.

use crate::wechat::answer::{Effect, ErrorClass, Who};

/// What is known of an errcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Errcode {
    /// WeChat's number.
    pub code: i64,
    /// WeChat's text, or what stands for it in brackets where WeChat gives none. For reading, never compared.
    pub symbol: &'static str,
    /// What happens next.
    pub class: ErrorClass,
    /// Whether the call may have changed anything.
    pub effect: Effect,
    /// Who must act.
    pub who: Who,
    /// Meaning in Chinese.
    pub zh: &'static str,
    /// Meaning in English.
    pub en: &'static str,
}

/// WeChat's "busy" (系统繁忙).
///
/// Harmless on a read. On a write it has been seen after the effect (`open/create`), and for faults that never end
/// (a wrong kind of appid): `classify` decides by the endpoint, and repeating is bounded.
pub static BUSY: Errcode = Errcode {
    code: -1,
    symbol: "system error",
    class: ErrorClass::Transient,
    effect: Effect::Maybe,
    who: Who::Wxops,
    zh: "微信系统繁忙或内部故障，写操作是否生效不得而知",
    en: "WeChat is busy or failed inside; whether a write took effect is not known",
};

impl Errcode {
    /// The same row of a refusal that does not say whether the call had an effect, or of what is so already and was
    /// not this call's doing.
    pub(super) const fn with(self, effect: Effect) -> Self {
        Self { effect, ..self }
    }
}

/// A row of a refusal, which changed nothing, or of what was so already.
pub(super) const fn row(
    code: i64,
    symbol: &'static str,
    class: ErrorClass,
    who: Who,
    zh: &'static str,
    en: &'static str,
) -> Errcode {
    let effect = match class {
        ErrorClass::AlreadyDone => Effect::Done,
        ErrorClass::Unknown => Effect::Maybe,
        ErrorClass::Transient
        | ErrorClass::Throttled
        | ErrorClass::Quota
        | ErrorClass::Token
        | ErrorClass::Permission
        | ErrorClass::Revoked
        | ErrorClass::Invalid
        | ErrorClass::NotFound
        | ErrorClass::Human => Effect::None,
    };
    Errcode {
        code,
        symbol,
        class,
        effect,
        who,
        zh,
        en,
    }
}
