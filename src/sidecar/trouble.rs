//! What is done about a push that could not be used: counted, logged, and written down for `plan` and `status`, which
//! run elsewhere.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use super::chain;
use super::platform::Platform;
use super::shared::{Current, Shared};
use super::tally::{PACE, Taken};
use crate::wechat::push::PushTrouble;

/// How long the answer to a push waits for it.
const PATIENCE: Duration = Duration::from_secs(1);
/// The longest part of a path that is kept.
const LONGEST: usize = 100;

/// Counts, logs and, at its pace, writes down that something was wrong with a push to one of these platforms.
pub(super) async fn note(
    shared: &Shared,
    platforms: &[&Platform],
    trouble: PushTrouble,
    path: Option<&str>,
) {
    let tally = &shared.tally;
    tally.count(trouble);
    let path = path.map(printable);
    if let Some(kept_back) = tally.line(trouble, Instant::now()) {
        tracing::warn!(
            why = trouble.en(),
            look = trouble.advice_en(),
            path = path.as_deref(),
            not_logged_before = kept_back,
            "a push could not be used"
        );
    }
    let now = (shared.clock.now(), Instant::now());
    for platform in platforms {
        if tally.add(platform.appid(), trouble, path.as_deref(), now) {
            // Whoever is late is written down by the next one, or by the watch.
            let _ = timeout(PATIENCE, write_if_due(shared, platform)).await;
        }
    }
}

/// Of many that come at once, the first writes for those that wait behind it.
async fn write_if_due(shared: &Shared, platform: &Platform) {
    let _turn = shared.tally.writing.lock().await;
    if shared.tally.is_due(platform.appid(), Instant::now()) {
        write(shared, platform).await;
    }
}

async fn write(shared: &Shared, platform: &Platform) {
    let tally = &shared.tally;
    let mut news = Taken {
        tally,
        platform: platform.appid(),
        news: tally.take(platform.appid(), Instant::now()),
    };
    if news.news.is_empty() {
        return;
    }
    match platform.served.client.note_troubles(&news.news).await {
        Ok(()) => news.news.clear(),
        Err(error) => tracing::debug!(error = chain(&error), "what was refused cannot be noted"),
    }
}

/// Writes down what came too fast to be written at once, until the sidecar stops, and once more then.
pub(super) async fn watch(current: Current, mut stopped: watch::Receiver<bool>) {
    loop {
        let stop = tokio::select! {
            () = tokio::time::sleep(PACE) => false,
            _ = stopped.wait_for(|stop| *stop) => true,
        };
        let shared = current.get();
        for platform in shared.platforms.iter() {
            let _turn = shared.tally.writing.lock().await;
            let _ = timeout(PATIENCE, write(&shared, platform)).await;
        }
        if stop {
            return;
        }
    }
}

/// A path as it may be logged and stored: anybody can send one.
fn printable(path: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-$%~".contains(c);
    let kept = path.chars().take(LONGEST);
    kept.map(|c| if plain(c) { c } else { '?' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_kept_without_what_could_harm_a_terminal_and_not_at_any_length() {
        assert_eq!(printable("/wechat/\u{1b}[2J日\n"), "/wechat/??2J??");
        assert_eq!(printable(&"/x".repeat(1_000)).len(), 100);
    }
}
