//! What a call takes from WeChat's quotas, and what WeChat's own counts say of them.

use super::Observer;
use super::work::Work;
use crate::resource::Seen;
use crate::resource::app::counted;
use crate::resource::registration;
use crate::store::StoreError;
use crate::store::ledger::{Demand, Snapshot};
use crate::wechat::Call;
use crate::wechat::code::{self, AuditQuota, Left};
use crate::wechat::endpoint::Quota;
use crate::wechat::registration::BY_OFFICIAL_ACCOUNT;

/// A unit of every quota that a call takes from, the one that starts again first before the others.
pub(super) fn demands(observer: &Observer, call: &Call) -> Vec<Demand> {
    let now = observer.clock.now();
    let of = |quota: &Quota| {
        let payer = quota.payer.of(&call.subject, observer.reader.platform());
        let demand = Demand::new(payer.as_str(), call.endpoint.counted_as(), *quota, now);
        if call.endpoint == &BY_OFFICIAL_ACCOUNT {
            // -1 and no answer may have been counted.
            demand.staying()
        } else {
            demand
        }
    };
    call.endpoint.quotas.iter().map(of).collect()
}

/// What WeChat counts of a platform is read, and a unit is taken from it, before anybody else reads it: what is under way
/// meanwhile may be in its count, or not yet.
pub(super) async fn turn(observer: &Observer, call: &Call) -> Option<impl Drop + Send + use<>> {
    if call.endpoint != &code::SUBMIT {
        return None;
    }
    Some(observer.reader.turn(call.endpoint.name).await)
}

/// Lowers limits to what WeChat's answers say of the account: a sole trader registers one mini-program a month. And keeps back
/// what the manifests say of the platform's audits.
pub(super) fn as_shown(work: &Work<'_>, call: &Call, demands: Vec<Demand>) -> Vec<Demand> {
    let (seen, mut demands) = (work.seen, demands);
    if call.endpoint == &code::SUBMIT
        && let Some(cap) = &work.desired.mandate.cap
    {
        let keep = |demand: Demand| demand.keeping_free(cap.audit_reserve);
        return demands.into_iter().map(keep).collect();
    }
    if call.endpoint != &BY_OFFICIAL_ACCOUNT {
        return demands;
    }
    if let Some(limit) = registration::limit_of(seen, &call.subject) {
        for demand in &mut demands {
            demand.limit = demand.limit.min(limit);
        }
    }
    demands
}

/// What WeChat counts itself, and shows with the account, goes before what we count: it may give back what we have spent.
/// It counts by the longest of the periods. To be called once for a call, before it: an operation opens only from an
/// observation that is newer than its last settlement, so whatever it had spent was known to WeChat by then.
pub(super) async fn correct(work: &Work<'_>, call: &Call) -> Result<(), StoreError> {
    let observer = &work.actor.observer;
    let before = before(observer, call).await?;
    if call.endpoint == &code::SUBMIT {
        return audits(observer, call, before).await;
    }
    put_right(observer, call, work.seen, before).await
}

/// All mini-programs of a platform share its audits, so what was read for the plan may be older than what others have spent
/// since: it is asked anew.
async fn audits(
    observer: &Observer,
    call: &Call,
    before: Option<Snapshot>,
) -> Result<(), StoreError> {
    let read = code::quota_request(&call.subject);
    observer.reader.forget();
    let answer = observer.reader.read(&read).await;
    let (Some(Left { used, limit }), Some(before)) = (AuditQuota::told(&answer), before) else {
        return Ok(());
    };
    let ledger = observer.journal.ledger();
    ledger.correct(&before, used, Some(limit)).await
}

/// What the ledger says, before WeChat is asked what it has counted.
pub(super) async fn before(
    observer: &Observer,
    call: &Call,
) -> Result<Option<Snapshot>, StoreError> {
    match demands(observer, call).pop() {
        Some(demand) => Ok(Some(observer.journal.ledger().snapshot(&demand).await?)),
        None => Ok(None),
    }
}

/// Puts right what WeChat has counted otherwise, where what was read since shows it.
pub(super) async fn put_right(
    observer: &Observer,
    call: &Call,
    seen: &Seen,
    before: Option<Snapshot>,
) -> Result<(), StoreError> {
    let number = |number: i64| u32::try_from(number).ok();
    let counted = counted(call, seen);
    let counted = counted.and_then(|one| Some((number(one.used)?, number(one.quota)?)));
    let (Some((used, quota)), Some(before)) = (counted, before) else {
        return Ok(());
    };
    let ledger = observer.journal.ledger();
    ledger.correct(&before, used, Some(quota)).await
}
