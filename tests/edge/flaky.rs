//! A store whose writes of one kind of document can be made to fail.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use wxops::store::backend::{Document, Expected, Page, Revision};
use wxops::store::{Backend, Key, Memory, Sealing, Store, backend::BackendError};

#[derive(Default)]
pub struct Flaky {
    memory: Memory,
    failing: Mutex<Option<&'static str>>,
    down: AtomicBool,
    written: Mutex<BTreeMap<String, usize>>,
}

impl Flaky {
    pub fn store() -> (Arc<Self>, Store) {
        let flaky = Arc::new(Self::default());
        let backend: Arc<dyn Backend> = flaky.clone();
        (flaky, Store::new(backend, Sealing::Plain))
    }

    /// From now on writes of documents of this kind fail, as on a full disk.
    pub fn fail_writes_of(&self, kind: &'static str) {
        *self.failing.lock().unwrap() = Some(kind);
    }

    /// From now on nothing can be read either.
    pub fn go_down(&self) {
        self.down.store(true, Ordering::SeqCst);
    }

    /// How many writes of documents of this kind were tried.
    pub fn writes_of(&self, kind: &str) -> usize {
        self.written.lock().unwrap().get(kind).copied().unwrap_or(0)
    }

    pub fn heal(&self) {
        *self.failing.lock().unwrap() = None;
        self.down.store(false, Ordering::SeqCst);
    }

    fn refuses(&self, key: &Key) -> bool {
        self.is_down() || *self.failing.lock().unwrap() == Some(key.kind())
    }

    fn is_down(&self) -> bool {
        self.down.load(Ordering::SeqCst)
    }
}

fn full<T: Send + 'static>() -> BoxFuture<'static, Result<T, BackendError>> {
    futures::future::ready(Err(BackendError::Unavailable("the disk is full".into()))).boxed()
}

impl Backend for Flaky {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Document>, BackendError>> {
        if self.is_down() {
            return full();
        }
        self.memory.get(key)
    }

    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Vec<u8>,
        expected: Expected,
    ) -> BoxFuture<'a, Result<Revision, BackendError>> {
        let mut written = self.written.lock().unwrap();
        *written.entry(key.kind().to_owned()).or_default() += 1;
        drop(written);
        if self.refuses(key) {
            return full();
        }
        self.memory.put(key, value, expected)
    }

    fn delete<'a>(
        &'a self,
        key: &'a Key,
        revision: Revision,
    ) -> BoxFuture<'a, Result<(), BackendError>> {
        if self.refuses(key) {
            return full();
        }
        self.memory.delete(key, revision)
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a Key>,
    ) -> BoxFuture<'a, Result<Page, BackendError>> {
        if self.is_down() {
            return full();
        }
        self.memory.list(prefix, after)
    }
}
