//! Observe and plan: reads only.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::join_all;

use super::{Desired, Observer, PassError, checked, mandate};
use crate::plan::{Address, TenantPlan, Troubled, Whose};
use crate::resource::at::{self, accounts};
use crate::resource::authorization::Past;
use crate::resource::decide::Learned;
use crate::resource::registry::recalled;
use crate::resource::spec::Mode;
use crate::resource::{
    At, Claimant, Known, Ops, Outputs, ResourceRecord, Seen, Subject, TenantRecords, decide, needs,
    ops,
};
use crate::store::documents::{
    ClaimDoc, CredDoc, REVIEW_OF_CATEGORY, REVIEW_OF_NICKNAME, ReviewDoc, TenantDoc,
};
use crate::store::journal::{LastDone, OpDoc, OpKey, actions};
use crate::store::maintenance::restored_at;
use crate::store::{Key, Store, StoreError};
use crate::wechat::review::ReviewStatus;
use crate::wechat::{Appid, Trouble, category, nickname};

/// A resource is asked for its reads again after each round; a chain longer than this is a bug in the resource.
pub(super) const ROUNDS: usize = 16;

/// How long a tenant is read at most: a minute that WeChat's limit may cost, and what slow answers take. The others do
/// not wait for it.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);

/// A tenant's plan and what was learned while making it.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The plan.
    pub plan: TenantPlan,
    /// Digests and outputs.
    pub learned: Learned,
    /// How many reads were made.
    pub reads: usize,
    /// When the first read began: operations opened from this plan rest on what was so then.
    pub observed_at: jiff::Timestamp,
    /// Whether what was remembered for it may lack what was done: the store was put back from a backup.
    pub from_backup: bool,
    /// The accounts that are only looked at since they have come back, not since the policy says so.
    pub came_back: BTreeSet<Whose>,
}

/// What the store remembers of a tenant before a pass.
pub(super) struct Memory {
    /// When it was remembered.
    pub(super) now: jiff::Timestamp,
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
    /// The appids of the tenant's accounts, as far as they are known.
    pub(super) fn accounts(&self, desired: &Desired) -> Vec<Appid> {
        let subject = self.subject(desired);
        accounts(&desired.spec)
            .iter()
            .filter_map(|at| subject.appid(at).cloned())
            .collect()
    }

    /// The accounts that are only looked at since they have come back.
    fn came_back(&self, desired: &Desired) -> BTreeSet<Whose> {
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

/// Makes the plan of one tenant. Writes nothing, at WeChat or in the store, but refreshed tokens and what WeChat said
/// where it limits how often it is asked.
///
/// # Errors
/// [`PassError`] where the store cannot be read. A read that WeChat does not answer is no error: it stands in the
/// plan.
pub async fn plan_tenant(observer: &Observer, desired: &Desired) -> Result<Planned, PassError> {
    Ok(plan_seen(observer, desired).await?.0)
}

/// The same, with everything that was read for it.
pub(super) async fn plan_seen(
    observer: &Observer,
    desired: &Desired,
) -> Result<(Planned, Seen), PassError> {
    let memory = remember(observer, desired)
        .await
        .map_err(|error| desired.store_error(error))?;
    let observed_at = observer.clock.now();
    let subject = memory.subject(desired);
    let (seen, trouble) = look(observer, &subject).await;
    let (mut plan, learned) = decide(&subject, &seen);
    if let Some(trouble) = trouble {
        // Nothing is concluded from the little that was seen before, nor said of the tenant: it is not its trouble.
        plan.entries.clear();
        plan.trouble = Some(Troubled {
            platform: desired.platform.clone(),
            trouble,
        });
        let planned = Planned {
            plan,
            learned: Learned::default(),
            reads: 0,
            observed_at,
            from_backup: memory.from_backup,
            came_back: BTreeSet::new(),
        };
        return Ok((planned, Seen::new()));
    }
    let resting_on = (memory.from_backup, observed_at);
    mandate::hold(observer, desired, resting_on, &mut plan).await?;
    let planned = Planned {
        plan,
        learned,
        reads: seen.len(),
        observed_at,
        from_backup: memory.from_backup,
        came_back: memory.came_back(desired),
    };
    Ok((planned, seen))
}

/// Reads until no resource misses anything.
pub(super) async fn observe(observer: &Observer, subject: &Subject<'_>) -> Seen {
    look(observer, subject).await.0
}

/// As [`observe`], with the trouble of the platform that was met.
async fn look(observer: &Observer, subject: &Subject<'_>) -> (Seen, Option<Trouble>) {
    let reader = observer.reader.within(PATIENCE);
    let mut seen = Seen::new();
    for _ in 0..ROUNDS {
        let missing = needs(subject, &seen);
        if missing.is_empty() {
            break;
        }
        let answers = join_all(
            missing
                .iter()
                .map(|call| checked::read(observer, &reader, call)),
        )
        .await;
        seen.extend(missing.into_iter().zip(answers));
        if reader.met().is_some() {
            break;
        }
    }
    (seen, reader.met())
}

/// What the store remembers of a tenant.
pub(super) async fn remember(observer: &Observer, desired: &Desired) -> Result<Memory, StoreError> {
    let stored = observer
        .store
        .get::<TenantDoc>(&Key::tenant(&desired.tenant))
        .await?;
    let mut doc = stored.map(|stored| stored.value).unwrap_or_default();
    renamed(desired, &mut doc);
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
        known,
        vanished,
        records,
        outputs: doc.outputs,
        ops,
        from_backup,
    })
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

/// What was done last on an account, where a resource knows it from nowhere else: of each of its things, where it has
/// several and the manifest alone does not tell which.
async fn recall(
    store: &Store,
    recalled: &[String],
    account: &Appid,
    ops: &mut Ops,
) -> Result<(), StoreError> {
    if recalled.is_empty() {
        return Ok(());
    }
    for action in actions(store, account).await? {
        let is_it = |one: &String| {
            let rest = action.strip_prefix(one.as_str());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('+'))
        };
        if recalled.iter().any(is_it)
            && let Some(done) = last_done(store, (&action, account)).await?
        {
            ops.insert(account.clone(), action, done);
        }
    }
    Ok(())
}

/// What was done last. An operation that cannot be read is as if it were not there: what it would tell is then not known.
pub(super) async fn last_done(
    store: &Store,
    (action, account): (&str, &Appid),
) -> Result<Option<ops::LastDone>, StoreError> {
    let key = OpKey {
        action: action.to_owned(),
        appid: account.clone(),
    };
    let stored = match store.get::<OpDoc>(&Key::op(&key)).await {
        Ok(stored) => stored,
        Err(StoreError::Corrupt { .. }) => None,
        Err(error) => return Err(error),
    };
    let Some(LastDone {
        call,
        evidence,
        at,
        shown,
        ids,
    }) = stored.and_then(|stored| stored.value.done)
    else {
        return Ok(None);
    };
    Ok(Some(ops::LastDone {
        call,
        evidence,
        at,
        shown,
        ids,
        told: told(store, (action, account)).await?,
    }))
}

/// What WeChat pushed last of a review of what an action hands in. One that cannot be read is asked for by its id.
async fn told(
    store: &Store,
    (action, account): (&str, &Appid),
) -> Result<Option<ops::Told>, StoreError> {
    let (name, _thing) = action.split_once('+').unwrap_or((action, ""));
    let kind = if name == nickname::SET.name {
        REVIEW_OF_NICKNAME
    } else if [category::ADD.name, category::MODIFY.name].contains(&name) {
        REVIEW_OF_CATEGORY
    } else {
        return Ok(None);
    };
    let stored = review(store, account, kind).await?;
    Ok(stored.map(|stored| {
        let ReviewDoc {
            of: name,
            status,
            reason,
            at,
        } = stored;
        ops::Told {
            name,
            status: ReviewStatus::of(status),
            reason,
            at,
        }
    }))
}

/// The end of a review that WeChat pushed last, of a kind.
pub(super) async fn review(
    store: &Store,
    account: &Appid,
    kind: &str,
) -> Result<Option<ReviewDoc>, StoreError> {
    match store.get::<ReviewDoc>(&Key::review(account, kind)).await {
        Ok(stored) => Ok(stored.map(|stored| stored.value)),
        Err(StoreError::Corrupt { .. }) => Ok(None),
        Err(error) => Err(error),
    }
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
