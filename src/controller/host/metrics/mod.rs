//! `/metrics`, in OpenMetrics text: what was counted since the start, and how things stand right now. Platforms and kinds
//! of resources are labels; tenants and accounts never are.

mod names;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric as Registrable, Registry};

pub use names::{METRICS, Metric};

use super::{Shared, lock};
use crate::plan::{Event, Reason};
use names as name;

/// A pass makes a few reads, and a write or two.
const SECONDS: [f64; 8] = [0.05, 0.1, 0.25, 0.5, 1.0, 3.0, 10.0, 60.0];
const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PassLabels {
    platform: String,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TenantLabels {
    platform: String,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PlatformLabel {
    platform: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ResourceLabel {
    resource: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LaneLabel {
    lane: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PushLabels {
    kind: &'static str,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EventLabel {
    event: &'static str,
}

/// What the loop counts.
#[derive(Debug)]
pub(super) struct Meters {
    passes: Family<PassLabels, Counter>,
    seconds: Histogram,
    drift: Family<ResourceLabel, Counter>,
    events: Family<EventLabel, Counter>,
}

impl Default for Meters {
    fn default() -> Self {
        let events = Family::<EventLabel, Counter>::default();
        // A count that begins with its first event has no growth to be seen when that happens.
        for event in Event::ALL.map(Event::name) {
            drop(events.get_or_create(&EventLabel { event }));
        }
        Self {
            passes: Family::default(),
            seconds: Histogram::new(SECONDS),
            drift: Family::default(),
            events,
        }
    }
}

impl Meters {
    /// A pass has ended.
    pub(super) fn passed(&self, platform: &str, result: &'static str, took: Duration) {
        let platform = platform.to_owned();
        self.passes
            .get_or_create(&PassLabels { platform, result })
            .inc();
        self.seconds.observe(took.as_secs_f64());
    }

    /// Something was put back that somebody had changed at WeChat.
    pub(super) fn drifted(&self, resource: &str) {
        let resource = resource.to_owned();
        self.drift.get_or_create(&ResourceLabel { resource }).inc();
    }

    /// A step took effect that others wait for.
    pub(super) fn happened(&self, event: Event) {
        let event = event.name();
        self.events.get_or_create(&EventLabel { event }).inc();
    }
}

/// Answers a scrape.
pub(super) async fn answer(shared: &Shared) -> Response {
    let registry = gathered(shared).await;
    let mut page = String::new();
    match text::encode(&mut page, &registry) {
        Ok(()) => ([(CONTENT_TYPE, TEXT)], page).into_response(),
        Err(fmt::Error) => axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn register(registry: &mut Registry, about: Metric, metric: impl Registrable) {
    registry.register(about.name, about.en, metric);
}

/// Registers a gauge of one value.
fn set(registry: &mut Registry, about: Metric, value: i64) {
    let gauge: Gauge = Gauge::default();
    gauge.set(value);
    register(registry, about, gauge);
}

/// Everything as it is now. Gauges are made anew each time, so that no platform or reason stays that is gone.
async fn gathered(shared: &Shared) -> Registry {
    let mut registry = Registry::default();
    let all = &mut registry;
    register(all, name::PASSES, shared.meters.passes.clone());
    register(all, name::PASS_SECONDS, shared.meters.seconds.clone());
    tenants(shared, all).await;
    register(all, name::DRIFT, shared.meters.drift.clone());
    register(all, name::EVENTS, shared.meters.events.clone());
    queues(shared, all);
    platforms(shared, all).await;
    pushes(shared, all);
    folder(shared, all).await;
    let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
    // The encoder adds `_info`.
    registry.register("build", name::BUILD.en, build);
    if let Some(bytes) = resident() {
        set(&mut registry, name::MEMORY, bytes);
    }
    registry
}

async fn tenants(shared: &Shared, registry: &mut Registry) {
    let tenants: Family<TenantLabels, Gauge> = Family::default();
    let waiting: Family<ReasonLabel, Gauge> = Family::default();
    let fleet = shared.fleet.read().await;
    let passes = lock(&shared.passes);
    let mut states: BTreeMap<(&str, &'static str), i64> = BTreeMap::new();
    let mut reasons: BTreeMap<Reason, i64> = BTreeMap::new();
    for (tenant, row) in fleet.in_force() {
        let Some(admitted) = &row.admitted else {
            continue;
        };
        let state = match passes.get(tenant) {
            Some(passed) => passed.result,
            None if row.is_home() && !row.waits => "ready",
            None => "pending",
        };
        *states.entry((&admitted.platform, state)).or_default() += 1;
        for reason in passes.get(tenant).iter().flat_map(|passed| &passed.waits) {
            *reasons.entry(*reason).or_default() += 1;
        }
    }
    for ((platform, state), count) in states {
        let platform = platform.to_owned();
        tenants
            .get_or_create(&TenantLabels { platform, state })
            .set(count);
    }
    for (reason, count) in reasons {
        let reason = reason.as_str();
        waiting.get_or_create(&ReasonLabel { reason }).set(count);
    }
    if let Some(last) = passes.values().map(|passed| passed.at).max() {
        set(registry, name::LAST_PASS, last.as_second());
    }
    register(registry, name::TENANTS, tenants);
    register(registry, name::WAITING, waiting);
}

fn queues(shared: &Shared, registry: &mut Registry) {
    let now = shared.clock.now();
    let depth: Family<LaneLabel, Gauge> = Family::default();
    let stopped: Family<PlatformLabel, Gauge> = Family::default();
    let (mut swift, mut drift, mut oldest) = (0, 0, None);
    for (platform, queue) in shared.queues().iter() {
        let ([of_swift, of_drift], since) = queue.depth(now);
        swift += of_swift;
        drift += of_drift;
        oldest = oldest.into_iter().chain(since).min();
        let is_stopped = queue.stopped().is_some_and(|until| now < until);
        let platform = platform.clone();
        let gauge = stopped.get_or_create(&PlatformLabel { platform });
        gauge.set(i64::from(is_stopped));
    }
    for (lane, due) in [("swift", swift), ("drift", drift)] {
        let gauge = depth.get_or_create(&LaneLabel { lane });
        gauge.set(i64::try_from(due).unwrap_or(i64::MAX));
    }
    let waited = oldest.map_or(0, |since| now.duration_since(since).as_secs().max(0));
    register(registry, name::QUEUE_DEPTH, depth);
    set(registry, name::QUEUE_OLDEST, waited);
    register(registry, name::STOPPED, stopped);
}

async fn platforms(shared: &Shared, registry: &mut Registry) {
    let now = shared.clock.now();
    let ages: Family<PlatformLabel, Gauge> = Family::default();
    let platforms = std::sync::Arc::clone(&*shared.platforms.read().await);
    for platform in platforms.loaded().into_keys() {
        let Some(client) = platforms.clients.of(&platform) else {
            continue;
        };
        if let Ok(Some(made)) = client.ticket_made_at().await {
            let age = now.duration_since(made).as_secs().max(0);
            ages.get_or_create(&PlatformLabel { platform }).set(age);
        }
    }
    let meter = platforms.clients.meter();
    register(registry, name::TICKET_AGE, ages);
    register(registry, name::REFRESHES, meter.refreshes.clone());
    register(registry, name::FOREIGN, meter.foreign.clone());
    register(registry, name::REQUESTS, meter.requests.clone());
    register(registry, name::REQUEST_SECONDS, meter.seconds.clone());
}

fn pushes(shared: &Shared, registry: &mut Registry) {
    let pushes: Family<PushLabels, Counter> = Family::default();
    for (kind, result, count) in shared.running.counted() {
        pushes
            .get_or_create(&PushLabels { kind, result })
            .inc_by(count);
    }
    register(registry, name::PUSHES, pushes);
    let stored = shared.running.stored_seconds();
    register(registry, name::PUSH_STORED, stored);
}

async fn folder(shared: &Shared, registry: &mut Registry) {
    let held: Family<PlatformLabel, Gauge> = Family::default();
    let platforms: Vec<String> = {
        let platforms = shared.platforms.read().await;
        platforms.loaded().into_keys().collect()
    };
    for platform in platforms {
        held.get_or_create(&PlatformLabel { platform }).set(0);
    }
    let fleet = shared.fleet.read().await;
    let mistakes = fleet.declared().mistakes().len();
    let mistakes = i64::try_from(mistakes).unwrap_or(i64::MAX);
    set(registry, name::MISTAKES, mistakes);
    for one in fleet.held() {
        let platform = one.revision.platform.clone();
        let count = i64::try_from(one.revision.count()).unwrap_or(i64::MAX);
        held.get_or_create(&PlatformLabel { platform }).set(count);
    }
    drop(fleet);
    register(registry, name::HELD, held);
    let looked = lock(&shared.looked).clone();
    if let Some(at) = looked.at {
        set(registry, name::LAST_LOOK, at.as_second());
    }
    if let Some(at) = looked.admitted_at {
        set(registry, name::APPLIED, at.as_second());
    }
}

/// Bytes of memory that this process holds, where the system says so.
fn resident() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kib.checked_mul(1024)
}
