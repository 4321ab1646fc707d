//! What was taken from WeChat's quotas, per period of WeChat's calendar.
//!
//! Every entry is named by an op and its generation, so taking twice is taking once. Entries of unsettled ops count
//! as used: two controllers can never overspend together. What WeChat itself says corrects the sum.
//!
//! A name is kept only until its op is closed; then the entry is folded into a count, so that a document does not grow
//! with the calls it counts. Nobody takes under a name again that was folded: a generation is taken once, by its holder,
//! before it is armed. What is counted under a name that was given back in the meantime (an effect that showed late)
//! keeps its name, since it cannot be told from one that was folded.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use super::demand::{Demand, began_at};
use super::doc::{Doc, Store};
use super::error::StoreError;
use super::journal::OpRef;
use super::key::Key;

/// What came of asking for one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a full quota means that nothing may be sent"]
pub enum Taken {
    /// It is ours, now or since before.
    Yes,
    /// There is none left.
    Full {
        /// How many are used or reserved.
        used: u32,
        /// How many there are.
        limit: u32,
    },
}

/// `ledger/<scope>/<quota>/<period>`: what was taken from one quota in one period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LedgerDoc {
    /// When the period ends.
    pub ends_at: Option<Timestamp>,
    /// The limit WeChat named, where it differs from the published one.
    pub limit: Option<u32>,
    /// What WeChat counted beside our entries: taken in its console, or less than we thought.
    pub adjust: i64,
    /// Ours, by op and generation, as long as the op is not closed.
    pub entries: BTreeMap<String, LedgerEntry>,
    /// How many of ours were spent by ops that are closed.
    pub folded: u32,
}

/// One unit taken by one generation of one op.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Whose it is.
    pub op: OpRef,
    /// Whether the request took effect. Until then it is reserved.
    #[serde(default)]
    pub spent: bool,
    /// Whether it may have been given back before it was found to be spent: never folded.
    #[serde(default)]
    pub late: bool,
}

/// What the ledger said before WeChat was asked; see [`Ledger::correct`].
#[derive(Debug, Clone)]
pub struct Snapshot {
    key: Key,
    ends_at: Timestamp,
    spent: i64,
}

/// What the ledger says of one quota in a period that has not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Who pays.
    pub scope: String,
    /// The quota, as its endpoint is named.
    pub quota: String,
    /// When the period ends.
    pub ends_at: Timestamp,
    /// How many were spent.
    pub used: u32,
    /// How many are taken by operations that are not settled.
    pub reserved: u32,
    /// The limit WeChat named, where it did.
    pub limit: Option<u32>,
}

/// The quota ledger.
#[derive(Debug, Clone)]
pub struct Ledger {
    store: Store,
}

impl Doc for LedgerDoc {
    /// 2: `folded`, without which too much would be spent.
    const SCHEMA: u16 = 2;
}

/// What the ledger says of a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Used or reserved.
    pub used: u32,
    /// How many there are.
    pub limit: u32,
}

impl LedgerDoc {
    /// How many are used or reserved.
    #[must_use]
    pub fn used(&self) -> u32 {
        let named = i64::try_from(self.entries.len()).unwrap_or(i64::MAX);
        let ours = named.saturating_add(i64::from(self.folded));
        let used = self.adjust.saturating_add(ours).max(0);
        u32::try_from(used).unwrap_or(u32::MAX)
    }

    fn limit(&self, demand: &Demand) -> u32 {
        self.limit.unwrap_or(demand.limit)
    }

    fn spent(&self) -> i64 {
        let spent = self.entries.values().filter(|entry| entry.spent).count();
        let named = i64::try_from(spent).unwrap_or(i64::MAX);
        named.saturating_add(i64::from(self.folded))
    }
}

impl Ledger {
    /// The ledger of a store.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// Takes one unit for one generation of an op. Repeating it changes nothing.
    ///
    /// # Errors
    /// [`StoreError`]; it may then be taken, and repeating or the sweep puts that right.
    pub async fn take(&self, demand: &Demand, op: &OpRef) -> Result<Taken, StoreError> {
        self.take_as(demand, op, false).await
    }

    async fn take_as(&self, demand: &Demand, op: &OpRef, spent: bool) -> Result<Taken, StoreError> {
        let take = |doc: &mut LedgerDoc| {
            let limit = doc.limit(demand).saturating_sub(demand.keep_free);
            let used = doc.used();
            if doc.entries.contains_key(&op.to_string()) {
                return Taken::Yes;
            }
            if used >= limit {
                return Taken::Full { used, limit };
            }
            doc.ends_at = Some(demand.ends_at);
            let entry = LedgerEntry {
                spent,
                ..LedgerEntry::reserved(op)
            };
            doc.entries.insert(op.to_string(), entry);
            Taken::Yes
        };
        self.store
            .modify(&demand.key(), |doc| take(doc.get_or_insert_default()))
            .await
    }

    /// Takes one unit and spends it, in one write: no sweep finds it reserved by an op that has reserved another one.
    ///
    /// # Errors
    /// [`StoreError`]; repeating it changes nothing.
    pub async fn take_for_good(&self, demand: &Demand, op: &OpRef) -> Result<Taken, StoreError> {
        self.take_as(demand, op, true).await
    }

    /// Counts one call that no op stands behind: it may be made again, but not without end.
    ///
    /// # Errors
    /// [`StoreError`]; then it may or may not be counted.
    pub async fn count(&self, demand: &Demand) -> Result<(), StoreError> {
        let count = |doc: &mut LedgerDoc| {
            doc.ends_at = Some(demand.ends_at);
            doc.adjust = doc.adjust.saturating_add(1);
        };
        self.store.update(&demand.key(), count).await.map(drop)
    }

    /// Takes one unit for a call that no op stands behind, since it may be made again. It is counted before the call, so
    /// that after a crash one too many is counted and never one too few; [`Ledger::give_back`] undoes it.
    ///
    /// # Errors
    /// [`StoreError`]; then it may be taken.
    pub async fn take_unnamed(&self, demand: &Demand) -> Result<Taken, StoreError> {
        let take = |doc: &mut LedgerDoc| {
            let limit = doc.limit(demand).saturating_sub(demand.keep_free);
            let used = doc.used();
            if used >= limit {
                return Taken::Full { used, limit };
            }
            doc.ends_at = Some(demand.ends_at);
            doc.adjust = doc.adjust.saturating_add(1);
            Taken::Yes
        };
        self.store
            .modify(&demand.key(), |doc| take(doc.get_or_insert_default()))
            .await
    }

    /// Gives back a unit of [`Ledger::take_unnamed`] whose call surely had no effect.
    ///
    /// # Errors
    /// [`StoreError`]; then it may stay counted.
    pub async fn give_back(&self, demand: &Demand) -> Result<(), StoreError> {
        let give_back = |doc: &mut LedgerDoc| doc.adjust = doc.adjust.saturating_sub(1);
        self.store.update(&demand.key(), give_back).await.map(drop)
    }

    /// Marks a unit that was taken as spent for good. One that is not there has been folded already.
    ///
    /// # Errors
    /// [`StoreError`]; repeating it is harmless.
    pub async fn spend(&self, demand: &Demand, op: &OpRef) -> Result<(), StoreError> {
        let name = op.to_string();
        let spend = |doc: &mut LedgerDoc| {
            if let Some(entry) = doc.entries.get_mut(&name) {
                entry.spent = true;
            }
        };
        self.store
            .amend(&demand.key(), spend)
            .await
            .map(|_: Option<()>| ())
    }

    /// As [`Ledger::spend`], of a unit that may have been given back, since its op was thought to have had no effect:
    /// it is taken again then, whatever the limit says.
    ///
    /// # Errors
    /// [`StoreError`]; repeating it is harmless.
    pub async fn spend_late(&self, demand: &Demand, op: &OpRef) -> Result<(), StoreError> {
        let spend = |doc: &mut LedgerDoc| {
            doc.ends_at = Some(demand.ends_at);
            let entry = doc
                .entries
                .entry(op.to_string())
                .or_insert_with(|| LedgerEntry::reserved(op));
            entry.spent = true;
            entry.late = true;
        };
        self.store.update(&demand.key(), spend).await.map(drop)
    }

    /// Makes a number of what a closed op has spent. To be called only after it is stored that the op is closed.
    ///
    /// # Errors
    /// [`StoreError`]; repeating it is harmless.
    pub(super) async fn fold_at(&self, key: &Key, op: &OpRef) -> Result<(), StoreError> {
        let name = op.to_string();
        let fold = |doc: &mut LedgerDoc| {
            if doc.entries.get(&name).is_some_and(LedgerEntry::can_fold) {
                doc.entries.remove(&name);
                doc.folded = doc.folded.saturating_add(1);
            }
        };
        self.store.amend(key, fold).await.map(|_: Option<()>| ())
    }

    /// Gives a reserved unit back. What is spent stays spent.
    ///
    /// # Errors
    /// [`StoreError`]; repeating it is harmless.
    pub async fn release(&self, demand: &Demand, op: &OpRef) -> Result<(), StoreError> {
        self.release_at(&demand.key(), op).await
    }

    pub(super) async fn release_at(&self, key: &Key, op: &OpRef) -> Result<(), StoreError> {
        let name = op.to_string();
        let release = |doc: &mut LedgerDoc| {
            if doc.entries.get(&name).is_some_and(|entry| !entry.spent) {
                doc.entries.remove(&name);
            }
        };
        self.store.update(key, release).await.map(drop)
    }

    /// How many units are used or reserved, and how many there are, as WeChat told last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn counted(&self, demand: &Demand) -> Result<Counted, StoreError> {
        let stored = self.store.get::<LedgerDoc>(&demand.key()).await?;
        Ok(stored.map_or(
            Counted {
                used: 0,
                limit: demand.limit,
            },
            |stored| Counted {
                used: stored.value.used(),
                limit: stored.value.limit(demand),
            },
        ))
    }

    /// How many units are used or reserved.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn used(&self, demand: &Demand) -> Result<u32, StoreError> {
        Ok(self.counted(demand).await?.used)
    }

    /// Every quota of which something was taken in a period that has not ended.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn rows(&self, now: Timestamp) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::new();
        for key in self.store.list("ledger/").await? {
            let Some(stored) = self.store.get::<LedgerDoc>(&key).await? else {
                continue;
            };
            let doc = stored.value;
            let mut segments = key.segments().into_iter();
            let (Some(scope), Some(quota)) = (segments.next(), segments.next()) else {
                continue;
            };
            let Some(ends_at) = doc.ends_at.filter(|ends_at| *ends_at > now) else {
                continue;
            };
            let reserved = doc.entries.values().filter(|entry| !entry.spent).count();
            let reserved = u32::try_from(reserved).unwrap_or(u32::MAX);
            rows.push(Row {
                scope,
                quota,
                ends_at,
                used: doc.used().saturating_sub(reserved),
                reserved,
                limit: doc.limit,
            });
        }
        Ok(rows)
    }

    /// What the ledger says, to be taken *before* WeChat is asked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn snapshot(&self, demand: &Demand) -> Result<Snapshot, StoreError> {
        let key = demand.key();
        let stored = self.store.get::<LedgerDoc>(&key).await?;
        let spent = stored.map_or(0, |stored| stored.value.spent());
        Ok(Snapshot {
            key,
            ends_at: demand.ends_at,
            spent,
        })
    }

    /// Puts right what WeChat says otherwise.
    ///
    /// WeChat's figure holds at least what was spent before it was asked. Units that were reserved then, or spent
    /// since, count on top: it may be one too many until the next correction, never one too few.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn correct(
        &self,
        before: &Snapshot,
        used: u32,
        limit: Option<u32>,
    ) -> Result<(), StoreError> {
        let correct = |doc: &mut LedgerDoc| {
            doc.ends_at = Some(before.ends_at);
            doc.adjust = i64::from(used).saturating_sub(before.spent);
            doc.limit = limit.or(doc.limit);
        };
        self.store.update(&before.key, correct).await.map(drop)
    }

    /// WeChat says that nothing is left, whatever we counted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn exhausted(&self, demand: &Demand) -> Result<(), StoreError> {
        let exhausted = |doc: &mut LedgerDoc| {
            doc.ends_at = Some(demand.ends_at);
            let missing = doc.limit(demand).saturating_sub(doc.used());
            doc.adjust = doc.adjust.saturating_add(i64::from(missing));
        };
        self.store.update(&demand.key(), exhausted).await.map(drop)
    }
}

impl LedgerEntry {
    fn reserved(op: &OpRef) -> Self {
        Self {
            op: op.clone(),
            spent: false,
            late: false,
        }
    }

    /// Whether it becomes a number once its op is closed.
    pub(super) fn can_fold(&self) -> bool {
        self.spent && !self.late
    }
}
