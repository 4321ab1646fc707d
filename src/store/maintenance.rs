//! What a person does with a whole store: copy it, put a copy back, look through it, give it another key.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::backend::Backend as _;
use super::doc::{Doc, Store, decode, encode};
use super::documents::{CredDoc, PlatformDoc, TenantDoc};
use super::envelope::{self, Header, WriterId};
use super::error::{Exchange, StoreError};
use super::key::Key;
use super::open::open;
use super::sealing::Sealing;
use super::sqlite::{Backup, Before, Copied, Settings, Sqlite, look_through, reseal};

pub use super::sqlite::backup;

/// `meta/restored`: that this store is a backup that was put back. What was done between the two is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoredDoc {
    /// When it was put back.
    pub at: Timestamp,
}

impl Doc for RestoredDoc {}

/// What came of putting a backup back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// What the backup held.
    pub holds: Copied,
    /// What stood there before.
    pub before: Before,
}

/// What a whole store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// Documents by kind: the first part of their names.
    pub kinds: BTreeMap<String, u64>,
    /// How many there are.
    pub holds: Copied,
    /// How many commits there were.
    pub commits: u64,
}

/// Puts a backup in place of what a store holds, under the key it was made with.
///
/// # Errors
/// [`StoreError::WrongKey`] if it was made under another one, and nothing is changed then; what
/// [`Backup::open`] and [`Backup::restore`] say.
pub async fn restore(
    store: &Path,
    from: &Path,
    sealing: Sealing,
    now: Timestamp,
) -> Result<Restored, StoreError> {
    let (place, file) = (store.to_owned(), from.to_owned());
    blocking(move || {
        let backup = Backup::open(&file)?;
        let marked = Key::restored();
        let header = Header::next(None, RestoredDoc::SCHEMA, WriterId::random());
        let json = encode(&marked, &RestoredDoc { at: now })?;
        let added = envelope::wrap(&marked, &sealing, &header, &json)?;
        let caution = |key: &Key, bytes: &[u8]| distrusted(key, &sealing, bytes);
        Ok(Restored {
            holds: backup.holds,
            before: backup.restore(&place, caution, &(marked.clone(), added))?,
        })
    })
    .await
}

/// A document of a backup as it is put back: marked, where it may have moved on since the backup was made, as tokens do,
/// and what tenants are remembered by. Everything must open under the store's key, or nothing is put back.
fn distrusted(key: &Key, sealing: &Sealing, bytes: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
    let changed = match key.kind() {
        "platform" => rewritten(key, sealing, bytes, |doc: &mut PlatformDoc| {
            doc.component_token = None;
            doc.claim = None;
        })?,
        "cred" => rewritten(key, sealing, bytes, |doc: &mut CredDoc| {
            doc.access_token = None;
            doc.claim = None;
            doc.from_backup = true;
        })?,
        "tenant" => rewritten(key, sealing, bytes, |doc: &mut TenantDoc| {
            doc.from_backup = true;
        })?,
        // What it was given for may have been done since, and is forgotten.
        "approval" => {
            envelope::unwrap(key, sealing, bytes)?;
            return Ok(None);
        }
        // That of an earlier restore: this one's takes its place.
        _ if *key == Key::restored() => return Ok(None),
        _ => {
            envelope::unwrap(key, sealing, bytes)?;
            bytes.to_vec()
        }
    };
    Ok(Some(changed))
}

fn rewritten<T: Doc>(
    key: &Key,
    sealing: &Sealing,
    bytes: &[u8],
    change: impl FnOnce(&mut T),
) -> Result<Vec<u8>, StoreError> {
    let (header, json) = envelope::unwrap(key, sealing, bytes)?;
    if header.schema > T::SCHEMA {
        return Err(StoreError::NewerSchema {
            key: key.clone(),
            found: header.schema,
            known: T::SCHEMA,
        });
    }
    let mut value: T = decode(key, &json)?;
    change(&mut value);
    let header = Header::next(Some(&header), T::SCHEMA, WriterId::random());
    envelope::wrap(key, sealing, &header, &encode(key, &value)?)
}

/// When a store was last put back from a backup.
///
/// # Errors
/// As [`Store::get`].
pub async fn restored_at(store: &Store) -> Result<Option<Timestamp>, StoreError> {
    let found = store.get::<RestoredDoc>(&Key::restored()).await?;
    Ok(found.map(|found| found.value.at))
}

/// Looks at everything in a store: every file is whole, every document can be read under this key.
///
/// # Errors
/// What is wrong first.
pub async fn check(store: &Path, sealing: &Sealing) -> Result<Contents, StoreError> {
    let place = store.to_owned();
    let (sqlite, (holds, commits)) = blocking(move || {
        let holds = look_through(&place)?;
        Ok((Sqlite::open(&place, Settings::existing())?, holds))
    })
    .await?;
    let mut kinds = BTreeMap::new();
    let mut last: Option<Key> = None;
    loop {
        let page = sqlite.list("", last.as_ref()).await.map_err(unavailable)?;
        for key in &page.keys {
            let document = sqlite.get(key).await.map_err(unavailable)?;
            // One that another process removed meanwhile is not missing.
            let Some(document) = document else { continue };
            let (_, json) = envelope::unwrap(key, sealing, &document.value)?;
            serde_json::from_slice::<IgnoredAny>(&json).map_err(|_| StoreError::Corrupt {
                key: key.clone(),
                why: "it is no JSON".to_owned(),
            })?;
            *kinds.entry(key.kind().to_owned()).or_default() += 1;
        }
        if !page.more {
            return Ok(Contents {
                kinds,
                holds,
                commits,
            });
        }
        last = page.keys.last().cloned();
    }
}

/// What came of giving a store another key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rekeyed {
    /// What is under the new key.
    pub holds: Copied,
    /// Whether it was already, all of it.
    pub already: bool,
}

/// Writes every document anew under another key. Cut off at any moment, it can be repeated with the same two keys.
///
/// # Errors
/// [`StoreError::WrongKey`] if the store is not under `old`, nor under `new`; [`StoreError::Unfinished`] where it was a restore that
/// was cut off.
pub async fn rekey(store: &Path, old: Sealing, new: Sealing) -> Result<Rekeyed, StoreError> {
    match open(store, old.clone()).await {
        Ok(_) => {}
        Err(StoreError::Unfinished {
            by: None | Some(Exchange::Rekey),
            ..
        }) => {}
        // Cut off after its last commit, it is done; that is known only by the key.
        Err(StoreError::WrongKey { why }) => {
            return match check(store, &new).await {
                Ok(contents) => Ok(Rekeyed {
                    holds: contents.holds,
                    already: true,
                }),
                Err(StoreError::WrongKey { .. }) => Err(StoreError::WrongKey { why }),
                Err(other) => Err(other),
            };
        }
        Err(other) => return Err(other),
    }
    let place = store.to_owned();
    let holds = blocking(move || {
        reseal(&place, |key, bytes| {
            let opened = envelope::unwrap(key, &old, bytes);
            // The history comes first; after a crash it is under the new key already.
            let (header, json) =
                opened.or_else(|error| envelope::unwrap(key, &new, bytes).map_err(|_| error))?;
            envelope::wrap(key, &new, &header, &json)
        })
    })
    .await?;
    Ok(Rekeyed {
        holds,
        already: false,
    })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| {
            Err(StoreError::Unavailable {
                why: error.to_string(),
            })
        })
}

fn unavailable(error: super::backend::BackendError) -> StoreError {
    StoreError::Unavailable {
        why: error.to_string(),
    }
}
