//! Observe and plan: reads only.

use std::time::Duration;

use futures::future::join_all;

use super::{Desired, Observer, PassError, mandate};
use crate::plan::{Address, Entry, Person, Reason, TenantPlan, Text, Troubled, Verdict, Waiting};
use crate::resource::decide::Learned;
use crate::resource::spec::Mode;
use crate::resource::{
    Outputs, ResourceRecord, Seen, Subject, TenantRecords, authorization, decide, needs,
};
use crate::store::documents::{ClaimDoc, CredDoc, TenantDoc};
use crate::store::maintenance::restored_at;
use crate::store::{Key, StoreError};
use crate::wechat::{Appid, Trouble};

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
    /// Whether it only looks since the account has come back, not since its policy says so.
    pub came_back: bool,
}

/// What the store remembers of a tenant before a pass.
pub(super) struct Memory {
    pub(super) pinned: Option<Appid>,
    pub(super) records: TenantRecords,
    pub(super) outputs: Outputs,
    pub(super) reauthorized: bool,
    /// Whether the store was put back from a backup and nobody has looked since.
    pub(super) from_backup: bool,
}

impl Memory {
    /// The tenant as a pass looks at it.
    pub(super) fn subject<'a>(&'a self, desired: &'a Desired) -> Subject<'a> {
        Subject {
            tenant: &desired.tenant,
            spec: &desired.spec,
            pinned: self.pinned.as_ref(),
            reauthorized: self.reauthorized,
            records: &self.records,
            outputs: &self.outputs,
        }
    }
}

/// Makes the plan of one tenant. Writes nothing, at WeChat or in the store, but refreshed tokens.
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
    let claimed = claimed_by_another(observer, desired, &memory)
        .await
        .map_err(|error| desired.store_error(error))?;
    if let Some(waiting) = claimed {
        let planned = refused(observer, desired, &memory, waiting);
        return Ok((planned, Seen::new()));
    }
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
            came_back: false,
        };
        return Ok((planned, Seen::new()));
    }
    mandate::hold(observer, desired, memory.from_backup, &mut plan).await?;
    let planned = Planned {
        plan,
        learned,
        reads: seen.len(),
        observed_at,
        from_backup: memory.from_backup,
        came_back: memory.reauthorized && desired.spec.policy.mode != Mode::Observe,
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
        let answers = join_all(missing.iter().map(|call| reader.read(call))).await;
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
    let doc = stored.map(|stored| stored.value).unwrap_or_default();
    let records = doc
        .records
        .into_iter()
        .filter_map(|(name, record)| {
            let record = serde_json::from_value::<ResourceRecord>(record).ok()?;
            Some((Address::from(name.as_str()), record))
        })
        .collect();
    let cred = match authorization::account(&desired.spec, doc.pin.as_ref()) {
        None => None,
        Some(account) => observer.store.get::<CredDoc>(&Key::cred(account)).await?,
    }
    .map(|cred| cred.value);
    let from_backup = match doc.last_pass {
        Some(_) => doc.from_backup,
        None => doc.from_backup || may_be_forgotten(observer, cred.as_ref()).await?,
    };
    // One that left and answers again is back, though no push said so.
    let reauthorized = cred.is_some_and(|cred| cred.reauthorized || cred.revoked_at.is_some());
    Ok(Memory {
        pinned: doc.pin,
        records,
        outputs: doc.outputs,
        reauthorized,
        from_backup,
    })
}

/// Whether a tenant without a pass may have had some that a backup, put back since, knows nothing of: not if its
/// account came after that.
async fn may_be_forgotten(observer: &Observer, cred: Option<&CredDoc>) -> Result<bool, StoreError> {
    let Some(restored) = restored_at(&observer.store).await? else {
        return Ok(false);
    };
    let since = cred
        .filter(|cred| !cred.reauthorized)
        .and_then(|cred| cred.authorized_at);
    Ok(since.is_none_or(|since| since < restored))
}

/// One appid, one tenant: a claim by another tenant stops the pass before anything is read.
async fn claimed_by_another(
    observer: &Observer,
    desired: &Desired,
    memory: &Memory,
) -> Result<Option<Waiting>, StoreError> {
    let Some(account) = authorization::account(&desired.spec, memory.pinned.as_ref()) else {
        return Ok(None);
    };
    let claim = observer.store.get::<ClaimDoc>(&Key::claim(account)).await?;
    Ok(claim
        .filter(|claim| claim.value.tenant != desired.tenant)
        .map(|claim| {
            let other = claim.value.tenant;
            Waiting::new(
                Reason::ClaimedByAnother,
                Person::Operator,
                Text::new(
                    format!(
                        "{account} 已归租户 {other} 管理;一个账号只能属于一个租户。{other} 若已改名或删除:wxops claim release {account}"
                    ),
                    format!(
                        "{account} belongs to tenant {other}; an account has one tenant. \
                         If {other} was renamed or removed: wxops claim release {account}"
                    ),
                ),
            )
        }))
}

fn refused(observer: &Observer, desired: &Desired, memory: &Memory, waiting: Waiting) -> Planned {
    Planned {
        plan: TenantPlan {
            tenant: desired.tenant.clone(),
            nick_name: None,
            account: authorization::account(&desired.spec, memory.pinned.as_ref()).cloned(),
            entries: vec![Entry {
                address: authorization::ADDRESS,
                verdict: Verdict::Waiting(waiting),
            }],
            observe_only: false,
            error: None,
            trouble: None,
        },
        learned: Learned::default(),
        reads: 0,
        observed_at: observer.clock.now(),
        from_backup: memory.from_backup,
        came_back: false,
    }
}
