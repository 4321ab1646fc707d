//! Faults on demand: which calls and pushes go wrong, how, and how often.
//!
//! Chance is drawn from a seed given with the fault, so a run can be repeated. What a fault does is carried out
//! in `serve.rs` and `push.rs`.

use std::time::Duration;

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

/// What a call or push has to show to be hit.
pub(super) struct Target<'a> {
    /// A path, or `push:…`.
    pub(super) endpoint: &'a str,
    pub(super) account: &'a str,
    /// A call that only reads.
    pub(super) reads: bool,
}

/// The faults in force, oldest first.
#[derive(Debug, Default)]
pub(super) struct FaultBook {
    faults: Vec<Fault>,
}

impl FaultBook {
    /// Orders a fault, or says what is wrong with the order.
    pub(super) fn add(&mut self, fault: Fault) -> Result<(), String> {
        let needs_ms = matches!(fault.kind, Kind::Latency | Kind::LatencyAfterEffect);
        let needs_code = matches!(fault.kind, Kind::Errcode | Kind::ErrcodeAfterEffect);
        let name = fault.kind.name();
        match (needs_ms, fault.ms) {
            (true, None) => return Err(format!("`{name}` needs `ms`")),
            (false, Some(_)) => return Err(format!("`{name}` takes no `ms`")),
            (true, Some(_)) | (false, None) => {}
        }
        match (needs_code, fault.code) {
            (true, None) => return Err(format!("`{name}` needs `code`")),
            (false, Some(_)) => return Err(format!("`{name}` takes no `code`")),
            (true, Some(_)) | (false, None) => {}
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
            if (!late && mishap.kind.is_some()) || !fault.aims_at(target) || !fault.draw() {
                continue;
            }
            let wait = Duration::from_millis(fault.ms.unwrap_or(0));
            if fault.kind == Kind::Latency {
                mishap.latency += wait;
            } else if fault.kind == Kind::LatencyAfterEffect {
                mishap.latency_after += wait;
            } else {
                mishap.kind = Some((fault.kind, fault.code.unwrap_or(-1)));
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
    fn draw(&mut self) -> bool {
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
}

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
