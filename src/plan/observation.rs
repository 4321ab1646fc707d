//! What WeChat says is so: present, absent, or not known.

use serde::{Deserialize, Serialize};

use super::text::Text;
use crate::wechat::{Answer, ApiError, Lost};

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

/// The two ways of not knowing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum WhyKind {
    /// A read that should have answered did not.
    ReadFailed,
    /// What WeChat gives back cannot be compared.
    NotComparable,
}

impl Why {
    /// A read that was refused.
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
        let rid = rid
            .as_deref()
            .map(|rid| format!(" (rid: {rid})"))
            .unwrap_or_default();
        Self {
            kind: WhyKind::ReadFailed,
            text: Text::new(
                format!("{endpoint} 返回 {errcode} {errmsg}:{zh}{rid}"),
                format!("{endpoint} refused: {errcode} {errmsg} · {en} · {zh}{rid}"),
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
                format!("{endpoint} 没有得到应答({why})"),
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
                format!("{endpoint} 的应答无法解析:{detail}"),
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
