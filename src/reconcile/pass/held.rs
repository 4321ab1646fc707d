//! A pass that was taken: renewed until it is given back, and the fence before every write.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinHandle;

use crate::client::{Clock, Fence};
use crate::store::documents::PassDoc;
use crate::store::{Key, Store, StoreError, Version};

/// A pass that has not been renewed by then is taken for dead.
const LIFE: Duration = Duration::from_secs(60);
/// No last byte leaves when less than this of the pass's life is left: a request that has begun then ends (10 s) before
/// anybody else may begin.
const MARGIN: Duration = Duration::from_secs(20);
/// A pass with less than this left is renewed.
const RENEW: Duration = Duration::from_secs(50);
/// How often that is looked at. Real time, since a clock that is moved by others moves at once.
const TICK: Duration = Duration::from_secs(1);

/// A pass as this process knows its own: by its key, whose it is, and when it was taken.
type Own = (Key, String, Option<Timestamp>);

/// What this process is at work on.
static AT_WORK: Mutex<BTreeSet<Own>> = Mutex::new(BTreeSet::new());

fn at_work() -> MutexGuard<'static, BTreeSet<Own>> {
    AT_WORK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether this process is at work on what a pass is about, under this very pass.
pub(super) fn is_at_work(key: &Key, pass: &PassDoc) -> bool {
    at_work().contains(&own(key, pass))
}

fn own(key: &Key, pass: &PassDoc) -> Own {
    (key.clone(), pass.owner.clone(), pass.since)
}

/// A pass that this process holds, or held.
#[derive(Debug)]
pub(in crate::reconcile) struct Pass {
    held: Arc<Held>,
    renewing: JoinHandle<()>,
}

#[derive(Debug)]
struct Held {
    store: Store,
    clock: Arc<dyn Clock>,
    key: Key,
    doc: PassDoc,
    /// One renewal at a time.
    version: tokio::sync::Mutex<Version>,
    life: Mutex<Life>,
}

/// How long it lives, by both clocks: the one that others compare with, and the one that nobody can set.
#[derive(Debug, Clone, Copy)]
struct Life {
    until: Timestamp,
    until_boot: Duration,
    is_lost: bool,
}

impl Pass {
    pub(super) fn of(
        store: Store,
        clock: Arc<dyn Clock>,
        key: Key,
        doc: PassDoc,
        version: Version,
        since_boot: Duration,
    ) -> Self {
        let life = Life {
            until: doc.expires_at,
            until_boot: since_boot.saturating_add(LIFE),
            is_lost: false,
        };
        at_work().insert(own(&key, &doc));
        let held = Arc::new(Held {
            store,
            clock,
            key,
            doc,
            version: tokio::sync::Mutex::new(version),
            life: Mutex::new(life),
        });
        let renewing = tokio::spawn(Arc::clone(&held).renew_for_ever());
        Self { held, renewing }
    }

    /// What every write of this pass stands behind.
    pub(in crate::reconcile) fn fence(&self) -> Arc<dyn Fence> {
        Arc::clone(&self.held) as Arc<dyn Fence>
    }

    /// Whether it is still ours, by what the store says now; with enough of its life left for a request. False is for
    /// good.
    ///
    /// # Errors
    /// [`StoreError`]; nothing may be sent then.
    pub(in crate::reconcile) async fn is_ours(&self) -> Result<bool, StoreError> {
        self.held.is_ours().await
    }

    /// Whether another process is known to have taken it.
    pub(in crate::reconcile) fn is_lost(&self) -> bool {
        self.held.life().is_lost
    }

    /// Gives it back. Failing to only costs others a wait.
    pub(in crate::reconcile) async fn give_back(self) {
        self.renewing.abort();
        let version = self.held.version.lock().await;
        if self.held.life().is_lost {
            return;
        }
        let deleted = self.held.store.delete(&self.held.key, &version).await;
        if let Err(error) = deleted {
            tracing::debug!(%error, "a pass was not given back");
        }
    }
}

/// When a pass that is taken or renewed now ends.
pub(super) fn end(now: Timestamp) -> Timestamp {
    let life = SignedDuration::try_from(LIFE).unwrap_or_default();
    now.saturating_add(life).unwrap_or(Timestamp::MAX)
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.renewing.abort();
        at_work().remove(&own(&self.held.key, &self.held.doc));
    }
}

impl Held {
    fn life(&self) -> Life {
        *self.life.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, life: Life) {
        *self.life.lock().unwrap_or_else(PoisonError::into_inner) = life;
    }

    /// How much of it is left, by the clock that says less.
    fn left(&self) -> Duration {
        let life = self.life();
        let by_day = life.until.duration_since(self.clock.now());
        let by_day = Duration::try_from(by_day.max(SignedDuration::ZERO)).unwrap_or_default();
        by_day.min(life.until_boot.saturating_sub(self.clock.since_boot()))
    }

    async fn renew_for_ever(self: Arc<Self>) {
        loop {
            tokio::time::sleep(TICK).await;
            if self.left() < RENEW
                && let Err(error) = self.renew().await
            {
                // Tried again at the next tick; writes stop in time.
                tracing::debug!(%error, "a pass was not renewed");
            }
            if self.life().is_lost {
                return;
            }
        }
    }

    async fn is_ours(&self) -> Result<bool, StoreError> {
        if self.life().is_lost {
            return Ok(false);
        }
        if self.left() < RENEW {
            return self.renew().await;
        }
        let _turn = self.version.lock().await;
        let stored = self.store.get::<PassDoc>(&self.key).await?;
        let ours = stored.is_some_and(|stored| self.wrote(&stored.value));
        if !ours {
            self.lose();
        }
        Ok(ours)
    }

    /// Renews it, if it is as it was left: whoever took it meanwhile, and even gave it back, was there.
    async fn renew(&self) -> Result<bool, StoreError> {
        let mut version = self.version.lock().await;
        // Twice: after a write whose answer was lost, what is there may be our own.
        for _ in 0..2 {
            let (now, since_boot) = (self.clock.now(), self.clock.since_boot());
            let doc = PassDoc {
                expires_at: end(now),
                renewed_at: Some(now),
                ..self.doc.clone()
            };
            match self.store.replace(&self.key, &doc, &version).await {
                Ok(renewed) => {
                    *version = renewed;
                    self.set(Life {
                        until: doc.expires_at,
                        until_boot: since_boot.saturating_add(LIFE),
                        is_lost: false,
                    });
                    return Ok(true);
                }
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(error),
            }
            match self.store.get::<PassDoc>(&self.key).await? {
                Some(stored) if self.wrote(&stored.value) => *version = stored.version,
                Some(_) | None => break,
            }
        }
        self.lose();
        Ok(false)
    }

    /// Whether a document is of this pass: of this process, and taken at this moment.
    fn wrote(&self, doc: &PassDoc) -> bool {
        doc.owner == self.doc.owner && doc.since == self.doc.since
    }

    fn lose(&self) {
        self.set(Life {
            is_lost: true,
            ..self.life()
        });
    }
}

impl Fence for Held {
    fn holds(&self) -> Result<(), &'static str> {
        if self.life().is_lost || self.left() <= MARGIN {
            Err("the pass over this tenant ran out while the process stood still")
        } else {
            Ok(())
        }
    }
}
