//! What WeChat says is so: present, absent, or not known.

use serde::{Deserialize, Serialize};

use super::text::{Lang, Text};
use crate::wechat::errcode::remedy;
use crate::wechat::{Answer, ApiError, ErrorClass, Lost, Who};

/// What was observed of one resource.
///
/// `Unknown` never leads to a create or a delete: only WeChat's own "there is none" is [`Observation::Absent`].
#[derive(Debug, Clone, PartialEq)]
pub enum Observation<T> {
    /// It is there, normalised.
    Present(T),
    /// WeChat said that it is not there.
    Absent,
    /// It could not be asked, or cannot be read back.
    Unknown(Why),
}

/// Why something is not known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// Whether the read failed (an error to report) or WeChat never gives the thing back.
    pub kind: WhyKind,
    /// For people.
    pub text: Text,
}

/// The ways of not knowing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WhyKind {
    /// A read that should have answered did not.
    ReadFailed,
    /// WeChat refused a read.
    Refused {
        /// What happens next.
        class: ErrorClass,
        /// Who must act.
        who: Who,
    },
    /// What WeChat gives back cannot be compared.
    NotComparable,
}

impl WhyKind {
    /// Whether a read failed: an error to report, in whatever way it did.
    #[must_use]
    pub fn failed(self) -> bool {
        match self {
            Self::ReadFailed | Self::Refused { .. } => true,
            Self::NotComparable => false,
        }
    }

    /// Whether it is only that a quota is used up.
    #[must_use]
    pub fn is_quota(self) -> bool {
        matches!(
            self,
            Self::Refused {
                class: ErrorClass::Quota,
                ..
            }
        )
    }
}

/// Who must act on a refusal, and what to do; nothing where time or wxops ends it.
#[must_use]
pub fn who_must_act(error: &ApiError) -> Option<Text> {
    let (zh, en) = remedy(error)?;
    let (who_zh, who_en) = error.who.names();
    Some(Text::new(
        format!("需处理的人：{who_zh}。{zh}"),
        format!("who must act: {who_en}: {en}"),
    ))
}

impl Why {
    /// A read that was refused, with whoever can end that.
    #[must_use]
    pub fn refused(error: &ApiError) -> Self {
        let ApiError {
            endpoint,
            errcode,
            errmsg,
            rid,
            zh,
            en,
            ..
        } = error;
        let rid = |lang: Lang| {
            let rid = rid.as_deref();
            rid.map(|rid| lang.aside(format_args!("rid: {rid}")))
        };
        let rid_zh = rid(Lang::Zh).unwrap_or_default();
        let rid_en = rid(Lang::En).unwrap_or_default();
        let (act_zh, act_en) = match who_must_act(error) {
            Some(Text { zh, en }) => (format!("。{zh}"), format!(" · {en}")),
            None => Default::default(),
        };
        Self {
            kind: WhyKind::Refused {
                class: error.class,
                who: error.who,
            },
            text: Text::new(
                format!("{endpoint} 返回 {errcode} {errmsg}：{zh}{rid_zh}{act_zh}"),
                format!("{endpoint} refused: {errcode} {errmsg} · {en} · {zh}{rid_en}{act_en}"),
            ),
        }
    }

    /// A read that got no answer that can be relied on.
    #[must_use]
    pub fn lost(lost: &Lost) -> Self {
        let Lost { endpoint, why, .. } = lost;
        if lost.answered {
            return Self::unreadable(endpoint, why);
        }
        Self {
            kind: WhyKind::ReadFailed,
            text: Text::new(
                format!("{endpoint} 没有得到应答（{why}）"),
                format!("no answer to {endpoint} ({why})"),
            ),
        }
    }

    /// A read that was answered in a shape we do not know.
    #[must_use]
    pub fn unreadable(endpoint: &str, detail: &str) -> Self {
        Self {
            kind: WhyKind::ReadFailed,
            text: Text::new(
                format!("{endpoint} 的应答无法解析：`{detail}`"),
                format!("the answer of {endpoint} cannot be read: {detail}"),
            ),
        }
    }

    /// A read that was not made.
    #[must_use]
    pub fn not_asked(endpoint: &str) -> Self {
        Self {
            kind: WhyKind::ReadFailed,
            text: Text::new(
                format!("尚未查询 {endpoint}"),
                format!("{endpoint} was not asked"),
            ),
        }
    }

    /// Something that is there and that no manifest can say.
    #[must_use]
    pub fn not_writable(resource: &str) -> Self {
        Self {
            kind: WhyKind::NotComparable,
            text: Text::new(
                format!("线上的 {resource} 有配置无法表达的内容"),
                format!("what is there of {resource} cannot be said in a manifest"),
            ),
        }
    }

    /// The reason an answer that is not a success leaves us without knowledge.
    #[must_use]
    pub fn of(answer: &Answer) -> Option<Self> {
        match answer {
            Answer::Done(_) => None,
            Answer::Refused(error) => Some(Self::refused(error)),
            Answer::Lost(lost) => Some(Self::lost(lost)),
        }
    }
}
