//! A store in memory on which others meddle: one process does not see who works on a tenant, another writes between two
//! of its writes.

use std::sync::{Arc, Mutex};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::sync::Barrier;
use wxops::store::backend::{BackendError, Document, Expected, Page, Revision};
use wxops::store::{Backend, Key, Memory, Sealing, Store};

type Meddling = (&'static str, BoxFuture<'static, ()>);

/// What one process sees of a store.
pub struct Meddled {
    memory: Arc<Memory>,
    /// It has passes of its own: nobody waits for it, and it waits for nobody.
    own_passes: Option<String>,
    meddling: Mutex<Option<Meddling>>,
}

impl Meddled {
    /// The store of a process that is held up by nobody, but that it waits for the others before its first step.
    pub fn abreast(memory: &Arc<Memory>, owner: &str, planned: &Arc<Barrier>) -> Store {
        let planned = Arc::clone(planned);
        let together = async move {
            planned.wait().await;
        }
        .boxed();
        Self::store(memory, Some(owner.to_owned()), Some(("history", together)))
    }

    /// A store on which something happens right before the first document of this kind is written.
    pub fn before(memory: &Arc<Memory>, kind: &'static str, what: BoxFuture<'static, ()>) -> Store {
        Self::store(memory, None, Some((kind, what)))
    }

    fn store(
        memory: &Arc<Memory>,
        own_passes: Option<String>,
        meddling: Option<Meddling>,
    ) -> Store {
        let backend: Arc<dyn Backend> = Arc::new(Self {
            memory: Arc::clone(memory),
            own_passes,
            meddling: Mutex::new(meddling),
        });
        Store::new(backend, Sealing::Plain)
    }

    fn seen(&self, key: &Key) -> Key {
        match &self.own_passes {
            Some(owner) if key.kind() == "pass" => {
                Key::pass(&format!("{owner} on {}", key.segments().join(" ")))
            }
            Some(_) | None => key.clone(),
        }
    }

    fn due(&self, key: &Key) -> Option<BoxFuture<'static, ()>> {
        let mut meddling = self.meddling.lock().unwrap();
        let due = meddling.take_if(|(kind, _)| *kind == key.kind())?;
        Some(due.1)
    }
}

impl Backend for Meddled {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Document>, BackendError>> {
        async move { self.memory.get(&self.seen(key)).await }.boxed()
    }

    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Vec<u8>,
        expected: Expected,
    ) -> BoxFuture<'a, Result<Revision, BackendError>> {
        async move {
            if let Some(due) = self.due(key) {
                due.await;
            }
            self.memory.put(&self.seen(key), value, expected).await
        }
        .boxed()
    }

    fn delete<'a>(
        &'a self,
        key: &'a Key,
        revision: Revision,
    ) -> BoxFuture<'a, Result<(), BackendError>> {
        async move { self.memory.delete(&self.seen(key), revision).await }.boxed()
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a Key>,
    ) -> BoxFuture<'a, Result<Page, BackendError>> {
        self.memory.list(prefix, after)
    }
}
