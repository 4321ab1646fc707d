//! Backends that die on command: at the n-th operation, before or after it took effect.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use wxops::store::backend::{Backend, BackendError, Document, Expected, Page, Revision};
use wxops::store::{Key, Memory, Sealing, Store};

/// Whether the last operation took effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    Before,
    After,
}

pub const DEATHS: [Death; 2] = [Death::Before, Death::After];

/// A process's view of the store, until it dies at its `at`-th operation.
pub struct Mortal {
    memory: Arc<Memory>,
    at: usize,
    death: Death,
    /// How many operations fail.
    failures: usize,
    operations: AtomicUsize,
}

impl Mortal {
    pub fn new(memory: &Arc<Memory>, at: usize, death: Death) -> Arc<Self> {
        Self::failing(memory, at, death, usize::MAX)
    }

    /// Fails once, and lives on.
    pub fn hiccup(memory: &Arc<Memory>, at: usize, death: Death) -> Arc<Self> {
        Self::failing(memory, at, death, 1)
    }

    fn failing(memory: &Arc<Memory>, at: usize, death: Death, failures: usize) -> Arc<Self> {
        Arc::new(Self {
            memory: Arc::clone(memory),
            at,
            death,
            failures,
            operations: AtomicUsize::new(0),
        })
    }

    pub fn immortal(memory: &Arc<Memory>) -> Arc<Self> {
        Self::new(memory, usize::MAX, Death::Before)
    }

    pub fn store(self: &Arc<Self>) -> Store {
        Store::new(Arc::clone(self) as Arc<dyn Backend>, Sealing::Plain)
    }

    pub fn is_dead(&self) -> bool {
        self.operations.load(Ordering::Relaxed) > self.at
    }

    async fn operate<T>(
        &self,
        operation: impl Future<Output = Result<T, BackendError>>,
    ) -> Result<T, BackendError> {
        // Other holders get their turn before and after every operation, and may be dropped there.
        turn().await;
        let n = self.operations.fetch_add(1, Ordering::Relaxed);
        let since = n.checked_sub(self.at);
        let fails = since.is_some_and(|since| since < self.failures);
        if fails && (n > self.at || self.death == Death::Before) {
            return Err(BackendError::Unavailable("dead".into()));
        }
        let done = operation.await;
        turn().await;
        if fails {
            return Err(BackendError::Lost("dead".into()));
        }
        done
    }
}

impl Backend for Mortal {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Document>, BackendError>> {
        Box::pin(self.operate(async move { self.memory.get(key).await }))
    }

    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Vec<u8>,
        expected: Expected,
    ) -> BoxFuture<'a, Result<Revision, BackendError>> {
        // The memory acts when it is called, so it is called only when the operation's turn has come.
        Box::pin(self.operate(async move { self.memory.put(key, value, expected).await }))
    }

    fn delete<'a>(
        &'a self,
        key: &'a Key,
        revision: Revision,
    ) -> BoxFuture<'a, Result<(), BackendError>> {
        Box::pin(self.operate(async move { self.memory.delete(key, revision).await }))
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a Key>,
    ) -> BoxFuture<'a, Result<Page, BackendError>> {
        Box::pin(self.operate(async move { self.memory.list(prefix, after).await }))
    }
}

/// Pending once.
pub fn turn() -> impl Future<Output = ()> {
    struct Turn(bool);
    impl Future for Turn {
        type Output = ();
        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
            if std::mem::replace(&mut self.0, true) {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        }
    }
    Turn(false)
}
