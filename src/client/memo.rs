//! What is the platform's own is read for all of its tenants at once: eight hundred of them must not ask eight hundred times
//! for one list.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::flights::Flights;
use crate::wechat::{Answer, Call, Endpoint, code, code_template, platform_domain};

/// How long an answer is used.
const LIVES: SignedDuration = SignedDuration::from_secs(60);

/// What is asked, whoever's token it is asked with.
type Key = (&'static Endpoint, String);

/// Answers about the platform itself.
#[derive(Debug, Default)]
pub(super) struct Memo {
    flights: Flights,
    answers: Mutex<BTreeMap<Key, (Timestamp, Answer)>>,
}

impl Memo {
    /// Whether a read is about the platform itself.
    pub(super) fn keeps(call: &Call) -> bool {
        [
            &platform_domain::GET,
            &platform_domain::WEBVIEW_GET,
            &code_template::LIST,
            &code::QUOTA,
        ]
        .contains(&call.endpoint)
    }

    /// Under which a read is kept: what is the platform's is the same, whichever of its accounts it was asked through.
    fn key(call: &Call) -> Key {
        (call.endpoint, call.body().to_owned())
    }

    /// What was answered less than a minute ago, else what is answered now; whoever comes meanwhile waits for it. Only a
    /// success is remembered.
    pub(super) async fn or_read(
        &self,
        call: &Call,
        now: Timestamp,
        read: impl Future<Output = Answer>,
    ) -> Answer {
        let _seat = self.flights.board(call.endpoint.name).await;
        if let Some((at, answer)) = self.all().get(&Self::key(call))
            // One of the future was read by a clock that was wrong.
            && (SignedDuration::ZERO..LIVES).contains(&now.duration_since(*at))
        {
            return answer.clone();
        }
        let answer = read.await;
        if matches!(answer, Answer::Done(_)) {
            self.all().insert(Self::key(call), (now, answer.clone()));
        }
        answer
    }

    /// Something of the platform's may have changed.
    pub(super) fn forget(&self) {
        self.all().clear();
    }

    fn all(&self) -> std::sync::MutexGuard<'_, BTreeMap<Key, (Timestamp, Answer)>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use serde_json::json;

    use super::*;
    use crate::wechat::platform_domain::{List, get_request};
    use crate::wechat::{Appid, Lost};

    #[tokio::test]
    async fn a_platforms_list_is_read_once_for_all_and_again_after_a_minute_or_a_change() {
        let call = get_request(&Appid::parse("wx0000000000000001").unwrap(), List::Server);
        assert!(Memo::keeps(&call));
        let (memo, asked) = (Memo::default(), AtomicUsize::new(0));
        let read = || async {
            tokio::task::yield_now().await;
            Answer::Done(json!(asked.fetch_add(1, Ordering::SeqCst)))
        };
        let at = |seconds: i64| Timestamp::from_second(1_000 + seconds).unwrap();
        let all = (0..20).map(|_| memo.or_read(&call, at(0), read()));
        futures::future::join_all(all).await;
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert_eq!(
            memo.or_read(&call, at(59), read()).await,
            Answer::Done(json!(0))
        );
        assert_eq!(
            memo.or_read(&call, at(60), read()).await,
            Answer::Done(json!(1))
        );
        assert_eq!(
            memo.or_read(&call, at(-9), read()).await,
            Answer::Done(json!(2))
        );
        memo.forget();
        assert_eq!(
            memo.or_read(&call, at(-9), read()).await,
            Answer::Done(json!(3))
        );
    }

    #[tokio::test]
    async fn what_failed_is_asked_again() {
        let call = get_request(&Appid::parse("wx0000000000000001").unwrap(), List::Webview);
        let memo = Memo::default();
        let lost = Answer::Lost(Lost {
            endpoint: call.endpoint.name.to_owned(),
            why: "timed out".to_owned(),
            sent: true,
            answered: false,
        });
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(memo.or_read(&call, now, async { lost.clone() }).await, lost);
        let done = Answer::Done(json!({}));
        assert_eq!(memo.or_read(&call, now, async { done.clone() }).await, done);
    }
}
