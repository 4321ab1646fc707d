//! What the store remembers of a tenant before a pass: pins, records, what was done last, whose its accounts are.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize as _;

use super::recall::recall;
use super::standing::Awaited;
use super::{Desired, Observer, born};
use crate::manifest::subject_of;
use crate::plan::{Address, Whose};
use crate::resource::app::domains::Via;
use crate::resource::at::{self, accounts};
use crate::resource::authorization::Past;
use crate::resource::registration::Backdrop;
use crate::resource::registry::recalled;
use crate::resource::spec::{MiniProgramSpec, Mode};
use crate::resource::{
    At, Claimant, Known, Ops, Outputs, PlatformWaits, ResourceRecord, Subject, TenantRecords,
};
use crate::store::documents::{ClaimDoc, CredDoc, TenantDoc};
use crate::store::maintenance::restored_at;
use crate::store::{Key, StoreError};
use crate::wechat::Appid;

/// What the store remembers of a tenant before a pass.
pub(super) struct Memory {
    /// When it was remembered.
    pub(super) now: jiff::Timestamp,
    platform: Appid,
    backdrop: Backdrop,
    /// The official accounts that the tenant had before, whose operations may tell of a mini-program without an account.
    former: BTreeSet<Appid>,
    lists: PlatformWaits,
    pub(super) known: BTreeMap<Whose, Known>,
    /// Pinned mini-programs whose names the manifest has no more.
    pub(super) vanished: BTreeMap<String, Appid>,
    pub(super) records: TenantRecords,
    pub(super) outputs: Outputs,
    pub(super) ops: Ops,
    /// Whether the store was put back from a backup and nobody has looked since.
    pub(super) from_backup: bool,
}

impl Memory {
    /// The appids of the tenant's accounts, as far as they are known, those of before through which something may have been
    /// begun, and of the platform where that acts in the place of one which does not exist yet.
    pub(super) fn accounts(&self, desired: &Desired) -> BTreeSet<Appid> {
        let subject = self.subject(desired);
        let acts = |at: &At| match subject.appid(at) {
            Some(appid) => Some(appid.clone()),
            None => asks_a_person(at, desired).then(|| self.platform.clone()),
        };
        let now = accounts(&desired.spec);
        let now = now.iter().filter_map(acts);
        now.chain(self.former.iter().cloned()).collect()
    }

    /// The accounts that are only looked at since they have come back.
    pub(super) fn came_back(&self, desired: &Desired) -> BTreeSet<Whose> {
        if desired.spec.policy.mode == Mode::Observe {
            return BTreeSet::new();
        }
        let back = self.known.iter().filter(|(_, known)| known.reauthorized);
        back.map(|(whose, _)| whose.clone()).collect()
    }

    /// The tenant as a pass looks at it.
    pub(super) fn subject<'a>(&'a self, desired: &'a Desired) -> Subject<'a> {
        Subject {
            tenant: &desired.tenant,
            spec: &desired.spec,
            platform: &self.platform,
            backdrop: &self.backdrop,
            lists: &self.lists,
            now: self.now,
            known: &self.known,
            vanished: &self.vanished,
            files: &desired.files,
            ops: &self.ops,
            records: &self.records,
            outputs: &self.outputs,
        }
    }
}

/// What the store remembers of a tenant.
pub(super) async fn remember(observer: &Observer, desired: &Desired) -> Result<Memory, StoreError> {
    let stored = observer
        .store
        .get::<TenantDoc>(&Key::tenant(&desired.tenant))
        .await?;
    let mut doc = stored.map(|stored| stored.value).unwrap_or_default();
    renamed(desired, &mut doc);
    let (backdrop, former) = born::backdrop(observer, desired, &mut doc).await?;
    let vanished = vanished(desired, &doc);
    let records = std::mem::take(&mut doc.records)
        .into_iter()
        .filter_map(|(name, record)| {
            let record = serde_json::from_value::<ResourceRecord>(record).ok()?;
            Some((Address::from(name.as_str()), record))
        })
        .collect();
    let mut known = BTreeMap::new();
    let mut ops = Ops::default();
    let mut creds = Vec::new();
    for at in accounts(&desired.spec) {
        let pinned = doc.pin_of(at.whose.item()).cloned();
        let Some(appid) = at.appid(&desired.spec, pinned.as_ref()).cloned() else {
            if asks_a_person(&at, desired) {
                let wanted = recalled(&desired.spec, &at, &|_| None);
                let platform = observer.reader.platform();
                recall(&observer.store, &wanted, platform, &mut ops).await?;
            }
            continue;
        };
        let cred = observer.store.get::<CredDoc>(&Key::cred(&appid)).await?;
        let cred = cred.map(|cred| cred.value);
        let of_it = Known {
            pinned,
            // One that left and answers again is back, though no push said so.
            reauthorized: cred
                .as_ref()
                .is_some_and(|cred| cred.reauthorized || cred.revoked_at.is_some()),
            past: past(cred.as_ref()),
            claimed_by: claimed_by_another(observer, desired, &at, &appid).await?,
        };
        let app_id = |name: &str| {
            let of_it = at::find(&desired.spec, &Whose::app(name))?;
            let pinned = doc.pin_of(Some(name));
            of_it.appid(&desired.spec, pinned).cloned()
        };
        let wanted = recalled(&desired.spec, &at, &app_id);
        recall(&observer.store, &wanted, &appid, &mut ops).await?;
        known.insert(at.whose, of_it);
        creds.push(cred);
    }
    let from_backup = match doc.last_pass {
        Some(_) => doc.from_backup,
        None => doc.from_backup || may_be_forgotten(observer, &creds).await?,
    };
    Ok(Memory {
        now: observer.clock.now(),
        platform: observer.reader.platform().clone(),
        backdrop,
        former,
        lists: of_platform(observer, desired).await?,
        known,
        vanished,
        records,
        outputs: doc.outputs,
        ops,
        from_backup,
    })
}

/// Whether what makes an account is done by the platform, as long as there is none: of all else it knows nothing.
fn asks_a_person(at: &At, desired: &Desired) -> bool {
    let item = at.item(&desired.spec);
    item.is_some_and(MiniProgramSpec::is_for_a_person)
}

/// What the platform's own lists wait for, where one of the tenant's mini-programs has hosts through the platform: as its last
/// pass left it, and what WeChat has refused since.
async fn of_platform(observer: &Observer, desired: &Desired) -> Result<PlatformWaits, StoreError> {
    let through_it = |item: &MiniProgramSpec| {
        let domains = item.domains.as_ref();
        domains.is_some_and(|domains| domains.via == Some(Via::Platform))
    };
    let mut found = PlatformWaits::new();
    if !desired.spec.mini_programs.iter().any(through_it) {
        return Ok(found);
    }
    let key = Key::tenant(&subject_of(&desired.platform));
    let Some(stored) = observer.store.get::<TenantDoc>(&key).await? else {
        return Ok(found);
    };
    let doc = stored.value;
    let waits = doc
        .waiting
        .iter()
        .filter_map(|one| Awaited::deserialize(one).ok());
    found.extend(waits.map(|one| (one.address.key, one.waiting)));
    for (name, record) in doc.records {
        let record = ResourceRecord::deserialize(record).ok();
        let waiting = record.and_then(|record| record.rejected?.waiting);
        found.extend(waiting.map(|waiting| (Address::from(name.as_str()).key, waiting)));
    }
    Ok(found)
}

/// What is known of an account's authorization.
#[must_use]
pub fn past(cred: Option<&CredDoc>) -> Past {
    cred.map_or(Past::Never, |cred| {
        cred.revoked_at.map_or(Past::Authorized, Past::Left)
    })
}

/// Moves what is remembered of the mini-programs that the manifest renames. Whether anything was moved.
pub(super) fn renamed(desired: &Desired, doc: &mut TenantDoc) -> bool {
    let items = desired.spec.mini_programs.iter();
    let renames =
        items.filter_map(|item| Some((item.renamed_from.as_deref()?, item.name.as_str())));
    renames.fold(false, |moved, (from, to)| doc.rename_app(from, to) || moved)
}

/// The pinned mini-programs whose names the manifest does not have any more.
fn vanished(desired: &Desired, doc: &TenantDoc) -> BTreeMap<String, Appid> {
    let items = &desired.spec.mini_programs;
    let gone = |name: &String| items.iter().all(|item| item.name != *name);
    let pins = doc.pins.iter().filter(|(name, _)| gone(name));
    pins.map(|(name, pin)| (name.clone(), pin.clone()))
        .collect()
}

/// Whether a tenant without a pass may have had some that a backup, put back since, knows nothing of: not if all its
/// accounts came after that.
async fn may_be_forgotten(
    observer: &Observer,
    creds: &[Option<CredDoc>],
) -> Result<bool, StoreError> {
    let Some(restored) = restored_at(&observer.store).await? else {
        return Ok(false);
    };
    let since = |cred: &Option<CredDoc>| {
        let cred = cred.as_ref().filter(|cred| !cred.reauthorized);
        cred.and_then(|cred| cred.authorized_at)
    };
    let older = |cred: &Option<CredDoc>| since(cred).is_none_or(|since| since < restored);
    Ok(creds.is_empty() || creds.iter().any(older))
}

/// One appid, one tenant, one item: whose an account is, if it is not this one's.
async fn claimed_by_another(
    observer: &Observer,
    desired: &Desired,
    at: &At,
    account: &Appid,
) -> Result<Option<Claimant>, StoreError> {
    let claim = observer.store.get::<ClaimDoc>(&Key::claim(account)).await?;
    let claimant = claim.map(|claim| Claimant {
        whose: Whose::of_item(claim.value.item.as_deref()),
        tenant: claim.value.tenant,
    });
    let before = at.renamed_from(&desired.spec);
    let ours = |one: &Claimant| {
        let same = one.whose == at.whose || before.as_ref() == Some(&one.whose);
        one.tenant == desired.tenant && same
    };
    Ok(claimant.filter(|one| !ours(one)))
}
