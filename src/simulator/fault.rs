//! Faults on demand: which calls and pushes go wrong, how, and how often.
//!
//! An order as it is written. What is wrong with it is told in `fault_check.rs`, which order strikes is drawn in
//! `fault_book.rs`, what it does to an answer is in `odd_answer.rs`, the rest is carried out in `serve.rs` and
//! `delivery.rs`.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

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
    pub(super) fn takes_place(self) -> bool {
        matches!(self, Self::FieldGone | Self::FieldNull | Self::FieldValue)
    }

    /// Whether it damages texts of the answer.
    pub(super) fn marks_texts(self) -> bool {
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
    /// How many calls that it could happen to are let through first.
    #[serde(default, skip_serializing_if = "is_none")]
    pub(super) skip: u64,
    /// Only calls that change something: reading and writing may share a path.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) writes: bool,
    /// How many more times; absent: until deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) count: Option<u64>,
    /// 0 to 1; absent: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) probability: Option<f64>,
    #[serde(default)]
    pub(super) seed: u64,
}

fn is_none(skip: &u64) -> bool {
    *skip == 0
}

/// Calls of the present minute, by account.
pub(super) type Counted = BTreeMap<String, Minute>;

/// A minute of the simulated clock, and the calls in it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Minute {
    number: i64,
    calls: u64,
}

impl Minute {
    /// Counts a call, if it is within the limit of its minute.
    pub(super) fn lets_through(&mut self, now: Timestamp, limit: u64) -> bool {
        let number = now.as_second().div_euclid(60);
        if self.number != number {
            *self = Self { number, calls: 0 };
        }
        let within = self.calls < limit;
        self.calls += u64::from(within);
        within
    }
}

/// Waits out a latency. None is none: the timer's shortest sleep is a millisecond and more.
pub(super) async fn wait(latency: Duration) {
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
}
