//! The backend of tests and dry runs: a map. Nothing survives the process.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::future::{BoxFuture, FutureExt, ready};

use super::backend::{
    Backend, BackendError, Document, Expected, PAGE_KEYS, Page, Revision, check_size,
};
use super::key::Key;

/// Documents in memory.
#[derive(Debug, Default)]
pub struct Memory {
    documents: Mutex<BTreeMap<Key, Document>>,
}

impl Memory {
    fn documents(&self) -> MutexGuard<'_, BTreeMap<Key, Document>> {
        self.documents
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn put_now(
        &self,
        key: &Key,
        value: Vec<u8>,
        expected: &Expected,
    ) -> Result<Revision, BackendError> {
        check_size(&value)?;
        let mut documents = self.documents();
        let there = documents.get(key).map(|document| &document.revision);
        let as_expected = match expected {
            Expected::Absent => there.is_none(),
            Expected::At(revision) => there == Some(revision),
        };
        if !as_expected {
            return Err(BackendError::Conflict);
        }
        let revision = Revision::random();
        let document = Document {
            value,
            revision: revision.clone(),
        };
        documents.insert(key.clone(), document);
        Ok(revision)
    }

    fn delete_now(&self, key: &Key, revision: &Revision) -> Result<(), BackendError> {
        let mut documents = self.documents();
        if documents.get(key).map(|document| &document.revision) != Some(revision) {
            return Err(BackendError::Conflict);
        }
        documents.remove(key);
        Ok(())
    }

    fn list_now(&self, prefix: &str, after: Option<&Key>) -> Page {
        let documents = self.documents();
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let mut keys: Vec<Key> = documents
            .range((start, Bound::Unbounded))
            .map(|(key, _)| key)
            .filter(|key| key.as_str().starts_with(prefix))
            .take(PAGE_KEYS + 1)
            .cloned()
            .collect();
        let more = keys.len() > PAGE_KEYS;
        keys.truncate(PAGE_KEYS);
        Page { keys, more }
    }
}

impl Backend for Memory {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Document>, BackendError>> {
        ready(Ok(self.documents().get(key).cloned())).boxed()
    }

    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Vec<u8>,
        expected: Expected,
    ) -> BoxFuture<'a, Result<Revision, BackendError>> {
        ready(self.put_now(key, value, &expected)).boxed()
    }

    fn delete<'a>(
        &'a self,
        key: &'a Key,
        revision: Revision,
    ) -> BoxFuture<'a, Result<(), BackendError>> {
        ready(self.delete_now(key, &revision)).boxed()
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a Key>,
    ) -> BoxFuture<'a, Result<Page, BackendError>> {
        ready(Ok(self.list_now(prefix, after))).boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn memory_conforms() {
        let memory = Arc::new(Memory::default());
        super::super::conformance::run(memory.clone(), memory).await;
    }
}
