//! The faults in force, and the lot that is drawn for every call and push.
//!
//! Chance is drawn from a seed given with the fault, so a run can be repeated.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "of some thirty kinds of fault each place is about a few"
)]

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::endpoint::Endpoint;
use super::fault::{Fault, Kind};
use super::odd_answer::Draft;
use super::spelling::Spelling;

/// Orders in force at once: a few for each of thousands of accounts.
pub(super) const MAX_FAULTS: usize = 10_000;
/// What WeChat answers to who calls too often within a minute.
const TOO_OFTEN: i64 = 45011;

/// What befalls one call or push.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mishap {
    pub(super) latency: Duration,
    pub(super) latency_after: Duration,
    /// The one other thing that goes wrong, with its code.
    pub(super) kind: Option<(Kind, i64)>,
    /// WeChat's words for the code.
    pub(super) errmsg: Option<String>,
    /// How far a stale read lags behind; none: it shows what was before the last change.
    pub(super) lag: Option<SignedDuration>,
    /// In which spellings the request's texts are kept.
    pub(super) kept: Vec<Spelling>,
    /// Appids of a push are in capitals.
    pub(super) capitals: bool,
}

impl Mishap {
    pub(super) fn is(&self, kind: Kind) -> bool {
        self.kind.is_some_and(|(found, _)| found == kind)
    }

    /// Whether something takes the answer's place after the effect.
    pub(super) fn hides_answer(&self) -> bool {
        [Kind::ResetAfter, Kind::Http502AfterEffect, Kind::NotJson]
            .into_iter()
            .any(|kind| self.is(kind))
    }

    /// For the call log.
    pub(super) fn name(&self) -> Option<String> {
        let beside = [
            (!self.kept.is_empty(), Kind::KeptOtherwise),
            (!self.latency.is_zero(), Kind::Latency),
            (!self.latency_after.is_zero(), Kind::LatencyAfterEffect),
        ];
        let beside = beside.into_iter().find(|(happens, _)| *happens);
        let kind = self.kind.map(|(kind, _)| kind);
        kind.or(beside.map(|(_, kind)| kind)).map(Kind::name)
    }

    fn add(&mut self, fault: &Fault, target: &Target<'_>) {
        let wait = Duration::from_millis(fault.ms.unwrap_or(0));
        match fault.kind {
            Kind::Latency => self.latency = self.latency.saturating_add(wait),
            Kind::LatencyAfterEffect => {
                self.latency_after = self.latency_after.saturating_add(wait);
            }
            Kind::KeptOtherwise => self.kept.extend(fault.how),
            Kind::CapitalAppids => self.capitals = true,
            kind => {
                let own = target.row.and_then(|row| row.says(kind));
                let code = match kind {
                    Kind::MinuteLimit => TOO_OFTEN,
                    _ => own.unwrap_or(-1),
                };
                self.kind = Some((kind, fault.code.unwrap_or(code)));
                self.errmsg.clone_from(&fault.errmsg);
                self.lag = fault.seconds.map(|seconds| {
                    SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX))
                });
            }
        }
    }
}

/// What a call or push has to show to be hit.
pub(super) struct Target<'a> {
    /// A path, or `push:…`.
    pub(super) endpoint: &'a str,
    pub(super) account: &'a str,
    /// The API of a call; none of a push and of a path that WeChat does not have.
    pub(super) row: Option<&'static Endpoint>,
    /// The call changes nothing.
    pub(super) reads: bool,
    /// When, by the simulated clock.
    pub(super) now: Timestamp,
}

impl Target<'_> {
    fn is_push(&self) -> bool {
        self.endpoint.starts_with("push:")
    }
}

/// The faults in force, oldest first.
#[derive(Debug, Default)]
pub(super) struct FaultBook {
    faults: Vec<Fault>,
}

impl FaultBook {
    /// Orders that were found to be in order.
    pub(super) fn of(faults: Vec<Fault>) -> Self {
        Self { faults }
    }

    /// Orders faults, all or none, or says what is wrong with them.
    pub(super) fn add(&mut self, faults: Vec<Fault>) -> Result<(), String> {
        if let Some(problem) = faults.iter().find_map(Fault::problem) {
            return Err(problem);
        }
        if self.faults.len().saturating_add(faults.len()) > MAX_FAULTS {
            return Err(format!("there can be {MAX_FAULTS} faults at once"));
        }
        self.faults.extend(faults);
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

    /// Draws what befalls this call or push. Latencies and spellings add up; of the others the oldest order wins, and
    /// only what happens is used up.
    pub(super) fn strike(&mut self, target: &Target<'_>) -> Mishap {
        let mut mishap = Mishap::default();
        for fault in &mut self.faults {
            let beside = matches!(fault.kind, Kind::KeptOtherwise | Kind::CapitalAppids);
            let alone = !fault.kind.is_late() && !beside;
            let later = fault.kind.shapes_answers() && !target.is_push();
            if later || (alone && mishap.kind.is_some()) || !fault.strikes(target) {
                continue;
            }
            mishap.add(fault, target);
        }
        self.forget_used();
        mishap
    }

    /// Does to an answer that is ready what is ordered for it, each order after the other, and tells the first that
    /// did something. What finds nothing to do is not used up.
    pub(super) fn shape(&mut self, target: &Target<'_>, answer: &mut Draft) -> Option<Kind> {
        let mut first = None;
        for fault in &mut self.faults {
            if !fault.kind.shapes_answers() || !fault.aims_at(target) {
                continue;
            }
            let mut shaped = answer.clone();
            if shaped.shape(fault) && fault.draw(target) {
                *answer = shaped;
                first.get_or_insert(fault.kind);
            }
        }
        self.forget_used();
        first
    }

    fn forget_used(&mut self) {
        self.faults.retain(|fault| fault.count != Some(0));
    }
}

impl Fault {
    fn strikes(&mut self, target: &Target<'_>) -> bool {
        self.aims_at(target) && self.draw(target)
    }

    fn aims_at(&self, target: &Target<'_>) -> bool {
        let possible = match self.kind {
            kind if target.is_push() => kind.befalls_pushes(),
            Kind::StaleRead => target.reads,
            Kind::KeptOtherwise | Kind::NoEffect => !target.reads,
            kind @ (Kind::SaysAbsent | Kind::SaysPresent) => {
                target.row.is_some_and(|row| row.says(kind).is_some())
            }
            kind => kind.befalls_calls(),
        };
        let named = self.endpoint == target.endpoint
            || self.endpoint == "*"
            || (target.is_push() && self.endpoint == "push:*");
        let meant = self
            .account
            .as_deref()
            .is_none_or(|account| account == target.account);
        let sort = !self.writes || !target.reads;
        possible && named && meant && sort && self.count != Some(0)
    }

    /// Draws the lot, and counts down when it falls.
    fn draw(&mut self, target: &Target<'_>) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        if let Some(limit) = self.per_minute {
            let whose = if self.together { "" } else { target.account };
            let minute = self.counted.entry(whose.to_owned()).or_default();
            if minute.lets_through(target.now, limit) {
                return false;
            }
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
        book.add(serde_json::from_value(orders).unwrap()).unwrap();
        book
    }

    fn call<'a>(endpoint: &'a str, account: &'a str) -> Target<'a> {
        Target {
            endpoint,
            account,
            row: None,
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
    fn a_fault_can_mean_what_changes_something() {
        let order = json!([{"endpoint": "/a", "kind": "resetAfter", "writes": true}]);
        let mut book = book(order);
        let reading = Target {
            reads: true,
            ..call("/a", "")
        };
        assert_eq!(book.strike(&reading), Mishap::default());
        assert!(book.strike(&call("/a", "")).is(Kind::ResetAfter));
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
                book.add(vec![serde_json::from_value(order.clone()).unwrap()])
                    .is_err(),
                "{order}"
            );
        }
    }
}
