//! Faults on demand: which calls and pushes go wrong, how, and how often.
//!
//! Chance is drawn from a seed given with the fault, so a run can be repeated. What a fault does is carried out
//! in `serve.rs` and `push.rs`.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

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
    /// HTTP 502; nothing happened.
    Http502,
    /// Does it, and answers HTTP 502.
    Http502AfterEffect,
    /// Cuts the connection; nothing happened.
    ResetBefore,
    /// Does it, and cuts the connection.
    ResetAfter,
    /// Does it, and answers HTML with HTTP 200.
    NotJson,
    /// Answers a read from before the account's last change.
    StaleRead,
    /// Never sends the push.
    LostPush,
    /// Sends the push twice.
    DoubledPush,
}

impl Kind {
    /// Whether it can happen to a push.
    fn befalls_pushes(self) -> bool {
        matches!(self, Self::Latency | Self::LostPush | Self::DoubledPush)
    }

    /// Whether it can happen to a call.
    fn befalls_calls(self) -> bool {
        !matches!(self, Self::LostPush | Self::DoubledPush)
    }

    fn name(self) -> String {
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
    endpoint: String,
    kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
    /// Calls let through in a minute of the simulated clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    per_minute: Option<u64>,
    /// All accounts together, not each by itself.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    together: bool,
    /// Calls of the present minute by account, for `perMinute`.
    #[serde(skip)]
    counted: BTreeMap<String, Minute>,
    /// Only calls of this account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    /// How many more times; absent: until deleted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    /// 0 to 1; absent: always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    #[serde(default)]
    seed: u64,
}

/// A minute of the simulated clock, and the calls in it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Minute {
    number: i64,
    calls: u64,
}

/// What befalls one call or push.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mishap {
    pub(super) latency: Duration,
    pub(super) latency_after: Duration,
    /// The one other thing that goes wrong, with its code.
    pub(super) kind: Option<(Kind, i64)>,
}

impl Mishap {
    pub(super) fn is(&self, kind: Kind) -> bool {
        self.kind.is_some_and(|(found, _)| found == kind)
    }

    /// For the call log.
    pub(super) fn name(&self) -> Option<String> {
        let late = [
            (self.latency, Kind::Latency),
            (self.latency_after, Kind::LatencyAfterEffect),
        ];
        self.kind.map(|(kind, _)| kind.name()).or_else(|| {
            late.into_iter()
                .find(|(span, _)| !span.is_zero())
                .map(|(_, kind)| kind.name())
        })
    }
}

/// Waits out a latency. None is none: the timer's shortest sleep is a millisecond and more.
pub(super) async fn wait(latency: Duration) {
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
}

/// What a call or push has to show to be hit.
pub(super) struct Target<'a> {
    /// A path, or `push:…`.
    pub(super) endpoint: &'a str,
    pub(super) account: &'a str,
    /// A call that only reads.
    pub(super) reads: bool,
    /// When, by the simulated clock.
    pub(super) now: Timestamp,
}

/// The faults in force, oldest first.
#[derive(Debug, Default)]
pub(super) struct FaultBook {
    faults: Vec<Fault>,
}

impl FaultBook {
    /// Orders a fault, or says what is wrong with the order.
    pub(super) fn add(&mut self, fault: Fault) -> Result<(), String> {
        let late = matches!(fault.kind, Kind::Latency | Kind::LatencyAfterEffect);
        let answers = matches!(fault.kind, Kind::Errcode | Kind::ErrcodeAfterEffect);
        let limits = fault.kind == Kind::MinuteLimit;
        let name = fault.kind.name();
        for (field, needed, possible, given) in [
            ("ms", late, late, fault.ms.is_some()),
            ("code", answers, answers || limits, fault.code.is_some()),
            ("perMinute", limits, limits, fault.per_minute.is_some()),
            ("together", false, limits, fault.together),
        ] {
            if needed && !given {
                return Err(format!("`{name}` needs `{field}`"));
            }
            if given && !possible {
                return Err(format!("`{name}` takes no `{field}`"));
            }
        }
        if fault
            .probability
            .is_some_and(|chance| !(0.0..=1.0).contains(&chance))
        {
            return Err("`probability` lies between 0 and 1".to_owned());
        }
        self.faults.push(fault);
        Ok(())
    }

    /// Everything ordered.
    pub(super) fn list(&self) -> &[Fault] {
        &self.faults
    }

    /// Forgets all faults.
    pub(super) fn clear(&mut self) {
        self.faults.clear();
    }

    /// Draws what befalls this call or push. Latencies add up; of the others the oldest order wins, and only
    /// what happens is used up.
    pub(super) fn strike(&mut self, target: &Target<'_>) -> Mishap {
        let mut mishap = Mishap::default();
        for fault in &mut self.faults {
            let late = matches!(fault.kind, Kind::Latency | Kind::LatencyAfterEffect);
            if (!late && mishap.kind.is_some()) || !fault.aims_at(target) || !fault.draw(target) {
                continue;
            }
            let wait = Duration::from_millis(fault.ms.unwrap_or(0));
            if fault.kind == Kind::Latency {
                mishap.latency += wait;
            } else if fault.kind == Kind::LatencyAfterEffect {
                mishap.latency_after += wait;
            } else {
                let code = if fault.kind == Kind::MinuteLimit {
                    TOO_OFTEN
                } else {
                    -1
                };
                mishap.kind = Some((fault.kind, fault.code.unwrap_or(code)));
            }
        }
        self.faults.retain(|fault| fault.count != Some(0));
        mishap
    }
}

impl Fault {
    fn aims_at(&self, target: &Target<'_>) -> bool {
        let is_push = target.endpoint.starts_with("push:");
        let possible = if is_push {
            self.kind.befalls_pushes()
        } else {
            self.kind.befalls_calls() && (target.reads || self.kind != Kind::StaleRead)
        };
        let named = self.endpoint == target.endpoint
            || self.endpoint == "*"
            || (is_push && self.endpoint == "push:*");
        let meant = self
            .account
            .as_deref()
            .is_none_or(|account| account == target.account);
        possible && named && meant && self.count != Some(0)
    }

    /// Draws the lot, and counts down when it falls.
    fn draw(&mut self, target: &Target<'_>) -> bool {
        if let Some(limit) = self.per_minute
            && self.is_within(limit, target)
        {
            return false;
        }
        if let Some(chance) = self.probability
            && next_unit(&mut self.seed) >= chance
        {
            return false;
        }
        if let Some(count) = &mut self.count {
            *count = count.saturating_sub(1);
        }
        true
    }

    /// Counts the call, if it is within the limit of its minute.
    fn is_within(&mut self, limit: u64, target: &Target<'_>) -> bool {
        let whose = if self.together { "" } else { target.account };
        let number = target.now.as_second().div_euclid(60);
        let minute = self.counted.entry(whose.to_owned()).or_default();
        if minute.number != number {
            *minute = Minute { number, calls: 0 };
        }
        let within = minute.calls < limit;
        minute.calls += u64::from(within);
        within
    }
}

/// What WeChat answers to who calls too often within a minute.
const TOO_OFTEN: i64 = 45011;

/// The next number in 0..1 of the series that `seed` stands in (SplitMix64, so that it is the same everywhere).
fn next_unit(seed: &mut u64) -> f64 {
    *seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *seed;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^= z >> 31;
    #[expect(
        clippy::cast_precision_loss,
        reason = "53 bits are what a double holds"
    )]
    let unit = (z >> 11) as f64 / (1u64 << 53) as f64;
    unit
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn book(orders: Value) -> FaultBook {
        let mut book = FaultBook::default();
        for order in orders.as_array().unwrap() {
            book.add(serde_json::from_value(order.clone()).unwrap())
                .unwrap();
        }
        book
    }

    fn call<'a>(endpoint: &'a str, account: &'a str) -> Target<'a> {
        Target {
            endpoint,
            account,
            reads: false,
            now: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_counted_fault_is_used_up() {
        let mut book = book(json!([{"endpoint": "/a", "kind": "resetAfter", "count": 1}]));
        assert_eq!(book.strike(&call("/b", "")), Mishap::default());
        assert!(book.strike(&call("/a", "")).is(Kind::ResetAfter));
        assert_eq!(book.strike(&call("/a", "")), Mishap::default());
        assert!(book.list().is_empty());
    }

    #[test]
    fn a_fault_can_mean_one_account() {
        let mut book =
            book(json!([{"endpoint": "*", "kind": "errcode", "code": -1, "account": "wx1"}]));
        assert_eq!(book.strike(&call("/a", "wx2")), Mishap::default());
        assert_eq!(
            book.strike(&call("/a", "wx1")).kind,
            Some((Kind::Errcode, -1))
        );
    }

    #[test]
    fn latency_adds_to_what_else_goes_wrong() {
        let mut book = book(json!([
            {"endpoint": "/a", "kind": "latency", "ms": 20},
            {"endpoint": "/a", "kind": "resetBefore"},
            {"endpoint": "/a", "kind": "http502", "count": 1},
        ]));
        let mishap = book.strike(&call("/a", ""));
        assert_eq!(mishap.latency, Duration::from_millis(20));
        assert!(mishap.is(Kind::ResetBefore));
        assert_eq!(book.list().len(), 3, "what did not happen is not used up");
    }

    #[test]
    fn the_same_seed_draws_the_same_lots() {
        let order =
            json!([{"endpoint": "/a", "kind": "resetBefore", "probability": 0.3, "seed": 7}]);
        let draw = |mut book: FaultBook| -> Vec<bool> {
            (0..200)
                .map(|_| book.strike(&call("/a", "")).kind.is_some())
                .collect()
        };
        let (first, second) = (draw(book(order.clone())), draw(book(order)));
        assert_eq!(first, second);
        let struck = first.iter().filter(|hit| **hit).count();
        assert!((30..90).contains(&struck), "{struck}");
    }

    #[test]
    fn a_minute_has_room_for_so_many_calls_of_each_account() {
        let order = json!([{"endpoint": "/a", "kind": "minuteLimit", "perMinute": 2}]);
        let mut book = book(order);
        let mut ask = |account, second| {
            let now = Timestamp::from_second(second).unwrap();
            let target = Target {
                now,
                ..call("/a", account)
            };
            book.strike(&target).kind.map(|(_, code)| code)
        };
        let calls = [
            ("wx1", 0),
            ("wx1", 59),
            ("wx1", 59),
            ("wx2", 59),
            ("wx1", 60),
        ];
        let answers = calls.map(|(account, second)| ask(account, second));
        assert_eq!(answers, [None, None, Some(45011), None, None]);
    }

    #[test]
    fn a_minute_can_be_shared_by_all_accounts() {
        let order = json!([{"endpoint": "*", "kind": "minuteLimit", "perMinute": 2, "together": true, "code": 45009}]);
        let mut book = book(order);
        let answers = ["wx1", "wx2", "wx3"].map(|account| book.strike(&call("/a", account)).kind);
        assert_eq!(answers, [None, None, Some((Kind::MinuteLimit, 45009))]);
    }

    #[test]
    fn pushes_and_calls_have_their_own_faults() {
        let mut book = book(json!([
            {"endpoint": "*", "kind": "errcode", "code": -1},
            {"endpoint": "push:ticket", "kind": "lostPush"},
        ]));
        assert!(book.strike(&call("push:ticket", "wx1")).is(Kind::LostPush));
        assert!(book.strike(&call("push:authorized", "wx1")).kind.is_none());
    }

    #[test]
    fn an_order_that_makes_no_sense_is_refused() {
        let mut book = FaultBook::default();
        for order in [
            json!({"endpoint": "/a", "kind": "latency"}),
            json!({"endpoint": "/a", "kind": "errcode"}),
            json!({"endpoint": "/a", "kind": "resetAfter", "code": 5}),
            json!({"endpoint": "/a", "kind": "minuteLimit"}),
            json!({"endpoint": "/a", "kind": "errcode", "code": -1, "perMinute": 5}),
            json!({"endpoint": "/a", "kind": "resetAfter", "together": true}),
            json!({"endpoint": "/a", "kind": "resetAfter", "probability": 2.0}),
        ] {
            assert!(
                book.add(serde_json::from_value(order.clone()).unwrap())
                    .is_err(),
                "{order}"
            );
        }
    }
}
