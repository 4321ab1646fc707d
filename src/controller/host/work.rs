//! Follows the folder, and begins passes as they come due.

use std::collections::{BTreeSet, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures::FutureExt as _;
use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};

use super::passing::{self, Ended};
use super::told::Heard;
use super::{Passed, RESCAN, Shared, lock};
use crate::controller::cadence::slot;
use crate::controller::commit::head;
use crate::controller::keeper::{Keeper, Look};
use crate::controller::moves::Moves;
use crate::controller::queue::{Lane, Queue, Turns};
use crate::store::Key;
use crate::store::documents::ClaimDoc;
use crate::wechat::Appid;

/// How often it is looked what is due. Real time, since a clock that others move moves at once.
const GLANCE: Duration = Duration::from_millis(100);
/// So many passes at once. One that takes longer than [`SLOW`] makes room for the next.
const AT_ONCE: usize = 16;
const SLOW: Duration = Duration::from_secs(1);
/// So many with the slow ones: this bounds sockets and memory.
const AT_MOST: usize = 128;
/// A quarter of the places is not for drift checks: however slow those are, what somebody waits for begins.
const DRIFT_AT_ONCE: usize = AT_ONCE - AT_ONCE / 4;
const DRIFT_AT_MOST: usize = AT_MOST - AT_MOST / 4;
/// A request takes at most 10 s, and the store is told what came of it. What takes longer waits for something: for the
/// passes of a process that was killed, a minute. To be cut off there is what a pass survives anywhere.
const FINISH: Duration = Duration::from_secs(15);

/// A pass that has ended: of which platform, over which tenant, when it began, how long it took, how it ended.
type Pass = (String, String, (Began, Duration), Ended);

/// When a pass began: by the clock, and which of all passes it is, which no clock can turn round.
struct Began {
    number: u64,
    at: Timestamp,
}

/// Looks at the folder until it is told to stop. `admits`: what it says is put in force.
pub(super) async fn follow(
    shared: Arc<Shared>,
    mut keeper: Keeper,
    (admits, follow): (bool, bool),
    mut stopped: watch::Receiver<bool>,
) {
    keeper.admits(admits);
    let watching = keeper.watch();
    let mut heard = Heard::default();
    let mut is_begun = false;
    loop {
        let now = shared.clock.now();
        let begun = {
            let mut looked = lock(&shared.looked);
            looked.begun += 1;
            looked.begun
        };
        if let Err(error) = heard.listen(&shared, now).await {
            tracing::warn!(%error, "what was approved or paused cannot be read");
        }
        let mut new = BTreeSet::new();
        match keeper.look(now).await {
            Ok(Some(look)) => {
                if look.read {
                    let commit = head(&shared.manifests).await;
                    lock(&shared.looked).commit = commit;
                }
                let agreed = look.agreed;
                if !is_begun {
                    new.clone_from(&look.admission.admitted);
                }
                take(&shared, &keeper, look, (follow, is_begun)).await;
                if agreed {
                    lock(&shared.looked).done = begun;
                }
            }
            // It is being written, or cannot be read: it is looked at again.
            Ok(None) => {}
            Err(error) => {
                let error = crate::controller::chain(&error);
                tracing::error!(error, "what the manifests say could not be put in force");
            }
        }
        {
            let mut looked = lock(&shared.looked);
            looked.trouble = keeper.folder_trouble().map(str::to_owned);
            looked.moving = keeper.moving().map(Moves::said);
            looked.not_followed = keeper.not_followed().map(Moves::said);
        }
        if admits && !is_begun {
            match keeper.begin().await {
                Ok(()) => {
                    begin(&shared, &new).await;
                    is_begun = true;
                }
                Err(error) => {
                    let error = crate::controller::chain(&error);
                    tracing::error!(error, "what is in force could not be read from the store");
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(RESCAN) => {}
            () = shared.rescan.notified() => {}
            () = watching.changed() => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
    }
}

async fn take(shared: &Arc<Shared>, keeper: &Keeper, look: Look, (follow, is_begun): (bool, bool)) {
    let now = shared.clock.now();
    if look.served || look.read {
        let platforms = keeper.platforms().clone();
        if look.served {
            // What kept one from WeChat may have been mended just now.
            shared.queues().values_mut().for_each(Queue::lift);
            shared.running.serve(platforms.served(follow)).await;
        }
        *shared.platforms.write().await = Arc::new(platforms);
    }
    if look.agreed {
        let mut looked = lock(&shared.looked);
        looked.at = Some(now);
        if !look.admission.admitted.is_empty() || !look.admission.left.is_empty() {
            looked.admitted_at = Some(now);
        }
        looked.is_ready = true;
    }
    let fleet = shared.fleet.read().await;
    let mut queues = shared.queues();
    // The first time all are asked for at once, right after this.
    let admission = Some(&look.admission).filter(|_| is_begun);
    let due = admission.map(|one| one.admitted.union(&one.uncapped));
    // A yes that lies in the folder is heard of as soon as one that was typed.
    let due = due.into_iter().flatten();
    for tenant in due.chain(look.approved.iter().filter(|_| is_begun)) {
        let row = fleet.row(tenant);
        if let Some(admitted) = row.and_then(|row| row.admitted.as_ref()) {
            let queue = queues.entry(admitted.platform.clone()).or_default();
            queue.push(tenant, Lane::Swift, now);
        }
    }
    for tenant in &look.admission.left {
        queues.values_mut().for_each(|queue| queue.drop(tenant));
        tracing::info!(
            tenant.name = tenant,
            "no manifest declares it any more: it is left alone"
        );
    }
    drop(queues);
    if !look.admission.admitted.is_empty() {
        let tenants = look.admission.admitted.len();
        tracing::info!(tenants, "a revision of the manifests is in force");
    }
    shared.woken.bell.notify_one();
}

/// Has every tenant looked after by what is in force of it, also where the folder cannot be looked at. Until when one
/// waited that waits is not remembered, so it is looked at once.
async fn begin(shared: &Shared, new: &BTreeSet<String>) {
    let now = shared.clock.now();
    let fleet = shared.fleet.read().await;
    let mut queues = shared.queues();
    for (tenant, row) in fleet.in_force() {
        let Some(admitted) = &row.admitted else {
            continue;
        };
        let queue = queues.entry(admitted.platform.clone()).or_default();
        if new.contains(tenant) || !row.is_home() {
            queue.push(tenant, Lane::Swift, now);
        } else if row.waits {
            queue.push(tenant, Lane::Drift, now);
        } else {
            queue.push(tenant, Lane::Drift, slot(tenant, shared.drift_every, now));
        }
    }
    drop(queues);
    shared.woken.bell.notify_one();
}

/// Begins passes until it is told to stop; what they have sent then is finished.
pub(super) async fn dispatch(shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    let mut passes: JoinSet<Pass> = JoinSet::new();
    let mut running = Places::default();
    let mut turns = Turns::default();
    loop {
        wake(&shared).await;
        let now = shared.clock.now();
        shared
            .queues()
            .values_mut()
            .for_each(|queue| queue.is_now(now));
        loop {
            let now = shared.clock.now();
            let room = |lane| running.has_one(lane);
            let next = turns.take(&mut shared.queues(), room, now);
            let Some((platform, tenant, lane)) = next else {
                break;
            };
            let whole = Arc::clone(&shared);
            let number = shared.begun.fetch_add(1, Ordering::Relaxed) + 1;
            let task = passes.spawn(async move {
                let (begun_at, begun) = (whole.clock.now(), Instant::now());
                // One tenant's bug keeps no other from its turn, nor itself from the next.
                let made = AssertUnwindSafe(passing::pass(&whole, &tenant)).catch_unwind();
                let ended = match made.await {
                    Ok(ended) => ended,
                    Err(_) => passing::failed(&whole, &tenant, "a bug of wxops ended the pass"),
                };
                let began = Began {
                    number,
                    at: begun_at,
                };
                (platform, tenant, (began, begun.elapsed()), ended)
            });
            running.0.insert(task.id(), (lane, Instant::now()));
        }
        tokio::select! {
            () = tokio::time::sleep(GLANCE) => {}
            () = shared.woken.bell.notified() => {}
            Some(ended) = passes.join_next_with_id() => running.end(&shared, ended),
            _ = stopped.wait_for(|stop| *stop) => break,
        }
        while let Some(ended) = passes.try_join_next_with_id() {
            running.end(&shared, ended);
        }
    }
    let finished = async {
        while let Some(ended) = passes.join_next_with_id().await {
            running.end(&shared, ended);
        }
    };
    if tokio::time::timeout(FINISH, finished).await.is_err() {
        let left = passes.len();
        tracing::info!(left, "passes that are not over are left where they are");
        passes.shutdown().await;
    }
}

/// The passes under way: in which lane each is, and since when.
#[derive(Default)]
struct Places(HashMap<Id, (Lane, Instant)>);

impl Places {
    /// Whether one more of a lane may begin.
    fn has_one(&self, lane: Lane) -> bool {
        let (at_once, at_most) = self.taken(|_| true);
        let (drift_at_once, drift_at_most) = self.taken(|lane| lane == Lane::Drift);
        let any = at_once < AT_ONCE && at_most < AT_MOST;
        match lane {
            Lane::Swift => any,
            Lane::Drift => any && drift_at_once < DRIFT_AT_ONCE && drift_at_most < DRIFT_AT_MOST,
        }
    }

    /// How many are under way that are not slow yet, and how many are at all.
    fn taken(&self, which: impl Fn(Lane) -> bool) -> (usize, usize) {
        let all = self.0.values().filter(|(lane, _)| which(*lane));
        let swift = all.clone().filter(|(_, at)| at.elapsed() < SLOW);
        (swift.count(), all.count())
    }

    fn end(&mut self, shared: &Shared, ended: Result<(Id, Pass), JoinError>) {
        match ended {
            Ok((id, pass)) => {
                let lane = self.0.remove(&id).map_or(Lane::Swift, |(lane, _)| lane);
                end(shared, lane, pass);
            }
            // Cut off while the loop ends.
            Err(error) => drop(self.0.remove(&error.id())),
        }
    }
}

fn end(shared: &Shared, lane: Lane, (platform, tenant, (began, took), ended): Pass) {
    let Began {
        number,
        at: begun_at,
    } = began;
    let now = shared.clock.now();
    let next = match ended {
        Ended::Passed {
            result,
            failures,
            waits,
            next,
        } => {
            shared.meters.passed(&platform, result, took);
            let passed = Passed {
                number,
                begun_at,
                at: now,
                result,
                failures,
                waits,
                next: next.1,
            };
            lock(&shared.passes).insert(tenant.clone(), passed);
            if let Some(queue) = shared.queues().get_mut(&platform) {
                queue.reached();
            }
            Some(next)
        }
        Ended::Stopped { said, until, why } => {
            shared.meters.passed(&platform, "stopped", took);
            if let Some(queue) = shared.queues().get_mut(&platform) {
                // Passes that were under way find out the same.
                let is_known = queue.stopped().is_some_and(|until| now < until);
                let until = queue.stop(now, until, why);
                if !is_known {
                    tracing::warn!(platform, trouble = said, %until, "the platform is kept from WeChat until then");
                }
            }
            let mut passes = lock(&shared.passes);
            let failures = passes.get(&tenant).map_or(0, |passed| passed.failures);
            let passed = Passed {
                number,
                begun_at,
                at: now,
                result: "stopped",
                failures,
                waits: Vec::new(),
                next: now,
            };
            passes.insert(tenant.clone(), passed);
            Some((lane, now))
        }
        Ended::Later(again) => Some((Lane::Swift, again)),
        Ended::NotInForce => None,
    };
    if let Some(queue) = shared.queues().get_mut(&platform) {
        queue.end(&tenant, next);
    }
}

/// Asks for looks at those that something was stored about.
async fn wake(shared: &Shared) {
    for name in shared.woken.take() {
        let now = shared.clock.now();
        let tenant = match Appid::parse(&name) {
            Ok(appid) => {
                if let Some(platform) = platform_of(shared, &appid).await {
                    // A ticket has come: what waited for one need not wait longer.
                    if let Some(queue) = shared.queues().get_mut(&platform) {
                        queue.ticket();
                    }
                    continue;
                }
                match tenant_of(shared, &appid).await {
                    Some(tenant) => tenant,
                    None => continue,
                }
            }
            Err(_) => name,
        };
        let fleet = shared.fleet.read().await;
        let admitted = fleet.row(&tenant).and_then(|row| row.admitted.as_ref());
        let Some(platform) = admitted.map(|admitted| admitted.platform.clone()) else {
            continue;
        };
        drop(fleet);
        let mut queues = shared.queues();
        queues
            .entry(platform)
            .or_default()
            .push(&tenant, Lane::Swift, now);
    }
}

async fn platform_of(shared: &Shared, appid: &Appid) -> Option<String> {
    let platforms = shared.platforms.read().await;
    platforms.name_of(appid).map(str::to_owned)
}

/// Whose an account is: by its claim, or as the manifests say.
async fn tenant_of(shared: &Shared, appid: &Appid) -> Option<String> {
    let claim = shared.store.get::<ClaimDoc>(&Key::claim(appid)).await;
    match claim {
        Ok(Some(claim)) => Some(claim.value.tenant),
        Ok(None) | Err(_) => Some(shared.fleet.read().await.declares(appid)?.0),
    }
}
