//! What was asked of WeChat since the start and how it went, counted for `/metrics`. No appid, no secret.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;

use crate::wechat::authorization::AUTHORIZER_TOKEN;
use crate::wechat::token::COMPONENT_TOKEN;
use crate::wechat::{Answer, Endpoint};

/// WeChat answers in 50 ms or so; nothing is waited for longer than 30 s.
const SECONDS: [f64; 8] = [0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0, 10.0];

/// A request, by what was asked and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Request {
    /// The endpoint's name on WeChat's pages.
    pub endpoint: &'static str,
    /// `done`, `refused`, `lost` (no answer that can be read) or `not_sent`.
    pub outcome: &'static str,
}

/// A request for a token.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Refresh {
    /// `component` or `authorizer`.
    pub kind: &'static str,
    /// As of every request.
    pub outcome: &'static str,
}

/// The counters of a process. A clone counts into the same ones.
#[derive(Debug, Clone)]
pub struct Meter {
    /// Every request that was made, tokens' included.
    pub requests: Family<Request, Counter>,
    /// How long they took, in seconds.
    pub seconds: Histogram,
    /// The requests for tokens among them.
    pub refreshes: Family<Refresh, Counter>,
    /// Tokens that WeChat refused before their time: somebody else asked for one.
    pub foreign: Counter,
}

impl Default for Meter {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            seconds: Histogram::new(SECONDS),
            refreshes: Family::default(),
            foreign: Counter::default(),
        }
    }
}

impl Meter {
    /// Counts one request.
    pub(super) fn count(&self, endpoint: &'static Endpoint, answer: &Answer, took: Duration) {
        let outcome = match answer {
            Answer::Done(_) => "done",
            Answer::Refused(_) => "refused",
            Answer::Lost(lost) if lost.sent => "lost",
            Answer::Lost(_) => "not_sent",
        };
        let request = Request {
            endpoint: endpoint.name,
            outcome,
        };
        self.requests.get_or_create(&request).inc();
        self.seconds.observe(took.as_secs_f64());
        let kinds = [
            ("component", &COMPONENT_TOKEN),
            ("authorizer", &AUTHORIZER_TOKEN),
        ];
        let mut kinds = kinds.into_iter();
        if let Some((kind, _)) = kinds.find(|(_, one)| one.name == endpoint.name) {
            let refresh = Refresh { kind, outcome };
            self.refreshes.get_or_create(&refresh).inc();
        }
    }
}
