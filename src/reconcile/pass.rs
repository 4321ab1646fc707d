//! `pass/<tenant>`: one process at a time works on a tenant. Economy: two passes would make the same reads. Safety is
//! the journal's.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Actor, Desired, PassError};
use crate::store::documents::PassDoc;
use crate::store::{Key, StoreError};

/// A pass that has not ended by then is taken for dead.
const LIFE: SignedDuration = SignedDuration::from_secs(60);
/// How often a live pass of another process is looked at again. Real time: it is a real process that is waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// Longer than a pass lives: whoever holds it then keeps renewing it.
const PATIENCE: u32 = 900;

/// Takes the pass, waiting for another process to finish or to be taken for dead.
pub(super) async fn take(actor: &Actor, desired: &Desired) -> Result<(), PassError> {
    let observer = &actor.observer;
    let key = Key::pass(&desired.tenant);
    for _ in 0..PATIENCE {
        let now = observer.clock.now();
        let mine = PassDoc {
            owner: observer.journal.owner().to_owned(),
            expires_at: now + LIFE,
        };
        let stored = observer
            .store
            .get::<PassDoc>(&key)
            .await
            .map_err(|error| desired.store_error(error))?;
        let taken = match stored {
            None => observer.store.create(&key, &mine).await.map(drop),
            Some(stored) if is_over(&stored.value, now) || stored.value.owner == mine.owner => {
                observer
                    .store
                    .replace(&key, &mine, &stored.version)
                    .await
                    .map(drop)
            }
            Some(_) => {
                tokio::time::sleep(LOOK_AGAIN).await;
                continue;
            }
        };
        match taken {
            Ok(()) => return Ok(()),
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(desired.store_error(error)),
        }
    }
    Err(desired.store_error(StoreError::Unavailable {
        why: format!(
            "another process keeps working on tenant `{}`",
            desired.tenant
        ),
    }))
}

/// A pass that ends later than any begun now was begun under a clock that has been set back since.
fn is_over(pass: &PassDoc, now: Timestamp) -> bool {
    pass.expires_at <= now || pass.expires_at > now + LIFE * 2
}

/// Gives the pass back. Failing to only costs others a wait.
pub(super) async fn give_back(actor: &Actor, desired: &Desired) {
    let observer = &actor.observer;
    let key = Key::pass(&desired.tenant);
    if let Ok(Some(stored)) = observer.store.get::<PassDoc>(&key).await
        && stored.value.owner == observer.journal.owner()
    {
        let _ = observer.store.delete(&key, &stored.version).await;
    }
}
