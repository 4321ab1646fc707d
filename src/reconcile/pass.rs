//! `pass/<tenant>`: one process at a time works on a tenant. It is renewed while it lives, and every write of the pass
//! is behind it: a process that stood still while another took over sends nothing any more.
//!
//! What may happen at most once is the journal's to hold; this holds what may be repeated, so that no old value goes
//! over a newer one. The margins, by the clock that the store's processes share (one machine):
//!
//! ```text
//!   taken or renewed ──────────── 10 s: renewed ── 40 s: no last byte leaves ───── 60 s: the next one may take it
//!                                                  └─ a request ends within 10 s ─┘
//! ```
//!
//! What a loop was at work on when it died, the next loop takes sooner ([`HANDED_OVER`]). Who holds the lock of the loop
//! knows that the other one is dead, not that nothing of it is under way: what it had sent may take effect until its
//! request's time is over, and so nothing is read for a write, nor written, before that.

mod held;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

pub(super) use held::Pass;
use held::end;

use super::{Actor, Observer, PassError};
use crate::client::Clock;
use crate::plan::Text;
use crate::store::documents::PassDoc;
use crate::store::{Key, Store, StoreError};
use crate::wechat::calendar::second;

/// How often a live pass of another process is looked at again. Real time: it is a real process that is waited for.
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// How many looks: five minutes. Whoever holds it then is alive and at work; its name is said.
const PATIENCE: u32 = 3_000;
/// After so many looks it is said again whom we wait for.
const SAY_AGAIN: u32 = 150;
/// So long after it took the lock, in real time, a loop takes what one before it was at work on: the time of a request and
/// some more. One that carries a file may take longer; what it leaves behind is an id that nobody knows.
const HANDED_OVER: Duration = Duration::from_secs(15);
/// A pass that was renewed less than this ago is a living process's, whoever holds the lock: every 10 s, and some more.
const SEEN_ALIVE: SignedDuration = SignedDuration::from_secs(13);

/// What is told to a person while a pass waits for another one.
pub type Notice = Arc<dyn Fn(&Text) + Send + Sync>;

/// How an actor takes its passes.
#[derive(Clone, Default)]
pub struct Passes {
    /// When the manifests were read, before the first of them was opened. `None`: whoever calls knows that nothing
    /// newer was applied.
    pub read_at: Option<Timestamp>,
    /// Whom a wait for another process's pass is told to.
    pub notice: Option<Notice>,
    /// The next process may take a pass of this one at once, dead or alive: for programs that kill it.
    pub yields: bool,
    /// Since when this process holds the lock of its store's one loop, which it does until nothing of it is left: what
    /// another loop has taken is a dead one's. `None`: it is no loop.
    pub loop_since: Option<Instant>,
    /// A probe that does not count yet is left to a later pass, where others wait for it. A loop looks again by itself.
    pub leaves_probes: bool,
}

/// What stands in the name of a loop's process, behind its number.
pub const LOOP: &str = "loop";

/// Who asks for a pass.
pub(super) struct Taker<'a> {
    pub(super) store: &'a Store,
    pub(super) clock: &'a Arc<dyn Clock>,
    pub(super) owner: &'a str,
    pub(super) passes: &'a Passes,
}

/// Takes the pass over a tenant, waiting for another process to finish or to be taken for dead.
pub(super) async fn take(taker: &Taker<'_>, tenant: &str) -> Result<Pass, StoreError> {
    let key = Key::pass(tenant);
    let mut looks = 0;
    let mut waited_for: Option<(String, u32)> = None;
    loop {
        // Read before the write, so that the time this takes is part of the pass's life.
        let (now, since_boot) = (taker.clock.now(), taker.clock.since_boot());
        let mine = PassDoc {
            owner: taker.owner.to_owned(),
            expires_at: end(now),
            since: Some(now),
            renewed_at: Some(now),
            yields: taker.passes.yields,
        };
        let taken = match taker.store.get::<PassDoc>(&key).await? {
            None => taker.store.create(&key, &mine).await,
            Some(stored) if is_free(taker, &key, &stored.value, now) => {
                taker.store.replace(&key, &mine, &stored.version).await
            }
            Some(stored) => {
                let other = stored.value;
                if looks == PATIENCE {
                    return Err(StoreError::Unavailable {
                        why: format!(
                            "{} is still at work on tenant `{tenant}`",
                            process(&other.owner).en
                        ),
                    });
                }
                let said = waited_for
                    .as_ref()
                    .is_some_and(|(owner, at)| *owner == other.owner && looks - at < SAY_AGAIN);
                if !said {
                    if let Some(notice) = &taker.passes.notice {
                        notice(&waiting_for(tenant, &other, now));
                    }
                    waited_for = Some((other.owner, looks));
                }
                looks += 1;
                tokio::time::sleep(LOOK_AGAIN).await;
                continue;
            }
        };
        match taken {
            Ok(version) => {
                let clock = Arc::clone(taker.clock);
                return Ok(Pass::of(
                    taker.store.clone(),
                    clock,
                    key,
                    mine,
                    version,
                    since_boot,
                ));
            }
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether somebody is at work on a tenant, or was and may have sent what is still to take effect: a look at it now would
/// see what is about to change.
///
/// # Errors
/// [`PassError`].
pub async fn is_taken(actor: &Actor, tenant: &str) -> Result<bool, PassError> {
    let Observer {
        store,
        clock,
        journal,
        ..
    } = &actor.observer;
    let taker = Taker {
        store,
        clock,
        owner: journal.owner(),
        passes: &actor.passes,
    };
    let key = Key::pass(tenant);
    let stored = store.get::<PassDoc>(&key).await;
    let stored = stored.map_err(|source| PassError::Store {
        tenant: tenant.to_owned(),
        source,
    })?;
    Ok(stored.is_some_and(|stored| !is_free(&taker, &key, &stored.value, clock.now())))
}

/// Whether a pass that is there may be taken.
fn is_free(taker: &Taker<'_>, key: &Key, pass: &PassDoc, now: Timestamp) -> bool {
    if pass.owner == taker.owner {
        // One that could not be given back. Two of one process may meet: a tenant can move to another platform.
        return !held::is_at_work(key, pass);
    }
    is_over(pass, now) || is_of_a_dead_loop(taker, pass, now)
}

/// A pass that ends later than any begun now was begun under a clock that has been set back since.
fn is_over(pass: &PassDoc, now: Timestamp) -> bool {
    !pass.counts(now) || pass.expires_at > end(end(now))
}

/// Whether a pass is of a loop before this one, so long ago that nothing it had sent can take effect any more.
fn is_of_a_dead_loop(taker: &Taker<'_>, pass: &PassDoc, now: Timestamp) -> bool {
    let is_a_loop = pass.owner.split('-').nth(1) == Some(LOOP);
    let since = taker.passes.loop_since;
    let is_handed_over = since.is_some_and(|since| since.elapsed() >= HANDED_OVER);
    let seen = pass.renewed_at.map(|seen| now.duration_since(seen));
    is_a_loop && is_handed_over && seen.is_none_or(|ago| ago >= SEEN_ALIVE)
}

fn waiting_for(tenant: &str, other: &PassDoc, now: Timestamp) -> Text {
    let seconds = |from: Timestamp, to: Timestamp| to.duration_since(from).as_secs().max(0);
    let left = seconds(now, other.expires_at).max(1);
    let (mut since_zh, mut since_en) = (String::new(), String::new());
    if let Some(since) = other.since {
        let at = second(since);
        since_zh = format!("，始于 {at}");
        since_en = format!(", since {at}");
    }
    if let Some(renewed) = other.renewed_at {
        let ago = seconds(renewed, now);
        since_zh.push_str(&format!("，{ago} 秒前仍在运行"));
        since_en.push_str(&format!(", seen alive {ago} s ago"));
    }
    let Text { zh, en } = process(&other.owner);
    Text::new(
        format!(
            "租户 {tenant}：等待{zh}结束（正在处理该租户{since_zh}）；若它已停止，{left} 秒后由本进程接管"
        ),
        format!(
            "tenant {tenant}: waiting for {en} (at work on it{since_en}); if it has stopped, this one takes over in {left} s"
        ),
    )
}

/// The process that an owner's name begins with.
fn process(owner: &str) -> Text {
    let id = owner.split('-').next().unwrap_or_default();
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_digit()) {
        return Text::new("另一个 wxops 进程", "another wxops");
    }
    Text::new(
        format!("另一个 wxops 进程（PID {id}）"),
        format!("another wxops (process {id})"),
    )
}

impl fmt::Debug for Passes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passes")
            .field("read_at", &self.read_at)
            .field("yields", &self.yields)
            .finish_non_exhaustive()
    }
}
