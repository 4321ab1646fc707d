//! Typed documents over a backend: schema version, encryption, lost answers.
//!
//! A lost answer is settled here, once for every backend: the document is read again, and the id of our write is in
//! it or it is not. Only when the store stays unreachable does the caller learn that it is uncertain.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::backend::{
    Backend, BackendError, Document, Expected, MAX_DOCUMENT_BYTES, Page, Revision,
};
use super::envelope::{self, Header, Trace, WriterId};
use super::error::StoreError;
use super::key::Key;
use super::memory::Memory;
use super::sealing::Sealing;
use super::secret;

/// How often [`Store::update`] decides again before it gives up. Every conflict means that another writer got
/// through, so this many in a row means that something writes in a loop.
const MAX_UPDATES: u32 = 100;
/// How often a write whose answer was lost is looked for or repeated.
const MAX_LOST: u32 = 5;

/// A type that is kept as a document.
///
/// `SCHEMA` is raised whenever an older wxops would lose or misread what a newer one wrote; `docs/state.md` has the
/// history. A document with a higher schema can be read (fields this program does not know are skipped) but not
/// written.
pub trait Doc: Serialize + DeserializeOwned + Send {
    /// The newest schema this program knows of this type.
    const SCHEMA: u16 = 1;
}

/// Typed documents with compare-and-swap. Cheap to clone; clones are the same store.
#[derive(Clone)]
pub struct Store {
    backend: Arc<dyn Backend>,
    sealing: Sealing,
}

/// The state of a document that was read or written: needed to replace or delete it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    revision: Revision,
    header: Header,
}

/// A document as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<T> {
    /// Its content.
    pub value: T,
    /// Its state.
    pub version: Version,
}

/// `meta/seal`: can be read under the store's key only.
#[derive(Serialize, Deserialize)]
struct SealDoc {}

impl Doc for SealDoc {}

impl Store {
    /// A store over any backend. [`Store::verify`] tells whether its key is the right one.
    #[must_use]
    pub fn new(backend: Arc<dyn Backend>, sealing: Sealing) -> Self {
        Self { backend, sealing }
    }

    /// A store that is gone with the process: for tests and dry runs.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::new(Arc::new(Memory::default()), Sealing::Plain)
    }

    /// Whether documents are encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.sealing.is_encrypted()
    }

    /// Reads a document.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`], [`StoreError::Corrupt`], [`StoreError::Unavailable`].
    pub async fn get<T: Doc>(&self, key: &Key) -> Result<Option<Stored<T>>, StoreError> {
        let Some(document) = self.fetch(key).await? else {
            return Ok(None);
        };
        let (header, json) = envelope::unwrap(key, &self.sealing, &document.value)?;
        let value = decode(key, &json)?;
        let version = Version {
            revision: document.revision,
            header,
        };
        Ok(Some(Stored { value, version }))
    }

    /// Writes a document that is not there yet.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if it is there.
    pub async fn create<T: Doc>(&self, key: &Key, value: &T) -> Result<Version, StoreError> {
        let json = encode(key, value)?;
        self.write::<T>(key, &json, None).await
    }

    /// Writes a document that is still as it was read.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if it is not; [`StoreError::NewerSchema`] if a newer wxops wrote it.
    pub async fn replace<T: Doc>(
        &self,
        key: &Key,
        value: &T,
        version: &Version,
    ) -> Result<Version, StoreError> {
        let json = encode(key, value)?;
        self.write::<T>(key, &json, Some(version)).await
    }

    /// Removes a document that is still as it was read.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if it is not.
    pub async fn delete(&self, key: &Key, version: &Version) -> Result<(), StoreError> {
        let mut lost = 0;
        loop {
            let why = match self.backend.delete(key, version.revision.clone()).await {
                Ok(()) => return Ok(()),
                Err(BackendError::Lost(why)) => why,
                // After a lost answer, gone is what we wanted, whoever did it.
                Err(BackendError::Conflict) if lost > 0 => {
                    return match self.fetch(key).await? {
                        None => Ok(()),
                        Some(_) => Err(conflict(key)),
                    };
                }
                Err(BackendError::Unavailable(why)) if lost > 0 => why,
                Err(other) => return Err(from_backend(key, other)),
            };
            lost += 1;
            if lost >= MAX_LOST {
                return Err(uncertain(key, why));
            }
        }
    }

    /// Changes a document, deciding again whenever another writer was faster. Nothing is written if `change`
    /// changes nothing. A missing document starts as `T::default()`.
    ///
    /// # Errors
    /// As [`Store::replace`]; [`StoreError::Conflict`] only after a hundred other writers in a row.
    pub async fn update<T: Doc + Default + Clone>(
        &self,
        key: &Key,
        mut change: impl FnMut(&mut T) + Send,
    ) -> Result<T, StoreError> {
        self.modify(key, |doc| {
            let mut value = doc.take().unwrap_or_default();
            change(&mut value);
            doc.insert(value).clone()
        })
        .await
    }

    /// As [`Store::update`], where the document may be missing: `change` sees `None` then, and may make it or, by
    /// leaving `None`, remove it. Gives what `change` answered.
    ///
    /// # Errors
    /// As [`Store::update`].
    pub async fn modify<T: Doc, R: Send>(
        &self,
        key: &Key,
        mut change: impl FnMut(&mut Option<T>) -> R + Send,
    ) -> Result<R, StoreError> {
        for attempt in 0..MAX_UPDATES {
            let (mut value, version) = match self.get::<T>(key).await? {
                Some(Stored { value, version }) => (Some(value), Some(version)),
                None => (None, None),
            };
            let before = value.as_ref().map(|value| encode(key, value)).transpose()?;
            let answer = change(&mut value);
            let after = value.as_ref().map(|value| encode(key, value)).transpose()?;
            let written = match (&after, &version) {
                _ if before == after => Ok(()),
                (Some(json), _) => self.write::<T>(key, json, version.as_ref()).await.map(drop),
                (None, Some(version)) => self.delete(key, version).await,
                (None, None) => Ok(()),
            };
            match written {
                Ok(()) => return Ok(answer),
                Err(StoreError::Conflict { .. }) => pause(attempt).await,
                Err(error) => return Err(error),
            }
        }
        Err(conflict(key))
    }

    /// As [`Store::modify`], for a document that must be there already: `None` where it is not.
    ///
    /// # Errors
    /// As [`Store::update`].
    pub async fn amend<T: Doc, R: Send>(
        &self,
        key: &Key,
        mut change: impl FnMut(&mut T) -> R + Send,
    ) -> Result<Option<R>, StoreError> {
        self.modify(key, |doc| doc.as_mut().map(&mut change)).await
    }

    /// Makes sure that this store is written under this key and no other: by a first document that says so.
    ///
    /// # Errors
    /// [`StoreError::WrongKey`].
    pub async fn verify(&self) -> Result<(), StoreError> {
        let key = Key::seal();
        loop {
            if self.get::<SealDoc>(&key).await?.is_some() {
                return Ok(());
            }
            match self.create(&key, &SealDoc {}).await {
                Ok(_) => return Ok(()),
                Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Every key that starts with `prefix`, in order: `cred/`, `op/`.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`].
    pub async fn list(&self, prefix: &str) -> Result<Vec<Key>, StoreError> {
        let mut keys: Vec<Key> = Vec::new();
        loop {
            let page = self.list_page(prefix, keys.last()).await?;
            let more = page.more && !page.keys.is_empty();
            keys.extend(page.keys);
            if !more {
                return Ok(keys);
            }
        }
    }

    /// The next of those keys behind `after`, some hundreds.
    pub(super) async fn list_page(
        &self,
        prefix: &str,
        after: Option<&Key>,
    ) -> Result<Page, StoreError> {
        let page = self.backend.list(prefix, after).await;
        page.map_err(|error| match error {
            BackendError::Ended(why) => StoreError::Ended { why },
            BackendError::Unavailable(why)
            | BackendError::Damaged(why)
            | BackendError::Lost(why) => StoreError::Unavailable { why },
            BackendError::Conflict | BackendError::TooLarge { .. } => StoreError::Unavailable {
                why: error.to_string(),
            },
        })
    }

    async fn write<T: Doc>(
        &self,
        key: &Key,
        json: &[u8],
        version: Option<&Version>,
    ) -> Result<Version, StoreError> {
        let before = version.map(|version| &version.header);
        if let Some(found) = before.map(|h| h.schema).filter(|found| *found > T::SCHEMA) {
            return Err(StoreError::NewerSchema {
                key: key.clone(),
                found,
                known: T::SCHEMA,
            });
        }
        let writer = WriterId::random();
        let header = Header::next(before, T::SCHEMA, writer);
        let bytes = envelope::wrap(key, &self.sealing, &header, json)?;
        let revision = self.put_settled(key, bytes, version, writer).await?;
        Ok(Version { revision, header })
    }

    /// Puts, and finds out what came of it when the answer is lost.
    ///
    /// Repeating is safe: every put names the state it expects, states are never given twice, and so of all
    /// repetitions at most one has an effect.
    async fn put_settled(
        &self,
        key: &Key,
        bytes: Vec<u8>,
        before: Option<&Version>,
        writer: WriterId,
    ) -> Result<Revision, StoreError> {
        let expected = match before {
            Some(version) => Expected::At(version.revision.clone()),
            None => Expected::Absent,
        };
        let mut lost: Option<String> = None;
        for _ in 0..MAX_LOST {
            let put = self.backend.put(key, bytes.clone(), expected.clone());
            let has_changed = match (put.await, &lost) {
                (Ok(revision), _) => return Ok(revision),
                (Err(BackendError::Conflict), Some(_)) => true,
                (Err(BackendError::Lost(why)), _)
                | (Err(BackendError::Unavailable(why)), Some(_)) => {
                    lost = Some(why);
                    false
                }
                (Err(other), _) => return Err(from_backend(key, other)),
            };
            match self.trace(key, writer, before).await {
                Ok((Trace::Last, revision)) => return Ok(revision),
                // Its state is gone. The answer is one that matches nothing, so that the caller's next write
                // conflicts instead of overwriting what it has not seen.
                Ok((Trace::Earlier, _)) => return Ok(Revision::random()),
                Ok((Trace::Absent, _)) if has_changed => return Err(conflict(key)),
                Ok((Trace::Absent, _)) => {}
                Ok((Trace::Unknown, _)) => break,
                Err(error) => lost = Some(error.to_string()),
            }
        }
        Err(uncertain(key, lost.unwrap_or_default()))
    }

    /// Looks for a write in the document as it is now.
    async fn trace(
        &self,
        key: &Key,
        writer: WriterId,
        before: Option<&Version>,
    ) -> Result<(Trace, Revision), StoreError> {
        let Some(document) = self.fetch(key).await? else {
            return Ok((Trace::Absent, Revision::random()));
        };
        let (header, _) = envelope::unwrap(key, &self.sealing, &document.value)?;
        let before = before.map(|version| &version.header);
        Ok((header.trace(writer, before), document.revision))
    }

    async fn fetch(&self, key: &Key) -> Result<Option<Document>, StoreError> {
        let fetched = self.backend.get(key).await;
        fetched.map_err(|error| from_backend(key, error))
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("encrypted", &self.is_encrypted())
            .finish_non_exhaustive()
    }
}

pub(super) fn decode<T: Doc>(key: &Key, json: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(json).map_err(|error| StoreError::Corrupt {
        key: key.clone(),
        why: place(&error),
    })
}

pub(super) fn encode<T: Doc>(key: &Key, value: &T) -> Result<Zeroizing<Vec<u8>>, StoreError> {
    let json = secret::writing(|| serde_json::to_vec(value)).map(Zeroizing::new);
    let json = json.map_err(|error| StoreError::Corrupt {
        key: key.clone(),
        why: error.to_string(),
    })?;
    // Checked again by the backend with header and seal; here so that a hopeless value is not encrypted first.
    if json.len() > MAX_DOCUMENT_BYTES {
        return Err(StoreError::TooLarge {
            key: key.clone(),
            size: json.len(),
        });
    }
    Ok(json)
}

/// Where JSON stopped making sense. The error's own text may quote the content, which may be secret.
fn place(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Data => {
            format!("a field has an unexpected shape at {line}:{column}")
        }
        serde_json::error::Category::Io
        | serde_json::error::Category::Syntax
        | serde_json::error::Category::Eof => format!("its JSON breaks off at {line}:{column}"),
    }
}

fn conflict(key: &Key) -> StoreError {
    StoreError::Conflict { key: key.clone() }
}

fn uncertain(key: &Key, why: String) -> StoreError {
    StoreError::Uncertain {
        key: key.clone(),
        why,
    }
}

fn from_backend(key: &Key, error: BackendError) -> StoreError {
    match error {
        BackendError::Conflict => conflict(key),
        BackendError::TooLarge { size } => StoreError::TooLarge {
            key: key.clone(),
            size,
        },
        BackendError::Damaged(why) => StoreError::Corrupt {
            key: key.clone(),
            why: format!("it is not as it was written: {why}"),
        },
        BackendError::Ended(why) => StoreError::Ended { why },
        BackendError::Unavailable(why) => StoreError::Unavailable { why },
        BackendError::Lost(why) => uncertain(key, why),
    }
}

/// Gives other writers of the same document room, longer with every conflict, at most 50 ms.
async fn pause(attempt: u32) {
    if attempt < 5 {
        tokio::task::yield_now().await;
    } else {
        let most = u64::from(attempt.min(50));
        tokio::time::sleep(Duration::from_millis(rand::random_range(0..=most))).await;
    }
}
