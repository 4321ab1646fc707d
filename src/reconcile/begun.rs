//! What was begun for a tenant's mini-programs that have no account: by which official account, and for which item, whatever
//! the manifest says by now. An operation belongs to the tenant and the item that its ticket was scanned for.

use std::collections::{BTreeMap, BTreeSet};

use super::{Desired, Observer, doubt, recall};
use crate::plan::{Person, Waiting, Whose};
use crate::resource::spec::MiniProgramSpec;
use crate::resource::{At, Claimant};
use crate::store::documents::{ClaimDoc, OpKey, TenantDoc};
use crate::store::journal::{LastDone, actions};
use crate::store::{JournalError, Store, StoreError};
use crate::wechat::Appid;
use crate::wechat::registration::{BY_OFFICIAL_ACCOUNT, registered_for};

/// A tenant that has mini-programs without an account.
pub(super) struct Begun<'a> {
    pub(super) desired: &'a Desired,
    /// The official account through which they are registered now, if there is one.
    pub(super) official: Option<Appid>,
    /// The items without an account.
    pub(super) items: Vec<&'a MiniProgramSpec>,
    pub(super) claims: BTreeMap<Appid, Claimant>,
    /// Every official account that the tenant has or had.
    officials: BTreeSet<Appid>,
    /// What registrations through these did last.
    done: Vec<Done>,
}

/// What a registration did last.
struct Done {
    official: Appid,
    /// The item that it was for.
    item: String,
    /// Whether it was for this tenant, under the name that it has.
    is_ours: bool,
    last: LastDone,
}

impl<'a> Begun<'a> {
    pub(super) async fn of(
        store: &Store,
        desired: &'a Desired,
        doc: &TenantDoc,
    ) -> Result<Option<Self>, StoreError> {
        let items = desired.spec.mini_programs.iter();
        let items: Vec<&MiniProgramSpec> = items.filter(|item| wants(item, doc)).collect();
        if items.is_empty() {
            return Ok(None);
        }
        let claims = claims(store).await?;
        let official = At::OFFICIAL.appid(&desired.spec, doc.pin.as_ref()).cloned();
        let officials = officials(desired, official.as_ref(), &claims);
        let mut done = Vec::new();
        for official in &officials {
            done.extend(registrations(store, official, &desired.tenant).await?);
        }
        Ok(Some(Self {
            desired,
            official,
            items,
            claims,
            officials,
            done,
        }))
    }

    /// The accounts that items have and the tenant's document does not know: by their claim, else by the operation that
    /// registered them for this very item. One that is another's by now, or that a person gave back, is nobody's to take
    /// back, nor is anything that was registered through another tenant's official account.
    pub(super) fn found(&self) -> BTreeMap<String, Appid> {
        let mut found = BTreeMap::new();
        for item in &self.items {
            let mut claims = self.claims.iter();
            let is_it = |claim: &Claimant| {
                claim.tenant == self.desired.tenant && claim.whose == Whose::app(&item.name)
            };
            let appid = match claims.find(|(_, claim)| is_it(claim)) {
                Some((appid, _)) => Some(appid.clone()),
                None => {
                    let mut done = self.done.iter();
                    done.find_map(|done| {
                        let may = done.is_ours && done.item == item.name && !done.last.given_back;
                        let appid = account_of(&done.last).filter(|_| may)?;
                        let is_free = !self.claims.contains_key(&appid);
                        (is_free && !self.is_anothers(&done.official)).then_some(appid)
                    })
                }
            };
            if let Some(appid) = appid {
                found.insert(item.name.clone(), appid);
            }
        }
        found
    }

    fn is_anothers(&self, official: &Appid) -> bool {
        let claim = self.claims.get(official);
        claim.is_some_and(|claim| claim.tenant != self.desired.tenant)
    }

    /// What the operations made, whatever the items and tenants were called then.
    pub(super) fn made(&self) -> BTreeSet<Appid> {
        self.done
            .iter()
            .filter_map(|done| account_of(&done.last))
            .collect()
    }

    /// The names under which something may have been begun for an item: its own, the one before, and those that the
    /// manifest has no more.
    pub(super) fn names(&self, item: &MiniProgramSpec, of: &str) -> bool {
        let mut all = self.desired.spec.mini_programs.iter();
        of == item.name || !all.any(|one| one.name == of)
    }

    /// The wait for what came of a registration, where that is not known yet.
    pub(super) async fn in_doubt(
        &self,
        observer: &Observer,
        item: &MiniProgramSpec,
    ) -> Result<Option<Waiting>, StoreError> {
        for official in &self.officials {
            for action in actions(&observer.store, official).await? {
                let Some((name, of)) = action.split_once('+') else {
                    continue;
                };
                if name != BY_OFFICIAL_ACCOUNT.name || !self.names(item, of) {
                    continue;
                }
                let is_now = item.reuses_official_account()
                    && of == item.name
                    && self.official.as_ref() == Some(official);
                let key = OpKey {
                    action: action.clone(),
                    appid: official.clone(),
                };
                let found = if is_now {
                    let found = doubt::of(observer, &key, BY_OFFICIAL_ACCOUNT.name).await;
                    // Where a person must find out the step itself says so.
                    found.map(|waiting| waiting.filter(|waiting| waiting.who == Person::Nobody))
                } else {
                    doubt::of_former_registration(observer, &key, &self.desired.tenant).await
                };
                match found {
                    Ok(None) | Err(JournalError::Store(StoreError::Corrupt { .. })) => {}
                    Ok(waiting) => return Ok(waiting),
                    Err(JournalError::Store(error)) => return Err(error),
                    Err(_) => {}
                }
            }
        }
        Ok(None)
    }

    /// The official accounts that the tenant had before, through which something may have been begun.
    pub(super) fn former(&self) -> BTreeSet<Appid> {
        let had = self.officials.iter();
        had.filter(|one| Some(*one) != self.official.as_ref())
            .cloned()
            .collect()
    }

    /// Whether its registration is done, as somebody said, and nothing tells which account it made.
    pub(super) fn is_unnamed(&self, item: &str) -> bool {
        let mut done = self.done.iter();
        done.any(|done| done.is_ours && done.item == item && account_of(&done.last).is_none())
    }
}

/// Whether an item has no account.
pub(super) fn wants(item: &MiniProgramSpec, doc: &TenantDoc) -> bool {
    item.app_id.is_none() && doc.pin_of(Some(&item.name)).is_none()
}

fn officials(
    desired: &Desired,
    now: Option<&Appid>,
    claims: &BTreeMap<Appid, Claimant>,
) -> BTreeSet<Appid> {
    let had = claims
        .iter()
        .filter(|(_, claim)| claim.tenant == desired.tenant && claim.whose == Whose::Official);
    had.map(|(appid, _)| appid).chain(now).cloned().collect()
}

/// What the registrations through an official account did last.
async fn registrations(
    store: &Store,
    official: &Appid,
    tenant: &str,
) -> Result<Vec<Done>, StoreError> {
    let mut all = Vec::new();
    for action in actions(store, official).await? {
        let Some((name, item)) = action.split_once('+') else {
            continue;
        };
        if name == BY_OFFICIAL_ACCOUNT.name
            && let Some(last) = recall::done(store, (&action, official)).await?
        {
            let whose = registered_for(&last.call);
            all.push(Done {
                official: official.clone(),
                is_ours: whose.is_some_and(|whose| whose == format!("{tenant}:{item}")),
                item: item.to_owned(),
                last,
            });
        }
    }
    Ok(all)
}

fn account_of(done: &LastDone) -> Option<Appid> {
    let appid = done.ids.values().next()?;
    Appid::parse(appid).ok()
}

async fn claims(store: &Store) -> Result<BTreeMap<Appid, Claimant>, StoreError> {
    let mut all = BTreeMap::new();
    for key in store.list("claim/").await? {
        let appid = key.segments().pop();
        let Some(appid) = appid.and_then(|appid| Appid::parse(&appid).ok()) else {
            continue;
        };
        if let Some(stored) = store.get::<ClaimDoc>(&key).await? {
            let claimant = Claimant {
                whose: Whose::of_item(stored.value.item.as_deref()),
                tenant: stored.value.tenant,
            };
            all.insert(appid, claimant);
        }
    }
    Ok(all)
}
