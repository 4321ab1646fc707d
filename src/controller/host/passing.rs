//! One pass over a tenant by the revision of it that is in force.

use jiff::{SignedDuration, Timestamp};

use super::{Shared, lock, wake_for_lists};
use crate::controller::cadence::{backoff, next, slot};
use crate::controller::fleet::{NotInForce, Row};
use crate::controller::queue::{Lane, Stop};
use crate::controller::{Platforms, chain};
use crate::manifest::{LoadedTenant, platform_among};
use crate::plan::{Event, Reason, Troubled};
use crate::reconcile::{
    Applied, Author, Consent, Desired, Passes, apply_tenant, at_rest, is_taken,
};
use crate::store::Key;
use crate::store::documents::TenantDoc;
use crate::wechat::errcode::names_ticket;
use crate::wechat::{Cause, ErrorClass};

/// How a pass ended.
pub(super) enum Ended {
    /// It was made, or failed.
    Passed {
        result: &'static str,
        /// How often it failed in a row.
        failures: u32,
        /// What it waits for.
        waits: Vec<Reason>,
        /// When the tenant is looked at next.
        next: (Lane, Timestamp),
    },
    /// The platform is kept from WeChat: nothing of it is begun before a time.
    Stopped {
        /// What is said of it, once.
        said: String,
        /// When WeChat may be asked again, where that is known.
        until: Option<Timestamp>,
        /// What keeps it.
        why: Stop,
    },
    /// Another process is at work on the tenant, or what one had sent may still take effect: not before then.
    Later(Timestamp),
    /// There is nothing to go by.
    NotInForce,
}

/// How soon it is looked again whether somebody else is still at work on a tenant.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_millis(500);

/// Makes one pass.
pub(super) async fn pass(shared: &Shared, tenant: &str) -> Ended {
    let (found, digest, was_home) = {
        let fleet = shared.fleet.read().await;
        let row = fleet.row(tenant);
        let admitted = row.and_then(|row| row.admitted.as_ref());
        let digest = admitted.map(|admitted| admitted.digest.clone());
        let was_home = row.is_some_and(Row::is_home);
        (fleet.tenant(tenant).await, digest, was_home)
    };
    let loaded = match found {
        Ok(loaded) => loaded,
        Err(NotInForce::None) => return Ended::NotInForce,
        Err(error) => {
            tried(shared, tenant, digest.as_deref(), false).await;
            return failed(shared, tenant, &chain(&error));
        }
    };
    let platforms = std::sync::Arc::clone(&*shared.platforms.read().await);
    match made(shared, &platforms, &loaded).await {
        Ok(None) => Ended::Later(shared.clock.now() + LOOK_AGAIN),
        Ok(Some(applied)) => {
            if applied.plan.trouble.is_none() {
                tried(shared, tenant, digest.as_deref(), applied.capped()).await;
            }
            ended(shared, tenant, &applied, was_home).await
        }
        Err(error) => {
            tried(shared, tenant, digest.as_deref(), false).await;
            failed(shared, tenant, &error)
        }
    }
}

async fn tried(shared: &Shared, tenant: &str, digest: Option<&str>, is_capped: bool) {
    let mut fleet = shared.fleet.write().await;
    fleet.tried(tenant, digest, is_capped);
}

/// `None`: it is not this one's turn.
async fn made(
    shared: &Shared,
    platforms: &Platforms,
    tenant: &LoadedTenant,
) -> Result<Option<Applied>, String> {
    let (mandate, read_at) = {
        let fleet = shared.fleet.read().await;
        let admitted = fleet
            .row(&tenant.name)
            .and_then(|row| row.admitted.as_ref());
        let is_current = fleet.says(&tenant.name);
        let looked = lock(&shared.looked).at.filter(|_| is_current);
        let read_at = admitted.map(|admitted| admitted.at).max(looked);
        (fleet.mandate(tenant), read_at)
    };
    let author = Author {
        by: shared.by.clone(),
        revision: lock(&shared.looked).commit.clone(),
        restores: None,
    };
    let passes = Passes {
        read_at,
        notice: None,
        yields: shared.yields,
        loop_since: shared.loop_since,
        leaves_probes: true,
    };
    let actor = platforms.clients.actor(&tenant.platform, author, passes);
    let actor = actor.ok_or_else(|| format!("platform `{}` is not served", tenant.platform))?;
    let desired = Desired {
        tenant: tenant.name.clone(),
        spec: tenant.spec.clone(),
        files: tenant.files.clone(),
        platform: tenant.platform.clone(),
        mandate,
    };
    if is_taken(&actor, &tenant.name)
        .await
        .map_err(|error| chain(&error))?
    {
        return Ok(None);
    }
    let applied = match at_rest(&actor, &desired).await {
        Ok(Some(applied)) => Ok(applied),
        Ok(None) => apply_tenant(&actor, &desired, &Consent::Everything).await,
        Err(error) => Err(error),
    };
    applied.map(Some).map_err(|error| chain(&error))
}

async fn ended(shared: &Shared, tenant: &str, applied: &Applied, was_home: bool) -> Ended {
    let now = shared.clock.now();
    // What was held back or waited for before is no drift once it is made.
    let before = lock(&shared.passes).get(tenant).map(|passed| passed.result);
    let was_ready = was_home && before.is_none_or(|result| result == "ready");
    if let Some(Troubled { trouble, .. }) = &applied.plan.trouble {
        return Ended::Stopped {
            said: trouble.to_string(),
            until: trouble.again.filter(|again| *again > now),
            why: match &trouble.cause {
                Cause::NoTicket { .. } => Stop::Ticket,
                Cause::Refused(error)
                    if error.class == ErrorClass::Token || names_ticket(error) =>
                {
                    Stop::Ticket
                }
                Cause::Refused(_) => Stop::Refused,
                Cause::Lost(_) => Stop::Lost,
            },
        };
    }
    for report in &applied.reports {
        let (done, resource) = (report.outcome.done(), report.address.to_string());
        let took_ms = report.took.as_millis();
        let outcome = report.outcome.said().en;
        if done && was_ready {
            shared.meters.drifted(&report.address.resource);
        }
        if done {
            let event = Event::of(&report.address);
            if let Some(event) = event {
                shared.meters.happened(event);
            }
            tracing::info!(
                tenant.name = tenant,
                resource,
                took_ms,
                outcome,
                event = event.map(Event::name),
                "a step was made"
            );
        } else if report.outcome.guarded() {
            tracing::info!(
                tenant.name = tenant,
                resource,
                outcome,
                "a step waits for the next hour"
            );
        } else {
            tracing::warn!(
                tenant.name = tenant,
                resource,
                took_ms,
                outcome,
                "a step was not made"
            );
        }
    }
    let has_changed = applied.reports.iter().any(|report| report.outcome.done());
    if let (Some(platform), true) = (platform_among(tenant), has_changed) {
        wake_for_lists(shared, platform).await;
    }
    let mut unread = applied.plan.unknowns().filter(|(_, why)| why.kind.failed());
    if let Some((entry, why)) = unread.next() {
        let (resource, more) = (entry.address.to_string(), unread.count());
        tracing::warn!(
            tenant.name = tenant,
            resource,
            why = why.text.en,
            more,
            "something could not be read"
        );
    }
    for note in &applied.notes {
        tracing::info!(tenant.name = tenant, note = note.en, "found out");
    }
    match shared.store.get::<TenantDoc>(&Key::tenant(tenant)).await {
        Ok(Some(doc)) => shared.fleet.write().await.passed(tenant, &doc.value),
        Ok(None) => {}
        Err(error) => {
            tracing::warn!(tenant.name = tenant, %error, "what the pass wrote down cannot be read")
        }
    }
    let mut reports = applied.reports.iter();
    let fell = applied.failed() || reports.any(|report| report.outcome.failed());
    let failures = if fell { failures(shared, tenant) } else { 0 };
    let is_waiting = applied.plan.waits().next().is_some() || applied.plan.has_held();
    let result = match (fell, is_waiting) {
        (true, _) => "failed",
        (false, true) => "waiting",
        (false, false) => "ready",
    };
    Ended::Passed {
        result,
        failures,
        waits: waits(applied),
        next: next(
            applied,
            slot(tenant, shared.drift_every, now),
            failures,
            now,
        ),
    }
}

fn waits(applied: &Applied) -> Vec<Reason> {
    let plan = &applied.plan;
    let held = plan.steps().filter_map(|(_, step)| step.hold.as_ref());
    let held = held.map(|hold| hold.reason);
    plan.waits()
        .map(|(_, wait)| wait.reason)
        .chain(held)
        .collect()
}

/// A pass that came to nothing.
pub(super) fn failed(shared: &Shared, tenant: &str, error: &str) -> Ended {
    let failures = failures(shared, tenant);
    tracing::warn!(
        tenant.name = tenant,
        error,
        failures,
        "a pass could not be made"
    );
    Ended::Passed {
        result: "failed",
        failures,
        waits: Vec::new(),
        next: (Lane::Swift, shared.clock.now() + backoff(failures)),
    }
}

/// How often it has failed in a row, this time included.
fn failures(shared: &Shared, tenant: &str) -> u32 {
    let before = lock(&shared.passes)
        .get(tenant)
        .map_or(0, |passed| passed.failures);
    before.saturating_add(1)
}
