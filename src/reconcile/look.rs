//! Reads until no resource misses anything.

use std::time::Duration;

use futures::future::join_all;

use super::{Observer, checked};
use crate::resource::{Seen, Subject, needs};
use crate::wechat::Trouble;

/// A resource is asked for its reads again after each round; a chain longer than this is a bug in the resource.
pub(super) const ROUNDS: usize = 16;

/// How long a tenant is read at most: a minute that WeChat's limit may cost, and what slow answers take. The others do
/// not wait for it.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);

/// Reads until no resource misses anything.
pub(super) async fn observe(observer: &Observer, subject: &Subject<'_>) -> Seen {
    look(observer, subject).await.0
}

/// As [`observe`], with the trouble of the platform that was met.
pub(super) async fn look(observer: &Observer, subject: &Subject<'_>) -> (Seen, Option<Trouble>) {
    if subject.spec.platform_domains.is_some() {
        observer.reader.forget();
    }
    let reader = observer.reader.within(PATIENCE);
    let mut seen = Seen::new();
    for _ in 0..ROUNDS {
        let missing = needs(subject, &seen);
        if missing.is_empty() {
            break;
        }
        let answers = join_all(
            missing
                .iter()
                .map(|call| checked::read(observer, &reader, call)),
        )
        .await;
        seen.extend(missing.into_iter().zip(answers));
        if reader.met().is_some() {
            break;
        }
    }
    (seen, reader.met())
}
