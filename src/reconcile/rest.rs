//! A look at a tenant that needs no write: where everything is as it should be and as it is remembered, nobody's pass is
//! taken and nothing is stored. Ten thousand tenants are looked at four times a day.

use super::history::has_open;
use super::memory::{Memory, remember};
use super::operation::Looks;
use super::planned::{Planned, plan_seen};
use super::{Actor, Applied, Desired, PassError, record, revision};
use crate::plan::{Reason, Whose};
use crate::resource::Shown;
use crate::store::documents::{ClaimDoc, CredDoc, TenantDoc};
use crate::store::journal::Stage;
use crate::store::{Key, StoreError};
use crate::wechat::Appid;

/// Observes and plans. `None`: something is to be done or to be written down, which takes a whole pass.
///
/// # Errors
/// [`PassError`].
pub async fn at_rest(actor: &Actor, desired: &Desired) -> Result<Option<Applied>, PassError> {
    revision::must_be_newest(actor, desired).await?;
    let store_error = |error| desired.store_error(error);
    let memory = remember(&actor.observer, desired)
        .await
        .map_err(store_error)?;
    if memory.from_backup || !memory.came_back(desired).is_empty() {
        return Ok(None);
    }
    if !settled(actor, desired, &memory).await? {
        return Ok(None);
    }
    let (planned, _) = plan_seen(&actor.observer, desired).await?;
    let troubled = planned.plan.trouble.is_some();
    let rests = troubled
        || planned.plan.due().next().is_none()
            && is_ours(actor, &planned, desired)
                .await
                .map_err(store_error)?
            && is_noted(actor, &planned, desired).await?;
    Ok(rests.then(|| Applied::nothing(planned)))
}

/// Whether no operation is under way, and no entry of the history waits for its outcome.
async fn settled(actor: &Actor, desired: &Desired, memory: &Memory) -> Result<bool, PassError> {
    let journal = &actor.observer.journal;
    let mut looks = Looks::new();
    for account in memory.accounts(desired) {
        let keys = journal.of_account(&account).await;
        for key in keys.map_err(|error| desired.journal_error(error))? {
            let look = journal.look(&key).await;
            looks.insert(key, look.map_err(|error| desired.journal_error(error))?);
        }
    }
    let mut stages = looks.values().filter_map(|look| Some(look.doc()?.stage));
    // One that waits for a person waits on.
    let settled = stages.all(|stage| matches!(stage, Stage::Settled | Stage::Stalled));
    Ok(settled && !has_open(&actor.observer, desired).await?)
}

/// Whether every account of the plan is claimed as it stands, and what is known of those that left is written down.
async fn is_ours(actor: &Actor, planned: &Planned, desired: &Desired) -> Result<bool, StoreError> {
    let store = &actor.observer.store;
    for (whose, facts) in &planned.learned.facts {
        let claim = store.get::<ClaimDoc>(&Key::claim(&facts.account)).await?;
        let wanted = ClaimDoc::of(&desired.tenant, whose.item());
        if claim.is_none_or(|claim| claim.value != wanted) {
            return Ok(false);
        }
    }
    for account in &planned.plan.accounts {
        if let Some(appid) = &account.appid
            && left(planned, &account.whose)
            && !is_known_to_have_left(actor, appid).await?
        {
            return Ok(false);
        }
    }
    Ok(true)
}

fn left(planned: &Planned, whose: &Whose) -> bool {
    planned.plan.waits().any(|(entry, waiting)| {
        entry.address.whose == *whose && waiting.reason == Reason::NotAuthorized
    })
}

async fn is_known_to_have_left(actor: &Actor, account: &Appid) -> Result<bool, StoreError> {
    let cred = actor
        .observer
        .store
        .get::<CredDoc>(&Key::cred(account))
        .await?;
    Ok(cred.is_none_or(|cred| cred.value.revoked_at.is_some()))
}

/// Whether what was found is what is remembered, but for when it was looked at.
async fn is_noted(actor: &Actor, planned: &Planned, desired: &Desired) -> Result<bool, PassError> {
    let observer = &actor.observer;
    for Shown { call, shown } in &planned.learned.signs {
        let look = observer.journal.look(&super::op_key(call)).await;
        let look = look.map_err(|error| desired.journal_error(error))?;
        let done = look.doc().and_then(|doc| doc.done.as_ref());
        if done.is_some_and(|done| done.call == *call && done.shown != *shown) {
            return Ok(false);
        }
    }
    let stored = observer
        .store
        .get::<TenantDoc>(&Key::tenant(&desired.tenant))
        .await;
    let Some(stored) = stored.map_err(|error| desired.store_error(error))? else {
        return Ok(false);
    };
    let mut before = stored.value;
    let mut after = before.clone();
    record::note(
        &mut after,
        (actor, desired),
        planned,
        &[],
        observer.clock.now(),
    );
    if let (Some(before), Some(after)) = (&mut before.last_pass, &after.last_pass) {
        before.at = after.at;
    }
    if let (Some(before), Some(after)) = (&mut before.manifests_read, &after.manifests_read) {
        before.at = after.at;
    }
    Ok(before == after)
}
