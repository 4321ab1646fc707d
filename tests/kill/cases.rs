//! Where `wxops apply` is killed, and what WeChat does meanwhile.

use serde_json::{Value, json};

use super::child::{Point, When};

/// One way to be killed, once or several times in a row, before the run that must converge.
#[derive(Debug, Clone)]
pub struct Case {
    /// What goes wrong at WeChat until it is killed for the last time.
    pub fault: Option<Fault>,
    pub kills: Vec<Kill>,
}

/// What goes wrong: with the first `open/create`, unless it says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection is reset before anything happened.
    ResetBefore,
    /// It is reset after the account was made.
    ResetAfter,
    /// WeChat takes its time before it does anything.
    Slow,
    /// WeChat does it, and takes its time to say so.
    SlowAnswer,
    /// One call in four is answered by a gateway's error page, whatever it did.
    Flaky,
}

/// The moment of one kill.
#[derive(Debug, Clone)]
pub enum Kill {
    /// At a write of the journal.
    At(Point),
    /// The request was received; nothing happened yet.
    InFlight,
    /// The account was made; the answer has not been heard.
    Unheard,
    /// So many milliseconds after the first write, whatever happens then.
    After(u64),
}

impl Kill {
    /// Its row in the histogram.
    pub fn stage(&self) -> &str {
        match self {
            Self::At(point) => &point.stage,
            Self::InFlight => "in flight",
            Self::Unheard => "unheard",
            Self::After(_) => "any moment",
        }
    }
}

impl Case {
    /// The stage of the last kill: where the run that must converge begins.
    pub fn stage(&self) -> &str {
        self.kills.last().map_or("", Kill::stage)
    }
}

impl Fault {
    pub fn json(self, account: &str) -> Value {
        let create = |kind: &str, ms: Option<u64>| {
            let mut fault = json!({"endpoint": "/cgi-bin/open/create", "kind": kind, "count": 1, "account": account});
            if let Some(ms) = ms {
                fault["ms"] = json!(ms);
            }
            fault
        };
        match self {
            Self::ResetBefore => create("resetBefore", None),
            Self::ResetAfter => create("resetAfter", None),
            Self::Slow => create("latency", Some(400)),
            Self::SlowAnswer => create("latencyAfterEffect", Some(400)),
            Self::Flaky => json!({
                "endpoint": "*", "kind": "http502AfterEffect", "account": account,
                "probability": 0.25, "seed": rand::random_range(0..1_000_000),
            }),
        }
    }
}

fn at(when: When, generation: u64, stage: &str) -> Kill {
    Kill::At(Point {
        when,
        generation,
        stage: stage.to_owned(),
    })
}

/// Every stage, before and after its write, on every way that leads there.
pub fn by_stage() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut case = |fault: Option<Fault>, kills: Vec<Kill>| cases.push(Case { fault, kills });
    let stages = ["open", "reserved", "armed", "settled", "closed"];
    for when in [When::Before, When::After] {
        for stage in stages {
            case(None, vec![at(when, 1, stage)]);
            // Lost without effect, so a second generation is opened.
            case(Some(Fault::ResetBefore), vec![at(when, 2, stage)]);
        }
        for fault in [Fault::ResetBefore, Fault::ResetAfter] {
            for stage in ["doubt", "settled", "closed"] {
                case(Some(fault), vec![at(when, 1, stage)]);
            }
        }
        // The next process is killed while it takes over what the first one left armed, sent or not.
        for stage in ["doubt", "settled", "closed"] {
            case(None, vec![at(When::After, 1, "armed"), at(when, 1, stage)]);
            case(
                Some(Fault::SlowAnswer),
                vec![Kill::Unheard, at(when, 1, stage)],
            );
        }
    }
    case(Some(Fault::Slow), vec![Kill::InFlight]);
    case(Some(Fault::SlowAnswer), vec![Kill::Unheard]);
    cases
}

/// Kills at moments nobody chose.
pub fn at_random() -> Case {
    let faults = [
        None,
        Some(Fault::ResetBefore),
        Some(Fault::ResetAfter),
        Some(Fault::SlowAnswer),
        Some(Fault::Flaky),
        Some(Fault::Flaky),
    ];
    Case {
        fault: faults[rand::random_range(0..faults.len())],
        kills: (0..rand::random_range(1..=3))
            .map(|_| Kill::After(rand::random_range(0..400)))
            .collect(),
    }
}
