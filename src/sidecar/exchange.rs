//! Authorization codes until they are settled. A code dies within minutes and its owner scans once, so it is
//! exchanged at once, and where WeChat, a token or the store stands in the way it is tried again, by itself, with
//! backoff, until nothing can come of it any more: what was stored, by this process or one before it.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::admit::{Decision, Undecided};
use super::codes::{LONGEST, UNWRITTEN, Waiting};
use super::platform::Platform;
use super::shared::{Current, Shared};
use super::{chain, scan, whose};
use crate::client::Addressee;
use crate::store::StoreError;
use crate::wechat::secret::Secret;

/// How often it is looked what is due. Real time, since a movable clock that is slept on would run away; what is due
/// is told by the injected clock.
const GLANCE: Duration = Duration::from_millis(250);
/// How often codes that others left in the store are looked for.
const LOOK: SignedDuration = SignedDuration::from_mins(10);
/// Why a try settled nothing.
enum Later {
    /// It is worth another one.
    Again(String),
    /// Nothing comes of it.
    Never(String),
}

/// Exchanges a code that was stored; nobody waits for it.
pub(super) fn begin(shared: &Arc<Shared>, platform: &Platform, code: Secret) {
    start(shared, waiting(shared, platform, code, None));
}

/// Goes on by itself with a code whose owner has gone with a promise. `to` is whom it came for.
pub(super) fn go_on(shared: &Shared, platform: &Platform, code: Secret, to: &Addressee) {
    let waiting = waiting(shared, platform, code, Some(to.clone()));
    shared.codes.later(waiting, shared.clock.now());
}

fn waiting(shared: &Shared, platform: &Platform, code: Secret, to: Option<Addressee>) -> Waiting {
    let now = shared.clock.now();
    Waiting {
        platform: platform.appid().clone(),
        code,
        to,
        since: now,
        tries: 0,
        due: now,
    }
}

/// Tries what is due, and looks for what others left in the store, until the sidecar stops.
pub(super) async fn work(current: Current, mut stopped: watch::Receiver<bool>) {
    let mut looked_at: Option<Timestamp> = None;
    loop {
        let shared = current.get();
        let now = shared.clock.now();
        let fresh = looked_at.is_some_and(|at| at <= now && now.duration_since(at) < LOOK);
        if !fresh {
            match find(&shared).await {
                Ok(()) => looked_at = Some(now),
                // It is looked for again in a moment: a store that is full or away comes back by itself.
                Err(error) => {
                    looked_at = Some(now - LOOK + LONGEST);
                    tracing::error!(error = chain(&error), "stored codes cannot be read");
                }
            }
        }
        for waiting in shared.codes.take_due(now) {
            start(&shared, waiting);
        }
        tokio::select! {
            () = tokio::time::sleep(GLANCE) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

/// What an earlier process stored and did not get to, or another one beside this.
async fn find(shared: &Arc<Shared>) -> Result<(), StoreError> {
    for platform in shared.platforms.iter() {
        for code in platform.served.client.open_codes().await? {
            let waiting = waiting(shared, platform, code, None);
            shared.codes.put(waiting);
        }
    }
    Ok(())
}

fn start(shared: &Arc<Shared>, waiting: Waiting) {
    let whole = Arc::clone(shared);
    shared.background(async move { attempt(&whole, waiting).await });
}

async fn attempt(shared: &Shared, waiting: Waiting) {
    let platforms = &shared.platforms;
    let Some(platform) = platforms
        .iter()
        .find(|one| *one.appid() == waiting.platform)
    else {
        return;
    };
    match settle(shared, platform, &waiting).await {
        Ok(()) => {}
        Err(Later::Never(why)) => {
            tracing::warn!(why, "nothing comes of an authorization code");
        }
        Err(Later::Again(why)) if is_open(shared, platform, &waiting).await => {
            tracing::warn!(
                why,
                tries = waiting.tries + 1,
                "an authorization code is not settled yet; it is tried again"
            );
            shared.codes.later(waiting, shared.clock.now());
        }
        Err(Later::Again(why)) => {
            tracing::error!(why, "an authorization code died before it was settled");
        }
    }
}

/// Whether something may still come of a code. Where the store cannot tell, it may as long as any code lives.
async fn is_open(shared: &Shared, platform: &Platform, waiting: &Waiting) -> bool {
    match platform.served.client.code_is_open(&waiting.code).await {
        Ok(Some(open)) => open,
        Ok(None) | Err(_) => shared.clock.now().duration_since(waiting.since) < UNWRITTEN,
    }
}

async fn settle(shared: &Shared, platform: &Platform, waiting: &Waiting) -> Result<(), Later> {
    let (client, code) = (&platform.served.client, &waiting.code);
    let store = |error: StoreError| Later::Again(chain(&error));
    if let Some(to) = &waiting.to {
        client.keep_code_for(code, to).await.map_err(store)?;
    }
    let account = client.exchange_once(code).await.map_err(|error| {
        let why = chain(&error);
        if error.is_final() {
            Later::Never(why)
        } else {
            Later::Again(why)
        }
    })?;
    (shared.wake)(account.as_str());
    let Some(to) = client.addressee_of_code(code).await.map_err(store)? else {
        whose::learn(shared, platform, &account).await;
        return Ok(());
    };
    match scan::decide(shared, platform, &to, &account).await {
        // Its manifest may only have a mistake today: the code stays open for a sidecar that can read it.
        Ok(Decision::NoTenant) => Err(Later::Never(format!(
            "the account has authorized us, and `{to}` has no manifest that can be read"
        ))),
        Ok(_) => client.code_decided(code, &to).await.map_err(store),
        Err(Undecided::NoInfo) => Err(Later::Again(
            "WeChat does not tell what the account is".to_owned(),
        )),
        Err(Undecided::Store(error)) => Err(store(error)),
    }
}
