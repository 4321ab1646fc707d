//! The bound of the whole history: oldest first, whoever's, but never a tenant's newest.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

use jiff::Timestamp;

use super::{History, HistoryDoc};
use crate::store::error::StoreError;

/// When it is cut, it is cut to this many of a hundred, so that it is not cut at every pass.
const CUT_TO: usize = 95;

impl History {
    /// Forgets the oldest entries where there are more than so many; how many were forgotten.
    ///
    /// # Errors
    /// [`StoreError`]; what was forgotten until then stays so.
    pub async fn bound(&self, most: usize) -> Result<usize, StoreError> {
        let mut tenants = self.every_number().await?;
        let all: usize = tenants.values().map(VecDeque::len).sum();
        if all <= most {
            return Ok(0);
        }
        let mut too_many = all - most * CUT_TO / 100;
        // Each tenant's oldest that may go. Only those are read, since a key does not say when its entry was made.
        let mut oldest = BinaryHeap::new();
        for (tenant, numbers) in &mut tenants {
            if let Some(next) = self.oldest(tenant, numbers).await? {
                oldest.push(Reverse((next.0, next.1, tenant.clone())));
            }
        }
        let mut forgotten = 0;
        while too_many > 0
            && let Some(Reverse((_, number, tenant))) = oldest.pop()
        {
            self.forget(&tenant, number).await?;
            forgotten += 1;
            too_many -= 1;
            if let Some(numbers) = tenants.get_mut(&tenant)
                && let Some(next) = self.oldest(&tenant, numbers).await?
            {
                oldest.push(Reverse((next.0, next.1, tenant)));
            }
        }
        Ok(forgotten)
    }

    /// Takes a tenant's oldest entry that is not its newest, with the time it was made.
    async fn oldest(
        &self,
        tenant: &str,
        numbers: &mut VecDeque<u64>,
    ) -> Result<Option<(Timestamp, u64)>, StoreError> {
        while numbers.len() > 1 {
            let Some(number) = numbers.pop_front() else {
                break;
            };
            match self.get(tenant, number).await {
                Ok(Some(HistoryDoc { at, .. })) => return Ok(Some((at, number))),
                // Another process forgot it.
                Ok(None) => {}
                // What cannot be read is the first to go; it cannot be put back anyway.
                Err(StoreError::Corrupt { .. }) => return Ok(Some((Timestamp::MIN, number))),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// The numbers of every tenant's entries, oldest first.
    async fn every_number(&self) -> Result<BTreeMap<String, VecDeque<u64>>, StoreError> {
        let mut found: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for key in self.store.list("history/").await? {
            let mut segments = key.segments();
            let number = segments.pop().and_then(|number| number.parse().ok());
            if let (Some(tenant), Some(number)) = (segments.pop(), number) {
                found.entry(tenant).or_default().push(number);
            }
        }
        Ok(found
            .into_iter()
            .map(|(tenant, mut numbers)| {
                numbers.sort_unstable();
                (tenant, numbers.into())
            })
            .collect())
    }
}
