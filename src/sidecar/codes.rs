//! Authorization codes until they are settled. A code dies within minutes and its owner scans once, so it is
//! exchanged at once, and where WeChat, a token or the store stands in the way it is tried again, by itself, with
//! backoff, until nothing can come of it any more: what was stored, by this process or one before it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use super::admit::{Decision, Undecided, admit};
use super::server::{Current, Platform, Shared};
use super::{chain, originals};
use crate::client::Addressee;
use crate::store::{Key, StoreError};
use crate::wechat::Appid;
use crate::wechat::secret::Secret;

/// How often it is looked what is due. Real time, since a movable clock that is slept on would run away; what is due
/// is told by the injected clock.
const GLANCE: Duration = Duration::from_millis(250);
/// The wait before the second try; it doubles.
const FIRST: SignedDuration = SignedDuration::from_secs(1);
/// The longest wait while a code lives: some twenty tries in its ten minutes.
const LONGEST: SignedDuration = SignedDuration::from_secs(30);
/// The longest wait for what is not bound to the code's life.
const PATIENT: SignedDuration = SignedDuration::from_mins(10);
/// How long a code is worth trying for where not even its document could be written.
const UNWRITTEN: SignedDuration = SignedDuration::from_secs(600);
/// How often codes that others left in the store are looked for.
const LOOK: SignedDuration = SignedDuration::from_mins(10);
/// Codes that wait here at most; more stay in the store until there is room.
const MOST: usize = 10_000;

/// Codes that wait for their next try.
#[derive(Default)]
pub(super) struct Codes(Mutex<BTreeMap<Key, Waiting>>);

/// One code on its way.
pub(super) struct Waiting {
    platform: Appid,
    code: Secret,
    /// Whom it came for, where that could not be stored.
    to: Option<Addressee>,
    since: Timestamp,
    tries: u32,
    due: Timestamp,
}

/// Why a try settled nothing.
enum Later {
    /// It is worth another one.
    Again(String),
    /// Nothing comes of it.
    Never(String),
}

impl Codes {
    /// Lets a code be tried again after a while.
    fn later(&self, mut waiting: Waiting, now: Timestamp) {
        waiting.tries = waiting.tries.saturating_add(1);
        waiting.due = now + pause(waiting.tries, now.duration_since(waiting.since));
        self.put(waiting);
    }

    fn put(&self, waiting: Waiting) {
        let key = Key::code(&waiting.platform, waiting.code.expose());
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = all.get_mut(&key) {
            held.to = held.to.take().or(waiting.to);
            held.due = held.due.min(waiting.due);
        } else if all.len() < MOST {
            all.insert(key, waiting);
        }
    }

    /// A ticket has come: what waited for one need not wait longer.
    pub(super) fn hurry(&self, platform: &Appid, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of = all.values_mut().filter(|one| one.platform == *platform);
        of.for_each(|one| one.due = now);
    }

    /// Takes out what is due. What is due later than any wait lasts was put off under a clock that has been set back.
    fn take_due(&self, now: Timestamp) -> Vec<Waiting> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let due = |one: &Waiting| one.due <= now || one.due > now + PATIENT;
        let keys: Vec<Key> = all
            .iter()
            .filter(|(_, one)| due(one))
            .map(|(key, _)| key.clone())
            .collect();
        keys.iter().filter_map(|key| all.remove(key)).collect()
    }
}

/// 1 s, 2, 4 … half a minute; ten minutes for what has waited longer than a code lives.
fn pause(tries: u32, waited: SignedDuration) -> SignedDuration {
    let doubled = 2_i32.saturating_pow(tries.saturating_sub(1).min(16));
    let longest = if waited < UNWRITTEN { LONGEST } else { PATIENT };
    FIRST.saturating_mul(doubled).min(longest)
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
        originals::learn(shared, platform, &account).await;
        return Ok(());
    };
    match admit(shared, platform, &to, &account).await {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds)
    }

    fn one(code: &str, due: i64) -> Waiting {
        Waiting {
            platform: Appid::parse("wx00000000000000aa").unwrap(),
            code: Secret::new(code),
            to: None,
            since: at(0),
            tries: 0,
            due: at(due),
        }
    }

    #[test]
    fn waits_double_and_are_never_longer_than_half_a_minute_while_a_code_lives() {
        let young = SignedDuration::from_secs(10);
        let waits: Vec<i64> = (1..=8).map(|tries| pause(tries, young).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 30, 30, 30]);
        assert_eq!(pause(u32::MAX, UNWRITTEN), PATIENT);
    }

    #[test]
    fn a_code_is_due_once_and_a_ticket_or_a_clock_set_back_hurries_it() {
        let codes = Codes::default();
        let platform = one("a", 0).platform;
        codes.put(one("a", 5));
        codes.put(one("a", 7));
        assert!(codes.take_due(at(4)).is_empty());
        assert_eq!(codes.take_due(at(5)).len(), 1);
        assert!(codes.take_due(at(5)).is_empty());
        codes.put(one("a", 25));
        codes.hurry(&platform, at(6));
        assert_eq!(codes.take_due(at(6)).len(), 1);
        codes.put(one("a", 86_400));
        assert_eq!(codes.take_due(at(0)).len(), 1);
    }

    #[test]
    fn whom_a_code_came_for_is_not_forgotten_over_its_push() {
        let codes = Codes::default();
        codes.put(one("a", 5));
        codes.put(Waiting {
            to: Some(Addressee::of("t", None)),
            ..one("a", 9)
        });
        let due = codes.take_due(at(5));
        assert_eq!(due[0].to, Some(Addressee::of("t", None)));
    }
}
