//! `history/<tenant>/<n>`: what was there before each step, who changed it, and what came of it.
//!
//! An entry is written *before* the first request of its step and completed afterwards. One that a crash left open
//! says that its outcome was not recorded. The newest [`KEPT`] of a tenant are kept, and of all tenants together the
//! newest [`KEPT_OF_ALL`]; the newest of a tenant never goes, so numbers are never given twice. Nothing here is secret: it is what manifests and WeChat's consoles show.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::doc::{Doc, Store};
use super::error::StoreError;
use super::key::Key;
use crate::wechat::Appid;

/// How many entries of a tenant are kept.
pub const KEPT: usize = 100;
/// How many entries of all tenants together are kept; more where there are more tenants, since each keeps its newest.
/// An entry is some 2 KB, so this is 40 MB.
pub const KEPT_OF_ALL: usize = 20_000;
/// The longest entry, as JSON: a hundred of them stay below 5 MB a tenant, and one well below what a document may hold.
const MAX_BYTES: usize = 48 * 1024;

/// One step: what was there, what was to change, what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryDoc {
    /// When it was written: before the first request.
    pub at: Timestamp,
    /// Who asked for it.
    #[serde(default)]
    pub by: Option<String>,
    /// The commit of the manifests.
    #[serde(default)]
    pub revision: Option<Revision>,
    /// The entry that this step puts back, if it is a restore.
    #[serde(default)]
    pub restores: Option<u64>,
    /// The account.
    pub account: Appid,
    /// The mini-program it belongs to, by the name of its item. None: the official account. Schema 2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    /// The resource.
    pub resource: String,
    /// Which of the resource's things, where it has several; empty otherwise.
    #[serde(default)]
    pub key: String,
    /// What kind of change it is: `create`, `update`, `delete`.
    pub action: String,
    /// The digest that names the step.
    pub step: String,
    /// The digest of the desired state, where it is known: found in force later, the step took effect.
    #[serde(default)]
    pub desired: Option<String>,
    /// The endpoints of its requests.
    #[serde(default)]
    pub endpoints: Vec<String>,
    /// What was to change, by spec path.
    #[serde(default)]
    pub changes: Vec<Value>,
    /// How many changes were left out for their size.
    #[serde(default)]
    pub left_out: usize,
    /// What was there.
    pub before: Before,
    /// The one-off approval it was to spend.
    #[serde(default)]
    pub approval: Option<String>,
    /// What came of it. `None`: it is under way, or the process died.
    #[serde(default)]
    pub outcome: Option<Ended>,
}

/// What a resource was before a step, as a manifest would say it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Before {
    /// Nothing was there.
    Nothing,
    /// This was there.
    There(Value),
    /// It cannot be said in a manifest's words.
    Unknown,
    /// It was larger than an entry may be.
    TooLarge,
}

/// The commit that manifests were taken from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Revision {
    /// The commit, as git or the CI names it.
    pub commit: String,
    /// Whether files differed from it.
    #[serde(default)]
    pub dirty: bool,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ended {
    /// When it was known.
    pub at: Timestamp,
    /// In a word.
    pub result: How,
    /// Whether WeChat has taken it and something beside it has to come yet: a release, or somebody's yes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub under_way: bool,
    /// What else is to be said, in Chinese.
    #[serde(default)]
    pub zh: String,
    /// The same in English.
    #[serde(default)]
    pub en: String,
    /// WeChat's errcode, if it refused.
    #[serde(default)]
    pub errcode: Option<i64>,
    /// WeChat's id of the request, where it gave one.
    #[serde(default)]
    pub rid: Option<String>,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// It took effect.
    Done,
    /// WeChat refused it.
    Refused,
    /// It had no effect.
    NotDone,
    /// It was not sent.
    NotSent,
    /// It may have taken effect.
    Unknown,
}

impl Doc for HistoryDoc {
    const SCHEMA: u16 = 2;
}

impl How {
    /// The word in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::NotDone => "not-done",
            Self::NotSent => "not-sent",
            Self::Unknown => "unknown",
        }
    }
}

impl HistoryDoc {
    /// Whether what came of it may still be found out.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.outcome
            .as_ref()
            .is_none_or(|ended| ended.result == How::Unknown)
    }

    /// The same entry within its bound: changes go first, since what was there is worth most.
    fn bounded(mut self) -> Self {
        while self.size() > MAX_BYTES && !self.changes.is_empty() {
            let keep = self.changes.len() / 2;
            self.left_out += self.changes.len() - keep;
            self.changes.truncate(keep);
        }
        if self.size() > MAX_BYTES {
            self.before = Before::TooLarge;
        }
        self
    }

    fn size(&self) -> usize {
        serde_json::to_vec(self).map_or(usize::MAX, |json| json.len())
    }
}

/// The history of every tenant of one store.
#[derive(Debug, Clone)]
pub struct History {
    store: Store,
}

impl History {
    /// The history of a store.
    #[must_use]
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// The numbers of a tenant's entries, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn numbers(&self, tenant: &str) -> Result<Vec<u64>, StoreError> {
        let keys = self.store.list(&Key::histories(tenant)).await?;
        let number = |key: &Key| key.segments().pop()?.parse().ok();
        let mut numbers: Vec<u64> = keys.iter().filter_map(number).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// One entry.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn get(&self, tenant: &str, number: u64) -> Result<Option<HistoryDoc>, StoreError> {
        let stored = self.store.get(&Key::history(tenant, number)).await?;
        Ok(stored.map(|stored| stored.value))
    }

    /// The newest entries, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn newest(
        &self,
        tenant: &str,
        how_many: usize,
    ) -> Result<Vec<(u64, HistoryDoc)>, StoreError> {
        let mut found = Vec::new();
        for number in self.numbers(tenant).await?.into_iter().rev().take(how_many) {
            if let Some(doc) = self.get(tenant, number).await? {
                found.push((number, doc));
            }
        }
        Ok(found)
    }

    /// Writes a new entry under the next free number. Two processes never get the same one: whoever comes second
    /// takes the next.
    ///
    /// # Errors
    /// [`StoreError`]; nothing may be sent then.
    pub async fn begin(&self, tenant: &str, entry: HistoryDoc) -> Result<u64, StoreError> {
        let entry = entry.bounded();
        let numbers = self.numbers(tenant).await?;
        let mut number = numbers.last().map_or(1, |newest| newest.saturating_add(1));
        loop {
            match self
                .store
                .create(&Key::history(tenant, number), &entry)
                .await
            {
                Ok(_) => break,
                Err(error) if error.is_conflict() => number = number.saturating_add(1),
                Err(error) => return Err(error),
            }
        }
        let too_many = (numbers.len() + 1).saturating_sub(KEPT);
        for old in numbers.into_iter().take(too_many) {
            self.forget(tenant, old).await?;
        }
        Ok(number)
    }

    /// Writes what came of an entry. One that has been forgotten meanwhile stays so.
    ///
    /// # Errors
    /// [`StoreError`]; the entry stays open then, and the next pass looks at it.
    pub async fn end(&self, tenant: &str, number: u64, ended: &Ended) -> Result<(), StoreError> {
        self.store
            .amend::<HistoryDoc, ()>(&Key::history(tenant, number), |doc| {
                if doc.is_open() {
                    doc.outcome = Some(ended.clone());
                }
            })
            .await
            .map(drop)
    }

    async fn forget(&self, tenant: &str, number: u64) -> Result<(), StoreError> {
        let key = Key::history(tenant, number);
        match self.store.get::<HistoryDoc>(&key).await {
            Ok(Some(stored)) => match self.store.delete(&key, &stored.version).await {
                // Completed at this very moment: the next entry forgets it.
                Err(error) if error.is_conflict() => Ok(()),
                deleted => deleted,
            },
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

mod bound;
#[cfg(test)]
mod tests;
