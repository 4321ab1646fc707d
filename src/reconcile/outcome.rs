//! What came of the steps of a plan.

use std::time::Duration;

use crate::plan::{Address, Text};
use crate::wechat::calendar::minute;
use crate::wechat::{ApiError, ErrorClass, Lost};

/// What came of one step.
#[derive(Debug, Clone, PartialEq)]
pub enum StepOutcome {
    /// It took effect.
    Done,
    /// There was no answer; it was found out afterwards that it took effect, and how.
    DoneAfterDoubt(Text),
    /// It took effect, and WeChat keeps it in another spelling than it was sent.
    DoneOtherwise(Text),
    /// WeChat accepted it, and reading does not show it.
    NotShown(Text),
    /// WeChat refused it; nothing was changed.
    Refused(ApiError),
    /// It was not sent, or an answer was lost and it was found out afterwards that it had no effect.
    NotDone(Text),
    /// It had no effect, and the same is not sent again before a person says so or the manifest says something else.
    Withheld(Text),
    /// It may have taken effect, and what decides cannot be asked yet.
    Unknown(Text),
    /// It was not tried: another process was faster, or there is no token.
    Held(Text),
    /// It was not tried: our own count says that the quota is used up.
    OutOfQuota(Text),
    /// It was not tried, or not again: what is to be done now is not what the person said yes to.
    Moved(Text),
    /// It was not tried: a guard held it at the last moment.
    Guarded(Text),
}

/// One step and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct StepReport {
    /// What it was about.
    pub address: Address,
    /// The endpoints of its calls.
    pub endpoints: Vec<&'static str>,
    /// What came of it.
    pub outcome: StepOutcome,
    /// How long it took by the injected clock.
    pub took: Duration,
    /// Whether others have to say yes now to what was asked for (a review, a link): the plan it was made for does not say so.
    pub under_way: bool,
}

impl StepOutcome {
    /// Whether the desired state is in force by this step.
    #[must_use]
    pub fn done(&self) -> bool {
        match self {
            Self::Done | Self::DoneAfterDoubt(_) | Self::DoneOtherwise(_) => true,
            Self::NotShown(_)
            | Self::Refused(_)
            | Self::NotDone(_)
            | Self::Withheld(_)
            | Self::Unknown(_)
            | Self::Held(_)
            | Self::OutOfQuota(_)
            | Self::Moved(_)
            | Self::Guarded(_) => false,
        }
    }

    /// Whether it should have been made and was not. What a guard held back waits.
    #[must_use]
    pub fn failed(&self) -> bool {
        !self.done() && !self.guarded()
    }

    /// Whether it is not known what came of it.
    #[must_use]
    pub fn unknown(&self) -> bool {
        matches!(self, Self::Unknown(_) | Self::NotShown(_))
    }

    /// Whether a quota stood in the way.
    #[must_use]
    pub fn out_of_quota(&self) -> bool {
        match self {
            Self::Refused(error) => error.class == ErrorClass::Quota,
            Self::OutOfQuota(_) => true,
            Self::Done
            | Self::DoneAfterDoubt(_)
            | Self::DoneOtherwise(_)
            | Self::NotShown(_)
            | Self::NotDone(_)
            | Self::Withheld(_)
            | Self::Unknown(_)
            | Self::Held(_)
            | Self::Moved(_)
            | Self::Guarded(_) => false,
        }
    }

    /// Whether a guard stood in the way.
    #[must_use]
    pub fn guarded(&self) -> bool {
        matches!(self, Self::Guarded(_))
    }

    /// Whether the world moved since a person said yes.
    #[must_use]
    pub fn moved(&self) -> bool {
        matches!(self, Self::Moved(_))
    }

    /// What came of it, in a sentence.
    #[must_use]
    pub fn said(&self) -> Text {
        match self {
            Self::Done => Text::new("已完成", "done"),
            Self::Refused(error) => Text::new(
                format!("{} 返回 {}：{}", error.endpoint, error.errcode, error.zh),
                format!(
                    "{} answered {}: {}",
                    error.endpoint, error.errcode, error.en
                ),
            ),
            Self::DoneAfterDoubt(text)
            | Self::DoneOtherwise(text)
            | Self::NotShown(text)
            | Self::NotDone(text)
            | Self::Withheld(text)
            | Self::Unknown(text)
            | Self::Held(text)
            | Self::OutOfQuota(text)
            | Self::Moved(text)
            | Self::Guarded(text) => text.clone(),
        }
    }

    /// The outcome of a request that was not sent, since nothing is left of its quota until a time.
    #[must_use]
    pub fn used_up(endpoint: &str, used: u32, limit: u32, until: jiff::Timestamp) -> Self {
        let until = minute(until);
        Self::OutOfQuota(Text::new(
            format!("{endpoint} 的配额已用完（{used}/{limit}），{until} 后恢复"),
            format!("the quota of {endpoint} is used up ({used} of {limit}) until {until}"),
        ))
    }

    /// The same, where some are left and the manifests keep them back: so many may be used, so many are kept.
    #[must_use]
    pub fn kept_back(
        endpoint: &str,
        used: u32,
        (limit, kept): (u32, u32),
        until: jiff::Timestamp,
    ) -> Self {
        let (until, whole) = (minute(until), limit.saturating_add(kept));
        Self::OutOfQuota(Text::new(
            format!(
                "{endpoint} 的配额已用 {used} 次（共 {whole} 次），其余由 Platform 的 spec.auditReserve 保留（{kept} 次）；{until} 后恢复，或调低 auditReserve"
            ),
            format!(
                "{used} of {whole} of the quota of {endpoint} are used, and the Platform's spec.auditReserve keeps the rest back \
                 ({kept}): the quota starts again at {until}, or lower auditReserve"
            ),
        ))
    }

    /// The outcome of a request that never left.
    #[must_use]
    pub fn not_sent(lost: &Lost) -> Self {
        Self::NotDone(Text::new(
            format!("{} 未发出（{}）", lost.endpoint, lost.why),
            format!("{} was not sent ({})", lost.endpoint, lost.why),
        ))
    }
}
