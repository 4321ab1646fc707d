//! Makes the plan of one tenant: what the store remembers and what WeChat shows, compared. Reads only.

use std::collections::BTreeSet;

use super::look::look;
use super::memory::remember;
use super::{Desired, Observer, PassError, mandate};
use crate::plan::{TenantPlan, Troubled, Whose};
use crate::resource::decide::Learned;
use crate::resource::{Seen, decide};

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
