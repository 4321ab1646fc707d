//! What WeChat said of a call, before anybody has looked whether it is so.

use super::StepOutcome;
use crate::plan::Text;
use crate::wechat::{ApiError, Call, Lost};

/// What WeChat said of a call: the words of an answer that stands for "it is so".
pub(super) struct Word {
    /// What came of the call as far as the answer tells.
    pub(super) outcome: StepOutcome,
    /// The answer, as in "WeChat … at 08:00"; `None`: its effect has been read already, or it had none.
    pub(super) answer: Option<Text>,
}

impl Word {
    /// An answer whose effect has to be seen.
    pub(super) fn to_be_seen(outcome: StepOutcome, answer: Text) -> Self {
        Self {
            outcome,
            answer: Some(answer),
        }
    }

    /// A plain success.
    pub(super) fn accepted(outcome: StepOutcome, call: &Call) -> Self {
        let name = call.endpoint.name;
        let answer = Text::new(
            format!("对 {name} 返回成功"),
            format!("answered success to {name}"),
        );
        Self::to_be_seen(outcome, answer)
    }

    /// What is known without looking.
    pub(super) fn known(outcome: StepOutcome) -> Self {
        Self {
            outcome,
            answer: None,
        }
    }
}

/// A refusal that stands for "it is so already", as in "WeChat …".
pub(super) fn so_already(error: &ApiError) -> Text {
    let ApiError {
        endpoint,
        errcode,
        zh,
        en,
        ..
    } = error;
    Text::new(
        format!("对 {endpoint} 返回 {errcode}（{zh}）"),
        format!("answered {errcode} to {endpoint} ({en})"),
    )
}

/// A refusal, as the reason why it is not known what came of a call.
pub(super) fn refused(error: &ApiError) -> Text {
    let ApiError {
        endpoint,
        errcode,
        errmsg,
        rid,
        zh,
        en,
        ..
    } = error;
    let rid = rid.as_ref().map(|rid| format!(" (rid: {rid})"));
    Text::new(
        format!("{endpoint} 返回 {errcode}（{zh}）"),
        format!(
            "{endpoint} refused: {errcode} {errmsg} · {en}{}",
            rid.unwrap_or_default()
        ),
    )
}

/// The same of an answer that did not come, or cannot be read.
pub(super) fn lost(lost: &Lost) -> Text {
    let Lost { endpoint, why, .. } = lost;
    let zh = if lost.answered {
        format!("{endpoint} 的应答无法读取（{why}）")
    } else {
        format!("{endpoint} 没有应答（{why}）")
    };
    Text::new(zh, lost.to_string())
}
