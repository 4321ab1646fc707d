//! Faults on demand: which calls and pushes go wrong, how, and how often.
//!
//! An order as it is written, and what is wrong with it. Which order strikes is drawn in `fault_book.rs`, what it does
//! to an answer is in `odd_answer.rs`, the rest is carried out in `serve.rs` and `push.rs`.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::endpoint;
use super::fault_book::Counted;
use super::pointer::is_pointer;
use super::spelling::Spelling;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Kind {
    /// Waits `ms` before doing anything.
    Latency,
    /// Waits `ms` between the effect and the answer.
    LatencyAfterEffect,
    /// Answers `code`; nothing happened.
    Errcode,
    /// Answers `code`, or 45011, to what is more than `perMinute`; nothing happened.
    MinuteLimit,
    /// Does it, and answers `code`.
    ErrcodeAfterEffect,
    /// Says with the API's own code that what it is about is not there; nothing happened.
    SaysAbsent,
    /// Says with the API's own code that what it is about is there already; nothing happened.
    SaysPresent,
    /// Answers as if it had done it; nothing happened.
    NoEffect,
    /// Does it, with every text of the request in another spelling: `how`.
    KeptOtherwise,
    /// HTTP 502; nothing happened.
    Http502,
    /// Does it, and answers HTTP 502.
    Http502AfterEffect,
    /// Cuts the connection; nothing happened.
    ResetBefore,
    /// Does it, and cuts the connection.
    ResetAfter,
    /// Answers HTML with HTTP 200; nothing happened.
    NotJsonBeforeEffect,
    /// Does it, and answers HTML with HTTP 200.
    NotJson,
    /// Answers a read from before the account's last change, or as it was `seconds` ago.
    StaleRead,
    /// The answer lacks what is `at`.
    FieldGone,
    /// The answer has null `at`.
    FieldNull,
    /// The answer has `value` `at`.
    FieldValue,
    /// The answer's texts hold a raw control character.
    RawControl,
    /// The answer's texts hold half a character.
    BrokenUtf8,
    /// The answer's texts hold half of an escaped surrogate pair.
    HalfSurrogate,
    /// The answer's texts hold a byte order mark.
    BomInText,
    /// The answer begins with a byte order mark.
    BomBefore,
    /// A success says no more than that it is one.
    NoPayload,
    /// Half of the answer, as if it were all.
    CutShort,
    /// Half of the answer, then the connection is cut.
    CutOnTheWire,
    /// The errcode is text.
    ErrcodeAsText,
    /// The errcode has a fraction.
    ErrcodeAsFloat,
    /// Appids in capitals: in an answer, or in a push.
    CapitalAppids,
    /// Never sends the push.
    LostPush,
    /// Sends the push twice.
    DoubledPush,
}

impl Kind {
    /// Whether it can happen to a push.
    pub(super) fn befalls_pushes(self) -> bool {
        matches!(
            self,
            Self::Latency | Self::LostPush | Self::DoubledPush | Self::CapitalAppids
        )
    }

    /// Whether it can happen to a call.
    pub(super) fn befalls_calls(self) -> bool {
        !matches!(self, Self::LostPush | Self::DoubledPush)
    }

    /// Whether it is done to an answer that is ready.
    pub(super) fn shapes_answers(self) -> bool {
        self.takes_place()
            || self.marks_texts()
            || matches!(
                self,
                Self::BomBefore
                    | Self::NoPayload
                    | Self::CutShort
                    | Self::CutOnTheWire
                    | Self::ErrcodeAsText
                    | Self::ErrcodeAsFloat
                    | Self::CapitalAppids
            )
    }

    /// Whether it is about a place in the answer.
    fn takes_place(self) -> bool {
        matches!(self, Self::FieldGone | Self::FieldNull | Self::FieldValue)
    }

    /// Whether it damages texts of the answer.
    fn marks_texts(self) -> bool {
        matches!(
            self,
            Self::RawControl | Self::BrokenUtf8 | Self::HalfSurrogate | Self::BomInText
        )
    }

    pub(super) fn is_late(self) -> bool {
        matches!(self, Self::Latency | Self::LatencyAfterEffect)
    }

    /// As it is written in an order.
    pub(super) fn name(self) -> String {
        serde_json::to_value(self)
            .ok()
            .and_then(|name| name.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

/// A fault as it is ordered, and shown with what is left of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Fault {
    /// A path, `push:ticket` and the like, or `*`.
    pub(super) endpoint: String,
    pub(super) kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<i64>,
    /// WeChat's words for the code, in place of the usual ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) errmsg: Option<String>,
    /// Calls let through in a minute of the simulated clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) per_minute: Option<u64>,
    /// All accounts together, not each by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) together: bool,
    /// How far a read lags behind, by the simulated clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) seconds: Option<u64>,
    /// The spelling that is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) how: Option<Spelling>,
    /// A JSON pointer into the answer; `*` is every item or field, `-` the last item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<String>,
    /// What is there instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<Value>,
    /// Calls of the present minute by account, for `perMinute`.
    #[serde(skip)]
    pub(super) counted: Counted,
    /// Only calls of this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) account: Option<String>,
    /// How many more times; absent: until deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) count: Option<u64>,
    /// 0 to 1; absent: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) probability: Option<f64>,
    #[serde(default)]
    pub(super) seed: u64,
}

impl Fault {
    /// What is wrong with the order, if anything is.
    pub(super) fn problem(&self) -> Option<String> {
        let kind = self.kind;
        let answers = matches!(kind, Kind::Errcode | Kind::ErrcodeAfterEffect);
        let limits = kind == Kind::MinuteLimit;
        let places = kind.takes_place();
        let name = kind.name();
        for (field, needed, possible, given) in [
            ("ms", kind.is_late(), kind.is_late(), self.ms.is_some()),
            ("code", answers, answers || limits, self.code.is_some()),
            ("errmsg", false, answers || limits, self.errmsg.is_some()),
            ("perMinute", limits, limits, self.per_minute.is_some()),
            ("together", false, limits, self.together),
            (
                "seconds",
                false,
                kind == Kind::StaleRead,
                self.seconds.is_some(),
            ),
            (
                "how",
                kind == Kind::KeptOtherwise,
                kind == Kind::KeptOtherwise,
                self.how.is_some(),
            ),
            (
                "at",
                places,
                places || kind.marks_texts(),
                self.at.is_some(),
            ),
            (
                "value",
                kind == Kind::FieldValue,
                kind == Kind::FieldValue,
                self.value.is_some(),
            ),
        ] {
            if needed && !given {
                return Some(format!("`{name}` needs `{field}`"));
            }
            if given && !possible {
                return Some(format!("`{name}` takes no `{field}`"));
            }
        }
        if self
            .probability
            .is_some_and(|chance| !(0.0..=1.0).contains(&chance))
        {
            return Some("`probability` lies between 0 and 1".to_owned());
        }
        if self.at.as_deref().is_some_and(|at| !is_pointer(at)) {
            return Some("`at` is a JSON pointer: empty, or it begins with `/`".to_owned());
        }
        if matches!(kind, Kind::SaysAbsent | Kind::SaysPresent)
            && self.endpoint != "*"
            && endpoint::find(&self.endpoint).is_none_or(|row| row.says(kind).is_none())
        {
            return Some(format!("`{}` has no code for `{name}`", self.endpoint));
        }
        None
    }
}

/// Waits out a latency. None is none: the timer's shortest sleep is a millisecond and more.
pub(super) async fn wait(latency: Duration) {
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
}
