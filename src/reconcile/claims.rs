//! One appid, one place: a pass claims what it is about to change, and moves what is remembered of a renamed
//! mini-program.

use super::memory::renamed;
use super::planned::Planned;
use super::{Actor, Desired, PassError};
use crate::plan::Whose;
use crate::resource::{Kind, at};
use crate::store::documents::{ClaimDoc, TenantDoc};
use crate::store::{Key, StoreError};
use crate::wechat::Appid;

/// Writes down that mini-programs have other names: pin, records and outputs in one write.
pub(super) async fn rename(actor: &Actor, desired: &Desired) -> Result<(), StoreError> {
    let (store, key) = (&actor.observer.store, Key::tenant(&desired.tenant));
    let Some(stored) = store.get::<TenantDoc>(&key).await? else {
        return Ok(());
    };
    if !renamed(desired, &mut stored.value.clone()) {
        return Ok(());
    }
    store
        .update::<TenantDoc>(&key, |doc| {
            renamed(desired, doc);
        })
        .await
        .map(drop)
}

/// Claims every account whose gate is open. False: another tenant has one of them.
pub(super) async fn claim_all(
    actor: &Actor,
    desired: &Desired,
    planned: &Planned,
) -> Result<bool, PassError> {
    let mut ours = true;
    let accounts = planned.learned.facts.iter();
    // A platform is nobody's account.
    for (whose, facts) in accounts.filter(|(_, facts)| facts.kind != Kind::Platform) {
        ours &= claim(actor, desired, whose, &facts.account).await?;
    }
    Ok(ours)
}

/// One appid, one tenant, one item: whoever is first. False: another has it.
async fn claim(
    actor: &Actor,
    desired: &Desired,
    whose: &Whose,
    account: &Appid,
) -> Result<bool, PassError> {
    let (store, key) = (&actor.observer.store, Key::claim(account));
    let doc = ClaimDoc::of(&desired.tenant, whose.item());
    match store.create(&key, &doc).await {
        Ok(_) => return Ok(true),
        Err(error) if error.is_conflict() => {}
        Err(error) => return Err(desired.store_error(error)),
    }
    let holder = store
        .get::<ClaimDoc>(&key)
        .await
        .map_err(|error| desired.store_error(error))?;
    let Some(holder) = holder else {
        return Ok(false);
    };
    if holder.value == doc {
        return Ok(true);
    }
    let before = at::find(&desired.spec, whose).and_then(|at| at.renamed_from(&desired.spec));
    let under_its_old_name =
        before.is_some_and(|before| holder.value == ClaimDoc::of(&desired.tenant, before.item()));
    if !under_its_old_name {
        return Ok(false);
    }
    match store.replace(&key, &doc, &holder.version).await {
        Ok(_) => Ok(true),
        Err(error) if error.is_conflict() => Ok(false),
        Err(error) => Err(desired.store_error(error)),
    }
}
