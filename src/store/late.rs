//! A store that is opened as soon as it can be: a sidecar that starts while the disk is full must listen all the same,
//! and answer WeChat that nothing was taken.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::backend::{Backend, BackendError, Document, Expected, Page, Revision};
use super::error::StoreError;
use super::key::Key;

/// Opens a backend.
pub(super) type Opening =
    Box<dyn Fn() -> BoxFuture<'static, Result<Arc<dyn Backend>, StoreError>> + Send + Sync>;

/// A backend that is opened when it is first used with success.
pub(super) struct Late {
    open: Opening,
    opened: OnceLock<Arc<dyn Backend>>,
    /// How long after an attempt the next one waits.
    every: Duration,
    /// When it was last tried, and what came of it.
    last: Mutex<(Instant, String)>,
}

impl Late {
    /// A backend that could not be opened just now.
    pub(super) fn new(open: Opening, why: String, every: Duration) -> Self {
        Self {
            open,
            opened: OnceLock::new(),
            every,
            last: Mutex::new((Instant::now(), why)),
        }
    }

    async fn backend(&self) -> Result<&dyn Backend, BackendError> {
        if let Some(opened) = self.opened.get() {
            return Ok(&**opened);
        }
        let mut last = self.last.lock().await;
        if let Some(opened) = self.opened.get() {
            return Ok(&**opened);
        }
        let (tried_at, why) = &*last;
        if tried_at.elapsed() < self.every {
            return Err(BackendError::Unavailable(why.clone()));
        }
        match (self.open)().await {
            Ok(opened) => Ok(&**self.opened.get_or_init(|| opened)),
            Err(error) => {
                let why = error.into_why();
                *last = (Instant::now(), why.clone());
                Err(BackendError::Unavailable(why))
            }
        }
    }
}

impl Backend for Late {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Document>, BackendError>> {
        async move { self.backend().await?.get(key).await }.boxed()
    }

    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Vec<u8>,
        expected: Expected,
    ) -> BoxFuture<'a, Result<Revision, BackendError>> {
        async move { self.backend().await?.put(key, value, expected).await }.boxed()
    }

    fn delete<'a>(
        &'a self,
        key: &'a Key,
        revision: Revision,
    ) -> BoxFuture<'a, Result<(), BackendError>> {
        async move { self.backend().await?.delete(key, revision).await }.boxed()
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a Key>,
    ) -> BoxFuture<'a, Result<Page, BackendError>> {
        async move { self.backend().await?.list(prefix, after).await }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::Memory;
    use super::*;

    /// A backend that opens at the third attempt, and how often it was tried.
    fn late(every: Duration) -> (Late, Arc<AtomicUsize>) {
        let tries = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&tries);
        let full = || StoreError::Unavailable {
            why: "the disk is full".to_owned(),
        };
        let open: Opening = Box::new(move || {
            let n = counted.fetch_add(1, Ordering::Relaxed);
            async move {
                if n < 2 {
                    return Err(full());
                }
                Ok(Arc::new(Memory::default()) as Arc<dyn Backend>)
            }
            .boxed()
        });
        (Late::new(open, full().into_why(), every), tries)
    }

    #[tokio::test]
    async fn it_is_tried_until_it_opens_and_then_never_again() {
        let (late, tries) = late(Duration::ZERO);
        for n in 0..5 {
            let got = late.get(&Key::tenant("a")).await;
            assert_eq!(got.is_ok(), n >= 2, "{n}: {got:?}");
        }
        assert_eq!(tries.load(Ordering::Relaxed), 3);
    }

    #[tokio::test]
    async fn between_two_attempts_it_is_refused_without_one() {
        let (late, tries) = late(Duration::from_secs(3600));
        for _ in 0..5 {
            let got = late.get(&Key::tenant("a")).await;
            let full = BackendError::Unavailable("the disk is full".into());
            assert_eq!(got, Err(full));
        }
        assert_eq!(tries.load(Ordering::Relaxed), 0);
    }
}
