//! Messages that are being passed on right now. WeChat sends a message again when no answer came in time, signed anew:
//! the second one waits for the answer to the first and is given the same, so that a bot never works on a message twice
//! at once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use futures::FutureExt as _;
use futures::future::{BoxFuture, Shared};

use crate::wechat::Appid;

/// What a bot answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) content_type: Option<HeaderValue>,
    pub(super) body: Bytes,
}

/// What came of passing a message on: the reply, or why there is none.
pub(super) type Passed = Result<Reply, &'static str>;

/// A message: the account it is about, and its identity.
type Message = (Appid, [u8; 32]);

/// One under way; whoever has it can wait for its end.
type Flight = Shared<BoxFuture<'static, Passed>>;

/// Messages under way.
#[derive(Default, Clone)]
pub(super) struct Passing(Arc<Mutex<HashMap<Message, Flight>>>);

impl Reply {
    pub(super) fn into_response(self) -> Response {
        let mut response = self.body.into_response();
        match self.content_type {
            Some(content_type) => response.headers_mut().insert(CONTENT_TYPE, content_type),
            None => response.headers_mut().remove(CONTENT_TYPE),
        };
        response
    }
}

impl Passing {
    /// Passes a message on, or waits for the one that is under way. It goes on also when nobody waits any more.
    pub(super) async fn join<F>(&self, message: Message, begin: impl FnOnce() -> F) -> Passed
    where
        F: Future<Output = Passed> + Send + 'static,
    {
        let under_way = {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match all.get(&message) {
                Some(under_way) => under_way.clone(),
                None => {
                    let under_way = self.begin(message.clone(), begin());
                    all.insert(message, under_way.clone());
                    under_way
                }
            }
        };
        under_way.await
    }

    fn begin(
        &self,
        message: Message,
        work: impl Future<Output = Passed> + Send + 'static,
    ) -> Flight {
        let landing = Landing {
            passing: self.clone(),
            message,
        };
        let task = tokio::spawn(async move {
            let _landing = landing;
            work.await
        });
        task.map(|ended| ended.unwrap_or(Err("passing it on broke off")))
            .boxed()
            .shared()
    }
}

/// Takes a message off when it is passed on, whatever came of it.
struct Landing {
    passing: Passing,
    message: Message,
}

impl Drop for Landing {
    fn drop(&mut self) {
        let mut all = self
            .passing
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        all.remove(&self.message);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::Notify;

    use super::*;

    fn message(n: u8) -> Message {
        (Appid::parse("wx1111111111111111").unwrap(), [n; 32])
    }

    #[tokio::test]
    async fn the_same_message_is_passed_on_once_at_a_time_and_another_beside_it() {
        let passing = Passing::default();
        let (begun, go) = (Arc::new(AtomicU32::new(0)), Arc::new(Notify::new()));
        let send = |n: u8| {
            let (passing, begun, go) = (passing.clone(), begun.clone(), go.clone());
            async move {
                let work = || {
                    begun.fetch_add(1, Ordering::SeqCst);
                    async move {
                        go.notified().await;
                        let body = Bytes::from(vec![n]);
                        let content_type = None;
                        Ok(Reply { content_type, body })
                    }
                };
                passing.join(message(n), work).await
            }
        };
        let all = async { tokio::join!(send(1), send(1), send(2)) };
        let release = async {
            while begun.load(Ordering::SeqCst) < 2 {
                tokio::task::yield_now().await;
            }
            go.notify_one();
            tokio::task::yield_now().await;
            go.notify_one();
        };
        let ((first, repeated, other), ()) = tokio::join!(all, release);
        assert_eq!(first.clone().unwrap().body[..], [1]);
        assert_eq!(first, repeated);
        assert_eq!(other.unwrap().body[..], [2]);
        assert_eq!(begun.load(Ordering::SeqCst), 2);
        // Nothing is under way: the next one is passed on again.
        assert!(passing.0.lock().unwrap().is_empty());
        go.notify_one();
        assert!(send(1).await.is_ok());
        assert_eq!(begun.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn a_message_whose_sender_is_gone_is_passed_on_to_the_end() {
        let passing = Passing::default();
        let go = Arc::new(Notify::new());
        let wait = go.clone();
        let first = passing.join(message(1), || async move {
            wait.notified().await;
            Err("over")
        });
        let impatient = tokio::time::timeout(std::time::Duration::from_millis(5), first);
        assert!(impatient.await.is_err());
        let second = passing.join(message(1), || async { Err("begun twice") });
        go.notify_one();
        assert_eq!(second.await, Err("over"));
    }
}
