//! A person says what is there, where WeChat shows no more than that something is: as if wxops had made it.

use super::look::observe;
use super::memory::remember;
use super::operation::op_key;
use super::{Desired, Observer, PassError};
use crate::plan::{Address, Digest, Text};
use crate::resource::{Assumption, decide};
use crate::store::Key;
use crate::store::documents::ClaimDoc;
use crate::store::journal::{Intent, OpKey};

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assumed {
    /// It stands in this operation from now on.
    Noted(OpKey),
    /// There is nothing of the kind: it is not declared, its account cannot be looked at, WeChat shows none, or it is
    /// compared by what WeChat shows.
    Nothing,
    /// The account is not this tenant's.
    NotOurs,
    /// Nobody may say so now, and why.
    Refused(Text),
}

/// Notes that what is there of a resource is what the manifest says (`same`), or is something else, which is then
/// replaced like any difference.
///
/// # Errors
/// [`PassError`] where the store cannot be used, or an operation of the kind is not settled.
pub async fn assume(
    observer: &Observer,
    desired: &Desired,
    address: &Address,
    same: bool,
) -> Result<Assumed, PassError> {
    let store_error = |error| desired.store_error(error);
    let memory = remember(observer, desired).await.map_err(store_error)?;
    let subject = memory.subject(desired);
    let observed_at = observer.clock.now();
    let seen = observe(observer, &subject).await;
    let Assumption { call, shown } = match decide::assume(&subject, &seen, address, same) {
        Ok(Some(assumption)) => assumption,
        Ok(None) => return Ok(Assumed::Nothing),
        Err(why) => return Ok(Assumed::Refused(why)),
    };
    let claim = observer
        .store
        .get::<ClaimDoc>(&Key::claim(&call.subject))
        .await;
    let ours = ClaimDoc::of(&desired.tenant, address.whose.item());
    if claim
        .map_err(store_error)?
        .is_some_and(|claim| claim.value != ours)
    {
        return Ok(Assumed::NotOurs);
    }
    let key = op_key(&call);
    let intent = Intent {
        tenant: desired.tenant.clone(),
        step: Digest::of(&(&desired.tenant, address, &call)).to_string(),
        wanted: desired.declared().to_string(),
        call,
        evidence: serde_json::Value::Null,
        observed_at,
    };
    let now = observer.clock.now();
    let noted = observer.journal.assume(&key, intent, &shown, now).await;
    noted.map_err(|error| desired.journal_error(error))?;
    Ok(Assumed::Noted(key))
}
