//! The review of code (代码审核): one in flight at a time, from a quota that all mini-programs of a platform share.

#[cfg(test)]
use serde::Serialize;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::endpoint::{LATEST, QUOTA, SPEED_UP, STATUS, SUBMIT, UNDO};
use crate::wechat::answer::Answer;
use crate::wechat::call::Call;
use crate::wechat::id::Appid;
use crate::wechat::tolerant;

/// Submits the trial version of `account`, with what the page lets be said of it.
#[must_use]
pub fn submit_request(account: &Appid, body: &Value) -> Call {
    Call::new(&SUBMIT, account.clone(), body)
}

/// What a request of [`SUBMIT`] says.
#[must_use]
pub fn submitted(call: &Call) -> Option<Value> {
    if call.endpoint != &SUBMIT {
        return None;
    }
    serde_json::from_str(call.body()).ok()
}

/// Asks for the audit that was submitted last. Refused with 85058 where there never was one.
#[must_use]
pub fn latest_request(account: &Appid) -> Call {
    Call::bare(&LATEST, account.clone())
}

/// Asks for one audit. 85012: it is none of this mini-program.
#[must_use]
pub fn status_request(account: &Appid, id: u64) -> Call {
    Call::new(&STATUS, account.clone(), &json!({"auditid": id}))
}

/// Withdraws the audit in flight.
#[must_use]
pub fn undo_request(account: &Appid) -> Call {
    Call::bare(&UNDO, account.clone())
}

/// Asks for an audit to be done sooner.
#[must_use]
pub fn speed_up_request(account: &Appid, id: u64) -> Call {
    Call::new(&SPEED_UP, account.clone(), &json!({"auditid": id}))
}

/// Asks for the platform's quotas, with the token of `account`.
#[must_use]
pub fn quota_request(account: &Appid) -> Call {
    Call::bare(&QUOTA, account.clone())
}

/// The answer of [`SUBMIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Submitted {
    /// The audit's id: 64 bits, and text in older answers.
    #[serde(deserialize_with = "id")]
    pub auditid: u64,
}

/// How far an audit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditState {
    /// 0. It stays so after the release.
    Passed,
    /// 1
    Refused,
    /// 2
    InReview,
    /// 3
    Withdrawn,
    /// 4: still in review, and it takes longer.
    Delayed,
    /// A number that no page explains.
    Odd(i64),
}

impl AuditState {
    /// What a number of WeChat's means.
    #[must_use]
    pub fn of(number: i64) -> Self {
        match number {
            0 => Self::Passed,
            1 => Self::Refused,
            2 => Self::InReview,
            3 => Self::Withdrawn,
            4 => Self::Delayed,
            other => Self::Odd(other),
        }
    }

    /// Whether it can still end one way or the other.
    #[must_use]
    pub fn is_in_flight(self) -> bool {
        matches!(self, Self::InReview | Self::Delayed)
    }
}

/// The answer of [`LATEST`] and [`STATUS`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Audit {
    /// Its id; [`STATUS`] does not repeat it.
    #[serde(default, deserialize_with = "maybe_id")]
    pub auditid: Option<u64>,
    #[serde(deserialize_with = "tolerant::int")]
    status: i64,
    /// Why it was refused, or takes longer. It holds HTML (`<br>`).
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub reason: Option<String>,
    /// Media ids of pictures of what was found, joined by `|`. Spelled in two ways.
    #[serde(
        default,
        alias = "ScreenShot",
        alias = "screen_shot",
        deserialize_with = "tolerant::maybe_text"
    )]
    pub screenshot: Option<String>,
    /// The version that was submitted.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub user_version: Option<String>,
    /// Its free text.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub user_desc: Option<String>,
    /// When it was submitted, in Unix seconds.
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    pub submit_audit_time: Option<i64>,
}

impl Audit {
    /// How far it is.
    #[must_use]
    pub fn state(&self) -> AuditState {
        AuditState::of(self.status)
    }

    /// The media ids of its screenshots.
    #[must_use]
    pub fn screenshots(&self) -> Vec<String> {
        let all = self.screenshot.iter().flat_map(|all| all.split('|'));
        let each = all.map(str::trim).filter(|one| !one.is_empty());
        each.map(str::to_owned).collect()
    }
}

/// The answer of [`QUOTA`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct AuditQuota {
    #[serde(deserialize_with = "tolerant::int")]
    rest: i64,
    #[serde(deserialize_with = "tolerant::int")]
    limit: i64,
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    speedup_rest: Option<i64>,
    #[serde(default, deserialize_with = "tolerant::maybe_int")]
    speedup_limit: Option<i64>,
}

/// A share of a quota that is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// How many are used.
    pub used: u32,
    /// How many there are.
    pub limit: u32,
}

impl AuditQuota {
    /// Audits of the month, as an answer of [`QUOTA`] tells. `None`: it does not.
    #[must_use]
    pub fn told(answer: &Answer) -> Option<Left> {
        match answer {
            Answer::Done(body) => Self::deserialize(body).ok()?.audits(),
            Answer::Refused(_) | Answer::Lost(_) => None,
        }
    }

    /// Audits of the month. `None`: WeChat does not say, which it writes as 0 of 0 or as -1.
    #[must_use]
    pub fn audits(&self) -> Option<Left> {
        left(self.rest, self.limit)
    }

    /// Audits that may still be sped up, likewise.
    #[must_use]
    pub fn speed_ups(&self) -> Option<Left> {
        left(self.speedup_rest?, self.speedup_limit?)
    }
}

fn left(rest: i64, limit: i64) -> Option<Left> {
    let limit = u32::try_from(limit).ok().filter(|limit| *limit > 0)?;
    // More than there are is what WeChat gave beyond them.
    let rest = u32::try_from(rest).ok()?;
    Some(Left {
        used: limit.saturating_sub(rest),
        limit: limit.max(rest),
    })
}

/// An id of 64 bits, as a number or as text.
fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    maybe_id(deserializer)?.ok_or_else(|| serde::de::Error::custom("expected the id of an audit"))
}

fn maybe_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let id = value
        .as_u64()
        .or_else(|| value.as_str().and_then(|text| text.trim().parse().ok()));
    Ok(id.filter(|id| *id != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audit(body: Value) -> Audit {
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn both_spellings_of_screenshots_are_read() {
        for name in ["screenshot", "ScreenShot"] {
            let audit =
                audit(json!({"auditid": "18446744073709551615", "status": "1", name: "a|b| |"}));
            assert_eq!(audit.screenshots(), ["a", "b"]);
            assert_eq!(audit.auditid, Some(u64::MAX));
            assert_eq!(audit.state(), AuditState::Refused);
        }
        assert!(audit(json!({"status": 4})).state().is_in_flight());
        assert!(serde_json::from_value::<Audit>(json!({"auditid": 1})).is_err());
    }

    #[test]
    fn nothing_of_nothing_is_unknown() {
        let quota = |rest: i64, limit: i64| -> AuditQuota {
            serde_json::from_value(json!({"rest": rest, "limit": limit})).unwrap()
        };
        assert_eq!(quota(0, 0).audits(), None);
        assert_eq!(quota(-1, -1).audits(), None);
        assert_eq!(quota(12, 20).audits(), Some(Left { used: 8, limit: 20 }));
        assert_eq!(
            quota(0, 20).audits(),
            Some(Left {
                used: 20,
                limit: 20
            })
        );
        assert_eq!(quota(25, 20).audits(), Some(Left { used: 0, limit: 25 }));
        assert_eq!(quota(1, 2).speed_ups(), None);
    }

    #[test]
    fn an_answer_without_an_id_is_no_submission() {
        assert!(serde_json::from_value::<Submitted>(json!({"errcode": 0})).is_err());
        assert!(serde_json::from_value::<Submitted>(json!({"auditid": 0})).is_err());
        let read: Submitted = serde_json::from_value(json!({"auditid": "7"})).unwrap();
        assert_eq!(read.auditid, 7);
    }
}
