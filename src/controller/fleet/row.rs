//! What is known of one tenant without reading its manifest or asking WeChat: a few hundred bytes, since all tenants
//! stand in memory.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::controller::standing::known;
use crate::plan::{Digest, Reason};
use crate::reconcile::Awaited;
use crate::store::documents::{AdmittedDoc, TenantDoc};
use crate::store::{Doc, Store, StoreError};
use crate::wechat::Appid;

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
    /// Whether anything of it waited, or was held, when it was looked at last.
    pub waits: bool,
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
        let applied = self.applied.as_ref().map(Digest::as_str);
        // What is the same stays where it is: what lives long is not made anew among what a pass needs for a moment.
        if applied != doc.manifest.as_deref() {
            self.applied = doc.manifest.clone().map(Digest::from_hex);
        }
        self.has_records = !doc.records.is_empty();
        self.is_pinned = doc.pin.is_some() || !doc.pins.is_empty();
        self.platform.clone_from(&doc.platform);
        self.waits = !doc.waiting.is_empty();
    }
}

/// As much of a tenant's document as its row needs. Most of one is records: all of those at once, read whole, are hundreds
/// of megabytes.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct TenantHead {
    pin: Option<Appid>,
    pins: BTreeMap<String, Appid>,
    records: BTreeMap<String, PassedOver>,
    waiting: Vec<Value>,
    manifest: Option<String>,
    platform: Option<String>,
}

impl Doc for TenantHead {
    const SCHEMA: u16 = TenantDoc::SCHEMA;
}

/// Whatever stands there.
struct PassedOver;

impl<'de> Deserialize<'de> for PassedOver {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}

impl Serialize for PassedOver {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

/// Every tenant that the store knows.
pub(super) async fn load(store: &Store) -> Result<BTreeMap<String, Row>, StoreError> {
    let mut rows: BTreeMap<String, Row> = BTreeMap::new();
    each(store, "tenant/", |name, doc: TenantHead| {
        let row = rows.entry(name).or_default();
        row.applied = doc.manifest.map(Digest::from_hex);
        row.has_records = !doc.records.is_empty();
        row.is_pinned = doc.pin.is_some() || !doc.pins.is_empty();
        row.platform = doc.platform;
        row.waits = !doc.waiting.is_empty();
        let waits: Vec<Awaited> = known(&doc.waiting);
        let capped = |one: &Awaited| one.waiting.reason == Reason::HourlyCap;
        row.is_capped = waits.iter().any(capped);
    })
    .await?;
    each(store, "admitted/", |name, doc: AdmittedDoc| {
        rows.entry(name).or_default().admitted = Some(doc);
    })
    .await?;
    Ok(rows)
}

/// Takes every document of a kind that can be read, with the name behind it. One that cannot is as if it were not there:
/// its tenant's own pass says what is wrong.
async fn each<T: Doc>(
    store: &Store,
    prefix: &str,
    mut take: impl FnMut(String, T),
) -> Result<(), StoreError> {
    for key in store.list(prefix).await? {
        match store.get::<T>(&key).await {
            Ok(Some(stored)) => take(key.segments().join("/"), stored.value),
            Ok(None) => {}
            Err(error @ StoreError::Corrupt { .. }) => {
                tracing::warn!(store.key = %key, %error, "a document cannot be read");
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
