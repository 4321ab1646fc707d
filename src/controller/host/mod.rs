//! `wxops run`: the folder, the pushes and the passes in one process that runs on.
//!
//! ```text
//! folder ──keeper──► fleet ──┐
//! push ────sidecar──► store ─┴─► queue ──► pass ──► when next
//! ```
//!
//! The sidecar listens before anything else is done and whatever becomes of the rest: pushes are taken, stored and
//! acknowledged with broken manifests, without WeChat, and as far as a full disk allows.

mod metrics;
mod passing;
mod private;
mod sweeping;
mod told;
mod work;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{Notify, RwLock, watch};
use tokio::task::JoinSet;
use url::Url;

use super::fleet::{Fleet, Row};
use super::gatekeeper::Doors;
use super::keeper::Keeper;
use super::platforms::Platforms;
use super::queue::Queue;
use crate::client::Clock;
use crate::plan::{Reason, Text};
use crate::sidecar::{self, Running, SidecarConfig, SidecarError};
use crate::store::Store;
use crate::store::history::Revision;

use metrics::Meters;
pub use metrics::{METRICS, Metric};
pub use private::PrivateError;

/// How often the folder is looked at beside what the system tells of it: a link that is moved tells nothing.
const RESCAN: Duration = Duration::from_secs(3);

/// How a host is started.
pub struct HostConfig {
    /// The folder of manifests.
    pub manifests: PathBuf,
    /// The store.
    pub store: Store,
    /// The one clock.
    pub clock: Arc<dyn Clock>,
    /// Whether others move the clock: then only a WeChat on this machine is spoken to.
    pub is_shared_clock: bool,
    /// WeChat's address for every platform, in place of what the manifests say.
    pub api_base: Option<Url>,
    /// Where WeChat and owners reach it; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where programs and people of the provider do. `None`: no passes are made, it is a sidecar alone.
    pub private_listen: Option<SocketAddr>,
    /// What whoever asks at the private port must say.
    pub word: String,
    /// Whom the history names.
    pub by: Option<String>,
    /// Whether the next process may take over at once what this one works on.
    pub yields: bool,
    /// How often a tenant is looked at that nobody waits for.
    pub drift_every: SignedDuration,
    /// Whether hosts are taken to serve their confirm files, without looking.
    pub assume_reachable: bool,
    /// Since when this process holds the store's [`Lock`](super::Lock), which it does until nothing of it is left. `None`:
    /// it is no loop.
    pub loop_since: Option<Instant>,
}

/// Why a host did not start.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// Nothing can be served.
    #[error(
        "no Platform can be read, and none was served before: there is nothing to take pushes with; {0}"
    )]
    NoPlatform(String),
    /// The public port.
    #[error("the public port cannot be served")]
    Sidecar(#[from] SidecarError),
    /// The private port.
    #[error("the private port cannot be served")]
    Private(#[from] PrivateError),
}

impl HostError {
    /// The same in both languages.
    #[must_use]
    pub fn text(&self) -> Text {
        let zh = match self {
            Self::NoPlatform(why) => {
                format!("没有可用的 Platform，之前也没有过，因此无法接收推送；{why}")
            }
            Self::Sidecar(_) => "无法开放公开端口".to_owned(),
            Self::Private(_) => "无法开放内部端口".to_owned(),
        };
        Text::new(zh, self.to_string())
    }
}

/// A host that runs until it is stopped or dropped.
#[must_use = "a host that is dropped stops at once"]
pub struct Host {
    /// Where WeChat and owners reach it.
    pub public: SocketAddr,
    /// Where programs and people of the provider do.
    pub private: Option<SocketAddr>,
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

/// What all of it works with.
pub(super) struct Shared {
    store: Store,
    clock: Arc<dyn Clock>,
    manifests: PathBuf,
    word: String,
    by: Option<String>,
    yields: bool,
    drift_every: SignedDuration,
    loop_since: Option<Instant>,
    fleet: Arc<RwLock<Fleet>>,
    /// The platforms as they are served now.
    platforms: RwLock<Arc<Platforms>>,
    queues: Mutex<BTreeMap<String, Queue>>,
    /// What came of the last look at each tenant.
    passes: Mutex<BTreeMap<String, Passed>>,
    /// How many passes were begun since the start.
    begun: AtomicU64,
    /// Tenants and appids that something was stored about.
    woken: Arc<Woken>,
    /// Somebody wants the folder looked at now.
    rescan: Notify,
    /// What the folder said, and when it was looked at last.
    looked: Mutex<Looked>,
    /// What is counted.
    meters: Meters,
    running: Running,
}

/// What came of the last look at a tenant.
#[derive(Debug, Clone)]
pub(super) struct Passed {
    /// Which of all passes since the start it is.
    pub(super) number: u64,
    pub(super) begun_at: Timestamp,
    pub(super) at: Timestamp,
    pub(super) result: &'static str,
    /// How often it failed in a row.
    pub(super) failures: u32,
    /// What it waits for since.
    pub(super) waits: Vec<Reason>,
    pub(super) next: Timestamp,
}

/// What is known of the folder.
#[derive(Debug, Clone, Default)]
pub(super) struct Looked {
    /// How many looks were begun, and the last of them that came to something.
    pub(super) begun: u64,
    pub(super) done: u64,
    /// When that ended.
    pub(super) at: Option<Timestamp>,
    /// The commit of what was read.
    pub(super) commit: Option<Revision>,
    /// Why it cannot be read, where it cannot.
    pub(super) trouble: Option<String>,
    /// Why the last look came to nothing, though it can be read.
    pub(super) moving: Option<Text>,
    /// The same, where that has been so for a while.
    pub(super) not_followed: Option<Text>,
    /// When something of it was put in force last.
    pub(super) admitted_at: Option<Timestamp>,
    /// Whether the loop has begun: what the store remembers is read, and the folder was looked at once.
    pub(super) is_ready: bool,
}

impl Looked {
    /// Why the last looks came to nothing.
    fn obstacle(&self) -> Text {
        let unreadable = self.trouble.as_ref().map(|why| {
            Text::new(
                format!("清单无法读取：{why}"),
                format!("the manifests cannot be read: {why}"),
            )
        });
        let moving = unreadable.or_else(|| self.moving.clone());
        moving
            .unwrap_or_else(|| Text::new("还没有看完", "it has not been looked at to the end yet"))
    }
}

/// Whom something was stored about, and a bell for it.
#[derive(Debug, Default)]
pub(super) struct Woken {
    names: Mutex<BTreeSet<String>>,
    bell: Notify,
}

impl Woken {
    fn wake(&self, name: &str) {
        lock(&self.names).insert(name.to_owned());
        self.bell.notify_one();
    }

    fn take(&self) -> BTreeSet<String> {
        std::mem::take(&mut *lock(&self.names))
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("public", &self.public)
            .field("private", &self.private)
            .finish_non_exhaustive()
    }
}

impl Host {
    /// Listens, and then looks at the folder.
    ///
    /// # Errors
    /// [`HostError`].
    pub async fn start(config: HostConfig) -> Result<Self, HostError> {
        let HostConfig {
            manifests,
            store,
            clock,
            is_shared_clock,
            api_base,
            listen,
            private_listen,
            word,
            by,
            yields,
            drift_every,
            assume_reachable,
            loop_since,
        } = config;
        let fleet = Arc::new(RwLock::new(Fleet::new(store.clone(), &manifests)));
        let mut platforms = Platforms::new(store.clone(), Arc::clone(&clock), api_base);
        platforms.only_here(is_shared_clock);
        if loop_since.is_some() {
            platforms.clients.are_the_loop();
        }
        if assume_reachable {
            platforms.clients.assume_reachable();
        }
        let mut keeper = Keeper::new(manifests.clone(), Arc::clone(&fleet), platforms);
        keeper.glance().await;
        let served = keeper.platforms().served(listen.port() == 0);
        if served.is_empty() {
            return Err(HostError::NoPlatform(keeper.trouble()));
        }
        let woken = Arc::new(Woken::default());
        let bell = Arc::clone(&woken);
        let running = sidecar::start(SidecarConfig {
            listen,
            platforms: served,
            gatekeeper: Arc::new(Doors(Arc::clone(&fleet))),
            store: store.clone(),
            clock: Arc::clone(&clock),
            wake: Arc::new(move |name| bell.wake(name)),
        })
        .await?;
        let public = running.addr;
        let shared = Arc::new(Shared {
            platforms: RwLock::new(Arc::new(keeper.platforms().clone())),
            store,
            clock,
            manifests,
            word,
            by,
            yields,
            drift_every,
            loop_since,
            fleet,
            queues: Mutex::default(),
            passes: Mutex::default(),
            begun: AtomicU64::new(0),
            woken,
            rescan: Notify::new(),
            looked: Mutex::default(),
            meters: Meters::default(),
            running,
        });
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        let mut private = None;
        if let Some(listen) = private_listen {
            let listener = private::bind(listen).await?;
            private = Some(listener.addr);
            tasks.spawn(listener.serve(Arc::clone(&shared), stopped.clone()));
            tasks.spawn(work::dispatch(Arc::clone(&shared), stopped.clone()));
            tasks.spawn(sweeping::sweep(Arc::clone(&shared), stopped.clone()));
        }
        let admits = private_listen.is_some();
        let follow = listen.port() == 0;
        tasks.spawn(work::follow(
            Arc::clone(&shared),
            keeper,
            (admits, follow),
            stopped,
        ));
        Ok(Self {
            public,
            private,
            shared,
            stop,
            tasks,
        })
    }

    /// Looks at the folder now.
    pub fn rescan(&self) {
        self.shared.rescan.notify_one();
    }

    /// Begins nothing more, finishes what was sent, and leaves.
    pub async fn stop(mut self) {
        // Nobody listens any more: then everything has ended by itself.
        let _ = self.stop.send(true);
        while self.tasks.join_next().await.is_some() {}
        if let Ok(shared) = Arc::try_unwrap(self.shared) {
            shared.running.stop().await;
        }
    }
}

impl Shared {
    fn queues(&self) -> MutexGuard<'_, BTreeMap<String, Queue>> {
        lock(&self.queues)
    }
}

/// Asks for a look at every tenant of a platform.
async fn wake_all(shared: &Shared, platform: &str) {
    let fleet = shared.fleet.read().await;
    let of_it = |row: &Row| {
        let admitted = row.admitted.as_ref();
        admitted.is_some_and(|one| one.platform == platform)
    };
    let tenants = fleet.in_force().filter(|(_, row)| of_it(row));
    tenants.for_each(|(tenant, _)| shared.woken.wake(tenant));
}

/// Asks for a look at the tenants of a platform that wait for its lists, which have changed.
async fn wake_for_lists(shared: &Shared, platform: &str) {
    let fleet = shared.fleet.read().await;
    let passes = lock(&shared.passes);
    for (tenant, row) in fleet.in_force() {
        let admitted = row.admitted.as_ref();
        let waits = match passes.get(tenant) {
            Some(passed) => passed.waits.contains(&Reason::HostNotOnPlatform),
            // What it waited for was said to the process before.
            None => row.waits,
        };
        if waits && admitted.is_some_and(|one| one.platform == platform) {
            shared.woken.wake(tenant);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
