//! Going online by degrees (分阶段发布): a share of the users, which only rises.

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;
use serde_json::json;

use super::endpoint::{GRAY, GRAY_PLAN, REVERT_GRAY};
use crate::wechat::call::Call;
use crate::wechat::id::Appid;
use crate::wechat::tolerant;

/// Gives the version that passed to so many percent of the users. 0 with a flag: to developers or testers alone.
#[must_use]
pub fn gray_request(account: &Appid, percent: u8) -> Call {
    let body = json!({
        "gray_percentage": percent, "support_debuger_first": true, "support_experiencer_first": true,
    });
    Call::new(&GRAY, account.clone(), &body)
}

/// Asks how far it is.
#[must_use]
pub fn plan_request(account: &Appid) -> Call {
    Call::bare(&GRAY_PLAN, account.clone())
}

/// Takes the version back from everybody who has it.
#[must_use]
pub fn stop_gray_request(account: &Appid) -> Call {
    Call::bare(&REVERT_GRAY, account.clone())
}

/// The answer of [`GRAY_PLAN`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct GrayAnswer {
    /// Left out, or with status 0, where there never was one.
    #[serde(default, deserialize_with = "tolerant::maybe")]
    pub gray_release_plan: Option<GrayPlan>,
}

/// A plan.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct GrayPlan {
    #[serde(deserialize_with = "tolerant::int")]
    status: i64,
    /// When it began, in Unix seconds.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub create_timestamp: Option<i64>,
    /// The share, in percent.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub gray_percentage: Option<i64>,
    /// Whether developers get it.
    #[serde(default, deserialize_with = "tolerant::maybe_bool")]
    pub support_debuger_first: Option<bool>,
    /// Whether testers get it.
    #[serde(default, deserialize_with = "tolerant::maybe_bool")]
    pub support_experiencer_first: Option<bool>,
}

/// How far a plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GrayState {
    /// 0: there was none.
    Never,
    /// 3: it has ended with everybody.
    Over,
    /// 4: somebody took the version back.
    TakenBack,
    /// 1
    Running,
    /// 2: somebody stopped it for the time being.
    Paused,
    /// A number that no page explains.
    Odd(i64),
}

impl GrayPlan {
    /// How far it is.
    #[must_use]
    pub fn state(&self) -> GrayState {
        match self.status {
            0 => GrayState::Never,
            3 => GrayState::Over,
            4 => GrayState::TakenBack,
            1 => GrayState::Running,
            2 => GrayState::Paused,
            other => GrayState::Odd(other),
        }
    }

    /// The share, in percent.
    #[must_use]
    pub fn percent(&self) -> u8 {
        let percent = self.gray_percentage.unwrap_or(0).clamp(0, 100);
        u8::try_from(percent).unwrap_or(100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_never_was_is_over_or_left_out() {
        let read = |body| {
            serde_json::from_value::<GrayAnswer>(body)
                .unwrap()
                .gray_release_plan
        };
        assert_eq!(read(json!({"errcode": 0})), None);
        assert_eq!(read(json!({"gray_release_plan": null})), None);
        let plan = read(json!({"gray_release_plan": {"status": 0}})).unwrap();
        assert_eq!(plan.state(), GrayState::Never);
        let plan =
            read(json!({"gray_release_plan": {"status": "1", "gray_percentage": "8"}})).unwrap();
        assert_eq!((plan.state(), plan.percent()), (GrayState::Running, 8));
    }
}
