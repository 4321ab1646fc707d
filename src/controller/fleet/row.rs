//! What is known of one tenant without reading its manifest or asking WeChat: a few hundred bytes, since all tenants
//! stand in memory.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};

use crate::controller::standing::known;
use crate::plan::{Digest, Reason};
use crate::reconcile::Awaited;
use crate::store::documents::{AdmittedDoc, TenantDoc};
use crate::store::{Doc, Key, Store, StoreError};

/// How many documents are asked for at once.
const AT_ONCE: usize = 32;

/// One tenant.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// The revision that is in force.
    pub admitted: Option<AdmittedDoc>,
    /// The digest of what was applied last.
    pub applied: Option<Digest>,
    /// Whether anything of it is in force at WeChat, or was.
    pub has_records: bool,
    /// Whether an account is pinned to it.
    pub is_pinned: bool,
    /// The platform it belonged to when it was applied last.
    pub platform: Option<String>,
    /// Whether a pass went by the revision in force, or tried to, since it was put in force or this process began.
    pub was_tried: bool,
    /// Whether the cap on costly steps held one of them back in the last of those.
    pub is_capped: bool,
}

impl Row {
    /// Whether what is in force was applied whole, and waits for no hour to end.
    #[must_use]
    pub fn is_home(&self) -> bool {
        if self.is_capped {
            return false;
        }
        let admitted = self.admitted.as_ref().map(|one| one.digest.as_str());
        admitted.is_some() && admitted == self.applied.as_ref().map(Digest::as_str)
    }

    /// Whether nothing that is due could be made the sooner by a higher cap.
    pub(super) fn needs_no_cap(&self) -> bool {
        !self.is_capped && (self.is_home() || self.was_tried)
    }

    /// Takes over what a pass, or another process, has written down.
    pub(super) fn take(&mut self, doc: &TenantDoc) {
        self.applied = doc.manifest.clone().map(Digest::from_hex);
        self.has_records = !doc.records.is_empty();
        self.is_pinned = doc.pin.is_some() || !doc.pins.is_empty();
        self.platform.clone_from(&doc.platform);
    }
}

/// Every tenant that the store knows.
pub(super) async fn load(store: &Store) -> Result<BTreeMap<String, Row>, StoreError> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    for (name, doc) in all::<TenantDoc>(store, "tenant/").await? {
        let waits: Vec<Awaited> = known(&doc.waiting);
        let row = rows.entry(name).or_default();
        row.take(&doc);
        row.is_capped = waits
            .iter()
            .any(|one| one.waiting.reason == Reason::HourlyCap);
    }
    for (name, doc) in all::<AdmittedDoc>(store, "admitted/").await? {
        rows.entry(name).or_default().admitted = Some(doc);
    }
    Ok(rows)
}

/// Every document of a kind that can be read, by the name behind it. One that cannot is as if it were not there: its
/// tenant's own pass says what is wrong.
async fn all<T: Doc>(store: &Store, prefix: &str) -> Result<Vec<(String, T)>, StoreError> {
    let keys = store.list(prefix).await?;
    let read = |key: Key| async move {
        match store.get::<T>(&key).await {
            Ok(stored) => Ok(stored.map(|stored| (key.segments().join("/"), stored.value))),
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::warn!(store.key = %key, %error, "a document cannot be read");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    };
    let found: Vec<Option<(String, T)>> = stream::iter(keys)
        .map(read)
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(found.into_iter().flatten().collect())
}
